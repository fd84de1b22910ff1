"""One audit: what it is, what can be done to it next, and its parts behind a row of words."""

from collections.abc import Callable, Sequence
from typing import Any, Protocol

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QHBoxLayout, QStackedWidget, QWidget

from oicdesk.audits import records_frame, records_review, rules
from oicdesk.audits.page_findings import FindingsPart
from oicdesk.audits.page_results import ResultsPart
from oicdesk.audits.page_second import SecondPart
from oicdesk.audits.page_slips import SlipsPart
from oicdesk.audits.page_state import AuditState, read_state
from oicdesk.audits.page_words import (
    STATUS_PILLS,
    Lines,
    Strip,
    column_of,
    forces_words,
    period,
    plural,
    row_of,
    scrolled,
    stratum,
    whole_of,
)
from oicdesk.audits.records import AuditRow, history
from oicdesk.audits.records_frame import FrameRow, SampleRow
from oicdesk.settings.records import Reference, reference
from oicdesk.settings.rules import spoken_instant
from oicdesk.ui import theme
from oicdesk.ui.detail import Action, Actions, Facts, text
from oicdesk.ui.parts import Button, Card, Notice, Pill, Words
from oicdesk.ui.rail import Segments

OVERVIEW, RESULTS, SECOND, FINDINGS, SLIPS = "Overview", "Results", "Second review", "Findings", "Feedback"
PARTS = (OVERVIEW, RESULTS, SECOND, FINDINGS, SLIPS)


class Steps(Protocol):
    """What the page does when a button of an audit is pressed."""

    def change_plan(self) -> object: ...
    def freeze(self) -> object: ...
    def draw_again(self) -> object: ...
    def review(self, round: str) -> object: ...
    def name_reviewer(self) -> object: ...
    def begin_second(self) -> object: ...
    def decide(self) -> object: ...
    def moderate(self) -> object: ...
    def approve(self) -> object: ...
    def release(self) -> object: ...
    def supersede(self) -> object: ...
    def write_limits(self) -> object: ...


class AuditView(QWidget):
    """`left` goes back to the list; `task_asked` carries a form to show; parts read when they are looked at."""

    left = Signal()
    task_asked = Signal(object)

    def __init__(self, parts: Sequence[QWidget]) -> None:
        super().__init__()
        self.title = Words("", "title")
        self.pill = Pill()
        self.facts = Words("", "base", "secondary")
        self.back = Button("All audits", "quiet", "corner-up-left")
        self.back.setToolTip("Esc")
        self.back.clicked.connect(self.left)
        self.strip = Strip()
        self.told, self.problem = Notice("good"), Notice("problem")
        self.segments = Segments("Part of the audit", PARTS, OVERVIEW)
        self.stack = QStackedWidget()
        for part in parts:
            self.stack.addWidget(part)
        self._lay_out()

    def _lay_out(self) -> None:
        self.facts.setWordWrap(True)
        head = QHBoxLayout()
        head.setSpacing(theme.GAP)
        head.addWidget(self.title)
        head.addWidget(self.pill, 0, Qt.AlignmentFlag.AlignVCenter)
        head.addStretch(1)
        head.addWidget(self.back)
        column = whole_of(self)
        column.setContentsMargins(theme.MARGIN, theme.GRID, theme.MARGIN, theme.GRID)
        column.addLayout(head)
        column.addWidget(self.facts)
        column.addWidget(self.strip)
        column.addWidget(self.told)
        column.addWidget(self.problem)
        column.addLayout(row_of(self.segments))
        column.addWidget(self.stack, 1)

    def show_head(self, row: AuditRow) -> None:
        self.title.setText(row.plan.title)
        self.pill.show_state(STATUS_PILLS[row.status], rules.STATUS_WORDS[row.status])
        self.facts.setText(
            f"{rules.KIND_WORDS[row.plan.kind]} of {forces_words(row.plan.force)}, contacts {period(row)}."
            f" Planned by {row.planned_by}."
        )
        self.strip.show_audit(row)

    @property
    def part(self) -> str:
        """The part that is looked at."""
        return self.segments.current().text()

    def say(self, sentence: str, problem: str = "") -> None:
        self.told.say(sentence)
        self.problem.say(problem)


