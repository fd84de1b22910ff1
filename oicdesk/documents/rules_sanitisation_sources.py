"""Who a text points to, and how few knew: patterns of grammar over the units of a text, fed by the cues.

A source is heard in three ways: a word that points to one by itself; somebody outside the item who tells, sees or knows
("a resident of the same street states"); and what was said, seen or passed on by, from or through somebody. What the
people of an item tell one another ("the foreman told the pickers") points to nobody.
"""

import re
from bisect import bisect_left
from collections.abc import Iterator
from functools import lru_cache
from typing import Final, NamedTuple

from oicdesk.documents.rules_sanitisation_cues import Cues
from oicdesk.documents.rules_sanitisation_patterns import FEW_KNEW, matches
from oicdesk.documents.rules_sanitisation_reading import FEW, PERSON, Lexicon, Token, reading_of, words
from oicdesk.documents.rules_sanitisation_tellers import (
    AUXILIARY,
    BODY,
    GUESSED,
    HELPER,
    NAME,
    OTHER,
    OUTSIDER,
    PAPER,
    PASSES_ON,
    SOMEBODY,
    SUBJECT,
    TELLS,
    TELLS_SOMEBODY,
    Known,
    Sentences,
    Source,
    singular,
    word_set,
)

_SINGLE: Final = words(
    [
        "D: a an another one some several unknown unnamed two three four five six seven eight nine ten eleven twelve "
        "both many various numerous most certain any more dozens plenty 2 3 4 5 6 7 8",
        "T: the this these those each every all same no either neither",
        "P: his her their its my our your whose",
        "H: he she they him them it",
        "I: i me we us myself ourselves i'd i've i'm we've we'd we're",
        "B: is are was were be been being am isn't wasn't aren't weren't",
        "X: has have had having do does did can could may might will would shall should must also now since recently "
        "already often again later then twice once never always just only first still regularly repeatedly "
        "separately independently previously subsequently themselves himself herself not don't doesn't didn't hasn't "
        "haven't hadn't won't can't couldn't wouldn't openly clearly reliably quietly nervously privately initially "
        "further additionally specifically voluntarily freely simply even ever too soon all apparently "
        "consistently reportedly finally eventually promptly verbally directly personally indirectly",
        "O: of in at on from near by with for to into through via about over under opposite above below beside "
        "behind "
        "across around inside outside within without between among along off up down during after before until past "
        "towards beyond against like than per onto upon amongst alongside",
        "W: who which that whom where when how whether what why because",
        "A: and or but while whereas as plus nor although though",
        "N: mr mrs ms miss",
    ]
)
# Endings of words for people, and words of that ending that are none.
_LIKE_PEOPLE: Final = re.compile(r"\w{2,20}(?:er|or|ist|ian|eer|man|men|woman|women|mate|ee|keeper)s?")
_THINGS: Final = re.compile(
    r"(?:\w*(?:tainer|puter|ometer)|liner|tower|power|shower|flower|locker|sticker|blocker|cracker|letter|number|"
    r"order|paper|poster|corner|river|border|quarter|"
    r"matter|counter|folder|register|ledger|trailer|tractor|cruiser|scooter|tanker|freezer|cooker|ladder|drawer|"
    r"dinner|winter|summer|october|november|december|september|other|over|under|after|never|later|former|either|"
    r"neither|whether|rather|further|together|however|floor|door|motor|error|sensor|mirror|monitor|caller|informer|"
    r"member|chapter|filter|charter|transfer|cover|water|weather|finger|shoulder|centre|meter|printer|scanner|"
    r"speaker|"
    r"banner|burner|boiler|charger|adapter|adaptor|reactor|generator|compressor|elevator|factor|sector|corridor|"
    r"interior|exterior|superior|major|minor|prior|senior|junior|colour|for|nor|her|per|super|proper|upper|lower|"
    r"outer|inner|older|newer|larger|smaller|longer|better|greater|silver|copper|rubber|leather|timber|lumber|diesel|"
    r"consider|remember|offer|enter|deliver|gather|discover|recover|wonder|answer|suffer|differ|refer|prefer|"
    r"transporter|sprinter|rover|ranger|freelander|discover|master|easter|semen|omen|specimen|fee|coffee|tree|three|"
    r"free|see|agree|degree|knee|committee|guarantee|settee|jubilee|list|mist|twist|exist|persist|consist|insist|"
    r"assist|wrist|fist|resist|christian|median|pedestrian|carrier|barrier|terrier|courier|pier|tier|earlier|easier|"
    r"heavier|cheaper|bigger|fewer|blister|roster|cluster|computer|starter|gutter|shutter|butter|litter|lighter|"
    r"container|freighter|helicopter|newsletter|quarter|daughter|laughter|slaughter|manner|owner|climate|estimate|"
    r"ultimate|intimate|approximate|cellar|dollar|flyer|flier|banner|pointer|planner|organizer|carrier|header|"
    r"marker|beer|gear|rear|year|ear|bear|clear)s?"
)


