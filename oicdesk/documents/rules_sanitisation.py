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
from bisect import bisect_right
from collections.abc import Callable, Iterable, Iterator
from functools import lru_cache
from itertools import pairwise
from typing import Final, NamedTuple

from oicdesk.documents.rules_sanitisation_cues import ANY_WORD, SPACE, Cues, pattern_of

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


class _Span(NamedTuple):
    start: int
    end: int


class _Source(NamedTuple):
    start: int
    end: int
    who: str  # one name for one source: "neighbour" for "A neighbour has said"


class _Patterns(NamedTuple):
    """The cues, compiled once."""

    sources: re.Pattern[str]
    exceptions: re.Pattern[str]
    people: re.Pattern[str]
    papers: re.Pattern[str]
    telling: re.Pattern[str]
    told_by: re.Pattern[str]
    referring_back: re.Pattern[str]
    uniqueness: re.Pattern[str]
    officer: re.Pattern[str]


def sanitisation_hits(text: str, cues: Cues | None = None) -> list[Hit]:
    """What the check has to say about `text`, in the order of the text; hits of one rule never overlap each other."""
    patterns = _patterns(cues or Cues())
    sources = _sources(text, patterns)
    paragraphs = list(_paragraphs(text))
    found: list[Hit] = [_hit(SOURCE_WORDS, text, _Span(one.start, one.end)) for one in sources]
    finders: dict[str, Callable[[str], Iterable[_Span]]] = {
        FIRST_PERSON: _first_person,
        NAMED_OFFICER: lambda draft: _officers(draft, patterns),
        TELEPHONE: _telephones,
        PLATE: _plates,
        POSTCODE: _postcodes,
        EMAIL: lambda draft: _spans(_EMAIL, draft),
        UNIQUENESS: lambda draft: _spans(patterns.uniqueness, draft),
        UNGRADED: lambda draft: _ungraded(draft, paragraphs),
    }
    for rule, finder in finders.items():
        found += [_hit(rule, text, span) for span in _apart(finder(text))]
    found += _mixed(text, sources, paragraphs, patterns)
    return sorted(found, key=lambda hit: (hit.start, hit.end, hit.rule))


def _hit(rule: str, text: str, span: _Span, *others: str) -> Hit:
    words = (_quoted(text[span.start : span.end]), *map(_quoted, others))
    return Hit(rule, span.start, span.end, _WHY[rule].format(*words))


def _quoted(words: str) -> str:
    """On one line, and short enough for a sentence."""
    start = " ".join(words[: _QUOTED * 2].split())
    return start if len(start) <= _QUOTED else start[: _QUOTED - 1].rstrip() + "…"


def _spans(pattern: re.Pattern[str], text: str) -> Iterator[_Span]:
    return (_Span(*found.span()) for found in pattern.finditer(text))


def _apart(spans: Iterable[_Span]) -> list[_Span]:
    """Overlapping spans become one."""
    apart: list[_Span] = []
    for span in sorted(spans):
        if apart and span.start < apart[-1].end:
            apart[-1] = _Span(apart[-1].start, max(apart[-1].end, span.end))
        else:
            apart.append(span)
    return apart


# --- words that point to a source, few who knew, officers ---------------------------------------------------

_WORD: Final = ANY_WORD
_S: Final = SPACE
_FULL_NAME: Final = (
    rf"(?:[A-Z]\.?\s{{1,2}}){{0,2}}(?:(?:de|da|van|von|el|al|la|le)[\s\-]{{1,2}}){{0,2}}"
    rf"(?-i:[A-Z])[\w'’]{{1,30}}(?:[\-\u2010\u2011](?-i:[A-Z]){_WORD})?"
)


