"""Audits: who reviews stands in the plan; a phase of the chart ends with a reason."""

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("audit", sa.Column("reviewers", sa.String(), nullable=False, server_default="[]"))
    op.add_column("audit", sa.Column("second_reviewer", sa.String(), nullable=False, server_default=""))
    for name in ("ended_by", "ended_because"):
        op.add_column("audit_phase", sa.Column(name, sa.String(), nullable=True))
