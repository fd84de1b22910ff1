"""The sanitisation check: measured on several corpora, and its laws.

The held-out half was written before the rules, and outsider_unread by somebody who never saw them. Do not tune a rule
to either: their figures are only worth something unread.
"""

import tomllib
from pathlib import Path
from typing import Any, NamedTuple

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from oicdesk.documents.rules import Hit, sanitisation_hits
from oicdesk.documents.rules_sanitisation import RULE_WORDS
from oicdesk.documents.rules_sanitisation_cues import Cues, cues_from
from oicdesk.errors import Refused
from oicdesk.paths import resources

CORPUS = Path(__file__).parent / "sanitisation"
OUTSIDERS = ("outsider_read", "outsider_half_read", "outsider_other_half", "outsider_unread")
HALVES = ("development", "held_out", "harder", "unrepaired", "second_round", "fresh", "many_ways", *OUTSIDERS)
LARGE = 200_000
# Measured on the held-out half: 62 of 62 heard, no alarm on 34 clean sentences; 61 of 62 and one alarm since the rules
# were rebuilt (a second alarm went after it had been traced, unread, by switching parts of the rules off). One sentence
# of slack each way from the first figures, so that a later change of the rules is not tempted to be fitted to sentences
# it should not read.
HELD_OUT_RECALL, HELD_OUT_FALSE_ALARMS = 0.98, 0.03


class Measure(NamedTuple):
    """`planted` and `found` count pairs of sentence and rule; `clean` and `alarms` count clean sentences; `spoken`
    and `needless` count the rules that spoke on any sentence, and those that should not have."""

    planted: int
    found: int
    clean: int
    alarms: int
    spoken: int
    needless: int
    wrong: list[str]

    @property
    def recall(self) -> float:
        return self.found / self.planted

    @property
    def false_alarms(self) -> float:
        return self.alarms / self.clean

    def words(self, half: str) -> str:
        return (
            f"{half}: recall {self.found}/{self.planted} = {self.recall:.1%}; false alarms on clean sentences "
            f"{self.alarms}/{self.clean} = {self.false_alarms:.1%}; needless rules {self.needless}/{self.spoken}"
        )


def sentences(half: str) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = tomllib.loads((CORPUS / f"{half}.toml").read_text("utf-8"))["sentence"]
    return found


def rules_heard(sentence: dict[str, Any]) -> set[str]:
    """The rules that speak; one that has a marked place must touch it to count."""
    text: str = sentence["text"]
    heard = set()
    for hit in sanitisation_hits(text):
        place = sentence.get("spans", {}).get(hit.rule)
        start = text.index(place) if place else hit.start
        if hit.start < start + len(place or " ") and hit.end > start:
            heard.add(hit.rule)
    return heard


def measure(half: str) -> Measure:
    planted = found = clean = alarms = spoken = needless = 0
    wrong = []
    for sentence in sentences(half):
        wanted, heard = set(sentence["expect"]), rules_heard(sentence)
        planted, found = planted + len(wanted), found + len(wanted & heard)
        clean, alarms = clean + (not wanted), alarms + (not wanted and bool(heard))
        spoken, needless = spoken + len(heard), needless + len(heard - wanted)
        if wanted != heard:
            wrong.append(f"{sentence['text'][:50]!r} missed {wanted - heard} needless {heard - wanted}")
    return Measure(planted, found, clean, alarms, spoken, needless, wrong)


def hits_of(rule: str, text: str) -> list[str]:
    return [text[hit.start : hit.end] for hit in sanitisation_hits(text) if hit.rule == rule]


def test_the_corpus_plants_every_rule_in_both_halves_and_is_large_enough():
    for half in HALVES[:2]:
        written = sentences(half)
        assert len(written) >= 70
        assert {rule for one in written for rule in one["expect"]} == set(RULE_WORDS)
        assert all(one["text"].count(place) == 1 for one in written for place in one.get("spans", {}).values())
    texts = [one["text"] for half in HALVES for one in sentences(half)]
    assert len(set(texts)) == len(texts)


def test_the_development_half_is_heard_and_the_clean_sentences_are_left_alone():
    measured = measure("development")
    print(measured.words("development half"))  # noqa: T201  the figures are what this test is for
    assert measured.recall >= 0.95, measured.wrong
    assert measured.false_alarms <= 0.10, measured.wrong
    assert measured.needless <= 0.10 * measured.spoken, measured.wrong


def test_the_held_out_half_is_heard_as_well_as_when_it_was_measured():
    measured = measure("held_out")
    print(measured.words("held-out half"))  # noqa: T201  the figures are what this test is for
    assert measured.recall >= HELD_OUT_RECALL
    assert measured.false_alarms <= HELD_OUT_FALSE_ALARMS


