"""The coach: plain questions, and the definitions that fit an answer. It never proposes, fills in or chooses a grade.

It also says where the words of an item and its grade seem to tell two stories, by cues that a user may edit; which of
the two is right is the writer's to say.
"""

import re
from collections.abc import Mapping, Sequence
from functools import lru_cache
from typing import Final, NamedTuple

from oicdesk.documents.rules import GRADE_PARTS, Labels, check_grades, spoken_grade
from oicdesk.documents.rules_draft import Item, readable_words
from oicdesk.documents.rules_sanitisation_cues import Cues, pattern_of


class Question(NamedTuple):
    """A plain question about one part of the grading; each answer has the codes whose definitions fit it."""

    part: str
    words: str
    answers: Mapping[str, tuple[str, ...]]


QUESTIONS: Final[tuple[Question, ...]] = (
    Question(
        "source_evaluation",
        "Has earlier information from this source been put to the test?",
        {"Yes, and it held": ("1",), "No, or too seldom to say": ("2",), "Yes, and there is cause to doubt": ("3",)},
    ),
    Question(
        "information_assessment",
        "How does the source know it?",
        {
            "Saw, heard or did it themself": ("A", "E"),
            "Was told it, or read it": ("B", "C", "E"),
            "It is not known how": ("D", "E"),
        },
    ),
    Question(
        "information_assessment",
        "Does anything independent support it?",
        {"Yes": ("A", "B"), "No, or not checked": ("A", "C", "D", "E")},
    ),
    Question(
        "information_assessment",
        "Is there a reason to think that it is false?",
        {"Yes": ("E",), "No": ("A", "B", "C", "D")},
    ),
    Question(
        "handling_code",
        "May anyone who lawfully needs it have it as it stands?",
        {"Yes": ("P",), "Only if something is observed": ("C",)},
    ),
    Question(
        "action_code",
        "What must somebody do before or while acting on it?",
        {
            "Ask the originator first, or find support": ("A1",),
            "Act so that nobody can tell where it came from": ("A2",),
            "Keep to the use that its owner allowed": ("A3",),
        },
    ),
    Question(
        "sanitisation_code",
        "May it be sanitised without asking the originator?",
        {"Yes": ("S1",), "No, ask first": ("S2",)},
    ),
)

ONLY_WITH_CONDITIONS: Final = frozenset({"action_code", "sanitisation_code"})


def asked(item: Item) -> list[Question]:
    """The questions for this item; those about conditions only once its handling code has some."""
    with_conditions = item.grades.handling_code == "C"
    return [one for one in QUESTIONS if with_conditions or one.part not in ONLY_WITH_CONDITIONS]


def fitting(part: str, given: Mapping[str, str], labels: Labels) -> list[str]:
    """The definitions of a part that fit every answer given so far (question → answer), code and label together.

    Nothing answered shows nothing: the coach does not begin with a grade.
    """
    fit: set[str] | None = None
    for one in QUESTIONS:
        answer = given.get(one.words)
        if one.part == part and answer is not None and answer in one.answers:
            codes = set(one.answers[answer])
            fit = codes if fit is None else fit & codes
    return [] if fit is None else [spoken_grade(part, code, labels) for code in labels[part] if code in fit]


# --- where words and grades tell two stories ---------------------------------------------------------------


class _Story(NamedTuple):
    part: str
    codes: tuple[str, ...]
    why: str


# List of cues (kept in the settings, editable) → the grades that they contradict, and what to look at.
STORIES: Final[Mapping[str, _Story]] = {
    "second_hand": _Story(
        "information_assessment", ("A",), "“{words}” sounds second-hand, and the assessment says {grade}."
    ),
    "first_hand": _Story(
        "information_assessment", ("B", "C", "D"), "“{words}” sounds first-hand, and the assessment says {grade}."
    ),
    "doubt": _Story(
        "information_assessment", ("A", "B"), "“{words}” casts doubt on it, and the assessment says {grade}."
    ),
    "limits": _Story("handling_code", ("P",), "“{words}” limits who may have it, and the handling code says {grade}."),
    "covert": _Story("action_code", ("A3",), "“{words}” points to covert work, and the action code says {grade}."),
}


def stories(item: Item, cues: Mapping[str, Sequence[str]], labels: Labels) -> list[str]:
    """Contradictions between the grades of an item (domain rules), then between its words and its grades."""
    said = list(check_grades(item.grades, labels).values())
    for name, story in STORIES.items():
        code = getattr(item.grades, story.part)
        if code not in story.codes:
            continue
        found = _pattern(tuple(cues.get(name, ()))).search(f"{item.text}\n{item.provenance}")
        if found:
            words = " ".join(found.group().split())
            grade = spoken_grade(story.part, code, labels)
            said.append(f"{story.why.format(words=words, grade=grade)} Look at both; only you can say which is right.")
    return said


@lru_cache(maxsize=32)
def _pattern(words: tuple[str, ...]) -> re.Pattern[str]:
    return re.compile(pattern_of(readable_words(words), Cues()), re.IGNORECASE)


def part_title(part: str) -> str:
    """The name of a part as a heading."""
    words = GRADE_PARTS[part]
    return words[0].upper() + words[1:]
