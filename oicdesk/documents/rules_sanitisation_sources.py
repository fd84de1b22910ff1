"""Who a text points to, and how few knew: patterns of grammar over the units of a text, fed by the cues.

A source is heard in three ways: a word that points to one by itself; somebody outside the item who tells, sees or knows
("a resident of the same street states"); and what was said, seen or passed on by, from or through somebody. What the
people of an item tell one another ("the foreman told the pickers") points to nobody.

Every unit has a kind, one character; they are named below. Each look around a unit reaches a fixed number of units.
"""

import re
from bisect import bisect_left
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from typing import Final, NamedTuple

from oicdesk.documents.rules_sanitisation_cues import Cues
from oicdesk.documents.rules_sanitisation_reading import FEW, PERSON, Lexicon, Reading, Token, Unit, reading_of, words

# Kinds of the units that the cues tell.
_OUTSIDER, _PERSON, _SUBJECT, _BODY, _PAPER, _HELPER = "N", "M", "S", "G", "p", "Q"
_TELLS, _TELLS_SOMEBODY, _PASSES_ON = "V", "E", "R"
# Kinds of the rest: a name, a word that ends like one for a person, any other word.
_NAME, _GUESSED, _OTHER = "F", "m", "w"
_AN, _THE, _HIS, _OWNER = "D", "T", "P", "'"
_BE, _AUXILIARY, _PREPOSITION, _RELATIVE, _JOIN = "B", "X", "O", "W", "A"
_HE, _ME = "H", "I"
_ENDS: Final = frozenset(".;:")


def _set(words: str) -> frozenset[str]:
    return frozenset(words.split())


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


class Source(NamedTuple):
    """Words that point to a source: `text[start:end]`; `who` is one name for one source ("neighbour").

    `is_hint` when they speak of a source and name none ("gave no name").
    """

    start: int
    end: int
    who: str
    is_technique: bool = False
    is_hint: bool = False


class Sources(NamedTuple):
    """What points to sources, in the order of the text; `records` are papers or sights that tell something as well;
    `seconds` are words that say themselves that a second source speaks."""

    sources: list[Source]
    records: list[Source]
    seconds: list[Source]
    few_knew: list[tuple[int, int]]


@dataclass(frozen=True)
class _Words:
    """The cues as lexicons."""

    phrases: Lexicon
    marks: Lexicon  # words that point to a source by themselves, techniques and what looks alike
    few_knew: Lexicon
    helpers: Lexicon
    insiders: Lexicon
    passing_on: Lexicon
    hears_few: bool


