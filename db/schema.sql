-- The whole schema at head, written by `python -m tests.migrations.schema`; do not edit by hand.

CREATE TABLE alembic_version (
	version_num VARCHAR(32) NOT NULL, 
	CONSTRAINT alembic_version_pkc PRIMARY KEY (version_num)
);

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
  stage INTEGER NOT NULL GENERATED ALWAYS AS (CASE WHEN withdrawn_at IS NOT NULL THEN 9 WHEN status IN ('NEW', 'AWAITING_DOCUMENT', 'REJECTED') THEN 1 WHEN status = 'RETURNED' THEN 2 WHEN status = 'SUBMITTED' THEN 3 WHEN status = 'ACCEPTED' THEN 4 WHEN status = 'SCOPE_QUERY' THEN 5 ELSE 6 END) VIRTUAL, contact_made_by VARCHAR, nccu_passed_at VARCHAR(27), nccu_acknowledged_at VARCHAR(27), nccu_key VARCHAR GENERATED ALWAYS AS (replace(replace(replace(replace(replace(upper(nccu_ref), ' ', ''), '/', ''), '-', ''), '.', ''), '_', '')) VIRTUAL, crime_key VARCHAR GENERATED ALWAYS AS (replace(replace(replace(replace(replace(upper(crime_ref), ' ', ''), '/', ''), '-', ''), '.', ''), '_', '')) VIRTUAL,
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
  "by" VARCHAR NOT NULL, officer_id INTEGER REFERENCES officer (id), next_at VARCHAR(27), answered_at VARCHAR(27),
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
  ended_why VARCHAR, expires_on DATE,
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
  recorded_at VARCHAR(27) NOT NULL, identity_basis VARCHAR, erased_at VARCHAR(27),
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

CREATE TABLE audit_phase (
  id INTEGER NOT NULL,
  force VARCHAR NOT NULL,
  starts_on DATE NOT NULL,
  reason VARCHAR NOT NULL,
  recorded_at VARCHAR(27) NOT NULL,
  recorded_by VARCHAR NOT NULL,
  ended_at VARCHAR(27), ended_by VARCHAR, ended_because VARCHAR,
  PRIMARY KEY (id)
);

CREATE TABLE checklist (
  id INTEGER NOT NULL,
  name VARCHAR NOT NULL,
  version INTEGER NOT NULL,
  note VARCHAR NOT NULL,
  content_hash VARCHAR NOT NULL,
  recorded_at VARCHAR(27) NOT NULL,
  recorded_by VARCHAR NOT NULL,
  PRIMARY KEY (id),
  UNIQUE (name, version),
  UNIQUE (content_hash)
);

CREATE TABLE audit (
  id INTEGER NOT NULL,
  title VARCHAR NOT NULL,
  kind VARCHAR NOT NULL,
  force VARCHAR NOT NULL,
  aim VARCHAR NOT NULL,
  recommendation VARCHAR NOT NULL,
  period_from DATE NOT NULL,
  period_to DATE NOT NULL,
  population_rule VARCHAR NOT NULL,
  strata_by VARCHAR NOT NULL,
  merged VARCHAR NOT NULL,
  exclusions VARCHAR NOT NULL,
  margin DOUBLE NOT NULL,
  confidence DOUBLE NOT NULL,
  rate DOUBLE NOT NULL,
  size INTEGER,
  minimum INTEGER NOT NULL,
  audit_all_up_to INTEGER NOT NULL,
  second_share DOUBLE NOT NULL,
  second_least INTEGER NOT NULL,
  checklist_id INTEGER NOT NULL,
  supersedes INTEGER,
  status VARCHAR NOT NULL,
  planned_at VARCHAR(27) NOT NULL,
  planned_by VARCHAR NOT NULL,
  as_at VARCHAR(27),
  population INTEGER,
  sample_size INTEGER,
  why VARCHAR,
  seed INTEGER,
  seed_given BOOLEAN,
  algorithm VARCHAR,
  frame_hash VARCHAR,
  frozen_at VARCHAR(27),
  frozen_by VARCHAR,
  second_started_at VARCHAR(27),
  second_by VARCHAR,
  without_second VARCHAR NOT NULL,
  limits VARCHAR NOT NULL,
  approved_at VARCHAR(27),
  approved_by VARCHAR,
  panel_released_at VARCHAR(27),
  panel_released_by VARCHAR, reviewers VARCHAR DEFAULT '[]' NOT NULL, second_reviewer VARCHAR DEFAULT '' NOT NULL,
  PRIMARY KEY (id),
  FOREIGN KEY(checklist_id) REFERENCES checklist (id),
  FOREIGN KEY(supersedes) REFERENCES audit (id)
);

CREATE TABLE checklist_criterion (
  id INTEGER NOT NULL,
  checklist_id INTEGER NOT NULL,
  number INTEGER NOT NULL,
  text VARCHAR NOT NULL,
  guidance VARCHAR NOT NULL,
  mandatory BOOLEAN NOT NULL,
  automatic VARCHAR,
  follow_up VARCHAR NOT NULL,
  follow_up_on VARCHAR NOT NULL,
  PRIMARY KEY (id),
  FOREIGN KEY(checklist_id) REFERENCES checklist (id)
);

CREATE UNIQUE INDEX checklist_criterion_order ON checklist_criterion (checklist_id, number);

CREATE TABLE audit_event (
  id INTEGER NOT NULL,
  audit_id INTEGER NOT NULL,
  at VARCHAR(27) NOT NULL,
  "by" VARCHAR NOT NULL,
  from_status VARCHAR,
  to_status VARCHAR NOT NULL,
  reason VARCHAR,
  PRIMARY KEY (id),
  FOREIGN KEY(audit_id) REFERENCES audit (id)
);

CREATE INDEX ix_audit_event_audit_id ON audit_event (audit_id);

CREATE TABLE audit_finding (
  id INTEGER NOT NULL,
  audit_id INTEGER NOT NULL,
  number INTEGER NOT NULL,
  kind VARCHAR NOT NULL,
  severity VARCHAR,
  title VARCHAR NOT NULL,
  detail VARCHAR NOT NULL,
  root_cause VARCHAR NOT NULL,
  criterion_id INTEGER,
  recorded_at VARCHAR(27) NOT NULL,
  recorded_by VARCHAR NOT NULL,
  PRIMARY KEY (id),
  FOREIGN KEY(audit_id) REFERENCES audit (id),
  FOREIGN KEY(criterion_id) REFERENCES checklist_criterion (id)
);

