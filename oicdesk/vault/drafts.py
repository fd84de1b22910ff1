"""Unsaved form contents, kept inside the vault and nowhere else.

The first save and the end are logged. The autosaves between are the one exception to "no unlogged write":
`Vault.changing` lets a transaction pass that touched no table but this one.
"""

import json
from datetime import UTC, datetime
from typing import Any

from sqlalchemy.orm import Session

from oicdesk.vault import log
from oicdesk.vault.tables import Draft


def save(session: Session, key: str, values: dict[str, Any]) -> None:
    """Keep what stands in a form, under the form's key."""
    content, now = json.dumps(values, ensure_ascii=False, default=str), datetime.now(UTC)
    kept = session.get(Draft, key)
    if kept is None:
        session.add(Draft(key=key, content=content, saved_at=now, user_id=session.info["user"].id))
        log.record(session, log.COLLECTION, draft=key)
    else:
        kept.content, kept.saved_at = content, now


def load(session: Session, key: str) -> dict[str, Any] | None:
    """What was last kept under `key`, or None."""
    kept = session.get(Draft, key)
    return None if kept is None else dict(json.loads(kept.content))


def end(session: Session, key: str) -> None:
    """Drop the draft of a form that was saved or given up."""
    kept = session.get(Draft, key)
    if kept is not None:
        session.delete(kept)
        log.record(session, log.ERASURE, draft=key)
