"""The fictional desk's other rooms: communications, plans and promises, audits, and an outside list compared.

Fictional colleagues approve and review here as they would under passphrases of their own; they have no way in.
"""

import hashlib
import random
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from oicdesk.audits import records as audits
from oicdesk.audits import records_findings, records_frame, records_review, rules_review
from oicdesk.audits import rules as audit_rules
from oicdesk.audits.rules import Plan
from oicdesk.comms import records as comms
from oicdesk.comms import records_effect, records_evidence, records_series
from oicdesk.comms import rules as comms_rules
from oicdesk.comms.records_evidence import FileRow
from oicdesk.comms.rules import ItemFacts, Recurrence
from oicdesk.recommendations import records as ledger
from oicdesk.recommendations import records_plans, rules
from oicdesk.referrals import sheet_contacts
from oicdesk.referrals.records import Referral
from oicdesk.settings.records import reference
from oicdesk.settings.rules import LONDON, add_months, end_of_day, london_day
from oicdesk.sheets.mapping import propose
from oicdesk.sheets.read import Line, Sheet
from oicdesk.vault.vault import APPROVER, REVIEWER, User, Vault

_INSPECTOR = User(0, "Inspector Ledgerwood", APPROVER)
_SECOND = User(0, "Robin Vale", REVIEWER)
_POST = "OIC Intelligence Officer"
_LEAST_AUDITED = 8  # fewer documents than this make no audit worth looking at


@contextmanager
def _at_the_desk(vault: Vault, who: User) -> Iterator[Session]:
    """One change made by a fictional colleague."""
    with vault.changing() as session:
        session.info["user"] = who
        yield session


def fill(vault: Vault, chance: random.Random, today: date, now: datetime, seed: int) -> list[str]:
    """The rooms beside the register, filled by doing their work."""
    items = _communications(vault, today, now)
    _recommendations(vault, today, now)
    told = [f"{items} communications, three plans with their versions, and the ledger of promises."]
    first = add_months(today.replace(day=1), -5)
    approved = _approved_audit(vault, chance, first, seed)
    in_review = _audit_in_review(vault, chance, add_months(first, 3), now, seed + 1)
    counted = _census(vault, first, now, seed + 2)
    told.append(f"{approved + in_review + counted} audits.")
    told.append(_outside_list(vault, chance, today, now))
    return told


# --- communications ----------------------------------------------------------------------------------------

# title, channel, force, months back, audience, reach, promise
_PUBLISHED = (
    ("Intranet article: why the document matters", comms_rules.INTRANET, "Joint", 9, "All officers and staff", 2140,
     "guidance"),
    ("Briefing: the document after a contact", comms_rules.BRIEFING, "Suffolk", 7, "Suffolk response teams", 96,
     "guidance"),
    ("Guidance page: completing the intelligence document", comms_rules.GUIDANCE_PAGE, "Joint", 5,
     "All officers and staff", 610, "guidance"),
    ("The document in the custody induction", comms_rules.EMBEDDED, "Joint", 4, "New custody staff", 24,
     "programmes"),
    ("Internal message: documents still to submit", comms_rules.INTERNAL_MESSAGE, "Norfolk", 3, "Norfolk supervisors",
     58, "guidance"),
    ("Briefing: a victim first", comms_rules.BRIEFING, "Norfolk", 3, "Norfolk response teams", 71, "guidance"),
)  # fmt: skip
_MESSAGE = "After a contact with the NCCU the reporting officer completes and submits the intelligence document."


def _communications(vault: Vault, today: date, now: datetime) -> int:
    began = end_of_day(add_months(today, -10))
    with vault.changing() as session:
        campaign = comms.add_campaign(
            session, "The document after the contact", aim="Documents in time after every contact", owner=_POST,
            now=began,
        )  # fmt: skip
    for place, (title, channel, force, months, audience, reach, promise) in enumerate(_PUBLISHED):
        on = add_months(today, -months) + timedelta(days=3 * place)
        facts = ItemFacts(
            title, audience, channel, _MESSAGE, force=force, recommendation=2, promise=promise, owner=_POST,
            planned_on=on, campaign_id=campaign, effort_minutes=60 + 30 * place,
        )  # fmt: skip
        item = _published(vault, facts, on, reach)
        if months > 4:
            _evaluated(vault, item, now)
    recent = today - timedelta(days=9)
    _published(vault, ItemFacts(
        "Poster in the report rooms", "Response teams", comms_rules.GUIDANCE_PAGE, _MESSAGE, recommendation=2,
        promise="guidance", owner=_POST, planned_on=recent, campaign_id=campaign,
    ), recent, None)  # fmt: skip
    return len(_PUBLISHED) + 1 + _coming(vault, today, now, campaign)


