"""The people of a case on the page: hidden until asked, the look logged; recorded and changed by form."""

import re

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QApplication, QLabel, QMainWindow

from oicdesk.referrals import page_cards, records_people
from oicdesk.referrals.form import KeptDrafts
from oicdesk.ui import clipboard, messages
from oicdesk.vault.tables import Draft
from tests import desks
from tests.desks import CONTACT, NOW, PASSPHRASE, hours
from tests.referrals import pages
from tests.ui.dialogs import in_dialog

desk, vault, screen = desks.desk, desks.vault, pages.screen


@pytest.fixture
def case(desk):
    case = desk.add()
    desk.do(records_people.add_person, case, {
        "label": "Driver", "categories": {"suspect", "victim"}, "nationality": "VN", "nationality_basis": "claimed",
        "age": 17, "age_basis": "claimed", "indicators_seen": True,
    }, now=NOW)  # fmt: skip
    return case


def shown(screen):
    return "\n".join(pages.words(screen.page.case))


def looks(desk):
    """The logged looks at people; that the case itself was opened is an entry of its own."""
    found = [entry for entry in desk.log() if entry["operation"] == "consultation"]
    return [entry["records"] for entry in found if entry["detail"] != "case opened"]


def people(desk, case):
    with desk.vault.consulting(referral=[case]) as session:
        return records_people.people(session, case, now=NOW)


def test_people_are_hidden_until_asked_for_and_the_look_is_in_the_log(case, desk, screen):
    screen.choose(case)
    assert "Driver" not in shown(screen)
    assert looks(desk) == []
    screen.press("Show people (this look is logged)")
    assert "Driver" in shown(screen)
    assert looks(desk) == [{"referral": [case]}]


def test_the_count_and_the_gap_are_told_without_a_look(case, desk, screen):
    screen.choose(case)
    assert "One person." in shown(screen)
    assert "safeguarding record is incomplete" in screen.page.case.safeguarding.words.text()
    assert looks(desk) == []


def test_another_case_hides_the_people_again(case, desk, screen):
    other = desk.add(contact_at=CONTACT + hours(1), incident_ref="S-2")
    screen.choose(case)
    screen.press("Show people (this look is logged)")
    screen.choose(other)
    screen.choose(case)
    assert screen.page.case.people.people is None
    assert "Driver" not in shown(screen)
    assert len(looks(desk)) == 1


def test_people_are_hidden_by_their_button_too(case, screen):
    screen.choose(case)
    screen.press("Show people (this look is logged)")
    screen.press("Hide people")
    screen.qtbot.waitUntil(lambda: "Driver" not in shown(screen))


def test_gaps_and_steps_are_said_in_words(case, screen):
    screen.choose(case)
    screen.press("Show people (this look is logged)")
    text = shown(screen)
    assert "Suspect, Victim or possible victim" in text
    assert "Vietnam (claimed)" in text
    assert "Driver: no supervisor has authorised it." in text
    assert "Driver: indicators were seen, and the NRM decision is not recorded." in text
    assert "1. Treat the person first as a victim; never check a database only to learn their status" in text
    assert "2. Tell the local authority first" in text


def test_showing_people_opens_no_other_window(case, screen):
    screen.choose(case)
    screen.press("Show people (this look is logged)")
    assert [window for window in QApplication.topLevelWidgets() if window.isVisible()] == [screen.page]


def test_a_person_is_added_by_form_and_needs_a_category(case, desk, screen):
    screen.choose(case)
    screen.press("Add a person…")
    screen.type(label="A.B.")
    screen.submit()
    assert "Categories" in screen.form.form.refusal_beside("categories")
    item = screen.form.form.widget("categories").item(0)
    item.setCheckState(Qt.CheckState.Checked)
    screen.submit()
    assert [row.facts.label for row in people(desk, case)] == ["Driver", "A.B."]
    assert screen.told() == "A.B. is recorded on OIC-2026-0001."


def test_an_age_without_its_basis_is_refused_beside_it(case, screen):
    screen.choose(case)
    screen.press("Add a person…")
    screen.type(label="A.B.", age="30")
    screen.form.form.widget("categories").item(0).setCheckState(Qt.CheckState.Checked)
    screen.submit()
    assert screen.form.form.refusal_beside("age_basis") == "An age needs its basis; choose how it is known."


def test_a_person_is_changed_and_the_earlier_category_stays_in_the_history(case, desk, screen):
    screen.choose(case)
    screen.press("Show people (this look is logged)")
    screen.press("Edit…")
    categories = screen.form.form.widget("categories")
    assert [categories.item(n).checkState() == Qt.CheckState.Checked for n in range(4)] == [True, False, True, False]
    categories.item(0).setCheckState(Qt.CheckState.Unchecked)
    screen.type(authorised_by="Hart, Ali", necessity="To keep the person safe.")
    screen.submit()
    person = people(desk, case)[0]
    assert person.facts.categories == {"victim"}
    assert (person.facts.authorised_by, person.facts.nationality, person.facts.age) == ("Hart, Ali", "VN", 17)
    assert "Suspect, Victim or possible victim from" in shown(screen)


def test_names_are_not_asked_for_unless_the_desk_records_them(case, screen):
    screen.choose(case)
    screen.press("Add a person…")
    assert "name" not in [field.name for field in screen.form.task.fields]


def test_free_text_about_people_is_warned_of(case, screen):
    screen.choose(case)
    screen.press("Add a person…")
    helps = {field.name: field.help for field in screen.form.task.fields}
    assert "No ethnicity, health, beliefs, source identity or tactics" in helps["necessity"]


