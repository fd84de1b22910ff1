"""A working draft: its numbered items, what the check says of them, what changed between two versions.

The check advises and never blocks; nothing here proposes a grade.
"""

import difflib
import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from functools import lru_cache
from typing import Any, Final, NamedTuple

from oicdesk.documents.rules import GRADE_PARTS, Grades, Labels, check_grades, spoken_grade
from oicdesk.documents.rules_sanitisation import UNGRADED, Hit, sanitisation_hits
from oicdesk.documents.rules_sanitisation_cues import Cues, cues_from, pattern_of
from oicdesk.errors import Refused

BANNER: Final = "WORKING DRAFT – the force system holds the record"
LONGEST_TEXT: Final = 20_000
MOST_ITEMS: Final = 60


@dataclass(frozen=True)
class Override:
    """A remark that the writer keeps all the same: of which rule, about which words, and why."""

    rule: str
    words: str
    reason: str
    by: str


@dataclass(frozen=True)
class Item:
    """One numbered item of a draft."""

    text: str = ""
    provenance: str = ""
    grades: Grades = field(default_factory=Grades)
    overrides: tuple[Override, ...] = ()

    @property
    def is_empty(self) -> bool:
        """Whether nothing was written or chosen in it yet."""
        return not (self.text.strip() or self.provenance.strip()) and self.grades == Grades()


@dataclass(frozen=True)
class Draft:
    """The whole text as it stands in one version."""

    title: str = ""
    items: tuple[Item, ...] = (Item(),)

    def with_item(self, place: int, item: Item) -> "Draft":
        """The draft with this item in that place."""
        return replace(self, items=(*self.items[:place], item, *self.items[place + 1 :]))


def to_json(draft: Draft) -> str:
    """The draft as it is kept."""
    items = [
        {
            "text": item.text, "provenance": item.provenance,
            "grades": {name: value for name, value in vars(item.grades).items() if value},
            "overrides": [vars(one) for one in item.overrides],
        }
        for item in draft.items
    ]  # fmt: skip
    return json.dumps({"title": draft.title, "items": items}, ensure_ascii=False)


def from_json(kept: str) -> Draft:
    """The draft that `to_json` kept."""
    told: Mapping[str, Any] = json.loads(kept)
    items = tuple(
        Item(
            one["text"], one["provenance"], Grades(**one["grades"]),
            tuple(Override(**override) for override in one["overrides"]),
        )
        for one in told["items"]
    )  # fmt: skip
    return Draft(told["title"], items or (Item(),))


def check_size(draft: Draft) -> None:
    """A draft stands in for one report: what is far longer is a mistake of pasting."""
    if len(draft.items) > MOST_ITEMS:
        raise Refused(f"A draft has at most {MOST_ITEMS} items; one report covers one discrete matter.")
    for number, item in enumerate(draft.items, 1):
        if len(item.text) > LONGEST_TEXT or len(item.provenance) > LONGEST_TEXT:
            raise Refused(f"Item {number} has more than {LONGEST_TEXT:,} characters; shorten it.")


# --- how long it is kept -----------------------------------------------------------------------------------


def purge_at(edited_at: datetime, days: int) -> datetime:
    """When a draft is purged that nobody edits any more."""
    return edited_at + timedelta(days=days)


def is_warned_of(edited_at: datetime, now: datetime, *, days: int, warn_days: int) -> bool:
    """Whether the purge is near enough to warn of it."""
    return now >= purge_at(edited_at, days) - timedelta(days=warn_days)


def is_due_for_purge(edited_at: datetime, warned_at: datetime | None, now: datetime, days: int) -> bool:
    """Whether the time is up and somebody was warned at least a day ago; nothing goes without a warning before."""
    if warned_at is None or warned_at < edited_at:
        return False
    return now >= max(purge_at(edited_at, days), warned_at + timedelta(days=1))


# --- the check ---------------------------------------------------------------------------------------------


class Remark(NamedTuple):
    """A hit in one item, and the override that answers it, if any."""

    item: int
    hit: Hit
    override: Override | None


def remarks(draft: Draft, cues: Cues) -> list[Remark]:
    """What the sanitisation check says, item by item in the order of the text."""
    found = []
    for place, item in enumerate(draft.items):
        for hit in _hits(item, cues):
            words = item.text[hit.start : hit.end]
            answer = next((one for one in item.overrides if (one.rule, one.words) == (hit.rule, words)), None)
            found.append(Remark(place, hit, answer))
    return found


_NUMBER: Final = "1. "


