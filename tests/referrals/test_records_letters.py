"""Chasers as messages: whom they go to, about which cases, in which words, and what they leave behind."""

from dataclasses import replace
from datetime import date

import pytest
from sqlalchemy import select

from oicdesk.documents import records as documents
from oicdesk.documents import records_undo as documents_undo
from oicdesk.errors import Refused
from oicdesk.referrals import (
    records_chasers,
    records_clock,
    records_letters,
    records_officers,
    records_teams,
    records_templates,
    rules,
)
from oicdesk.referrals.records_case import read_case
from oicdesk.referrals.records_chasers import Chaser
from oicdesk.referrals.records_queue import Queue
from oicdesk.referrals.rules_chasers import CASE_FIELDS, DEFAULTS, MESSAGE_FIELDS, Template, check_template, span
from oicdesk.referrals.rules_officers import spoken_name
from tests import desks
from tests.desks import CONTACT, NOW, days, hours

desk, vault = desks.desk, desks.vault
DUE = CONTACT + hours(24)
LATE = DUE + hours(25)
TODAY = date(2026, 11, 18)


def letters(desk, now=LATE, **more):
    def ask(session):
        return records_letters.letters(session, records_letters.due_cases(session, now=now, **more), now=now)

    return desk.ask(ask)


def told(desk, now=LATE):
    return [(one.to.role, one.to.name, [case.reference for case in one.cases]) for one in letters(desk, now)]


def officer(desk, name):
    return desk.ask(records_officers.by_name, "Suffolk", name)


# --- texts


@pytest.mark.parametrize("role", list(DEFAULTS))
def test_the_texts_the_desk_comes_with_are_right(role):
    check_template(DEFAULTS[role])


@pytest.mark.parametrize(
    ("part", "text", "words"),
    [
        ("body", "{cases} {nmae}", "{nmae} is no field of this part; those are {to}"),
        ("body", "{cases} {due}", "{due} tells about one case, so it belongs into the line"),
        ("line", "{reference} {to}", "{to} is no field of this part; those are {reference}"),
        ("subject", "{cases}", "{cases} is no field"), ("body", "Nothing", "put {cases}"),
        ("line", "- {due}", "put {reference}"), ("body", "{cases", "has no partner"),
        ("line", "{reference} }", "has no partner"), ("subject", " ", "empty"),
    ],
)  # fmt: skip
def test_a_text_with_an_unknown_or_misplaced_field_is_refused_in_words(part, text, words):
    with pytest.raises(Refused) as refused:
        check_template(replace(DEFAULTS[rules.OFFICER], **{part: text}))
    assert words in str(refused.value) and refused.value.field == part


def test_every_field_can_be_used_and_is_filled(desk):
    desk.add(supervisor="PS Vale")
    body = " ".join(f"{{{name}}}" for name in MESSAGE_FIELDS)
    line = " ".join(f"{{{name}}}" for name in CASE_FIELDS)
    desk.do(records_templates.save, Template(rules.OFFICER, "{references} {count}", body, line), now=NOW)
    (one,) = letters(desk)
    assert "{" not in one.text + one.subject and one.subject == "OIC-2026-0001 1 case"
    for words in (
        "SC-16112026-001",
        "Sam Ashby",
        "Ipswich Response",
        "25 hours",
        "document",
        "never",
        "18 November 2026",
    ):
        assert words in one.text


def test_an_edited_text_is_a_new_version_and_what_was_sent_names_its_own(desk):
    case = desk.add()
    (one,) = letters(desk)
    desk.do(records_letters.sent, one, "copied text", now=LATE)
    wanted = replace(DEFAULTS[rules.OFFICER], subject="Please: {references}")
    assert desk.do(records_templates.save, wanted, now=NOW) == 1
    kept = desk.ask(records_templates.template, rules.OFFICER)
    assert (kept.template, kept.version, kept.saved_by) == (wanted, 1, "Sam Ashby")
    with desk.vault.reading() as session:
        (row,) = session.query(records_chasers.Chaser).filter_by(referral_id=case)
        assert row.template == "reporting officer, version 0"
    with pytest.raises(Refused, match="Nothing of the text"):
        desk.do(records_templates.save, wanted, now=NOW)


@pytest.mark.parametrize(
    ("seconds", "words"), [(0, "0 hours"), (3600, "1 hour"), (47 * 3600, "47 hours"), (48 * 3600, "2 days")]
)
def test_a_span_is_told_in_hours_then_days(seconds, words):
    assert span(seconds) == words


# --- who is asked, and about what


def test_nobody_is_asked_before_the_step_is_due(desk):
    desk.add()
    assert told(desk, DUE + hours(23)) == []
    assert told(desk, DUE + hours(24)) == [("reporting officer", "MARSH, Jo, PC 7191", ["OIC-2026-0001"])]


