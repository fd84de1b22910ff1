"""Outside lists of contacts, and what each contact turned out to be: tables."""

from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None

# Written out as it stood on the day, so that later changes to the program cannot change this step.
STATEMENTS = """
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
"""


def upgrade() -> None:
    for statement in STATEMENTS.strip().split("\n\n"):
        op.execute(statement)