CREATE UNIQUE INDEX audit_finding_order ON audit_finding (audit_id, number);

CREATE TABLE audit_frame_item (
  id INTEGER NOT NULL,
  audit_id INTEGER NOT NULL,
  referral_id INTEGER NOT NULL,
  item VARCHAR NOT NULL,
  force VARCHAR NOT NULL,
  reason VARCHAR NOT NULL,
  month VARCHAR NOT NULL,
  stratum VARCHAR NOT NULL,
  excluded_because VARCHAR,
  PRIMARY KEY (id),
  FOREIGN KEY(audit_id) REFERENCES audit (id),
  FOREIGN KEY(referral_id) REFERENCES referral (id)
);

CREATE UNIQUE INDEX audit_frame_order ON audit_frame_item (audit_id, item);

CREATE TABLE audit_action (
  id INTEGER NOT NULL,
  finding_id INTEGER NOT NULL,
  text VARCHAR NOT NULL,
  owner VARCHAR NOT NULL,
  due_on DATE NOT NULL,
  status VARCHAR NOT NULL,
  done_by VARCHAR,
  verified_by VARCHAR,
  evidence VARCHAR NOT NULL,
  recorded_at VARCHAR(27) NOT NULL,
  recorded_by VARCHAR NOT NULL,
  PRIMARY KEY (id),
  FOREIGN KEY(finding_id) REFERENCES audit_finding (id)
);

CREATE INDEX audit_action_due ON audit_action (status, due_on, id);

CREATE INDEX ix_audit_action_finding_id ON audit_action (finding_id);

CREATE TABLE audit_sample_item (
  id INTEGER NOT NULL,
  audit_id INTEGER NOT NULL,
  frame_item_id INTEGER NOT NULL,
  spare BOOLEAN NOT NULL,
  position INTEGER NOT NULL,
  document_id INTEGER,
  by_reporting_officer BOOLEAN,
  in_time BOOLEAN,
  PRIMARY KEY (id),
  FOREIGN KEY(audit_id) REFERENCES audit (id),
  FOREIGN KEY(frame_item_id) REFERENCES audit_frame_item (id),
  FOREIGN KEY(document_id) REFERENCES document (id)
);

CREATE UNIQUE INDEX audit_sample_order ON audit_sample_item (audit_id, spare, position);

CREATE TABLE audit_action_event (
  id INTEGER NOT NULL,
  action_id INTEGER NOT NULL,
  at VARCHAR(27) NOT NULL,
  "by" VARCHAR NOT NULL,
  from_status VARCHAR,
  to_status VARCHAR NOT NULL,
  note VARCHAR NOT NULL,
  PRIMARY KEY (id),
  FOREIGN KEY(action_id) REFERENCES audit_action (id)
);

CREATE INDEX ix_audit_action_event_action_id ON audit_action_event (action_id);

CREATE TABLE audit_answer (
  id INTEGER NOT NULL,
  audit_id INTEGER NOT NULL,
  sample_item_id INTEGER NOT NULL,
  criterion_id INTEGER NOT NULL,
  round VARCHAR NOT NULL,
  answer VARCHAR NOT NULL,
  reason VARCHAR NOT NULL,
  comment VARCHAR NOT NULL,
  evidence VARCHAR NOT NULL,
  follow_up VARCHAR NOT NULL,
  reviewer VARCHAR NOT NULL,
  at VARCHAR(27) NOT NULL,
  PRIMARY KEY (id),
  FOREIGN KEY(audit_id) REFERENCES audit (id),
  FOREIGN KEY(sample_item_id) REFERENCES audit_sample_item (id),
  FOREIGN KEY(criterion_id) REFERENCES checklist_criterion (id)
);

CREATE INDEX audit_answer_newest ON audit_answer (audit_id, round, sample_item_id, criterion_id, id);

CREATE TABLE audit_replacement (
  id INTEGER NOT NULL,
  audit_id INTEGER NOT NULL,
  out_item_id INTEGER NOT NULL,
  in_item_id INTEGER NOT NULL,
  reason VARCHAR NOT NULL,
  at VARCHAR(27) NOT NULL,
  "by" VARCHAR NOT NULL,
  PRIMARY KEY (id),
  FOREIGN KEY(audit_id) REFERENCES audit (id),
  FOREIGN KEY(out_item_id) REFERENCES audit_sample_item (id),
  UNIQUE (in_item_id),
  FOREIGN KEY(in_item_id) REFERENCES audit_sample_item (id)
);

CREATE UNIQUE INDEX audit_replacement_of ON audit_replacement (audit_id, out_item_id);

CREATE TABLE audit_second_item (
  id INTEGER NOT NULL,
  audit_id INTEGER NOT NULL,
  sample_item_id INTEGER NOT NULL,
  position INTEGER NOT NULL,
  PRIMARY KEY (id),
  FOREIGN KEY(audit_id) REFERENCES audit (id),
  UNIQUE (sample_item_id),
  FOREIGN KEY(sample_item_id) REFERENCES audit_sample_item (id)
);

CREATE UNIQUE INDEX audit_second_order ON audit_second_item (audit_id, position);

CREATE TRIGGER audit_frame_takes_no_more BEFORE INSERT ON audit_frame_item
WHEN (SELECT status FROM audit WHERE id = NEW.audit_id) IS NOT 'DRAFT'
BEGIN SELECT RAISE(ABORT, 'the population of a frozen audit does not change'); END;

CREATE TRIGGER audit_frame_is_never_altered BEFORE UPDATE ON audit_frame_item
WHEN (SELECT status FROM audit WHERE id = OLD.audit_id) IS NOT 'DRAFT'
BEGIN SELECT RAISE(ABORT, 'the population of a frozen audit does not change'); END;

CREATE TRIGGER audit_frame_is_never_removed BEFORE DELETE ON audit_frame_item
WHEN (SELECT status FROM audit WHERE id = OLD.audit_id) IS NOT 'DRAFT'
BEGIN SELECT RAISE(ABORT, 'the population of a frozen audit does not change'); END;

CREATE TRIGGER audit_sample_takes_no_more BEFORE INSERT ON audit_sample_item
WHEN (SELECT status FROM audit WHERE id = NEW.audit_id) IS NOT 'DRAFT'
BEGIN SELECT RAISE(ABORT, 'the sample of a frozen audit does not change'); END;

