"""The training position of a force: who has completed what, what the gap is, and when it may close. Internal."""

from dataclasses import dataclass
from datetime import datetime

from oicdesk.reports.blocks import Block, Bullets, Cell, Facts, Heading, Paragraph, Report, Sheet, Table
from oicdesk.settings.rules import spoken_month
from oicdesk.training import rules
from oicdesk.training.records_figures import PositionRow
from oicdesk.training.rules import CourseFigure, Figures

NAME = "training"
TITLE = "Training position"
DESCRIPTION = "Completed out of those in scope for each course, the monthly series, the gap and a forecast; internal."
RECOMMENDATIONS = (
    "Recommendation 8, to be met by 30 April 2026: relevant people complete the Hydra package on organised immigration"
    " crime (OIC).",
    "Recommendation 9, to be met by 30 April 2026: relevant people complete the four OIC e-learning modules;"
    " completion is monitored for 12 months.",
)


@dataclass(frozen=True)
class Terms:
    """What stands on the report beside its figures."""

    as_at: datetime
    force: str
    marking: str
    author: str
    version: str
    recipient: str
    log_head: str


def training_report(position: PositionRow, terms: Terms) -> Report:
    """The internal report; it names people only in the XLSX data, for reminders."""
    return Report(
        name=NAME,
        title=TITLE,
        marking=terms.marking,
        as_at=terms.as_at,
        author=terms.author,
        version=terms.version,
        recipient=terms.recipient,
        distribution="Internal. Not for publication: small numbers are not suppressed, and the data names people.",
        log_head=terms.log_head,
        blocks=training_blocks(position),
        sheets=training_sheets(position),
    )  # fmt: skip


def training_blocks(position: PositionRow) -> list[Block]:
    """The internal part on training: verdicts, figures, months, gap and forecast, record check."""
    force = position.figures.force
    return [
        Facts([("Forces", "Suffolk and Norfolk" if force == rules.JOINT else force),
               ("People in service", position.figures.headcount), ("Record check", _checked(position))]),
        *_verdicts(position),
        *_courses(position),
        *_forces(position),
        *_excluded(position.figures),
        *_months(position),
        *_outlook(position),
        *_limits(position),
    ]  # fmt: skip


def _checked(position: PositionRow) -> str:
    found = len(position.inconsistencies)
    if not found:
        return "Nothing in the records contradicts these figures"
    things = "1 thing does" if found == 1 else f"{found:,} things do"
    return f"{things} not fit and should be looked at before this is published; listed at the end"


def _verdicts(position: PositionRow) -> list[Block]:
    return [
        Heading("Recommendations"),
        Bullets(RECOMMENDATIONS),
        Facts([(f"Recommendation {one.recommendation}", one.in_words()) for one in position.figures.verdicts]),
    ]


def _shown(figures: Figures) -> list[CourseFigure]:
    modules = [one for code, one in figures.courses.items() if code.startswith("module_")]
    rest = [one for code, one in figures.courses.items() if not code.startswith("module_")]
    return [*modules, figures.all_modules, *(one for one in rest if one.in_scope or one.code == rules.HYDRA)]


_HEADER = ("Course", "In scope", "Completed", "Share", "Still to complete", "Of these lapsed")


def _courses(position: PositionRow) -> list[Block]:
    rows = [
        (one.title, one.in_scope, one.completed, _percent(one.percent), len(one.missing), one.expired)
        for one in _shown(position.figures)
    ]
    named = [
        f"{one.title}: {position.relevance[one.code]}"
        for one in _shown(position.figures)
        if one.code in position.relevance
    ]
    return [
        Heading("Completed out of those in scope"),
        Table(_HEADER, rows, align="lrrrrr"),
        Paragraph("This counts everybody in scope, so it has no margin of error."),
        Heading("Who is in scope", 2),
        Bullets(named),
    ]


