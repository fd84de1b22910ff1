"""Columns and values are proposed by name and by content, and remembered."""

import json

import pytest

from oicdesk.sheets.mapping import Mapping, Target, header_key, propose, propose_values, unsettled_sentence
from oicdesk.sheets.read import read
from tests.sheets.makers import csv_file

FORCES = {"SFK": "Suffolk", "NFK": "Norfolk"}
TARGETS = [
    Target("date", "Contact date", True, ("Date",), "date", unless="contact"),
    Target("time", "Contact time", True, ("Time",), "time", unless="contact"),
    Target("contact", "Contact", synonyms=("Received", "Date"), kind="instant"),
    Target("force", "Force", True, values=FORCES, value_synonyms={"Suffolk Constabulary": "SFK"}),
    Target("collar", "Collar number", synonyms=("Collar no",), pattern=r"[a-z]{2,4} ?\d+"),
    Target("persons", "Persons", kind="whole"),
    Target("notes", "Notes"),
]


def proposal(tmp_path, *rows, targets=TARGETS, remembered=None):
    return propose(read(csv_file(tmp_path, rows)), targets, remembered)


def test_names_are_matched_whatever_their_case_accents_and_punctuation(tmp_path):
    mapping = proposal(
        tmp_path,
        ["DATE", "time:", "Fórce", "Collar No.", "persons", "Nótes"],
        ["06/01/2026", "0821", "Suffolk", "PC 1", "2", "x"],
    )
    assert mapping.columns == {
        "date": "DATE",
        "time": "time:",
        "force": "Fórce",
        "collar": "Collar No.",
        "persons": "persons",
        "notes": "Nótes",
    }
    assert (mapping.unsettled, mapping.guessed) == ([], [])


def test_a_misspelt_name_is_a_guess(tmp_path):
    mapping = proposal(tmp_path, ["Contact dat", "Time", "Force"], ["06/01/2026", "0821", "Suffolk"])
    assert mapping.columns["date"] == "Contact dat"
    assert mapping.guessed == ["date"]


def test_names_that_differ_in_a_figure_are_never_taken_for_one_another(tmp_path):
    targets = [Target("first", "Telephone number 1"), Target("second", "Telephone number 2")]
    assert proposal(tmp_path, ["Telephone number 2", "B"], ["1", "2"], targets=targets).columns == {
        "second": "Telephone number 2"
    }


def test_required_columns_are_found_by_what_is_in_them(tmp_path):
    mapping = proposal(
        tmp_path, ["Alpha", "Beta", "Gamma"], ["06/01/2026", "0821", "NORFOLK"], ["07/01/2026", "0900", ""]
    )
    assert mapping.columns == {"date": "Alpha", "time": "Beta", "force": "Gamma"}
    assert set(mapping.guessed) == {"date", "time", "force"}


def test_a_day_and_a_time_in_one_column_need_no_other(tmp_path):
    mapping = proposal(tmp_path, ["Date", "Force"], ["06/01/2026 08:21", "Suffolk"])
    assert mapping.columns == {"contact": "Date", "force": "Force"}
    assert mapping.unsettled == []


def test_contents_that_contradict_a_name_lose_to_the_column_that_fits(tmp_path):
    targets = [Target("count", "Persons", True, kind="whole", synonyms=("Number of persons",))]
    rows = [["Persons", "Number of persons"], ["Smith", "2"], ["Jones", "3"]]
    assert proposal(tmp_path, *rows, targets=targets).columns == {"count": "Number of persons"}


def test_what_is_missing_is_named(tmp_path):
    mapping = proposal(tmp_path, ["Date", "Force", "Notes"], ["06/01/2026", "Kent", "x"])
    assert mapping.unsettled == ["time", "force"]
    sentence = unsettled_sentence(mapping, TARGETS)
    assert sentence.startswith("No column is chosen for Contact time and none of the words in Force is understood;")
    assert unsettled_sentence(Mapping(), TARGETS) == ""


def test_one_unknown_word_among_known_ones_is_left_to_its_row(tmp_path):
    mapping = proposal(
        tmp_path,
        ["Date", "Time", "Force"],
        ["06/01/2026", "0821", "Essex"],
        ["06/01/2026", "0821", "suffolk constabulary"],
    )
    assert mapping.values["force"] == {"suffolk constabulary": "SFK"}
    assert mapping.unsettled == []


def test_values_are_known_by_code_label_synonym_and_near_miss_but_not_by_another_figure(tmp_path):
    target = Target("m", "Course", values={"M1": "OIC module 1", "M2": "OIC module 2"}, value_synonyms={"Mod. 1": "M1"})
    texts = ["m2", "OIC MODULE 1", "mod 1", "OIC modul 2", "OIC module 3", "Nothing alike"]
    sheet = read(csv_file(tmp_path, [["Course", "B"], *([text, "x"] for text in texts)]))
    assert propose_values(sheet, target, "Course") == {
        "m2": "M2",
        "OIC MODULE 1": "M1",
        "mod 1": "M1",
        "OIC modul 2": "M2",
    }


def test_the_key_of_a_header_ignores_case_and_punctuation_but_not_names_or_order():
    assert header_key(["Date", "Collar No."]) == header_key(["DATE", "collar no"])
    assert header_key(["Date", "Time"]) != header_key(["Time", "Date"])
    assert header_key(["Date Time"]) != header_key(["Date", "Time"])


def test_a_mapping_survives_json_and_goes_before_any_guess(tmp_path):
    remembered = Mapping({"date": "B", "time": "A", "force": "C", "gone": "A"}, {"force": {"East": "SFK", "X": "ZZZ"}})
    again = Mapping.from_json(json.loads(json.dumps(remembered.to_json())))
    assert again == remembered
    mapping = proposal(tmp_path, ["A", "B", "C"], ["0821", "06/01/2026", "EAST"], ["0821", "x", "X"], remembered=again)
    assert mapping.columns == {"date": "B", "time": "A", "force": "C"}
    assert mapping.values["force"] == {"EAST": "SFK"}
    assert mapping.unsettled == []


@pytest.mark.parametrize("stored", [{}, {"columns": {}}, {"columns": {"date": "Gone"}}])
def test_a_remembered_mapping_of_columns_that_went_leaves_them_unsettled(tmp_path, stored):
    mapping = proposal(tmp_path, ["A", "B"], ["1", "2"], remembered=Mapping.from_json(stored))
    assert mapping.columns == {}
    assert mapping.unsettled == ["date", "time", "force"]
