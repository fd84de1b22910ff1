"""What the find-or-do box and forms ask at each key: referrals, officers, teams, districts. Never notes or people.

Officers' names may be misspelt: a word that begins no known one is taken for those it resembles.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import cast

from sqlalchemy import Table, func, or_, select, text
from sqlalchemy.orm import Session

from oicdesk.referrals import records_officers, records_teams, rules
from oicdesk.referrals.records import WITHDRAWN, Referral
from oicdesk.referrals.records_officers import Officer, OfficerName, OfficerRow
from oicdesk.referrals.rules_officers import also_called, searched

_YEAR = 10_000_000
_ALIKE = 0.7  # share of letters in place from which a word may be meant
_LEAST = 4  # letters: a shorter word resembles too many
_C = cast(Table, Referral.__table__).c


@dataclass(frozen=True)
class FoundReferral:
    """A referral as it is listed under the box."""

    id: int
    reference: str
    force: str
    officer: str
    status: str
    matched: str  # another reference that was meant, or nothing


def referrals(session: Session, typed: str, limit: int = 6) -> list[FoundReferral]:
    """Referrals by their own number, by other references and by officer, the newest first."""
    ids = list(dict.fromkeys([*_numbered(session, typed), *_matched(session, typed, limit)]))[:limit]
    columns = (
        _C.id, _C.reference, _C.force, _C.officer_name, _C.officer_collar, _C.status, _C.incident_ref, _C.nccu_ref,
        _C.crime_ref,
    )  # fmt: skip
    rows = {row.id: row for row in session.execute(select(*columns).where(_C.id.in_(ids), _C.stage < WITHDRAWN))}
    words = searched(typed).split()
    return [
        FoundReferral(
            row.id, row.reference, row.force or "", ", ".join(filter(None, (row.officer_name, row.officer_collar))),
            rules.STATUS_WORDS[row.status],
            next((ref for ref in (row.incident_ref, row.nccu_ref, row.crime_ref) if _has(ref, words)), ""),
        )
        for i in ids
        if (row := rows.get(i)) is not None
    ]  # fmt: skip


def _has(reference: str | None, words: Sequence[str]) -> bool:
    parts = re.findall(r"\w+", searched(reference or ""))
    return bool(words) and all(any(p.startswith(w) for p in parts) for word in words for w in re.findall(r"\w+", word))


def _numbered(session: Session, typed: str) -> list[int]:
    """The referral with this number: OIC-2026-0042, 2026-42, or 42 of the last years."""
    found = re.fullmatch(r"(?:oic[\s-]*)?(?:(\d{4})[\s-]+)?(\d{1,7})", typed.strip().lower())
    if found is None:
        return []
    newest = session.scalar(select(func.max(Referral.ref_order))) or 0
    years = [int(found[1])] if found[1] else [newest // _YEAR - back for back in range(4)]
    orders = [year * _YEAR + int(found[2]) for year in years]
    return list(
        session.scalars(select(Referral.id).where(Referral.ref_order.in_(orders)).order_by(_C.ref_order.desc()))
    )


_COLUMNS = "{reference incident_ref nccu_ref crime_ref officer_name officer_collar}"
# What was withdrawn is still in the index, so it must not use up the few hits that are asked for.
_MATCH = text(
    "SELECT referral_fts.rowid FROM referral_fts JOIN referral ON referral.id = referral_fts.rowid"
    " WHERE referral_fts MATCH :match AND referral.withdrawn_at IS NULL ORDER BY referral_fts.rowid DESC LIMIT :most"
).columns(_C.id)


def _matched(session: Session, typed: str, limit: int) -> list[int]:
    parts = re.findall(r"\w+", typed)
    if not parts:
        return []
    match = " AND ".join(f'{_COLUMNS} : "{part}"*' for part in parts)
    return list(session.scalars(_MATCH, {"match": match, "most": limit}))


# --- officers ---


class OfficerFinder:
    """Finds officers by name or collar number; keeps the words of their names, read again when one is added."""

    def __init__(self) -> None:
        self._newest = -1
        self._words: list[str] = []

    def find(self, session: Session, typed: str, today: date, limit: int = 6) -> list[OfficerRow]:
        """Officers whose entry holds every word typed; if there are few, those whose names resemble them too."""
        words = searched(typed).split()
        if not words:
            return []
        ids = _holding(session, [[word] for word in words], limit)
        if len(ids) < limit and any(len(word) >= _LEAST for word in words):
            meant = [self._alike(session, word) for word in words]
            ids += [i for i in _holding(session, meant, limit) if i not in ids] if all(meant) else []
        return records_officers.officer_rows(session, ids[:limit], today)

    def _alike(self, session: Session, word: str) -> list[str]:
        """The word, and the known ones that it may be a slip of."""
        if len(word) < _LEAST or any(letter.isdigit() for letter in word):
            return [word]
        from rapidfuzz import process
        from rapidfuzz.distance import OSA

        known = self._known(session)
        whole = process.extract(word, known, scorer=OSA.normalized_similarity, score_cutoff=_ALIKE, limit=4)
        begun = [one[: len(word)] for one in known]
        partly = process.extract(word, begun, scorer=OSA.normalized_similarity, score_cutoff=_ALIKE + 0.05, limit=4)
        found = [name for name, _score, _place in whole] + [known[place] for _name, _score, place in partly]
        return list(dict.fromkeys([word, *found]))

    def _known(self, session: Session) -> list[str]:
        newest = session.scalar(select(func.max(OfficerName.id))) or 0
        if newest != self._newest:
            names = session.scalars(select(OfficerName.name_key).distinct())
            self._words = sorted({word for name in names for word in name.split() if len(word) >= _LEAST})
            self._newest = newest
        return self._words


def _holding(session: Session, words: Sequence[Sequence[str]], limit: int) -> list[int]:
    """Officers whose entry has words that begin with one of each of these groups, by name."""
    query, begun = select(Officer.id).order_by(Officer.name, Officer.id).limit(limit), " " + Officer.searched
    for group in words:
        query = query.where(or_(*(begun.contains(f" {word}", autoescape=True) for word in group)))
    return list(session.scalars(query))


# --- teams and districts ---


def _values(column: str) -> str:
    """Every different value of an indexed column, by leaping from one to the next."""
    return (
        f"WITH RECURSIVE leap(one) AS (SELECT min({column}) FROM referral UNION ALL"
        f" SELECT (SELECT min({column}) FROM referral WHERE {column} > one) FROM leap WHERE one IS NOT NULL)"
        " SELECT one FROM leap WHERE one IS NOT NULL"
    )


_TEAMS, _DISTRICTS = text(_values("team")), text(_values("district"))


def teams(session: Session, typed: str, limit: int = 4) -> list[tuple[str, str]]:
    """Teams by the beginnings of their words: (name, its other names in words)."""
    renames = records_teams.renames(session)
    names = set(session.scalars(_TEAMS)) | {one.new for one in renames}
    found = sorted(name for name in names if begins(name, typed))[:limit]
    return [(name, _also(name, also_called(renames, name))) for name in found]


def _also(name: str, others: Sequence[str]) -> str:
    return f"also called {' and '.join(other for other in others if other != name)}" if others else ""


def districts(session: Session, typed: str, limit: int = 4) -> list[str]:
    """Districts by the beginnings of their words."""
    return sorted(name for name in session.scalars(_DISTRICTS) if begins(name, typed))[:limit]


def begins(name: str, typed: str) -> bool:
    """Whether each word typed begins a word of the name."""
    parts = re.findall(r"\w+", searched(name))
    return all(any(part.startswith(word) for part in parts) for word in re.findall(r"\w+", searched(typed)))