def _forces(position: PositionRow) -> list[Block]:
    if len(position.by_force) < 2:
        return []
    rows: list[tuple[Cell, ...]] = []
    for one in _shown(position.figures):
        cells: list[Cell] = [one.title]
        for figures in position.by_force.values():
            found = figures.all_modules if one.code == rules.ALL_MODULES else figures.courses[one.code]
            cells.append(f"{found.completed} of {found.in_scope} ({_percent(found.percent)})")
        rows.append(tuple(cells))
    header = ("Course", *position.by_force)
    return [Heading("By force"), Table(header, rows, align="l" + "r" * len(position.by_force))]


def _excluded(figures: Figures) -> list[Block]:
    rows = [(one.title, reason, count) for one in _shown(figures) for reason, count in one.excluded.items()]
    return [
        Heading("Left out, by reason"),
        Table(("Course", "Reason", "People"), rows, align="llr", row_names=False, empty="Nobody is left out."),
    ]


def _months(position: PositionRow) -> list[Block]:
    codes = [code for code in position.series if any(point.in_scope for point in position.series[code])]
    titles = {one.code: one.title for one in _shown(position.figures)}
    codes = [code for code in titles if code in codes]
    if not codes:
        return []
    rows: list[tuple[Cell, ...]] = []
    for place, point in enumerate(position.series[codes[0]]):
        points = [position.series[code][place] for code in codes]
        rows.append((spoken_month(point.day), *(f"{p.completed} of {p.in_scope}" for p in points)))
    table = Table(("Month", *(titles[code] for code in codes)), rows, align="l" + "r" * len(codes))
    note = "At the end of each month; the last row is as at the day of this report."
    return [Heading("Twelve months"), table, Paragraph(note, quiet=True)]


def _outlook(position: PositionRow) -> list[Block]:
    rows = [(row.name, row.in_scope, row.completed, _percent(row.percent), row.missing) for row in position.teams]
    titles = {one.code: one.title for one in _shown(position.figures)}
    return [
        Heading("The gap and the pace"),
        Facts([(titles[code], words) for code, words in position.gaps.items()]),
        Heading("Outlook", 2),
        Bullets([one.words for one in position.forecasts.values()]),
        Table(
            ("Team", "In scope", "All modules", "Share", "Still to complete"), rows, align="lrrrr",
            caption="All four modules by team, the largest gap first",
        ),
    ]  # fmt: skip


def _limits(position: PositionRow) -> list[Block]:
    found = [one.sentence for one in position.inconsistencies]
    shown = found[:40]
    if len(found) > len(shown):
        shown.append(f"{len(found) - len(shown)} more; the Training page lists them all.")
    return [
        Heading("Record check"),
        Bullets(shown) if shown else Paragraph("Nothing in the records contradicts these figures."),
        Heading("Limits"),
        Bullets(
            [
                "Figures count by the day of completion, service and role, not by when they were typed.",
                "An absence counts from the day of the roster that told it, because rosters do not say since when.",
                "No officer's training is ever joined to that officer's cases.",
            ]
        ),
    ]


def _percent(value: float | None) -> str:
    return "–" if value is None else f"{value:.1f}%"


def training_sheets(position: PositionRow) -> list[Sheet]:
    """The data behind the part; it names who is missing what."""
    series = [
        (code, point.day, point.in_scope, point.completed, point.percent)
        for code, points in position.series.items()
        for point in points
    ]
    courses = [
        (force, one.title, one.in_scope, one.completed, one.percent, one.expired, sum(one.excluded.values()))
        for force, figures in position.by_force.items()
        for one in _shown(figures)
    ]
    titles = {one.code: one.title for one in _shown(position.figures)}
    missing = [
        (
            row.person.staff_number, row.person.name, row.person.force, row.person.team, row.person.rank,
            row.person.role_group, ", ".join(titles.get(code, code) for code in row.courses),
        )
        for row in position.missing
    ]  # fmt: skip
    return [
        Sheet("Figures", ("Force", "Course", "In scope", "Completed", "Percent", "Lapsed", "Left out"), courses),
        Sheet("Months", ("Course", "Month end", "In scope", "Completed", "Percent"), series),
        Sheet("Missing", ("Staff number", "Name", "Force", "Team", "Rank", "Role group", "Still to complete"), missing),
    ]