def _published(vault: Vault, facts: ItemFacts, on: date, reach: int | None) -> int:
    written, told = end_of_day(on - timedelta(days=12)), end_of_day(on)
    with vault.changing() as session:
        item = comms.add_item(session, facts, now=written, status=comms_rules.PLANNED)
    with _at_the_desk(vault, _INSPECTOR) as session:
        comms.approve(session, item, now=written + timedelta(days=2))
    with vault.changing() as session:
        comms.publish(session, item, on, now=told, reach=reach, reach_basis="page views or attendance" if reach else "")
        copy = facts.title.encode()
        file = FileRow(f"copy of item {item}.pdf", hashlib.sha256(copy).hexdigest(), 40_000 + len(copy))
        records_evidence.add_evidence(session, item, file, note="as published", now=told)
    return item


def _evaluated(vault: Vault, item: int, now: datetime) -> None:
    with vault.changing() as session:
        found = records_effect.effect(session, item, now)
        comms.evaluate(
            session, item, "Read by those it was for; the next one names the form at once.", verdict=found.verdict,
            effect=found.in_words, now=now,
        )  # fmt: skip


def _coming(vault: Vault, today: date, now: datetime, campaign: int) -> int:
    """What lies ahead: planned, approved, an idea, a called-off item and a monthly one."""
    soon = ItemFacts(
        "Briefing: what a good document holds", "Ports teams", comms_rules.BRIEFING, _MESSAGE, recommendation=2,
        promise="guidance", owner=_POST, planned_on=today + timedelta(days=8), campaign_id=campaign,
    )  # fmt: skip
    later = ItemFacts(
        "Training hour on the four modules", "Frontline supervisors", comms_rules.TRAINING_SESSION,
        "Make an hour for each team to finish its modules.", recommendation=9, promise="modules", owner=_POST,
        planned_on=today + timedelta(days=15),
    )  # fmt: skip
    with vault.changing() as session:
        comms.add_item(session, soon, now=now, status=comms_rules.PLANNED)
        approved = comms.add_item(session, later, now=now, status=comms_rules.PLANNED)
        comms.add_item(session, ItemFacts("A short film on provenance"), now=now)
        off = comms.add_item(session, ItemFacts("Stand at the open day"), now=now - timedelta(days=30))
        comms.cancel(session, off, "The open day was called off.", now=now - timedelta(days=20))
        monthly = ItemFacts(
            "Monthly figures for supervisors", "Supervisors", comms_rules.INTERNAL_MESSAGE,
            "How many contacts of your team have a document, and which are still due.", recommendation=2,
            promise="guidance", owner=_POST,
        )  # fmt: skip
        rule = Recurrence(comms_rules.MONTHLY, today + timedelta(days=5), add_months(today, 6))
        _series, ids = records_series.add_series(session, monthly, rule, now=now)
    with _at_the_desk(vault, _INSPECTOR) as session:
        comms.approve(session, approved, now=now)
    return 4 + len(ids)


# --- recommendations, plans, reviews, liaison --------------------------------------------------------------

_PLANS = (
    (rules.COLLECTION, "OIC collection plan"), (rules.ANALYSIS, "OIC analysis plan"),
    (rules.SHARING, "Sharing with Immigration Enforcement"),
)  # fmt: skip
_LIAISON = (
    ("Suffolk", "Ipswich"), ("Suffolk", "East Suffolk"), ("Suffolk", "West Suffolk"), ("Norfolk", "Norwich"),
    ("Norfolk", "Breckland"), ("Norfolk", "Great Yarmouth"),
)  # fmt: skip
_SUBJECTS = (
    "What the product should say for the district", "Contacts of the summer and their documents",
    "A quarterly page for the district", "Which teams to brief next",
)  # fmt: skip


