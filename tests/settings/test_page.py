"""The Settings page by what a user does: choose a section, type, press."""

from datetime import UTC, date, datetime

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QApplication, QComboBox, QLabel, QLineEdit, QPlainTextEdit

from oicdesk import machine
from oicdesk.settings import records
from oicdesk.settings.page import SettingsPage
from oicdesk.ui import messages, theme
from oicdesk.vault.vault import Vault
from tests.ui.dialogs import in_dialog

from .conftest import PASSPHRASE

NOW = datetime(2026, 11, 23, 10, 42, tzinfo=UTC)
OTHER = "violin tractor lantern"


@pytest.fixture
def page(vault, qtbot):
    page = SettingsPage(vault, now=lambda: NOW, measure=lambda mib: mib / 100)
    qtbot.addWidget(page)
    page.resize(1120, 720)
    page.refresh()
    page.show()
    return page


def reference(vault):
    with vault.reading() as session:
        return records.reference(session)


def write(qtbot, form, **texts):
    """Type into the fields of a form as a user does."""
    for name, text in texts.items():
        widget = form.widget(name)
        edit = widget if isinstance(widget, QLineEdit | QPlainTextEdit) else widget.findChild(QLineEdit)
        edit.setFocus()
        edit.selectAll()
        qtbot.keyClick(edit, Qt.Key.Key_Delete)
        qtbot.keyClicks(edit, text)


def press(qtbot, button):
    qtbot.waitUntil(lambda: button.height() > 0)  # what was just shown gets its room a moment later
    assert button.isEnabled()
    qtbot.mouseClick(button, Qt.MouseButton.LeftButton)


def choose(box: QComboBox, text: str):
    place = box.findText(text)
    assert place >= 0, [box.itemText(i) for i in range(box.count())]
    box.setCurrentIndex(place)
    box.activated.emit(place)


def answer(qtbot, *, then="verb", times=1, **texts):
    """Fill and answer the next dialog when it is open."""

    def act(dialog):
        if texts:
            for name, text in texts.items():
                widget = dialog.form.widget(name)
                if isinstance(widget, QComboBox):
                    choose(widget, text)
                elif hasattr(widget, "set_value"):
                    widget.set_value(date.fromisoformat(text))
                else:
                    write(qtbot, dialog.form, **{name: text})
        seen.append(dialog)
        words.extend(label.text() for label in dialog.findChildren(QLabel) if label.isVisible())
        qtbot.mouseClick(getattr(dialog, then), Qt.MouseButton.LeftButton)
        if dialog.isVisible() and dialog is QApplication.activeModalWidget():
            words.extend(label.text() for label in dialog.findChildren(QLabel) if label.isVisible())
            qtbot.mouseClick(dialog.cancel, Qt.MouseButton.LeftButton)

    seen: list = []
    words: list[str] = []
    in_dialog(act)
    return words


# --- sections and settings ---


def test_every_section_opens_by_the_arrow_keys(page, qtbot):
    titles = []
    page.sections.setFocus()
    for _ in range(page.sections.count()):
        titles.append(page.stack.currentWidget().accessibleName())
        qtbot.keyClick(page.sections, Qt.Key.Key_Down)
    assert titles == [page.sections.item(i).text() for i in range(page.sections.count())]


def test_f6_goes_from_the_sections_into_the_shown_one(page):
    for name in ("Retention", "Bank holidays", "Security", "Appearance", "Backup", "Reference tables"):
        section = page.section(name)
        sections, inside = page.panes()
        assert sections is page.sections
        assert section.isAncestorOf(inside)
        inside.setFocus()
        assert page.focusWidget() is not None
        assert inside is page.focusWidget() or inside.isAncestorOf(page.focusWidget())


def test_a_changed_setting_is_saved_and_said(page, vault, qtbot):
    section = page.section("Retention")
    assert not section.save.isEnabled()
    write(qtbot, section.form, review_months="6")
    press(qtbot, section.save)
    assert section.done.words.text() == "Review a finished case after: 6 months, before that 12 months."
    assert reference(vault).setting("review_months") == 6
    assert not section.save.isEnabled()


def test_ctrl_enter_saves(page, vault, qtbot):
    section = page.section("Retention")
    write(qtbot, section.form, draft_purge_days="14")
    with qtbot.waitActive(page):
        page.activateWindow()
    edit = section.form.widget("draft_purge_days")
    edit.setFocus()
    qtbot.keyClick(edit, Qt.Key.Key_Return, Qt.KeyboardModifier.ControlModifier)
    assert reference(vault).setting("draft_purge_days") == 14


