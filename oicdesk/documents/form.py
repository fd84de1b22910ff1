"""Recording a submission and what became of it, by form. Grades are copied from the document, never proposed."""

from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import datetime
from typing import Any

from oicdesk.documents import records, records_drafts, records_links, records_tell, records_undo, rules, rules_draft
from oicdesk.documents.rules import DocumentFacts, Grades
from oicdesk.referrals import records as referrals
from oicdesk.settings.records import Reference
from oicdesk.ui.form import Field
from oicdesk.ui.task import Task, exact
from oicdesk.ui.undo import Changing, Step, Told, reversible, undoable

Clock = Callable[[], datetime]

_YES_NO = ((True, "Yes"), (False, "No"))
_GRADE_LABELS = {
    "source_evaluation": "Source evaluation",
    "information_assessment": "Information assessment",
    "handling_code": "Handling code",
    "action_code": "Action code",
    "sanitisation_code": "Sanitisation code",
}
_HERE = ("held_elsewhere", (False,))
_CONDITIONS = ("handling_code", ("C",))
DEPENDS: Mapping[str, tuple[str, tuple[Any, ...]]] = {
    **dict.fromkeys(
        ("reference", "system", "author", "information_on", "created_on", "marking", "source_evaluation",
         "information_assessment", "handling_code", "old_5x5x5"),
        _HERE,
    ),
    **dict.fromkeys(("conditions", "action_code", "sanitisation_code"), _CONDITIONS),
    "usage": ("action_code", ("A3",)),
}  # fmt: skip

_WHEN = Field("at", "When it happened", "instant", required=True, help="Now, unless it happened earlier.")
_ASSESSOR = Field("assessor", "Decided by", help="Who at the force’s intelligence unit.")
_WHY = Field("reason", "Reason", "long", required=True, help="What was wrong, as the unit said it.")


def document_fields(desk: Reference) -> list[Field]:
    """The facts about a document, and its grades as they stand on it."""
    labels = records.labels(desk)

    def grade(part: str, help: str = "") -> Field:
        codes = [(row.code, rules.spoken_grade(part, row.code, labels)) for row in desk.values(part)]
        return Field(part, _GRADE_LABELS[part], "choice", codes, help=help)

    return [
        Field("submitted_at", "Submitted", "instant", required=True, help="When the document was handed in."),
        Field("submitted_by_reporting_officer", "By the reporting officer", "choice", _YES_NO, width=120),
        Field("held_elsewhere", "Held elsewhere (above OFFICIAL-SENSITIVE)", "check"),
        Field("reference", "Document reference"),
        Field("system", "Held in"),
        Field("author", "Author"),
        Field("information_on", "Date of the information", "date"),
        Field("created_on", "Date created", "date"),
        Field("marking", "Marking", "choice", desk.choices("marking"), width=220),
        grade("source_evaluation", "As recorded on the document."),
        grade("information_assessment"),
        grade("handling_code"),
        Field("conditions", "Conditions", "long", help="As the document has them."),
        grade("action_code"),
        Field("usage", "Use that the owner specifies", "long"),
        grade("sanitisation_code"),
        Field("old_5x5x5", "Old 5x5x5 grade", help="Kept as text, never converted."),
    ]  # fmt: skip


def submit_task(
    referral_id: int, reference: str, contact_at: datetime | None, desk: Reference, now: Clock, changing: Changing
) -> Task:
    """Record that a document was submitted for this case."""

    def do(session: Any, values: dict[str, Any]) -> Told:
        facts = _facts(values, now())
        if facts.submitted_by_reporting_officer and not (facts.author or facts.held_elsewhere):
            facts = replace(facts, author=referrals.get(session, referral_id).officer_name or "")
        document_id, warnings = records.submit(session, referral_id, facts, now=now())
        event = records_undo.newest_outcome(session, document_id)
        assert event is not None
        served: list[int] = []  # the contacts that the document left when it was taken back, linked since or not

        def back(later: Any) -> str:
            served[:] = records.cases_of(later, document_id)
            return records_undo.take_back(later, event, now=now())

        def again(later: Any) -> None:
            records_undo.put_back(later, event, served, now=now())

        step = reversible(f"Record the submission for {reference}", changing, back, again)
        return Told(" ".join((f"The submission for {reference} is recorded.", *warnings)), step)

    return Task(
        record=str(referral_id), name="submit", title=f"Record a submission for {reference}",
        verb="Record the submission", fields=[_with_author_help(field) for field in document_fields(desk)], do=do,
        depends=DEPENDS,
        values={
            "submitted_at": now(), "system": desk.setting("document_system"), "marking": desk.setting("marking"),
        },
        sentence="Facts about the document only: not its text, not its source.",
        warn=lambda values: rules.document_warnings(_facts(values, None), contact_at),
    )  # fmt: skip


