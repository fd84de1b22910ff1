"""The results of an audit: every figure with its counts, its limits and the method in words, and the series."""

from collections.abc import Callable, Sequence
from typing import Any

from PySide6.QtWidgets import QWidget

from oicdesk.audits import records_series, rules_results
from oicdesk.audits.form import Clock
from oicdesk.audits.form_steps import end_phase_task, phase_task
from oicdesk.audits.page_words import Lines, column_of, plural, row_of, scrolled, stratum
from oicdesk.audits.records import AuditRow
from oicdesk.audits.records_results import (
    CriterionResultRow,
    GroupResultRow,
    ResultsRow,
    SecondReviewRow,
    results,
)
from oicdesk.audits.records_series import PhaseRow, SeriesRow
from oicdesk.audits.rules_results import AgreementFigure, ChartPoint, Figure, spoken_percent
from oicdesk.audits.rules_review import ANSWER_WORDS, ANSWERS
from oicdesk.errors import Refused
from oicdesk.settings.records import Reference, reference
from oicdesk.settings.rules import spoken_month
from oicdesk.ui import theme
from oicdesk.ui.chart import Chart
from oicdesk.ui.detail import Facts, empty, text
from oicdesk.ui.parts import Button, Card, Notice, Words

JOINT = "Joint"
_SHORT = {"MET": "Met", "PARTLY_MET": "Partly", "NOT_MET": "Not met", "NOT_APPLICABLE": "N/A",
          "CANNOT_DETERMINE": "Cannot determine"}  # fmt: skip


def _between(figure: Figure) -> str:
    if figure.low is None or figure.high is None:
        return "–"
    if not figure.failures:
        return figure.sentence.partition("; ")[2].replace("possible", "may fail")
    return f"{spoken_percent(figure.low)} to {spoken_percent(figure.high)}"


def _share(figure: Figure) -> str:
    """Counts, and the share only where it may stand by itself: a sample without failures is no 100 per cent."""
    if figure.share is None:
        return rules_results.NOT_ASSESSED
    if figure.failures == 0 and figure.method != rules_results.COUNTED:
        return f"no failure in {figure.n}"
    return f"{figure.successes} of {figure.n} ({spoken_percent(figure.share)})"


