"""What the two training imports share: limits of a file, and codes of names."""

from oicdesk.settings.records import Reference
from oicdesk.sheets.read import Limits


def limits(desk: Reference) -> Limits:
    """What a file may hold, as the desk is set."""
    return Limits.set_by(desk.setting)