def test_every_setting_says_its_default_and_because_of_what(page):
    shown = set()
    for name in (
        "Desk", "Clocks and chasers", "People and disclosure", "Training", "Communications", "Retention", "Imports",
        "Draft check", "Idle lock",
    ):  # fmt: skip
        section = page.section(name)
        for label in section.form.findChildren(QLabel):
            if label.text().startswith("Default: "):
                assert ", because " in label.text()
                shown.add(label.text())
        for field in section.form.fields:
            assert field.name in records.definitions()
    assert len(shown) >= len({d.because for d in records.definitions().values()})


@pytest.mark.parametrize(
    ("typed", "why"), [("0", "has to lie between 1 and 120"), ("soon", "not a whole number"), ("", "is needed here")]
)
def test_a_value_that_does_not_fit_is_refused_beside_its_field_and_nothing_is_saved(page, vault, qtbot, typed, why):
    section = page.section("Retention")
    write(qtbot, section.form, review_months=typed, draft_purge_days="14")
    press(qtbot, section.save)
    assert why in section.form.refusal_beside("review_months")
    assert reference(vault).setting("draft_purge_days") == 30
    assert section.save.isEnabled()


def test_put_back_forgets_what_was_typed(page, qtbot):
    section = page.section("Retention")
    write(qtbot, section.form, review_months="99")
    press(qtbot, section.undo)
    assert section.form.values()["review_months"] == 12
    assert not section.save.isEnabled()


def test_typing_survives_a_refresh_and_a_look_elsewhere(page, vault, qtbot):
    section = page.section("Retention")
    write(qtbot, section.form, review_months="9")
    with vault.changing() as session:
        records.change_settings(session, {"draft_purge_days": 20}, at=NOW)
    page.section("Desk")
    page.refresh()
    assert page.section("Retention").form.values()["review_months"] == 9


def test_a_change_made_elsewhere_is_shown_after_a_refresh(page, vault):
    section = page.section("Retention")
    with vault.changing() as session:
        records.change_settings(session, {"draft_purge_days": 20}, at=NOW)
    page.refresh()
    assert section.form.values()["draft_purge_days"] == 20


def test_the_due_rule_is_chosen_in_words(page, vault, qtbot):
    section = page.section("Clocks and chasers")
    choose(section.form.widget("document_due_rule"), "At the end of the next working day (11:59pm)")
    press(qtbot, section.save)
    assert reference(vault).due_rule().kind == "end_of_next_working_day"
    assert "before that So many elapsed hours" in section.done.words.text()


def test_names_cannot_be_switched_on_without_a_reason(page, vault, qtbot):
    section = page.section("People and disclosure")
    section.form.widget("record_names").click()
    press(qtbot, section.save)
    assert "only with a reason" in section.form.refusal_beside("record_names_reason")
    write(qtbot, section.form, record_names_reason="Ordered by the court")
    press(qtbot, section.save)
    assert reference(vault).setting("record_names") is True


def test_a_viewer_is_refused_in_a_sentence(vault, tmp_path, qtbot):
    vault.add_user("Vera", "Viewer", OTHER)
    path = vault.path
    vault.close()
    with Vault.open(path, OTHER) as seen:
        page = SettingsPage(seen)
        qtbot.addWidget(page)
        page.show()
        section = page.section("Retention")
        write(qtbot, section.form, review_months="6")
        press(qtbot, section.save)
        notices = [label.text() for label in section.form.findChildren(QLabel) if label.isVisible()]
        assert any("read-only viewer" in text for text in notices)


# --- reference tables and bank holidays ---


def tables(page, title):
    section = page.section("Reference tables")
    choose(section.choice, title)
    return section


def rows(section):
    return [section.model.row(place) for place in range(section.model.rowCount())]


def labels(section):
    return [row.label for row in rows(section)]


def pick(section, label):
    row = next(row for row in rows(section) if row.label == label)
    assert section.table.select_id(row.id)


def test_a_value_is_added_to_a_table(page, vault, qtbot):
    section = tables(page, "Contact reasons")
    answer(qtbot, label="Rail freight encounter")
    press(qtbot, section.add)
    assert labels(section)[-1] == "Rail freight encounter"
    assert section.done.words.text() == "“Rail freight encounter” was added to Contact reasons."
    assert "rail_freight_encounter" in dict(reference(vault).choices("contact_reason"))


def test_a_label_already_taken_is_refused_inside_the_dialog(page, qtbot):
    section = tables(page, "Outcomes of a contact")
    words = answer(qtbot, label="Advice only")
    before = labels(section)
    press(qtbot, section.add)
    assert any("already in Outcomes of a contact" in text for text in words)
    assert labels(section) == before


