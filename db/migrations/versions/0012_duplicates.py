"""References in one spelling, so that the same one written differently is found at once."""

from alembic import op

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None

# Written out as it stood on the day, so that later changes to the program cannot change this step.
_PLAIN = "replace(replace(replace(replace(replace(upper({0}), ' ', ''), '/', ''), '-', ''), '.', ''), '_', '')"


def upgrade() -> None:
    for name in ("nccu", "crime"):
        plain = _PLAIN.format(f"{name}_ref")
        op.execute(f"ALTER TABLE referral ADD COLUMN {name}_key VARCHAR GENERATED ALWAYS AS ({plain}) VIRTUAL")
        op.execute(f"CREATE INDEX ix_referral_{name}_key ON referral ({name}_key)")