def _with_author_help(field: Field) -> Field:
    if field.name != "author":
        return field
    return replace(field, help="Empty means the reporting officer, if it was submitted by them.")


def _facts(values: Mapping[str, Any], now: datetime | None) -> DocumentFacts:
    """The form's values; `now` makes the present minute this very moment."""
    texts = ("conditions", "usage", "old_5x5x5")
    grades = {part: values[part] for part in rules.GRADE_PARTS} | {name: values[name] or "" for name in texts}
    told = ("submitted_by_reporting_officer", "information_on", "created_on", "marking", "held_elsewhere")
    known: dict[str, Any] = {name: values[name] for name in told}
    known |= {name: values[name] or "" for name in ("reference", "system", "author")}
    submitted = values["submitted_at"]
    if now is not None and submitted is not None and submitted <= now:
        submitted = exact(submitted, now)
    return DocumentFacts(submitted_at=submitted, grades=Grades(**grades), **known)


def _taking_back(session: Any, document_id: int, now: Clock) -> Callable[[Any], str]:
    """What takes the newest submission or outcome of a document back."""
    event = records_undo.newest_outcome(session, document_id)
    assert event is not None

    def back(later: Any) -> str:
        return records_undo.take_back(later, event, now=now())

    return back


def outcome_name(reference: str) -> str:
    """What a document is called in a sentence."""
    return reference or "the document without a reference"


class OutcomeTasks:
    """What may become of one document: a task for each. `drafts` is how many working drafts an acceptance purges."""

    def __init__(
        self, referral_id: int, document_id: int, name: str, now: Clock, changing: Changing, drafts: int = 0
    ) -> None:
        self._record, self._id, self._name, self._now = str(referral_id), document_id, name, now
        self._changing, self._drafts = changing, drafts

    def of(self, outcome: str) -> Task:
        """The task that leads to this outcome."""
        ways = {
            rules.ACCEPTED: self.accept,
            rules.RETURNED: self.return_for_correction,
            rules.REJECTED: self.reject,
            rules.SUBMITTED: self.resubmit,
        }
        return ways[outcome]()

    def accept(self) -> Task:
        def do(session: Any, values: dict[str, Any]) -> str:
            records.accept(session, self._id, at=self._at(values), now=self._now(), assessor=values["assessor"])
            return f"{self._name} is accepted; the case can be closed."

        sentence = ""
        if self._drafts:
            its = "its working draft" if self._drafts == 1 else f"its {self._drafts} working drafts"
            sentence = f"This purges {its} for good, versions and all; export before that what you still need."
        return self._task(
            "accept", f"Accept {self._name}", "Record the acceptance", [_WHEN, _ASSESSOR], do, sentence
        )  # fmt: skip

    def return_for_correction(self) -> Task:
        def do(session: Any, values: dict[str, Any]) -> str:
            records.return_for_correction(
                session, self._id, values["reason"], at=self._at(values), now=self._now(),
                assessor=values["assessor"],
            )  # fmt: skip
            return f"{self._name} is returned for correction; it still counts as submitted."

        title = f"Return {self._name} for correction"
        return self._task("return", title, "Record the return", [_WHY, _WHEN, _ASSESSOR], do)

    def reject(self) -> Task:
        def do(session: Any, values: dict[str, Any]) -> str:
            records.reject(
                session, self._id, values["reason"], at=self._at(values), now=self._now(),
                assessor=values["assessor"],
            )  # fmt: skip
            return f"{self._name} is rejected; the case needs another document."

        return self._task("reject", f"Reject {self._name}", "Record the rejection", [_WHY, _WHEN, _ASSESSOR], do)

    def resubmit(self) -> Task:
        def do(session: Any, values: dict[str, Any]) -> str:
            records.resubmit(session, self._id, at=self._at(values), now=self._now())
            return f"The corrected submission of {self._name} is recorded; the first submission time stays."

        title = f"Record the corrected submission of {self._name}"
        return self._task("resubmit", title, "Record the resubmission", [_WHEN], do)

    def _task(
        self, name: str, title: str, verb: str, fields: list[Field], do: Callable[[Any, dict[str, Any]], str],
        sentence: str = "",
    ) -> Task:  # fmt: skip
        told = undoable(do, title, self._changing, lambda session, _values: _taking_back(session, self._id, self._now))
        # Of several documents of a case each has a form of its own.
        return Task(
            self._record, f"{name}/{self._id}", title, verb, fields, told, {"at": self._now()}, sentence
        )  # fmt: skip

    def _at(self, values: Mapping[str, Any]) -> datetime:
        return exact(values["at"], self._now())


