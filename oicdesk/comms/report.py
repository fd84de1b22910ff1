"""Communications in the papers: their part of the position paper, of the weekly brief and of the panel paper.

These are blocks and sheets; whoever composes a paper puts them beside those of training and the ledger.
"""

from collections.abc import Sequence
from datetime import date, timedelta

from oicdesk.audits.rules_suppress import HIDDEN, PublishedTable, spoken_cells
from oicdesk.comms import rules, rules_effect
from oicdesk.comms.records import ItemRow
from oicdesk.comms.records_effect import PositionRow
from oicdesk.comms.rules_effect import PANEL_OF, Context, Effect, Published, TeamRow
from oicdesk.reports.blocks import Block, Bullets, Cell, Facts, Heading, Paragraph, Sheet, Table
from oicdesk.reports.charts_weeks import weeks_figure
from oicdesk.settings.rules import london_day, long_day, spoken_month

TITLE = "Communications"
_BRIEF_TALKS = 2
_BRIEF_POINTS = 3  # beside the talks, so that the whole brief fits a page
_BRIEF_AHEAD = timedelta(weeks=2)


def comms_blocks(position: PositionRow) -> list[Block]:
    """The internal part on communications: what was published, what followed, what comes, whom to talk to."""
    return [
        Heading(TITLE),
        Facts(_counts(position)),
        *_published(position),
        *_effects(position),
        *_coming(position),
        *_talks(position),
        *_limits(),
    ]


def _counts(position: PositionRow) -> list[tuple[str, Cell]]:
    statuses = [row.status for row in position.items]
    counts: list[tuple[str, Cell]] = [(words, statuses.count(status)) for status, words in rules.STATUS_WORDS.items()]
    reported = sum(row.reported is not None and row.status != rules.CANCELLED for row in position.items)
    return [*counts, ("Of these approved outside the desk", reported)] if reported else counts


def _done(position: PositionRow) -> list[ItemRow]:
    ids = {effect.item.id for effect in position.effects}
    return sorted((row for row in position.items if row.id in ids), key=lambda row: row.day or row.changed_at.date())


def _published(position: PositionRow) -> list[Block]:
    rows = [
        (row.published_on, row.title, rules.CHANNELS[row.channel], row.audience, row.facts.reach,
         row.facts.effort_minutes, row.evidence or None)
        for row in _done(position)
    ]  # fmt: skip
    marks = [Published(row.id, row.title, row.published_on) for row in _done(position) if row.published_on]
    chart = weeks_figure(
        position.weeks, marks, as_at=position.as_at, caption="Documented on time, and what was published"
    )
    return [
        Heading("Published", 2),
        Table(
            ("Day", "Title", "Channel", "Audience", "Reach", "Minutes", "Evidence"), rows, align="llllrrr",
            row_names=False, empty="Nothing is published yet.",
        ),
        chart,
    ]  # fmt: skip


def _effects(position: PositionRow) -> list[Block]:
    rows = [
        (
            effect.item.title, effect.windows.weeks, effect.before.in_words(), effect.after.in_words(),
            effect.verdict,
        )
        for effect in position.effects
    ]  # fmt: skip
    return [
        Heading("What followed", 2),
        Table(
            ("Communication", "Weeks each side", "On time before", "On time after", "Verdict"), rows, align="lrrrl",
            caption="In-scope contacts documented on time, in equal windows before and after",
            empty="Nothing is published yet, so nothing can have followed.",
        ),
        Bullets([f"{effect.item.title}: {effect.in_words}" for effect in position.effects]),
        *_context(position.effects),
    ]  # fmt: skip


def _context(effects: Sequence[Effect]) -> list[Block]:
    told = [effect for effect in effects if effect.windows.weeks]
    if not told:
        return []
    rows = [
        (
            effect.item.title, _pace(effect.documents, "before"), _pace(effect.documents, "after"), _ratio(effect),
            _pace(effect.contacts, "before"), _pace(effect.contacts, "after"),
        )
        for effect in told
    ]  # fmt: skip
    header = (
        "Communication", "Documents a week before", "after", "Ratio (95% interval)", "Contacts a week before", "after",
    )  # fmt: skip
    note = "Context only: the number of documents and of contacts with the NCCU is not a result and has no target."
    return [Table(header, rows, align="lrrrrr"), Paragraph(note, quiet=True)]


