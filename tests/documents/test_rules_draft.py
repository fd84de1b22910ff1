"""A working draft's rules: remarks with overrides, six questions, contradictions, the coach, and what changed."""

import pytest

from oicdesk.documents import rules_coach, rules_draft
from oicdesk.documents.rules import Grades
from oicdesk.documents.rules_draft import Draft, Item
from oicdesk.documents.rules_sanitisation import RULE_WORDS
from oicdesk.documents.rules_sanitisation_cues import Cues
from oicdesk.errors import Refused
from oicdesk.settings.records import definitions

LABELS = {
    "source_evaluation": {"1": "Reliable", "2": "Untested", "3": "Not reliable"},
    "information_assessment": {
        "A": "Known directly to the source", "B": "Known indirectly to the source but corroborated",
        "C": "Known indirectly to the source", "D": "Not known", "E": "Suspected to be false",
    },
    "handling_code": {"P": "Lawful sharing permitted", "C": "Lawful sharing permitted with conditions"},
    "action_code": {"A1": "x", "A2": "y", "A3": "z"},
    "sanitisation_code": {"S1": "x", "S2": "y"},
}  # fmt: skip
GRADED = Grades("1", "A", "P")


def cues(group):
    return {
        key.removeprefix(f"{group}_"): d.default.splitlines()
        for key, d in definitions().items()
        if key.startswith(f"{group}_") and d.section == "cues"
    }


def heard(text, grades=GRADED, **more):
    found = rules_draft.remarks(Draft("", (Item(text, "", grades, **more),)), Cues())
    return [(one.hit.rule, text[one.hit.start : one.hit.end]) for one in found]


# --- the check ---


def test_each_hit_says_which_rule_and_why_at_its_place_in_the_item():
    text = "A van AB12 CDE. Ring 07700 900112."
    found = rules_draft.remarks(Draft("", (Item("Clean.", "", GRADED), Item(text, "", GRADED))), Cues())
    assert [(one.item, one.hit.rule, text[one.hit.start : one.hit.end]) for one in found] == [
        (1, "plate", "AB12 CDE"), (1, "telephone", "07700 900112"),
    ]  # fmt: skip
    assert all(one.hit.why.endswith(".") and one.hit.rule in RULE_WORDS for one in found)


def test_an_item_is_ungraded_until_its_three_parts_are_chosen():
    assert heard(" The yard is full. ", Grades("1", "A")) == [("ungraded", "The yard is full.")]
    assert heard("The yard is full.", Grades(old_5x5x5="B24")) == []
    assert heard("", Grades()) == []


def test_two_sources_in_one_item_are_mixed_across_its_paragraphs():
    text = "A caller said it is full.\n\nAn informant said it is empty."
    assert ("mixed_sources", "informant") in heard(text)


def test_a_remark_is_answered_with_a_reason_while_the_words_stand():
    item = Item("A van AB12 CDE.", "", GRADED)
    (one,) = rules_draft.remarks(Draft("", (item,)), Cues())
    with pytest.raises(Refused) as refused:
        rules_draft.override(item, one.hit, " ", "Sam")
    assert refused.value.field == "reason"
    kept = rules_draft.override(item, one.hit, "The keeper is the subject.", "Sam")
    (after,) = rules_draft.remarks(Draft("", (kept,)), Cues())
    assert (after.override.reason, after.override.by) == ("The keeper is the subject.", "Sam")
    changed = rules_draft.remarks(Draft("", (Item("A van AB12 CDX.", "", GRADED, kept.overrides),)), Cues())
    assert changed[0].override is None
    assert rules_draft.withdraw_override(kept, after.override) == item


def test_a_cue_that_cannot_be_read_is_named_and_the_others_hold():
    found, bad = rules_draft.readable_cues({"source_words": ["harbour master", "_", "a|"], "people": ["cook"]})
    assert (found.source_words, found.people, bad) == (("harbour master",), ("cook",), ["_", "a|"])


def test_the_cues_of_a_new_desk_are_those_of_the_check():
    assert rules_draft.readable_cues(cues("cue")) == (Cues(), [])
    for group in ("coach", "meter"):
        assert all(rules_draft.readable_words(words) == words for words in cues(group).values())


# --- six questions ---


def test_the_six_questions_quote_what_answers_them_and_ask_what_is_missing():
    text = (
        "The driver collects three men from the service station at Thetford every Tuesday because they owe him money,"
        " using a borrowed minibus."
    )
    found = rules_draft.answers(Draft("", (Item(text),)), cues("meter"))
    assert found["who"].startswith("The driver collects")
    assert "collects" in found["what"]
    assert "every Tuesday" in found["when"]
    assert "Thetford" in found["where"]
    assert "because they owe" in found["why"]
    assert "using a borrowed" in found["how"]


def test_a_plate_is_nobody_and_a_month_is_no_place():
    found = rules_draft.answers(Draft("", (Item("The van AB12 CDE left in June."),)), {})
    assert (found["who"], found["where"]) == ("", "")


def test_an_empty_draft_answers_nothing():
    assert set(rules_draft.answers(Draft(), cues("meter")).values()) == {""}


# --- the coach ---


