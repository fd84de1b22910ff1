"""Hydra: events with their places, invitations by need, the waiting list, the register, and where it is delivered."""

from collections.abc import Sequence
from typing import Any

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QSplitter, QWidget

from oicdesk.errors import Refused
from oicdesk.settings.rules import london_day, short_day, spoken_day
from oicdesk.training import form, records_events, records_figures, records_people, rules
from oicdesk.training.page_parts import Clock, LineRow, Lines, Listed, Scope, View, column_of, people_words, row_of
from oicdesk.training.records_events import EventRow, PlaceRow
from oicdesk.ui import theme
from oicdesk.ui.detail import Flow, Section
from oicdesk.ui.form import Field
from oicdesk.ui.parts import Button, Words
from oicdesk.vault.vault import Vault

_EVENTS = (
    ("Date", 100),
    ("Centre", 108),
    ("Delivery", 76),
    ("Taken", 70),
    ("Waiting", 76),
    ("Came", 54),
    ("State", 128),
)
_PLACES = (("Name", 160), ("Staff number", 104), ("State", 124))
_PILLS = {
    records_events.INVITED: "submitted", records_events.ACCEPTED: "good", records_events.DECLINED: "exempt",
    records_events.WAITING: "awaiting_document", records_events.ATTENDED: "accepted", records_events.ABSENT: "returned",
}  # fmt: skip
_DELIVERED = {
    records_events.NATIONAL: "National delivery", records_events.LOCAL: "Local delivery",
    records_events.BOTH: "National and local delivery",
}  # fmt: skip
_OFFERED = 200  # most people offered in one list of invitations


