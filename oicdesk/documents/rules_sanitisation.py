"""The sanitisation check of a working draft: what in a text may point to a source, an officer or a person.

It advises and never blocks, and it neither reads a grade's meaning nor proposes one. Every hit names its rule and says
why in one sentence. All offsets are characters of the text as given. Repetitions are bounded, so the time grows with
the length of the text and no faster.

How a draft is read: an item starts on a line with its number ("1." or "1)" or "1.1") and runs to the next such line;
its paragraphs are parted by an empty line or by a letter ("(a)"). A paragraph is graded when it holds its codes in
brackets ("[1 A P]", "(2/C/C A1 S2)") or after the word "Grade" ("Grade: 2 C P"); a grade that stands alone belongs to
the paragraph above it. Without any number, every paragraph is an item and none needs a grade.
"""

import re
from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Iterator
from itertools import pairwise
from typing import Final, NamedTuple

from oicdesk.documents import rules_sanitisation_shapes as shapes
from oicdesk.documents.rules_sanitisation_cues import Cues
from oicdesk.documents.rules_sanitisation_reading import as_meant, tokens_of
from oicdesk.documents.rules_sanitisation_shapes import Span
from oicdesk.documents.rules_sanitisation_sources import Sources, sources_of
from oicdesk.documents.rules_sanitisation_tellers import Source

SOURCE_WORDS: Final = "source_words"
FIRST_PERSON: Final = "first_person"
NAMED_OFFICER: Final = "named_officer"
TELEPHONE: Final = "telephone"
PLATE: Final = "plate"
POSTCODE: Final = "postcode"
EMAIL: Final = "email"
UNIQUENESS: Final = "uniqueness"
MIXED_SOURCES: Final = "mixed_sources"
UNGRADED: Final = "ungraded"

RULE_WORDS: Final = {
    SOURCE_WORDS: "Words that point to a source",
    FIRST_PERSON: "First person",
    NAMED_OFFICER: "Named officer",
    TELEPHONE: "Telephone number",
    PLATE: "Number plate",
    POSTCODE: "Postcode",
    EMAIL: "E-mail address",
    UNIQUENESS: "Known to very few",
    MIXED_SOURCES: "Mixed sources in one item",
    UNGRADED: "Paragraph without a grade",
}
_WHY: Final = {
    SOURCE_WORDS: "“{}” points to who or what gave the information.",
    FIRST_PERSON: "“{}” speaks in the first person, so the text shows who is telling it.",
    NAMED_OFFICER: "“{}” names an officer, or gives the number of one.",
    TELEPHONE: "“{}” looks like a telephone number, which belongs to somebody.",
    PLATE: "“{}” looks like a number plate, which leads to a keeper.",
    POSTCODE: "“{}” looks like a postcode, which may mean a handful of homes.",
    EMAIL: "“{}” looks like an e-mail address, which belongs to somebody.",
    UNIQUENESS: "“{}” says how few knew, so that the information itself may name its source.",
    MIXED_SOURCES: "“{}” looks like a second source beside “{}” in the same item; one item holds one source.",
    UNGRADED: "The paragraph “{}” has no grade, though others of this text have one.",
}
_QUOTED: Final = 60


class Hit(NamedTuple):
    """One remark: `rule` is a key of RULE_WORDS, `text[start:end]` is what it is about, `why` is a sentence."""

    rule: str
    start: int
    end: int
    why: str


def sanitisation_hits(text: str, cues: Cues | None = None) -> list[Hit]:
    """What the check has to say about `text`, in the order of the text; hits of one rule never overlap each other."""
    cues = cues or Cues()
    read = sources_of(text, as_meant(tokens_of(text)), cues)
    paragraphs = list(_paragraphs(text))
    spans: dict[str, Iterable[Span]] = {
        SOURCE_WORDS: (Span(one.start, one.end) for one in read.sources),
        FIRST_PERSON: shapes.first_person(text),
        NAMED_OFFICER: shapes.officers(text, cues),
        TELEPHONE: shapes.telephones(text),
        PLATE: shapes.plates(text),
        POSTCODE: shapes.postcodes(text),
        EMAIL: shapes.emails(text),
        UNIQUENESS: (Span(*place) for place in read.few_knew),
        UNGRADED: _ungraded(text, paragraphs),
    }
    found = [_hit(rule, text, span) for rule, places in spans.items() for span in _apart(places)]
    found += _mixed(text, read, paragraphs, cues)
    return sorted(found, key=lambda hit: (hit.start, hit.end, hit.rule))


def _hit(rule: str, text: str, span: Span, *others: str) -> Hit:
    words = (_quoted(text[span.start : span.end]), *map(_quoted, others))
    return Hit(rule, span.start, span.end, _WHY[rule].format(*words))


def _quoted(words: str) -> str:
    """On one line, and short enough for a sentence."""
    start = " ".join(words[: _QUOTED * 2].split())
    return start if len(start) <= _QUOTED else start[: _QUOTED - 1].rstrip() + "…"


def _apart(spans: Iterable[Span]) -> list[Span]:
    """Overlapping spans become one."""
    apart: list[Span] = []
    for span in sorted(spans):
        if apart and span.start < apart[-1].end:
            apart[-1] = Span(apart[-1].start, max(apart[-1].end, span.end))
        else:
            apart.append(span)
    return apart


# --- items and their grades ---------------------------------------------------------------------------------