class OverviewPart(QWidget):
    """What to do next, where it stands, the sample, and how it came here."""

    def __init__(self) -> None:
        super().__init__()
        self.steps = Actions()
        self.standing = text("")
        self.facts = Facts()
        self.reviewer = Notice("warning")
        self.sample = Lines(
            "Cases under audit", ("#", "Case", "Force", "Reason", "Note"), (48, 130, 90, 230, 260), (0,), most=14
        )
        self.history = Lines("How the audit moved on", ("When", "By", "To", "Why"), (180, 160, 150, 260), most=6)
        inner = QWidget()
        column = column_of(inner, gap=theme.GAP)
        top = Card()
        top.body.addWidget(self.standing)
        top.body.addWidget(self.reviewer)
        top.body.addWidget(self.steps)
        self.sample_card, self.plan_card, past = Card(), Card(), Card()
        self.plan_card.body.addWidget(Words("Plan", "section"))
        self.plan_card.body.addWidget(self.facts)
        self.sample_card.body.addWidget(Words("Cases under audit, in draw order", "section"))
        self.sample_card.body.addWidget(self.sample)
        past.body.addWidget(Words("History", "section"))
        past.body.addWidget(self.history)
        for card in (top, self.plan_card, self.sample_card, past):
            column.addWidget(card)
        column.addStretch(1)
        column_of(self).addWidget(scrolled(inner, (0, 0, theme.GRID, 0)))

    def first_focus(self) -> QWidget:
        return self.steps.first_focus()

    def refresh(self, session: Any, row: AuditRow, steps: Steps) -> None:
        """Read and show where it stands."""
        state, desk = read_state(session, row.id), reference(session)
        self.standing.setText(standing(state))
        self.steps.show_actions(possible(state, steps))
        self.facts.show_facts(plan_facts(row, desk))
        barred = records_review.conflicts(session, row.id, state.user.name) if row.is_frozen else []
        self.reviewer.say(_barred(barred, state.user.name))
        self.sample_card.setVisible(row.is_frozen)
        cases = records_frame.cases_under_audit(session, row.id) if row.is_frozen else []
        self.sample.set_lines(
            [(str(n), c.item, c.force, desk.label("contact_reason", c.reason) or c.reason, _note(c))
             for n, c in enumerate(cases, 1)]
        )  # fmt: skip
        self.history.set_lines(
            [(spoken_instant(e.at), e.by, rules.STATUS_WORDS[e.to_status], e.reason or "")
             for e in history(session, row.id)]
        )  # fmt: skip


def _note(case: SampleRow) -> str:
    return f"Takes the place of {case.replaces}" if case.replaces else ""


def _barred(found: Sequence[tuple[str, str]], name: str) -> str:
    if not found:
        return ""
    cases = ", ".join(item for item, _why in found)
    return (
        f"{name} had a hand in {cases} and cannot review {'it' if len(found) == 1 else 'them'}; another reviewer"
        " answers, or the case is replaced with a reason."
    )


def standing(state: AuditState) -> str:
    """Where the audit stands, in one or two sentences."""
    row = state.row
    if state.first is None:
        return "A draft: its plan can change. Freeze the sample before anybody looks at a case."
    words = f"{state.first.complete} of {plural(state.first.cases, 'case')} answered in full."
    if state.second is not None:
        words += f" Second review by {row.second_by}: {state.second.complete} of {state.second.cases}."
        if state.waiting:
            words += f" {plural(state.waiting, 'difference waits', 'differences wait')} for a decision."
    if row.approved_by:
        words += f" Approved by {row.approved_by}, {spoken_instant(row.approved_at)}." if row.approved_at else ""
    if row.panel_released_by:
        words += f" Panel paper released by {row.panel_released_by}."
    return words


