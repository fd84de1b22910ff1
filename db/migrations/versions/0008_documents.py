"""Lists of documents, working drafts with their versions, and the register of disclosures: tables."""

from alembic import op

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None

# Written out as it stood on the day, so that later changes to the program cannot change this step.
STATEMENTS = """
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
"""


def upgrade() -> None:
    for statement in STATEMENTS.strip().split("\n\n"):
        op.execute(statement)
