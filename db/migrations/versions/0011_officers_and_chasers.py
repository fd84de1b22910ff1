"""Officers and their moves, teams' new names, texts of chasers, deputy cover, what a user has seen; contact facts."""

import re
import unicodedata
from collections import defaultdict

import sqlalchemy as sa
from alembic import op

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None

# Written out as it stood on the day, so that later changes to the program cannot change this step.
STATEMENTS = """
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
"""


def upgrade() -> None:
    for name in ("contact_made_by", "nccu_passed_at", "nccu_acknowledged_at"):
        kind = sa.String() if name == "contact_made_by" else sa.String(27)
        op.add_column("referral", sa.Column(name, kind, nullable=True))
    op.execute("ALTER TABLE chaser ADD COLUMN officer_id INTEGER REFERENCES officer (id)")
    for name in ("next_at", "answered_at"):
        op.add_column("chaser", sa.Column(name, sa.String(27), nullable=True))
    for statement in STATEMENTS.strip().split("\n\n"):
        op.execute(statement)
    _fill()


def _fill() -> None:
    """The directory starts with the officers and supervisors of the contacts; the newest contact tells where they are."""
    connection = op.get_bind()
    rows = connection.exec_driver_sql(
        "SELECT force, officer_collar, officer_name, officer_rank, team, supervisor, contact_at, created_at"
        " FROM referral WHERE withdrawn_at IS NULL AND force IS NOT NULL ORDER BY contact_at DESC, id DESC"
    ).fetchall()
    found: dict[tuple[str, str, str], list[str]] = {}
    for force, collar, name, rank, team, supervisor, contact_at, created_at in rows:
        for one in ((collar, name, rank, team, supervisor), ("", supervisor, "", team, "")):
            texts = [(text or "").strip() for text in one]
            key = (force, _collar_key(texts[0]), _name_key(texts[1]))
            if key[1] or key[2]:
                found.setdefault(key, [force, *texts, contact_at[:10], created_at])
    # Who is known by name or collar number alone is the officer who has both, where the force has only one such.
    whole = defaultdict(int)
    for force, collar, name in found:
        if collar and name:
            whole[force, collar, ""] += 1
            whole[force, "", name] += 1
    kept = [(key, facts) for key, facts in found.items() if whole[key] != 1]
    for number, (key, facts) in enumerate(kept, 1):
        force, collar, name, rank, team, supervisor, day, at = facts
        words = _plain(" ".join(filter(None, (name, collar, collar.replace(" ", ""), team, supervisor))))
        connection.exec_driver_sql(
            "INSERT INTO officer VALUES (?, ?, ?, ?, ?, '', ?, ?, NULL, ?, ?, 'taken over')",
            (number, force, collar, name, rank, team, supervisor, words, at),
        )
        connection.exec_driver_sql(
            "INSERT INTO officer_name (officer_id, force, collar_key, name_key) VALUES (?, ?, ?, ?)", (number, *key)
        )
        connection.exec_driver_sql(
            "INSERT INTO officer_move (officer_id, from_on, team, supervisor, why, recorded_at, recorded_by)"
            " VALUES (?, ?, ?, ?, 'from a contact', ?, 'taken over')",
            (number, day, team, supervisor, at),
        )


def _plain(text: str) -> str:
    apart = unicodedata.normalize("NFKD", text).casefold()
    return "".join(letter for letter in apart if not unicodedata.combining(letter))


def _name_key(text: str) -> str:
    return " ".join(sorted(re.findall(r"\w[\w'-]*", _plain(text).replace("’", "'"))))


def _collar_key(text: str) -> str:
    return "".join(filter(str.isalnum, unicodedata.normalize("NFKC", text.upper())))