CREATE TRIGGER audit_sample_is_never_altered BEFORE UPDATE ON audit_sample_item
WHEN (SELECT status FROM audit WHERE id = OLD.audit_id) IS NOT 'DRAFT'
BEGIN SELECT RAISE(ABORT, 'the sample of a frozen audit does not change'); END;

CREATE TRIGGER audit_sample_is_never_removed BEFORE DELETE ON audit_sample_item
WHEN (SELECT status FROM audit WHERE id = OLD.audit_id) IS NOT 'DRAFT'
BEGIN SELECT RAISE(ABORT, 'the sample of a frozen audit does not change'); END;

CREATE TRIGGER audit_plan_is_frozen BEFORE UPDATE OF kind, force, period_from, period_to, population_rule, strata_by, merged, exclusions, margin, confidence, rate, size, minimum, audit_all_up_to, second_share, second_least, checklist_id, as_at, population, sample_size, why, seed, seed_given, algorithm, frame_hash, frozen_at, frozen_by ON audit
WHEN OLD.status <> 'DRAFT'
BEGIN SELECT RAISE(ABORT, 'the plan of a frozen audit does not change'); END;

CREATE TRIGGER audit_stays_frozen BEFORE UPDATE OF status ON audit
WHEN OLD.status <> 'DRAFT' AND NEW.status = 'DRAFT'
BEGIN SELECT RAISE(ABORT, 'a frozen audit does not become a draft again'); END;

CREATE TRIGGER audit_is_never_removed BEFORE DELETE ON audit
WHEN OLD.status <> 'DRAFT'
BEGIN SELECT RAISE(ABORT, 'a frozen audit is kept'); END;

CREATE TRIGGER audit_replacement_is_never_altered BEFORE UPDATE ON audit_replacement
BEGIN SELECT RAISE(ABORT, 'replacements of an audit are only added'); END;

CREATE TRIGGER audit_replacement_is_never_removed BEFORE DELETE ON audit_replacement
BEGIN SELECT RAISE(ABORT, 'replacements of an audit are only added'); END;

CREATE TRIGGER audit_answer_is_never_altered BEFORE UPDATE ON audit_answer
BEGIN SELECT RAISE(ABORT, 'answers of an audit are only added'); END;

CREATE TRIGGER audit_answer_is_never_removed BEFORE DELETE ON audit_answer
BEGIN SELECT RAISE(ABORT, 'answers of an audit are only added'); END;

CREATE TRIGGER checklist_is_never_altered BEFORE UPDATE ON checklist
BEGIN SELECT RAISE(ABORT, 'a version of a checklist does not change'); END;

CREATE TRIGGER checklist_criterion_is_never_altered BEFORE UPDATE ON checklist_criterion
BEGIN SELECT RAISE(ABORT, 'a version of a checklist does not change'); END;

CREATE TABLE hydra_decision (
  id INTEGER NOT NULL,
  decided_on DATE NOT NULL,
  delivery VARCHAR NOT NULL,
  why VARCHAR NOT NULL,
  decided_by VARCHAR NOT NULL,
  evidence VARCHAR NOT NULL,
  recorded_at VARCHAR(27) NOT NULL,
  recorded_by VARCHAR NOT NULL,
  PRIMARY KEY (id)
);

CREATE TABLE hydra_event (
  id INTEGER NOT NULL,
  held_on DATE NOT NULL,
  centre VARCHAR NOT NULL,
  delivery VARCHAR NOT NULL,
  places INTEGER NOT NULL,
  note VARCHAR NOT NULL,
  recorded_at VARCHAR(27) NOT NULL,
  recorded_by VARCHAR NOT NULL,
  cancelled_why VARCHAR,
  PRIMARY KEY (id)
);

CREATE INDEX ix_hydra_event_held_on ON hydra_event (held_on);

CREATE TABLE training_course (
  id INTEGER NOT NULL,
  code VARCHAR NOT NULL,
  valid_from DATE NOT NULL,
  title VARCHAR NOT NULL,
  kind VARCHAR NOT NULL,
  valid_months INTEGER,
  equivalents VARCHAR NOT NULL,
  words VARCHAR NOT NULL,
  recommendation INTEGER,
  set_at VARCHAR(27) NOT NULL,
  set_by VARCHAR NOT NULL,
  PRIMARY KEY (id)
);

CREATE INDEX training_course_history ON training_course (code, valid_from);

CREATE TABLE training_import (
  id INTEGER NOT NULL,
  kind VARCHAR NOT NULL,
  file_name VARCHAR NOT NULL,
  file_sha256 VARCHAR NOT NULL,
  day DATE NOT NULL,
  at VARCHAR(27) NOT NULL,
  "by" VARCHAR NOT NULL,
  told VARCHAR NOT NULL,
  undone_at VARCHAR(27),
  PRIMARY KEY (id)
);

CREATE INDEX training_import_by_kind ON training_import (kind, at);

CREATE TABLE training_reminder (
  id INTEGER NOT NULL,
  at VARCHAR(27) NOT NULL,
  "by" VARCHAR NOT NULL,
  recipient VARCHAR NOT NULL,
  is_for_supervisor BOOLEAN NOT NULL,
  channel VARCHAR NOT NULL,
  courses VARCHAR NOT NULL,
  PRIMARY KEY (id)
);

CREATE TABLE training_rule (
  id INTEGER NOT NULL,
  course VARCHAR NOT NULL,
  valid_from DATE NOT NULL,
  role_groups VARCHAR NOT NULL,
  ranks VARCHAR NOT NULL,
  teams VARCHAR NOT NULL,
  forces VARCHAR NOT NULL,
  why VARCHAR NOT NULL,
  set_at VARCHAR(27) NOT NULL,
  set_by VARCHAR NOT NULL,
  PRIMARY KEY (id)
);

CREATE INDEX training_rule_history ON training_rule (course, valid_from);

CREATE TABLE learner (
  id INTEGER NOT NULL,
  staff_number VARCHAR NOT NULL,
  number_key VARCHAR NOT NULL,
  forename VARCHAR NOT NULL,
  surname VARCHAR NOT NULL,
  started_on DATE,
  left_on DATE,
  seen_on DATE NOT NULL,
  import_id INTEGER,
  recorded_at VARCHAR(27) NOT NULL,
  recorded_by VARCHAR NOT NULL,
  withdrawn_at VARCHAR(27),
  PRIMARY KEY (id),
  FOREIGN KEY(import_id) REFERENCES training_import (id)
);

