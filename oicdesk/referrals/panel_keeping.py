"""How long a case is kept, beside it: its holds, its reviews, and who decided."""

from collections.abc import Sequence
from datetime import date

from PySide6.QtWidgets import QVBoxLayout

from oicdesk.referrals import records, records_holds, records_reviews, rules_retention
from oicdesk.referrals.form import Clock
from oicdesk.referrals.page_reviews import WHY, hold_fields, placing, releasing
from oicdesk.settings.rules import add_months, london_day, short_day, spoken_day, spoken_instant
from oicdesk.ui.detail import Action, Panel, Section
from oicdesk.ui.parts import Button, Notice
from oicdesk.ui.task import Task
from oicdesk.vault.vault import Vault


class KeepingPanel(Panel):
    """A part of the case; what has to be looked at now stands in the tool “Reviews and rights”."""

    title = "Keeping"
    tables = frozenset({"referral_hold", "referral_review"})

    def __init__(self, vault: Vault, now: Clock) -> None:
        super().__init__()
        self._vault, self._now = vault, now
        self.place_button = Button("Place a hold…", "quiet", "lock")
        self.release_button = Button("Release the hold…", "quiet", "lock-open")
        self._actions: list[Action] = []
        for button, name in ((self.place_button, "hold"), (self.release_button, "release")):
            button.clicked.connect(lambda _=False, name=name: self._start(name))
        self.section = Section(self.title, self.release_button, self.place_button)
        self.notice = Notice("info")
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.addWidget(self.notice)
        column.addWidget(self.section)

    def show_record(self, record_id: int) -> Sequence[Action]:
        with self._vault.reading() as session:
            referral = records.get(session, record_id)
            name, review_on = referral.reference, referral.review_on
            holds = records_holds.holds(session, referral_id=record_id)
            reviews = records_reviews.reviews(session, record_id)
        standing = [row for row in holds if row.released_at is None]
        kinds = rules_retention.HOLD_KINDS
        on_hold = [f"{kinds[row.kind]}, review on {spoken_day(row.review_on)}." for row in standing]
        stopped = ["On hold: nothing of this case is anonymised or purged."] if standing else []
        self.notice.say(" ".join([*stopped, *on_hold]))
        lines = [(f"Hold, {kinds[row.kind].lower()}, by {row.placed_by}", _hold(row)) for row in holds]
        lines += [(f"Review, {spoken_instant(row.at)}, by {row.by}", _review(row)) for row in reviews]
        self.section.show_lines(lines, f"No hold. {_review_words(review_on, london_day(self._now()))}")
        self.release_button.setVisible(bool(standing))
        self._actions = [
            self._place(record_id, name),
            *(self._release(record_id, name, row.id) for row in standing[:1]),
        ]
        return self._actions

    def _start(self, name: str) -> None:
        for action in self._actions:
            if action.name == name:
                action.start()

    def _place(self, case: int, name: str) -> Action:
        do = placing(case, name, self._now, self._vault.changing)
        task = Task(str(case), "hold", f"Place a hold on {name}", "Place the hold", hold_fields(), do,
                    {"review_on": add_months(london_day(self._now()), 6)})  # fmt: skip
        return Action("hold", "Place a hold…", "lock", lambda: self.task_asked.emit(task))

    def _release(self, case: int, name: str, hold_id: int) -> Action:
        do = releasing(hold_id, name, self._now, self._vault.changing)
        task = Task(str(case), "release", f"Release the hold on {name}", "Release the hold", [WHY], do)
        return Action("release", "Release the hold…", "lock-open", lambda: self.task_asked.emit(task))


def _review_words(review_on: date, today: date) -> str:
    if review_on < today:
        return f"The review was due on {spoken_day(review_on)}: it waits under Reviews and rights."
    return f"The case is reviewed on {spoken_day(review_on)}."


def _hold(row: records_holds.HoldRow) -> str:
    if row.released_at is None:
        return f"{row.why}. Review on {short_day(row.review_on)}."
    return f"{row.why}. Released {short_day(london_day(row.released_at))} by {row.released_by}: {row.released_why}"


def _review(row: records_reviews.ReviewRow) -> str:
    return f"{rules_retention.REVIEW_WORDS[row.decision]}: {row.why}"
