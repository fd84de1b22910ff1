"""The fictional desk: eighteen months of work done through the same functions that a click calls.

Everybody and everything in it is made up. The same seed and day give the same references, texts and
figures; keys, log times and file bytes differ.
"""

import json
import random
import shutil
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

from sqlalchemy.orm import Session

from oicdesk import demo_register, demo_training, demo_work, paths
from oicdesk.desk import new_desk, save_report
from oicdesk.documents import records as documents
from oicdesk.documents.rules import DocumentFacts, Grades
from oicdesk.documents.sheet import take_over
from oicdesk.errors import Refused
from oicdesk.referrals import records as referrals
from oicdesk.referrals import records_chasers, records_exemptions, records_people, rules, sheet
from oicdesk.settings.records import Reference, change_settings, reference
from oicdesk.settings.rules import LONDON, add_months, end_of_day, london_day, spoken_day, start_of_day
from oicdesk.sheets.mapping import propose
from oicdesk.sheets.read import read
from oicdesk.vault.keys import put
from oicdesk.vault.lock import FolderLock
from oicdesk.vault.vault import Vault

PASSPHRASE = "fictional desk for looking around"
USER = "Demo officer"
VAULT, REPORT, MARK = "demo.oicdesk", "coverage.pdf", ".oicdesk-demo"
SAMPLE = "control-room-extract.csv"
SEED = 20250516
CASES = 400
MONTHS = 18
_TEAM = 15  # people of a team on the roster

_SURNAMES = (
    "Quillfeather", "Marrowby", "Thistlewick", "Bramblecote", "Inkpenny", "Fenwhistle", "Saltmarrow", "Oakenshade",
    "Larkmeadow", "Wrenfield", "Copperdyke", "Mistlebank", "Hollowreed", "Dunlinstow", "Ploverham", "Sedgeworthy",
)  # fmt: skip
_FORENAMES = ("Alder", "Bracken", "Clover", "Fern", "Hazel", "Juniper", "Linden", "Rowan", "Sorrel", "Tansy")
_TEAMS = {
    "Suffolk": ("Ipswich Response", "Lowestoft Response", "Felixstowe Ports", "Bury Roads Policing", "Haverhill SNT"),
    "Norfolk": ("Norwich Response", "Thetford Response", "Great Yarmouth Ports", "A11 Roads Policing", "Lynn SNT"),
}
_DISTRICTS = {
    "Suffolk": ("Ipswich", "East Suffolk", "West Suffolk"),
    "Norfolk": ("Norwich", "Breckland", "Great Yarmouth"),
}
# Contact reason → how often, of a hundred.
_REASONS = {
    "clandestine_encounter": 24, "suspected_offender": 22, "person_in_custody": 18, "status_enquiry": 12,
    "illegal_working": 9, "facilitation_intelligence": 6, "fno_intelligence": 4, "fno_post_arrest": 2, "other": 3,
}  # fmt: skip
_RETURN_REASONS = (
    "Two matters in one document; submit them apart.",
    "The handling conditions are missing.",
    "Say how the source knows.",
)
_GRADES = (
    Grades("1", "A", "P"),
    Grades("2", "B", "P"),
    Grades("2", "C", "C", "A1", "S2", "Ask the originator before any action."),
    Grades("1", "A", "C", "A2", "S2", "Protect the source."),
)


@dataclass
class Built:
    """What was made, in words, and where the vault is."""

    vault: Path
    lines: list[str] = field(default_factory=list)


@dataclass(frozen=True)
class _Officer:
    name: str
    collar: str
    rank: str
    force: str
    team: str
    supervisor: str


def build(folder: Path, today: date, *, cases: int = CASES) -> Built:
    """Make the demo desk in `folder` as at the beginning of `today`; a folder it did not make is refused."""
    _clear(folder)
    now = _present(today)
    vault, _key = new_desk(folder / VAULT, PASSPHRASE, USER, now=start_of_day(add_months(today, -MONTHS)))
    built = Built(vault.path)
    with vault:
        built.lines += fill(vault, today, cases=cases)
        save_report(vault, "coverage", folder / REPORT, as_at=now, force="Joint", recipient="Demo", purpose="Demo")
        with vault.reading() as session:
            found = documents.figures(session, as_at=now)["coverage"]
        vault.back_up()
    built.lines += [
        f"Coverage {found['percent']} %: {found['submitted']} of {found['in_scope']} cases have a document,"
        f" {found['overdue']} are overdue.",
        f"Vault: {vault.path}",
        f"Report: {folder / REPORT}",
    ]
    return built


