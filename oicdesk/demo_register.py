"""What the fictional officer did to single cases of late: drafts, pauses, holds, requests, a list of reports."""

import hashlib
from collections.abc import Sequence
from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from oicdesk.documents import records_drafts, rules_draft, sheet_list
from oicdesk.documents.rules import Grades
from oicdesk.documents.rules_draft import Draft, Item
from oicdesk.referrals import (
    records_breaches,
    records_clock,
    records_exemptions,
    records_holds,
    records_officers,
    records_rights,
    records_views,
    rules,
)
from oicdesk.referrals.records import Referral
from oicdesk.referrals.records_officers import Officer
from oicdesk.referrals.records_views import Spec
from oicdesk.settings.records import reference
from oicdesk.settings.rules import LONDON, add_months, london_day
from oicdesk.sheets.mapping import propose
from oicdesk.sheets.read import Line, Sheet
from oicdesk.vault.vault import Vault

_DRAFTS = (
    Draft("Lorry stopped at a lay-by", (
        Item("Two people said that they had been in the trailer since the ferry.", "Seen and heard by the officer.",
             Grades("1", "A", "P")),
        Item("The driver said that he had not looked into the trailer since loading.", "Told by the driver.",
             Grades("2", "C", "P")),
    )),
    Draft("Car wash with workers who live on site", (
        Item("Five people sleep in a room above the car wash.", "Seen during a visit with the fire service."),
    )),
)  # fmt: skip
_COLUMNS = ("Report reference", "Author", "Owning force", "Date submitted", "NCCU reference")


def fill(vault: Vault, now: datetime) -> list[str]:
    """Work of the last weeks on cases that still wait; nothing where none does."""
    today = london_day(now)
    with vault.changing() as session:
        waiting = _cases(session, rules.AWAITING_DOCUMENT)
        done = _cases(session, rules.CLOSED)
        taken = iter(waiting)
        drafts = _drafts(session, taken, now)
        _clocks(session, taken, today, now)
        _keeping(session, done, today, now)
        _views(session, now)
        for case, _why in zip(taken, range(2), strict=False):
            reason = reference(session).choices("exemption_reason")[-1][0]
            records_exemptions.ask(session, case, reason, "Entered twice by the control room.",
                                   now=now - timedelta(days=2))  # fmt: skip
        rest = list(taken)
    listed = _reports(vault, rest[:6], now)
    return [f"{drafts} working drafts, pauses, snoozes and holds, and a list of {listed} reports compared."]


def _cases(session: Session, status: str) -> list[int]:
    """Cases that are in this status, the newest contact first."""
    query = select(Referral.id).where(Referral.status == status, Referral.nccu_ref.is_not(None))
    return list(session.scalars(query.order_by(Referral.contact_at.desc(), Referral.id)))


def _drafts(session: Session, cases: Any, now: datetime) -> int:
    made = 0
    for draft, case in zip(_DRAFTS, cases, strict=False):
        at = now - timedelta(days=3 + 19 * made)
        begun = records_drafts.begin(session, case, now=at)
        first = Draft(draft.title, draft.items[:1])
        for text in (first, draft):
            rules_draft.check_size(text)
            records_drafts.autosave(session, begun, text)
            at += timedelta(minutes=20)
            records_drafts.keep_version(session, begun, now=at)
        made += 1
    return made


def _clocks(session: Session, cases: Any, today: date, now: datetime) -> None:
    for case, reason in zip(cases, ("The officer is on a course until Friday.",), strict=False):
        at = now - timedelta(days=4)
        records_clock.pause(session, case, reason, at=at, now=at)
    for case, days in zip(cases, (2, 6), strict=False):
        records_clock.snooze(session, case, today + timedelta(days=days), "The supervisor answers then.", now=now)


def _keeping(session: Session, done: Sequence[int], today: date, now: datetime) -> None:
    """What the law asks of the register: a hold, a request, a breach; and an officer who is away."""
    for case in done[:1]:
        records_holds.place_hold(session, case, "court", "Fictional trial listed.", add_months(today, 4), now=now)
    records_rights.open_request(
        session, {"kind": "access", "requester": "Solicitors of a fictional person", "received_on": today},
        now=now,
    )  # fmt: skip
    aware = now - timedelta(days=60)
    records_breaches.record(
        session,
        {"facts": "A printed list was left in a briefing room for an hour.", "aware_at": aware,
         "effects": "Two people of the shift may have read it.", "remedy": "The list was shredded.",
         "why_not_told": "No risk to anybody's rights was found by the data protection officer."}, now=aware,
    )  # fmt: skip
    away = session.scalar(select(Officer.id).order_by(Officer.id).limit(1))
    if away is not None:
        records_officers.be_away(session, away, today - timedelta(days=3), today + timedelta(days=11), now=now)


def _views(session: Session, now: datetime) -> None:
    records_views.save_view(
        session, "Ports, still without a document", Spec(words="Ports"), now=now - timedelta(days=30)
    )


def _reports(vault: Vault, cases: Sequence[int], now: datetime) -> int:
    """The reporting system's list of late documents: some settle a case, one fits none, one says nothing of when."""
    with vault.reading() as session:
        found = session.execute(
            select(Referral.nccu_ref, Referral.force, Referral.officer_name, Referral.contact_at)
            .where(Referral.id.in_(cases))
            .order_by(Referral.id)
        ).all()
    rows: list[list[Any]] = []
    for place, (ref, force, name, contact) in enumerate(found, 1):
        submitted = min(contact + timedelta(days=20), now - timedelta(hours=place)).astimezone(LONDON)
        rows.append([f"DEMO-LATE-{place:03d}", name or "", force or "", f"{submitted:%d/%m/%Y %H:%M}", ref])
    wall = (now - timedelta(days=8)).astimezone(LONDON)
    rows.append(["DEMO-LATE-900", "Nobody, Known", "Suffolk", f"{wall:%d/%m/%Y %H:%M}", "DEMO-NONE"])
    rows.append(["DEMO-LATE-901", "Nobody, Known", "Norfolk", "", ""])
    sha256 = hashlib.sha256(repr(rows).encode()).hexdigest()
    lines = [Line(number, row) for number, row in enumerate(rows, 2)]
    sheet = Sheet("demo-reports.csv", "", "", 1, list(_COLUMNS), lines, sha256)
    with vault.changing() as session:
        desk = reference(session)
        run = sheet_list.check(session, sheet, propose(sheet, sheet_list.targets(desk)), desk, now=now)
        sheet_list.write(session, run, file_name=sheet.file, file_sha256=sha256, now=now)
    return len(rows)
