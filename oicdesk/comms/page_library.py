"""The library of templates and messages, and the campaigns: each a table beside the detail of its chosen line."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any, Final

from PySide6.QtCore import Signal

from oicdesk.comms import records, records_library, rules
from oicdesk.comms.page_parts import Board, Clock, Promise, counted, day_words, spoken_item
from oicdesk.comms.records import CampaignRow
from oicdesk.comms.records_library import KINDS, TEMPLATE, TextRow
from oicdesk.reports.page_view import Listed
from oicdesk.ui import messages
from oicdesk.ui.deeds import Beside
from oicdesk.ui.detail import Action
from oicdesk.ui.form import Field
from oicdesk.ui.parts import Button
from oicdesk.ui.rows import Column
from oicdesk.vault.vault import Vault

_CHANNELS: Final = tuple(rules.CHANNELS.items())


@dataclass(frozen=True)
class TextLine:
    """A text of the library as a line of the table."""

    id: int
    text: TextRow


class LibraryView(Beside):
    """Templates, which become items, and messages, which are taken over into one; a change is a new version."""

    wanted = Signal(str, object)

    def __init__(self, vault: Vault, now: Clock) -> None:
        columns = (
            Column("Kind", lambda row: KINDS[row.text.kind], width=90),
            Column("Title", lambda row: row.text.title, width=250),
            Column("Audience", lambda row: row.text.audience, width=150),
            Column("Came with", lambda row: "the program" if row.text.is_shipped else "this desk", width=100),
        )
        super().__init__(vault.changing, "Templates and messages", columns)
        self._vault, self._now = vault, now
        self._promises: Sequence[Promise] = ()
        self.add_button = Button("Add a text…", "primary", "plus")
        self.add_button.clicked.connect(self.add)
        self.top.addStretch(1)
        self.top.addWidget(self.add_button)

    def show_board(self, board: Board) -> None:
        self.read_again()

    def set_promises(self, promises: Sequence[Promise]) -> None:
        """What a template can be linked to."""
        self._promises = promises

    def rows(self) -> Sequence[TextLine]:
        with self._vault.reading() as session:
            found = records_library.library(session)
        return [TextLine(number, one) for number, one in enumerate(found)]

    def show_row(self, row: TextLine) -> None:
        one = row.text
        promise = next((each.text for each in self._promises if each.code == one.promise), one.promise)
        facts = [
            ("Audience", one.audience), ("Channel", rules.CHANNELS[one.channel] if one.kind == TEMPLATE else ""),
            ("Recommendation", "" if one.recommendation is None else str(one.recommendation)), ("Promise", promise),
        ]  # fmt: skip
        actions = [
            Action("use", "New item from it…", "plus", lambda: self.wanted.emit("new", one.facts()),
                   is_next=one.kind == TEMPLATE),
            Action("change", "Change it…", "pencil", lambda: self.change(one)),
            Action("retire", "Take it out…", "x", lambda: self._retire(one)),
        ]  # fmt: skip
        self.detail.show_record(one.title, ("neutral", KINDS[one.kind].lower()), one.text, actions, facts)

    def _fields(self, kinds: bool) -> list[Field]:
        promises = [(one.code, f"{one.recommendation}: {one.text}") for one in self._promises]
        return [
            *([Field("kind", "Kind", "choice", list(KINDS.items()), required=True)] if kinds else []),
            Field("title", "Title", required=True),
            Field("text", "Text", "long", required=True),
            Field("audience", "Audience"),
            Field("channel", "Channel", "choice", _CHANNELS, required=True),
            Field("promise", "Promise it serves", "choice", promises),
        ]

    def _texts(self, found: dict[str, Any]) -> dict[str, Any]:
        """As typed; a promise brings its recommendation along."""
        promise = found["promise"] or ""
        number = next((one.recommendation for one in self._promises if one.code == promise), None)
        return found | {"promise": promise, "recommendation": number}

    def add(self) -> None:
        """Add a template or a message of this desk."""

        def deed(session: Any, found: dict[str, Any]) -> str:
            records_library.add_text(session, TextRow("", **self._texts(found)), now=self._now())
            return f"“{found['title']}” is in the library."

        self.ask("Add a text", self._fields(True), "Add it", deed,
                 values={"kind": TEMPLATE, "channel": rules.INTERNAL_MESSAGE})  # fmt: skip

    def change(self, one: TextRow) -> None:
        """A new version of a text."""

        def deed(session: Any, found: dict[str, Any]) -> str:
            changed = records_library.change_text(session, replace(one, **self._texts(found)), now=self._now())
            return f"“{found['title']}” is changed; items made from it stay." if changed else "Nothing was changed."

        values = {name: getattr(one, name) for name in ("title", "text", "audience", "channel", "promise")}
        self.ask("Change the text", self._fields(False), "Save changes", deed, values=values,
                 sentence="Items made from it before stay as they are.")  # fmt: skip

    def _retire(self, one: TextRow) -> None:
        def deed(session: Any) -> str:
            records_library.retire_text(session, one.code, now=self._now())
            return f"“{one.title}” is out of the library; items made from it stay."

        sentence = "Items made from it stay as they are; its versions stay on record."
        if messages.confirm(self, f"Take “{one.title}” out of the library?", sentence, "Take it out", danger=True):
            self.do(deed)

    def listed(self) -> Listed:
        header = ("Kind", "Title", "Text", "Audience", "Channel", "Recommendation", "Promise")
        rows = [
            (KINDS[one.kind], one.title, one.text, one.audience or None, rules.CHANNELS[one.channel],
             one.recommendation, one.promise or None)
            for one in (line.text for line in self.rows())
        ]  # fmt: skip
        return Listed("Templates and messages", header, rows)


class CampaignsView(Beside):
    """Items that belong together, and what for."""

    wanted = Signal(str, object)

    def __init__(self, vault: Vault, now: Clock) -> None:
        columns = (
            Column("Campaign", lambda row: row.title, width=250),
            Column("Owner", lambda row: row.owner, width=150),
            Column("Items", lambda row: str(row.items), width=64, align_right=True),
            Column("Published", lambda row: str(row.published), width=84, align_right=True),
            Column("State", lambda row: "ended" if row.ended_why else "running", width=110,
                   icon=lambda row: "closed" if row.ended_why else "info"),
        )  # fmt: skip
        super().__init__(vault.changing, "Campaigns", columns)
        self._vault, self._now = vault, now
        self._board: Board | None = None
        self.add_button = Button("Begin a campaign…", "primary", "plus")
        self.add_button.clicked.connect(self.add)
        self.top.addStretch(1)
        self.top.addWidget(self.add_button)
        self.table.set_empty(
            "No campaign yet", "A campaign holds the items together that serve one aim.", "Begin a campaign…", self.add
        )

    def show_board(self, board: Board) -> None:
        self._board = board
        self.read_again()

    def rows(self) -> Sequence[CampaignRow]:
        with self._vault.reading() as session:
            return records.campaigns(session)

    def show_row(self, row: CampaignRow) -> None:
        items = [] if self._board is None else [one for one in self._board.rows if one.facts.campaign_id == row.id]
        ended = "The campaign has ended." if row.ended_why else ""
        first = rules.ItemFacts("", campaign_id=row.id, owner=row.owner)
        actions = [
            Action("item", "New item in it…", "plus", lambda: self.wanted.emit("new", first), ended, is_next=True),
            Action("edit", "Change it…", "pencil", lambda: self._change(row), ended),
            Action("end", "End it…", "x", lambda: self._end(row), ended),
        ]
        lines = [(day_words(one.day), spoken_item(one)) for one in items]
        words = row.aim if not row.ended_why else f"{row.aim}\nEnded: {row.ended_why}".strip()
        state = ("closed", "ended") if row.ended_why else ("info", "running")
        self.detail.show_record(row.title, state, words, actions, [("Owner", row.owner)],
                                [("Items that reach this scope", lines, "None yet.")])  # fmt: skip

    def add(self) -> None:
        """Begin a campaign."""

        def deed(session: Any, found: dict[str, Any]) -> str:
            records.add_campaign(session, now=self._now(), **found)
            return f"“{found['title']}” is begun; give it items."

        self.ask("Begin a campaign", _CAMPAIGN, "Begin it", deed)

    def _change(self, row: CampaignRow) -> None:
        def deed(session: Any, found: dict[str, Any]) -> str:
            changed = records.edit_campaign(session, row.id, **found)
            return f"“{found['title']}”: {counted(len(changed), 'field')} changed."

        values = {"title": row.title, "aim": row.aim, "owner": row.owner}
        self.ask("Change the campaign", _CAMPAIGN, "Save changes", deed, values=values)

    def _end(self, row: CampaignRow) -> None:
        def deed(session: Any, found: dict[str, Any]) -> str:
            records.end_campaign(session, row.id, found["why"], now=self._now())
            return f"“{row.title}” has ended; its items stay as they are."

        self.ask("End the campaign", [Field("why", "Reason", "long", required=True)], "End it", deed)

    def listed(self) -> Listed:
        rows = [(one.title, one.aim or None, one.owner or None, one.items, one.published, one.ended_why)
                for one in self.rows()]  # fmt: skip
        return Listed("Campaigns", ("Campaign", "Aim", "Owner", "Items", "Published", "Ended because"), rows)


_CAMPAIGN: Final = (
    Field("title", "Title", required=True),
    Field("aim", "Aim", "long", placeholder="what it should change"),
    Field("owner", "Owner", placeholder="the post"),
)
