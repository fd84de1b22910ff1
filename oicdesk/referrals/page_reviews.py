"""Reviews, holds and rights: cases to look at again, what keeps them, requests of people, and breaches."""

from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from typing import Any, Final

from oicdesk import machine as machines
from oicdesk.errors import VaultError
from oicdesk.machine import Machine
from oicdesk.referrals import records_breaches, records_holds, records_reviews, rules, rules_retention
from oicdesk.referrals.form import Clock
from oicdesk.referrals.page_cards import BREACH, show_card
from oicdesk.referrals.page_part import Part, PartsPage
from oicdesk.referrals.page_rights import ERASED, CorrectionsPart, RequestsPart, SearchPart
from oicdesk.referrals.records_breaches import BreachRow
from oicdesk.referrals.records_holds import HoldRow
from oicdesk.referrals.records_reviews import DueRow, Purge
from oicdesk.referrals.rules_people import FREE_TEXT_WARNING
from oicdesk.settings.rules import add_months, london_day, short_day, spoken_instant
from oicdesk.ui.deeds import Deed
from oicdesk.ui.detail import text
from oicdesk.ui.form import Field
from oicdesk.ui.parts import Button
from oicdesk.ui.rail import Segments
from oicdesk.ui.rows import Column
from oicdesk.ui.undo import Changing, Step, Told, reversible
from oicdesk.vault.vault import Vault

REVIEWS_DUE: Final = "reviews_due"
DUE, HOLDS, REQUESTS, SEARCH, CORRECTIONS, BREACHES = (
    "Due for review", "Holds", "Requests", "Search people", "Corrections", "Breaches",
)  # fmt: skip
_REVIEWED: Final = "a review stays on record with its reason; review the case again"
WHY: Final = Field("why", "Reason", "long", required=True, help=FREE_TEXT_WARNING)


def _now() -> datetime:
    return datetime.now(UTC)


def hold_fields() -> list[Field]:
    """What is asked about a hold."""
    return [
        Field("kind", "The hold is for", "choice", list(rules_retention.HOLD_KINDS.items()), required=True, width=240),
        WHY,
        Field("review_on", "Review the hold on", "date", required=True),
    ]


def placing(case: int, name: str, now: Clock, changing: Changing) -> Deed:
    """The deed of placing a hold on a case, which is taken back by releasing it."""

    def deed(session: Any, values: dict[str, Any]) -> Told:
        hold = records_holds.place_hold(session, case, values["kind"], values["why"], values["review_on"], now=now())
        step = reversible(
            f"Place a hold on {name}", changing,
            lambda later: records_holds.release_hold(later, hold, "Placed by mistake, taken back.", now=now()),
            lambda later: records_holds.take_back_release(later, hold, now=now()),
        )  # fmt: skip
        return Told(f"A hold is on {name}: nothing of it is anonymised or purged until it is released.", step)

    return deed


def releasing(hold_id: int, name: str, now: Clock, changing: Changing) -> Deed:
    """The deed of releasing a hold."""

    def deed(session: Any, values: dict[str, Any]) -> Told:
        def release(later: Any) -> None:
            records_holds.release_hold(later, hold_id, values["why"], now=now())

        release(session)
        step = reversible(
            f"Release the hold on {name}", changing,
            lambda later: records_holds.take_back_release(later, hold_id, now=now()), release,
        )  # fmt: skip
        return Told(f"The hold on {name} is released.", step)

    return deed