CREATE INDEX ix_learner_import_id ON learner (import_id);

CREATE UNIQUE INDEX learner_by_number ON learner (number_key) WHERE withdrawn_at IS NULL;

CREATE TABLE completion (
  id INTEGER NOT NULL,
  learner_id INTEGER NOT NULL,
  course VARCHAR NOT NULL,
  course_key VARCHAR NOT NULL,
  course_text VARCHAR NOT NULL,
  done_on DATE NOT NULL,
  source VARCHAR NOT NULL,
  evidence VARCHAR NOT NULL,
  import_id INTEGER,
  event_id INTEGER,
  recorded_at VARCHAR(27) NOT NULL,
  recorded_by VARCHAR NOT NULL,
  withdrawn_at VARCHAR(27),
  withdrawn_why VARCHAR,
  PRIMARY KEY (id),
  FOREIGN KEY(learner_id) REFERENCES learner (id),
  FOREIGN KEY(import_id) REFERENCES training_import (id),
  FOREIGN KEY(event_id) REFERENCES hydra_event (id)
);

CREATE INDEX completion_of_course ON completion (course, learner_id, done_on);

CREATE UNIQUE INDEX completion_once ON completion (learner_id, course, done_on, course_key) WHERE withdrawn_at IS NULL;

CREATE INDEX ix_completion_event_id ON completion (event_id);

CREATE INDEX ix_completion_import_id ON completion (import_id);

CREATE TABLE completion_match (
  id INTEGER NOT NULL,
  import_id INTEGER NOT NULL,
  line INTEGER NOT NULL,
  number VARCHAR NOT NULL,
  name VARCHAR NOT NULL,
  row_key VARCHAR NOT NULL,
  course VARCHAR NOT NULL,
  course_key VARCHAR NOT NULL,
  course_text VARCHAR NOT NULL,
  done_on DATE NOT NULL,
  evidence VARCHAR NOT NULL,
  reason VARCHAR NOT NULL,
  decided_at VARCHAR(27),
  decided_by VARCHAR,
  learner_id INTEGER,
  dismissed_why VARCHAR,
  PRIMARY KEY (id),
  FOREIGN KEY(import_id) REFERENCES training_import (id),
  FOREIGN KEY(learner_id) REFERENCES learner (id)
);

CREATE INDEX completion_match_waiting ON completion_match (decided_at, id);

CREATE INDEX ix_completion_match_import_id ON completion_match (import_id);

CREATE INDEX ix_completion_match_row_key ON completion_match (row_key);

CREATE TABLE hydra_place (
  id INTEGER NOT NULL,
  event_id INTEGER NOT NULL,
  learner_id INTEGER NOT NULL,
  state VARCHAR NOT NULL,
  at VARCHAR(27) NOT NULL,
  "by" VARCHAR NOT NULL,
  PRIMARY KEY (id),
  FOREIGN KEY(event_id) REFERENCES hydra_event (id),
  FOREIGN KEY(learner_id) REFERENCES learner (id)
);

CREATE UNIQUE INDEX hydra_place_once ON hydra_place (event_id, learner_id);

CREATE INDEX ix_hydra_place_learner_id ON hydra_place (learner_id);

CREATE TABLE learner_stint (
  id INTEGER NOT NULL,
  learner_id INTEGER NOT NULL,
  valid_from DATE NOT NULL,
  valid_to DATE,
  forename VARCHAR NOT NULL,
  surname VARCHAR NOT NULL,
  collar VARCHAR,
  force VARCHAR NOT NULL,
  team VARCHAR,
  rank VARCHAR,
  role_group VARCHAR,
  absence VARCHAR,
  supervisor VARCHAR,
  name_key VARCHAR NOT NULL,
  search VARCHAR NOT NULL,
  PRIMARY KEY (id),
  FOREIGN KEY(learner_id) REFERENCES learner (id)
);

CREATE INDEX learner_stint_by_name ON learner_stint (name_key, learner_id);

CREATE INDEX learner_stint_history ON learner_stint (learner_id, valid_from);

CREATE TABLE training_exclusion (
  id INTEGER NOT NULL,
  learner_id INTEGER NOT NULL,
  course VARCHAR,
  reason VARCHAR NOT NULL,
  why VARCHAR NOT NULL,
  approved_by VARCHAR NOT NULL,
  from_on DATE NOT NULL,
  to_on DATE,
  recorded_at VARCHAR(27) NOT NULL,
  recorded_by VARCHAR NOT NULL,
  withdrawn_at VARCHAR(27),
  PRIMARY KEY (id),
  FOREIGN KEY(learner_id) REFERENCES learner (id)
);

CREATE INDEX training_exclusion_of_learner ON training_exclusion (learner_id, from_on);

CREATE TABLE training_import_change (
  id INTEGER NOT NULL,
  import_id INTEGER NOT NULL,
  learner_id INTEGER NOT NULL,
  "before" VARCHAR NOT NULL,
  "after" VARCHAR NOT NULL,
  PRIMARY KEY (id),
  FOREIGN KEY(import_id) REFERENCES training_import (id),
  FOREIGN KEY(learner_id) REFERENCES learner (id)
);

CREATE INDEX ix_training_import_change_import_id ON training_import_change (import_id);

CREATE INDEX ix_training_import_change_learner_id ON training_import_change (learner_id);

CREATE TABLE training_reminded (
  reminder_id INTEGER NOT NULL,
  learner_id INTEGER NOT NULL,
  PRIMARY KEY (reminder_id, learner_id),
  FOREIGN KEY(reminder_id) REFERENCES training_reminder (id),
  FOREIGN KEY(learner_id) REFERENCES learner (id)
);

CREATE INDEX training_reminded_of_learner ON training_reminded (learner_id, reminder_id);

CREATE TABLE analyst_review (
  id INTEGER NOT NULL,
  reviewed_on DATE NOT NULL,
  kind VARCHAR NOT NULL,
  force VARCHAR NOT NULL,
  analyst VARCHAR NOT NULL,
  subject VARCHAR NOT NULL,
  outcome VARCHAR NOT NULL,
  recorded_at VARCHAR(27) NOT NULL,
  recorded_by VARCHAR NOT NULL,
  PRIMARY KEY (id)
);

