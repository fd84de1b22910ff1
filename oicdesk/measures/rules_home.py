"""What stands on the Home page, and how each of its numbers is counted. Home is work: it lists what waits for a
person at the desk, never how many people were referred, and nothing of it is ordered by a trait of anybody.
"""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Final, NamedTuple

from oicdesk.documents.rules import CaseAsAt, coverage, on_time
from oicdesk.settings.rules import spoken_instant

AWAITED, DUTIES, DECIDE, PLANNED = GROUPS = (
    "Documents awaited", "Safeguards and duties", "To decide", "Audits, plans and training"
)  # fmt: skip


class About(NamedTuple):
    """What a number is: how it is counted, out of what, and what it leaves out."""

    title: str
    formula: str
    denominator: str
    left_out: str

    def facts(self, as_at: datetime, force: str) -> list[tuple[str, str]]:
        """The same as labels and values, with the instant and the scope."""
        return [
            ("Formula", self.formula), ("Denominator", self.denominator), ("Left out", self.left_out),
            ("Scope", "Suffolk and Norfolk" if force == "Joint" else force), ("As at", spoken_instant(as_at)),
        ]  # fmt: skip


class Work(NamedTuple):
    """One line of “Do now”: `key` names it everywhere, `state` is its shape and tone in the window's theme."""

    key: str
    title: str
    group: str
    state: str
    formula: str
    left_out: str

    @property
    def about(self) -> About:
        return About(self.title, self.formula, "None: it is a count of what waits, not a share.", self.left_out)


_SNOOZED: Final = "Cases put off until a later day, closed ones, exempt ones and duplicates."
_ALL_FORCES: Final = "Nothing; the scope does not narrow it."
WORK: Final = (
    Work("overdue", "Overdue", AWAITED, "overdue",
         "Referrals whose document is still needed and whose due time has passed.",
         "Closed, exempt and duplicate cases and scope queries. A snooze leaves nothing out: overdue is a fact."),
    Work("due_today", "Due today", AWAITED, "due_soon",
         "Referrals whose document is needed and due from now to the end of today.", _SNOOZED),
    Work("returned", "Returned for correction", AWAITED, "returned",
         "Referrals whose document was sent back and has not been submitted again.", _SNOOZED),
    Work("woken", "Back from a snooze", AWAITED, "due_soon",
         "Open referrals whose snooze ran out since the working day before this one.",
         "Snoozes that were ended by hand, and cases closed since."),
    Work("chasers_due", "Messages to send", AWAITED, "submitted",
         "Messages to officers, supervisors and the inspector whose step on the ladder of chasers has come; one message"
         " to a person may be about several cases.",
         "Paused and snoozed cases, and those whose every step was taken."),
    Work("to_close", "Accepted, to close", AWAITED, "accepted",
         "Referrals whose document was accepted and that nobody has closed.", _SNOOZED),
    Work("list_gaps", "Not on the outside list", AWAITED, "warning",
         "Referrals within the days of the outside lists that no list has.",
         "Duplicates, contacts without a known time, and days that no list covers."),
    Work("outside", "On the outside list only, or doubtful", AWAITED, "warning",
         "Contacts of standing outside lists without a partner here, or with several possible ones, about which nobody"
         " has decided. Each was made already; what is missing is its record.",
         "Contacts that were dismissed with a reason, and lists taken back."),
    Work("safeguarding", "Safeguarding record incomplete", DUTIES, "warning",
         "Cases with a person marked victim, possible victim or witness whose necessity, authorisation or NRM steps are"
         " not all recorded.",
         "Nothing; closed cases are counted until the record is complete."),
    Work("tellings", "Recipients to tell of a correction", DUTIES, "overdue",
         "Recipients of something that was corrected since, one line for each, until it is ticked.", _ALL_FORCES),
    Work("drafts", "Working drafts soon purged", DUTIES, "due_soon",
         "Working drafts whose days since the last edit have reached the warning in Settings.",
         "Drafts of cases on hold, which are kept."),
    Work("breaches", "Breaches not reported", DUTIES, "problem",
         "Recorded breaches for which neither a report to the Commissioner nor a reason against one is recorded.",
         _ALL_FORCES),
    Work("reviews_due", "Cases due for review", DUTIES, "due_soon",
         "Cases whose review date has come, and finished ones whose people may be anonymised.",
         "Withdrawn imports. A hold hides no case here."),
    Work("holds", "Holds to review", DUTIES, "due_soon",
         "Holds that stand and whose review date has come.", "Holds that were released."),
    Work("scope", "Scope queries", DECIDE, "scope_query",
         "Referrals about which nobody has decided whether they are in scope.", _SNOOZED),
    Work("approval", "Waiting for approval", DECIDE, "awaiting_document",
         "Referrals with an exemption that was asked for and neither approved nor refused.", _SNOOZED),
    Work("reports_to_decide", "Reports to place", DECIDE, "scope_query",
         "Lines of the force system's list that fit no contact, or several.",
         "Lines that were dismissed with a reason, and lists taken back."),
    Work("completions_to_confirm", "Completions to confirm", DECIDE, "scope_query",
         "Rows of training imports whose person is doubtful; none is counted until somebody says whose it is.",
         _ALL_FORCES),
    Work("news", "Changed since you looked", DECIDE, "info",
         "Referrals that somebody else changed since you last opened them.", "What you changed yourself."),
    Work("actions", "Audit actions due", PLANNED, "due_soon",
         "Actions of audit findings, open or begun, that are overdue or due by the end of this week.",
         "Actions that are done or verified, and those due later."),
    Work("audits", "Audits to approve", PLANNED, "awaiting_document",
         "Audits that are moderated and wait for approval.", "Audits in an earlier step, approved or superseded."),
    Work("plans", "Plans that need something", PLANNED, "due_soon",
         "Plans of recommendation 4 without an approved version, with a newer one to approve, or past their review.",
         "Plans that have ended."),
    Work("comms", "Communications due", PLANNED, "due_soon",
         "Communications planned or approved for today or a day before that are not published yet.",
         "Ideas, and items that were cancelled."),
    Work("recommendations", "Recommendations past their date", PLANNED, "overdue",
         "Recommendations whose date has passed and that are not closed.", _ALL_FORCES),
    Work("registers", "Hydra registers to fill in", PLANNED, "due_soon",
         "Hydra events that were held and whose register does not say of everybody invited whether they came.",
         _ALL_FORCES),
)  # fmt: skip
BY_KEY: Final[Mapping[str, Work]] = {one.key: one for one in WORK}

