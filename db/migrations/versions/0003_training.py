"""Training: tables."""

from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

# Written out as it stood on the day, so that later changes to the program cannot change this step.
STATEMENTS = """
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
"""


def upgrade() -> None:
    for statement in STATEMENTS.strip().split("\n\n"):
        if statement:
            op.execute(statement)
