"""Reviewing the cases of an audit: answers as they are given, the blind second review, adjudication.

An answer is never overwritten: each change is one more row, and the newest of a case, criterion and round
holds. Where the register answers a criterion and no reviewer did otherwise, the desk's answer stands.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from typing import Any

from sqlalchemy import ForeignKey, Index, bindparam, func, select
from sqlalchemy.orm import Mapped, Session, aliased, mapped_column

from oicdesk.audits import records as audits
from oicdesk.audits import records_frame as frames
from oicdesk.audits import rules, rules_review
from oicdesk.audits.records import Audit
from oicdesk.audits.records_checklists import ChecklistCriterion, CriterionRow, checklist
from oicdesk.audits.records_frame import AuditFrameItem, AuditReplacement, AuditSampleItem, SampleRow
from oicdesk.audits.rules_review import Involved
from oicdesk.documents.records import Document
from oicdesk.errors import Refused
from oicdesk.referrals.records import Referral
from oicdesk.vault import log
from oicdesk.vault.tables import Stored

FIRST, SECOND, ADJUDICATED = "first", "second", "adjudicated"


class AuditAnswer(Stored):
    """One answer as a reviewer gave it; the newest of its case, criterion and round holds."""

    __tablename__ = "audit_answer"
    __table_args__ = (Index("audit_answer_newest", "audit_id", "round", "sample_item_id", "criterion_id", "id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    audit_id: Mapped[int] = mapped_column(ForeignKey("audit.id"))
    sample_item_id: Mapped[int] = mapped_column(ForeignKey("audit_sample_item.id"))
    criterion_id: Mapped[int] = mapped_column(ForeignKey("checklist_criterion.id"))
    round: Mapped[str]
    answer: Mapped[str]
    reason: Mapped[str]
    comment: Mapped[str]
    evidence: Mapped[str]
    follow_up: Mapped[str]
    reviewer: Mapped[str]
    at: Mapped[datetime]


class AuditSecondItem(Stored):
    """A case of the second review, in its order."""

    __tablename__ = "audit_second_item"
    __table_args__ = (Index("audit_second_order", "audit_id", "position", unique=True),)

    id: Mapped[int] = mapped_column(primary_key=True)
    audit_id: Mapped[int] = mapped_column(ForeignKey("audit.id"))
    sample_item_id: Mapped[int] = mapped_column(ForeignKey("audit_sample_item.id"), unique=True)
    position: Mapped[int]


@dataclass(frozen=True)
class AnswerRow:
    """The answer that holds for a criterion; `reviewer` is "the desk", and `at` None, where the register answered."""

    number: int
    answer: str
    reason: str
    comment: str
    evidence: str
    follow_up: str
    reviewer: str
    at: datetime | None

    @property
    def is_automatic(self) -> bool:
        return self.reviewer == rules_review.THE_DESK


Answers = dict[int, AnswerRow]  # by criterion number


@dataclass(frozen=True)
class ReviewCaseRow:
    """A case on the run page: where it stands among `of`, and its answers in this round by criterion number."""

    case: SampleRow
    position: int
    of: int
    round: str
    answers: Mapping[int, AnswerRow]
    unanswered: tuple[int, ...]


@dataclass(frozen=True)
class ProgressRow:
    """How far a round is; `resume_item_id` is the first case that is not answered in full, None when all are."""

    cases: int
    complete: int
    resume_item_id: int | None

    @property
    def is_complete(self) -> bool:
        return self.resume_item_id is None


@dataclass(frozen=True)
class DifferenceRow:
    """A criterion of a case on which the two reviewers differ, and the third answer once it is given."""

    item_id: int
    item: str
    number: int
    text: str
    first: AnswerRow
    second: AnswerRow
    adjudicated: AnswerRow | None


# --- answering ---------------------------------------------------------------------------------------------


def answer(
    session: Session,
    audit_id: int,
    item_id: int,
    number: int,
    answer: str,
    *,
    now: datetime,
    round: str = FIRST,
    reason: str = "",
    comment: str = "",
    evidence: str = "",
    follow_up: str = "",
) -> bool:
    """Keep one answer of the reviewer at the desk at once; False if it is the one that holds already.

    The first answer of an audit moves it into review. Refused for a case not under audit, a reviewer who had
    a hand in the document, or a round that is not open to them.
    """
    row = audits.get(session, audit_id)
    rules_review.check_answer(answer, reason)
    case, hands = _under_audit(session, row, item_id)
    criterion = _criterion(session, row, number)
    _check_round(session, row, item_id, round)
    reviewer = session.info["user"].name
    if round == FIRST:
        rules_review.check_named(audits.plan_of(row).reviewers, reviewer)
    rules_review.check_reviewer(reviewer, case, hands)
    told = (answer, reason.strip(), comment.strip(), evidence.strip(), follow_up.strip())
    held = _newest(session, audit_id, round, [item_id]).get((item_id, criterion))
    if held and held.reviewer == reviewer and told == _told(held):
        return False
    if row.status == rules.SAMPLE_FROZEN:
        audits.move(session, audit_id, rules.IN_REVIEW, now=now)
    _add(session, row, item_id, criterion, round, told, now)
    return True


def _add(
    session: Session,
    row: Audit,
    item_id: int,
    criterion_id: int,
    round: str,
    told: tuple[str, str, str, str, str],
    now: datetime,
) -> None:
    given = AuditAnswer(
        audit_id=row.id, sample_item_id=item_id, criterion_id=criterion_id, round=round, answer=told[0],
        reason=told[1], comment=told[2], evidence=told[3], follow_up=told[4],
        reviewer=session.info["user"].name, at=now,
    )  # fmt: skip
    session.add(given)
    session.flush()
    log.record(session, log.ALTERATION, audit=row.id, audit_answer=given.id, fields=["answer"])


def _told(given: AuditAnswer) -> tuple[str, str, str, str, str]:
    return given.answer, given.reason, given.comment, given.evidence, given.follow_up


def _under_audit(session: Session, row: Audit, item_id: int) -> tuple[str, Involved]:
    """Reference and involved persons of a case under audit: drawn or moved up, and not replaced; else Refused."""
    found = session.execute(_case_query(), {"item": item_id, "audit": row.id}).first()
    if found is None:
        raise Refused("That case is not in the sample of this audit; read the audit again.")
    if found.reason is not None:
        raise Refused(f"That case was replaced ({found.reason}); answer the case that took its place.")
    if found.spare and found.moved_up is None:
        raise Refused("That case is a spare; it is answered only if it replaces another.")
    return found.item, _involved(found)


@cache
def _case_query() -> Any:
    """Built once: building it takes three times as long as its answer, and it is asked at each key of a review."""
    out, into = aliased(AuditReplacement), aliased(AuditReplacement)
    return (
        select(
            AuditSampleItem.spare, AuditFrameItem.item, out.reason, into.id.label("moved_up"), *_HANDS,
        )
        .join(AuditFrameItem, AuditFrameItem.id == AuditSampleItem.frame_item_id)
        .join(Referral, Referral.id == AuditFrameItem.referral_id)
        .outerjoin(Document, Document.id == AuditSampleItem.document_id)
        .outerjoin(out, out.out_item_id == AuditSampleItem.id)
        .outerjoin(into, into.in_item_id == AuditSampleItem.id)
        .where(AuditSampleItem.id == bindparam("item"), AuditSampleItem.audit_id == bindparam("audit"))
    )  # fmt: skip


_HANDS = (Document.author, Document.assessor, Referral.supervisor, Referral.officer_name)


def _involved(row: Any) -> Involved:
    return Involved(row.author or "", row.assessor or "", row.supervisor or "", row.officer_name or "")


def _criterion(session: Session, row: Audit, number: int) -> int:
    found = session.scalar(
        select(ChecklistCriterion.id).where(
            ChecklistCriterion.checklist_id == row.checklist_id, ChecklistCriterion.number == number
        )
    )
    if found is None:
        raise Refused(f"The checklist of this audit has no criterion {number}; look at its numbers.")
    return found


def _check_round(session: Session, row: Audit, item_id: int, round: str) -> None:
    if row.status not in (rules.SAMPLE_FROZEN, rules.IN_REVIEW):
        words = rules.STATUS_WORDS[row.status].lower()
        raise Refused(f"This audit is {words}, so no answer can be given; answers are given to a frozen sample.")
    if round == FIRST and row.second_started_at is not None:
        raise Refused("The second review has begun, so first answers stay; adjudicate where the two differ.")
    if round == SECOND:
        if session.scalar(select(AuditSecondItem.id).where(AuditSecondItem.sample_item_id == item_id)) is None:
            raise Refused("That case is not part of the second review; answer those that are.")
        rules_review.check_different_reviewer(reviewers(session, row.id, FIRST), session.info["user"].name)
    elif round != FIRST:
        raise Refused("A third answer is given by adjudicating a difference.")


def conflicts(session: Session, audit_id: int, reviewer: str) -> list[tuple[str, str]]:
    """(reference, why) of the cases under audit that this reviewer may not review, by who is recorded now."""
    rows = session.execute(
        select(AuditSampleItem.id, *_HANDS)
        .join(AuditFrameItem, AuditFrameItem.id == AuditSampleItem.frame_item_id)
        .join(Referral, Referral.id == AuditFrameItem.referral_id)
        .outerjoin(Document, Document.id == AuditSampleItem.document_id)
        .where(AuditSampleItem.audit_id == audit_id)
    )
    hands = {row.id: _involved(row) for row in rows}
    found = []
    for case in frames.cases_under_audit(session, audit_id):
        try:
            rules_review.check_reviewer(reviewer, case.item, hands[case.id])
        except Refused as refused:
            found.append((case.item, str(refused)))
    return found


def reviewers(session: Session, audit_id: int, round: str | None = None) -> list[str]:
    """The names of those who answered, in one round or in any, in order of their first answer."""
    query = select(AuditAnswer.reviewer).where(AuditAnswer.audit_id == audit_id)
    if round is not None:
        query = query.where(AuditAnswer.round == round)
    return list(session.scalars(query.group_by(AuditAnswer.reviewer).order_by(func.min(AuditAnswer.id))))


def replace(session: Session, audit_id: int, item_id: int, reason: str, *, now: datetime) -> SampleRow:
    """Take a case out with a reason; the next spare of its stratum takes its place. Returns the spare."""
    row = audits.get(session, audit_id)
    if row.status not in (rules.SAMPLE_FROZEN, rules.IN_REVIEW) or row.second_started_at is not None:
        raise Refused("A case can be replaced only before the second review; record it as it is.")
    if not reason.strip():
        raise Refused("A case is replaced only with a reason; write why it cannot be reviewed.", field="reason")
    _under_audit(session, row, item_id)
    numbers = [c.number for c in checklist(session, row.checklist_id).criteria]
    if set(answers(session, audit_id, FIRST, [item_id]).get(item_id, {})) >= set(numbers):
        raise Refused("A case that is answered in full cannot be replaced, because its result is known.")
    rows = {line.id: line for line in frames.sample(session, audit_id)}
    stratum, is_dip = rows[item_id].stratum, row.kind == rules.DIP  # a dip sample is drawn without strata
    spare = next((s for s in frames.unused_spares(session, audit_id) if is_dip or s.stratum == stratum), None)
    if spare is None:
        raise Refused("No spare is left in this stratum; answer the case with Cannot determine where you must.")
    put = AuditReplacement(
        audit_id=audit_id, out_item_id=item_id, in_item_id=spare.id, reason=reason.strip(), at=now,
        by=session.info["user"].name,
    )  # fmt: skip
    session.add(put)
    session.flush()
    log.record(session, log.ALTERATION, audit=audit_id, audit_replacement=put.id, fields=["sample"])
    return next(line for line in frames.cases_under_audit(session, audit_id) if line.id == spare.id)


# --- reading answers ---------------------------------------------------------------------------------------


def answers(session: Session, audit_id: int, round: str, item_ids: Iterable[int] | None = None) -> dict[int, Answers]:
    """The answers of a round by case (sample item) and criterion number, the desk's own included.

    Blind: a second reviewer gets no first answers, and nobody else second ones, before the second review is
    complete; Refused until then.
    """
    _check_blind(session, audit_id, round)
    return _answers(session, audit_id, round, None if item_ids is None else list(item_ids))


def _answers(session: Session, audit_id: int, round: str, item_ids: list[int] | None) -> dict[int, Answers]:
    criteria = checklist(session, audits.get(session, audit_id).checklist_id).criteria
    cases = frames.cases_under_audit(session, audit_id)
    if round == SECOND:
        chosen = set(second_items(session, audit_id))
        cases = [case for case in cases if case.id in chosen]
    given = _newest(session, audit_id, round, item_ids)
    found: dict[int, Answers] = {}
    for case in cases:
        if item_ids is not None and case.id not in item_ids:
            continue
        found[case.id] = _of_case(case, criteria, given, round)
    return found


def _of_case(
    case: SampleRow, criteria: Iterable[CriterionRow], given: Mapping[tuple[int, int], AuditAnswer], round: str
) -> Answers:
    found: Answers = {}
    for c in criteria:
        row = given.get((case.id, c.id))
        if row is not None:
            found[c.number] = AnswerRow(
                c.number, row.answer, row.reason, row.comment, row.evidence, row.follow_up, row.reviewer, row.at
            )
        elif c.automatic and round != ADJUDICATED:
            known = rules_review.automatic_answer(c.automatic, case.facts)
            if known:
                found[c.number] = AnswerRow(c.number, known[0], "", "", known[1], "", rules_review.THE_DESK, None)
    return found


def _newest(
    session: Session, audit_id: int, round: str, item_ids: list[int] | None
) -> dict[tuple[int, int], AuditAnswer]:
    newest = (
        select(func.max(AuditAnswer.id))
        .where(AuditAnswer.audit_id == audit_id, AuditAnswer.round == round)
        .group_by(AuditAnswer.sample_item_id, AuditAnswer.criterion_id)
    )
    if item_ids is not None:
        newest = newest.where(AuditAnswer.sample_item_id.in_(item_ids))
    rows = session.scalars(select(AuditAnswer).where(AuditAnswer.id.in_(newest.scalar_subquery())))
    return {(row.sample_item_id, row.criterion_id): row for row in rows}


def check_blind(session: Session, audit_id: int) -> None:
    """Refuses the second reviewer, until their review is complete, whatever the first one left: answers, findings."""
    _check_blind(session, audit_id, FIRST)


def _check_blind(session: Session, audit_id: int, round: str) -> None:
    row, user = audits.get(session, audit_id), session.info["user"]
    is_second = row.second_by == user.name
    if round == SECOND and not is_second and not _second_is_complete(session, row):
        raise Refused("The second answers are shown once the second review is complete.")
    if round in (FIRST, ADJUDICATED) and (is_second or _may_be_second(session, row, user.name, user.role)):
        if row.status in (rules.MODERATED, rules.APPROVED, rules.SUPERSEDED) or _second_is_complete(session, row):
            return
        raise Refused("The second review is blind: the first answers are shown once you have answered every case.")


def _may_be_second(session: Session, row: Audit, name: str, role: str) -> bool:
    """Whom the plan names for it; else somebody with the reviewer's role who has not taken part in the first round."""
    if row.second_reviewer:
        return row.second_reviewer == name
    if name in audits.plan_of(row).reviewers:
        return False
    return role == "Second reviewer" and name not in reviewers(session, row.id, FIRST)


