"""Where one audit stands and what may be done to it now, each refusal in its sentence."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from oicdesk.audits import records, records_findings, records_review, rules, rules_review
from oicdesk.audits.records import AuditRow
from oicdesk.audits.records_findings import FINDING
from oicdesk.audits.records_review import FIRST, SECOND, ProgressRow
from oicdesk.errors import Refused
from oicdesk.settings.rules import london_day
from oicdesk.vault.vault import User


@dataclass(frozen=True)
class AuditState:
    """An audit with its progress; each `why_not_…` is empty where the step may be taken by this user now."""

    row: AuditRow
    user: User
    first: ProgressRow | None
    second: ProgressRow | None
    waiting: int  # differences not adjudicated
    why_not_answer: str
    why_not_begin_second: str
    why_not_second: str
    why_not_decide: str
    why_not_moderate: str
    why_not_approve: str
    why_not_release: str

    @property
    def is_second_reviewer(self) -> bool:
        return self.row.second_by == self.user.name


def read_state(session: Any, audit_id: int) -> AuditState:
    """Read where the audit stands, for the user at the desk."""
    row, user = records.audit(session, audit_id), session.info["user"]
    first = records_review.progress(session, audit_id) if row.is_frozen else None
    second = records_review.progress(session, audit_id, SECOND) if row.second_started_at else None
    waiting = 0
    if second is not None and second.is_complete:
        waiting = sum(found.adjudicated is None for found in records_review.differences(session, audit_id))
    return AuditState(
        row, user, first, second, waiting,
        why_not_answer=_refusal(lambda: _check_answering(session, row, user)),
        why_not_begin_second=_refusal(lambda: _check_beginning(session, row, first, user)),
        why_not_second=_refusal(lambda: _check_second(row, user)),
        why_not_decide=_refusal(lambda: _check_deciding(row, second, waiting)),
        why_not_moderate=_refusal(lambda: _check_moderating(row, first, second, waiting)),
        why_not_approve=_refusal(lambda: _check_approving(session, row, user)),
        why_not_release=_refusal(lambda: _check_releasing(session, row, user)),
    )  # fmt: skip


def _refusal(ask: Callable[[], object]) -> str:
    try:
        ask()
    except Refused as refusal:
        return str(refusal)
    return ""


def _check_open(row: AuditRow) -> None:
    if row.status == rules.DRAFT:
        raise Refused("The sample is not frozen yet; freeze it before the first answer.")
    if row.status not in (rules.SAMPLE_FROZEN, rules.IN_REVIEW):
        raise Refused(f"This audit is {rules.STATUS_WORDS[row.status].lower()}, so its answers stay as they are.")


def _check_answering(session: Any, row: AuditRow, user: User) -> None:
    _check_open(row)
    if row.second_started_at is not None:
        raise Refused("The second review has begun, so first answers stay; adjudicate where the two differ.")
    rules_review.check_named(row.plan.reviewers, user.name)
    if row.plan.second_reviewer == user.name:
        raise Refused("The second review is blind: you answer once the first review is complete.")
    if (
        user.role == "Second reviewer"
        and user.name not in row.plan.reviewers
        and user.name not in records_review.reviewers(session, row.id, FIRST)
    ):
        raise Refused("The second review is blind: you answer once the first review is complete.")


def _check_beginning(session: Any, row: AuditRow, first: ProgressRow | None, user: User) -> None:
    _check_open(row)
    if row.second_started_at is not None:
        raise Refused(f"The second review has begun already, by {row.second_by}.")
    assert first is not None  # frozen
    if not first.is_complete:
        raise Refused(
            "The second review begins when every case is answered, and"
            f" {rules_review.not_complete(first.cases - first.complete, first.cases)}; finish the first review."
        )
    rules_review.check_named([row.plan.second_reviewer] if row.plan.second_reviewer else [], user.name)
    rules_review.check_different_reviewer(records_review.reviewers(session, row.id, FIRST), user.name)


def _check_second(row: AuditRow, user: User) -> None:
    _check_open(row)
    if row.second_started_at is None:
        raise Refused("The second review has not begun.")
    if row.second_by != user.name:
        raise Refused(
            f"The second review is {row.second_by}'s, under their own passphrase; it is blind until complete."
        )


def _check_deciding(row: AuditRow, second: ProgressRow | None, waiting: int) -> None:
    _check_open(row)
    if second is None or not second.is_complete:
        raise Refused("The two reviews are compared once the second is complete; finish it first.")
    if not waiting:
        raise Refused("No difference between the two reviewers waits for a decision.")


def _check_moderating(row: AuditRow, first: ProgressRow | None, second: ProgressRow | None, waiting: int) -> None:
    rules.move(row.status, rules.MODERATED)
    if first is not None and not first.is_complete:
        raise Refused(f"{rules_review.not_complete(first.cases - first.complete, first.cases)}; finish the review.")
    if second is not None and not second.is_complete:
        raise Refused(
            "The second review is not complete:"
            f" {rules_review.not_complete(second.cases - second.complete, second.cases)} by {row.second_by}."
        )
    if waiting:
        raise Refused(rules_review.not_adjudicated(waiting))


def _check_approving(session: Any, row: AuditRow, user: User) -> None:
    rules.move(row.status, rules.APPROVED)
    rules_review.check_approver(records_review.reviewers(session, row.id), user.name, user.role)
    today = london_day(row.planned_at)  # only whether there are actions is asked, not whether they are overdue
    for found in records_findings.findings(session, row.id, today=today):
        if found.kind == FINDING and not found.actions:
            raise Refused(
                f"Finding {found.number} has no action yet; agree one with an owner and a day before the audit is"
                " approved."
            )


def _check_releasing(session: Any, row: AuditRow, user: User) -> None:
    if row.status != rules.APPROVED:
        raise Refused("A panel paper is released only of an approved audit; have the audit approved first.")
    if row.panel_released_at is not None:
        raise Refused(f"The panel paper was released already, by {row.panel_released_by}.")
    rules_review.check_approver(records_review.reviewers(session, row.id), user.name, user.role)


def why_no_findings(row: AuditRow) -> str:
    """Why no finding can be written now, or nothing."""
    if row.status in (rules.IN_REVIEW, rules.MODERATED):
        return ""
    words = rules.STATUS_WORDS[row.status].lower()
    return f"Findings are written while an audit is in review or moderated, and this one is {words}."