def link_task(document_id: int, reference: str, now: Clock, changing: Changing, *, record: str = "") -> Task:
    """Say that this document serves one more contact."""

    def do(session: Any, values: dict[str, Any]) -> Told:
        at = now()
        referral_id = records_links.find_contact(session, values["reference"])
        warnings = records.link(session, document_id, referral_id, now=at)
        name = referrals.get(session, referral_id).reference
        said = " ".join((f"{outcome_name(reference)} now serves {name} too; its status follows.", *warnings))

        def back(later: Any) -> None:
            records_links.take_back(later, document_id, referral_id, since=at, now=now())

        words = f"Link {outcome_name(reference)} to {name}"
        return Told(said, reversible(words, changing, back, lambda later: do(later, values)))

    field = Field("reference", "Contact", required=True, placeholder="OIC-2026-0001, incident or NCCU reference")
    return Task(
        record, f"link/{document_id}", f"Link {outcome_name(reference)} to a further contact",
        "Link", [field], do, sentence="The document stays one; the status of the contact follows it.",
    )  # fmt: skip


_CORRECTABLE = ("submitted_at", "held_elsewhere")


def correct_task(
    document_id: int, reference: str, facts: DocumentFacts, desk: Reference, now: Clock, changing: Changing
) -> Task:
    """Put right what was recorded of a document; submissions and outcomes have forms of their own."""
    fields = [one for one in document_fields(desk) if one.name not in _CORRECTABLE]
    why = Field("reason", "What was wrong", "long", required=True)

    def do(session: Any, values: dict[str, Any]) -> str | Told:
        new = _facts(values | {"submitted_at": facts.submitted_at, "held_elsewhere": facts.held_elsewhere}, None)
        before = records.facts_of(session, document_id)
        changed = records.correct(session, document_id, new, values["reason"], now=now())
        if not changed:
            return "Nothing was changed."
        told = records_tell.untold_of(session, document_id)
        said = f"What is recorded of {outcome_name(new.reference)} is corrected."
        said += f" Recipients to tell: {told}; they stand under “To tell”." if told else ""
        event, after = records_undo.newest_correction(session, document_id), records.facts_of(session, document_id)

        def back(later: Any) -> str:
            return records_undo.take_back_correction(later, event, before, after)

        words = f"Correct what is recorded of {outcome_name(reference)}"
        return Told(said, reversible(words, changing, back, lambda later: do(later, values)))

    values = {name: getattr(facts, name) for name in (
        "submitted_by_reporting_officer", "reference", "system", "author", "information_on", "created_on", "marking",
    )}  # fmt: skip
    values |= vars(facts.grades)
    return Task(
        f"document {document_id}", f"correct/{document_id}", f"Correct what is recorded of {outcome_name(reference)}",
        "Save the correction", [*fields, why], do, values,
        "Facts about the document only. Who received something about its contacts is listed to be told.",
    )  # fmt: skip


def draft_begun(draft_id: int) -> Step:
    """The line of the undo list for a draft that was begun."""
    return Step(f"Begin working draft {draft_id}", why_not="purge it under Working drafts instead")


def draft_task(referral_id: int, reference: str, now: Clock) -> Task:
    """Begin a working draft for this case."""

    def do(session: Any, values: dict[str, Any]) -> Told:
        made = records_drafts.begin(session, referral_id, now=now())
        records_drafts.autosave(session, made, rules_draft.Draft(values["title"]))
        said = f"Working draft {made} is begun for {reference}; write it under Documents, Working drafts."
        return Told(said, draft_begun(made))

    return Task(
        str(referral_id), "draft", f"Begin a working draft for {reference}", "Begin the draft",
        [Field("title", "Title", help="One discrete matter; no names of sources or operations.")], do,
        sentence=f"{rules_draft.BANNER}. For when that system is out of reach. The draft is purged when the document"
        " is accepted, or some days after its last edit with a warning before.",
    )  # fmt: skip