class DuePart(Part):
    """Cases whose review date has come, or whose people may be anonymised; a person decides, with a reason."""

    def __init__(self, vault: Vault, now: Clock, purge: Purge | None) -> None:
        super().__init__(vault, now, "Cases due for review", _DUE, _DUE_KEYS)
        self._purge = purge
        self.keep_button = Button("Keep until…", "plain", "calendar")
        self.erase_button = Button("Anonymise the people…", "danger", "eye-off")
        self.hold_button = Button("Place a hold…", "plain", "lock")
        self.open_button = Button("Open the case", "plain", "folder-open")
        self.words = text("", "base", "secondary")
        self.lay_out(self.words, buttons=(self.keep_button, self.erase_button, self.hold_button, self.open_button))
        self.keep_button.clicked.connect(self.keep)
        self.erase_button.clicked.connect(self.anonymise)
        self.hold_button.clicked.connect(self.hold)
        self.open_button.clicked.connect(lambda: self.open_case.emit(self.chosen[0].id))
        self.table.row_opened.connect(self.open_case)
        self.table.set_empty(
            "No case is due for review", "Finished cases come back a year later, open ones every year."
        )

    def refresh(self) -> None:
        with self.vault.reading() as session:
            rows = records_reviews.due_for_review(session, now=self.now(), force=self.force)
        self.words.setText(
            "Nothing is erased by the date alone: each case is kept on, or its people are anonymised, for a reason."
        )
        self.show_rows(rows)

    def show_chosen(self) -> None:
        rows = self.chosen
        self.keep_button.setEnabled(bool(rows))
        self.erase_button.setEnabled(any(row.anonymise_on is not None and not row.held for row in rows))
        for button in (self.hold_button, self.open_button):
            button.setEnabled(len(rows) == 1)

    def keep(self) -> None:
        """Keep the cases chosen until their next review."""
        rows = self.chosen
        if not rows:
            return
        with self.vault.reading() as session:
            proposed = records_reviews.next_review(session, rows[0].id, now=self.now())
        fields = [WHY, Field("next_on", "Review again on", "date", required=True)]
        values = self._asked(f"Keep {_names(rows)}", fields, "Keep", {"next_on": proposed})
        if values is not None:
            kept = self.each(rows, lambda session, row: records_reviews.keep(
                session, row.id, values["why"], values["next_on"], now=self.now()), "Kept")  # fmt: skip
            for label in kept:
                self.step_done.emit(Step(f"Keep {label}", why_not=_REVIEWED))

    def anonymise(self) -> None:
        """Erase who the people of the cases chosen were."""
        rows = self.chosen
        if not rows:
            return
        values = self._asked(
            f"Anonymise the people of {_names(rows)}", [WHY], "Anonymise the people", {},
            "Who the people were, the notes and unfinished forms are erased for good. The case, its dates and its"
            " figures stay; so do the reasons in its history, which are not to name anybody. This cannot be undone.",
        )  # fmt: skip
        if values is None:
            return
        why = values["why"]

        def deed(session: Any, row: DueRow) -> None:
            records_reviews.anonymise(session, row.id, why, now=self.now(), purge=self._purge)

        for label in self.each(rows, deed, "Anonymised"):
            self.step_done.emit(Step(f"Anonymise the people of {label}", why_not=ERASED))

    def hold(self) -> None:
        """Stop anonymising and purging of the case chosen."""
        (row,) = self.chosen

        deed = placing(row.id, row.reference, self.now, self.changing)
        self.ask(f"Place a hold on {row.reference}", hold_fields(), "Place the hold", deed,
                 values={"review_on": add_months(london_day(self.now()), 6)})  # fmt: skip

    def _asked(
        self, title: str, fields: Sequence[Field], verb: str, values: dict[str, Any], sentence: str = ""
    ) -> dict[str, Any] | None:
        from oicdesk.ui import messages

        return messages.ask_form(self, title, fields, verb, values=values, sentence=sentence)


def _names(rows: Sequence[DueRow]) -> str:
    return str(rows[0].reference) if len(rows) == 1 else f"{len(rows)} cases"


def _day(value: Any, nothing: str = "") -> str:
    return short_day(value) if value is not None else nothing