_ITEM: Final = re.compile(r"^[ \t]{0,20}\d{1,3}(?:(?:\.[1-9])+\.?|[.)])[ \t]+(?=\S)", re.MULTILINE)
_BREAK: Final = re.compile(r"^[ \t]{0,20}(?:\(?[a-z]\)|\([ivx]{1,4}\))[ \t]|\n[ \t\r]*\n", re.MULTILINE)
_CODES: Final = r"[1-3][\s/,.\-]{0,3}[A-E][\s/,.\-]{0,3}[PC](?:[\s/,.\-]{0,3}A[123])?(?:[\s/,.\-]{0,3}S[12])?"
_GRADE: Final = re.compile(
    rf"[\[(]\s{{0,3}}(?:grad(?:e|ed|ing)s?[\s:]{{1,3}})?{_CODES}[^\])\n]{{0,40}}[\])]|\bgrad(?:e|ed|"
    rf"ing)s?[\s:.\-]{{1,4}}{_CODES}(?!\w)",
    re.IGNORECASE,
)
_NO_INFORMATION: Final = re.compile(r"grad(?:e|es|ed|ing|ings)\b", re.IGNORECASE)


class _Paragraph(NamedTuple):
    item: int  # 0 for what stands before the first number
    start: int
    end: int
    is_graded: bool


def _paragraphs(text: str) -> Iterator[_Paragraph]:
    """Numbered text: its items' paragraphs, each with its item. Otherwise every paragraph is an item of its own."""
    starts = [found.start() for found in _ITEM.finditer(text)]
    breaks = sorted({0, len(text), *starts, *(found.start() for found in _BREAK.finditer(text))})
    for number, (start, end) in enumerate(pairwise(breaks)):
        part = text[start:end]
        if part.strip():
            left = start + len(part) - len(part.lstrip())
            item = bisect_right(starts, left) if starts else number
            yield _Paragraph(item, left, start + len(part.rstrip()), _GRADE.search(part) is not None)


def _ungraded(text: str, paragraphs: list[_Paragraph]) -> Iterator[Span]:
    """The paragraphs of numbered items without a grade, when any other has one."""
    if not _ITEM.search(text) or not any(one.is_graded for one in paragraphs):
        return
    for one, following in zip(paragraphs, [*paragraphs[1:], None], strict=True):
        if one.item == 0 or one.is_graded or text[one.end - 1] == ":":
            continue
        if _NO_INFORMATION.match(text, one.start):
            continue
        if following and following.item == one.item and _is_grade_alone(text, following):
            continue
        yield Span(one.start, one.end)


def _is_grade_alone(text: str, paragraph: _Paragraph) -> bool:
    found = _GRADE.match(text, paragraph.start)
    return found is not None and not text[found.end() : paragraph.end].strip(" \t\r\n.")


# --- mixed sources ------------------------------------------------------------------------------------------

_THE: Final = re.compile(r"\b(?:the|this|that|same)\s{1,4}$", re.IGNORECASE)
# What may stand between two sources; without it the second words still speak of the first ("a caller gave no name").
_JOINS: Final = re.compile(
    r"[.;:!?\n]|\b(?:and|but|while|whereas|also|as\s+did|together|along|plus|which|confirmed|corroborated|"
    r"supported|backed|echoed|by|with|from|then|later|though|although|yet|whilst)\b",
    re.IGNORECASE,
)
_CLAUSE: Final = re.compile(r"[.;:!?\n,]")


def _mixed(text: str, read: Sources, paragraphs: list[_Paragraph], cues: Cues) -> Iterator[Hit]:
    """Each source of an item that differs from the first one there; "the source" may refer back to it.

    A paper or what officers saw is a second source beside one who tells, but no source alone.
    """
    starts = [one.start for one in paragraphs]
    joins = [found.start() for found in _JOINS.finditer(text)]
    clauses = [found.start() for found in _CLAUSE.finditer(text)]

    def item_of(place: int) -> int:
        return paragraphs[max(0, bisect_right(starts, place) - 1)].item

    def are_parted(one: Source, other: Source, marks: list[int]) -> bool:
        return bisect_right(marks, other.start) > bisect_left(marks, one.end)

    first: dict[int, Source] = {}
    known: set[tuple[int, str]] = set()
    told: set[int] = set()
    for one in read.sources:
        item = item_of(one.start)
        opened = first.setdefault(item, one)
        refers_back = one.who in cues.referring_back and _THE.search(text, max(0, one.start - 12), one.start)
        is_parted = are_parted(opened, one, joins) or one.is_technique != opened.is_technique
        is_other = opened is not one and is_parted and not refers_back and not one.is_hint
        if opened.is_technique and one.is_technique and not are_parted(opened, one, clauses):
            is_other = False  # "cell site work and a live feed" are one enquiry
        if is_other and (item, one.who) not in known:
            told.add(item)
            yield _hit(MIXED_SOURCES, text, Span(one.start, one.end), text[opened.start : opened.end])
        known.add((item, one.who))
    for one in sorted((*read.records, *read.seconds)):
        item = item_of(one.start)
        source = first.get(item, one if one.who == "alone" else None)
        if (
            item in told
            or source is None
            or (source.start < one.end and one.start < source.end and one.who not in ("many", "alone"))
        ):
            continue
        before, after = sorted((one, source))
        if _stands_beside(one, source, are_parted(before, after, joins)):
            told.add(item)
            yield _hit(MIXED_SOURCES, text, Span(one.start, one.end), text[source.start : source.end])


def _stands_beside(one: Source, source: Source, are_parted: bool) -> bool:
    """Whether a paper, or words for another source, make a second source of the item."""
    if one.who in ("many", "alone"):
        return True
    if one.who in ("by", "other"):
        return one.start > source.end
    return are_parted and (one.start < source.start or one.who == "it")