def test_the_harder_sentences_are_heard_since_the_repair_they_led_to():
    measured = measure("harder")
    print(measured.words("harder sentences"))  # noqa: T201  the figures are what this test is for
    assert measured.recall >= 0.90, measured.wrong
    assert measured.false_alarms <= 0.10, measured.wrong


def test_two_later_rounds_made_the_rules_more_general():
    """The first was made without reading these sentences (20 of 25 before it); the second went by its own file."""
    for name, least in (("unrepaired", 0.92), ("second_round", 0.95)):
        measured = measure(name)
        print(measured.words(name))  # noqa: T201  the figures are what this test is for
        assert measured.recall >= least, measured.wrong
        assert measured.false_alarms <= 0.10, measured.wrong


def test_sentences_that_were_fresh_until_the_rules_were_rebuilt_are_heard():
    measured = measure("fresh")
    print(measured.words("fresh sentences"))  # noqa: T201  the figures are what this test is for
    assert measured.recall >= 0.95, measured.wrong
    assert measured.false_alarms <= 0.10, measured.wrong


def test_many_ways_to_give_a_source_away_are_heard():
    measured = measure("many_ways")
    print(measured.words("many ways"))  # noqa: T201  the figures are what this test is for
    assert measured.recall >= 0.95, measured.wrong
    assert measured.false_alarms <= 0.10, measured.wrong
    assert measured.needless <= 0.10 * measured.spoken, measured.wrong


@pytest.mark.parametrize("name", OUTSIDERS[:3])
def test_sentences_of_outside_writers_that_were_read_are_heard(name: str):
    measured = measure(name)
    print(measured.words(name))  # noqa: T201  the figures are what this test is for
    assert measured.recall >= 0.95, measured.wrong
    assert measured.false_alarms <= 0.10, measured.wrong
    assert measured.needless <= 0.10 * measured.spoken, measured.wrong


def test_sentences_of_an_outside_writer_that_nobody_tuned_to_are_heard_less_well_and_the_figure_is_told():
    measured = measure("outsider_unread")
    print(measured.words("outsider_unread"))  # noqa: T201  the figures are what this test is for
    assert measured.recall >= 0.92  # measured 103 of 111, below the 95 % aimed at
    assert measured.false_alarms <= 0.05  # measured 1 of 52


@pytest.mark.parametrize("quote", ["I'm", "I’m"])
def test_both_apostrophes_are_read(quote: str):
    assert hits_of("first_person", f"{quote} sure of the colour of the van.") == [quote]


def test_case_does_not_hide_a_source():
    for text in ("AN INFORMANT SAYS SO.", "an informant says so.", "An Informant Says So."):
        assert [word.lower() for word in hits_of("source_words", text)] == ["informant"]


def test_the_country_is_not_the_first_person_unless_all_is_in_capitals():
    assert hits_of("first_person", "A US passport was in the drawer.") == []
    assert hits_of("first_person", "THE DRIVER THEN SHOWED US THE REAR OF THE TRAILER.") == ["US"]


def test_a_line_break_does_not_hide_a_phrase():
    assert hits_of("source_words", "A member of\nthe public saw it.") == ["member of\nthe public saw"]
    assert hits_of("telephone", "Ring 07700\n900112 at night.") == ["07700\n900112"]


def test_hits_of_two_rules_may_share_a_place():
    text = "The only neighbour who knew reported it."
    assert hits_of("uniqueness", text) == ["only neighbour who"]
    assert hits_of("source_words", text) == ["neighbour who knew reported"]


def test_a_date_and_a_reference_are_no_telephone_number():
    for text in ("On 01 03 2026 at 10.42", "CAD reference 0142 123456", "Container 449120 7", "£12 500 000"):
        assert hits_of("telephone", text) == []


@pytest.mark.parametrize(
    "text", ["the A14 2nd exit", "A14 HGV queue", "SA12 the van", "in AB12 and AB13", "A12 CAD 231"]
)
def test_roads_and_districts_are_neither_plates_nor_postcodes(text: str):
    assert hits_of("plate", text) == hits_of("postcode", text) == []


def test_a_dateless_plate_needs_words_around_it():
    assert hits_of("plate", "The plate is 731 QZB.") == ["731 QZB"]
    assert hits_of("plate", "Room 731 QZB is empty.") == []


def test_two_sources_in_two_items_are_not_mixed_and_in_one_item_they_are():
    apart = "1. A caller said it is full.\n2. An informant said it is empty."
    assert hits_of("mixed_sources", apart) == []
    assert hits_of("mixed_sources", apart.replace("\n2.", "")) == ["informant"]