@lru_cache(maxsize=256)
def _text_hits(text: str, cues: Cues) -> tuple[Hit, ...]:
    """The hits of a text that is one item: its grades stand in boxes, so none is missed inside it."""
    hits = sanitisation_hits(_NUMBER + text, cues)
    left = len(_NUMBER)
    return tuple(
        hit._replace(start=hit.start - left, end=hit.end - left)
        for hit in hits
        if hit.rule != UNGRADED and hit.start >= left
    )


def _hits(item: Item, cues: Cues) -> list[Hit]:
    found = list(_text_hits(item.text, cues))
    if item.text.strip() and not is_graded(item.grades):
        why = "The item has no grade yet: source evaluation, information assessment and handling code are asked of it."
        start = len(item.text) - len(item.text.lstrip())
        found.insert(0, Hit(UNGRADED, start, len(item.text.rstrip()), why))
    return found


def is_graded(grades: Grades) -> bool:
    """Whether the three parts that every item has are chosen, or an old grade stands as text."""
    return bool(
        grades.old_5x5x5.strip()
        or (grades.source_evaluation and grades.information_assessment and grades.handling_code)
    )


def override(item: Item, hit: Hit, reason: str, by: str) -> Item:
    """The item with this remark answered; it stays answered while the same words stand there."""
    if not reason.strip():
        raise Refused("A remark is set aside only with a reason; write why the words may stay.", field="reason")
    words = item.text[hit.start : hit.end]
    kept = tuple(one for one in item.overrides if (one.rule, one.words) != (hit.rule, words))
    return replace(item, overrides=(*kept, Override(hit.rule, words, reason.strip(), by)))


def withdraw_override(item: Item, answer: Override) -> Item:
    """The item with this answer taken back."""
    return replace(item, overrides=tuple(one for one in item.overrides if one != answer))


def readable_cues(table: Mapping[str, Sequence[str]]) -> tuple[Cues, list[str]]:
    """The cues of an edited table without those that cannot be read, and these."""
    cues, bad = _readable(tuple((key, tuple(words)) for key, words in table.items()))
    return cues, list(bad)


@lru_cache(maxsize=8)  # the editor asks at every commit, and the lists hardly ever change
def _readable(table: tuple[tuple[str, tuple[str, ...]], ...]) -> tuple[Cues, tuple[str, ...]]:
    good: dict[str, list[str]] = {}
    bad: list[str] = []
    for key, words in table:
        good[key] = []
        for cue in words:
            try:
                cues_from({key: [cue]})
            except Refused:
                bad.append(cue)
            else:
                good[key].append(cue)
    return cues_from(good), tuple(bad)


# --- who, what, when, where, why, how ----------------------------------------------------------------------

QUESTIONS: Final[Mapping[str, str]] = {
    "who": "Who is it about?",
    "what": "What happened, or is going to happen?",
    "when": "When did it happen, or when will it?",
    "where": "Where?",
    "why": "Why: what is it for, or who gains?",
    "how": "How is it done?",
}
_NAME: Final = r"(?-i:\b[A-Z][a-z][\w'’-]*\s[A-Z][a-z][\w'’-]*\b)"
_DATE: Final = (
    r"\b\d{1,2}[:.]\d{2}\b|\b\d{1,2}(?:st|nd|rd|th)?\s(?:of\s)?(?:jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec)\w*"
    r"|\b\d{1,2}/\d{1,2}/\d{2,4}\b|\b\d{4}-\d{2}-\d{2}\b|\b\d{1,2}\s?(?:am|pm)\b|\b(?:19|20)\d{2}\b"
)
_PLACE: Final = (
    r"\b(?:in|at|near|from|to|outside|behind|along|off|opposite)\s(?:the\s)?"
    r"(?-i:(?!(?:January|February|March|April|May|June|July|August|September|October|November|December"
    r"|Monday|Tuesday|Wednesday|Thursday|Friday|Saturday|Sunday)\b)[A-Z][\w'’-]+(?:\s[A-Z][\w'’-]+)*)|\b[AM]\d{1,3}\b"
)
_SHAPES: Final = {"who": _NAME, "when": _DATE, "where": _PLACE}


def answers(draft: Draft, words: Mapping[str, Sequence[str]]) -> dict[str, str]:
    """Question → the words of the draft that seem to answer it, or nothing. No score: a list of what to look at."""
    text = "\n".join(item.text for item in draft.items)
    found = {}
    for question in QUESTIONS:
        pattern = _question_pattern(question, tuple(words.get(question, ())))
        match = pattern.search(text)
        found[question] = _around(text, match) if match else ""
    return found


