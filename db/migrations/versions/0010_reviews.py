"""Holds, reviews, rights requests and breaches; exemptions that expire; how a person's identity is known."""

from alembic import op
from sqlalchemy import Column, Date, String

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None

# Written out as it stood on the day, so that later changes to the program cannot change this step.
STATEMENTS = """
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
"""


def upgrade() -> None:
    op.add_column("exemption", Column("expires_on", Date()))
    op.add_column("person", Column("identity_basis", String()))
    op.add_column("person", Column("erased_at", String(27)))
    for statement in STATEMENTS.strip().split("\n\n"):
        op.execute(statement)