class ResultsPart(QWidget):
    """Overall on top, then by criterion, by group, agreement, comparison and the chart of the series."""

    def __init__(self, show_task: Callable[[object], None]) -> None:
        super().__init__()
        self._show_task = show_task
        self._now: Clock | None = None
        self._force = JOINT
        self.why_not = Notice("info")
        self.scope = Notice("info")
        self.overall = text("", "title")
        self.method = text("", "base", "secondary")
        self.limits = text("", "base", "secondary")
        self.criteria = Lines(
            "Results by criterion",
            ("Criterion", *(_SHORT[a] for a in ANSWERS), "Met or partly met", "Between"),
            (276, 48, 58, 70, 48, 146, 150, 150), (1, 2, 3, 4, 5), most=20,
        )  # fmt: skip
        self.criterion_method = text("", "small", "secondary")
        self.groups = Lines("Results by group", ("Group", "Passed", "Between", "In the population"),
                            (330, 200, 170, 130), (3,), most=16)  # fmt: skip
        self.agreement = Facts()
        self.agreement_lines = Lines("First and second answers", ("First \\ second", *(_SHORT[a] for a in ANSWERS)),
                                     (160, 70, 70, 80, 70, 146), (1, 2, 3, 4, 5))  # fmt: skip
        self.comparison = text("")
        self.series_words = text("", "base", "secondary")
        self.series_lines = Lines(
            "Audits one after another", ("Audit", "Share", "Centre", "Lower", "Upper", "Rule fired", "Phase"),
            (120, 70, 120, 70, 70, 220, 160), (1, 3, 4), most=14,
        )  # fmt: skip
        self.phase = Button("Begin a new phase…", "quiet", "plus")
        self.end_phase = Button("End a phase…", "quiet", "undo-2")
        self._phases: Sequence[PhaseRow] = ()
        self.chart: Chart | None = None
        self._lay_out()
        self.table_of = {"criteria": self.criteria, "groups": self.groups, "series": self.series_lines}
        self.phase.clicked.connect(self._begin_phase)
        self.end_phase.clicked.connect(self._end_phase)

    def _lay_out(self) -> None:
        self.cards = [Card() for _ in range(5)]
        first, second, third, fourth, fifth = self.cards
        for widget in (self.scope, self.overall, self.method, self.limits):
            first.body.addWidget(widget)
        second.body.addWidget(Words("By criterion", "section"))
        second.body.addWidget(self.criteria)
        second.body.addWidget(self.criterion_method)
        third.body.addWidget(Words("By force, reason, month and stratum", "section"))
        third.body.addWidget(self.groups)
        fourth.body.addWidget(Words("How far two reviewers agree", "section"))
        fourth.body.addWidget(self.agreement)
        fourth.body.addWidget(self.agreement_lines)
        fifth.body.addLayout(row_of(Words("Comparison and series", "section"), self.phase, self.end_phase))
        fifth.body.addWidget(self.comparison)
        self._chart_room = column_of()
        fifth.body.addLayout(self._chart_room)
        fifth.body.addWidget(self.series_words)
        fifth.body.addWidget(self.series_lines)
        inner = QWidget()
        column = column_of(inner, gap=theme.GAP)
        column.addWidget(self.why_not)
        for card in self.cards:
            column.addWidget(card)
        column.addStretch(1)
        column_of(self).addWidget(scrolled(inner, (0, 0, theme.GRID, 0)))

    def first_focus(self) -> QWidget:
        return self.criteria if not self.cards[1].isHidden() else self

    def refresh(self, session: Any, row: AuditRow, now: Clock, scope: str) -> None:
        """Work them out anew; before every case is answered, why there are none."""
        self._now, self._force = now, row.plan.force
        part = scope if row.plan.force == JOINT else JOINT
        try:
            found = results(session, row.id, force=part)
        except Refused as refusal:
            self._show_none(str(refusal))
            return
        self.why_not.say("")
        for card in self.cards:
            card.show()
        desk = reference(session)
        self.scope.say("" if part == JOINT else f"{part} only: this force's cases of a joint audit.")
        self._show_overall(found)
        self.criteria.set_lines([_criterion(one) for one in found.criteria])
        self.criterion_method.setText(_methods(found.criteria))
        self.groups.set_lines(_groups(found, desk))
        self._show_agreement(found.second)
        self._show_comparison(session, found, part)
        self._phases = records_series.phases(session, row.plan.force)
        self.end_phase.setVisible(bool(self._phases))
        self._show_series(records_series.series(session, row.plan.force, until=row.plan.period_to))

    def _show_none(self, why: str) -> None:
        self.why_not.say(why)
        for card in self.cards:
            card.hide()

    def _show_overall(self, found: ResultsRow) -> None:
        figure = found.overall
        fewest = figure.share is not None and not figure.failures and figure.method != rules_results.COUNTED
        self.overall.setText(f"Documents that {'fail' if fewest else 'pass'}: {figure.sentence}")
        some = plural(found.partly, "document passes", "documents pass")
        partly = f" {some} with a mandatory criterion only partly met." if found.partly else ""
        self.method.setText(f"Method: {figure.method}. {found.audit.why}{partly}")
        self.limits.setText("\n".join(found.limits))
        self.limits.setVisible(bool(found.limits))

    def _show_agreement(self, found: SecondReviewRow | None) -> None:
        self.cards[3].setVisible(found is not None)
        if found is None:
            return
        whom = ", ".join(found.reviewers)
        self.agreement.show_facts(
            [
                ("Second review", f"{whom}: {plural(found.cases, 'case')}, {plural(found.differences, 'difference')},"
                                  f" {found.adjudicated} decided"),
                ("Answers", _agreement(found.answers)),
                ("Documents", _agreement(found.outcomes)),
            ]
        )  # fmt: skip
        self.agreement_lines.set_lines(
            [
                (ANSWER_WORDS[answer], *(f"{count:,}" for count in counts))
                for answer, counts in zip(found.answers.categories, found.answers.table, strict=True)
            ]
        )

    def _show_comparison(self, session: Any, found: ResultsRow, part: str) -> None:
        before = records_series.comparison(session, found, force=part)
        if before is None:
            self.comparison.setText("No earlier approved audit of the same scope and population to compare with.")
            return
        when = spoken_month(before.earlier.plan.period_to)
        self.comparison.setText(
            f"Beside “{before.earlier.plan.title}” ({when}): {before.comparison.sentence} {before.note}"
        )

    def _show_series(self, found: SeriesRow) -> None:
        from oicdesk.reports import charts

        empty(self._chart_room)
        self.chart = None
        has_points = len(found.points) > 1
        self.series_lines.setVisible(has_points)
        if not has_points:
            self.series_words.setText("A chart begins with the second approved audit of the same force.")
            return
        assert self._now is not None
        points = [ChartPoint(p.label, 100 * (p.figure.share or 0)) for p in found.points]
        table = charts.series_table(points, found.phases)
        cells = [["" if cell is None else str(cell) for cell in row] for row in table.rows]
        drawing = charts.series_chart(points, found.phases, as_at=self._now())
        self.chart = Chart(drawing, [list(table.header), *cells], charts.series_alt(points, found.phases))
        self.chart.setFixedHeight(theme.px(300))
        self._chart_room.addWidget(self.chart)
        self.series_words.setText(" ".join(phase.sentence for phase in found.phases))
        self.series_lines.set_lines([tuple(row) for row in cells])

    def _end_phase(self) -> None:
        assert self._now is not None
        self._show_task(end_phase_task(self._force, self._phases, self._now))

    def _begin_phase(self) -> None:
        assert self._now is not None
        self._show_task(phase_task(self._force, self._now))


