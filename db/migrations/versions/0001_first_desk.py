"""The first desk: referrals, people, documents, settings and the log."""

from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

# Written out as it stood on the day, so that later changes to the program cannot change this step.
STATEMENTS = """
CREATE TABLE activity (
  id INTEGER NOT NULL,
  at VARCHAR(27) NOT NULL,
  user VARCHAR NOT NULL,
  os_account VARCHAR NOT NULL,
  operation VARCHAR NOT NULL,
  records VARCHAR NOT NULL,
  fields VARCHAR NOT NULL,
  recipient VARCHAR,
  purpose VARCHAR,
  detail VARCHAR,
  prev VARCHAR(64) NOT NULL,
  hash VARCHAR(64) NOT NULL,
  PRIMARY KEY (id)
);

CREATE TABLE desk_user (
  id INTEGER NOT NULL,
  name VARCHAR NOT NULL,
  role VARCHAR NOT NULL,
  slot VARCHAR NOT NULL,
  created_at VARCHAR(27) NOT NULL,
  removed_at VARCHAR(27),
  PRIMARY KEY (id),
  UNIQUE (name),
  UNIQUE (slot)
);

CREATE TABLE document (
  id INTEGER NOT NULL,
  reference VARCHAR NOT NULL,
  reference_key VARCHAR NOT NULL,
  system VARCHAR NOT NULL,
  author VARCHAR NOT NULL,
  information_on DATE,
  created_on DATE,
  submitted_at VARCHAR(27) NOT NULL,
  submitted_by_reporting_officer BOOLEAN,
  marking VARCHAR,
  held_elsewhere BOOLEAN NOT NULL,
  source_evaluation VARCHAR,
  information_assessment VARCHAR,
  handling_code VARCHAR,
  action_code VARCHAR,
  sanitisation_code VARCHAR,
  conditions VARCHAR NOT NULL,
  usage VARCHAR NOT NULL,
  old_5x5x5 VARCHAR NOT NULL,
  outcome VARCHAR NOT NULL,
  resubmissions INTEGER NOT NULL,
  assessor VARCHAR,
  recorded_at VARCHAR(27) NOT NULL,
  recorded_by VARCHAR NOT NULL,
  PRIMARY KEY (id)
);

CREATE INDEX ix_document_reference_key ON document (reference_key);

CREATE TABLE import_batch (
  id INTEGER NOT NULL,
  kind VARCHAR NOT NULL,
  file_name VARCHAR NOT NULL,
  file_sha256 VARCHAR NOT NULL,
  at VARCHAR(27) NOT NULL,
  "by" VARCHAR NOT NULL,
  rows INTEGER NOT NULL,
  imported INTEGER NOT NULL,
  undone_at VARCHAR(27),
  PRIMARY KEY (id)
);

CREATE TABLE import_mapping (
  id INTEGER NOT NULL,
  kind VARCHAR NOT NULL,
  header_key VARCHAR NOT NULL,
  name VARCHAR NOT NULL,
  mapping VARCHAR NOT NULL,
  saved_at VARCHAR(27) NOT NULL,
  PRIMARY KEY (id),
  UNIQUE (kind, header_key)
);

CREATE TABLE reference_value (
  id INTEGER NOT NULL,
  kind VARCHAR NOT NULL,
  code VARCHAR NOT NULL,
  label VARCHAR NOT NULL,
  position INTEGER NOT NULL,
  valid_from DATE NOT NULL,
  valid_to DATE,
  extra VARCHAR NOT NULL,
  PRIMARY KEY (id)
);

CREATE UNIQUE INDEX reference_value_current ON reference_value (kind, code) WHERE valid_to IS NULL;

CREATE INDEX reference_value_history ON reference_value (kind, code, valid_from);

CREATE TABLE setting (
  id INTEGER NOT NULL,
  "key" VARCHAR NOT NULL,
  value VARCHAR NOT NULL,
  valid_from DATE NOT NULL,
  set_at VARCHAR(27) NOT NULL,
  set_by VARCHAR NOT NULL,
  PRIMARY KEY (id)
);

CREATE INDEX setting_history ON setting ("key", valid_from);

CREATE TABLE document_event (
  id INTEGER NOT NULL,
  document_id INTEGER NOT NULL,
  at VARCHAR(27) NOT NULL,
  recorded_at VARCHAR(27) NOT NULL,
  "by" VARCHAR NOT NULL,
  kind VARCHAR NOT NULL,
  assessor VARCHAR,
  reason VARCHAR,
  PRIMARY KEY (id),
  FOREIGN KEY(document_id) REFERENCES document (id)
);

CREATE INDEX document_event_history ON document_event (document_id, kind, at);

CREATE TABLE draft (
  "key" VARCHAR NOT NULL,
  content VARCHAR NOT NULL,
  saved_at VARCHAR(27) NOT NULL,
  user_id INTEGER NOT NULL,
  PRIMARY KEY ("key"),
  FOREIGN KEY(user_id) REFERENCES desk_user (id)
);

CREATE TABLE referral (
  id INTEGER NOT NULL,
  reference VARCHAR NOT NULL,
  ref_order INTEGER NOT NULL,
  force VARCHAR,
  controller_force VARCHAR,
  contact_at VARCHAR(27) NOT NULL,
  contact_at_known BOOLEAN NOT NULL,
  route VARCHAR,
  reason VARCHAR,
  incident_ref VARCHAR,
  crime_ref VARCHAR,
  nccu_ref VARCHAR,
  officer_name VARCHAR,
  officer_collar VARCHAR,
  officer_rank VARCHAR,
  team VARCHAR,
  supervisor VARCHAR,
  district VARCHAR,
  persons INTEGER NOT NULL,
  outcome VARCHAR,
  status VARCHAR NOT NULL,
  due_at VARCHAR(27),
  review_on DATE NOT NULL,
  safeguarding_incomplete BOOLEAN NOT NULL,
  created_at VARCHAR(27) NOT NULL,
  created_by VARCHAR NOT NULL,
  updated_at VARCHAR(27) NOT NULL,
  duplicate_of INTEGER,
  contact_key VARCHAR,
  incident_key VARCHAR,
  import_id INTEGER,
  withdrawn_at VARCHAR(27),
  stage INTEGER NOT NULL GENERATED ALWAYS AS (CASE WHEN withdrawn_at IS NOT NULL THEN 9 WHEN status IN ('NEW', 'AWAITING_DOCUMENT', 'REJECTED') THEN 1 WHEN status = 'RETURNED' THEN 2 WHEN status = 'SUBMITTED' THEN 3 WHEN status = 'ACCEPTED' THEN 4 WHEN status = 'SCOPE_QUERY' THEN 5 ELSE 6 END) VIRTUAL,
  PRIMARY KEY (id),
  UNIQUE (ref_order),
  FOREIGN KEY(duplicate_of) REFERENCES referral (id),
  FOREIGN KEY(import_id) REFERENCES import_batch (id)
);

CREATE INDEX ix_referral_contact_key ON referral (contact_key);

CREATE INDEX ix_referral_duplicate_of ON referral (duplicate_of);

CREATE INDEX ix_referral_import_id ON referral (import_id);

CREATE INDEX ix_referral_incident_key ON referral (incident_key);

CREATE INDEX referral_all_contact_at ON referral (contact_at, id, force, stage);

CREATE INDEX referral_all_due_at ON referral (due_at, id, force, stage);

CREATE INDEX referral_all_force ON referral (force, id, stage);

CREATE INDEX referral_all_officer_name ON referral (officer_name, id, force, stage);

CREATE INDEX referral_all_ref_order ON referral (ref_order, id, force, stage);

CREATE INDEX referral_all_status ON referral (status, id, force, stage);

CREATE INDEX referral_all_team ON referral (team, id, force, stage);

CREATE INDEX referral_stage_contact_at ON referral (stage, contact_at, id, force);

CREATE INDEX referral_stage_due_at ON referral (stage, due_at, id, force);

CREATE INDEX referral_stage_force ON referral (stage, force, id);

CREATE INDEX referral_stage_officer_name ON referral (stage, officer_name, id, force);

CREATE INDEX referral_stage_ref_order ON referral (stage, ref_order, id, force);

CREATE INDEX referral_stage_status ON referral (stage, status, id, force);

CREATE INDEX referral_stage_team ON referral (stage, team, id, force);

CREATE TABLE chaser (
  id INTEGER NOT NULL,
  referral_id INTEGER NOT NULL,
  at VARCHAR(27) NOT NULL,
  to_role VARCHAR NOT NULL,
  to_name VARCHAR,
  channel VARCHAR NOT NULL,
  template VARCHAR,
  result VARCHAR,
  "by" VARCHAR NOT NULL,
  PRIMARY KEY (id),
  FOREIGN KEY(referral_id) REFERENCES referral (id)
);

CREATE INDEX chaser_of_referral ON chaser (referral_id, at);

CREATE TABLE document_link (
  document_id INTEGER NOT NULL,
  referral_id INTEGER NOT NULL,
  PRIMARY KEY (document_id, referral_id),
  FOREIGN KEY(document_id) REFERENCES document (id),
  FOREIGN KEY(referral_id) REFERENCES referral (id)
);

CREATE INDEX document_link_of_referral ON document_link (referral_id, document_id);

CREATE TABLE exemption (
  id INTEGER NOT NULL,
  referral_id INTEGER NOT NULL,
  reason VARCHAR NOT NULL,
  why VARCHAR NOT NULL,
  requested_by VARCHAR NOT NULL,
  requested_at VARCHAR(27) NOT NULL,
  approved_by VARCHAR,
  approved_at VARCHAR(27),
  reported_name VARCHAR,
  reported_role VARCHAR,
  reported_on DATE,
  reported_reference VARCHAR,
  ended_at VARCHAR(27),
  ended_why VARCHAR,
  PRIMARY KEY (id),
  FOREIGN KEY(referral_id) REFERENCES referral (id)
);

CREATE INDEX exemption_of_referral ON exemption (referral_id, id);

CREATE TABLE import_change (
  id INTEGER NOT NULL,
  import_id INTEGER NOT NULL,
  referral_id INTEGER NOT NULL,
  field VARCHAR NOT NULL,
  old VARCHAR,
  new VARCHAR,
  PRIMARY KEY (id),
  FOREIGN KEY(import_id) REFERENCES import_batch (id),
  FOREIGN KEY(referral_id) REFERENCES referral (id)
);

CREATE INDEX ix_import_change_import_id ON import_change (import_id);

CREATE TABLE person (
  id INTEGER NOT NULL,
  referral_id INTEGER NOT NULL,
  label VARCHAR NOT NULL,
  name VARCHAR NOT NULL,
  force_reference VARCHAR NOT NULL,
  birth VARCHAR NOT NULL,
  age INTEGER,
  age_on DATE,
  age_basis VARCHAR,
  may_be_under_18 BOOLEAN NOT NULL,
  nationality VARCHAR,
  nationality_basis VARCHAR,
  indicators_seen BOOLEAN,
  treated_as_child BOOLEAN,
  unaccompanied BOOLEAN,
  local_authority_told_on DATE,
  consents_to_nrm BOOLEAN,
  nrm VARCHAR,
  nrm_on DATE,
  nrm_reference VARCHAR NOT NULL,
  necessity VARCHAR NOT NULL,
  migrant_victim_statement VARCHAR NOT NULL,
  authorised_by VARCHAR NOT NULL,
  recorded_by VARCHAR NOT NULL,
  recorded_at VARCHAR(27) NOT NULL,
  PRIMARY KEY (id),
  FOREIGN KEY(referral_id) REFERENCES referral (id)
);

CREATE INDEX ix_person_referral_id ON person (referral_id);

CREATE TABLE referral_event (
  id INTEGER NOT NULL,
  referral_id INTEGER NOT NULL,
  at VARCHAR(27) NOT NULL,
  recorded_at VARCHAR(27) NOT NULL,
  "by" VARCHAR NOT NULL,
  kind VARCHAR NOT NULL,
  from_status VARCHAR,
  to_status VARCHAR,
  due_at VARCHAR(27),
  reason VARCHAR,
  PRIMARY KEY (id),
  FOREIGN KEY(referral_id) REFERENCES referral (id)
);

CREATE INDEX referral_event_history ON referral_event (referral_id, at, id);

CREATE TABLE referral_note (
  id INTEGER NOT NULL,
  referral_id INTEGER NOT NULL,
  at VARCHAR(27) NOT NULL,
  "by" VARCHAR NOT NULL,
  kind VARCHAR,
  text VARCHAR NOT NULL,
  PRIMARY KEY (id),
  FOREIGN KEY(referral_id) REFERENCES referral (id)
);

CREATE INDEX ix_referral_note_referral_id ON referral_note (referral_id);

CREATE TABLE person_category (
  id INTEGER NOT NULL,
  person_id INTEGER NOT NULL,
  at VARCHAR(27) NOT NULL,
  "by" VARCHAR NOT NULL,
  categories VARCHAR NOT NULL,
  PRIMARY KEY (id),
  FOREIGN KEY(person_id) REFERENCES person (id)
);

CREATE INDEX person_category_history ON person_category (person_id, at, id);

CREATE TRIGGER activity_is_never_altered BEFORE UPDATE ON activity
BEGIN SELECT RAISE(ABORT, 'the log is append-only'); END;

CREATE TRIGGER activity_is_never_removed BEFORE DELETE ON activity
BEGIN SELECT RAISE(ABORT, 'the log is append-only'); END;

CREATE TRIGGER activity_follows_its_predecessor BEFORE INSERT ON activity
WHEN NEW.id IS NOT (SELECT coalesce(max(id), 0) + 1 FROM activity)
  OR NEW.prev IS NOT coalesce((SELECT hash FROM activity ORDER BY id DESC LIMIT 1), '0000000000000000000000000000000000000000000000000000000000000000')
  OR length(NEW.hash) <> 64
BEGIN SELECT RAISE(ABORT, 'an entry of the log must follow the last one'); END;

CREATE VIRTUAL TABLE referral_fts USING fts5(
  reference, incident_ref, nccu_ref, crime_ref, officer_name, officer_collar, team, district,
  content='referral', content_rowid='id', tokenize='unicode61 remove_diacritics 2', prefix='2 3'
);

INSERT INTO referral_fts (referral_fts, rank) VALUES ('secure-delete', 1);

CREATE TRIGGER referral_is_found AFTER INSERT ON referral BEGIN
  INSERT INTO referral_fts (rowid, reference, incident_ref, nccu_ref, crime_ref, officer_name, officer_collar, team, district)
  VALUES (NEW.id, NEW.reference, NEW.incident_ref, NEW.nccu_ref, NEW.crime_ref, NEW.officer_name, NEW.officer_collar, NEW.team, NEW.district);
END;

CREATE TRIGGER referral_is_found_no_more AFTER DELETE ON referral BEGIN
  INSERT INTO referral_fts (referral_fts, rowid, reference, incident_ref, nccu_ref, crime_ref, officer_name, officer_collar, team, district)
  VALUES ('delete', OLD.id, OLD.reference, OLD.incident_ref, OLD.nccu_ref, OLD.crime_ref, OLD.officer_name, OLD.officer_collar, OLD.team, OLD.district);
END;

CREATE TRIGGER referral_is_found_anew AFTER UPDATE OF reference, incident_ref, nccu_ref, crime_ref, officer_name, officer_collar, team, district ON referral BEGIN
  INSERT INTO referral_fts (referral_fts, rowid, reference, incident_ref, nccu_ref, crime_ref, officer_name, officer_collar, team, district)
  VALUES ('delete', OLD.id, OLD.reference, OLD.incident_ref, OLD.nccu_ref, OLD.crime_ref, OLD.officer_name, OLD.officer_collar, OLD.team, OLD.district);
  INSERT INTO referral_fts (rowid, reference, incident_ref, nccu_ref, crime_ref, officer_name, officer_collar, team, district)
  VALUES (NEW.id, NEW.reference, NEW.incident_ref, NEW.nccu_ref, NEW.crime_ref, NEW.officer_name, NEW.officer_collar, NEW.team, NEW.district);
END;
"""


def upgrade() -> None:
    for statement in STATEMENTS.strip().split("\n\n"):
        op.execute(statement)