@lru_cache(maxsize=8)
def _patterns(cues: Cues) -> _Patterns:
    people = pattern_of(cues.people, cues)
    persons = pattern_of(cues.persons, cues)
    telling = pattern_of(cues.telling, cues)
    passive = "".join(rf"(?<!\b{verb}\s)" for verb in ("is", "are", "was", "were", "be", "been", "being"))
    more_words = rf"(?:,?{_S}{_WORD}){{0,14}}?,?{_S}"
    few_words = rf"(?:,?{_S}{_WORD}){{0,6}}?,?{_S}"

    def compiled(pattern: str) -> re.Pattern[str]:
        return re.compile(pattern, re.IGNORECASE)

    return _Patterns(
        sources=compiled(pattern_of(cues.source_words, cues)),
        exceptions=compiled(pattern_of(cues.source_exceptions, cues)),
        people=compiled(people),
        papers=compiled(pattern_of(cues.papers, cues)),
        telling=compiled(
            rf"(?P<who>{people}){few_words}{passive}{telling}"
            rf"|\b(?:an?|another|one|some|several|unknown|unnamed|local){_S}(?:{_WORD}{_S}){{0,2}}?"
            rf"(?P<unknown>{people}|{persons}|{_SOMEBODY}){more_words}{passive}{telling}"
        ),
        told_by=compiled(
            r"\b(?:reported|seen|heard|supplied|provided|told|described|said|disclosed|mentioned|noticed|given|"
            rf"passed|sent|handed|made|raised|shared|photographed|filmed|volunteered|confirmed|relayed){_S}(?:{_WORD}{_S}){{0,3}}?by{_S}(?:{_WORD}{_S}){{0,3}}?(?P<who>{people})"
            rf"|\b(?:call|calls|report|reports|message|messages|letter|note|complaint|word|account|statement|details|tip|"
            rf"e?mail|text|photograph|photographs|video|recording|list|concerns?|warning|description){_S}"
            rf"(?:from|of|by){_S}(?:{_WORD}{_S}){{0,3}}?(?P<sender>{people})"
            rf"|\b(?:reported|seen|heard|supplied|provided|told|described|said|disclosed|mentioned|given|passed|passed{_S}on|"
            rf"sent|handed{_S}over|relayed|overheard|photographed|filmed){_S}by{_S}(?:an?|another|one|some|somebody|someone){_S}"
            rf"(?:{_WORD}{_S}){{0,3}}?(?P<unnamed>{people}|{persons}|{_SOMEBODY})"
            rf"|\b(?:learned|learnt|heard|known|police|officers|obtained|received|came|comes|originates){_S}"
            rf"(?:from|through|via){_S}(?:an?|another|one){_S}"
            rf"(?:{_WORD}{_S}){{0,3}}?(?P<channel>{people}|{persons})"
        ),
        referring_back=compiled(pattern_of(cues.referring_back, cues)),
        uniqueness=compiled(pattern_of(cues.uniqueness, cues)),
        officer=_officer_pattern(cues),
    )


def _officer_pattern(cues: Cues) -> re.Pattern[str]:
    """A rank with a name or a number; short ranks count in capitals, or in any case before a number and a name."""
    short = "|".join(rf"(?-i:{re.escape(one)})\.?" for one in sorted(cues.short_ranks, key=len, reverse=True))
    any_case = "|".join(re.escape(one) for one in cues.short_ranks)
    long = pattern_of(cues.ranks, cues).replace(_S, rf"\.?{_S}")
    not_name = pattern_of(cues.not_names, cues)
    name = rf"(?!{not_name}){_FULL_NAME}(?:\s(?!{not_name})(?-i:[A-Z]){_WORD})?"
    names = rf"{name}(?:\s{{0,2}}(?:,|and|&)\s{{0,2}}{name})?"
    unit = r"(?!\s{0,2}(?:minutes?|hours?|days?|volts?|men|women|people|per|%))"
    after_rank = rf"(?:\d{{1,5}}[A-Z]{{0,2}}[\s,]{{1,3}}{name}|{name}|\d{{3,5}}[A-Z]{{0,2}}\b{unit})"
    ways = (
        rf"(?:[TA]/)?(?:{short}|{long}\.?)[\s:]{{1,3}}(?:\((?:retired|rtd|acting|temporary)\)\s)?{after_rank}",
        rf"(?:{any_case})\s{{0,2}}\d{{1,5}}\s{{1,2}}{_WORD}(?<!\d)",
        rf"(?:(?:{short})(?-i:s)|officers|constables|sergeants|inspectors)\s(?:\d{{3,5}}\b|{names})",
        r"(?:collar|shoulder|warrant\scard|staff|badge)\s{0,2}(?:numbers?|nos?\.?|num\.?)?\s{0,2}[:.#]?\s{0,2}"
        r"\d{2,6}[A-Z]{0,2}\b",
    )
    return re.compile(rf"\b(?:{'|'.join(ways)})", re.IGNORECASE)