def test_the_coach_shows_nothing_until_it_was_answered_and_never_chooses():
    for part in LABELS:
        assert rules_coach.fitting(part, {}, LABELS) == []
    assert not any(word in question.words.lower() for question in rules_coach.QUESTIONS for word in ("grade", "choose"))


def test_the_definitions_that_fit_every_answer_are_shown_with_code_and_label():
    one, support, false = (q.words for q in rules_coach.QUESTIONS if q.part == "information_assessment")
    told = {one: "Was told it, or read it"}
    assert rules_coach.fitting("information_assessment", told, LABELS) == [
        "B – Known indirectly to the source but corroborated", "C – Known indirectly to the source",
        "E – Suspected to be false",
    ]  # fmt: skip
    told |= {support: "Yes", false: "No"}
    assert rules_coach.fitting("information_assessment", told, LABELS) == [
        "B – Known indirectly to the source but corroborated"
    ]
    assert rules_coach.fitting("information_assessment", told | {one: "It is not known how"}, LABELS) == []


def test_every_answer_has_a_definition_of_the_domain_and_every_definition_an_answer():
    for part, codes in LABELS.items():
        answered = {code for q in rules_coach.QUESTIONS if q.part == part for fit in q.answers.values() for code in fit}
        assert answered == set(codes)


def test_conditions_are_asked_about_only_with_handling_c():
    parts = {q.part for q in rules_coach.asked(Item("", "", Grades("1", "A", "P")))}
    assert parts == {"source_evaluation", "information_assessment", "handling_code"}
    assert {q.part for q in rules_coach.asked(Item("", "", Grades("1", "A", "C")))} == set(LABELS)


@pytest.mark.parametrize(
    ("text", "grades", "said"),
    [
        (
            "He was told that it is full.",
            Grades("1", "A", "P"),
            "sounds second-hand, and the assessment says A – Known",
        ),
        ("She has seen the men.", Grades("1", "C", "P"), "sounds first-hand, and the assessment says C – Known"),
        ("The account is unlikely.", Grades("1", "B", "P"), "casts doubt on it"),
        ("Not to be shared with others.", Grades("1", "A", "P"), "limits who may have it"),
        ("Seen by surveillance.", Grades("1", "B", "C", "A3", "S1", "x", "y"), "points to covert work"),
        ("It is full.", Grades("1", "A", "P", action_code="A1"), "Handling code P has no action code"),
        ("It is full.", Grades("1", "A", "C"), "Handling code C needs its conditions"),
    ],
)
def test_words_and_grades_that_tell_two_stories_are_flagged(text, grades, said):
    assert any(said in one for one in rules_coach.stories(Item(text, "", grades), cues("coach"), LABELS))


def test_nothing_is_flagged_where_words_and_grades_agree_or_nothing_is_chosen():
    for item in (Item("He was told it.", "", Grades("1", "C", "P")), Item("He was told it.", "", Grades())):
        assert rules_coach.stories(item, cues("coach"), LABELS) == []


def test_an_edited_cue_flags_too():
    item = Item("Down the grapevine it is full.", "", GRADED)
    assert rules_coach.stories(item, {"second_hand": ["grapevine"]}, LABELS)
    elsewhere = Item("It is full.", "from the grapevine", GRADED)
    assert rules_coach.stories(elsewhere, {"second_hand": ["grapevine"]}, LABELS), "the provenance is read too"
    assert rules_coach.stories(item, {"second_hand": []}, LABELS) == []


# --- the difference ---


def test_a_line_that_went_is_told():
    changes = rules_draft.difference(["1. It is white.", "2. It is full."], ["1. It is white."])
    assert rules_draft.spoken_difference(changes) == "[removed: 2. It is full.]"


def test_the_difference_marks_words_and_keeps_what_stayed():
    changes = rules_draft.difference(
        ["1. The van is white.", "", "Same."], ["1. The van is blue.", "", "Same.", "New."]
    )
    assert [[(one.kind, one.words) for one in line] for line in changes] == [
        [("same", "1. The van is "), ("removed", "white."), ("added", "blue.")],
        [("same", "")],
        [("same", "Same.")],
        [("added", "New.")],
    ]
    assert rules_draft.spoken_difference(changes) == (
        "1. The van is [removed: white.][added: blue.]\n[added: New.]"
    )  # fmt: skip


def test_two_different_sentences_are_not_woven_into_each_other():
    changes = rules_draft.difference(["One thing entirely."], ["Quite another matter here."])
    assert [[one.kind for one in line] for line in changes] == [["removed", "added"]]
    assert rules_draft.spoken_difference(rules_draft.difference(["a"], ["a"])) == "Nothing changed."


def test_a_draft_in_lines_speaks_its_grades_and_says_what_is_missing():
    draft = Draft("Title", (Item("Text.", "", Grades("1", None, "C", conditions="Only here.")),))
    assert rules_draft.lines(draft, LABELS) == [
        "Title", "", "1. Text.", "Provenance: not written yet", "Source evaluation: 1 – Reliable",
        "Information assessment: not chosen yet", "Handling code: C – Lawful sharing permitted with conditions",
        "Action code: not chosen yet", "Sanitisation code: not chosen yet", "Conditions: Only here.",
    ]  # fmt: skip