CREATE TABLE comms_campaign (
  id INTEGER NOT NULL,
  title VARCHAR NOT NULL,
  aim VARCHAR NOT NULL,
  owner VARCHAR NOT NULL,
  recorded_at VARCHAR(27) NOT NULL,
  recorded_by VARCHAR NOT NULL,
  ended_at VARCHAR(27),
  ended_why VARCHAR,
  PRIMARY KEY (id)
);

CREATE TABLE comms_series (
  id INTEGER NOT NULL,
  every VARCHAR NOT NULL,
  interval INTEGER NOT NULL,
  first_on DATE NOT NULL,
  until DATE NOT NULL,
  working_days BOOLEAN NOT NULL,
  recorded_at VARCHAR(27) NOT NULL,
  recorded_by VARCHAR NOT NULL,
  PRIMARY KEY (id)
);

CREATE TABLE comms_text (
  id INTEGER NOT NULL,
  code VARCHAR NOT NULL,
  kind VARCHAR NOT NULL,
  title VARCHAR NOT NULL,
  text VARCHAR NOT NULL,
  audience VARCHAR NOT NULL,
  channel VARCHAR NOT NULL,
  recommendation INTEGER,
  promise VARCHAR NOT NULL,
  retired BOOLEAN NOT NULL,
  set_at VARCHAR(27) NOT NULL,
  set_by VARCHAR NOT NULL,
  PRIMARY KEY (id)
);

CREATE INDEX comms_text_history ON comms_text (code, id);

CREATE TABLE ledger_evidence (
  id INTEGER NOT NULL,
  recommendation INTEGER NOT NULL,
  promise VARCHAR NOT NULL,
  happened_on DATE NOT NULL,
  what VARCHAR NOT NULL,
  shows_met BOOLEAN NOT NULL,
  file_name VARCHAR NOT NULL,
  sha256 VARCHAR NOT NULL,
  recorded_at VARCHAR(27) NOT NULL,
  recorded_by VARCHAR NOT NULL,
  withdrawn_at VARCHAR(27),
  withdrawn_why VARCHAR,
  PRIMARY KEY (id)
);

CREATE INDEX ledger_evidence_of ON ledger_evidence (recommendation, promise);

CREATE TABLE ledger_promise (
  id INTEGER NOT NULL,
  code VARCHAR NOT NULL,
  recommendation INTEGER NOT NULL,
  text VARCHAR NOT NULL,
  measure VARCHAR NOT NULL,
  recorded_at VARCHAR(27) NOT NULL,
  recorded_by VARCHAR NOT NULL,
  withdrawn_at VARCHAR(27),
  withdrawn_why VARCHAR,
  PRIMARY KEY (id),
  UNIQUE (code)
);

CREATE TABLE liaison (
  id INTEGER NOT NULL,
  held_on DATE NOT NULL,
  kind VARCHAR NOT NULL,
  force VARCHAR NOT NULL,
  district VARCHAR NOT NULL,
  who VARCHAR NOT NULL,
  subject VARCHAR NOT NULL,
  agreed VARCHAR NOT NULL,
  recorded_at VARCHAR(27) NOT NULL,
  recorded_by VARCHAR NOT NULL,
  PRIMARY KEY (id)
);

CREATE INDEX liaison_of_district ON liaison (force, district, held_on);

CREATE TABLE oic_plan (
  id INTEGER NOT NULL,
  kind VARCHAR NOT NULL,
  title VARCHAR NOT NULL,
  force VARCHAR NOT NULL,
  recorded_at VARCHAR(27) NOT NULL,
  recorded_by VARCHAR NOT NULL,
  ended_at VARCHAR(27),
  ended_why VARCHAR,
  PRIMARY KEY (id)
);

CREATE TABLE recommendation_event (
  id INTEGER NOT NULL,
  recommendation INTEGER NOT NULL,
  at VARCHAR(27) NOT NULL,
  recorded_at VARCHAR(27) NOT NULL,
  "by" VARCHAR NOT NULL,
  from_status VARCHAR NOT NULL,
  to_status VARCHAR NOT NULL,
  reason VARCHAR NOT NULL,
  PRIMARY KEY (id)
);

CREATE INDEX recommendation_event_history ON recommendation_event (recommendation, at, id);

CREATE TABLE comms_item (
  id INTEGER NOT NULL,
  campaign_id INTEGER,
  series_id INTEGER,
  due_on DATE,
  title VARCHAR NOT NULL,
  audience VARCHAR NOT NULL,
  channel VARCHAR NOT NULL,
  force VARCHAR NOT NULL,
  message VARCHAR NOT NULL,
  recommendation INTEGER,
  promise VARCHAR NOT NULL,
  owner VARCHAR NOT NULL,
  planned_on DATE,
  published_on DATE,
  status VARCHAR NOT NULL,
  effort_minutes INTEGER,
  reach INTEGER,
  reach_basis VARCHAR NOT NULL,
  evaluation VARCHAR NOT NULL,
  verdict VARCHAR NOT NULL,
  effect VARCHAR NOT NULL,
  approved_by VARCHAR,
  approved_at VARCHAR(27),
  cancelled_at VARCHAR(27),
  cancelled_why VARCHAR,
  revision INTEGER NOT NULL,
  changed_at VARCHAR(27) NOT NULL,
  recorded_at VARCHAR(27) NOT NULL,
  recorded_by VARCHAR NOT NULL, reported_name VARCHAR, reported_role VARCHAR, reported_on DATE, reported_reference VARCHAR,
  PRIMARY KEY (id),
  FOREIGN KEY(campaign_id) REFERENCES comms_campaign (id),
  FOREIGN KEY(series_id) REFERENCES comms_series (id)
);

CREATE UNIQUE INDEX comms_item_of_series ON comms_item (series_id, due_on);

CREATE INDEX comms_item_planned ON comms_item (planned_on);

CREATE INDEX comms_item_published ON comms_item (published_on);

CREATE INDEX ix_comms_item_campaign_id ON comms_item (campaign_id);

CREATE TABLE oic_plan_version (
  id INTEGER NOT NULL,
  plan_id INTEGER NOT NULL,
  version VARCHAR NOT NULL,
  owner VARCHAR NOT NULL,
  review_on DATE NOT NULL,
  link VARCHAR NOT NULL,
  recorded_at VARCHAR(27) NOT NULL,
  recorded_by VARCHAR NOT NULL,
  approved_on DATE,
  approved_by VARCHAR,
  reported_name VARCHAR,
  reported_role VARCHAR,
  reported_reference VARCHAR,
  PRIMARY KEY (id),
  FOREIGN KEY(plan_id) REFERENCES oic_plan (id)
);