# Words for somebody by what they do: a seller, a painter, a guardian. Things that end alike are left out.
_THINGS: Final = (
    r"(?:\w*(?:ment|tainer|puter|rant|lant|vent|cent|tent|dent(?=s?\b))|letter|number|order|paper|poster|corner|river|border|"
    r"quarter|matter|counter|folder|register|ledger|trailer|tractor|lorry|trawler|cruiser|scooter|tanker|freezer|cooker|"
    r"shutter|ladder|locker|drawer|dinner|winter|summer|october|november|december|september|other|another|over|under|"
    r"after|never|later|former|either|neither|whether|rather|further|together|however|floor|door|motor|error|sensor|"
    r"mirror|monitor|harbour|colour|hour|warrant|plant|grant|event|current|recent|different|present|talent|amount|"
    r"front|font|point|print|paint|sent|went|meant|silent|violent|urgent|frequent|center|water|weather|finger|shoulder|"
    r"inform(?:ant|er)|caller|whistleblower|complainant|member|chapter|filter|charter|transfer|cover|power|tower|shower|flower|dealership)s?"
)
_SOMEBODY: Final = rf"\b(?!{_THINGS}\b)[a-z]{{3,20}}(?:er|or|ist|ian|eer|ant|ent|mate|man|men|woman|women)s?\b"
_FROM: Final = re.compile(
    rf"\b(?:information|intelligence|intel){_S}(?:{_WORD}{_S}){{0,3}}?"
    rf"(?:from|(?:supplied|provided|given|passed|passed{_S}on|disclosed){_S}by){_S}(?P<who>{_WORD}(?:{_S}{_WORD}){{0,3}})",
    re.IGNORECASE,
)
# Whoever tells the police, or those who pass it to them, is a source, whatever the sentence calls them.
_TO_POLICE: Final = re.compile(
    rf"\b(?:told|tells|informed|informs|alerted|alerts|warned|notified|contacted|rang|phoned|telephoned|"
    rf"called|emailed|texted|approached|showed|(?:wrote|spoke|said|reported|complained|mentioned{_S}(?:it|this)|"
    rf"disclosed|confided|talked|pointed{_S}(?:{_WORD}{_S}){{0,3}}?out|handed{_S}(?:{_WORD}{_S}){{0,3}}?){_S}(?:to|in|with))"
    rf"{_S}(?:the{_S}|an?{_S}|local{_S}|her{_S}|his{_S})?(?:police|officers?|999|101|crimestoppers|social{_S}services|"
    rf"social{_S}worker|school|teacher|council|authorities|border{_S}force|immigration{_S}officers?|"
    rf"(?:port|hotel|hospital|school|station|bank|airport|harbour){_S}staff|nurse|doctor|midwife|helpline|charity)\b",
    re.IGNORECASE,
)
# A driver who is stopped speaks to officers openly; so do the subject and the suspect.
_IN_THE_OPEN: Final = re.compile(r"\b(?:(?:the|this|that)\s[\w'’\-]{1,30}|he|she|they)\s{1,4}$", re.IGNORECASE)
_ACCORDING: Final = re.compile(rf"\baccording{_S}to{_S}(?P<who>{_WORD}(?:{_S}{_WORD}){{0,2}})", re.IGNORECASE)


