"""The papers on training, communications and promises: what the rooms say, put together under one cover.

Only here and in `measures` do training and cases meet, as finished counts in one paper.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import TYPE_CHECKING, Any

from sqlalchemy.orm import Session

from oicdesk.documents.rules import JOINT
from oicdesk.reports.blocks import Block, Heading, PageBreak, Report
from oicdesk.settings.records import reference
from oicdesk.settings.rules import london_day
from oicdesk.vault import log
from oicdesk.vault.vault import APPROVER, Vault

if TYPE_CHECKING:
    from oicdesk.recommendations.rules_measures import TrainingFacts

PUBLIC = "OFFICIAL"


@dataclass(frozen=True)
class Paper:
    """A paper that can be asked for by name; `build` takes the vault, as-at, force and recipient."""

    title: str
    description: str
    build: Callable[[Vault, datetime, str, str], Report]


def _training(vault: Vault, as_at: datetime, force: str, recipient: str) -> Report:
    from oicdesk.training import report as training
    from oicdesk.training.records_figures import position

    with vault.reading() as session:
        terms = training.Terms(
            as_at=as_at, force=force, marking=reference(session).setting("marking"), author=vault.user.name,
            version=program_version(), recipient=recipient, log_head=str(log.head(session.connection(), as_at)),
        )  # fmt: skip
        return training.training_report(position(session, london_day(as_at), force), terms)


def _plain(
    vault: Vault, session: Session, as_at: datetime, force: str, recipient: str, name: str, title: str, **parts: Any
) -> Report:
    """An internal report of blocks and sheets that rooms hand over."""
    return Report(
        name=name, title=title, marking=reference(session).setting("marking"), as_at=as_at, author=vault.user.name,
        version=program_version(), recipient=recipient, log_head=str(log.head(session.connection(), as_at)),
        distribution=f"Internal, {_forces(force)}."
        " Not for publication: small numbers are not suppressed.",
        **parts,
    )  # fmt: skip


def _forces(force: str) -> str:
    return "Suffolk and Norfolk" if force == JOINT else force


def _communications(vault: Vault, as_at: datetime, force: str, recipient: str) -> Report:
    from oicdesk.comms.records_effect import position
    from oicdesk.comms.report import comms_blocks, comms_sheets

    with vault.reading() as session:
        found = position(session, as_at, force)
        parts = {"blocks": comms_blocks(found), "sheets": comms_sheets(found)}
        return _plain(vault, session, as_at, force, recipient, "communications", "Communications position", **parts)


def promise_choices(session: Session) -> list[tuple[str, int, str]]:
    """What a communication can be linked to: (key, recommendation, words) of every promise of the ledger."""
    from oicdesk.recommendations.records import promised

    return [(one.code, one.recommendation, one.text) for one in promised(session)]


def training_facts(session: Session, as_at: datetime, force: str) -> "TrainingFacts":
    """Training as plain counts for the ledger of promises, which may not read a person's training.

    Hydra events belong to neither force, so they are counted whole in every scope.
    """
    from oicdesk.recommendations import rules_measures
    from oicdesk.recommendations.rules import MET, NOT_MET, PENDING
    from oicdesk.training import records_events, rules
    from oicdesk.training.records_figures import figures, history, monthly

    day = london_day(as_at)
    past = history(session)
    snapshot, found = past.on(day), figures(session, day, force, past=past)
    scopes = {one: figures(session, day, one, past=past) for one in ("Suffolk", "Norfolk", JOINT)}
    events = [event for event in records_events.events(session) if event.held_on <= day and not event.cancelled_why]
    decided = [row for row in records_events.decisions(session) if row.decided_on <= day]
    other = [code for code, course in snapshot.courses.items() if course.kind == rules.CPD]
    people = {person.id for person in snapshot.of_force(force).people}
    return rules_measures.TrainingFacts(
        courses=tuple(
            rules_measures.CourseFact(one.code, one.title, scope, one.in_scope, one.completed)
            for scope, figure in scopes.items()
            for one in (*figure.courses.values(), figure.all_modules)
        ),
        verdicts={
            one.recommendation: (one.word if one.word in (MET, NOT_MET) else PENDING, one.because)
            for one in found.verdicts
        },
        months=tuple(
            rules_measures.TrainingMonth(point.day, point.in_scope, point.completed)
            for point in monthly(session, day, force, past=past)[rules.ALL_MODULES]
        ),
        learners=found.headcount,
        cpd_completions=sum(person in people for code in other for person in snapshot.done.get(code, {})),
        hydra_events=len(events),
        hydra_places=sum(event.places for event in events),
        hydra_attended=sum(event.attended for event in events),
        local_delivery=f"{decided[0].delivery}, {decided[0].why}" if decided else "",
    )


def _ledger(vault: Vault, as_at: datetime, force: str, recipient: str) -> Report:
    from oicdesk.recommendations.records_ledger import ledger
    from oicdesk.recommendations.report import ledger_blocks, ledger_sheets

    with vault.reading() as session:
        found = ledger(session, as_at, force, training_facts(session, as_at, force))
        parts = {"blocks": ledger_blocks(found), "sheets": ledger_sheets(found)}
        return _plain(vault, session, as_at, force, recipient, "promises", "Recommendations and promises", **parts)


# --- training and communications together ------------------------------------------------------------------


def _position(vault: Vault, as_at: datetime, force: str, recipient: str) -> Report:
    from oicdesk.comms import records_effect as comms
    from oicdesk.comms.report import comms_blocks, comms_sheets
    from oicdesk.measures.records import side_by_side
    from oicdesk.measures.report import side_blocks, side_sheets
    from oicdesk.training import records_figures as training
    from oicdesk.training.report import training_blocks, training_sheets

    with vault.reading() as session:
        trained = training.position(session, london_day(as_at), force)
        told = comms.position(session, as_at, force)
        beside = side_by_side(session, as_at, force)
        blocks = [
            *_under("Training", training_blocks(trained)),
            *side_blocks(beside),
            PageBreak(),
            *comms_blocks(told),
        ]
        sheets = [*training_sheets(trained), *side_sheets(beside), *comms_sheets(told)]
        return _plain(
            vault, session, as_at, force, recipient, "position", PAPERS["position"].title, blocks=blocks, sheets=sheets
        )


def _under(title: str, blocks: Sequence[Block]) -> list[Block]:
    """Blocks as a part of a larger paper: their headings one level lower, under a heading of their own."""
    lower = [replace(block, level=min(3, block.level + 1)) if isinstance(block, Heading) else block for block in blocks]
    return [Heading(title), *lower]


# --- for the panel -----------------------------------------------------------------------------------------


def _panel(vault: Vault, as_at: datetime, force: str, recipient: str) -> Report:
    """Aggregates with small numbers hidden over the papers of both forces and the joint one together.

    Until the approver makes it, it is a draft with the marking of the desk.
    """
    from oicdesk.audits.rules_suppress import suppress
    from oicdesk.comms import records_effect as comms
    from oicdesk.comms.report import panel_blocks as comms_panel
    from oicdesk.measures import records, rules
    from oicdesk.measures.report import training_panel_blocks
    from oicdesk.recommendations.records_ledger import ledger
    from oicdesk.recommendations.report import panel_blocks as ledger_panel

    with vault.reading() as session:
        by_force = records.training_by_force(session, as_at)
        published = suppress([*rules.panel_tables(by_force), *comms.panel_tables(session, as_at)])
        blocks = [
            *training_panel_blocks(by_force, published, force),
            *comms_panel(comms.position(session, as_at, force), published),
            *ledger_panel(ledger(session, as_at, force, training_facts(session, as_at, force))),
        ]
        report = _plain(
            vault, session, as_at, force, recipient, "position-panel", PAPERS["position-panel"].title, blocks=blocks
        )
    if vault.user.role != APPROVER:
        draft = f"{_forces(force)}. Draft for the approver, who makes the paper that may be published."
        return replace(report, distribution=draft)
    return replace(
        report, marking=PUBLIC, distribution="For the Commissioner's Accountability and Performance Panel; may be"
        f" published. {_forces(force)}. Released by {vault.user.name}.",
    )  # fmt: skip


# --- the weekly brief --------------------------------------------------------------------------------------


def _brief(vault: Vault, as_at: datetime, force: str, recipient: str) -> Report:
    from oicdesk.comms import records_effect as comms
    from oicdesk.comms.report import brief_blocks as comms_brief
    from oicdesk.measures.records import brief
    from oicdesk.measures.report import brief_blocks, training_brief_blocks
    from oicdesk.recommendations.records_ledger import ledger
    from oicdesk.recommendations.report import brief_blocks as ledger_brief
    from oicdesk.training import records_figures as training
    from oicdesk.training.rules import gap_in_words

    day = london_day(as_at)
    with vault.reading() as session:
        figures = training.figures(session, day, force)
        snapshot = training.snapshot(session, day).of_force(force)
        blocks = [
            *ledger_brief(ledger(session, as_at, force, training_facts(session, as_at, force))),
            *brief_blocks(brief(session, as_at, force)),
            *training_brief_blocks(figures, gap_in_words(snapshot, figures.all_modules)),
            *comms_brief(comms.position(session, as_at, force)),
        ]
        report = _plain(vault, session, as_at, force, recipient, "brief", PAPERS["brief"].title, blocks=blocks)
        return replace(report, distribution=f"Internal, {_forces(force)}. Not for publication.")


def _daily(vault: Vault, as_at: datetime, force: str, recipient: str) -> Report:
    from oicdesk.referrals import report_chaser
    from oicdesk.referrals.records_daily import daily

    with vault.reading() as session:
        found = daily(session, as_at, force)
        parts = {"blocks": report_chaser.daily_blocks(found), "sheets": report_chaser.daily_sheets(found)}
        name, title = report_chaser.DAILY_NAME, report_chaser.DAILY_TITLE
        return _plain(vault, session, as_at, force, recipient, name, title, **parts)


PAPERS = {
    "daily-list": Paper(
        "Daily list",
        "What is waiting today: reference, officer, team, due and next action; no names of subjects.",
        _daily,
    ),
    "training": Paper(
        "Training position",
        "Completed out of those in scope for each course, the monthly series, the gap and a forecast; internal.",
        _training,
    ),
    "communications": Paper(
        "Communications position",
        "What was said to whom, its effect in words, and the teams to talk to next.",
        _communications,
    ),
    "position": Paper(
        "Training and communications position",
        "Both positions of a force in one paper, with trained and documented on time side by side for each team.",
        _position,
    ),
    "position-panel": Paper(
        "Panel paper: training and communications",
        "Training, communications and promises with small numbers hidden; a draft unless the approver makes it.",
        _panel,
    ),
    "brief": Paper(
        "Weekly brief",
        "One page for the Detective Inspector: where we stand, change or noise, and at most three asks.",
        _brief,
    ),
    "promises": Paper(
        "Recommendations and promises",
        "Each recommendation with its date and standing, and each published promise with its measure.",
        _ledger,
    ),
}


def program_version() -> str:
    """The version of this installation."""
    from importlib.metadata import PackageNotFoundError, version

    try:
        return version("oicdesk")
    except PackageNotFoundError:
        return "unpacked"