CREATE INDEX oic_plan_version_of ON oic_plan_version (plan_id, id);

CREATE TABLE comms_event (
  id INTEGER NOT NULL,
  item_id INTEGER NOT NULL,
  at VARCHAR(27) NOT NULL,
  "by" VARCHAR NOT NULL,
  kind VARCHAR NOT NULL,
  from_status VARCHAR,
  to_status VARCHAR,
  reason VARCHAR,
  PRIMARY KEY (id),
  FOREIGN KEY(item_id) REFERENCES comms_item (id)
);

CREATE INDEX comms_event_history ON comms_event (item_id, id);

CREATE TABLE comms_evidence (
  id INTEGER NOT NULL,
  item_id INTEGER NOT NULL,
  file_name VARCHAR NOT NULL,
  sha256 VARCHAR NOT NULL,
  size INTEGER NOT NULL,
  note VARCHAR NOT NULL,
  recorded_at VARCHAR(27) NOT NULL,
  recorded_by VARCHAR NOT NULL,
  PRIMARY KEY (id),
  FOREIGN KEY(item_id) REFERENCES comms_item (id)
);

CREATE INDEX ix_comms_evidence_item_id ON comms_evidence (item_id);

CREATE TRIGGER comms_event_is_never_altered BEFORE UPDATE ON comms_event
BEGIN SELECT RAISE(ABORT, 'the history of a communication is only added to'); END;

CREATE TRIGGER comms_event_is_never_removed BEFORE DELETE ON comms_event
BEGIN SELECT RAISE(ABORT, 'the history of a communication is only added to'); END;

CREATE TRIGGER recommendation_event_is_never_altered BEFORE UPDATE ON recommendation_event
BEGIN SELECT RAISE(ABORT, 'the history of a recommendation is only added to'); END;

CREATE TRIGGER recommendation_event_is_never_removed BEFORE DELETE ON recommendation_event
BEGIN SELECT RAISE(ABORT, 'the history of a recommendation is only added to'); END;

CREATE TABLE outside_list (
  id INTEGER NOT NULL,
  import_id INTEGER NOT NULL,
  name VARCHAR NOT NULL,
  fingerprint VARCHAR NOT NULL,
  compared_at VARCHAR(27) NOT NULL,
  PRIMARY KEY (id),
  UNIQUE (import_id),
  FOREIGN KEY(import_id) REFERENCES import_batch (id)
);

CREATE INDEX ix_outside_list_fingerprint ON outside_list (fingerprint);

CREATE TABLE outside_contact (
  id INTEGER NOT NULL,
  list_id INTEGER NOT NULL,
  line INTEGER NOT NULL,
  "key" VARCHAR NOT NULL,
  nccu_ref VARCHAR,
  contact_at VARCHAR(27) NOT NULL,
  force VARCHAR NOT NULL,
  officer_name VARCHAR,
  officer_collar VARCHAR,
  reason VARCHAR,
  category VARCHAR NOT NULL,
  persons INTEGER,
  state VARCHAR NOT NULL,
  why VARCHAR NOT NULL,
  referral_id INTEGER,
  candidates VARCHAR NOT NULL,
  refused VARCHAR NOT NULL,
  decision VARCHAR,
  decided_why VARCHAR,
  decided_at VARCHAR(27),
  decided_by VARCHAR,
  PRIMARY KEY (id),
  FOREIGN KEY(list_id) REFERENCES outside_list (id),
  FOREIGN KEY(referral_id) REFERENCES referral (id)
);

CREATE INDEX ix_outside_contact_key ON outside_contact ("key");

CREATE INDEX ix_outside_contact_referral_id ON outside_contact (referral_id);

CREATE INDEX outside_contact_state ON outside_contact (list_id, state, contact_at, id);

CREATE TABLE document_list (
  id INTEGER NOT NULL,
  import_id INTEGER NOT NULL,
  name VARCHAR NOT NULL,
  PRIMARY KEY (id),
  UNIQUE (import_id),
  FOREIGN KEY(import_id) REFERENCES import_batch (id)
);

CREATE TABLE document_row (
  id INTEGER NOT NULL,
  list_id INTEGER NOT NULL,
  line INTEGER NOT NULL,
  "key" VARCHAR NOT NULL,
  reference VARCHAR NOT NULL,
  author VARCHAR NOT NULL,
  collar VARCHAR NOT NULL,
  force VARCHAR,
  created_on DATE,
  submitted_at VARCHAR(27) NOT NULL,
  contact_refs VARCHAR NOT NULL,
  grades VARCHAR NOT NULL,
  state VARCHAR NOT NULL,
  why VARCHAR NOT NULL,
  candidates VARCHAR NOT NULL,
  refused VARCHAR NOT NULL,
  document_id INTEGER,
  settled_import_id INTEGER,
  decision VARCHAR,
  decided_why VARCHAR,
  decided_at VARCHAR(27),
  decided_by VARCHAR,
  PRIMARY KEY (id),
  FOREIGN KEY(list_id) REFERENCES document_list (id),
  FOREIGN KEY(document_id) REFERENCES document (id),
  FOREIGN KEY(settled_import_id) REFERENCES import_batch (id)
);

CREATE INDEX ix_document_row_key ON document_row ("key");

CREATE INDEX ix_document_row_document_id ON document_row (document_id);

CREATE INDEX ix_document_row_settled_import_id ON document_row (settled_import_id);

CREATE INDEX document_row_state ON document_row (list_id, state, id);

CREATE TABLE document_row_link (
  row_id INTEGER NOT NULL,
  referral_id INTEGER NOT NULL,
  PRIMARY KEY (row_id, referral_id),
  FOREIGN KEY(row_id) REFERENCES document_row (id),
  FOREIGN KEY(referral_id) REFERENCES referral (id)
);

CREATE INDEX document_submitted ON document (submitted_at, id);

CREATE INDEX document_outcome ON document (outcome, submitted_at, id);

CREATE TABLE working_draft (
  id INTEGER NOT NULL,
  referral_id INTEGER NOT NULL,
  document_id INTEGER,
  created_at VARCHAR(27) NOT NULL,
  created_by VARCHAR NOT NULL,
  edited_at VARCHAR(27) NOT NULL,
  warned_at VARCHAR(27),
  purged_at VARCHAR(27),
  purged_why VARCHAR,
  PRIMARY KEY (id),
  FOREIGN KEY(referral_id) REFERENCES referral (id),
  FOREIGN KEY(document_id) REFERENCES document (id)
);

