"""What only both sides together can say, as blocks: teams side by side, training for the panel, the weekly brief."""

from collections.abc import Mapping, Sequence

from oicdesk.audits.rules_suppress import HIDDEN, PublishedTable, spoken_cells, spoken_share
from oicdesk.measures import rules
from oicdesk.measures.records import BriefRow
from oicdesk.measures.rules import SideBySide
from oicdesk.reports.blocks import Block, Bullets, Cell, Facts, Heading, Paragraph, Sheet, Table
from oicdesk.settings.rules import long_day
from oicdesk.training.rules import JOINT, Figures, percent

HYDRA_ASKED = 8  # the recommendation on the Hydra package
SIDE_TITLE = "Trained, and documented on time"
_SIDE_HEADER = ("Team", "Force", "In scope", "Trained", "Share trained", "Contacts due", "On time", "Share on time")


def side_blocks(found: SideBySide) -> list[Block]:
    """The two shares of each team, by name; internal."""
    rows = [
        (row.team, row.force, row.in_scope, row.trained, _percent(row.trained_percent), row.due, row.on_time,
         _percent(row.on_time_percent))
        for row in found.rows
    ]  # fmt: skip
    said = (
        f"People who have completed all modules as at {long_day(found.until)}, and contacts since"
        f" {long_day(found.since)} documented on time."
    )
    return [
        Heading(SIDE_TITLE),
        Table(_SIDE_HEADER, rows, align="llrrrrrr", caption=said,
              empty=f"No team has {rules.LEAST} people in scope and {rules.LEAST} contacts due."),
        Paragraph(found.note),
    ]  # fmt: skip


def side_sheets(found: SideBySide) -> list[Sheet]:
    """The same rows as data."""
    rows = [
        (row.team, row.force, row.in_scope, row.trained, row.trained_percent, row.due, row.on_time,
         row.on_time_percent)
        for row in found.rows
    ]  # fmt: skip
    return [Sheet("Side by side", _SIDE_HEADER, [*rows, (found.note, *[None] * (len(_SIDE_HEADER) - 1))])]


# --- training for the panel --------------------------------------------------------------------------------


def training_panel_blocks(
    by_force: Mapping[str, Figures], published: Sequence[PublishedTable], paper: str
) -> list[Block]:
    """Training in the panel paper of a scope: verdict words, and counts as they may be printed."""
    tables = {
        (one.table.of, one.table.row_dimension): one for one in published if one.table.paper == paper
    }  # fmt: skip
    courses = [(one.title, tables[one.of, one.code]) for one in rules.panel_courses(by_force[JOINT])]
    rows: list[tuple[Cell, ...]] = [(title, *_course_cells(found)) for title, found in courses]
    left_out = [one for (of, _dimension), one in tables.items() if of.startswith(rules.EXCLUDED_OF)]
    verdicts = [(f"Recommendation {one.recommendation}", one.word.capitalize()) for one in by_force[paper].verdicts]
    return [
        Heading("Training"),
        Facts(verdicts),
        Table(
            ("Course", "People in scope", *rules.OUTCOMES, "Share completed"), rows, align="lrrrr",
            empty="Nobody is in scope of any course yet.",
        ),
        *(block for one in left_out for block in _left_out(one)),
        *_why_hidden([*(found for _title, found in courses), *left_out]),
        Paragraph(
            "Counts of single months are not printed: from one month to the next they would tell of a few people.",
            quiet=True,
        ),
    ]  # fmt: skip


def _course_cells(found: PublishedTable) -> tuple[Cell, ...]:
    ((done,), (missing,)), total = found.counts, found.total
    limits = [limit for (limit,) in found.at_most]
    if total is None:
        share = HIDDEN
    elif done is None:
        share = spoken_share(limits, total, lambda part: _percent(100 * part))
    else:
        share = _percent(percent(done, total))
    return _shown(total), *spoken_cells((done, missing), limits, total), share


def _left_out(found: PublishedTable) -> list[Block]:
    counts, limits = [count for (count,) in found.counts], [limit for (limit,) in found.at_most]
    rows: list[tuple[Cell, ...]] = list(zip(found.table.rows, spoken_cells(counts, limits, found.total), strict=True))
    rows.append(("All reasons", _shown(found.total)))
    caption = found.table.of[0].upper() + found.table.of[1:]
    return [Table(("Reason", "People"), rows, align="lr", caption=caption)]


def _why_hidden(tables: Sequence[PublishedTable]) -> list[Block]:
    if not any(one.hidden for one in tables):
        return []
    return [Paragraph(
        f"“{HIDDEN}”, “at most” and “at least” stand for a number below 5, or for one from which such a number could be"
        " worked out, in this paper or together with the papers of the other force and of both.", quiet=True,
    )]  # fmt: skip


def _shown(count: int | None) -> Cell:
    return HIDDEN if count is None else count


def _percent(value: float | None) -> str:
    return "–" if value is None else f"{value:.1f}%"


# --- the weekly brief --------------------------------------------------------------------------------------


def brief_blocks(found: BriefRow) -> list[Block]:
    """The head of the weekly brief: are we compliant, is it change or noise, what is asked."""
    covered, timely = found.coverage, found.on_time
    pairs: list[tuple[str, Cell]] = [
        ("Documents", f"{covered.submitted:,} of {covered.in_scope:,} contacts in scope have one"
         f" ({_percent(covered.percent)}); {covered.overdue:,} overdue, {covered.not_yet_due:,} not yet due"),
        ("On time", f"{timely.on_time:,} of {timely.due:,} due ({_percent(timely.percent)}). {found.week}"),
        ("Last seven days", f"{_counted(found.documents, 'document')} submitted for the first time"),
    ]  # fmt: skip
    if found.safeguarding:
        records = "1 case" if found.safeguarding == 1 else f"{found.safeguarding:,} cases"
        pairs.append(("Safeguarding", f"The safeguarding record of {records} is incomplete"))
    asks: list[Block] = [Bullets(found.asks)] if found.asks else [Paragraph("Nothing waits for you this week.")]
    return [Facts(pairs), Heading("What is asked of you"), *asks]


def training_brief_blocks(figures: Figures, gap: str) -> list[Block]:
    """Training in the weekly brief: who accounts for the gap, and Hydra; the standings are told with the promises."""
    hydra = [one.because for one in figures.verdicts if one.recommendation == HYDRA_ASKED]
    return [Heading("Training"), Bullets([f"{figures.all_modules.title}: {gap}", *hydra])]


def _counted(count: int, noun: str) -> str:
    return f"{count:,} {noun}" if count == 1 else f"{count:,} {noun}s"
