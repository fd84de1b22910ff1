"""The promise ledger in the papers: internal with every measure, brief, and for the panel without small numbers."""

from collections import Counter
from collections.abc import Sequence

from oicdesk.recommendations import rules
from oicdesk.recommendations.records_ledger import LedgerRow, PromiseRow, RecommendationRow
from oicdesk.recommendations.rules_measures import Measure
from oicdesk.reports.blocks import Block, Bullets, Facts, Heading, Paragraph, Sheet, Table
from oicdesk.settings.rules import long_day

TITLE = "Recommendations and promises"
_NOTE = (
    "Met, not met and evidence pending are worked out from what the desk holds at the as-at time. Promises are in our"
    " words of what the force has published; the dates are fixed and stay shown after they have passed."
)


def ledger_blocks(ledger: LedgerRow) -> list[Block]:
    """The internal ledger: every recommendation with its standing, every promise with its measure and evidence."""
    return [
        Heading(TITLE),
        _overview(ledger),
        *(block for row in ledger.recommendations for block in _recommendation(row)),
        Paragraph(_NOTE, quiet=True),
    ]


def _overview(ledger: LedgerRow) -> Table:
    rows = [
        (f"Recommendation {row.asked.number}", row.asked.by, rules.STATUS_WORDS[row.status], _headline(row))
        for row in ledger.recommendations
    ]
    return Table(("Recommendation", "By", "Status", "Standing"), rows, align="llll")


def _headline(row: RecommendationRow | PromiseRow) -> str:
    words = row.standing.headline
    return words[0].upper() + words[1:]


def _recommendation(row: RecommendationRow) -> list[Block]:
    promises = [
        (one.promised.text, one.promised.measure, one.measure.words, _headline(one)) for one in row.promises
    ]  # fmt: skip
    blocks: list[Block] = [
        Heading(f"Recommendation {row.asked.number}", 2),
        Paragraph(row.asked.requirement),
        Paragraph(row.standing.in_words),
        Table(("Promise", "Measure", "What the desk shows", "Standing"), promises, align="llll", row_names=True,
              empty="No promise is in the ledger."),
    ]  # fmt: skip
    for one in row.promises:
        blocks += _rows(one.promised.measure, one.measure)
    shown = [*row.evidence, *(each for one in row.promises for each in one.evidence)]
    if shown:
        blocks.append(Bullets([f"Evidence of {long_day(one.happened_on)}: {one.what}" for one in shown]))
    return blocks


def _rows(caption: str, measure: Measure) -> list[Block]:
    if len(measure.rows) < 2:
        return []
    header = [str(cell) for cell in measure.rows[0]]
    return [Table(header, measure.rows[1:], caption=caption)]


def brief_blocks(ledger: LedgerRow) -> list[Block]:
    """The weekly brief's part: one line for each recommendation, with how its promises stand; it is to fit a page."""
    return [
        Facts([(f"Recommendation {row.asked.number}", f"{_headline(row)}; promises: {_promises(row)}")
               for row in ledger.recommendations])
    ]  # fmt: skip


def _promises(row: RecommendationRow) -> str:
    """Like “2 met, 3 not met, 1 evidence pending”."""
    counts = Counter(one.measure.state for one in row.promises)
    told = [f"{counts[state]} {state}" for state in (rules.MET, rules.NOT_MET, rules.PENDING) if counts[state]]
    return ", ".join(told) or "none in the ledger"


def panel_blocks(ledger: LedgerRow) -> list[Block]:
    """The panel paper's part: standings, and a measure only where it holds no count of cases or people and no name."""
    blocks: list[Block] = [Heading(TITLE), _overview(ledger)]
    for row in ledger.recommendations:
        rows = [
            (one.promised.text, one.measure.words if one.measure.is_public else one.promised.measure, _headline(one))
            for one in row.promises
        ]
        blocks += [
            Heading(f"Recommendation {row.asked.number}", 2),
            Paragraph(row.asked.requirement),
            Table(("Promise", "Measure", "Standing"), rows, align="lll", empty="No promise is in the ledger."),
        ]
    return [*blocks, Paragraph(_NOTE, quiet=True)]


def ledger_sheets(ledger: LedgerRow) -> list[Sheet]:
    """The data behind the internal ledger."""
    promises: Sequence[tuple[str | int | None, ...]] = [
        (row.asked.number, one.promised.code, one.promised.text, one.promised.measure, one.measure.state,
         one.measure.words, len(one.evidence))
        for row in ledger.recommendations
        for one in row.promises
    ]  # fmt: skip
    recommendations = [
        (row.asked.number, row.asked.by, row.asked.requirement, rules.STATUS_WORDS[row.status], row.standing.headline,
         row.measure.words)
        for row in ledger.recommendations
    ]  # fmt: skip
    evidence = [
        (one.recommendation, one.promise or None, one.happened_on, one.what, "yes" if one.shows_met else "no",
         one.file_name or None, one.sha256 or None)
        for row in ledger.recommendations
        for one in (*row.evidence, *(each for promise in row.promises for each in promise.evidence))
    ]  # fmt: skip
    return [
        Sheet("Recommendations", ("Number", "By", "Requirement", "Status", "Standing", "Why"), recommendations),
        Sheet("Promises", ("Recommendation", "Code", "Promise", "Measure", "State", "What the desk shows",
              "Pieces of evidence"), promises),
        Sheet("Evidence", ("Recommendation", "Promise", "Day", "What", "Shows it is met", "File", "SHA-256"), evidence),
    ]  # fmt: skip