def _second_is_complete(session: Session, row: Audit) -> bool:
    return row.second_started_at is not None and _progress(session, row.id, SECOND).is_complete


def review_order(session: Session, audit_id: int, round: str = FIRST) -> list[int]:
    """The cases of a round as ids of sample items, in the order in which they are answered."""
    if round == SECOND:
        return second_items(session, audit_id)
    return [case.id for case in frames.cases_under_audit(session, audit_id)]


def second_items(session: Session, audit_id: int) -> list[int]:
    """The cases of the second review in their order; empty before it has begun."""
    query = select(AuditSecondItem.sample_item_id).where(AuditSecondItem.audit_id == audit_id)
    return list(session.scalars(query.order_by(AuditSecondItem.position)))


def review_case(session: Session, audit_id: int, item_id: int, round: str = FIRST) -> ReviewCaseRow:
    """One case for the run page, with this round's answers and nothing of the other's."""
    _check_blind(session, audit_id, round)
    cases = {line.id: line for line in frames.cases_under_audit(session, audit_id)}
    order = second_items(session, audit_id) if round == SECOND else list(cases)
    if item_id not in order:
        raise Refused("That case is not in this review; read the audit again.")
    case = cases[item_id]
    criteria = checklist(session, audits.get(session, audit_id).checklist_id).criteria
    given = _of_case(case, criteria, _newest(session, audit_id, round, [item_id]), round)
    unanswered = tuple(c.number for c in criteria if c.number not in given)
    return ReviewCaseRow(case, order.index(item_id) + 1, len(order), round, given, unanswered)


