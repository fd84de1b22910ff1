"""Patterns over the line of units: what is said, seen or passed on by somebody, and how few knew.

Each is looked for only at words of its own and reaches a fixed number of units, so that a long text is read quickly.
"""

import re
from collections.abc import Iterator
from typing import Final, NamedTuple

from oicdesk.documents.rules_sanitisation_reading import Reading

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


class Rule(NamedTuple):
    """A pattern of the line of units, looked for only at its words, so that a long text is read quickly.

    `back`: how many units before one of its words the pattern may begin; 0 when it begins with the word.
    """

    words: frozenset[str]
    back: int
    pattern: re.Pattern[str]


_LONGEST: Final = 700  # characters of the line that one rule may look at
_NOT: Final = "n't"  # stands for every word that ends so


def rule(at: str, then: str = "") -> Rule:
    """Any of the words `at`, then the rest of the pattern."""
    words = at.split()
    spelled = "|".join(rf"\w{{2,8}}{one}" if one == _NOT else re.escape(one) for one in words)
    return Rule(frozenset(words), 0, re.compile(rf"(?:{spelled})(?:_[\w']+)?/\S {then}"))


def rule_around(at: str, back: int, pattern: str) -> Rule:
    """A pattern that begins up to `back` units before one of the words `at`."""
    return Rule(frozenset(at.split()), back, re.compile(pattern))


def by_word(rules: tuple[Rule, ...]) -> dict[str, list[Rule]]:
    """The rules by each of their words."""
    table: dict[str, list[Rule]] = {}
    for rule in rules:
        for word in rule.words:
            table.setdefault(word, []).append(rule)
    return table