@lru_cache(maxsize=8)
def _words(cues: Cues) -> _Words:
    classes = {FEW: Lexicon({FEW: cues.few}), PERSON: Lexicon({PERSON: (*cues.people, *cues.persons, *cues.subjects)})}
    return _Words(
        phrases=Lexicon(
            {
                _TELLS_SOMEBODY: cues.telling_someone,
                _TELLS: cues.telling,
                _PASSES_ON: cues.passing_on if cues.telling else (),
                _OUTSIDER: cues.people,
                _SUBJECT: cues.subjects,
                _PERSON: cues.persons,
                _BODY: cues.organisations,
                _PAPER: cues.papers,
                _HELPER: cues.helpers,
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
        return _GUESSED
    return _AUXILIARY if word.endswith("ly") and len(word) > 4 else _OTHER


def sources_of(text: str, tokens: list[Token], cues: Cues) -> Sources:
    """Everything in the text that points to a source or says how few knew."""
    known = _words(cues)
    reading = reading_of(text, tokens, known.phrases, _SINGLE, _NAME, _kind_of)
    sentences = _Sentences(reading, tokens, known)
    few = [(tokens[first].start, tokens[last - 1].end) for first, last, _ in known.few_knew.places(tokens)]
    if known.hears_few:
        few += [reading.span(*match.span()) for match in _matches(reading, _FEW_KNEW)]
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


def _marked(text: str, tokens: list[Token], known: _Words) -> Iterator[Source]:
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
        yield Source(tokens[first].start, tokens[last - 1].end, _singular(word), label == "technique", is_hint)


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
_FITS: Final = _set(
    "fit fits fitted install installs installed put puts hid hides hidden placed places bought buys use uses "
    "used plant "
    "plants planted attached attaches keep keeps kept bugs taps bugged tapped"
)
_THEY: Final = _set(
    "he she they organiser boss bosses skipper gang group lookout lookouts ringleader leader foreman gangmaster "
    "smuggler smugglers facilitator brothers driver owner manager"
)
_WE: Final = _set("chis uco nca police officers team unit hmrc anpr cctv gps imsi")


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


def _singular(word: str) -> str:
    return word.rsplit("_", 1)[-1].removesuffix("s")


# --- what is said, seen or passed on by, from or through somebody -------------------------------------------

_BEFORE: Final = r"(?:\S+/[TDPwXFmSGO'QpM] ){0,4}?"  # words that may stand before the noun of a source
_SHORT: Final = r"(?:\S+/[TDPwXFm'S] ){0,3}?"


def _who(name: str) -> str:
    """Somebody who may be a source, as a pattern whose groups begin with `name`."""
    return (
        rf"(?:{_SHORT}(?P<{name}>\S+)/N (?!'/)"
        rf"|\S+/D (?:\S+/[wXFm'S] ){{0,3}}?(?P<{name}_one>\S+)/[MmS] (?!'/)"
        rf"|\S+/D of/O (?:\S+/[TPwXFm'] ){{0,3}}?(?P<{name}_of>\S+)/[MmS] (?!'/)"
        rf"|\S+/T (?:\S+/[wXF] ){{0,2}}?(?P<{name}_the>\S+)/[Mm] (?=(?:who|that|opposite|upstairs|downstairs|next)/)"
        rf"|(?:\S+/[TDP] )?(?:\S+/[wXF'] ){{0,2}}?(?P<{name}_body>\S+)/G (?!'/))"
    )


class _Rule(NamedTuple):
    """A pattern of the line of units, looked for only at its words, so that a long text is read quickly.

    `back`: how many units before one of its words the pattern may begin; 0 when it begins with the word.
    """

    words: frozenset[str]
    back: int
    pattern: re.Pattern[str]


_LONGEST: Final = 700  # characters of the line that one rule may look at
_NOT: Final = "n't"  # stands for every word that ends so


def _rule(at: str, then: str = "") -> _Rule:
    """Any of the words `at`, then the rest of the pattern."""
    words = at.split()
    spelled = "|".join(rf"\w{{2,8}}{one}" if one == _NOT else re.escape(one) for one in words)
    return _Rule(frozenset(words), 0, re.compile(rf"(?:{spelled})(?:_[\w']+)?/\S {then}"))


def _rule_around(at: str, back: int, pattern: str) -> _Rule:
    """A pattern that begins up to `back` units before one of the words `at`."""
    return _Rule(frozenset(at.split()), back, re.compile(pattern))


def _by_word(rules: tuple[_Rule, ...]) -> dict[str, list[_Rule]]:
    table: dict[str, list[_Rule]] = {}
    for rule in rules:
        for word in rule.words:
            table.setdefault(word, []).append(rule)
    return table


def _matches(reading: Reading, rules: dict[str, list[_Rule]]) -> Iterator[re.Match[str]]:
    asked = [(place, rules[word]) for word in rules.keys() & reading.places.keys() for place in reading.places[word]]
    if _NOT in rules:
        negated = [word for word in reading.places if word.endswith(_NOT) and word not in rules]
        asked += [(place, rules[_NOT]) for word in negated for place in reading.places[word]]
    for place, found in sorted(asked, key=lambda one: one[0]):
        for rule in found:
            end = reading.starts[place] + _LONGEST
            begins = reading.starts[max(0, place - rule.back) : place + 1]
            if match := next(filter(None, (rule.pattern.match(reading.line, start, end) for start in begins)), None):
                yield match


_NEWS: Final = (
    "information intelligence info intel detail details word tip rumour rumours report reports reporting account "
    "story news "
    "allegation allegations complaint complaints referral disclosure warning claim claims testimony evidence "
    "suggestion concern concerns observation sighting sightings feedback lead statement"
)
_SENT: Final = (
    "call calls letter letters email emails mail text texts message messages note voicemail postcard "
    "photograph photographs photos footage video"
)
_SEEN: Final = (
    "reported seen heard described disclosed mentioned noticed photographed filmed volunteered confirmed relayed "
    "spotted "
    "witnessed overheard observed flagged raised recognised identified supported corroborated echoed repeated "
    "noted claimed "
    "alleged suggested said stated passed recalled recounted explained expressed voiced pointed counted watched "
    "remarked remembered backed borne verified picked highlighted provided made tipped"
)
_CARER: Final = (
    r"(?:doctor|nurse|paramedic|gp|dentist|midwife|physio|ambulance\w*|optician|vet|surgeon)s?/"  # to be seen by one
)
_GIVEN: Final = (
    r"(?:told|given|sent|handed|supplied|provided|shared|passed|obtained|received|offered|submitted|forwarded)"
)
_LEARNT: Final = (
    "learned learnt heard hears known understood gleaned ascertained gathered transpired originates originated emanates"
)
_TOLD: Final = _by_word(
    (
        _rule("in", rf"the/\S (?:words|view|opinion)/\S of/\S {_who('per')}"),
        _rule("on", rf"the/\S word/\S of/\S {_who('per')}"),
        _rule("per", _who("per")),
        _rule(
            "according",
            rf"to/\S (?!(?:\S+/[TDPwXFmSG'Q] ){{0,4}}?\S+/p ){_BEFORE}(?P<to>\S+)/[NMSmFHG] (?!'/)",
        ),
        _rule(_NEWS, rf"(?:\S+/[wXBVRTDPEFWOQ] ){{0,5}}?(?:from|by|via|through)/\S {_who('news')}"),
        _rule(
            _SENT, rf"(?:\S+/[wXBVRE] ){{0,3}}?from/\S (?!\S+/\S (?:landlord|solicitor|accountant|bank)/){_who('sent')}"
        ),
        _rule(_SEEN, rf"(?:\S+/[wXOTDPFHVA] ){{0,4}}?by/\S (?!(?:\S+/[TDP] )?{_CARER}){_who('seen')}"),
        _rule(
            "it this story account which matter police officers as i we me us",
            rf"(?:\S+/[XBw] ){{0,4}}?{_GIVEN}/\S (?:\S+/[wXOTDPHQ] ){{0,4}}?(?:by|from)/\S {_who('given')}",
        ),
        _rule(_LEARNT, rf"(?:\S+/[wXW] ){{0,2}}?(?:from|through|via)/\S {_who('learnt')}"),
        _rule("have has had got", rf"(?:this|it|that|all|word)/\S (?:\S+/w )?(?:from|through|via)/\S {_who('had')}"),
        _rule("it this", rf"(?:came|comes|stems|originates)/\S (?:\S+/X )?from/\S {_who('came')}"),
        _rule("it this", rf"(?:was|is)/\S (?:from|through|via|by)/\S {_who('cleft')}"),
        _rule(
            "it this",
            r"(?:\S+/[X] ){0,2}\S+/B (?:\S+/[XB] ){0,2}(?:passed_on|overheard|learned|learnt|heard|reported|"
            r"mentioned|"
            r"disclosed|relayed|confided|whispered|volunteered)[_/]",
        ),
        _rule_around(
            "'",
            1,
            r"\S+/N '/' (?:\S+/[wX] ){0,2}?(?:(?:account|accounts)/\S (?:is|was|of|that|has|differs|suggests)|"
            r"story|version|"
            r"statement|complaint|evidence|description|allegation|recollection|testimony|impression|belief|"
            r"disclosure|"
            r"doorbell|dashcam|cctv|footage|video|interview|diary|solicitor|understanding|information|concern|"
            r"concerns|suspicion|suspicions)[_/]",
        ),
        _rule(
            "heard overheard seen told",
            r"(?:(?<=[.:;,] heard/V )|(?<=\A heard/V )|(?<=overheard/V ))(?:in|at|from|on|that|around|via|by|"
            r"locally|through)/",
        ),
        _rule("calls messages texts emails letters", r"between/\S (?:\S+/[^.;,] ){1,8}?(?:intercepted|monitored)/"),
        _rule("told", r"(?:(?<=[.:;,] told/E )|(?<=\A told/E ))by/"),
        _rule("learned learnt heard disclosed relayed passed", r"(?:that|locally|from)/"),
        _rule(
            "police officers",
            r"(?:\S+/X ){0,2}\S+/B (?:\S+/[XB] ){0,2}(?:told|informed|alerted|tipped|warned|notified|advised)/",
        ),
        _rule(
            "call calls tip complaint information info report intel voicemail email",
            r"(?:\S+/[XB] ){0,2}(?:received|rec'd|taken|came_in|rec|recd)/\S (?!on/|in/|by/\S \S+/F)",
        ),
        _rule_around(
            "letter email mail call comment complaint submission",
            3,
            r"an?/D (?:\S+/[wXm] ){0,2}?(?:letter|email|mail|call|comment|complaint|submission)/\S "
            r"(?:(?!(?:card|found|seized|recovered|bank|landlord|solicitor|council|office|embassy|court|his|her|"
            r"their)/)"
            r"\S+/[wODTXGpE'] ){0,6}?(?:says|said|gives|gave|names|named|states|stated|describes|described|"
            r"warns|warned|"
            r"claims|claimed|alleges|alleged|identifies|puts|reports|reported)[/_]",
        ),
        _rule_around(
            "say says said reports claims reckons",
            1,
            rf",/, (?:say|says|said|reports|claims|reckons)/[VE] {_who('says')}",
        ),
        _rule(
            "speaking conversation chatting discussion contact interview meeting chat",
            rf"(?:to|with)/\S {_who('with')}(?:\S+/[wXTDPFOmRVW] ){{0,6}}?"
            r"(?:established|suggests?|revealed|indicates?|shows?|confirmed|it|we)[/_]",
        ),
    )
)

# --- how few knew -------------------------------------------------------------------------------------------

_ONE: Final = r"(?:\S+/[NMSmHFIQ]|(?:source|informant|chis|caller)/\S)"
_GAP: Final = r"(?:\S+/[TPDwXmM'] )"
_ANY: Final = r"(?:\S+/[^.;] )"
_AWARE: Final = r"(?:knows?|knew|told|aware|privy|(?:is|are|was|were|been)_aware)[_/]"
_BUT_WORDS: Final = "but outside except bar save besides excluding apart other aside"
_BUT: Final = (
    r"(?:but|outside|except|bar|save|besides|excluding|apart/\S from|other/\S than|aside/\S from|outside/\S of)/"
)
_NOBODY_WORDS: Final = "nobody no none"
_NOBODY_REST: Final = r"(?:(?<=nobody/w )|(?<=none/w )|one/\S |(?<=no/T )(?:other/\S |third/\S )?\S+/[NMS] )"
_NOBODY: Final = r"(?:nobody/\S|no/\S one/\S|none/\S|no/\S (?:other/\S |third/\S )?\S+/[NMS])"
_KNOWS: Final = (
    r"(?:(?:who|that|whose|with|present|able|there|aware|privy|party|besides|except|apart|know\w*|knew|has|have|had|"
    r"holds?|held|keeps?|(?:can|could)(?!/\S (?:sit|fit|sleep|stand|ride|swim|drive|eat|live|work|travel|be)/)|"
    r"speaks?|ever|hears?|heard|saw|seen|sees?|understands?|told|trusted|attended)/"
    r"|has_|have_|had_|knows_|knew_|was_aware|is_aware|to/\S (?:know|hear|have|see|be)"
    r"|\S+/B (?:\S+/X )?(?:present|there|aware|told|trusted|allowed|in|at|with|around|privy|party|shown|given|"
    r"listening|within|let|informed|invited|inside|near)/)"
)
_SHARED: Final = (
    "known told shown given shared shares disclosed mentioned revealed entrusted confided confined restricted "
    "limited "
    "communicated sent visible available accessible whispered said spoken spoke discussed held handed explained "
    "passed "
    "agreed seen heard demonstrated showed gave tells tell shows trust trusts trusted boasted admitted announced "
    "described attended "
    "remark statement comment conversation made"
)
_NUMBER: Final = r"(?:one|two|three|four|five|2|3|4|5)/\S "
_FEW_KNEW: Final = _by_word(
    (
        _rule(
            "only just sole solely merely",
            rf"(?!trader)(?:\S+/D of/O )?{_GAP}{{0,4}}?{_ONE} (?:of/O {_GAP}{{0,3}}{_ONE} |(?:in|on|"
            rf"at)/O {_GAP}{{1,3}})?"
            rf"(?:,/, {_GAP}{{0,3}}{_ONE} ){{0,3}}(?:(?:and|or|plus)/A {_GAP}{{0,3}}{_ONE} )?{_KNOWS}",
        ),
        _rule(_NOBODY_WORDS, rf"{_NOBODY_REST}{_ANY}{{0,4}}?{_BUT}"),
        _rule(
            _NOBODY_WORDS,
            rf"{_NOBODY_REST}else/\S (?!(?:\S+/[BX] ){{0,2}}(?:registered|living|lives?|lived|resid\w+|works?|"
            rf"worked|working|"
            r"employed|insured|listed|named|drives?|drove|uses?|used|rents?|pays?|paid|injured|hurt|arrested|"
            r"detained|found)/)",
        ),
        _rule(_NOBODY_WORDS, rf"{_NOBODY_REST}(?!told/)(?:\S+/[XB] ){{0,3}}{_AWARE}"),
        _rule(
            _NOBODY_WORDS,
            rf"{_NOBODY_REST}of/O {_GAP}{{0,3}}{_ONE} (?:\S+/[XB] ){{0,3}}(?:{_AWARE}|(?:present|there)/)",
        ),
        _rule(
            f"{_BUT_WORDS} without",
            rf"(?:from/\S |than/\S |for/\S |of/\S )?{_ANY}{{1,6}}?(?:{_NOBODY}|only/\S {_GAP}{{0,3}}?{_ONE})",
        ),
        _rule("hardly scarcely barely", r"(?:anyone|anybody|any/\S one|any/\S \S+/[NMS])"),
        _rule("and", r"one/\S other/\S (?!\S+/w)"),
        _rule(
            "there",
            r"(?:were|was)/\S (?:only/\S |just/\S )?(?:one|two|three|four|2|3|4)/\S (?:\S+/[wDm] )?\S+/[NMS] "
            r"(?:\S+/[OTwP] ){0,5}when/",
        ),
        _rule("to with by before except", rf"a/\S (?:lone|single|sole)/\S (?:\S+/[wX] )?{_ONE} (?!'/)"),
        _rule("few", r"(?:\S+/[XB] )?(?:know|knew|are_aware|aware|were_aware)[_/]"),
        _rule("not", rf"even/\S {_GAP}{{0,3}}{_ONE} (?:,/, )?(?:\S+/[XB] ){{0,2}}{_AWARE}"),
        _rule(
            "told disclosed mentioned revealed entrusted confided shared whispered admitted confessed boasted "
            "shown known",
            rf"{_ANY}{{0,6}}?(?:to|with)/\S one/\S (?:\S+/[wmX] ){{0,2}}?{_ONE} (?!'/)",
        ),
        _rule("confided", r"one/\S (?:\S+/[wmX] ){0,2}?\S+/[NMS] "),
        _rule(
            f"not never {_NOT}",
            r"(?:\S+/[XBw] ){0,3}?(?:known|shared|told|revealed|spoken)/\S (?:\S+/[wO] ){0,2}?(?:outside|beyond)/",
        ),
        _rule("two three pair both", r"(?:\S+/[OHBXAw] ){0,4}?on/\S their/\S own/"),
        _rule(
            "is are was were be been",
            r"the/\S (?:only|sole)/\S (?:other/\S )?(?:\S+/[wXm] ){0,2}?\S+/[NMSm] (?:present/|there/|"
            r"aboard/|when/|"
            r"(?:in|at|on|aboard|inside|near)/\S (?:\S+/[TDPwm'] ){0,3}?(?:when|while|as|room|table|meeting|"
            r"kitchen|"
            r"shift)/)",
        ),
        _rule(
            "is are was were be been",
            r"the/\S only/\S (?:\S+/[Dw] ){0,2}?(?:people|ones|two|three|four|persons|men|women|pair)/",
        ),
        _rule(
            "kept hidden concealed secret withheld unknown hid keeps keep",
            rf"{_ANY}{{0,4}}?(?:everyone|everybody|anyone|anybody|all)/\S {_BUT}",
        ),
        _rule(
            "confined restricted limited known entrusted given told",
            rf"(?:only/\S )?to/\S (?:\S+/[TP] )?{_NUMBER}(?:\S+/[wDm] ){{0,2}}?\S+/[NMSm] (?!'/)",
        ),
        _rule(_SHARED, rf"{_ANY}{{0,8}}?(?:just|only)/\S {_NUMBER}(?:\S+/[wm] ){{0,2}}?\S+/[NMSm] (?!'/)"),
        _rule(
            "without with",
            r"(?:anyone|anybody|nobody|no/\S one)/\S (?:else/\S )?"
            r"(?:present|there|knowing|around|hearing|in|near|listening|being)/",
        ),
        _rule(
            f"not never without refused refuses refusing nor {_NOT}",
            rf"{_ANY}{{0,8}}?(?:anyone|anybody|any/\S one|any/\S other/\S \w+|a/\S soul)/\S (?:else/|{_BUT})",
        ),
        _rule(
            _SHARED,
            rf"{_ANY}{{0,7}}?(?:only|just|solely|exclusively)/\S (?:to|with|by|between|among|amongst)/\S "
            rf"{_GAP}{{0,4}}?{_ONE}",
        ),
        _rule(
            _SHARED,
            rf"{_ANY}{{0,7}}?(?:to|with|by|between|among|amongst|of|before)/\S "
            r"(?:only|just|a/\S single|one/\S single|no/\S more/\S than|fewer/\S than|at/\S most|a/\S handful/\S of|"
            rf"(?:very/\S |v/\S )?few|a/\S very/\S few)/\S (?:{_GAP}{{0,4}}?{_ONE}|others/)",
        ),
        _rule(
            _SHARED,
            rf"{_ANY}{{0,5}}?(?:to|with|by|between|among)/\S (?:no/\S more/\S than|not/\S more/\S than|"
            rf"at/\S most)/\S {_NUMBER}",
        ),
        _rule(
            "front",
            rf"of/\S (?:only/\S |just/\S )?(?:one|a/\S single|nobody|no/\S one)/\S (?:\S+/[wmX] ){{0,2}}?{_ONE}",
        ),
        _rule("no", r"(?:third|other)/\S \S+/[NMSw] (?:\S+/X )?\S+/B (?:there|present|in)/"),
        _rule(
            "with", rf"(?:only|just)/\S {_GAP}{{0,3}}?{_ONE} in/\S (?:the|his|her)/\S (?:room|car|kitchen|cab|house)/"
        ),
        _rule("known", r"to/\S (?:\S+/[wTDX] )?few/"),
        _rule_around("most", 6, rf"{_NUMBER}(?:\S+/[^.;] ){{0,3}}?at/\S most/"),
        _rule_around(
            "alone only",
            5,
            rf"(?:to|with|by|before|between|of|and)/\S (?:\S+/[TPDwM'] ){{0,3}}{_ONE} (?:alone/|only/\S (?![ND]))",
        ),
        _rule_around(
            "alone",
            1,
            rf"{_ONE} alone/\S (?:\S+/X )?(?:know\w*|knew|has|have|had|holds?|held|can|could|handles?|keeps?|kept|"
            rf"decides?|"
            r"carries|had_|has_|knows_)",
        ),
        _rule(
            "with of",
            rf"(?:only|just)/\S {_GAP}{{0,3}}?{_ONE} (?:there|present|to|listening|beside|for|around|within|"
            rf"sitting|and|inside)/",
        ),
        _rule("in", r"the/\S (?:sole|exclusive)/\S (?:presence|company|hearing)/"),
        _rule("presence company hearing", r"of/\S (?:only|just|one|a/\S single)/"),
        _rule(
            "the his her their a sole",
            r"(?:only|sole|one)/\S (?:other/\S |living/\S )?(?:person|man|woman|individual|soul|witness|confidant)/",
        ),
        _rule("sole", r"(?:person|man|woman|individual|witness|keyholder|confidant|holder|recipient)/"),
        _rule(
            "one two three few four",
            r"(?:of/\S )?(?:\S+/[TPDw] ){0,3}?\S+/[NMSm] (?:\S+/[XB] ){0,3}(?:aware/|knows?/(?!\S how/\S to)|"
            r"knew/(?!\S how/\S to)|privy/|(?:is|are|was|were)_aware)",
        ),
    )
)

# --- who tells ----------------------------------------------------------------------------------------------

_REACH: Final = 15  # units from a noun to its verb; half of that for a noun without "a" or "the"
_INFINITIVE: Final = frozenset({"told", "tells", "tell", "informed", "advised", "warned", "reminded", "asked"})
_SHOWS: Final = _set(
    "show shows showed showing list lists listed confirm confirms confirmed record records recorded place places "
    "placed put "
    "puts indicates indicated reveal reveals revealed suggests give gives say says said has have had name names "
    "supports corroborates "
    "identifies states is are linked link links captured capture captures caught identify"
)
_SAW: Final = (
    r"(?:\S+/X ){0,2}(?:saw|found|stopped|observed|attended|seized|recovered|watched|counted|visited|confirmed|"
    r"noticed|noted|"
    r"searched)/"
)
_SEES: Final = _by_word((_rule("officers police patrol patrols constables i we", _SAW),))
_BORNE_OUT: Final = _by_word(
    (
        _rule(
            "confirmed corroborated supported backed borne verified contradicted matched echoed",
            r"(?:up/\S |out/\S )?by/\S (?:\S+/[TDPwXFm'] ){0,3}?\S+/[pGQ] ",
        ),
    )
)
_SECOND: Final = {
    "many": _by_word(
        (
            _rule(
                "two three four several multiple various both different separate independent numerous 2 3",
                r"(?:\S+/[wXDT] ){0,2}?(?:sources|informants|callers|witnesses|contacts|chis|chises|strands|"
                r"accounts)/",
            ),
            _rule("both", r"(?:\S+/[TDPwXF'] ){0,4}?\S+/[Nm] and/\S (?:\S+/[TDPwXF'] ){0,4}?\S+/[NmM] "),
            _rule_around(
                "and",
                1,
                r"\S+/N and/\S \S+/[DPT] (?:\S+/[wXF] ){0,2}?\S+/[NMm] (?:each|both|separately|independently)/|"
                r"\S+/N and/\S \S+/D (?:\S+/[wXF] ){0,2}?\S+/[NMm] (?:,/, )?(?:\S+/X ){0,2}(?:both/\S )?\S+/[VER] ",
            ),
        )
    ),
    "alone": _by_word(
        (
            _rule(
                "accounts reports versions stories sources opinions informants witnesses",
                r"(?:\S+/X )?(?:differ|vary|conflict|disagree|diverge|clash)/",
            ),
            _rule(
                "conflicting differing competing contradictory two different",
                r"(?:accounts|versions|stories|reports)/\S (?!\S+/B (?:opened|held|used|frozen|closed)/)",
            ),
            _rule("some", rf"(?:\S+/[wO] ){{0,2}}(?:\S+/[NM] )?\S+/V {_ANY}{{1,14}}?(?:others|other/\S \S+/[NM])/"),
            _rule(
                "one",
                rf"(?:\S+/[NMw] )?\S+/V {_ANY}{{1,14}}?(?:another|the/\S other)/\S (?:\S+/[NM] )?(?:\S+/X )?\S+/V",
            ),
        )
    ),
    "other": _by_word(
        (
            _rule("so", r"(?:does|did|do)/\S (?:\S+/[DTP] )?(?:\S+/[wF] ){0,2}?\S+/[NM] "),
            _rule("source informant caller witness chis contact", r"(?:2|3|two|three|b|c|no_2)/"),
            _rule_around(
                "a another the others",
                1,
                r"(?:(?:while|and|but|whereas|though)/\S |[,;.]/[,;.] )(?:a/\S (?:second|third|different|further)|"
                r"another|the/\S "
                r"(?:other|second|latter)|others)/\S (?:\S+/[NM] |(?:one|source|informant|person|witness|caller|"
                r"contact|"
                r"of/\S \S+)/\S )?"
                r"(?:\S+/X )?(?:\S+/[VER]|as|at|puts?|gives?|gave|has|calls?|called|thinks?|disagrees?|agrees?|"
                r"contradicts?|"
                r"differs?|disputes?)[/ ]",
            ),
        )
    ),
}


class _Sentences:
    """Looks for sources in a reading."""

    def __init__(self, reading: Reading, tokens: list[Token], known: _Words) -> None:
        self._reading, self._units = reading, reading.units
        self._helpers = _starts(tokens, known.helpers)
        self._insiders = _starts(tokens, known.insiders)
        self._passing_on = _starts(tokens, known.passing_on)
        asked = [one for word in ("who", "contact", "contacts") for one in reading.places.get(word, ())]
        for place in sorted({*asked, *(one + 1 for one in asked)}):
            if not 0 < place < len(self._units):
                continue
            following = self._at(place)
            if following is not None and following.word == "who" and self._units[place - 1].kind == _OTHER:
                self._units[place - 1] = self._units[place - 1]._replace(kind=_PERSON)  # "a magistrate who"
            is_numbered = following is not None and following.word.isdigit()
            verb = self._at(place + 1)
            if is_numbered and self._units[place - 1].word == "contact" and verb and verb.kind in (_TELLS, _PASSES_ON):
                self._units[place - 1] = self._units[place - 1]._replace(kind=_OUTSIDER)  # "Contact 14 provided"
            if self._units[place].word in ("contact", "contacts") and self._units[place - 1].kind in (
                _AN,
                _THE,
                _HIS,
                _OTHER,
            ):
                self._units[place] = self._units[place]._replace(kind=_OUTSIDER)

    def telling(self) -> Iterator[Source]:
        """Somebody, and the verb that says they told, saw or knew something."""
        for head, unit in enumerate(self._units):
            if (unit.kind in "NMSmG" and self._may_be_source(head)) or self._is_one_of_those(head):
                at = head + 1 if self._is_heading(head) else self._verb_of(head)
                if at is not None:
                    yield Source(unit.start, self._units[at].end, _singular(unit.word), is_hint=unit.kind not in "NG")
            elif unit.kind == _TELLS_SOMEBODY and self._is_told_to_helper(head):
                yield Source(unit.start, self._hearer(head).end, "police")
            elif unit.kind == _TELLS_SOMEBODY and self._is_helper_told(head):
                yield Source(self._units[head - 1].start, unit.end, "police")

    def told(self) -> Iterator[Source]:
        """Something that was told, seen or passed on by, from or through somebody."""
        for match in _matches(self._reading, _TOLD):
            start, end = self._reading.span(*match.span())
            yield Source(start, end, _singular(match[match.lastgroup] if match.lastgroup else "somebody"))

    # Whether a noun may be a source.

    def _may_be_source(self, head: int) -> bool:
        unit, following = self._units[head], self._at(head + 1)
        if following and following.kind == _OWNER:
            return False
        place = self._determiner(head)
        kind = self._units[place].kind if place is not None else ""
        if place and kind == _OWNER and unit.kind in (_PERSON, _SUBJECT, _GUESSED):
            owner = self._units[place - 1]
            is_body = owner.kind in (_BODY, _OUTSIDER) or owner.word in ("firm", "company")
            if is_body and self._determiner(place - 1) is not None:
                return True  # "a taxi firm's controller"
        if unit.word.startswith("colleague") and place is not None and self._units[place].word in ("my", "our"):
            return False  # one officer of another
        if unit.kind in (_OUTSIDER, _BODY):
            return place is None or self._units[place].word not in ("no", "neither")
        if unit.start in self._helpers:
            return False
        if kind == _AN:
            return True
        if kind == _THE and place is not None:
            of, one = self._at(place - 1), self._at(place - 2)
            if of and one and of.word == "of" and one.kind == _AN:
                return True
            is_only = any(one.word in ("only", "sole", "last") for one in self._units[place + 1 : head])
            is_told_apart = following is not None and following.word in _TELLING_APART
            if unit.kind == _GUESSED:
                return unit.start not in self._helpers
            return unit.kind == _PERSON and is_told_apart and not is_only
        first = head
        while first > 0 and head - first < 3 and self._units[first - 1].kind in (_OTHER, _BODY):
            first -= 1  # "church members say"
        opens = first == 0 or self._units[first - 1].kind in ".:"
        is_person = unit.kind == _PERSON or (unit.kind == _GUESSED and unit.word.endswith("s"))
        return not kind and is_person and opens

    def _is_one_of_those(self, head: int) -> bool:
        of, one = self._at(head - 1), self._at(head - 2)
        return (
            self._units[head].word in ("those", "them")
            and of is not None
            and one is not None
            and (of.word, one.kind) == ("of", _AN)
            and (head < 3 or self._units[head - 3].word not in ("not", "only", "just"))
        )

    def _determiner(self, head: int) -> int | None:
        """The unit of "a", "the" or "his" that belongs to a noun."""
        for place in range(head - 1, max(-1, head - 5), -1):
            kind = self._units[place].kind
            if kind in (_AN, _THE, _HIS, _OWNER):
                return place
            if kind not in (_OTHER, _GUESSED, _NAME, _AUXILIARY, _PERSON, _PAPER, _BODY, _PREPOSITION):
                return None
            if kind == _PREPOSITION and self._units[place].word not in ("off", "up", "over", "under"):
                return None
        return None

    # The verb of a noun.

    def _verb_of(self, head: int) -> int | None:
        kinds = (_TELLS, _TELLS_SOMEBODY, _PASSES_ON)
        is_body = self._units[head].kind == _BODY
        following = self._at(head + 1)
        is_told_apart = following is not None and following.word in ("who", "whose")
        reach = _REACH if is_told_apart or self._determiner(head) is not None else _REACH // 2
        for at in range(head + 1, min(len(self._units), head + 1 + reach)):
            unit = self._units[at]
            if unit.kind in _ENDS:
                return None
            if (
                (unit.kind in kinds or (unit.kind == _OTHER and self._is_said_that(head, at)))
                and (not is_body or unit.start in self._passing_on)
                and self._is_active(head, at)
                and self._is_told_to_outsider(at)
                and not (self._units[head].kind in "MSm" and self._is_of_himself(at))
            ):
                return at
        return None

    def _is_heading(self, head: int) -> bool:
        """ "Neighbour: the van is green": who tells, before a colon."""
        after = self._units[head + 1 : head + 6]
        is_first = head == 0 or self._units[head - 1].kind == "." or (head == 1 and self._units[0].kind != _NAME)
        return (
            is_first
            and self._units[head].kind == _OUTSIDER
            and len(after) == 5
            and after[0].kind == ":"
            and after[1].kind != _NAME
            and any(unit.kind in (_BE, _AUXILIARY, _TELLS) for unit in after)
        )

    def _is_said_that(self, head: int, at: int) -> bool:
        """Whether any other word after the noun is a verb with "that": "a tenant emails that the door is locked"."""
        following, next_but_one = self._at(at + 1), self._at(at + 2)
        is_near = all(unit.kind == _AUXILIARY for unit in self._units[head + 1 : at])
        return (
            is_near
            and following is not None
            and following.word == "that"
            and next_but_one is not None
            and next_but_one.kind in (_AN, _THE, _HIS, _HE, _NAME, _OUTSIDER, _PERSON, _SUBJECT)
        )

    def _is_of_himself(self, at: int) -> bool:
        """ "A man said that he had come from Dunkirk": somebody of the item about himself, not about others."""
        after = [unit for unit in self._units[at + 1 : at + 5] if unit.word != "that"]
        return (
            len(after) > 1
            and after[0].kind == _HE
            and after[1].word in ("was", "were", "is", "are", "had", "has")
            and after[1].kind in (_BE, _AUXILIARY)
        )

    def _is_active(self, head: int, at: int) -> bool:
        """Whether the word is a verb whose subject is the noun: no passive, no noun, nobody else nearer to it."""
        before = at - 1
        while before > head and (
            self._units[before].kind == _AUXILIARY or self._units[before].word in ("both", "each")
        ):
            before -= 1
        unit, verb = self._units[before], self._units[at].word.split("_")[0]
        is_ing = verb.endswith("ing")
        if before == head:
            return not (self._units[at].word in _LEFT_OUT and self._is_participle(head, at))
        if unit.kind == _BE:
            return is_ing or verb in ("is", "are", "was", "were", "been", "growing", "getting")
        if is_ing:
            return unit.kind == ","
        if unit.kind == _OWNER and self._units[before - 1].kind == _NAME:
            before -= 1  # "a friend of his brother's heard"
            unit = self._units[before]
        if unit.kind == _HIS and self._units[before - 1].word == "of":
            return True  # "a mate of his reckons"
        if unit.kind in (_THE, _AN, _HIS, _OWNER) or (unit.kind == _PREPOSITION and unit.word not in _ADVERBS):
            return False
        if unit.kind in (_HE, _ME):
            return unit.word in ("him", "them", "it", "us", "me") and self._is_governed(before, head)
        if unit.kind == _JOIN:
            return unit.word in ("and", "but", "or") and self._opens_clause(head)
        if unit.kind in (",", _RELATIVE):
            return unit.word not in ("that", "where", "when", "how", "what", "why", "because")
        return self._is_governed(before, head)

    def _is_participle(self, head: int, at: int) -> bool:
        """Whether "men found in the van" says what was done to the men, not what they did."""
        place, following = self._determiner(head), self._at(at + 1)
        is_one = self._units[head].kind == _OUTSIDER and place is not None and self._units[place].kind in (_AN, _HIS)
        return not is_one and following is not None and following.kind == _PREPOSITION

    def _is_governed(self, place: int, head: int) -> bool:
        """Whether the noun before the verb hangs on a word after the head ("of the same street"), so is no "
        "subject."""
        while place > head:
            kind = self._units[place].kind
            if kind == _PREPOSITION or kind in (_TELLS, _TELLS_SOMEBODY, _PASSES_ON, _BE, _AUXILIARY, ","):
                return True
            if kind == _RELATIVE and self._units[place].word not in ("who", "which"):
                return False
            if kind == _JOIN and self._units[place + 1].kind != _OTHER:  # else as in "cash and carry"
                return False
            place -= 1
        return True

    def _opens_clause(self, head: int) -> bool:
        """Whether the noun stands where a subject stands: no verb or preposition right before its group."""
        place = self._determiner(head)
        first = (head if place is None else place) - 1
        while (
            first >= 0
            and self._units[first].kind in (_AN, _THE, _OTHER, _NAME, _OWNER, _PREPOSITION)
            and (self._units[first].kind != _PREPOSITION or self._units[first].word == "of")
        ):
            first -= 1
        return first < 0 or self._units[first].kind in ".;:,AW"

    # Whom they told.

    def _at(self, place: int) -> Unit | None:
        return self._units[place] if 0 <= place < len(self._units) else None

    def _hearer(self, verb: int) -> Unit:
        """The first noun after a verb of telling; the verb itself when none follows it."""
        for at in range(verb + 1, min(len(self._units), verb + 6)):
            unit = self._units[at]
            following = self._at(at + 1)
            if following and following.kind in (_OUTSIDER, _PERSON) and unit.kind != _OWNER:
                continue  # "a family friend"
            if unit.start in self._helpers or unit.start in self._insiders or unit.kind in "NMSmFHIGQ":
                return unit
            if unit.kind not in (_AN, _THE, _HIS, _OTHER, _AUXILIARY):
                break
        return self._units[verb]

    def _is_told_to_outsider(self, at: int) -> bool:
        """Whether what was told may have left the circle of the item."""
        verb, following = self._units[at], self._at(at + 1)
        first = verb.word.split("_")[0]
        if following is None:
            return True
        if verb.kind != _TELLS_SOMEBODY:
            # "reports to the foreman", "said to be": an order of things, or hearsay.
            if following.word == "to" and "_" not in verb.word:
                hearer = self._hearer(at + 1)
                return hearer.start in self._helpers or first in ("claims", "claimed", "claim")
            # "workers report for duty", "customer reports are filed"
            is_noun = first.endswith("s") and following.kind == _BE
            return not is_noun and not (first.startswith("report") and following.word in ("for", "at", "in"))
        hearer = self._hearer(at)
        if following.word[0].isdigit():
            return False  # "customers ring 01632 …"
        if hearer is verb:
            return not (following.word == "to" and first in _INFINITIVE)
        if hearer.start in self._helpers or hearer.kind == _ME:
            return True
        if hearer.start in self._insiders or hearer.kind in (_NAME, _HE):
            return False
        is_infinitive = (
            any(unit.word == "to" for unit in self._units[at + 1 : at + 9] if unit.end > hearer.end)
            and first in _INFINITIVE
        )
        return first not in _HANDING and not is_infinitive

    def _is_told_to_helper(self, at: int) -> bool:
        """Whoever tells the police, or those who pass it to them, is a source, whatever the sentence calls them."""
        hearer = self._hearer(at)
        if hearer.start not in self._helpers:
            return False
        verb = self._units[at]
        before = at - 1
        while before >= 0 and self._units[before].kind == _AUXILIARY:
            before -= 1
        if before < 0 or self._units[before].kind in ".;:":
            return hearer.kind != _ME
        subject = self._units[before]
        if subject.kind == _HE and not _OPENLY.search(hearer.word):
            return True  # "she told a nurse"; to officers the people of an item speak openly
        if subject.kind in (_NAME, _HE, _ME, _BE, _SUBJECT, _OWNER, _THE, _HIS, _AN, _JOIN, ",", _HELPER):
            return False
        first = verb.word.split("_")[0]
        if (
            first in _HANDING
            or first in _LEFT_OUT
            or first == "disclosed"
            or subject.kind == _PREPOSITION
            or subject.is_capital
        ):
            return False
        place = self._determiner(before)
        return place is None or self._units[place].kind not in (_THE, _HIS)

    def _is_helper_told(self, at: int) -> bool:
        """ "A nurse was told that …": somebody told the nurse."""
        before, following = at - 1, self._at(at + 1)
        if before < 1 or self._units[before].kind != _BE or following is None:
            return False
        while before > 0 and self._units[before].kind in (_BE, _AUXILIARY):
            before -= 1
        first = max(0, before - 4)
        is_one = any(unit.kind == _AN for unit in self._units[first : before + 1])  # "the wife was told" by them
        is_helper = any(
            unit.start in self._helpers
            or ((is_one or following.word == "by") and unit.kind == _OUTSIDER and unit.start not in self._insiders)
            for unit in self._units[first : before + 1]
        )
        return is_helper and following.word in ("by", "that", "of", "about")

    # A second source in one item.

    def records(self) -> Iterator[Source]:
        """Papers and systems that show something, and what officers saw: a second source beside another one."""
        for place, unit in enumerate(self._units):
            if unit.kind == _PAPER:
                shows = self._shows(place)
                if shows is not None:
                    start, opens = self._clause_of(place)
                    yield Source(self._units[start].start, shows.end, "it" if opens else "")
        for match in _matches(self._reading, _SEES):
            start, end = self._reading.span(*match.span())
            _, opens = self._clause_of(bisect_left(self._reading.starts, match.start()))
            yield Source(start, end, "it" if opens else "")
        for match in _matches(self._reading, _BORNE_OUT):
            yield Source(*self._reading.span(*match.span()), "by")

    def _shows(self, paper: int) -> Unit | None:
        """The verb of a paper: "CCTV from the garage shows"."""
        for unit in self._units[paper + 1 : paper + 8]:
            if unit.word.split("_")[0] in _SHOWS:
                return unit
            if unit.kind not in (
                _OTHER,
                _AUXILIARY,
                _PAPER,
                _NAME,
                _PREPOSITION,
                _THE,
                _AN,
                _HIS,
                _GUESSED,
                _OUTSIDER,
                _OWNER,
                _BODY,
            ):
                return None
        return None

    def _clause_of(self, place: int) -> tuple[int, bool]:
        """Where the group of a noun begins, and whether a clause begins there."""
        start = place
        nominal = (_OTHER, _AUXILIARY, _NAME, _THE, _AN, _HIS, _GUESSED, _OUTSIDER, _OWNER, _BODY, _PAPER)
        while start > 0 and place - start < 5 and self._units[start - 1].kind in nominal:
            start -= 1
        before = self._at(start - 1)
        is_join = before is not None and before.word in (
            "and",
            "but",
            "while",
            "whereas",
            "which",
            "though",
            "although",
        )
        return start, before is None or before.kind in ".;:," or is_join

    def seconds(self) -> Iterator[Source]:
        """Words that name another source beside the first: `who` is "many" when they name several at once."""
        for name, rules in _SECOND.items():
            for match in _matches(self._reading, rules):
                yield Source(*self._reading.span(*match.span()), name)


# "The man next door", "the woman who lives above": told apart from others by more than the item says.
_TELLING_APART: Final = frozenset(
    {"who", "that", "opposite", "in", "at", "from", "next", "across", "upstairs", "downstairs", "below", "above"}
)
# Verbs that want an object; with a preposition after them they are participles.
_LEFT_OUT: Final = _set(
    "found seen described reported named identified recognised spotted observed photographed filmed counted "
    "discovered "
    "mentioned alleged noticed heard watched known told noted recorded suspected claimed contacted approached "
    "captured"
)
_OPENLY: Final = re.compile(
    r"polic|officer|constable|sergeant|inspector|detective|pcso|border|immigration|coastguard|control|cid|nca|"
    r"hmrc|home|"
    r"authorit|security|staff|court|solicitor|crew|interpreter|council|me$|us$"
)
_ADVERBS: Final = frozenset(
    {
        "opposite",
        "above",
        "below",
        "alongside",
        "behind",
        "inside",
        "outside",
        "along",
        "up",
        "down",
        "off",
        "over",
        "in",
    }
)
_HANDING: Final = frozenset({"showed", "shows", "handed", "hands", "gave", "sent", "passed", "passes", "asked"})


def _starts(tokens: list[Token], lexicon: Lexicon) -> frozenset[int]:
    return frozenset(
        token.start
        for place, token in enumerate(tokens)
        if lexicon.may_begin(token.word) and lexicon.at(tokens, place)[1]
    )
