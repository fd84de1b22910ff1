"""Pauses and snoozes of cases, and the queue's own views: tables."""

from alembic import op

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None

# Written out as it stood on the day, so that later changes to the program cannot change this step.
STATEMENTS = """
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
"""


def upgrade() -> None:
    for statement in STATEMENTS.strip().split("\n\n"):
        op.execute(statement)