def matches(reading: Reading, rules: dict[str, list[Rule]]) -> Iterator[re.Match[str]]:
    """Where rules fit in the line of a reading, in its order; each rule once at each of its words."""
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
TOLD: Final = by_word(
    (
        rule("in", rf"the/\S (?:words|view|opinion)/\S of/\S {_who('per')}"),
        rule("on", rf"the/\S word/\S of/\S {_who('per')}"),
        rule("per", _who("per")),
        rule(
            "according",
            rf"to/\S (?!(?:\S+/[TDPwXFmSG'Q] ){{0,4}}?\S+/p ){_BEFORE}(?P<to>\S+)/[NMSmFHG] (?!'/)",
        ),
        rule(_NEWS, rf"(?:\S+/[wXBVRTDPEFWOQ] ){{0,5}}?(?:from|by|via|through)/\S {_who('news')}"),
        rule(
            _SENT, rf"(?:\S+/[wXBVRE] ){{0,3}}?from/\S (?!\S+/\S (?:landlord|solicitor|accountant|bank)/){_who('sent')}"
        ),
        rule(_SEEN, rf"(?:\S+/[wXOTDPFHVA] ){{0,4}}?by/\S (?!(?:\S+/[TDP] )?{_CARER}){_who('seen')}"),
        rule(
            "it this story account which matter police officers as i we me us",
            rf"(?:\S+/[XBw] ){{0,4}}?{_GIVEN}/\S (?:\S+/[wXOTDPHQ] ){{0,4}}?(?:by|from)/\S {_who('given')}",
        ),
        rule(_LEARNT, rf"(?:\S+/[wXW] ){{0,2}}?(?:from|through|via)/\S {_who('learnt')}"),
        rule("have has had got", rf"(?:this|it|that|all|word)/\S (?:\S+/w )?(?:from|through|via)/\S {_who('had')}"),
        rule("it this", rf"(?:came|comes|stems|originates)/\S (?:\S+/X )?from/\S {_who('came')}"),
        rule("it this", rf"(?:was|is)/\S (?:from|through|via|by)/\S {_who('cleft')}"),
        rule(
            "it this",
            r"(?:\S+/[X] ){0,2}\S+/B (?:\S+/[XB] ){0,2}(?:passed_on|overheard|learned|learnt|heard|reported|"
            r"mentioned|"
            r"disclosed|relayed|confided|whispered|volunteered)[_/]",
        ),
        rule_around(
            "'",
            1,
            r"\S+/N '/' (?:\S+/[wX] ){0,2}?(?:(?:account|accounts)/\S (?:is|was|of|that|has|differs|suggests)|"
            r"story|version|"
            r"statement|complaint|evidence|description|allegation|recollection|testimony|impression|belief|"
            r"disclosure|"
            r"doorbell|dashcam|cctv|footage|video|interview|diary|solicitor|understanding|information|concern|"
            r"concerns|suspicion|suspicions)[_/]",
        ),
        rule(
            "heard overheard seen told",
            r"(?:(?<=[.:;,] heard/V )|(?<=\A heard/V )|(?<=overheard/V ))(?:in|at|from|on|that|around|via|by|"
            r"locally|through)/",
        ),
        rule("calls messages texts emails letters", r"between/\S (?:\S+/[^.;,] ){1,8}?(?:intercepted|monitored)/"),
        rule("told", r"(?:(?<=[.:;,] told/E )|(?<=\A told/E ))by/"),
        rule("learned learnt heard disclosed relayed passed", r"(?:that|locally|from)/"),
        rule(
            "police officers",
            r"(?:\S+/X ){0,2}\S+/B (?:\S+/[XB] ){0,2}(?:told|informed|alerted|tipped|warned|notified|advised)/",
        ),
        rule(
            "call calls tip complaint information info report intel voicemail email",
            r"(?:\S+/[XB] ){0,2}(?:received|rec'd|taken|came_in|rec|recd)/\S (?!on/|in/|by/\S \S+/F)",
        ),
        rule_around(
            "letter email mail call comment complaint submission",
            3,
            r"an?/D (?:\S+/[wXm] ){0,2}?(?:letter|email|mail|call|comment|complaint|submission)/\S "
            r"(?:(?!(?:card|found|seized|recovered|bank|landlord|solicitor|council|office|embassy|court|his|her|"
            r"their)/)"
            r"\S+/[wODTXGpE'] ){0,6}?(?:says|said|gives|gave|names|named|states|stated|describes|described|"
            r"warns|warned|"
            r"claims|claimed|alleges|alleged|identifies|puts|reports|reported)[/_]",
        ),
        rule_around(
            "say says said reports claims reckons",
            1,
            rf",/, (?:say|says|said|reports|claims|reckons)/[VE] {_who('says')}",
        ),
        rule(
            "speaking conversation chatting discussion contact interview meeting chat",
            rf"(?:to|with)/\S {_who('with')}(?:\S+/[wXTDPFOmRVW] ){{0,6}}?"
            r"(?:established|suggests?|revealed|indicates?|shows?|confirmed|it|we)[/_]",
        ),
    )
)

# --- how few knew -------------------------------------------------------------------------------------------

