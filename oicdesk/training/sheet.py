"""What the two training imports share: limits of a file, and codes of names."""

from oicdesk.settings.records import Reference
from oicdesk.sheets.read import Limits

_MB = 1_000_000


def limits(desk: Reference) -> Limits:
    """What a file may hold, as the desk is set."""
    return Limits(
        rows=desk.setting("import_max_rows"),
        columns=desk.setting("import_max_columns"),
        cell=desk.setting("import_max_cell_mb") * _MB,
        unpacked=desk.setting("import_max_unpacked_mb") * _MB,
    )
