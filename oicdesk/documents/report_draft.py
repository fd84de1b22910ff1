"""A working draft on paper: marked on every page, with the version, the recipient and what it is not."""

from datetime import datetime
from typing import Final

from oicdesk.documents.rules import Labels
from oicdesk.documents.rules_draft import BANNER, Draft, item_facts, lines
from oicdesk.reports.blocks import Block, Facts, Heading, Paragraph, Report, spoken

_LIMITS: Final = (
    "This text stands in for a report while the force's own system is out of reach. That system holds the record;"
    " destroy this copy once the report is entered there."
)


def draft_report(
    draft: Draft, labels: Labels, *, name: str, marking: str, version: str, recipient: str, purpose: str, author: str,
    now: datetime,
) -> Report:  # fmt: skip
    """The draft as blocks; `name` says which draft it is ("Working draft 3")."""
    blocks: list[Block] = [Paragraph(BANNER), Facts([("Prepared for", recipient), ("Purpose", purpose)])]
    for number, item in enumerate(draft.items, 1):
        blocks.append(Heading(f"Item {number}"))
        blocks.append(Paragraph(item.text.strip() or "Nothing written yet."))
        blocks.append(Facts(item_facts(item, labels)))
    blocks.append(Paragraph(_LIMITS, quiet=True))
    title = f"{name}: {draft.title.strip()}" if draft.title.strip() else name
    return Report(
        name="working-draft", title=title, marking=marked(marking), as_at=now, author=author, version=version,
        blocks=blocks,
    )  # fmt: skip


def draft_text(
    draft: Draft, labels: Labels, *, name: str, marking: str, version: str, recipient: str, purpose: str, author: str,
    now: datetime,
) -> str:  # fmt: skip
    """The same as plain text, marked at head and foot."""
    head = [
        marked(marking), "", f"{name}, {version}", f"As at {spoken(now)}, by {author}", f"Prepared for {recipient}",
        f"Purpose: {purpose}", "",
    ]  # fmt: skip
    return "\n".join([*head, *lines(draft, labels), "", _LIMITS, "", marked(marking), ""])


def marked(marking: str) -> str:
    """The marking of everything that leaves of a draft."""
    return f"{marking} · {BANNER}"