def test_an_officer_with_several_cases_gets_one_message(desk):
    desk.add()
    desk.add(contact_at=CONTACT - days(1))
    desk.add(officer_name="Ada Reed", officer_collar="PC 5")
    assert told(desk) == [
        ("reporting officer", "MARSH, Jo, PC 7191", ["OIC-2026-0002", "OIC-2026-0001"]),
        ("reporting officer", "Ada Reed, PC 5", ["OIC-2026-0003"]),
    ]
    text = letters(desk)[0].text
    assert text.index("OIC-2026-0002") < text.index("OIC-2026-0001")
    assert text.startswith("OFFICIAL-SENSITIVE\n") and text.endswith("OFFICIAL-SENSITIVE\n")


def test_officers_of_the_same_collar_number_get_their_own_messages(desk):
    desk.add()
    desk.add(force="Norfolk")
    assert len(letters(desk)) == 2 and len(letters(desk, force="Norfolk")) == 1
    desk.add(officer_name="HART, Kim")
    assert sorted((one.to.force, one.to.name) for one in letters(desk)) == [
        ("Norfolk", "MARSH, Jo, PC 7191"), ("Suffolk", "HART, Kim, PC 7191"), ("Suffolk", "MARSH, Jo, PC 7191"),
    ]  # fmt: skip


@pytest.mark.parametrize("how", ["away", "left"])
def test_the_supervisor_is_asked_while_the_officer_is_away_or_has_left(desk, how):
    case = desk.add(supervisor="PS Vale")
    marsh, vale = officer(desk, "Jo Marsh"), officer(desk, "PS Vale")
    desk.do(records_officers.edit, vale, {"email": "vale@suffolk.example"}, now=NOW)
    if how == "away":
        desk.do(records_officers.be_away, marsh, TODAY, TODAY, now=NOW)
    else:
        desk.do(records_officers.leave, marsh, TODAY, now=NOW)
    (one,) = letters(desk)
    assert (one.to.role, one.to.name, one.to.email) == ("supervisor", "PS Vale", "vale@suffolk.example")
    assert "MARSH, Jo, PC 7191 is away or has left" in one.to.why and one.to.why in one.text
    desk.do(records_letters.sent, one, "e-mail file", now=LATE)
    assert desk.ask(records_chasers.chasers, case)[0].to_role == "supervisor"


def test_the_officer_is_asked_again_once_back(desk):
    desk.add(supervisor="PS Vale")
    desk.do(records_officers.be_away, officer(desk, "Jo Marsh"), TODAY, TODAY, now=NOW)
    assert told(desk, LATE + days(1))[0][:2] == ("reporting officer", "MARSH, Jo, PC 7191")


def test_a_supervisor_gets_one_message_about_all_of_their_officers(desk):
    for n, name in enumerate(("Jo Marsh", "Ada Reed")):
        case = desk.add(officer_name=name, officer_collar=f"PC {n}", supervisor="PS Vale")
        desk.do(records_chasers.chase, case, rules.OFFICER, "e-mail", at=LATE)
    assert told(desk, DUE + hours(72)) == [("supervisor", "PS Vale", ["OIC-2026-0001", "OIC-2026-0002"])]
    text = letters(desk, DUE + hours(72))[0].text
    assert "Jo Marsh, PC 0, Ipswich Response" in text and "3 days" in text


def test_the_team_is_told_as_it_is_called_today(desk):
    case = desk.add(supervisor="PS Vale")
    desk.do(records_teams.rename, "Suffolk", "Ipswich Response", "Ipswich Patrol", TODAY, now=NOW)
    desk.do(records_chasers.chase, case, rules.OFFICER, "e-mail", at=LATE)
    assert "MARSH, Jo, PC 7191, Ipswich Patrol;" in letters(desk, DUE + hours(72))[0].text


@pytest.mark.parametrize(
    ("name", "spoken"),
    [
        ("MARSH, Jo", "Jo Marsh"), ("O'NEILL-HART, Ada", "Ada O'Neill-Hart"), ("Jo Marsh", "Jo Marsh"),
        ("Ng, Lee", "Lee Ng"), ("PS Vale", "PS Vale"), ("A, B, C", "A, B, C"),
    ],
)  # fmt: skip
def test_a_name_is_spoken_as_one_is_addressed(name, spoken):
    assert spoken_name(name) == spoken


def test_without_a_known_supervisor_the_team_is_addressed(desk):
    case = desk.add()
    desk.do(records_chasers.chase, case, rules.OFFICER, "e-mail", at=LATE)
    assert told(desk, DUE + hours(72))[0][1] == "Supervisor of Ipswich Response"


def test_the_detective_inspector_is_told_last_and_then_nobody(desk):
    case = desk.add()
    for role in (rules.OFFICER, rules.SUPERVISOR):
        desk.do(records_chasers.chase, case, role, "e-mail", at=LATE)
    late = DUE + days(7)
    (one,) = letters(desk, late)
    assert one.to.role == rules.INSPECTOR
    desk.do(records_letters.sent, one, "printed note", now=late)
    assert letters(desk, late + days(30)) == []