def fill(vault: Vault, today: date, *, cases: int = CASES) -> list[str]:
    """Do the fictional work in an open vault, and say what was done."""
    chance, now = random.Random(f"{SEED}/{today}"), _present(today)
    with vault.changing() as session:
        started = add_months(today, -MONTHS + 1)
        change_settings(session, {"register_started_on": started}, at=start_of_day(started))
    officers = _officers(chance)
    made = _work(vault, chance, officers, today, now, cases)
    told = [
        f"A fictional desk of {made} referrals over {MONTHS} months, to {spoken_day(today)}.",
        _told(import_sample(vault, now)),
    ]
    people = max(4, _TEAM * cases // CASES)
    told += demo_register.fill(vault, now)
    day = london_day(now) + timedelta(days=1)  # `today`, unless that has not come yet
    told += demo_training.fill(vault, random.Random(f"{SEED}/{today}/training"), officers, day, now, people)
    return told + demo_work.fill(vault, random.Random(f"{SEED}/{today}/work"), day, now, SEED)


def _present(today: date) -> datetime:
    """The end of the day before: on the day itself the same at any hour, and nothing lies in the future."""
    return end_of_day(min(today, london_day(datetime.now(UTC))) - timedelta(days=1)).replace(microsecond=0)


def _clear(folder: Path) -> None:
    mark = folder / MARK
    if folder.exists() and not mark.exists() and (not folder.is_dir() or any(folder.iterdir())):
        raise Refused(f"The folder {folder} holds other files, and the demo only rebuilds its own: name another --dir.")
    if (folder / VAULT).is_dir():
        lock = FolderLock(folder / VAULT)
        lock.acquire()  # refuses while a living program has it open
        lock.release(stamped=False)
    folder.mkdir(parents=True, exist_ok=True)
    folder.chmod(0o700)
    put(mark, json.dumps({"made_by": "oicdesk demo"}).encode())
    shutil.rmtree(folder / VAULT, ignore_errors=True)
    (folder / REPORT).unlink(missing_ok=True)


def _work(vault: Vault, chance: random.Random, officers: list[_Officer], today: date, now: datetime, cases: int) -> int:
    span = (now - start_of_day(add_months(today, -MONTHS))).total_seconds()
    contacts = sorted(now - timedelta(seconds=int(chance.random() * span)) for _case in range(cases))
    done: list[int] = []
    for first in range(0, len(contacts), 40):
        with vault.changing() as session:
            desk = reference(session)
            for contact in contacts[first : first + 40]:
                done.append(_case(session, desk, chance, chance.choice(officers), contact, now, done))
    return len(done)


def _officers(chance: random.Random) -> list[_Officer]:
    officers = []
    for force, teams in _TEAMS.items():
        for team in teams:
            supervisor = f"PS {chance.choice(_SURNAMES)}"
            for _one in range(4):
                name = f"{chance.choice(_SURNAMES)}, {chance.choice(_FORENAMES)}"
                rank = chance.choice(("PC", "PC", "PC", "DC", "PS"))
                officers.append(_Officer(name, f"{rank} {chance.randrange(100, 9900)}", rank, force, team, supervisor))
    return officers


def _case(
    session: Session,
    desk: Reference,
    chance: random.Random,
    officer: _Officer,
    contact: datetime,
    now: datetime,
    earlier: list[int],
) -> int:
    """One contact and all that became of it by `now`."""
    recorded = min(contact + timedelta(minutes=chance.randrange(20, 300)), now)
    local = contact.astimezone(LONDON)
    facts: dict[str, Any] = {
        "force": officer.force, "contact_at": contact, "reason": _weighted(chance), "officer_name": officer.name,
        "officer_collar": officer.collar, "officer_rank": officer.rank, "team": officer.team,
        "supervisor": officer.supervisor, "district": chance.choice(_DISTRICTS[officer.force]),
        "persons": chance.choice((1, 1, 1, 1, 2, 2, 3, 5)), "route": "nccu_direct",
        "outcome": chance.choice(("ie_attending", "ie_unable", "advice_only", "detention_requested", "unknown")),
        "incident_ref": f"DM-{local:%d%m%Y}-{chance.randrange(1000):03d}",
        "nccu_ref": f"DEMO{chance.randrange(10**6):06d}" if chance.random() < 0.85 else None,
    }  # fmt: skip
    case = referrals.add(session, facts, now=recorded, desk=desk)
    if chance.random() < 0.12:
        _people(session, chance, case, recorded, facts["persons"])
    if facts["reason"] == rules.STATUS_ENQUIRY:
        _scope_query(session, chance, case, recorded, now)
    elif earlier and chance.random() < 0.015:
        later = min(recorded + timedelta(hours=2), now)
        if referrals.get(session, earlier[-1]).status not in (rules.DUPLICATE, rules.EXEMPT):
            referrals.mark_duplicate(session, case, earlier[-1], "The same contact, recorded twice.", at=later)
    elif chance.random() < 0.03:
        _exempt(
            session, case, "other_force", "Another force reported it.", min(recorded + timedelta(days=1), now), desk
        )
    else:
        _document(session, chance, officer, case, contact, recorded, now)
    return case


def _weighted(chance: random.Random) -> str:
    return chance.choices(list(_REASONS), weights=list(_REASONS.values()))[0]


def _scope_query(session: Session, chance: random.Random, case: int, recorded: datetime, now: datetime) -> None:
    decided = recorded + timedelta(days=chance.randrange(1, 6))
    if decided >= now or chance.random() < 0.25:
        return
    _exempt(session, case, "status_enquiry_only", "Only a status was asked for.", decided, reference(session))


def _exempt(session: Session, case: int, reason: str, why: str, at: datetime, desk: Reference) -> None:
    codes = [code for code, _label in desk.choices("exemption_reason")]
    asked = records_exemptions.ask(session, case, reason if reason in codes else codes[0], why, now=at)
    approval = rules.ReportedApproval(
        "Inspector Ledgerwood", "Detective Inspector", at.astimezone(LONDON).date(), f"Demo {case}"
    )
    records_exemptions.report_approval(session, asked, approval, now=at)


def _document(
    session: Session,
    chance: random.Random,
    officer: _Officer,
    case: int,
    contact: datetime,
    recorded: datetime,
    now: datetime,
) -> None:
    """Submitted, sooner as the months go by; sometimes returned, seldom rejected; mostly accepted and closed."""
    age = (now - contact).days / (30.4 * MONTHS)
    hours = chance.lognormvariate(2.2 + 1.6 * age, 1.0)
    if chance.random() < 0.04 + 0.14 * age:
        hours += 24 * chance.randrange(30, 400)
    submitted = max(contact + timedelta(hours=hours), recorded)
    _chase(session, case, contact, submitted, now)
    if submitted > now:
        return
    facts = DocumentFacts(
        submitted_at=submitted, submitted_by_reporting_officer=chance.random() < 0.9, reference=f"DEMO-IR-{case:05d}",
        system="Athena", author=officer.name, created_on=submitted.astimezone(LONDON).date(),
        information_on=contact.astimezone(LONDON).date(), grades=chance.choice(_GRADES),
    )  # fmt: skip
    document, _warnings = documents.submit(session, case, facts, now=submitted)
    when = submitted + timedelta(hours=chance.randrange(4, 60))
    if chance.random() < 0.12 and when < now:
        documents.return_for_correction(
            session, document, chance.choice(_RETURN_REASONS), at=when, assessor="JFIU assessor"
        )
        when += timedelta(hours=chance.randrange(6, 90))
        if when >= now:
            return
        documents.resubmit(session, document, at=when)
        when += timedelta(hours=chance.randrange(4, 40))
    elif chance.random() < 0.02 and when < now:
        documents.reject(session, document, "Not about immigration crime.", at=when, assessor="JFIU assessor")
        return
    if when >= now:
        return
    documents.accept(session, document, at=when, assessor="JFIU assessor")
    when += timedelta(hours=chance.randrange(1, 48))
    if when < now and chance.random() < 0.96:
        referrals.close(session, case, at=when)


def _chase(session: Session, case: int, contact: datetime, submitted: datetime, now: datetime) -> None:
    for days, to_role in ((2, rules.OFFICER), (4, rules.SUPERVISOR), (8, rules.INSPECTOR)):
        when = contact + timedelta(days=days, hours=1)
        if when < min(submitted, now):
            records_chasers.chase(session, case, to_role, "e-mail", at=when)


def _people(session: Session, chance: random.Random, case: int, at: datetime, count: int) -> None:
    for place in range(min(count, 3)):
        values: dict[str, Any] = {
            "label": f"Person {chr(65 + place)}", "categories": {"suspect"}, "nationality_basis": "not_established",
            "force_reference": f"DEMO-{case}-{place + 1}",
        }  # fmt: skip
        if chance.random() < 0.3:
            values |= {"categories": {"suspect", "victim"}, "indicators_seen": True, "nrm": "pending"}
            if chance.random() < 0.6:
                values |= {
                    "necessity": "Needed to record the safeguarding steps taken.", "authorised_by": "PS Mistlebank",
                }  # fmt: skip
        records_people.add_person(session, case, values, now=at)


def import_sample(vault: Vault, now: datetime) -> sheet.Imported:
    """Take over the control-room list that travels with the program."""
    path = paths.resources() / "samples" / SAMPLE
    with vault.changing() as session:
        desk = reference(session)
        lines = read(path)
        mapping = propose(lines, sheet.targets(desk))
        run = sheet.check(session, lines, mapping, desk, now=now)
        return sheet.write(session, run, file_name=path.name, file_sha256="", now=now, take_over=take_over)


def _told(done: sheet.Imported) -> str:
    return (
        f"Imported {SAMPLE}: {done.rows} rows = {done.blank} blank + {done.imported} imported"
        f" + {done.already_there} already there + {done.problems} with problems."
    )
