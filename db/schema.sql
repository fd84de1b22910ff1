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

CREATE TABLE draft (
  "key" VARCHAR NOT NULL,
  content VARCHAR NOT NULL,
  saved_at VARCHAR(27) NOT NULL,
  user_id INTEGER NOT NULL,
  PRIMARY KEY ("key"),
  FOREIGN KEY(user_id) REFERENCES desk_user (id)
);

CREATE TRIGGER activity_is_never_altered BEFORE UPDATE ON activity
BEGIN SELECT RAISE(ABORT, 'the log is append-only'); END;

CREATE TRIGGER activity_is_never_removed BEFORE DELETE ON activity
BEGIN SELECT RAISE(ABORT, 'the log is append-only'); END;

CREATE TRIGGER activity_follows_its_predecessor BEFORE INSERT ON activity
WHEN NEW.id IS NOT (SELECT coalesce(max(id), 0) + 1 FROM activity)
  OR NEW.prev IS NOT coalesce((SELECT hash FROM activity ORDER BY id DESC LIMIT 1), '0000000000000000000000000000000000000000000000000000000000000000')
  OR length(NEW.hash) <> 64
BEGIN SELECT RAISE(ABORT, 'an entry of the log must follow the last one'); END;

INSERT INTO alembic_version (version_num) VALUES ('0001');
