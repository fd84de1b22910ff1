"""Audits for tests, made by doing the work: cases with documents, a plan, a frozen sample, answers.

Tests take the fixture by name: `from tests.audits.makers import room`.
"""

from collections.abc import Iterator, Mapping
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pytest

from oicdesk.audits import records, records_checklists, records_frame, records_review, rules
from oicdesk.audits.records import AuditRow
from oicdesk.audits.rules import Plan
from oicdesk.audits.rules_review import MET
from oicdesk.documents import records as documents
from oicdesk.documents.rules import DocumentFacts
from oicdesk.referrals import records as referrals
from oicdesk.vault.vault import APPROVER, REVIEWER, Vault
from tests.desks import APPROVERS, FACTS, PASSPHRASE, Desk, days, hours, opened

NOW = datetime(2026, 11, 30, 12, tzinfo=UTC)
FIRST_CONTACT = datetime(2026, 10, 5, 9, 30, tzinfo=UTC)
REVIEWERS = "copper meadow whistle"
PLAN = Plan("Documents of the autumn", rules.RANDOM, date(2026, 10, 1), date(2026, 11, 30))
REASONS = ("person_in_custody", "clandestine_encounter", "illegal_working")


class Room(Desk):
    """A desk with an officer, a second reviewer and an approver, who sign in one after another."""

    def sign_in(self, passphrase: str) -> None:
        path = self.vault.path
        self.vault.close()
        self.vault = Vault.open(path, passphrase)

    def cases(self, count: int, *, force: str | None = None, documented: bool = True, **facts: Any) -> list[int]:
        """Contacts two hours apart, each with an accepted document; forces and reasons take turns."""
        made = []
        with self.vault.changing() as session:  # one transaction, because there are many
            for i in range(count):
                at = FIRST_CONTACT + hours(2 * i)
                told = {
                    **FACTS, "contact_at": at, "incident_ref": f"INC-{force}-{i}-{facts.get('reason')}",
                    "force": force or ("Suffolk", "Norfolk")[i % 2], "reason": REASONS[i % 3], **facts,
                }  # fmt: skip
                case = referrals.add(session, told, now=at)
                if documented:
                    submitted = DocumentFacts(submitted_at=at + hours(1), reference=f"IR-{case}")
                    document, _warnings = documents.submit(session, case, submitted, now=at + hours(1))
                    documents.accept(session, document, at=at + hours(2))
                made.append(case)
        return made

    def audit(self, plan: Plan = PLAN, *, seed: int | None = 20261130, **more: Any) -> AuditRow:
        """A frozen audit."""
        self.do(records_checklists.import_checklists, now=NOW)
        audit_id = self.do(records.plan, plan, now=NOW, **more)
        return self.do(records_frame.freeze, audit_id, as_at=NOW, now=NOW, seed=seed)

    def answer_all(
        self,
        audit_id: int,
        round: str = records_review.FIRST,
        *,
        but: Mapping[tuple[int, int], str] | None = None,
        rest: str = MET,
    ) -> None:
        """Answer what the desk does not: `rest`, but for (position of the case from 1, criterion) in `but`."""
        with self.vault.changing() as session:
            for position, item in enumerate(records_review.review_order(session, audit_id, round), 1):
                case = records_review.review_case(session, audit_id, item, round)
                others = {number for place, number in but or {} if place == position}
                for number in sorted({*case.unanswered, *others}):
                    given = (but or {}).get((position, number), rest)
                    records_review.answer(
                        session, audit_id, item, number, given, now=NOW, round=round, reason="nothing indicates it"
                    )


@pytest.fixture
def room(tmp_path: Path) -> Iterator[Room]:
    made = opened(tmp_path / "desk")
    made.add_user("Robin Vale", REVIEWER, REVIEWERS)
    made.add_user("Alex Thorne", APPROVER, APPROVERS)
    room = Room(made)
    yield room
    room.vault.close()


__all__ = ["APPROVERS", "NOW", "PASSPHRASE", "PLAN", "REVIEWERS", "Room", "days", "hours", "room"]