def _sources(text: str, patterns: _Patterns) -> list[_Source]:
    """Where the text points to a source; overlapping places are one, known by the longer one's name."""
    exceptions = [found.span() for found in patterns.exceptions.finditer(text)]
    starts = [start for start, _ in exceptions]

    def is_excepted(span: tuple[int, int]) -> bool:
        before = bisect_right(starts, span[0]) - 1
        return before >= 0 and exceptions[before][1] >= span[1]

    found = [
        _Source(*one.span(), _who(one.group(), patterns))
        for one in patterns.sources.finditer(text)
        if not is_excepted(one.span())
    ]
    for pattern in (patterns.telling, patterns.told_by):
        for one in pattern.finditer(text):
            group = one.lastgroup or 0
            # Of "a neighbour reported" the words begin with the neighbour, as they do after "the".
            start = one.start(group) if pattern is patterns.telling else one.start()
            if not is_excepted(one.span(group)):
                found.append(_Source(start, one.end(), _who(one[group], patterns)))
    found += [
        _Source(*one.span(), "police")
        for one in _TO_POLICE.finditer(text)
        if not _IN_THE_OPEN.search(text[max(0, one.start() - 60) : one.start()])
    ]
    for pattern in (_FROM, _ACCORDING):
        found += [
            _Source(*one.span(), _who(one["who"], patterns))
            for one in pattern.finditer(text)
            if not patterns.papers.search(one["who"])
        ]
    return _merged(found)


def _who(words: str, patterns: _Patterns) -> str:
    """One name for one source: the last word for a person in it, else its last word, without a plural s."""
    people = patterns.people.findall(words)
    last = (people[-1] if people else words).lower()
    last = re.split(r"[\s\-]+", last)[-1]
    return last.removesuffix("s")


def _merged(sources: list[_Source]) -> list[_Source]:
    apart: list[_Source] = []
    for one in sorted(sources):
        last = apart[-1] if apart else None
        if last and one.start < last.end:
            longer = one if one.end - one.start > last.end - last.start else last
            apart[-1] = _Source(last.start, max(last.end, one.end), longer.who)
        else:
            apart.append(one)
    return apart


def _officers(text: str, patterns: _Patterns) -> Iterator[_Span]:
    return _spans(patterns.officer, text)


# --- first person -------------------------------------------------------------------------------------------

_FIRST: Final = re.compile(
    r"(?<![\w(\-&/.'’])(?:I(?:['’](?:m|d|ve|ll))?(?![\w)\-&/]|\.\w|['’]\w)"
    r"|me|my|myself|we(?:['’](?:d|ve|ll|re))?|us|our|ours|ourselves|the\s(?:writer|undersigned))(?![\w])",
    re.IGNORECASE,
)
_NUMERAL_BEFORE: Final = re.compile(
    r"(?:part|appendix|annex|section|class|category|phase|chapter|schedule|type|level|stage|volume|war|table|group|tier)\s{1,3}$",
    re.IGNORECASE,
)
_NAME_BEFORE: Final = re.compile(r"\b[A-Z][a-z]{1,20}\s$")


def _first_person(text: str) -> Iterator[_Span]:
    for found in _FIRST.finditer(text):
        word, start, end = found.group(), *found.span()
        before = text[max(0, start - 25) : start]
        if word in ("I", "i") and _NUMERAL_BEFORE.search(before):
            continue
        if word in ("I", "i") and text[end : end + 1] == "." and not before[-2:-1].islower():
            continue  # an initial
        if word in ("US", "ME", "OUR", "OURS") and not _shouts(text, start, end):
            continue  # the country, or an abbreviation
        if len(word) > 1 and word.istitle() and _NAME_BEFORE.search(before):
            continue  # part of a name
        yield _Span(start, end)


def _shouts(text: str, start: int, end: int) -> bool:
    """Whether the words around are written in capitals, so that capitals mean nothing."""
    around = text[max(0, start - 40) : end + 40]
    return around == around.upper() and sum(map(str.isalpha, around)) > 8


# --- numbers and addresses ----------------------------------------------------------------------------------