# --- the charts --------------------------------------------------------------------------------------------

_CENSUS: Final = "Nothing is sampled: it is a count of every contact recorded here."
_OUTSIDE: Final = (
    "Exempt cases, duplicates, scope queries, and contacts before the register was started. A contact whose force is"
    " not known yet stands in no figure."
)
COVERAGE: Final = About(
    "Contacts with a document",
    "In-scope contacts with a submitted document that was not rejected ÷ in-scope contacts. The word beside the title"
    " is that of the recommendation on documents against its date.",
    f"In-scope contacts by their date, to now. {_CENSUS}", _OUTSIDE,
)  # fmt: skip
ON_TIME: Final = About(
    "On time", "First submitted at or before the due time ÷ in-scope contacts whose due time has passed. The verdict"
    " looks at whole weeks by the day of contact and asks four rules of an XmR chart whether the last one is out of the"
    " ordinary; under twelve weeks it is too early to tell.",
    f"In-scope contacts whose due time has passed. {_CENSUS}", f"{_OUTSIDE} Contacts not yet due.",
)  # fmt: skip
TRAINING: Final = About(
    "The e-learning modules",
    "People who have completed every module ÷ people in scope of the modules, today and at the end of each month.",
    "People in scope of the modules on the day, as the rules of relevance say.",
    "People who are absent or left out, each for a recorded reason; they stand on the Training page.",
)  # fmt: skip

# What each number of a chart's card is called, in the singular and in the plural.
NUMBERS: Final[Mapping[str, tuple[str, str]]] = {
    "in_scope": ("in scope", "in scope"),
    "submitted": ("documented", "documented"),
    "not_yet_due": ("not yet due", "not yet due"),
    "overdue": ("overdue", "overdue"),
    "left_out": ("left out", "left out"),
    "due": ("due", "due"),
    "on_time": ("on time", "on time"),
    "late": ("late or missing", "late or missing"),
    "module_scope": ("person in scope", "people in scope"),
    "module_done": ("with every module", "with every module"),
    "module_missing": ("with a module to do", "with a module to do"),
}


def numbered(key: str, count: int) -> str:
    """A number with its words, like “48 overdue”."""
    return f"{count:,} {NUMBERS[key][count != 1]}"


def behind(cases: Iterable[tuple[int, CaseAsAt]], as_at: datetime) -> dict[str, tuple[int, ...]]:
    """Which cases each number of coverage and on time counts; asked of the very rules that count them."""
    found: dict[str, list[int]] = {
        key: [] for key in ("in_scope", "submitted", "not_yet_due", "overdue", "left_out", "due", "on_time", "late")
    }
    for case_id, case in cases:
        covered, timely = coverage((case,), as_at), on_time((case,), as_at)
        told = {
            "in_scope": covered.in_scope, "submitted": covered.submitted, "not_yet_due": covered.not_yet_due,
            "overdue": covered.overdue, "left_out": not covered.in_scope, "due": timely.due,
            "on_time": timely.on_time, "late": timely.due - timely.on_time,
        }  # fmt: skip
        for key, is_so in told.items():
            if is_so:
                found[key].append(case_id)
    return {key: tuple(ids) for key, ids in found.items()}


def shown(found: Mapping[str, int]) -> list[tuple[str, Sequence[Work]]]:
    """The lines with something in them, under their headings and in the order of the page."""
    groups = [(name, [one for one in WORK if one.group == name and found.get(one.key)]) for name in GROUPS]
    return [(name, lines) for name, lines in groups if lines]
