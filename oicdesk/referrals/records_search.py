"""The one search through notes and people for the daily work. A consulting session only; every hit names its case."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from oicdesk.errors import Refused
from oicdesk.referrals import records_rights, rules_retention
from oicdesk.referrals.records import WITHDRAWN, Referral, ReferralNote, note_stands
from oicdesk.referrals.rules_officers import searched

NOTE, PERSON = "note", "person"
MOST = 200  # more hits than this are no answer: a further word narrows them
_AROUND = 60  # letters of a note shown at either side of the word


@dataclass(frozen=True)
class HitRow:
    """A note or a person with its case. `id` is its place, `record_id` its own id; in the order of the cases."""

    id: int
    kind: str
    record_id: int
    referral_id: int
    reference: str
    words: str
    at: datetime
    by: str


@dataclass(frozen=True)
class Found:
    """What a search found; `more` says that there is more than is shown."""

    rows: tuple[HitRow, ...]
    more: bool

    def shown(self) -> dict[str, list[int]]:
        """The ids that are shown, by table, for the log."""
        ids: dict[str, set[int]] = {"referral": set(), "person": set(), "referral_note": set()}
        for row in self.rows:
            ids["referral"].add(row.referral_id)
            ids["person" if row.kind == PERSON else "referral_note"].add(row.record_id)
        return {table: sorted(found) for table, found in ids.items() if found}


def search(session: Session, typed: str, *, now: datetime, force: str = "Joint") -> Found:
    """Notes and people that hold every word; people by label, name and references, never by a trait.

    The newest case first. Log what is shown before it is shown.
    """
    wanted = searched(typed).split()
    if not wanted or max(map(len, wanted)) < 2:
        raise Refused("Write at least two letters of what you look for.", field="words")
    hits = [*_people(session, typed, now), *_notes(session, wanted)]
    known = {
        row.id: row
        for row in session.execute(
            select(Referral.id, Referral.reference, Referral.force, Referral.contact_at, Referral.stage)
        )
        if row.stage < WITHDRAWN and force in ("Joint", row.force)
    }
    kept = [hit for hit in hits if hit[2] in known]
    kept.sort(key=lambda hit: (known[hit[2]].contact_at, hit[2]), reverse=True)
    rows = tuple(
        HitRow(place, kind, record_id, case, known[case].reference, words, at, by)
        for place, (kind, record_id, case, words, at, by) in enumerate(kept[:MOST])
    )
    return Found(rows, len(kept) > MOST)


_Hit = tuple[str, int, int, str, datetime, str]


def _people(session: Session, typed: str, now: datetime) -> list[_Hit]:
    return [
        (
            PERSON, row.id, row.referral_id,
            ", ".join(filter(None, (row.person.facts.label, row.person.facts.name, row.person.force_reference))),
            first.at, first.by,
        )
        for row in records_rights.search(session, typed, now=now)
        for first in sorted(row.person.history, key=lambda change: change.at)[:1]
    ]  # fmt: skip


def _notes(session: Session, wanted: Sequence[str]) -> list[_Hit]:
    query = select(ReferralNote.id, ReferralNote.referral_id, ReferralNote.text, ReferralNote.at, ReferralNote.by)
    return [
        (NOTE, row.id, row.referral_id, _part(row.text, wanted[0]), row.at, row.by)
        for row in session.execute(query.where(note_stands()))
        if rules_retention.holds_all(wanted, [searched(row.text)])
    ]


def _part(text: str, word: str) -> str:
    """The note around the first word found, on one line."""
    flat = " ".join(text.split())
    place = max(0, searched(flat).find(word))
    start, end = max(0, place - _AROUND), place + len(word) + _AROUND
    return ("…" if start else "") + flat[start:end] + ("…" if end < len(flat) else "")