class HydraView(View):
    """Events at the left, the people of the chosen one at the right, decisions below."""

    def __init__(self, vault: Vault, now: Clock) -> None:
        super().__init__(vault, now)
        self._events: dict[int, EventRow] = {}
        self._places: dict[int, PlaceRow] = {}
        self.events = Lines("Hydra events", _EVENTS, right=(3, 4, 5))
        self.events.setSelectionMode(Lines.SelectionMode.SingleSelection)
        self.places = Lines("People of the event", _PLACES, pill_at=2)
        self.heading = Words("", "section")
        self.need = Words("", "base", "secondary")
        self.decisions = Section("Where it is delivered")
        self.plan_button = Button("Plan an event…", "plain", "plus")
        self.edit_button = Button("Edit…", "plain", "pencil")
        self.cancel_button = Button("Call it off…", "plain", "x")
        self.invite_button = Button("Invite by need…", "plain", "send")
        self.register_button = Button("Write the register…", "plain", "clipboard-check")
        self.accept_button, self.decline_button = Button("Accepts", "quiet", "check"), Button("Declines", "quiet", "x")
        self.decide_button = Button("Record a decision…", "quiet", "plus")
        self._lay_out()
        self._listen()

    def _lay_out(self) -> None:
        left, right = QWidget(), QWidget()
        below = QWidget()
        self.decisions = Section("Where it is delivered", self.decide_button)
        column_of(below, self.decisions)
        column = column_of(left, row_of(self.plan_button, self.edit_button, self.cancel_button), self.events, below)
        column.setStretch(1, 1)
        buttons = QWidget()
        flow = Flow(buttons)
        for button in (self.invite_button, self.register_button, self.accept_button, self.decline_button):
            flow.addWidget(button)
        self.need.setWordWrap(True)
        column_of(right, self.heading, self.need, buttons, self.places).setStretch(3, 1)
        halves = QSplitter(Qt.Orientation.Horizontal)
        halves.setChildrenCollapsible(False)
        halves.setHandleWidth(theme.GAP)
        halves.addWidget(left)
        halves.addWidget(right)
        halves.setSizes([632, 408])
        column_of(self, halves)
        self.events.set_empty("No event is planned", "Plan the days at a Hydra centre, then invite those who need it.",
                              "Plan an event…", self.plan)  # fmt: skip
        self.places.set_empty("Nobody is invited yet", "Invite by need: those who wait longest stand first.")

    def _listen(self) -> None:
        self.events.selection_changed.connect(self._show_event)
        self.places.selection_changed.connect(self._place_chosen)
        for button, slot in (
            (self.plan_button, self.plan), (self.edit_button, self._edit), (self.cancel_button, self._cancel),
            (self.invite_button, self.invite), (self.register_button, self.register),
            (self.decide_button, self._decide),
        ):  # fmt: skip
            button.clicked.connect(lambda _=False, slot=slot: slot())
        self.accept_button.clicked.connect(lambda: self._answer(True))
        self.decline_button.clicked.connect(lambda: self._answer(False))

    # --- what is shown

    def refresh(self, scope: Scope) -> None:
        self.scope = scope
        with self.vault.reading() as session:
            rows, decisions = records_events.events(session), records_events.decisions(session)
            snapshot = records_figures.snapshot(session, scope.day).of_force(scope.force)
            self._need = records_events.by_need(session, snapshot)
        self._events = {row.id: row for row in rows}
        self.events.set_lines([_event_line(row) for row in rows])
        if rows and not self.events.selected_ids():
            self.events.selectRow(0)
        self.decisions.show_lines(
            [
                (f"{short_day(one.decided_on)} · {one.decided_by}" + (f" · {one.evidence}" if one.evidence else ""),
                 f"{_DELIVERED[one.delivery]}: {one.why}")
                for one in decisions
            ], "Nothing is decided on local delivery yet.",
        )  # fmt: skip
        self._show_event()

    def chosen_event(self) -> EventRow | None:
        """The chosen event."""
        chosen = self.events.selected_ids()
        return self._events.get(chosen[0]) if chosen else None

    def _show_event(self) -> None:
        row = self.chosen_event()
        places: list[PlaceRow] = []
        if row is not None:
            with self.vault.reading() as session:
                places = records_events.places(session, row.id)
        self._places = {place.id: place for place in places}
        self.places.set_lines(
            [LineRow(p.id, (p.name, p.staff_number, p.state.capitalize()), _PILLS[p.state]) for p in places]
        )
        self.heading.setText(f"{row.centre}, {spoken_day(row.held_on)}" if row else "No event is chosen")
        free = f"{row.free} of {row.places} places free. " if row and row.cancelled_why is None else ""
        called_off = f"Called off: {row.cancelled_why}. " if row and row.cancelled_why else ""
        where = "both forces" if self.scope.force == rules.JOINT else self.scope.force
        self.need.setText(f"{called_off}{free}{people_words(len(self._need))} still to invite in {where}.")
        self._set_buttons(row)

    def _set_buttons(self, row: EventRow | None) -> None:
        on = row is not None and row.cancelled_why is None
        is_past = row is not None and row.held_on < london_day(self.now())
        is_open = row is not None and row.held_on <= london_day(self.now())
        for button in (self.edit_button, self.cancel_button):
            button.setEnabled(on)
        self.invite_button.setEnabled(on and not is_past and bool(self._need))
        self.register_button.setEnabled(on and is_open)
        self.invite_button.setToolTip("The event is over" if is_past else "")
        self.register_button.setToolTip("" if is_open else "The register is written on the day or afterwards")
        self._place_chosen()

    def _place_chosen(self) -> None:
        row = self.chosen_event()
        chosen = [self._places[i].state for i in self.places.selected_ids() if i in self._places]
        on = row is not None and row.cancelled_why is None and len(chosen) == 1
        self.accept_button.setEnabled(on and chosen[0] in (records_events.INVITED, records_events.DECLINED))
        self.decline_button.setEnabled(on and chosen[0] in (records_events.INVITED, records_events.ACCEPTED))

    # --- what is done

    def plan(self) -> None:
        """Plan a new event."""
        self.ask("Plan a Hydra event", form.event_fields(), "Plan it",
                 lambda session, values: form.plan_event(session, values, self.now()))  # fmt: skip

    def _edit(self) -> None:
        row = self.chosen_event()
        assert row is not None

        def deed(session: Any, values: dict[str, Any]) -> str:
            fields = records_events.edit_event(session, row.id, **values)
            return "The event is changed." if fields else "Nothing differed, so nothing was changed."

        values = {name: getattr(row, name) for name in ("held_on", "centre", "delivery", "places", "note")}
        self.ask("Edit the event", form.event_fields(), "Save the event", deed, values=values)

    def _cancel(self) -> None:
        row = self.chosen_event()
        assert row is not None

        def deed(session: Any, values: dict[str, Any]) -> str:
            records_events.cancel_event(session, row.id, values["why"])
            return f"The event of {short_day(row.held_on)} is called off; nobody holds a place there any more."

        self.ask("Call the event off", [Field("why", "Why", "long", required=True)], "Call it off", deed)

    def invite(self) -> None:
        """Offer places to those who need Hydra, in their order; when places run out the rest wait."""
        row = self.chosen_event()
        assert row is not None
        needed = self._need[:_OFFERED]
        people = [(one.learner_id, f"{one.name}, {one.team or one.force} – {one.why}") for one in needed]

        def deed(session: Any, values: dict[str, Any]) -> str:
            invited, waiting = records_events.invite(session, row.id, values["people"], now=self.now())
            waits = f"; {people_words(waiting)} on the waiting list" if waiting else ""
            return f"{people_words(invited)} invited{waits}."

        self.ask(
            "Invite by need", [Field("people", "People", "choices", people, required=True)], "Invite them", deed,
            values={"people": tuple(code for code, _ in people[: row.free])},
            sentence=f"Those who wait stand first, then those never invited, by longest service. {row.free} places are"
            " free; whoever is ticked beyond that waits. Nobody is rated.",
        )  # fmt: skip

    def _answer(self, accepts: bool) -> None:
        row = self.chosen_event()
        (chosen,) = self.places.selected_ids()
        place = self._places[chosen]
        assert row is not None

        def deed(session: Any) -> str:
            moved = records_events.answer(session, row.id, place.learner_id, accepts, now=self.now())
            said = f"{place.name} {'accepts' if accepts else 'declines'}."
            if moved is not None:
                said += f" The place goes to {records_people.learner(session, moved).name}, who waited longest."
            return said

        self.do(deed)

    def register(self) -> None:
        """Tick who came; attending completes Hydra."""
        row = self.chosen_event()
        assert row is not None
        listed = [p for p in self._places.values() if p.state not in (records_events.DECLINED, records_events.WAITING)]
        people = [(p.learner_id, f"{p.name} ({p.staff_number})") for p in listed]
        there = tuple(p.learner_id for p in listed if p.state != records_events.ABSENT)

        def deed(session: Any, values: dict[str, Any]) -> str:
            came = {learner_id: learner_id in values["people"] for learner_id, _name in people}
            came |= self._walk_ins(session, values["others"])
            count = records_events.register(session, row.id, came, now=self.now())
            return f"The register is written: {people_words(count)} came and completed Hydra."

        fields = [
            Field("people", "Who came", "choices", people),
            Field("others", "Came without a place", help="Their staff numbers, with commas between."),
        ]
        self.ask(f"Attendance of {short_day(row.held_on)}", fields, "Write the register", deed,
                 values={"people": there}, sentence="It can be written again to correct it.")  # fmt: skip

    def _walk_ins(self, session: Any, words: str) -> dict[int, bool]:
        keys = [rules.number_key(part) for part in words.split(",") if part.strip()]
        known = records_people.known_learners(session, keys)
        unknown = [key for key in keys if key not in known]
        if unknown:
            sentence = f"Nobody on the roster has the staff number {rules.listed(unknown)}; check it."
            raise Refused(sentence, field="others")
        return {known[key].id: True for key in keys}

    def _decide(self) -> None:
        self.ask("Record a decision on delivery", form.decision_fields(), "Record it",
                 lambda session, values: form.record_decision(session, values, self.now()))  # fmt: skip

    # --- for the page

    def first_focus(self) -> QWidget:
        return self.events if self._events else self.plan_button

    def listed(self) -> Listed:
        header = ("Date", "Centre", "Delivery", "Name", "Staff number", "State")
        rows: Sequence[tuple[Any, ...]] = []
        with self.vault.reading() as session:
            rows = [
                (row.held_on, row.centre, row.delivery, place.name, place.staff_number, place.state)
                for row in self._events.values()
                for place in records_events.places(session, row.id)
            ]
        return Listed("Hydra places", header, rows)


def _event_line(row: EventRow) -> LineRow:
    state = "called off" if row.cancelled_why else "register written" if row.attended else "planned"
    cells = (
        short_day(row.held_on), row.centre, row.delivery, f"{row.taken} of {row.places}", str(row.waiting),
        str(row.attended), state.capitalize(),
    )  # fmt: skip
    keys = (row.held_on, row.centre, row.delivery, row.taken, row.waiting, row.attended, state)
    return LineRow(row.id, cells, None, keys)
