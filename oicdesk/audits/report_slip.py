"""Feedback slips of an audit: one page for each reporting officer, about their own documents only."""

from collections.abc import Sequence

from oicdesk.audits.records import AuditRow
from oicdesk.audits.report_parts import Terms, period_words
from oicdesk.audits.rules_results import Slip
from oicdesk.reports.blocks import Block, Bullets, Facts, Heading, PageBreak, Paragraph, Report

NAME = "audit-slips"
TITLE = "Feedback on documents audited"
ONE_DISTRIBUTION = "For the reporting officer named on it."
ALL_DISTRIBUTION = "One page for each reporting officer, to be handed over apart; nobody gets another's."


def slip_report(slips: Sequence[Slip], audit: AuditRow, terms: Terms) -> Report:
    """The slips, each on its own page; praise first, no comparison with anybody."""
    blocks: list[Block] = [Facts([("Audit", audit.plan.title), ("Period", period_words(audit.plan))])]
    for slip in slips:
        if len(slips) > 1:
            blocks.append(PageBreak())
        blocks += _slip(slip)
    return Report(
        name=NAME, title=TITLE, marking=terms.marking, as_at=terms.as_at, author=terms.author, version=terms.version,
        recipient=terms.recipient or (slips[0].officer if len(slips) == 1 else ""),
        distribution=ONE_DISTRIBUTION if len(slips) == 1 else ALL_DISTRIBUTION, log_head=terms.log_head,
        blocks=blocks,
    )  # fmt: skip


def _slip(slip: Slip) -> list[Block]:
    blocks: list[Block] = [
        Heading(slip.officer),
        Paragraph(slip.opening),
        Heading("What was done well", 2),
        Bullets(slip.praise),
    ]
    if slip.improvements:
        blocks += [Heading("What would make the next one better", 2), Bullets(slip.improvements)]
    return [*blocks, Paragraph(slip.closing)]
