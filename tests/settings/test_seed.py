"""What a new vault starts with, checked against sources outside the project."""

import csv
import re
import string
from datetime import date

import holidays as published
import pytest

from oicdesk import paths
from oicdesk.settings import records, rules

FOLDER = paths.resources() / "reference"


def rows(name: str) -> list[dict[str, str]]:
    return list(csv.DictReader((FOLDER / name).read_text(encoding="utf-8").splitlines()))


def test_the_bank_holidays_are_the_published_ones_without_weekends():
    ours = {date.fromisoformat(row["code"]) for row in rows("bank_holidays.csv")}
    theirs = published.country_holidays("GB", subdiv="ENG", years=range(2025, 2029))
    assert ours == {day for day in theirs if day.weekday() < 5}


def test_the_bank_holidays_carry_the_published_titles():
    theirs = published.country_holidays("GB", subdiv="ENG", years=range(2025, 2029), language="en_GB")
    for row in rows("bank_holidays.csv"):
        title = theirs[date.fromisoformat(row["code"])].casefold()
        word = row["label"].split()[0].casefold()
        assert word in title or {"early": "may day"}.get(word, "?") in title, (row, title)


def test_there_are_249_iso_countries_kosovo_and_three_answers_that_are_no_country():
    codes = [row["code"] for row in rows("countries.csv")]
    iso = [code for code in codes if re.fullmatch("[A-Z]{2}", code)]
    assert len(set(codes)) == len(codes) == 253
    assert len(iso) == 250
    assert codes[-3:] == ["stateless", "not_established", "disputed"]
    # ISO 3166-1 leaves these to users; none but Kosovo's is used here.
    users = {"AA", "ZZ", *(f"Q{x}" for x in string.ascii_uppercase[12:]), *(f"X{x}" for x in string.ascii_uppercase)}
    assert users & set(iso) == {"XK"}


@pytest.mark.parametrize(
    ("code", "name"),
    [
        ("CZ", "Czechia"), ("CI", "Ivory Coast"), ("SZ", "Eswatini"), ("GM", "The Gambia"), ("BS", "The Bahamas"),
        ("MM", "Myanmar (Burma)"), ("CV", "Cape Verde"), ("TL", "East Timor"), ("MK", "North Macedonia"),
        ("TR", "Turkey"), ("VA", "Vatican City"), ("KP", "North Korea"), ("VN", "Vietnam"), ("GB", "United Kingdom"),
    ],
)  # fmt: skip
def test_countries_have_their_british_names(code, name):
    assert {row["code"]: row["label"] for row in rows("countries.csv")}[code] == name


def test_every_default_fits_its_own_setting_and_says_because():
    for definition in records.definitions().values():
        assert rules.checked(definition, definition.default) == definition.default
        assert definition.because.endswith("."), definition.key
    rules.check_together({key: d.default for key, d in records.definitions().items()})


def test_every_table_says_because_and_every_label_is_its_own():
    for kind, values in records._seed_values().items():
        assert records.kinds()[kind].because.endswith("."), kind
        codes = [value["code"] for value in values]
        assert len(set(codes)) == len(codes), kind
        if kind != records.BANK_HOLIDAY:
            labels = [value["label"].casefold() for value in values]
            assert len(set(labels)) == len(labels), kind


def test_every_synonym_stands_for_a_value_that_exists():
    seeds = records._seed_values()
    for kind in ("force", "contact_reason", "outcome", "route"):
        codes = {value["code"] for value in seeds[kind]}
        assert {value["for"] for value in seeds[f"{kind}_synonym"]} <= codes


def test_the_words_of_a_control_room_extract_are_all_known():
    seeds = records._seed_values()

    def known(kind: str) -> set[str]:
        return {rules.synonym_key(v["label"]) for v in seeds[kind] + seeds[f"{kind}_synonym"]}

    reasons = (
        "Clandestine encounter - lorry drop", "Status check", "Illegal working / harbouring", "FNO post arrest",
        "Facilitation intelligence", "Person in custody", "FNO intelligence", "Suspected immigration offender",
        "Small boat", "Other",
    )  # fmt: skip
    outcomes = ("IE attending", "Detention requested", "Advice only", "IE unable to attend", "NFA")
    assert {rules.synonym_key(word) for word in reasons} <= known("contact_reason")
    assert {rules.synonym_key(word) for word in outcomes} <= known("outcome")
    assert rules.synonym_key("Telepathy") not in known("contact_reason")
    assert rules.synonym_key("Essex") not in known("force")