CREATE INDEX ix_working_draft_referral_id ON working_draft (referral_id);

CREATE INDEX ix_working_draft_document_id ON working_draft (document_id);

CREATE TABLE working_draft_version (
  id INTEGER NOT NULL,
  draft_id INTEGER NOT NULL,
  number INTEGER NOT NULL,
  at VARCHAR(27) NOT NULL,
  "by" VARCHAR NOT NULL,
  content VARCHAR NOT NULL,
  PRIMARY KEY (id),
  UNIQUE (draft_id, number),
  FOREIGN KEY(draft_id) REFERENCES working_draft (id)
);

CREATE TABLE disclosure (
  id INTEGER NOT NULL,
  at VARCHAR(27) NOT NULL,
  "by" VARCHAR NOT NULL,
  recipient VARCHAR NOT NULL,
  purpose VARCHAR NOT NULL,
  kind VARCHAR NOT NULL,
  what VARCHAR NOT NULL,
  form VARCHAR NOT NULL,
  draft_id INTEGER,
  version INTEGER,
  PRIMARY KEY (id)
);

CREATE INDEX disclosure_at ON disclosure (at, id);

CREATE TABLE disclosure_case (
  disclosure_id INTEGER NOT NULL,
  referral_id INTEGER NOT NULL,
  PRIMARY KEY (disclosure_id, referral_id),
  FOREIGN KEY(disclosure_id) REFERENCES disclosure (id),
  FOREIGN KEY(referral_id) REFERENCES referral (id)
);

CREATE INDEX disclosure_of_referral ON disclosure_case (referral_id, disclosure_id);

CREATE TABLE disclosure_telling (
  id INTEGER NOT NULL,
  disclosure_id INTEGER NOT NULL,
  document_id INTEGER NOT NULL,
  raised_at VARCHAR(27) NOT NULL,
  raised_by VARCHAR NOT NULL,
  due_on DATE NOT NULL,
  why VARCHAR NOT NULL,
  told_at VARCHAR(27),
  told_by VARCHAR,
  how VARCHAR,
  PRIMARY KEY (id),
  FOREIGN KEY(disclosure_id) REFERENCES disclosure (id),
  FOREIGN KEY(document_id) REFERENCES document (id)
);

CREATE INDEX disclosure_telling_due ON disclosure_telling (told_at, due_on, id);

CREATE INDEX ix_disclosure_telling_disclosure_id ON disclosure_telling (disclosure_id);

CREATE TABLE referral_pause (
  id INTEGER NOT NULL,
  referral_id INTEGER NOT NULL,
  since VARCHAR(27) NOT NULL,
  until VARCHAR(27),
  reason VARCHAR NOT NULL,
  "by" VARCHAR NOT NULL,
  ended_by VARCHAR,
  PRIMARY KEY (id),
  FOREIGN KEY(referral_id) REFERENCES referral (id)
);

CREATE INDEX referral_pause_history ON referral_pause (referral_id, since);

CREATE UNIQUE INDEX referral_pause_running ON referral_pause (referral_id) WHERE until IS NULL;

CREATE TABLE referral_snooze (
  id INTEGER NOT NULL,
  referral_id INTEGER NOT NULL,
  until DATE NOT NULL,
  at VARCHAR(27) NOT NULL,
  reason VARCHAR,
  "by" VARCHAR NOT NULL,
  ended_at VARCHAR(27),
  ended_by VARCHAR,
  PRIMARY KEY (id),
  FOREIGN KEY(referral_id) REFERENCES referral (id)
);

CREATE UNIQUE INDEX referral_snooze_running ON referral_snooze (referral_id) WHERE ended_at IS NULL;

CREATE INDEX referral_snooze_until ON referral_snooze (until, referral_id) WHERE ended_at IS NULL;

CREATE TABLE queue_view (
  id INTEGER NOT NULL,
  name VARCHAR NOT NULL,
  base VARCHAR NOT NULL,
  spec VARCHAR NOT NULL,
  made_at VARCHAR(27) NOT NULL,
  made_by VARCHAR NOT NULL,
  removed_at VARCHAR(27),
  PRIMARY KEY (id)
);

CREATE UNIQUE INDEX queue_view_name ON queue_view (name) WHERE removed_at IS NULL;

CREATE INDEX chaser_by_role ON chaser (to_role, referral_id, at);

CREATE TABLE referral_hold (
  id INTEGER NOT NULL,
  referral_id INTEGER NOT NULL,
  kind VARCHAR NOT NULL,
  why VARCHAR NOT NULL,
  review_on DATE NOT NULL,
  placed_at VARCHAR(27) NOT NULL,
  placed_by VARCHAR NOT NULL,
  released_at VARCHAR(27),
  released_by VARCHAR,
  released_why VARCHAR,
  PRIMARY KEY (id),
  FOREIGN KEY(referral_id) REFERENCES referral (id)
);

CREATE INDEX referral_hold_of ON referral_hold (referral_id, released_at);

CREATE TABLE referral_review (
  id INTEGER NOT NULL,
  referral_id INTEGER NOT NULL,
  at VARCHAR(27) NOT NULL,
  "by" VARCHAR NOT NULL,
  decision VARCHAR NOT NULL,
  why VARCHAR NOT NULL,
  next_on DATE,
  PRIMARY KEY (id),
  FOREIGN KEY(referral_id) REFERENCES referral (id)
);

CREATE INDEX referral_review_of ON referral_review (referral_id, at, id);

CREATE TABLE person_request (
  id INTEGER NOT NULL,
  kind VARCHAR NOT NULL,
  requester VARCHAR NOT NULL,
  identity_checked VARCHAR NOT NULL,
  received_on DATE NOT NULL,
  due_on DATE NOT NULL,
  recorded_at VARCHAR(27) NOT NULL,
  recorded_by VARCHAR NOT NULL,
  outcome VARCHAR,
  closed_on DATE,
  closed_at VARCHAR(27),
  closed_by VARCHAR,
  PRIMARY KEY (id)
);

