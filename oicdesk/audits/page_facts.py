"""What the register says about a case under audit and its document, as facts to read beside a question.

Nobody is named here: neither the people of a case nor an officer helps to judge a document.
"""

from datetime import date
from typing import Any

from oicdesk.audits.records_frame import SampleRow
from oicdesk.documents import records as documents
from oicdesk.documents import rules as document_rules
from oicdesk.documents.records import Document, DocumentRow
from oicdesk.referrals import records as referrals
from oicdesk.settings.records import Reference, reference
from oicdesk.settings.rules import short_day, spoken_instant

Facts = list[tuple[str, str]]
_YES = {True: "The reporting officer", False: "Somebody else", None: "Not recorded"}


def case_facts(session: Any, case: SampleRow) -> tuple[Facts, Facts, str]:
    """(facts of the document, facts of the case, what to name as evidence)."""
    desk = reference(session)
    row = next((d for d in documents.documents(session, case.referral_id) if d.id == case.document_id), None)
    if row is None:
        return [("Document", "The register holds no submitted document for this case.")], _case(session, case, desk), ""
    found = session.get(Document, row.id)
    days = (found.information_on, found.created_on)
    return _document(session, row, days, desk), _case(session, case, desk), row.reference


def _document(session: Any, row: DocumentRow, days: tuple[date | None, date | None], desk: Reference) -> Facts:
    labels = documents.labels(desk)
    grades = [
        (words[0].upper() + words[1:], document_rules.spoken_grade(part, getattr(row.grades, part), labels))
        for part, words in document_rules.GRADE_PARTS.items()
    ]
    history = "\n".join(
        f"{document_rules.EVENT_WORDS[event.kind]}, {spoken_instant(event.at)}" for event in row.history
    )
    return [
        ("Document", row.reference or "No reference recorded"),
        ("System", row.system),
        ("Marking", "Held elsewhere" if row.held_elsewhere else row.marking or "Not recorded"),
        ("Information dated", _day(days[0])),
        ("Created", _day(days[1])),
        ("Submitted", spoken_instant(row.submitted_at)),
        ("Submitted by", _YES[row.submitted_by_reporting_officer]),
        *grades,
        ("Stands as", document_rules.OUTCOME_WORDS[row.outcome]),
        ("Resubmitted", str(row.resubmissions) if row.resubmissions else ""),
        ("History", history),
    ]


def _day(day: date | None) -> str:
    return short_day(day) if day else "Not recorded"


def _case(session: Any, case: SampleRow, desk: Reference) -> Facts:
    found = referrals.get(session, case.referral_id)
    known = found.contact_at if found.contact_at_known else None
    return [
        ("Force", case.force),
        ("Contact", spoken_instant(known) if known else "Not recorded"),
        ("Due", spoken_instant(found.due_at) if found.due_at else "No due time"),
        ("Reason", desk.label("contact_reason", case.reason) or case.reason),
        ("Route", desk.label("route", found.route) if found.route else ""),
        ("Incident", found.incident_ref or ""),
        ("Outcome", desk.label("outcome", found.outcome) if found.outcome else ""),
    ]