_ONE: Final = r"(?:\S+/[NMSmHFIQ]|(?:source|informant|chis|caller)/\S)"
_GAP: Final = r"(?:\S+/[TPDwXmM'] )"
ANY_UNIT: Final = r"(?:\S+/[^.;] )"
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
FEW_KNEW: Final = by_word(
    (
        rule(
            "only just sole solely merely",
            rf"(?!trader)(?:\S+/D of/O )?{_GAP}{{0,4}}?{_ONE} (?:of/O {_GAP}{{0,3}}{_ONE} |(?:in|on|"
            rf"at)/O {_GAP}{{1,3}})?"
            rf"(?:,/, {_GAP}{{0,3}}{_ONE} ){{0,3}}(?:(?:and|or|plus)/A {_GAP}{{0,3}}{_ONE} )?{_KNOWS}",
        ),
        rule(_NOBODY_WORDS, rf"{_NOBODY_REST}{ANY_UNIT}{{0,4}}?{_BUT}"),
        rule(
            _NOBODY_WORDS,
            rf"{_NOBODY_REST}else/\S (?!(?:\S+/[BX] ){{0,2}}(?:registered|living|lives?|lived|resid\w+|works?|"
            rf"worked|working|"
            r"employed|insured|listed|named|drives?|drove|uses?|used|rents?|pays?|paid|injured|hurt|arrested|"
            r"detained|found)/)",
        ),
        rule(_NOBODY_WORDS, rf"{_NOBODY_REST}(?!told/)(?:\S+/[XB] ){{0,3}}{_AWARE}"),
        rule(
            _NOBODY_WORDS,
            rf"{_NOBODY_REST}of/O {_GAP}{{0,3}}{_ONE} (?:\S+/[XB] ){{0,3}}(?:{_AWARE}|(?:present|there)/)",
        ),
        rule(
            f"{_BUT_WORDS} without",
            rf"(?:from/\S |than/\S |for/\S |of/\S )?{ANY_UNIT}{{1,6}}?(?:{_NOBODY}|only/\S {_GAP}{{0,3}}?{_ONE})",
        ),
        rule("hardly scarcely barely", r"(?:anyone|anybody|any/\S one|any/\S \S+/[NMS])"),
        rule("and", r"one/\S other/\S (?!\S+/w)"),
        rule(
            "there",
            r"(?:were|was)/\S (?:only/\S |just/\S )?(?:one|two|three|four|2|3|4)/\S (?:\S+/[wDm] )?\S+/[NMS] "
            r"(?:\S+/[OTwP] ){0,5}when/",
        ),
        rule("to with by before except", rf"a/\S (?:lone|single|sole)/\S (?:\S+/[wX] )?{_ONE} (?!'/)"),
        rule("few", r"(?:\S+/[XB] )?(?:know|knew|are_aware|aware|were_aware)[_/]"),
        rule("not", rf"even/\S {_GAP}{{0,3}}{_ONE} (?:,/, )?(?:\S+/[XB] ){{0,2}}{_AWARE}"),
        rule(
            "told disclosed mentioned revealed entrusted confided shared whispered admitted confessed boasted "
            "shown known",
            rf"{ANY_UNIT}{{0,6}}?(?:to|with)/\S one/\S (?:\S+/[wmX] ){{0,2}}?{_ONE} (?!'/)",
        ),
        rule("confided", r"one/\S (?:\S+/[wmX] ){0,2}?\S+/[NMS] "),
        rule(
            f"not never {_NOT}",
            r"(?:\S+/[XBw] ){0,3}?(?:known|shared|told|revealed|spoken)/\S (?:\S+/[wO] ){0,2}?(?:outside|beyond)/",
        ),
        rule("two three pair both", r"(?:\S+/[OHBXAw] ){0,4}?on/\S their/\S own/"),
        rule(
            "is are was were be been",
            r"the/\S (?:only|sole)/\S (?:other/\S )?(?:\S+/[wXm] ){0,2}?\S+/[NMSm] (?:present/|there/|"
            r"aboard/|when/|"
            r"(?:in|at|on|aboard|inside|near)/\S (?:\S+/[TDPwm'] ){0,3}?(?:when|while|as|room|table|meeting|"
            r"kitchen|"
            r"shift)/)",
        ),
        rule(
            "is are was were be been",
            r"the/\S only/\S (?:\S+/[Dw] ){0,2}?(?:people|ones|two|three|four|persons|men|women|pair)/",
        ),
        rule(
            "kept hidden concealed secret withheld unknown hid keeps keep",
            rf"{ANY_UNIT}{{0,4}}?(?:everyone|everybody|anyone|anybody|all)/\S {_BUT}",
        ),
        rule(
            "confined restricted limited known entrusted given told",
            rf"(?:only/\S )?to/\S (?:\S+/[TP] )?{_NUMBER}(?:\S+/[wDm] ){{0,2}}?\S+/[NMSm] (?!'/)",
        ),
        rule(_SHARED, rf"{ANY_UNIT}{{0,8}}?(?:just|only)/\S {_NUMBER}(?:\S+/[wm] ){{0,2}}?\S+/[NMSm] (?!'/)"),
        rule(
            "without with",
            r"(?:anyone|anybody|nobody|no/\S one)/\S (?:else/\S )?"
            r"(?:present|there|knowing|around|hearing|in|near|listening|being)/",
        ),
        rule(
            f"not never without refused refuses refusing nor {_NOT}",
            rf"{ANY_UNIT}{{0,8}}?(?:anyone|anybody|any/\S one|any/\S other/\S \w+|a/\S soul)/\S (?:else/|{_BUT})",
        ),
        rule(
            _SHARED,
            rf"{ANY_UNIT}{{0,7}}?(?:only|just|solely|exclusively)/\S (?:to|with|by|between|among|amongst)/\S "
            rf"{_GAP}{{0,4}}?{_ONE}",
        ),
        rule(
            _SHARED,
            rf"{ANY_UNIT}{{0,7}}?(?:to|with|by|between|among|amongst|of|before)/\S "
            r"(?:only|just|a/\S single|one/\S single|no/\S more/\S than|fewer/\S than|at/\S most|a/\S handful/\S of|"
            rf"(?:very/\S |v/\S )?few|a/\S very/\S few)/\S (?:{_GAP}{{0,4}}?{_ONE}|others/)",
        ),
        rule(
            _SHARED,
            rf"{ANY_UNIT}{{0,5}}?(?:to|with|by|between|among)/\S (?:no/\S more/\S than|not/\S more/\S than|"
            rf"at/\S most)/\S {_NUMBER}",
        ),
        rule(
            "front",
            rf"of/\S (?:only/\S |just/\S )?(?:one|a/\S single|nobody|no/\S one)/\S (?:\S+/[wmX] ){{0,2}}?{_ONE}",
        ),
        rule("no", r"(?:third|other)/\S \S+/[NMSw] (?:\S+/X )?\S+/B (?:there|present|in)/"),
        rule(
            "with", rf"(?:only|just)/\S {_GAP}{{0,3}}?{_ONE} in/\S (?:the|his|her)/\S (?:room|car|kitchen|cab|house)/"
        ),
        rule("known", r"to/\S (?:\S+/[wTDX] )?few/"),
        rule_around("most", 6, rf"{_NUMBER}(?:\S+/[^.;] ){{0,3}}?at/\S most/"),
        rule_around(
            "alone only",
            5,
            rf"(?:to|with|by|before|between|of|and)/\S (?:\S+/[TPDwM'] ){{0,3}}{_ONE} (?:alone/|only/\S (?![ND]))",
        ),
        rule_around(
            "alone",
            1,
            rf"{_ONE} alone/\S (?:\S+/X )?(?:know\w*|knew|has|have|had|holds?|held|can|could|handles?|keeps?|kept|"
            rf"decides?|"
            r"carries|had_|has_|knows_)",
        ),
        rule(
            "with of",
            rf"(?:only|just)/\S {_GAP}{{0,3}}?{_ONE} (?:there|present|to|listening|beside|for|around|within|"
            rf"sitting|and|inside)/",
        ),
        rule("in", r"the/\S (?:sole|exclusive)/\S (?:presence|company|hearing)/"),
        rule("presence company hearing", r"of/\S (?:only|just|one|a/\S single)/"),
        rule(
            "the his her their a sole",
            r"(?:only|sole|one)/\S (?:other/\S |living/\S )?(?:person|man|woman|individual|soul|witness|confidant)/",
        ),
        rule("sole", r"(?:person|man|woman|individual|witness|keyholder|confidant|holder|recipient)/"),
        rule(
            "one two three few four",
            r"(?:of/\S )?(?:\S+/[TPDw] ){0,3}?\S+/[NMSm] (?:\S+/[XB] ){0,3}(?:aware/|knows?/(?!\S how/\S to)|"
            r"knew/(?!\S how/\S to)|privy/|(?:is|are|was|were)_aware)",
        ),
    )
)
