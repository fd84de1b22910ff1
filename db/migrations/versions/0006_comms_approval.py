"""Communications approved outside the desk: who reported it was, when and where that is written."""

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None


def upgrade() -> None:
    for name in ("reported_name", "reported_role", "reported_on", "reported_reference"):
        op.add_column("comms_item", sa.Column(name, sa.Date() if name == "reported_on" else sa.String(), nullable=True))