_DUE: Final = (
    Column("Reference", lambda row: row.reference, "reference", width=128),
    Column("Force", lambda row: row.force or "", "force", width=80),
    Column("State", lambda row: rules.STATUS_WORDS[row.status], "status", width=192, icon=lambda row: row.status),
    Column("Finished", lambda row: _day(row.done_on, "open"), "done_on", width=112),
    Column("Review on", lambda row: _day(row.review_on), "review_on", width=112),
    Column("Anonymise from", lambda row: _day(row.anonymise_on, "–"), "anonymise_on", width=148),
    Column("Hold", lambda row: "on hold" if row.held else "none", "held", width=80),
)
_DUE_KEYS: Final[dict[str, Callable[[DueRow], Any]]] = {
    "reference": lambda row: row.ref_order, "force": lambda row: row.force or "", "status": lambda row: row.status,
    "done_on": lambda row: str(row.done_on or ""), "review_on": lambda row: row.review_on,
    "anonymise_on": lambda row: str(row.anonymise_on or ""), "held": lambda row: row.held,
}  # fmt: skip


class HoldsPart(Part):
    """Every hold, those to be reviewed first; released ones stay with their reasons."""

    def __init__(self, vault: Vault, now: Clock) -> None:
        super().__init__(vault, now, "Holds", _HOLDS, _HOLD_KEYS)
        self.keep_button = Button("Keep the hold until…", "plain", "calendar")
        self.release_button = Button("Release the hold…", "plain", "lock-open")
        self.open_button = Button("Open the case", "plain", "folder-open")
        self.table.setSelectionMode(self.table.SelectionMode.SingleSelection)
        self.lay_out(buttons=(self.keep_button, self.release_button, self.open_button))
        self.keep_button.clicked.connect(self.keep)
        self.release_button.clicked.connect(self.release)
        self.open_button.clicked.connect(lambda: self.open_case.emit(self.chosen[0].referral_id))
        self.table.row_opened.connect(lambda _id: self.open_case.emit(self.chosen[0].referral_id))
        self.table.set_empty("No case is on hold", "A hold is placed on a case for a court, a complaint, an inquest or"
                             " disclosure duties.")  # fmt: skip

    def refresh(self) -> None:
        with self.vault.reading() as session:
            self.show_rows(records_holds.holds(session, force=self.force))

    def show_chosen(self) -> None:
        rows = self.chosen
        for button in (self.keep_button, self.release_button):
            button.setEnabled(bool(rows) and rows[0].released_at is None)
        self.open_button.setEnabled(bool(rows))

    def keep(self) -> None:
        """Keep the hold after its review."""
        (row,) = self.chosen

        def deed(session: Any, values: dict[str, Any]) -> Told:
            after = values["review_on"]

            def keep(later: Any) -> None:
                records_holds.extend_hold(later, row.id, values["why"], after, now=self.now())

            keep(session)
            return self.did(
                f"The hold on {row.reference} stays.", f"Keep the hold on {row.reference}",
                lambda later: records_holds.take_back_extension(later, row.id, row.review_on, after, now=self.now()),
                keep,
            )  # fmt: skip

        self.ask(f"Keep the hold on {row.reference}", hold_fields()[1:], "Keep the hold", deed,
                 values={"review_on": add_months(london_day(self.now()), 6)})  # fmt: skip

    def release(self) -> None:
        """End the hold."""
        (row,) = self.chosen

        deed = releasing(row.id, row.reference, self.now, self.changing)
        self.ask(f"Release the hold on {row.reference}", [WHY], "Release the hold", deed)


def _released(row: HoldRow) -> str:
    if row.released_at is None:
        return "stands"
    return f"released {short_day(london_day(row.released_at))} by {row.released_by}: {row.released_why}"