_EMAIL: Final = re.compile(
    r"(?<![\w.+%\-])\w[\w.+%'’\-]{0,63}\s?(?:@|[\[(]at[\])])\s?[\w\-]{1,63}(?:\.[\w\-]{1,63}){1,6}"
    r"|\b\w{1,40}\sat\s\w{1,40}\sdot\s\w{2,10}\b",
    re.IGNORECASE,
)
_GAP: Final = r"[\s.\-\u2010\u2011\u2013()]{0,3}"
_TELEPHONE: Final = re.compile(
    rf"(?<![\w+,/])(?:\(?0\s?[12378]\d{{1,4}}/?(?:{_GAP}\d){{5,9}}|(?:\+\s?|\(\+|00\s?)[1-9](?:{_GAP}\d){{7,13}})(?!\d)"
)
_CALLED: Final = re.compile(
    r"\b(?:tel|telephone|phone|mobile|ring|rang|dial)\.?\s{0,2}(?:number|no\.?|on|is|:){0,2}\s{0,2}(?P<it>\d{5,8}|\d{3}\s\d{3,4})(?!\d)",
    re.IGNORECASE,
)
_REFERENCE_BEFORE: Final = re.compile(
    r"\b(?:reference|ref|cad|crime|custody|serial|imei|container|booking|account|seal|invoice|ticket|passport)\W{0,3}(?:number|no|record)?\W{0,3}$",
    re.IGNORECASE,
)


def _telephones(text: str) -> Iterator[_Span]:
    for found in _TELEPHONE.finditer(text):
        digits = sum(map(str.isdigit, found.group()))
        is_national = found.group().lstrip("(").startswith("0") and not found.group().startswith("00")
        if is_national and digits not in (10, 11):
            continue
        if is_national and _REFERENCE_BEFORE.search(text[max(0, found.start() - 30) : found.start()]):
            continue
        yield _Span(*found.span())
    for found in _CALLED.finditer(text):
        yield _Span(*found.span("it"))


_POSTCODE: Final = re.compile(
    r"(?<![\w])(?P<out>[A-Z]{1,2}\d[A-Z\d]?)\s{0,2}(?P<in>\d[ABD-HJLNP-UW-Z]{2})(?!\w)|\bGIR\s?0AA\b", re.IGNORECASE
)
_MEASURE: Final = re.compile(r"1st|2nd|3rd|\dth|\d(?:ft|lb|hp|hr)", re.IGNORECASE)
_ROAD: Final = re.compile(r"[ABM]\d{1,2}")


def _postcodes(text: str) -> Iterator[_Span]:
    for found in _POSTCODE.finditer(text):
        out, inner = found["out"], found["in"]
        is_measure = inner and _MEASURE.fullmatch(inner) and (not inner.isupper() or _ROAD.fullmatch(out))
        if not is_measure:
            yield _Span(*found.span())


_CURRENT: Final = re.compile(r"(?<!\w)[A-Z]{2}\s?\d{2}[\s\-]?(?P<last>[A-Z]{3})(?!\w)", re.IGNORECASE)
_PREFIX: Final = re.compile(
    r"(?<!\w)[A-Z]\d{1,3}\s?(?P<last>[A-Z]{3})(?!\w)"
    r"|(?<!\w)(?P<first>[A-Z]{3})\s?\d{3}[A-Z](?!\w)"
)
_CONTEXT: Final = re.compile(
    r"\b(?:(?:number\s)?plates?|registrations?|reg|vrm|vrn|index)\b"
    r"(?:[\s:.,(“\"'‘]{1,3}(?:number|no|mark|plate|is|was|of|reads?|reading|shown|as|bearing|showing)\b){0,3}"
    r"[\s:.,(“\"'‘]{1,3}(?P<it>(?-i:[A-Z\d]{1,7}(?:[\s\-][A-Z\d]{1,4}){0,2}|[a-z]{1,3}\d{1,4}[a-z]{0,3}|\d{1,4}[a-z]{1,3}))(?!\w)"
    r"|\b(?:van|car|lorry|saloon|hatchback|estate|minibus|vehicle|coach|pickup|truck|tractor\sunit)[,:]?\s?[(,]\s?"
    r"(?P<by>(?-i:[A-Z]{1,3}\s?\d{1,4}|\d{1,4}\s?[A-Z]{1,3}))(?![\w\s]?\d)(?!\w)",
    re.IGNORECASE,
)
_SHORT_WORDS: Final = frozenset(
    re.findall(
        r"\w+",
        "the and was has had for are but not who one two six ten men man van car via all any can did off out its his "
        "her him she now old new saw lay led ran way day yet set put got may per our you bus cab is pm am ref hgv lgv "
        "nca cad bmw nrm gps pnc vrm mod usa fno hmo ied iso gbp eur usd amg cctv pc ps dc ds di dci sgt gmt bst",
    )
)