class Sources(NamedTuple):
    """What points to sources, in the order of the text; `records` are papers or sights that tell something as well;
    `seconds` are words that say themselves that a second source speaks."""

    sources: list[Source]
    records: list[Source]
    seconds: list[Source]
    few_knew: list[tuple[int, int]]


@lru_cache(maxsize=8)
def _words(cues: Cues) -> Known:
    classes = {FEW: Lexicon({FEW: cues.few}), PERSON: Lexicon({PERSON: (*cues.people, *cues.persons, *cues.subjects)})}
    return Known(
        phrases=Lexicon(
            {
                TELLS_SOMEBODY: cues.telling_someone,
                TELLS: cues.telling,
                PASSES_ON: cues.passing_on if cues.telling else (),
                OUTSIDER: cues.people,
                SUBJECT: cues.subjects,
                SOMEBODY: cues.persons,
                BODY: cues.organisations,
                PAPER: cues.papers,
                HELPER: cues.helpers,
            },
            classes,
        ),
        marks=Lexicon(
            {"": (), "none": cues.source_exceptions, "technique": cues.techniques, "word": cues.source_words}, classes
        ),
        few_knew=Lexicon({"few": cues.uniqueness}, classes),
        helpers=Lexicon({"x": cues.helpers}),
        insiders=Lexicon({"x": (*cues.insiders, *cues.subjects)}),
        passing_on=Lexicon({"x": cues.passing_on}),
        hears_few=bool(cues.uniqueness),
    )


def _kind_of(word: str) -> str:
    if _LIKE_PEOPLE.fullmatch(word) and not _THINGS.fullmatch(word):
        return GUESSED
    return AUXILIARY if word.endswith("ly") and len(word) > 4 else OTHER


def sources_of(text: str, tokens: list[Token], cues: Cues) -> Sources:
    """Everything in the text that points to a source or says how few knew."""
    known = _words(cues)
    reading = reading_of(text, tokens, known.phrases, _SINGLE, NAME, _kind_of)
    sentences = Sentences(reading, tokens, known)
    few = [(tokens[first].start, tokens[last - 1].end) for first, last, _ in known.few_knew.places(tokens)]
    if known.hears_few:
        few += [reading.span(*match.span()) for match in matches(reading, FEW_KNEW)]
    found = list(_marked(text, tokens, known))
    found += _beside(sentences.telling(), few)
    found += sentences.told()
    return Sources(_merged(found), list(sentences.records()), list(sentences.seconds()), few)


def _beside(sources: Iterator[Source], few: list[tuple[int, int]]) -> Iterator[Source]:
    """The sources without those that only say how few knew ("the one man who knows")."""
    few = sorted(few)
    starts = [start for start, _ in few]
    for one in sources:
        before = bisect_left(starts, one.end) - 1
        if not one.is_hint:
            yield one
        elif before < 0 or few[before][1] <= one.start:
            yield one._replace(is_hint=False)