def _recommendations(vault: Vault, today: date, now: datetime) -> None:
    filled = add_months(today, -12)
    for place, (kind, title) in enumerate(_PLANS):
        _plan(vault, kind, title, add_months(today, -9) + timedelta(days=9 * place), today, now)
    with vault.changing() as session:
        for months in range(8, 0, -2):
            on = add_months(today, -months)
            kind = rules.INTELLIGENCE if months % 4 else rules.TASKING
            records_plans.add_review(
                session, kind, on, analyst="OIC analyst", subject=f"Fictional package of {on:%B %Y}",
                outcome="Two collection gaps named.", now=end_of_day(on),
            )  # fmt: skip
        for place, (force, district) in enumerate(_LIAISON):
            on = add_months(today, -6) + timedelta(days=23 * place)
            records_plans.add_liaison(
                session, rules.PRODUCT if place % 3 == 2 else rules.MEETING, on, force=force, district=district,
                who="local Superintendent lead", subject=_SUBJECTS[place % len(_SUBJECTS)],
                agreed="One page each quarter.", now=end_of_day(on),
            )  # fmt: skip
        ledger.add_evidence(
            session, 2, "The post-holder began on this day.", filled, promise="post", shows_met=True,
            now=end_of_day(filled),
        )  # fmt: skip
        for number in (2, 4, 8, 9):
            ledger.move(session, number, rules.IN_PROGRESS, at=end_of_day(filled), now=now)
        ledger.add_evidence(session, 4, "Plans laid before the joint board.", add_months(today, -7), now=now)
        ledger.move(session, 4, rules.EVIDENCE_READY, now=now)


def _plan(vault: Vault, kind: str, title: str, on: date, today: date, now: datetime) -> None:
    written = end_of_day(on)
    with vault.changing() as session:
        plan = records_plans.add_plan(session, kind, title, now=written)
        version = records_plans.add_version(
            session, plan, "1.0", owner=_POST, review_on=add_months(today, 3), link="Joint unit library", now=written
        )
    with _at_the_desk(vault, _INSPECTOR) as session:
        records_plans.approve_version(session, version, now=written + timedelta(days=6))
    if kind == rules.COLLECTION:
        with vault.changing() as session:
            records_plans.add_version(
                session, plan, "1.1", owner=_POST, review_on=add_months(today, 9), link="Joint unit library",
                now=now - timedelta(days=4),
            )  # fmt: skip


# --- audits ------------------------------------------------------------------------------------------------


def _approved_audit(vault: Vault, chance: random.Random, first: date, seed: int) -> int:
    """A quality audit from its plan to its approval, with a second review, a finding and an action."""
    last = add_months(first, 2) - timedelta(days=1)
    now = end_of_day(last + timedelta(days=12))
    audit = _frozen(vault, Plan(f"Documents of {first:%B} and {last:%B %Y}", audit_rules.RANDOM, first, last,
                                aim="Whether documents meet the checklist.", margin=0.2), now, seed)  # fmt: skip
    if audit is None:
        return 0
    with vault.changing() as session:
        _answer_all(session, chance, audit, records_review.FIRST, now)
    later = now + timedelta(days=5)
    with _at_the_desk(vault, _SECOND) as session:
        records_review.start_second_review(session, audit, now=later)
        _answer_all(session, chance, audit, records_review.SECOND, later)
    with vault.changing() as session:
        _settle(session, audit, later)
        finding = records_findings.add_finding(
            session, audit, "Conditions of handling code C are often missing", severity="Medium", criterion=10,
            detail="Documents with handling code C do not always say what the conditions are.", now=later,
        )  # fmt: skip
        records_findings.add_finding(
            session, audit, "Provenance is told well", kind=records_findings.GOOD_PRACTICE, criterion=11, now=later
        )
        action = records_findings.add_action(
            session, finding, "Put the conditions into the briefing on the document", owner=_POST,
            due_on=london_day(later) + timedelta(days=60), now=later,
        )  # fmt: skip
        records_findings.move_action(session, action, audit_rules.IN_PROGRESS, now=later + timedelta(days=8))
        audits.write_limits(session, audit, "Two documents were seen on paper only.")
        records_review.moderate(session, audit, now=later + timedelta(days=2))
    with _at_the_desk(vault, _INSPECTOR) as session:
        records_findings.approve(session, audit, now=later + timedelta(days=6))
        records_findings.release_panel(session, audit, now=later + timedelta(days=7))
    return 1


def _audit_in_review(vault: Vault, chance: random.Random, first: date, now: datetime, seed: int) -> int:
    """The next audit, its first review half done."""
    last = add_months(first, 1) - timedelta(days=1)
    plan = Plan(f"Documents of {first:%B %Y}", audit_rules.RANDOM, first, last, aim="Whether documents are better.")
    audit = _frozen(vault, plan, now - timedelta(days=6), seed)
    if audit is None:
        return 0
    with vault.changing() as session:
        _answer_all(session, chance, audit, records_review.FIRST, now - timedelta(days=2), share=0.5)
    return 1