def _pace(context: Context, side: str) -> str:
    pace = context.per_week(context.before if side == "before" else context.after)
    return "–" if pace is None else f"{pace:.1f}"


def _ratio(effect: Effect) -> str:
    ratio = effect.documents.ratio
    if ratio is None or effect.documents.before == 0:
        return "–"
    return f"{ratio.ratio:.2f} ({ratio.low:.2f} to {ratio.high:.2f})"


def _coming(position: PositionRow) -> list[Block]:
    rows = [
        (row.day, row.title, rules.CHANNELS[row.channel], row.audience, row.facts.owner, rules.STATUS_WORDS[row.status])
        for row in position.coming
    ]  # fmt: skip
    notes = [clash.sentence for clash in position.conflicts] + _gap_words(position)
    blocks: list[Block] = [
        Heading("Coming", 2),
        Table(
            ("Day", "Title", "Channel", "Audience", "Owner", "Status"), rows, align="llllll", row_names=False,
            empty="Nothing is planned for the next weeks.",
        ),
    ]  # fmt: skip
    return [*blocks, Bullets(notes)] if notes else blocks


def _gap_words(position: PositionRow) -> list[str]:
    if not position.gaps:
        return []
    days = ", ".join(long_day(monday) for monday in position.gaps)
    return [f"Weeks ahead without any item, by their Monday: {days}."]


def _talks(position: PositionRow) -> list[Block]:
    found = position.conversations
    rows = [
        (team.team, team.force, f"{team.missing} of {team.cases}", f"{100 * team.rate:.1f}%", team.recent,
         f"{team.expected:.1f}")
        for team in found.teams
    ]  # fmt: skip
    unnamed = f" {found.unnamed} contacts in scope name no team." if found.unnamed else ""
    return [
        Heading("Whom to talk to next", 2),
        Table(
            ("Team", "Force", "Without a document", "Rate used", "Recent contacts", "Expected missing"), rows,
            align="llrrrr", empty="No contact has fallen due yet.",
        ),
        Bullets([team.talk for team in _worth_a_talk(position)]),
        Paragraph(found.formula + unnamed, quiet=True),
    ]  # fmt: skip


def _worth_a_talk(position: PositionRow) -> list[TeamRow]:
    return [team for team in position.conversations.teams if team.expected > 0][:_BRIEF_TALKS]


def _limits() -> list[Block]:
    return [
        Heading("How to read this", 2),
        Bullets(
            [
                "A verdict compares equal windows of whole weeks before and after the day of publication, that day in"
                " neither; contacts count by the day of the contact once their due time has passed.",
                "A rise or fall is called clear when the 95% interval of the difference (Newcombe) leaves out zero.",
                rules_effect.CAUSE,
                "The list of teams names talks to hold, never persons. The duty is to document what was reported; it is"
                " not a duty to report anybody.",
            ]
        ),
    ]


# --- weekly brief ------------------------------------------------------------------------------------------


def brief_blocks(position: PositionRow) -> list[Block]:
    """The weekly brief's part: the week behind, two weeks ahead, whom to talk to. It prints no count of contacts."""
    today = london_day(position.as_at)
    week = today - timedelta(days=6)
    points = [
        f"Published on {long_day(row.published_on)}: {row.title}, for {row.audience}."
        for row in _done(position)
        if row.published_on is not None and row.published_on >= week
    ]
    points += [
        f"Coming: {row.title} on {long_day(row.day)}, {rules.STATUS_WORDS[row.status].lower()}."
        for row in position.coming
        if row.day is not None and row.day <= today + _BRIEF_AHEAD
    ]
    points += [clash.sentence for clash in position.conflicts if clash.day <= today + _BRIEF_AHEAD]
    points += [
        f"{effect.item.title}: {_verdict_of(effect.item.id, position)}."
        for effect in position.effects
        if effect.verdict != rules_effect.TOO_EARLY
    ][:_BRIEF_TALKS]
    points = points[:_BRIEF_POINTS] + [team.talk for team in _worth_a_talk(position)]
    return [Heading(TITLE), Bullets(points) if points else Paragraph("Nothing was published and nothing is planned.")]


# --- panel paper -------------------------------------------------------------------------------------------