def test_a_case_with_a_document_paused_or_put_off_is_not_asked_about(desk):
    submitted, paused, asleep = desk.add(), desk.add(), desk.add()
    desk.submit(submitted, CONTACT + hours(1))
    desk.do(records_clock.pause, paused, "Court", at=LATE - hours(2), now=LATE - hours(2))
    desk.do(records_clock.snooze, asleep, TODAY.replace(day=20), now=LATE - hours(2))
    assert letters(desk) == []
    desk.do(records_clock.resume, paused, at=LATE, now=LATE)
    assert told(desk) == []
    assert told(desk, LATE + hours(1)) == [("reporting officer", "MARSH, Jo, PC 7191", ["OIC-2026-0002"])]
    desk.do(records_clock.pause, paused, "Court", at=LATE + hours(2), now=LATE + hours(2))
    assert told(desk, LATE + hours(3)) == [], "nor when the step was due before the pause began"


def test_a_correction_that_is_late_is_asked_for_once(desk):
    case = desk.add()
    document = desk.submit(case, CONTACT + hours(1))
    desk.do(documents.return_for_correction, document, "Two matters.", at=CONTACT + days(1))  # on the wrong day
    mistake = desk.ask(documents_undo.newest_outcome, document)
    desk.do(documents_undo.take_back, mistake, now=CONTACT + days(1))
    desk.do(documents.return_for_correction, document, "Two matters.", at=CONTACT + hours(2))
    assert letters(desk, CONTACT + days(3)) == []
    late = CONTACT + days(4)
    (line,) = desk.ask(lambda session: Queue(session, "returned", now=late).page(0, 9))
    assert (line.next_at.day, desk.ask(read_case, case, late).clocks.correction_due.day) == (19, 19)
    desk.do(records_clock.pause, case, "Court", at=late - hours(2), now=late)
    assert letters(desk, late - hours(1)) == []
    desk.do(records_clock.resume, case, at=late - hours(0.5), now=late)
    (one,) = letters(desk, late)
    assert one.cases[0].wanted == "correction" and "correction due" in one.text
    desk.do(records_letters.sent, one, "copied text", now=late)
    assert letters(desk, late + days(9)) == []


def test_no_message_tells_of_anybody_a_case_is_about(desk):
    from oicdesk.referrals import records, records_people

    case = desk.add()
    desk.do(records_people.add_person, case, {"label": "Zebedee", "categories": {"suspect"}}, now=NOW)
    desk.do(records.add_note, case, "Zebedee was seen", "fact", now=NOW)
    assert "Zebedee" not in str(letters(desk))


# --- what leaves is logged, and awaited


def test_what_leaves_is_a_disclosure_and_a_chaser_of_each_case_with_its_next_step(desk):
    cases = [desk.add(), desk.add()]
    (one,) = letters(desk)
    ids = desk.do(records_letters.sent, one, "copied text", now=LATE)
    entry = next(e for e in desk.log() if e["operation"] == "disclosure")
    assert entry["records"] == {"referral": cases} and entry["recipient"] == "MARSH, Jo, PC 7191"
    rows = desk.ask(records_letters.awaited, now=LATE)
    assert [row.id for row in rows] == ids
    assert {(row.to_name, row.channel, row.next_at) for row in rows} == {
        ("MARSH, Jo, PC 7191", "copied text", DUE + hours(72))
    }
    assert desk.ask(lambda session: session.scalars(select(Chaser.next_at)).all()) == [DUE + hours(72)] * 2
    assert letters(desk) == []


def test_what_was_answered_or_settled_is_awaited_no_more(desk):
    first, second, third = desk.add(), desk.add(), desk.add()
    (one,) = letters(desk)
    ids = desk.do(records_letters.sent, one, "copied text", now=LATE)
    desk.do(records_letters.answered, ids[:1], "Tonight.", now=LATE)
    desk.submit(second, LATE)
    assert [row.referral_id for row in desk.ask(records_letters.awaited, now=LATE)] == [third]
    assert desk.ask(records_letters.awaited, now=LATE, force="Norfolk") == []
    desk.do(records_chasers.take_back_answer, ids[0])
    assert [row.referral_id for row in desk.ask(records_letters.awaited, now=LATE)] == [first, third]


def test_contacts_without_an_nccu_reference_say_what_is_missing(desk):
    from oicdesk.referrals import records

    case, done = desk.add(), desk.add(nccu_ref="NCCU-1")
    closed = desk.add()
    desk.accepted(closed, CONTACT + hours(1))
    assert len(desk.ask(records_letters.without_nccu_reference)) == 2, "an accepted one still lacks it"
    desk.do(records.close, closed, at=CONTACT + hours(3))
    (row,) = desk.ask(records_letters.without_nccu_reference)
    assert (row.id, row.lacks) == (case, "not recorded as passed on") and done != case
    desk.do(records.edit, case, {"nccu_passed_at": NOW}, now=NOW)
    assert desk.ask(records_letters.without_nccu_reference)[0].lacks == "passed on, not acknowledged"
    desk.do(records.edit, case, {"nccu_acknowledged_at": NOW}, now=NOW)
    assert desk.ask(records_letters.without_nccu_reference)[0].lacks == "acknowledged without a reference"
    desk.do(records.edit, case, {"nccu_ref": "NCCU-2"}, now=NOW)
    assert desk.ask(records_letters.without_nccu_reference) == []
