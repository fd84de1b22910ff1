"""Audits: tables."""

from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

# Written out as it stood on the day, so that later changes to the program cannot change this step.
STATEMENTS = """
CREATE TABLE audit_phase (
  id INTEGER NOT NULL,
  force VARCHAR NOT NULL,
  starts_on DATE NOT NULL,
  reason VARCHAR NOT NULL,
  recorded_at VARCHAR(27) NOT NULL,
  recorded_by VARCHAR NOT NULL,
  ended_at VARCHAR(27),
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
  panel_released_by VARCHAR,
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
"""


def upgrade() -> None:
    for statement in STATEMENTS.strip().split("\n\n"):
        if statement:
            op.execute(statement)