_HOLDS: Final = (
    Column("Reference", lambda row: row.reference, "reference", width=128),
    Column("For", lambda row: rules_retention.HOLD_KINDS[row.kind], "kind", width=140),
    Column("Why", lambda row: row.why, width=196),
    Column("Review on", lambda row: _day(row.review_on), "review_on", width=112),
    Column("Placed by", lambda row: f"{row.placed_by}, {short_day(london_day(row.placed_at))}", "placed", width=184),
    Column("Standing", _released, "standing", width=240),
)
_HOLD_KEYS: Final[dict[str, Callable[[HoldRow], Any]]] = {
    "reference": lambda row: row.reference, "kind": lambda row: row.kind, "review_on": lambda row: row.review_on,
    "placed": lambda row: row.placed_at, "standing": _released,
}  # fmt: skip


class BreachesPart(Part):
    """Breaches with their facts, effects and remedy, and the 72 hours."""

    def __init__(self, vault: Vault, now: Clock) -> None:
        super().__init__(vault, now, "Breaches", _BREACHES, _BREACH_KEYS)
        self.add_button = Button("Record a breach…", "primary", "plus")
        self.edit_button = Button("Complete the record…", "plain", "pencil")
        self.card_button = Button("Help card (F2)", "plain", "info")
        self.table.setSelectionMode(self.table.SelectionMode.SingleSelection)
        self.lay_out(buttons=(self.add_button, self.edit_button, self.card_button))
        self.add_button.clicked.connect(self.add)
        self.edit_button.clicked.connect(self.edit)
        self.card_button.clicked.connect(lambda: show_card(self, BREACH))
        self.table.row_opened.connect(lambda _id: self.edit())
        self.table.set_empty("No breach is recorded", "The help card says what to do within 72 hours.", "Open the help"
                             " card", lambda: show_card(self, BREACH))  # fmt: skip

    def refresh(self) -> None:
        with self.vault.reading() as session:
            self.show_rows(records_breaches.breaches(session))

    def show_chosen(self) -> None:
        self.edit_button.setEnabled(bool(self.chosen))

    def add(self) -> None:
        """Record a breach with its facts; effects and remedy may follow."""

        def deed(session: Any, values: dict[str, Any]) -> Told:
            records_breaches.record(session, values, now=self.now())
            by = rules_retention.notify_by(values["aware_at"])
            step = Step("Record a breach", why_not="a breach stays on record; complete its record instead")
            return Told(f"The breach is recorded. The 72 hours end {spoken_instant(by)}.", step)

        self.ask("Record a breach", _breach_fields(), "Record the breach", deed, values={"aware_at": self.now()})

    def edit(self) -> None:
        """Complete the record chosen."""
        if not self.chosen:
            return
        row = self.chosen[0]

        def deed(session: Any, values: dict[str, Any]) -> str | Told:
            told = _kept_seconds(row, values)
            changed = records_breaches.edit(session, row.id, told, now=self.now())
            before = {name: getattr(row, name) for name in changed}
            after = {name: told[name] for name in changed}

            def back(later: Any) -> None:
                records_breaches.put_back(later, row.id, before, after, now=self.now())

            def again(later: Any) -> None:
                records_breaches.put_back(later, row.id, after, before, now=self.now())

            if not changed:
                return "Nothing was different."
            return self.did("The record is completed.", "Complete the record of a breach", back, again)

        values = {name: getattr(row, name) for name in records_breaches.FIELDS}
        self.ask("Complete the record of a breach", _breach_fields(), "Save the record", deed, values=values)


def _kept_seconds(row: BreachRow, values: dict[str, Any]) -> dict[str, Any]:
    """A box shows minutes, so a time that was not touched keeps its seconds."""
    kept = dict(values)
    for name in ("aware_at", "commissioner_told_at"):
        old, new = getattr(row, name), values[name]
        if old is not None and new is not None and old.replace(second=0, microsecond=0) == new:
            kept[name] = old
    return kept