def test_an_unfinished_person_is_kept_apart_and_read_back_only_as_a_logged_look(case, desk, screen):
    screen.choose(case)
    screen.press("Add a person…")
    screen.type(label="Passenger Q")
    screen.reopen(PASSPHRASE)
    with desk.vault.reading() as session:
        kept = {row.key: row.content for row in session.query(Draft)}
    assert [("Passenger Q" in content, "people" in key) for key, content in sorted(kept.items())] == [
        (False, False),
        (True, True),
    ]
    assert KeptDrafts(desk.vault, lambda: NOW).unfinished()[0].title == "Add a person to OIC-2026-0001"
    before = len(looks(desk))
    screen.press("Continue")
    assert screen.form.form.widget("label").text() == "Passenger Q"
    assert len(looks(desk)) == before + 1


# --- out of the desk, and the help cards ---


def covered(desk):
    desk.do(records_people.edit_person, 1, {
        "necessity": "To keep them safe.", "authorised_by": "PS Vale", "local_authority_told_on": NOW.date(),
        "nrm": "referred", "nrm_on": NOW.date(), "nrm_reference": "NRM 1",
    }, now=NOW)  # fmt: skip


def hand_out(screen, how="copy"):
    def act(dialog):
        dialog.form.set_values({"recipient": "DI Hart", "purpose": "meeting", "how": how})
        screen.qtbot.mouseClick(dialog.verb, Qt.MouseButton.LeftButton)

    in_dialog(act)
    screen.press("Hand out…")


def test_people_of_a_victim_without_authorisation_are_not_handed_out(case, desk, screen):
    screen.choose(case)
    screen.press("Show people (this look is logged)")
    screen.press("Hand out…")
    assert "is incomplete, so its people cannot be exported, printed or copied" in shown(screen)
    assert "disclosure" not in [entry["operation"] for entry in desk.log()]


def test_people_are_copied_with_their_marking_for_somebody_named(case, desk, screen, qapp):
    covered(desk)
    screen.choose(case)
    screen.press("Show people (this look is logged)")
    hand_out(screen)
    lines = qapp.clipboard().text().splitlines()
    assert (lines[0], lines[-1]) == ("OFFICIAL-SENSITIVE", "OFFICIAL-SENSITIVE")
    assert "For DI Hart" in lines[2]
    assert "Nationality: Vietnam (claimed)" in lines
    entry = desk.log()[-1]
    assert (entry["operation"], entry["recipient"], entry["records"]) == (
        "disclosure", "DI Hart", {"disclosure": [1], "referral": [case], "person": [1]},
    )  # fmt: skip
    clipboard.forget(qapp.clipboard().text())


def test_people_are_saved_as_a_marked_pdf(case, desk, screen, tmp_path):
    covered(desk)
    screen.choose(case)
    screen.press("Show people (this look is logged)")
    messages.answers = [tmp_path / "people.pdf"]
    hand_out(screen, "pdf")
    assert (tmp_path / "people.pdf").read_bytes().startswith(b"%PDF")
    assert "The people are in people.pdf. The log names DI Hart." in shown(screen)


def test_what_is_shown_of_people_cannot_be_marked_and_copied_past_the_log(case, screen):
    screen.choose(case)
    screen.press("Show people (this look is logged)")
    labels = screen.page.case.people.section.findChildren(QLabel)
    assert [
        one.text() for one in labels if one.textInteractionFlags() != Qt.TextInteractionFlag.NoTextInteraction
    ] == []


def test_the_marking_stands_at_head_and_foot_of_people(case, screen):
    screen.choose(case)
    assert not screen.page.case.people.above.isVisible()
    screen.press("Show people (this look is logged)")
    people = screen.page.case.people
    assert [one.text() for one in (people.above, people.below) if one.isVisible()] == ["OFFICIAL-SENSITIVE"] * 2


def test_the_help_card_of_the_duty_to_notify_opens_from_the_people(case, screen):
    said = []

    def act(card):
        said.append(card.text())
        card.accept()

    in_dialog(act)
    screen.choose(case)
    screen.press("Help card (F2)")
    assert "no name, no date of birth" in said[0]
    assert "Tell the local authority first, then refer to the NRM." in said[0]


@pytest.mark.parametrize("name", list(page_cards.CARDS))
def test_a_help_card_reads_whole_holds_no_number_to_call_and_turns_to_the_other(qtbot, name):
    card = page_cards.HelpCard(None, name)
    qtbot.addWidget(card)
    assert not re.search(r"\d{5,}|\b\d{3,} \d{3,}|@|www", card.text())
    told = page_cards.CARDS[name]
    said = [told.title, told.start, *(f"{n}.  {step}" for n, step in enumerate(told.steps, 1)), told.law]
    assert card.text().splitlines() == said and all(said), "every step in its order, and the law"
    other = next(one for one in page_cards.CARDS if one != name)
    card.choice.choose(other)
    assert page_cards.CARDS[other].title in card.text()


def test_the_breach_card_names_72_hours_and_facts_effects_and_remedy(qtbot):
    card = page_cards.HelpCard(None)
    qtbot.addWidget(card)
    assert "within 72 hours of becoming aware" in card.text()
    assert card.windowState() & Qt.WindowState.WindowMaximized, "as large as the screen"
    assert "the facts, the effects and the remedy" in card.text()


def test_f2_opens_the_cards_from_everywhere(qtbot):
    window = QMainWindow()
    qtbot.addWidget(window)
    page_cards.put_on(window)
    (action,) = window.actions()
    assert action.shortcut().toString() == "F2"
    opened = []
    in_dialog(lambda card: (opened.append(card.windowTitle()), card.accept()))
    action.trigger()
    assert opened == ["Help cards"]