def panel_blocks(position: PositionRow, published: Sequence[PublishedTable]) -> list[Block]:
    """The panel paper's part: aggregates only. `published` are the tables of all papers of the as-at, suppressed."""
    rows = [
        (row.published_on, row.title, rules.CHANNELS[row.channel], _verdict_of(row.id, position))
        for row in _done(position)
    ]  # fmt: skip
    tables = [one for one in published if one.table.paper == position.force and one.table.of == PANEL_OF]
    return [
        Heading(TITLE),
        Table(
            ("Day", "Communication", "Channel", "Documents on time before and after"), rows, align="llll",
            row_names=False, empty="Nothing is published yet.",
        ),
        *(block for table in tables for block in _panel_table(table)),
        Paragraph(rules_effect.CAUSE, quiet=True),
    ]  # fmt: skip


def _verdict_of(item_id: int, position: PositionRow) -> str:
    effect = next(one for one in position.effects if one.item.id == item_id)
    return f"{effect.verdict}, together with others" if effect.others else effect.verdict


def _panel_table(found: PublishedTable) -> list[Block]:
    rows: list[tuple[Cell, ...]] = [
        (spoken_month(_first_day(month)), *spoken_cells(counts, limits, total), _shown(total))
        for month, counts, limits, total in zip(
            found.table.rows, found.counts, found.at_most, found.row_totals, strict=True
        )
    ]
    whole = spoken_cells(found.column_totals, found.columns_at_most, found.total)
    rows.append(("All months", *whole, _shown(found.total)))
    header = (found.table.row_dimension, *found.table.columns, "Due")
    blocks: list[Block] = [Table(header, rows, align="lrrr", caption="Contacts in scope whose document was due")]
    if found.hidden:
        blocks.append(Paragraph(_HIDDEN_WORDS, quiet=True))
    return blocks


_HIDDEN_WORDS = (
    f"“{HIDDEN}”, “at most” and “at least” stand for a small number, or for one from which a small number could be"
    " worked out, because small numbers can identify a person."
)


def _shown(count: int | None) -> Cell:
    return HIDDEN if count is None else count


def _first_day(month: str) -> date:
    return date.fromisoformat(f"{month}-01")


# --- data --------------------------------------------------------------------------------------------------


def comms_sheets(position: PositionRow) -> list[Sheet]:
    """The data behind the internal part."""
    items = [
        (
            row.id, row.title, rules.STATUS_WORDS[row.status], row.force, row.audience, rules.CHANNELS[row.channel],
            row.campaign, row.facts.recommendation, row.facts.promise, row.facts.owner, row.facts.planned_on,
            row.published_on, row.facts.effort_minutes, row.facts.reach, row.facts.reach_basis, row.evidence,
            row.approval or None, row.cancelled_why,
        )
        for row in position.items
    ]  # fmt: skip
    effects = [
        (
            one.item.id, one.item.title, one.item.day, one.windows.weeks, one.before.on_time, one.before.due,
            one.after.on_time, one.after.due, one.verdict, one.because, one.inseparable or None,
        )
        for one in position.effects
    ]  # fmt: skip
    weeks = [
        (one.monday, one.documents, one.due, one.on_time, one.percent, one.contacts, "yes" if one.is_whole else "no")
        for one in position.weeks
    ]
    teams = [
        (one.team, one.force, one.cases, one.missing, round(one.rate, 4), one.recent, round(one.expected, 2))
        for one in position.conversations.teams
    ]
    return [
        Sheet("Communications", ("Number", "Title", "Status", "Force", "Audience", "Channel", "Campaign",
              "Recommendation", "Promise", "Owner", "Planned", "Published", "Minutes", "Reach", "Reach counted as",
              "Evidence files", "Approved by", "Cancelled because"), items),
        Sheet("Effects", ("Number", "Title", "Published", "Weeks each side", "On time before", "Due before",
              "On time after", "Due after", "Verdict", "Why", "Inseparable"), effects),
        Sheet("Weeks", ("Week of", "Documents", "Contacts due", "On time", "On time %", "Contacts", "Week is over"),
              weeks),
        Sheet("Teams", ("Team", "Force", "Contacts due", "Without a document", "Rate used", "Recent contacts",
              "Expected missing"), teams),
    ]  # fmt: skip