def _around(text: str, match: re.Match[str]) -> str:
    """The words found, with up to three of their sentence on each side."""
    before = re.split(r"[.!?\n]", text[: match.start()])[-1].split()[-3:]
    after = re.split(r"[.!?\n]", text[match.end() :])[0].split(" ")[:4]
    return " ".join(f"{' '.join(before)} {match.group()}{' '.join(after)}".split())


@lru_cache(maxsize=64)
def _question_pattern(question: str, words: tuple[str, ...]) -> re.Pattern[str]:
    cues = pattern_of(readable_words(words), Cues())
    return re.compile("|".join(filter(None, (_SHAPES.get(question), cues))), re.IGNORECASE)


def readable_words(words: Sequence[str]) -> list[str]:
    """The cues of one list that can be read."""
    return list(readable_cues({"people": words})[0].people)


# --- in lines, and the difference between two versions -----------------------------------------------------


def lines(draft: Draft, labels: Labels) -> list[str]:
    """The draft as lines of plain text, grades with code and label."""
    said = [draft.title.strip()] if draft.title.strip() else []
    for number, item in enumerate(draft.items, 1):
        said += ["", f"{number}. {item.text.strip() or '(nothing written yet)'}"]
        said += [f"{name}: {value}" for name, value in item_facts(item, labels)]
    return said


def item_facts(item: Item, labels: Labels) -> list[tuple[str, str]]:
    """Provenance and grades of an item as pairs; what is not chosen yet is said."""
    facts = [("Provenance", item.provenance.strip() or "not written yet")]
    if item.grades.old_5x5x5.strip():
        return [*facts, ("5x5x5 grade", item.grades.old_5x5x5.strip())]
    for part, words in GRADE_PARTS.items():
        spoken = spoken_grade(part, getattr(item.grades, part), labels)
        if spoken or part not in ("action_code", "sanitisation_code") or item.grades.handling_code == "C":
            facts.append((words[0].upper() + words[1:], spoken or "not chosen yet"))
    for name, words in (("conditions", "Conditions"), ("usage", "Specified use")):
        if value := getattr(item.grades, name).strip():
            facts.append((words, value))
    return facts


class Change(NamedTuple):
    """A stretch of words: "same", "added" or "removed"."""

    kind: str
    words: str


def difference(old: Sequence[str], new: Sequence[str]) -> list[list[Change]]:
    """Line by line what changed, word by word within a line that was changed; unchanged lines stay whole."""
    found: list[list[Change]] = []
    for tag, a, b, c, d in difflib.SequenceMatcher(None, old, new, autojunk=False).get_opcodes():
        if tag == "equal":
            found += [[Change("same", line)] for line in old[a:b]]
            continue
        before, after = old[a:b], new[c:d]
        pairs = min(len(before), len(after))
        found += [_words_changed(one, other) for one, other in zip(before[:pairs], after[:pairs], strict=True)]
        found += [[Change("removed", line)] for line in before[pairs:] if line]
        found += [[Change("added", line)] for line in after[pairs:] if line]
    return found


def _words_changed(old: str, new: str) -> list[Change]:
    before, after = re.findall(r"\s+|[^\s]+", old), re.findall(r"\s+|[^\s]+", new)
    matcher = difflib.SequenceMatcher(None, before, after, autojunk=False)
    if matcher.ratio() < 0.4:  # another sentence: nobody reads two of them woven into each other
        return [Change(kind, line) for kind, line in (("removed", old), ("added", new)) if line]
    found = []
    for tag, a, b, c, d in matcher.get_opcodes():
        if tag == "equal":
            found.append(Change("same", "".join(before[a:b])))
            continue
        if b > a:
            found.append(Change("removed", "".join(before[a:b])))
        if d > c:
            found.append(Change("added", "".join(after[c:d])))
    return found


def spoken_difference(changes: Sequence[Sequence[Change]]) -> str:
    """The difference in words alone, for a screen reader and for plain text."""
    said = []
    for line in changes:
        parts = [
            change.words if change.kind == "same" else f"[{change.kind}: {change.words.strip()}]" for change in line
        ]
        if any(change.kind != "same" for change in line):
            said.append(" ".join("".join(parts).split()))
    return "\n".join(said) or "Nothing changed."


def contradictions(draft: Draft, labels: Labels) -> list[tuple[int, str]]:
    """(item, sentence) where the grades chosen contradict each other."""
    return [
        (place, sentence)
        for place, item in enumerate(draft.items)
        for sentence in check_grades(item.grades, labels).values()
    ]
