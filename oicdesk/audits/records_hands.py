"""Who had a hand in which case of a population, so that a plan names reviewers who are independent of it."""

from collections.abc import Callable, Mapping, Sequence

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from oicdesk.audits import rules_review
from oicdesk.audits.rules_review import Involved
from oicdesk.documents.records import Document, DocumentLink
from oicdesk.errors import Refused
from oicdesk.referrals.records import Referral
from oicdesk.vault.tables import DeskUser

Barred = dict[str, dict[str, str]]
"""Of each reviewer the references they may not review, with the sentence why."""

_COLUMNS = (Document.author, Document.assessor, Referral.supervisor, Referral.officer_name)


def check_users(session: Session, names: Sequence[str]) -> None:
    """Refuses a reviewer who has no way of their own into this desk, or may only read."""
    roles = dict(session.execute(select(DeskUser.name, DeskUser.role).where(DeskUser.removed_at.is_(None))).all())
    for name in names:
        if name not in roles:
            raise Refused(
                f"{name} has no way into this desk, and a review is done under one's own passphrase; add them in"
                " Settings, or name somebody else.",
                field="reviewers",
            )
        if roles[name] == "Viewer":
            raise Refused(f"{name} may only read this desk; name somebody else as reviewer.", field="reviewers")


def barred(
    session: Session,
    reviewers: Sequence[str],
    cases: Mapping[int, str],
    documents: Callable[[], Mapping[int, int]],
) -> Barred:
    """Of these cases (id → reference) those that a reviewer wrote, assessed, reported or answers for.

    `documents` gives each case's document; it is asked only if a reviewer's name stands anywhere in the register.
    """
    known = {name for column in _COLUMNS for name in session.scalars(select(column).distinct()) if name}
    theirs = [name for name in known if any(rules_review.is_same_person(one, name) for one in reviewers)]
    if not theirs:
        return {}
    hands = _of_referrals(session, theirs)
    mine = documents()
    for (referral, document), (author, assessor) in _of_documents(session, theirs).items():
        if mine.get(referral) == document:
            manager, officer = hands.get(referral, ("", ""))[:2]
            hands[referral] = (manager, officer, author, assessor)
    found: Barred = {}
    for referral in sorted(set(hands) & set(cases), key=lambda one: cases[one]):
        manager, officer, author, assessor = hands[referral]
        involved = Involved(author, assessor, manager, officer)
        for reviewer in reviewers:
            try:
                rules_review.check_reviewer(reviewer, cases[referral], involved)
            except Refused as refused:
                found.setdefault(reviewer, {})[cases[referral]] = str(refused)
    return found


def _of_referrals(session: Session, names: Sequence[str]) -> dict[int, tuple[str, str, str, str]]:
    rows = session.execute(
        select(Referral.id, Referral.supervisor, Referral.officer_name).where(
            or_(Referral.supervisor.in_(names), Referral.officer_name.in_(names))
        )
    )
    return {row.id: (row.supervisor or "", row.officer_name or "", "", "") for row in rows}


def _of_documents(session: Session, names: Sequence[str]) -> dict[tuple[int, int], tuple[str, str]]:
    rows = session.execute(
        select(DocumentLink.referral_id, Document.id, Document.author, Document.assessor)
        .join(Document, Document.id == DocumentLink.document_id)
        .where(or_(Document.author.in_(names), Document.assessor.in_(names)))
    )
    return {(row.referral_id, row.id): (row.author or "", row.assessor or "") for row in rows}