def test_a_label_is_changed_and_the_old_one_is_shown_as_ended(page, qtbot):
    section = tables(page, "Outcomes of a contact")
    pick(section, "Unknown")
    answer(qtbot, label="Not known")
    press(qtbot, section.relabel)
    assert "Not known" in labels(section)
    assert "Unknown" not in labels(section)
    section.ended.click()
    assert {"Unknown", "Not known"} <= set(labels(section))
    ended = next(
        section.model.row(p) for p in range(section.model.rowCount()) if section.model.row(p).label == "Unknown"
    )
    assert ended.valid_to == date(2026, 11, 23)
    assert "until 23 Nov 2026" in section.model.sentence(section.model.position(ended.id))


def test_a_value_is_retired_after_a_question(page, vault, qtbot):
    section = tables(page, "Exemption reasons")
    pick(section, "ACRO route")
    words = answer(qtbot)
    press(qtbot, section.retire)
    assert any("records that hold it keep it" in text for text in words)
    assert "acro_route" not in dict(reference(vault).choices("exemption_reason"))


def test_a_question_answered_with_cancel_changes_nothing(page, vault, qtbot):
    section = tables(page, "Exemption reasons")
    pick(section, "ACRO route")
    answer(qtbot, then="cancel")
    press(qtbot, section.retire)
    assert "acro_route" in dict(reference(vault).choices("exemption_reason"))


def test_a_table_whose_codes_rules_know_offers_only_a_new_label(page):
    section = tables(page, "Forces")
    pick(section, "Suffolk")
    assert (section.add.isEnabled(), section.relabel.isEnabled(), section.retire.isEnabled()) == (False, True, False)
    assert "only labels can change" in section.because.text()


def test_an_import_word_is_added_and_says_what_it_stands_for(page, vault, qtbot):
    section = tables(page, "Import words for contact reasons")
    answer(qtbot, label="Train stowaway", **{"for": "Clandestine or lorry-drop encounter"})
    press(qtbot, section.add)
    pick(section, "Train stowaway")
    place = section.model.rowCount() - 1
    assert section.model.row(place).note == "stands for “Clandestine or lorry-drop encounter”"
    assert reference(vault).synonyms("contact_reason")["Train stowaway"] == "clandestine_encounter"


def test_a_day_of_one_force_says_whose_it_is(page, vault, qtbot):
    section = page.section("Bank holidays")
    answer(qtbot, day="2029-01-02", title="Force day", force="Norfolk only")
    press(qtbot, section.add)
    assert section.done.words.text() == "Tue 2 Jan 2029 is a bank holiday for Norfolk now."
    told = reference(vault)
    assert date(2029, 1, 2) in told.holidays_of("Norfolk") and date(2029, 1, 2) not in told.holidays
    assert section.model.row(section.model.rowCount() - 1).note == "Norfolk"
    assert section.model.row(0).note == "Both forces"


def test_a_bank_holiday_is_added_and_removed(page, vault, qtbot):
    section = page.section("Bank holidays")
    answer(qtbot, day="2029-01-01", title="New Year's Day")
    press(qtbot, section.add)
    assert section.done.words.text() == "Mon 1 Jan 2029 is a bank holiday now."
    assert date(2029, 1, 1) in reference(vault).holidays
    last = section.model.row(section.model.rowCount() - 1)
    assert last.code == "2029-01-01"
    section.table.select_id(last.id)
    words = answer(qtbot)
    press(qtbot, section.retire)
    assert any("Mon 1 Jan 2029 will count as a working day" in text for text in words)
    assert date(2029, 1, 1) not in reference(vault).holidays


def test_a_year_that_the_table_does_not_reach_is_warned_of_in_time(vault, qtbot):
    page = SettingsPage(vault, now=lambda: datetime(2028, 11, 1, tzinfo=UTC))
    qtbot.addWidget(page)
    page.show()
    assert "covers 2025 to 2028" in page.section("Bank holidays").beyond.words.text()


# --- security ---


def test_the_passphrase_is_changed(page, vault, qtbot):
    deed = page.section("Security").passphrase
    write(qtbot, deed.form, old=PASSPHRASE, passphrase=OTHER, again=OTHER)
    press(qtbot, deed.button)
    assert "Your passphrase was changed" in page.section("Security").done.words.text()
    assert set(deed.form.values().values()) == {""}
    path = vault.path
    vault.close()
    Vault.open(path, OTHER).close()


