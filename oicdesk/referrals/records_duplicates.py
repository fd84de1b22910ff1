"""Possible duplicates across the register, and what a person said of them. Both records of a link stay."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, and_, or_, select
from sqlalchemy.orm import Session

from oicdesk.errors import Refused
from oicdesk.referrals import records, rules, rules_duplicates
from oicdesk.referrals.records import Referral, ReferralEvent
from oicdesk.referrals.records_outside import OurRow, our_rows
from oicdesk.referrals.rules_duplicates import NOT_A_DUPLICATE, Filed
from oicdesk.referrals.rules_reconcile import reference_key
from oicdesk.settings.records import reference
from oicdesk.vault import log

Progress = Callable[[float, str], None]


@dataclass(frozen=True)
class PairRow:
    """Two referrals that may be, or were said to be, one contact; `id` is the later one's."""

    id: int
    primary: OurRow
    other: OurRow
    why: str


def suggested(session: Session, *, force: str | None = None, progress: Progress | None = None) -> list[PairRow]:
    """Pairs that nobody has decided about, the newest first; one line for each later referral and its primary."""
    window = timedelta(minutes=reference(session).setting("reconcile_window_minutes"))
    where = [Referral.stage != records.WITHDRAWN, Referral.status != rules.DUPLICATE]
    if force is not None:
        where.append(Referral.force == force)
    found = rules_duplicates.suggest(
        _filed(session, *where), window=window, refused=_refused(session), progress=progress
    )
    rows = {row.id: row for row in our_rows(session, sorted({i for one in found for i in (one.primary, one.other)}))}
    pairs: dict[int, PairRow] = {}
    for one in found:
        # Of several earlier ones the earliest stays: the line names that.
        kept = pairs.get(one.other)
        if kept is None or _earlier(rows[one.primary], kept.primary):
            pairs[one.other] = PairRow(one.other, rows[one.primary], rows[one.other], "; ".join(one.why))
    return list(pairs.values())


def _earlier(one: OurRow, other: OurRow) -> bool:
    return one.contact_at is not None and (other.contact_at is None or one.contact_at < other.contact_at)


def of_case(session: Session, referral_id: int) -> list[tuple[int, str, datetime, str]]:
    """What may be the same contact as this case: (id, reference, contact, why), the oldest first."""
    case = records.get(session, referral_id)
    window = timedelta(minutes=reference(session).setting("reconcile_window_minutes"))
    close = Referral.contact_at.between(case.contact_at - window, case.contact_at + window)
    alike: list[ColumnElement[bool]] = []
    if case.officer_collar:
        alike.append(and_(Referral.officer_collar == case.officer_collar, close))
    alike += [
        column == key
        for column, key in ((Referral.nccu_key, case.nccu_key), (Referral.crime_key, case.crime_key))
        if reference_key(key)  # words without a figure are no reference
    ]
    if case.incident_key:
        alike.append(Referral.incident_key == case.incident_key)
    if not alike:
        return []
    filed = _filed(session, Referral.stage != records.WITHDRAWN, or_(Referral.id == referral_id, *alike))
    times = {one.id: one.at for one in filed}
    found: dict[int, list[str]] = {}
    for one in rules_duplicates.suggest(filed, window=window, refused=_refused(session, referral_id)):
        if referral_id in (one.primary, one.other):
            found.setdefault(one.other if one.primary == referral_id else one.primary, []).extend(one.why)
    rows = [(row, times[row.id]) for row in our_rows(session, sorted(found))]
    return [(row.id, row.reference, at or case.contact_at, "; ".join(found[row.id])) for row, at in rows]


def _filed(session: Session, *where: Any) -> list[Filed]:
    rows = session.execute(
        select(
            Referral.id, Referral.ref_order, Referral.force, Referral.contact_at, Referral.contact_at_known,
            Referral.officer_collar, Referral.officer_name, Referral.incident_ref, Referral.incident_key,
            Referral.nccu_ref, Referral.crime_ref,
        ).where(*where)
    )  # fmt: skip
    return [
        Filed(
            row.id, row.ref_order, row.force, row.contact_at if row.contact_at_known else None,
            rules.normalised_reference(row.officer_collar) or rules.normalised_reference(row.officer_name),
            row.incident_key or "", row.incident_ref or "", reference_key(row.nccu_ref), row.nccu_ref or "",
            reference_key(row.crime_ref), row.crime_ref or "",
        )
        for row in rows
    ]  # fmt: skip


# --- deciding ---


def refuse(session: Session, one_id: int, other_id: int, reason: str, *, now: datetime) -> None:
    """Say that two referrals are two contacts, for a reason; they are not suggested again."""
    if not reason.strip():
        raise Refused("A suggestion is refused only with a reason; write why these are two contacts.", field="reason")
    one, other = records.get(session, one_id), records.get(session, other_id)
    for case, against in ((one, other), (other, one)):
        records.note_event(
            session, case.id, NOT_A_DUPLICATE, at=now, now=now, reason=f"{against.reference}: {reason.strip()}"
        )
    log.record(session, log.ALTERATION, referral=[one_id, other_id], fields=["not a duplicate"])


def take_back_refusal(session: Session, one_id: int, other_id: int, *, now: datetime) -> None:
    """Let a pair be suggested again; the history keeps that it was refused."""
    labels = {one_id: records.get(session, other_id).reference, other_id: records.get(session, one_id).reference}
    for case_id, label in labels.items():
        for event in _refusals(session, case_id):
            if (event.reason or "").partition(":")[0] == label:
                event.kind = f"{NOT_A_DUPLICATE}, taken back"
    log.record(session, log.ALTERATION, referral=[one_id, other_id], fields=["not a duplicate"], detail="taken back")


def _refusals(session: Session, case_id: int | None = None) -> Iterable[ReferralEvent]:
    query = select(ReferralEvent).where(ReferralEvent.kind == NOT_A_DUPLICATE)
    return session.scalars(query if case_id is None else query.where(ReferralEvent.referral_id == case_id)).all()


def _refused(session: Session, case_id: int | None = None) -> list[tuple[int, int]]:
    events = list(_refusals(session, case_id))
    labels = {(event.reason or "").partition(":")[0] for event in events}
    ids = {
        row.reference: row.id
        for row in session.execute(select(Referral.reference, Referral.id).where(Referral.reference.in_(labels)))
    }
    pairs = ((event.referral_id, ids.get((event.reason or "").partition(":")[0])) for event in events)
    return [(one, other) for one, other in pairs if other is not None]


def linked(session: Session, *, force: str | None = None) -> list[PairRow]:
    """Referrals that are linked to a surviving case, the newest first, with the reason given."""
    query = select(Referral.id, Referral.duplicate_of).where(
        Referral.duplicate_of.is_not(None), Referral.stage != records.WITHDRAWN
    )
    if force is not None:
        query = query.where(Referral.force == force)
    links = {row.id: row.duplicate_of for row in session.execute(query)}
    rows = {row.id: row for row in our_rows(session, sorted({*links, *links.values()}))}
    told = session.execute(
        select(ReferralEvent.referral_id, ReferralEvent.reason)
        .where(ReferralEvent.to_status == rules.DUPLICATE, ReferralEvent.kind == "status")
        .order_by(ReferralEvent.id)
    )
    reasons = {row.referral_id: row.reason for row in told}
    found = [PairRow(one, rows[links[one]], rows[one], reasons.get(one) or "") for one in links if links[one] in rows]
    return sorted(found, key=lambda pair: pair.other.ref_order, reverse=True)