def test_the_source_refers_back_and_opens_no_second_source():
    assert hits_of("mixed_sources", "A neighbour reported noise. The caller said it stopped at two.") == []


def test_a_grade_on_its_own_line_grades_the_paragraph_above():
    text = "1. The yard is empty.\n\n[1 A P]\n\n2. The gate is chained.\n\n[1 A P]"
    assert hits_of("ungraded", text) == []
    assert hits_of("ungraded", text.removesuffix("[1 A P]")) == ["2. The gate is chained."]


def test_without_any_grade_no_paragraph_is_called_ungraded():
    assert hits_of("ungraded", "1. The yard is empty.\n2. The gate is chained.") == []


def test_the_check_proposes_no_grade():
    text = "1. The yard is empty. [1 A P]\n2. The gate is chained."
    (hit,) = (hit for hit in sanitisation_hits(text) if hit.rule == "ungraded")
    assert hit.why == "The paragraph “2. The gate is chained.” has no grade, though others of this text have one."


def test_the_first_words_are_those_of_the_file():
    table = tomllib.loads((resources() / "reference" / "sanitisation.toml").read_text("utf-8"))
    assert cues_from(table) == Cues()


def test_a_cue_of_the_desk_is_heard_and_its_signs_are_letters():
    cues = cues_from({"source_words": ["harbour master*", "a.b"]})
    assert [hit.rule for hit in sanitisation_hits("The harbour-masters rang.", cues)] == ["source_words"]
    assert sanitisation_hits("The axb informant rang.", cues) == []


def test_an_emptied_list_of_cues_finds_nothing():
    cues = cues_from({"source_words": [], "people": [], "telling": [], "uniqueness": [], "ranks": [], "papers": []})
    assert sanitisation_hits("The informant said that only two people knew.", cues) == []


BAD_CUES = ["", "*", "x" * 161, "{many} x", "x|", "a _ _ _ _ b", "_"]


@pytest.mark.parametrize("table", [{"sources": ["x"]}, *({"people": [cue]} for cue in BAD_CUES)])
def test_a_cue_that_cannot_be_read_is_refused_in_a_sentence(table: dict[str, list[str]]):
    with pytest.raises(Refused, match=r"\.$"):
        cues_from(table)


PIECES = ["neighbour ", "1. ", "\n\n", "[1 A P]", "I ", "PC ", "07700 ", "900112 ", "@", ".com", "AB90 ", "QZQ "]
PIECES += [
    "only ",
    "two ",
    "people ",
    "who ",
    "told ",
    "’",
    "\u202e",
    "\x00",
    "İ",
    "ß",
    "the source ",
    "by ",
    "a ",
    "plate ",
]
PIECES += ["(a) "]


@given(st.lists(st.sampled_from(PIECES) | st.text(max_size=6), max_size=40).map("".join))
@settings(max_examples=150, deadline=None)
def test_every_hit_lies_in_the_text_says_why_and_overlaps_none_of_its_rule(text: str):
    last: dict[str, Hit] = {}
    hits = sanitisation_hits(text)
    assert hits == sorted(hits, key=lambda hit: (hit.start, hit.end, hit.rule))
    for hit in hits:
        assert 0 <= hit.start < hit.end <= len(text)
        assert hit.rule in RULE_WORDS
        assert hit.why.endswith(".")
        assert "\n" not in hit.why
        assert hit.rule not in last or last[hit.rule].end <= hit.start
        last[hit.rule] = hit


# One unbroken run for each kind of repetition, long enough that a pattern growing with the square would take minutes;
# what is read word by word is slower, and a fifth of the length tells the same.
RUNS = ["a", "1", "07", "\t", "\n", "a'", "neighbour "]
WORDS = ["a ", "1 ", "0 ", "+1 ", "PC ", "de ", "plate ", "only two ", "I ", "A.", "a.", "@a.", "(", "1. x\n\n"]
WORDS += ["information given ", "grade ", "A1 ", "a man ", "apart from x ", "only two people in the ", "the source "]
WORDS += ["a neighbour told "]


@pytest.mark.parametrize(("piece", "length"), [*((one, LARGE) for one in RUNS), *((one, LARGE // 5) for one in WORDS)])
def test_a_very_long_text_of_one_kind_is_read_to_its_end(piece: str, length: int):
    """Each takes a second or less; a pattern that grew with the square of the text would hold the tests up."""
    text = (piece * length)[:length] + "\nThe Crimestoppers note."
    hits = sanitisation_hits(text)
    assert "Crimestoppers" in text[hits[-1].start :]