@pytest.mark.parametrize(
    ("texts", "field", "why"),
    [
        ({"old": PASSPHRASE, "passphrase": OTHER, "again": OTHER + "x"}, "again", "differ"),
        ({"old": "not this one at all", "passphrase": OTHER, "again": OTHER}, "old", "not right"),
        ({"old": PASSPHRASE, "passphrase": "short", "again": "short"}, "passphrase", "too short"),
    ],
)
def test_a_passphrase_that_cannot_be_changed_is_refused_beside_its_field(page, qtbot, texts, field, why):
    deed = page.section("Security").passphrase
    write(qtbot, deed.form, **texts)
    press(qtbot, deed.button)
    assert why in deed.form.refusal_beside(field)
    assert deed.form.values()["passphrase"] == texts["passphrase"]


def test_a_user_is_added_with_a_role_and_removed_again(page, vault, qtbot):
    section = page.section("Security")
    write(qtbot, section.new_user.form, name="Alex", passphrase=OTHER, again=OTHER)
    choose(section.new_user.form.widget("role"), "Approver")
    press(qtbot, section.new_user.button)
    assert "Alex was added as Approver" in section.done.words.text()
    alex = next(user for user in vault.users() if user.name == "Alex")
    assert section.user_table.select_id(alex.id)
    answer(qtbot)
    press(qtbot, section.remove)
    assert [user.name for user in vault.users()] == ["Sam"]


def test_nobody_can_remove_themselves(page, vault):
    section = page.section("Security")
    section.user_table.select_id(vault.user.id)
    assert not section.remove.isEnabled()


def test_a_new_recovery_key_is_shown_until_it_is_typed_back(page, vault, qtbot):
    section = page.section("Security")
    write(qtbot, section.recovery.form, passphrase=PASSPHRASE)
    press(qtbot, section.recovery.button)
    key = section.key.text()
    assert section.key_box.isVisible()
    write(qtbot, section.key_form, typed="something else")
    press(qtbot, section.kept)
    assert "not the key shown" in section.key_form.refusal_beside("typed")
    write(qtbot, section.key_form, typed=key.lower())
    press(qtbot, section.kept)
    assert not section.key_box.isVisible()
    assert section.key.text() == ""
    path = vault.path
    vault.close()
    Vault.open(path, key).close()


def test_the_strength_is_measured_and_changed(page, vault, qtbot):
    section = page.section("Security")
    press(qtbot, section.measure)
    box = section.strength.form.widget("strength")
    assert [box.itemText(i) for i in range(3)] == [
        "64 MiB, 0.6 seconds to unlock here",
        "128 MiB, 1.3 seconds to unlock here",
        "256 MiB, 2.6 seconds to unlock here",
    ]
    box.setCurrentIndex(0)
    write(qtbot, section.strength.form, passphrase=PASSPHRASE)
    press(qtbot, section.strength.button)
    assert vault.strength_mib == 64
    assert "now costs 64 MiB" in section.done.words.text()


# --- appearance and backup ---


def test_the_scheme_and_text_size_hold_at_once_and_are_remembered(page):
    section = page.section("Appearance")
    choose(section.form.widget("scheme"), "Dark")
    assert section.later.isHidden()
    choose(section.form.widget("size"), "125 %")
    assert "next opened" in section.later.words.text() and not section.later.isHidden()
    assert theme.scheme_name() == "dark"
    assert theme.px(100) == 125
    assert (machine.this().scheme, machine.this().text_percent) == ("dark", 125)


def test_backing_up_says_where_and_when(page, vault, qtbot):
    section = page.section("Backup")
    assert section.state.text() == "There is no backup of this vault yet."
    press(qtbot, section.here)
    qtbot.waitUntil(section.done.isVisible)
    assert "opened and counted" in section.done.words.text()
    assert len(list(vault.backups.glob("*.oicbackup"))) == 1
    page.refresh()
    assert section.state.text().startswith("Last backup: ")


def test_a_backup_that_leaves_asks_who_receives_it(page, vault, tmp_path, qtbot):
    section = page.section("Backup")
    target = tmp_path / "away.oicbackup"
    messages.answers = [target]
    answer(qtbot, recipient="Force information security", purpose="Safe keeping")
    press(qtbot, section.there)
    qtbot.waitUntil(section.done.isVisible)
    assert target.exists()


def test_a_backup_to_nowhere_is_no_backup(page, vault, qtbot):
    section = page.section("Backup")
    messages.answers = [None]
    press(qtbot, section.there)
    assert vault.last_backup_at() is None


def test_checking_the_vault_lists_every_check(page, qtbot):
    section = page.section("Backup")
    press(qtbot, section.verify)
    qtbot.waitUntil(section.done.isVisible)
    assert "The vault is whole" in section.done.words.text()
    assert any("log chain" in label.text() for label in section.results.findChildren(QLabel))