def progress(session: Session, audit_id: int, round: str = FIRST) -> ProgressRow:
    """How many cases of the round are answered in full, and where to go on; counts only, so it is never blind."""
    return _progress(session, audit_id, round)


def _progress(session: Session, audit_id: int, round: str) -> ProgressRow:
    criteria = checklist(session, audits.get(session, audit_id).checklist_id).criteria
    given = _answers(session, audit_id, round, None)
    order = review_order(session, audit_id, round)
    open_ones = [item for item in order if len(given[item]) < len(criteria)]
    return ProgressRow(len(order), len(order) - len(open_ones), open_ones[0] if open_ones else None)


# --- second review and adjudication --------------------------------------------------------------------------


def start_second_review(session: Session, audit_id: int, *, now: datetime) -> list[int]:
    """Begin the second review as the user at the desk; from now on the first answers stay. Returns its cases."""
    row = audits.get(session, audit_id)
    if row.status != rules.IN_REVIEW or row.second_started_at is not None:
        raise Refused("The second review begins once, while the audit is in review; look at where it stands.")
    user = session.info["user"].name
    rules_review.check_named([row.second_reviewer] if row.second_reviewer else [], user)
    rules_review.check_different_reviewer(reviewers(session, audit_id, FIRST), user)
    state = _progress(session, audit_id, FIRST)
    if not state.is_complete:
        raise Refused(
            "The second review begins when every case is answered, and"
            f" {rules_review.not_complete(state.cases - state.complete, state.cases)}; finish the first review."
        )
    assert row.seed is not None  # frozen
    cases = {case.item: case.id for case in frames.cases_under_audit(session, audit_id)}
    barred = [item for item, _why in conflicts(session, audit_id, user)]
    chosen = rules.second_review(
        list(cases), seed=row.seed, share=row.second_share, least=row.second_least, barred=barred
    )
    if not chosen:
        raise Refused("You had a hand in every case that could be reviewed; ask another person for the second review.")
    for position, item in enumerate(chosen, 1):
        session.add(AuditSecondItem(audit_id=audit_id, sample_item_id=cases[item], position=position))
    row.second_started_at, row.second_by = now, user
    session.flush()
    log.record(session, log.ALTERATION, audit=audit_id, fields=["second_review"])
    return [cases[item] for item in chosen]