def _census(vault: Vault, first: date, now: datetime, seed: int) -> int:
    """A census check of coverage, its sample frozen and waiting for its review."""
    last = add_months(first, 1) - timedelta(days=1)
    plan = Plan(f"Coverage of {first:%B %Y}", audit_rules.CENSUS, first, last,
                population_rule=audit_rules.IN_SCOPE)  # fmt: skip
    return 0 if _frozen(vault, plan, now - timedelta(days=3), seed) is None else 1


def _frozen(vault: Vault, plan: Plan, now: datetime, seed: int) -> int | None:
    """The audit with its sample frozen; nothing where the register of that time is too small."""
    with vault.changing() as session:
        found = records_frame.population(session, plan, now)
        if sum(row.excluded_because is None for row in found) < _LEAST_AUDITED:
            return None
        audit = audits.plan(session, plan, now=now - timedelta(days=1))
        records_frame.freeze(session, audit, as_at=now, now=now, seed=seed)
    return audit


def _answer_all(
    session: Session, chance: random.Random, audit: int, round: str, now: datetime, *, share: float = 1.0
) -> None:
    order = records_review.review_order(session, audit, round)
    for item in order[: max(1, int(len(order) * share))]:
        case = records_review.review_case(session, audit, item, round)
        for number in case.unanswered:
            given = chance.choices(
                (rules_review.MET, rules_review.PARTLY_MET, rules_review.NOT_MET, rules_review.NOT_APPLICABLE),
                weights=(91, 3, 3, 3),
            )[0]  # fmt: skip
            reason = "Nothing of that kind in this case." if given == rules_review.NOT_APPLICABLE else ""
            comment = "See the second paragraph." if given == rules_review.NOT_MET else ""
            records_review.answer(
                session, audit, item, number, given, now=now, round=round, reason=reason, comment=comment
            )


def _settle(session: Session, audit: int, now: datetime) -> None:
    for row in records_review.differences(session, audit):
        records_review.adjudicate(
            session, audit, row.item_id, row.number, rules_review.MET, now=now, comment="Read together: it is there."
        )


# --- an outside list ---------------------------------------------------------------------------------------

_LISTED_MONTHS = 18
_COLUMNS = ("NCCU reference", "Received", "Force", "Officer", "Category", "Nominals")


def _outside_list(vault: Vault, chance: random.Random, today: date, now: datetime) -> str:
    """The NCCU's fictional list of a year and a half compared with the register: some only theirs, some only ours."""
    since = end_of_day(add_months(today, -_LISTED_MONTHS))
    with vault.reading() as session:
        desk = reference(session)
        cases = session.execute(
            select(
                Referral.nccu_ref, Referral.contact_at, Referral.force, Referral.officer_collar, Referral.reason,
                Referral.persons,
            )
            .where(Referral.contact_at > since, Referral.contact_at <= now - timedelta(days=5))
            .order_by(Referral.contact_at, Referral.id)
        ).all()  # fmt: skip
        labels = dict(desk.choices("contact_reason"))
    rows: list[list[Any]] = []
    for ref, at, force, collar, reason, persons in cases:
        if chance.random() < 0.08 or at is None:
            continue  # only ours
        wall = at.astimezone(LONDON) + timedelta(minutes=chance.randrange(-4, 9))
        rows.append([ref or "", f"{wall:%d/%m/%Y %H:%M}", force or "", (collar or "").replace(" ", ""),
                     labels.get(reason or "", ""), str(persons or 1)])  # fmt: skip
    for _one in range(max(1, len(rows) // 25)):
        wall = since.astimezone(LONDON) + timedelta(minutes=chance.randrange(60 * 24 * 500))
        force = chance.choice(("Suffolk", "Norfolk"))
        rows.append([f"DEMO{chance.randrange(10**6):06d}", f"{wall:%d/%m/%Y %H:%M}", force,
                     f"PC{chance.randrange(100, 9900)}", labels["person_in_custody"], "1"])  # fmt: skip
    sheet = Sheet("demo-nccu-list.csv", "", "", 1, list(_COLUMNS), [Line(n, row) for n, row in enumerate(rows, 2)])
    with vault.changing() as session:
        desk = reference(session)
        run = sheet_contacts.check(session, sheet, propose(sheet, sheet_contacts.targets(desk)), desk, now=now)
        done = sheet_contacts.write(session, run, file_name=sheet.file, file_sha256="", now=now)
    counts = done.counts()
    return (
        f"An outside list of {counts['rows']} contacts: {counts['matched']} matched, {counts['only_theirs']} only"
        f" theirs, {counts['only_ours']} only ours."
    )
