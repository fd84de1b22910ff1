"""Communications, recommendations and the promise ledger: tables."""

from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None

# Written out as it stood on the day, so that later changes to the program cannot change this step.
STATEMENTS = """
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
  recorded_by VARCHAR NOT NULL,
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
"""


def upgrade() -> None:
    for statement in STATEMENTS.strip().split("\n\n"):
        if statement:
            op.execute(statement)