def _merged(sources: list[Source]) -> list[Source]:
    """Overlapping places are one, known by the name of the longer one."""
    apart: list[Source] = []
    for one in sorted(sources):
        last = apart[-1] if apart else None
        if last and last.start < one.start < last.end and one.is_technique and not last.is_technique:
            apart[-1] = last._replace(end=one.start)
            apart.append(one)
        elif last and one.start < last.end:
            longer = one if one.end - one.start > last.end - last.start else last
            apart[-1] = Source(
                last.start,
                max(last.end, one.end),
                longer.who,
                last.is_technique and one.is_technique,
                last.is_hint and one.is_hint,
            )
        else:
            apart.append(one)
    return apart


def _marked(text: str, tokens: list[Token], known: Known) -> Iterator[Source]:
    """Words that point to a source by themselves; "DANG sources the boats" is no noun."""
    for first, last, label in known.marks.places(tokens):
        word = tokens[last - 1].word
        is_verb = (
            word in ("sources", "intercepts", "bugs")
            and last == first + 1
            and _is_subject_before(text, tokens, first)
            and not (last < len(tokens) and _SAY.fullmatch(tokens[last].word))
        )
        if label == "none" or is_verb or (label == "technique" and _is_their_own(text, tokens, first)):
            continue
        is_hint = label == "word" and not _NAMES_ONE.fullmatch(word)
        yield Source(tokens[first].start, tokens[last - 1].end, singular(word), label == "technique", is_hint)


_NAMES_ONE: Final = re.compile(
    r"(?:informant|informer|chis|source|caller|contact|witness|eyewitness|complainant|public|crimestopper|call|"
    r"letter|note|by|"
    r"whistleblower|blower|mate|cellmate|inmate|prisoner|off|tip|tipster|message|hotline|helpline|report|"
    r"reporting|person|"
    r"party|male|female|man|woman|email|text|intelligence|voicemail|postcard|member|information|debrief)(?:s|es)?"
)


_SAY: Final = re.compile(
    r"(?:say|state|report|suggest|indicate|claim|believe|describe|confirm|place|put|tell|told|agree|name|differ|"
    r"disagree)s?|said|have|has|who"
)
_FITS: Final = word_set(
    "fit fits fitted install installs installed put puts hid hides hidden placed places bought buys use uses "
    "used plant "
    "plants planted attached attaches keep keeps kept bugs taps bugged tapped"
)
_THEY: Final = word_set(
    "he she they organiser boss bosses skipper gang group lookout lookouts ringleader leader foreman gangmaster "
    "smuggler smugglers facilitator brothers driver owner manager"
)
_WE: Final = word_set("chis uco nca police officers team unit hmrc anpr cctv gps imsi")


def _is_their_own(text: str, tokens: list[Token], place: int) -> bool:
    """Whether the people of the item, not the police, put the device there: "DANG fitted a tracker to his van"."""
    for at in range(place, max(0, place - 5), -1):
        if tokens[at].kind in ("end", "mark"):
            return False
        if tokens[at].word in _FITS:
            back = at - 1
            while back > 0 and tokens[back].word in ("has", "have", "had", "also", "regularly", "once", "often"):
                back -= 1
            subject = tokens[back]
            written = text[subject.start : subject.end]
            is_name = len(written) > 2 and written.isupper() and subject.word not in _WE
            return subject.kind == "word" and (is_name or subject.word in _THEY)
    return False


def _is_subject_before(text: str, tokens: list[Token], place: int) -> bool:
    """Whether a name or "he" stands before the word, so that it is a verb."""
    before = tokens[place - 1] if place else None
    return (
        before is not None
        and before.kind == "word"
        and (
            text[before.start].isupper() or before.word in ("he", "she", "they", "who", "group", "gang", "and", "also")
        )
    )
