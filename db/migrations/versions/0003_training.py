"""Training: tables."""

from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

# Written out as it stood on the day, so that later changes to the program cannot change this step.
STATEMENTS = """
"""


def upgrade() -> None:
    for statement in STATEMENTS.strip().split("\n\n"):
        if statement:
            op.execute(statement)