def _breach_fields() -> list[Field]:
    def long(name: str, label: str, help: str = "", *, required: bool = False) -> Field:
        return Field(name, label, "long", required=required, help=help)

    return [
        Field("aware_at", "Aware since", "instant", required=True, help="The 72 hours run from here."),
        long("facts", "Facts", "What happened to which data, without names.", required=True),
        long("effects", "Effects", "Who may be affected, and how."),
        long("remedy", "Remedy", "What was done, and what will be."),
        Field("commissioner_told_at", "Commissioner told at", "instant"),
        long("why_not_told", "If told late or not at all, why"),
        long("people_told", "People concerned", "How they were told, or why not."),
    ]


def _told(row: BreachRow) -> str:
    if row.commissioner_told_at is not None:
        return f"told {spoken_instant(row.commissioner_told_at)}"
    return "not told, with reasons" if row.why_not_told else "not told yet"


_BREACHES: Final = (
    Column("Aware since", lambda row: spoken_instant(row.aware_at), "aware_at", width=176),
    Column("72 hours end", lambda row: spoken_instant(row.notify_by), "aware_at", width=176),
    Column("Commissioner", _told, "told", width=196),
    Column("Facts", lambda row: row.facts, width=220),
    Column("Effects", lambda row: row.effects or "not written yet", width=160),
    Column("Remedy", lambda row: row.remedy or "not written yet", width=160),
)
_BREACH_KEYS: Final[dict[str, Callable[[BreachRow], Any]]] = {"aware_at": lambda row: row.aware_at, "told": _told}


class ReviewsPage(PartsPage):
    """Parts of one tool; what is about people is shown only after a look that is logged."""

    title = "Reviews and rights"
    icon_name = "shield-check"
    shows = frozenset({REVIEWS_DUE, "hold", "breach"})
    tables = frozenset({
        "referral", "referral_event", "referral_hold", "referral_review", "breach", "setting", "person_request",
        "person_correction", "person_recipient", "person",
    })  # fmt: skip

    def __init__(
        self, vault: Vault, *, now: Clock = _now, machine: Machine | None = None, purge: Purge | None = None
    ) -> None:
        """`purge` erases what other rooms keep of a case's people, such as a working draft."""
        machine = machine or machines.this()
        self.due, self.holds = DuePart(vault, now, purge), HoldsPart(vault, now)
        self.requests, self.search = RequestsPart(vault, now), SearchPart(vault, now, machine)
        self.corrections, self.breaches = CorrectionsPart(vault, now), BreachesPart(vault, now)
        self.views: dict[str, Part] = {
            DUE: self.due, HOLDS: self.holds, REQUESTS: self.requests, SEARCH: self.search,
            CORRECTIONS: self.corrections, BREACHES: self.breaches,
        }  # fmt: skip
        super().__init__(list(self.views.values()), Segments("Part of the page", list(self.views), DUE))
        self.requests.correct_asked.connect(self._search_for)
        self.act("Search people for a rights request", lambda: self._search_for(None))

    def refresh(self) -> None:
        for part in self.parts:
            part.force = None if self.force == "Joint" else self.force
        try:
            self.due.refresh()
            self.holds.refresh()
            if self.part not in (self.due, self.holds):
                self.part.refresh()
        except VaultError as error:
            self.refuse(str(error))
        names = list(self.views)
        names[0] += f"  {len(self.due.rows):,}"
        names[1] += f"  {sum(row.released_at is None for row in self.holds.rows):,}"
        self.segments.say(names)

    def turn(self) -> None:
        self.say("")
        super().turn()
        for part in (self.requests, self.search, self.corrections):
            if part is not self.part:
                part.hide_people()
        self.part.refresh()

    def _search_for(self, request_id: int | None) -> None:
        self.search.request_id = request_id
        self.show_part(self.search)
        self.search.words.setFocus()

    def show_item(self, kind: str, id: int) -> bool:
        """Bring the cases due for review into view, or a hold or a breach."""
        names = {REVIEWS_DUE: DUE, "hold": HOLDS, "breach": BREACHES}
        if kind not in names:
            return False
        self.show_part(self.views[names[kind]])
        return kind == REVIEWS_DUE or self.part.table.select_id(id)