def _criterion(one: CriterionResultRow) -> tuple[str, ...]:
    mark = "*" if one.criterion.mandatory else ""
    counts = (f"{one.counts[answer]:,}" for answer in ANSWERS)
    return (f"{one.criterion.number}{mark}  {one.criterion.text}", *counts, _share(one.figure), _between(one.figure))


def _methods(found: Sequence[CriterionResultRow]) -> str:
    """The methods used, each with the criteria it was used for."""
    by_method: dict[str, list[str]] = {}
    for one in found:
        by_method.setdefault(one.figure.method, []).append(str(one.criterion.number))
    told = [f"{method} (criteria {', '.join(numbers)})" for method, numbers in by_method.items()]
    return (
        "Methods: "
        + "; ".join(told)
        + ". * mandatory. Cannot determine counts as not met; not applicable leaves the count."
    )


def _groups(found: ResultsRow, desk: Reference) -> list[tuple[str, str, str, str]]:
    lines: list[tuple[str, str, str, str]] = []

    def add(groups: Sequence[GroupResultRow], name: str, spoken: Callable[[str], str] = str) -> None:
        for one in groups:
            f = one.figure
            lines.append((f"{name}: {spoken(one.label)}", _share(f), _between(f), f"{f.population:,}"))

    add(found.by_force, "Force")
    add(found.by_reason, "Reason", lambda code: desk.label("contact_reason", code) or code)
    add(found.by_month, "Month")
    for row in found.strata if len(found.strata) > 1 else ():
        label = f"Stratum: {stratum(row.label, desk)}, weight {row.weight:.3f}"
        lines.append((label, f"{row.passed} of {row.drawn}", "–", f"{row.population:,}"))
    return lines


def _agreement(found: AgreementFigure) -> str:
    if found.raw is None:
        return found.warning
    kappa = "not defined" if found.kappa is None else f"{found.kappa:.2f}".replace("-", "−")
    ac1 = "not defined" if found.ac1 is None else f"{found.ac1:.2f}"
    words = f"They agree on {spoken_percent(found.raw)} of {found.n}; Cohen's kappa {kappa}; Gwet's AC1 {ac1}."
    return f"{words} {found.warning}".strip()
