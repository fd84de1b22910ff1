"""Reminders: about the right people, in plain words, and logged before they leave."""

from email import policy
from email.parser import BytesParser

import pytest

from oicdesk.errors import Refused
from oicdesk.reports.eml import unsent
from oicdesk.training import records_completions, records_reminders
from tests import desks
from tests.training.makers import NOW, TODAY, person, roster

desk, vault = desks.desk, desks.vault


@pytest.fixture
def staffed(desk, vault):
    roster(vault, person(1), person(2, "Łapiński", "Noor"), person(3, "Quy", team="Felixstowe Ports"))
    for code in ("module_1", "module_2", "module_3", "nccu_awareness"):
        desk.do(records_completions.complete, 1, code, TODAY, evidence="x", now=NOW)
    return desk


def test_a_person_is_told_of_their_own_courses_only(staffed):
    rows = staffed.ask(records_reminders.missing, TODAY, ids=[1])
    (found,) = staffed.ask(records_reminders.to_people, rows, TODAY)
    assert found.subject == "OIC training: Module 4 to complete"
    assert "Dear Lee Ashby," in found.text and "- Module 4\n" in found.text
    assert "Module 1" not in found.text and "Quy" not in found.text
    assert found.text.startswith("OFFICIAL-SENSITIVE\n") and found.text.endswith("OFFICIAL-SENSITIVE\n")


def test_a_supervisor_is_told_of_each_of_their_people(staffed):
    rows = staffed.ask(records_reminders.missing, TODAY, courses=["module_1", "module_4"])
    ports, response = sorted(staffed.ask(records_reminders.to_supervisors, rows, TODAY), key=lambda one: one.to)
    assert (ports.to, response.to) == ("supervisor of Felixstowe Ports", "supervisor of Ipswich Response")
    assert "- Ashby, Lee: Module 4\n- Łapiński, Noor: Module 1 and Module 4\n" in response.text
    assert response.learner_ids == (1, 2)


def test_the_mail_file_opens_as_an_unsent_message_and_is_the_same_each_time(staffed):
    rows = staffed.ask(records_reminders.missing, TODAY, ids=[2])
    (found,) = staffed.ask(records_reminders.to_people, rows, TODAY)
    contents = unsent("OFFICIAL", found.subject, found.text)
    assert contents == unsent("OFFICIAL", found.subject, found.text)
    message = BytesParser(policy=policy.default).parsebytes(contents)
    assert message["X-Unsent"] == "1" and message["To"] is None
    assert message["Subject"] == f"OFFICIAL: {found.subject}"
    assert message.get_content().replace("\r\n", "\n") == found.text


def test_a_reminder_is_logged_as_a_disclosure_to_whom_it_went(staffed):
    rows = staffed.ask(records_reminders.missing, TODAY, ids=[2])
    (found,) = staffed.ask(records_reminders.to_people, rows, TODAY)
    staffed.do(records_reminders.sent, found, "clipboard", now=NOW)
    entry = staffed.log()[-1]
    assert (entry["operation"], entry["recipient"]) == ("disclosure", "Noor Łapiński")
    assert entry["records"] == {"training_reminder": [1], "learner": [2]}
    (listed,) = staffed.ask(records_reminders.reminders, 2)
    assert (listed.recipient, listed.people, listed.channel) == ("Noor Łapiński", 1, "clipboard")
    assert staffed.ask(records_reminders.reminders, 1) == []
    with pytest.raises(Refused, match="choose one"):
        staffed.do(records_reminders.sent, found, "pigeon", now=NOW)