def possible(state: AuditState, steps: Steps) -> list[Action]:
    """Every step of an audit, the next one first; what cannot be taken carries its sentence."""
    row, draft = state.row, state.row.status == rules.DRAFT
    frozen = "The sample is frozen, so the plan cannot change; plan a new audit that supersedes it."
    begun = bool(state.first and state.first.complete)
    review = "Go on with the review" if begun or row.status == rules.IN_REVIEW else "Begin the review"
    first_open = state.first is not None and not state.first.is_complete
    second_open = state.second is not None and not state.second.is_complete
    return [
        _action("freeze", "Freeze the sample…", "lock", steps.freeze, "" if draft else frozen, draft),
        _action("plan", "Change the plan…", "pencil", steps.change_plan, "" if draft else frozen),
        _action("review", review, "list-checks", lambda: steps.review(records_review.FIRST), state.why_not_answer,
                first_open),
        _action("second", "Begin the second review", "eye-off", steps.begin_second, state.why_not_begin_second,
                not first_open),
        _action("answer second", "Go on with the second review", "eye-off",
                lambda: steps.review(records_review.SECOND), state.why_not_second, second_open),
        _action("decide", "Decide where the two differ", "git-compare", steps.decide, state.why_not_decide, True),
        _action("moderate", "Moderate the audit…", "shield-check", steps.moderate, state.why_not_moderate,
                row.second_started_at is not None),
        _action("approve", "Approve the audit…", "circle-check", steps.approve, state.why_not_approve, True),
        _action("release", "Release the panel paper…", "send", steps.release, state.why_not_release, True),
        _action("reviewer", "Name another reviewer…", "users", steps.name_reviewer, _why_not_name(row)),
        _action("again", "Draw again", "dices", steps.draw_again,
                "The sample is not frozen yet, so there is nothing to draw again." if draft else ""),
        _action("limits", "Note limits and gaps…", "file-text", steps.write_limits,
                "The audit is approved, so its text cannot change." if row.status in _DONE else ""),
        _action("supersede", "Plan one that supersedes it…", "copy", steps.supersede,
                "" if row.status == rules.APPROVED else "Only an approved audit can be superseded."),
    ]  # fmt: skip


def _why_not_name(row: AuditRow) -> str:
    if row.status == rules.DRAFT:
        return "Reviewers stand in the plan; change the plan."
    if row.status not in (rules.SAMPLE_FROZEN, rules.IN_REVIEW):
        return "The review is closed, so its reviewers stay as they are."
    return "The second review has begun, so its reviewers stay as they are." if row.second_started_at else ""


_DONE = (rules.APPROVED, rules.SUPERSEDED)


def _action(
    name: str, words: str, icon: str, start: Callable[[], object], why_not: str, is_next: bool = False
) -> Action:
    return Action(name, words, icon, start, why_not, is_next and not why_not)


def plan_facts(row: AuditRow, desk: Reference) -> list[tuple[str, str]]:
    """The plan in words."""
    plan = row.plan
    ways = {
        rules.RANDOM: f"±{rules.spoken_share(plan.margin)} with {rules.spoken_share(plan.confidence)} confidence",
        rules.DISCOVERY: f"A rate of {rules.spoken_share(plan.rate)} with {rules.spoken_share(plan.confidence)}"
        " confidence",
        rules.DIP: f"{plural(plan.size or 0, 'case')}. {rules.NOT_REPRESENTATIVE}",
        rules.CENSUS: "Every case",
    }
    return [
        ("Aim", plan.aim),
        ("Population", rules.POPULATION_WORDS[plan.population_rule]),
        ("As at", spoken_instant(row.as_at) if row.as_at else "The moment of freezing"),
        ("Size", row.why or ways[plan.kind]),
        ("Strata", rules.STRATA_WORDS[plan.strata_by]),
        ("Together", "\n".join(f"{stratum(a, desk)} under {stratum(b, desk)}" for a, b in plan.merged.items())),
        ("Left out", "\n".join(f"{case}: {why}" for case, why in plan.exclusions.items())),
        ("Reviewers", ", ".join(plan.reviewers) or "Not named: whoever opens the desk and had no hand in a case"),
        ("Second reviewer", plan.second_reviewer or "Anybody else, under a passphrase of their own"),
        ("Second review", f"{rules.spoken_share(plan.second_share)}, at least {plan.second_least}, by another person"),
        ("Checklist", row.checklist),
        ("Frozen", f"{spoken_instant(row.frozen_at)} by {row.frozen_by}" if row.frozen_at else ""),
        ("Limits", row.limits),
    ]


def frame_lines(rows: Sequence[FrameRow], desk: Reference) -> list[tuple[str, str, str]]:
    """The frozen population as cells: case, stratum, why it is left out."""
    return [(row.item, stratum(row.stratum, desk), row.excluded_because or "") for row in rows]


def parts_of(page: Callable[[object], None]) -> tuple[OverviewPart, ResultsPart, SecondPart, FindingsPart, SlipsPart]:
    """The parts of an audit in the order of `PARTS`; `page` shows a form."""
    return OverviewPart(), ResultsPart(page), SecondPart(page), FindingsPart(page), SlipsPart()