CREATE TABLE person_correction (
  id INTEGER NOT NULL,
  request_id INTEGER,
  person_id INTEGER NOT NULL,
  referral_id INTEGER NOT NULL,
  at VARCHAR(27) NOT NULL,
  "by" VARCHAR NOT NULL,
  what VARCHAR NOT NULL,
  why VARCHAR NOT NULL,
  fields VARCHAR NOT NULL,
  PRIMARY KEY (id),
  FOREIGN KEY(request_id) REFERENCES person_request (id),
  FOREIGN KEY(person_id) REFERENCES person (id),
  FOREIGN KEY(referral_id) REFERENCES referral (id)
);

CREATE INDEX person_correction_of ON person_correction (referral_id, id);

CREATE TABLE person_recipient (
  id INTEGER NOT NULL,
  correction_id INTEGER NOT NULL,
  recipient VARCHAR NOT NULL,
  disclosed_at VARCHAR(27) NOT NULL,
  due_on DATE NOT NULL,
  told_at VARCHAR(27),
  told_by VARCHAR,
  PRIMARY KEY (id),
  FOREIGN KEY(correction_id) REFERENCES person_correction (id)
);

CREATE INDEX person_recipient_of ON person_recipient (correction_id, id);

CREATE TABLE breach (
  id INTEGER NOT NULL,
  aware_at VARCHAR(27) NOT NULL,
  facts VARCHAR NOT NULL,
  effects VARCHAR NOT NULL,
  remedy VARCHAR NOT NULL,
  commissioner_told_at VARCHAR(27),
  why_not_told VARCHAR NOT NULL,
  people_told VARCHAR NOT NULL,
  recorded_at VARCHAR(27) NOT NULL,
  recorded_by VARCHAR NOT NULL,
  updated_at VARCHAR(27) NOT NULL,
  PRIMARY KEY (id)
);

CREATE TABLE officer (
  id INTEGER NOT NULL,
  force VARCHAR NOT NULL,
  collar VARCHAR NOT NULL,
  name VARCHAR NOT NULL,
  rank VARCHAR NOT NULL,
  email VARCHAR NOT NULL,
  team VARCHAR NOT NULL,
  supervisor VARCHAR NOT NULL,
  left_on DATE,
  searched VARCHAR NOT NULL,
  added_at VARCHAR(27) NOT NULL,
  added_by VARCHAR NOT NULL,
  PRIMARY KEY (id)
);

CREATE INDEX officer_by_name ON officer (name, id);

CREATE INDEX officer_by_team ON officer (force, team, id);

CREATE TABLE officer_name (
  id INTEGER NOT NULL,
  officer_id INTEGER NOT NULL,
  force VARCHAR NOT NULL,
  collar_key VARCHAR NOT NULL,
  name_key VARCHAR NOT NULL,
  PRIMARY KEY (id),
  UNIQUE (force, collar_key, name_key),
  FOREIGN KEY(officer_id) REFERENCES officer (id)
);

CREATE INDEX ix_officer_name_officer_id ON officer_name (officer_id);

CREATE INDEX officer_name_by_name ON officer_name (force, name_key);

CREATE TABLE officer_move (
  id INTEGER NOT NULL,
  officer_id INTEGER NOT NULL,
  from_on DATE NOT NULL,
  team VARCHAR NOT NULL,
  supervisor VARCHAR NOT NULL,
  why VARCHAR NOT NULL,
  recorded_at VARCHAR(27) NOT NULL,
  recorded_by VARCHAR NOT NULL,
  PRIMARY KEY (id),
  FOREIGN KEY(officer_id) REFERENCES officer (id)
);

CREATE INDEX officer_move_history ON officer_move (officer_id, from_on, id);

CREATE TABLE officer_absence (
  id INTEGER NOT NULL,
  officer_id INTEGER NOT NULL,
  from_on DATE NOT NULL,
  to_on DATE,
  recorded_at VARCHAR(27) NOT NULL,
  recorded_by VARCHAR NOT NULL,
  withdrawn_at VARCHAR(27),
  PRIMARY KEY (id),
  FOREIGN KEY(officer_id) REFERENCES officer (id)
);

CREATE INDEX ix_officer_absence_officer_id ON officer_absence (officer_id);

CREATE TABLE team_rename (
  id INTEGER NOT NULL,
  force VARCHAR NOT NULL,
  old VARCHAR NOT NULL,
  new VARCHAR NOT NULL,
  from_on DATE NOT NULL,
  recorded_at VARCHAR(27) NOT NULL,
  recorded_by VARCHAR NOT NULL,
  PRIMARY KEY (id)
);

CREATE INDEX team_rename_of_force ON team_rename (force, from_on, id);

CREATE TABLE chaser_template (
  id INTEGER NOT NULL,
  role VARCHAR NOT NULL,
  subject VARCHAR NOT NULL,
  body VARCHAR NOT NULL,
  line VARCHAR NOT NULL,
  saved_at VARCHAR(27) NOT NULL,
  saved_by VARCHAR NOT NULL,
  PRIMARY KEY (id)
);

CREATE INDEX chaser_template_history ON chaser_template (role, id);

CREATE TABLE deputy_cover (
  id INTEGER NOT NULL,
  deputy VARCHAR NOT NULL,
  covers VARCHAR NOT NULL,
  from_on DATE NOT NULL,
  to_on DATE NOT NULL,
  recorded_at VARCHAR(27) NOT NULL,
  recorded_by VARCHAR NOT NULL,
  ended_on DATE,
  PRIMARY KEY (id)
);

CREATE TABLE case_seen (
  user_id INTEGER NOT NULL,
  referral_id INTEGER NOT NULL,
  seen_at VARCHAR(27) NOT NULL,
  PRIMARY KEY (user_id, referral_id),
  FOREIGN KEY(user_id) REFERENCES desk_user (id),
  FOREIGN KEY(referral_id) REFERENCES referral (id)
);

CREATE INDEX ix_case_seen_referral_id ON case_seen (referral_id);

CREATE INDEX ix_chaser_officer_id ON chaser (officer_id);

CREATE INDEX chaser_unanswered ON chaser (at) WHERE result IS NULL;

CREATE INDEX referral_by_district ON referral (district);

CREATE INDEX referral_event_news ON referral_event (recorded_at, "by", referral_id);

CREATE INDEX ix_referral_nccu_key ON referral (nccu_key);

CREATE INDEX ix_referral_crime_key ON referral (crime_key);

INSERT INTO referral_fts (referral_fts, rank) VALUES ('secure-delete', 1);

INSERT INTO alembic_version (version_num) VALUES ('0012');