def differences(session: Session, audit_id: int) -> list[DifferenceRow]:
    """Where the two reviewers differ, in the order of the second review; Refused until that is complete."""
    row = audits.get(session, audit_id)
    if not _second_is_complete(session, row):
        raise Refused("The two reviews are compared once the second is complete; finish it first.")
    texts = {c.number: c.text for c in checklist(session, row.checklist_id).criteria}
    names = {case.id: case.item for case in frames.cases_under_audit(session, audit_id)}
    order = second_items(session, audit_id)
    first, second, third = (_answers(session, audit_id, round, order) for round in (FIRST, SECOND, ADJUDICATED))
    return [
        DifferenceRow(
            item, names[item], number, texts[number], given, second[item][number], third[item].get(number)
        )
        for item in order
        for number, given in first[item].items()
        if given.answer != second[item][number].answer
    ]  # fmt: skip


def adjudicate(
    session: Session,
    audit_id: int,
    item_id: int,
    number: int,
    answer: str,
    *,
    now: datetime,
    comment: str,
    reason: str = "",
) -> None:
    """Give the third answer where two differ, with the grounds in `comment`; all three are kept."""
    row = audits.get(session, audit_id)
    if row.status != rules.IN_REVIEW:
        raise Refused("Differences are adjudicated while the audit is in review.")
    rules_review.check_answer(answer, reason)
    if not comment.strip():
        raise Refused("A difference is adjudicated with its grounds; write why this answer holds.", field="comment")
    if not any((d.item_id, d.number) == (item_id, number) for d in differences(session, audit_id)):
        raise Refused("The two reviewers agree on this criterion, so there is nothing to adjudicate.")
    criterion = _criterion(session, row, number)
    _add(session, row, item_id, criterion, ADJUDICATED, (answer, reason.strip(), comment.strip(), "", ""), now)