def _plates(text: str) -> Iterator[_Span]:
    for pattern in (_CURRENT, _PREFIX):
        for found in pattern.finditer(text):
            letters = next(filter(None, found.groups()))
            written = found.group()
            one_case = written.isupper() or (written.islower() and written[2].isdigit())
            if one_case and letters.lower() not in _SHORT_WORDS:
                yield _Span(*found.span())
    for found in _CONTEXT.finditer(text):
        group = "it" if found["it"] else "by"
        if _is_plate(found[group]):
            yield _Span(*found.span(group))


def _is_plate(words: str) -> bool:
    parts = re.split(r"[\s\-]", words)
    joined = "".join(parts)
    has_both = any(map(str.isalpha, joined)) and any(map(str.isdigit, joined))
    return has_both and 3 <= len(joined) <= 9 and not any(part.lower() in _SHORT_WORDS for part in parts)


# --- items and their grades ---------------------------------------------------------------------------------

_ITEM: Final = re.compile(r"^[ \t]{0,20}\d{1,3}(?:(?:\.[1-9])+\.?|[.)])[ \t]+(?=\S)", re.MULTILINE)
_BREAK: Final = re.compile(r"^[ \t]{0,20}(?:\(?[a-z]\)|\([ivx]{1,4}\))[ \t]|\n[ \t\r]*\n", re.MULTILINE)
_CODES: Final = r"[1-3][\s/,.\-]{0,3}[A-E][\s/,.\-]{0,3}[PC](?:[\s/,.\-]{0,3}A[123])?(?:[\s/,.\-]{0,3}S[12])?"
_GRADE: Final = re.compile(
    rf"[\[(]\s{{0,3}}(?:grad(?:e|ed|ing)s?[\s:]{{1,3}})?{_CODES}[^\])\n]{{0,40}}[\])]|\bgrad(?:e|ed|ing)s?[\s:.\-]{{1,4}}{_CODES}(?!\w)",
    re.IGNORECASE,
)
_NO_INFORMATION: Final = re.compile(r"grad(?:e|es|ed|ing|ings)\b", re.IGNORECASE)


_THE: Final = re.compile(r"\b(?:the|this|that|same)\s{1,4}$", re.IGNORECASE)


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


def _ungraded(text: str, paragraphs: list[_Paragraph]) -> Iterator[_Span]:
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
        yield _Span(one.start, one.end)


def _is_grade_alone(text: str, paragraph: _Paragraph) -> bool:
    found = _GRADE.match(text, paragraph.start)
    return found is not None and not text[found.end() : paragraph.end].strip(" \t\r\n.")


def _mixed(text: str, sources: list[_Source], paragraphs: list[_Paragraph], patterns: _Patterns) -> Iterator[Hit]:
    """Each source of an item that differs from the first one there; "the source" may refer back to it."""
    starts = [one.start for one in paragraphs]
    first: dict[int, _Source] = {}
    known: set[tuple[int, str]] = set()
    for one in sources:
        item = paragraphs[max(0, bisect_right(starts, one.start) - 1)].item
        refers_back = patterns.referring_back.match(text, one.start) and _THE.search(text, *_before(one))
        opened = first.setdefault(item, one)
        is_told_of_it = opened is not one and not _JOINS.search(text, opened.end, one.start)
        if opened is not one and not refers_back and not is_told_of_it and (item, one.who) not in known:
            yield _hit(MIXED_SOURCES, text, _Span(one.start, one.end), text[opened.start : opened.end])
        known.add((item, one.who))


# What may stand between two sources; without it the second words still speak of the first ("a caller gave no name").
_JOINS: Final = re.compile(
    r"[.;:!?\n]|\b(?:and|but|while|whereas|also|as\s+did|by|with|from|then|later)\b", re.IGNORECASE
)


def _before(source: _Source) -> tuple[int, int]:
    return max(0, source.start - 12), source.start