def final_answers(session: Session, audit_id: int) -> dict[int, Answers]:
    """The answers that count: the adjudicated one, else the first; by case and criterion number."""
    found = answers(session, audit_id, FIRST)
    for item, third in _answers(session, audit_id, ADJUDICATED, None).items():
        found[item] |= third
    return found


def pairs(session: Session, audit_id: int) -> list[tuple[int, int, str, str]]:
    """(case, criterion number, first, second) wherever both reviewers answered; the desk's own answers left out."""
    if not _second_is_complete(session, audits.get(session, audit_id)):
        return []
    order = second_items(session, audit_id)
    first, second = (_answers(session, audit_id, round, order) for round in (FIRST, SECOND))
    return [
        (item, number, given.answer, second[item][number].answer)
        for item in order
        for number, given in first[item].items()
        if not (given.is_automatic and second[item][number].is_automatic)
    ]


def moderate(session: Session, audit_id: int, *, now: datetime, without_second: str = "") -> None:
    """Close the review: every case answered, second review complete and every difference adjudicated.

    `without_second` is the reason why there was no second review; it is printed among the limits.
    """
    row = audits.get(session, audit_id)
    rules.move(row.status, rules.MODERATED)
    state = _progress(session, audit_id, FIRST)
    if not state.is_complete:
        raise Refused(f"{rules_review.not_complete(state.cases - state.complete, state.cases)}; finish the review.")
    if row.second_started_at is None:
        if not without_second.strip():
            raise Refused(
                "There was no second review; have another person do it, or write why there is none.",
                field="without_second",
            )
        row.without_second = without_second.strip()
    else:
        waiting = sum(d.adjudicated is None for d in differences(session, audit_id))
        if waiting:
            raise Refused(rules_review.not_adjudicated(waiting))
    audits.move(session, audit_id, rules.MODERATED, now=now)
