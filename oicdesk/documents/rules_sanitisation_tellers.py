"""Who tells: somebody outside an item, and the verb that says they told, saw or knew something.

Every unit has a kind, one character; they are named below. Each look around a unit reaches a fixed number of units.
"""

import re
from bisect import bisect_left
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final, NamedTuple

from oicdesk.documents.rules_sanitisation_patterns import ANY_UNIT, TOLD, by_word, matches, rule, rule_around
from oicdesk.documents.rules_sanitisation_reading import Lexicon, Reading, Token, Unit

# Kinds of the units that the cues tell.
OUTSIDER, SOMEBODY, SUBJECT, BODY, PAPER, HELPER = "N", "M", "S", "G", "p", "Q"
TELLS, TELLS_SOMEBODY, PASSES_ON = "V", "E", "R"
# Kinds of the rest: a name, a word that ends like one for a person, any other word.
NAME, GUESSED, OTHER = "F", "m", "w"
AN, THE, HIS, OWNER = "D", "T", "P", "'"
BE, AUXILIARY, PREPOSITION, RELATIVE, JOIN = "B", "X", "O", "W", "A"
HE, ME = "H", "I"
ENDS: Final = frozenset(".;:")


class Source(NamedTuple):
    """Words that point to a source: `text[start:end]`; `who` is one name for one source ("neighbour").

    `is_hint` when they speak of a source and name none ("gave no name").
    """

    start: int
    end: int
    who: str
    is_technique: bool = False
    is_hint: bool = False


@dataclass(frozen=True)
class Known:
    """The cues as lexicons."""

    phrases: Lexicon
    marks: Lexicon  # words that point to a source by themselves, techniques and what looks alike
    few_knew: Lexicon
    helpers: Lexicon
    insiders: Lexicon
    passing_on: Lexicon
    hears_few: bool


def word_set(words: str) -> frozenset[str]:
    """Words written with spaces between them, as a set."""
    return frozenset(words.split())


def singular(word: str) -> str:
    """The last word of a unit without the "s" of a plural: one name for one source."""
    return word.rsplit("_", 1)[-1].removesuffix("s")


_REACH: Final = 15  # units from a noun to its verb; half of that for a noun without "a" or "the"
_INFINITIVE: Final = frozenset({"told", "tells", "tell", "informed", "advised", "warned", "reminded", "asked"})
_SHOWS: Final = word_set(
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
_SEES: Final = by_word((rule("officers police patrol patrols constables i we", _SAW),))
_BORNE_OUT: Final = by_word(
    (
        rule(
            "confirmed corroborated supported backed borne verified contradicted matched echoed",
            r"(?:up/\S |out/\S )?by/\S (?:\S+/[TDPwXFm'] ){0,3}?\S+/[pGQ] ",
        ),
    )
)
_SECOND: Final = {
    "many": by_word(
        (
            rule(
                "two three four several multiple various both different separate independent numerous 2 3",
                r"(?:\S+/[wXDT] ){0,2}?(?:sources|informants|callers|witnesses|contacts|chis|chises|strands|"
                r"accounts)/",
            ),
            rule("both", r"(?:\S+/[TDPwXF'] ){0,4}?\S+/[Nm] and/\S (?:\S+/[TDPwXF'] ){0,4}?\S+/[NmM] "),
            rule_around(
                "and",
                1,
                r"\S+/N and/\S \S+/[DPT] (?:\S+/[wXF] ){0,2}?\S+/[NMm] (?:each|both|separately|independently)/|"
                r"\S+/N and/\S \S+/D (?:\S+/[wXF] ){0,2}?\S+/[NMm] (?:,/, )?(?:\S+/X ){0,2}(?:both/\S )?\S+/[VER] ",
            ),
        )
    ),
    "alone": by_word(
        (
            rule(
                "accounts reports versions stories sources opinions informants witnesses",
                r"(?:\S+/X )?(?:differ|vary|conflict|disagree|diverge|clash)/",
            ),
            rule(
                "conflicting differing competing contradictory two different",
                r"(?:accounts|versions|stories|reports)/\S (?!\S+/B (?:opened|held|used|frozen|closed)/)",
            ),
            rule("some", rf"(?:\S+/[wO] ){{0,2}}(?:\S+/[NM] )?\S+/V {ANY_UNIT}{{1,14}}?(?:others|other/\S \S+/[NM])/"),
            rule(
                "one",
                rf"(?:\S+/[NMw] )?\S+/V {ANY_UNIT}{{1,14}}?(?:another|the/\S other)/\S (?:\S+/[NM] )?(?:\S+/X )?\S+/V",
            ),
        )
    ),
    "other": by_word(
        (
            rule("so", r"(?:does|did|do)/\S (?:\S+/[DTP] )?(?:\S+/[wF] ){0,2}?\S+/[NM] "),
            rule("source informant caller witness chis contact", r"(?:2|3|two|three|b|c|no_2)/"),
            rule_around(
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


class Sentences:
    """Looks for sources in a reading."""

    def __init__(self, reading: Reading, tokens: list[Token], known: Known) -> None:
        self._reading, self._units = reading, reading.units
        self._helpers = _starts(tokens, known.helpers)
        self._insiders = _starts(tokens, known.insiders)
        self._passing_on = _starts(tokens, known.passing_on)
        asked = [one for word in ("who", "contact", "contacts") for one in reading.places.get(word, ())]
        for place in sorted({*asked, *(one + 1 for one in asked)}):
            if not 0 < place < len(self._units):
                continue
            following = self._at(place)
            if following is not None and following.word == "who" and self._units[place - 1].kind == OTHER:
                self._units[place - 1] = self._units[place - 1]._replace(kind=SOMEBODY)  # "a magistrate who"
            is_numbered = following is not None and following.word.isdigit()
            verb = self._at(place + 1)
            if is_numbered and self._units[place - 1].word == "contact" and verb and verb.kind in (TELLS, PASSES_ON):
                self._units[place - 1] = self._units[place - 1]._replace(kind=OUTSIDER)  # "Contact 14 provided"
            if self._units[place].word in ("contact", "contacts") and self._units[place - 1].kind in (
                AN,
                THE,
                HIS,
                OTHER,
            ):
                self._units[place] = self._units[place]._replace(kind=OUTSIDER)

    def telling(self) -> Iterator[Source]:
        """Somebody, and the verb that says they told, saw or knew something."""
        for head, unit in enumerate(self._units):
            if (unit.kind in "NMSmG" and self._may_be_source(head)) or self._is_one_of_those(head):
                at = head + 1 if self._is_heading(head) else self._verb_of(head)
                if at is not None:
                    yield Source(unit.start, self._units[at].end, singular(unit.word), is_hint=unit.kind not in "NG")
            elif unit.kind == TELLS_SOMEBODY and self._is_told_to_helper(head):
                yield Source(unit.start, self._hearer(head).end, "police")
            elif unit.kind == TELLS_SOMEBODY and self._is_helper_told(head):
                yield Source(self._units[head - 1].start, unit.end, "police")

    def told(self) -> Iterator[Source]:
        """Something that was told, seen or passed on by, from or through somebody."""
        for match in matches(self._reading, TOLD):
            start, end = self._reading.span(*match.span())
            yield Source(start, end, singular(match[match.lastgroup] if match.lastgroup else "somebody"))

    # Whether a noun may be a source.

    def _may_be_source(self, head: int) -> bool:
        unit, following = self._units[head], self._at(head + 1)
        if following and following.kind == OWNER:
            return False
        place = self._determiner(head)
        kind = self._units[place].kind if place is not None else ""
        if place and kind == OWNER and unit.kind in (SOMEBODY, SUBJECT, GUESSED):
            owner = self._units[place - 1]
            is_body = owner.kind in (BODY, OUTSIDER) or owner.word in ("firm", "company")
            if is_body and self._determiner(place - 1) is not None:
                return True  # "a taxi firm's controller"
        if unit.word.startswith("colleague") and place is not None and self._units[place].word in ("my", "our"):
            return False  # one officer of another
        if unit.kind in (OUTSIDER, BODY):
            return place is None or self._units[place].word not in ("no", "neither")
        if unit.start in self._helpers:
            return False
        if kind == AN:
            return True
        if kind == THE and place is not None:
            of, one = self._at(place - 1), self._at(place - 2)
            if of and one and of.word == "of" and one.kind == AN:
                return True
            is_only = any(one.word in ("only", "sole", "last") for one in self._units[place + 1 : head])
            is_told_apart = following is not None and following.word in _TELLING_APART
            if unit.kind == GUESSED:
                return unit.start not in self._helpers
            return unit.kind == SOMEBODY and is_told_apart and not is_only
        first = head
        while first > 0 and head - first < 3 and self._units[first - 1].kind in (OTHER, BODY):
            first -= 1  # "church members say"
        opens = first == 0 or self._units[first - 1].kind in ".:"
        is_person = unit.kind == SOMEBODY or (unit.kind == GUESSED and unit.word.endswith("s"))
        return not kind and is_person and opens

    def _is_one_of_those(self, head: int) -> bool:
        of, one = self._at(head - 1), self._at(head - 2)
        return (
            self._units[head].word in ("those", "them")
            and of is not None
            and one is not None
            and (of.word, one.kind) == ("of", AN)
            and (head < 3 or self._units[head - 3].word not in ("not", "only", "just"))
        )

    def _determiner(self, head: int) -> int | None:
        """The unit of "a", "the" or "his" that belongs to a noun."""
        for place in range(head - 1, max(-1, head - 5), -1):
            kind = self._units[place].kind
            if kind in (AN, THE, HIS, OWNER):
                return place
            if kind not in (OTHER, GUESSED, NAME, AUXILIARY, SOMEBODY, PAPER, BODY, PREPOSITION):
                return None
            if kind == PREPOSITION and self._units[place].word not in ("off", "up", "over", "under"):
                return None
        return None

    # The verb of a noun.

    def _verb_of(self, head: int) -> int | None:
        kinds = (TELLS, TELLS_SOMEBODY, PASSES_ON)
        is_body = self._units[head].kind == BODY
        following = self._at(head + 1)
        is_told_apart = following is not None and following.word in ("who", "whose")
        reach = _REACH if is_told_apart or self._determiner(head) is not None else _REACH // 2
        for at in range(head + 1, min(len(self._units), head + 1 + reach)):
            unit = self._units[at]
            if unit.kind in ENDS:
                return None
            if (
                (unit.kind in kinds or (unit.kind == OTHER and self._is_said_that(head, at)))
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
        is_first = head == 0 or self._units[head - 1].kind == "." or (head == 1 and self._units[0].kind != NAME)
        return (
            is_first
            and self._units[head].kind == OUTSIDER
            and len(after) == 5
            and after[0].kind == ":"
            and after[1].kind != NAME
            and any(unit.kind in (BE, AUXILIARY, TELLS) for unit in after)
        )

    def _is_said_that(self, head: int, at: int) -> bool:
        """Whether any other word after the noun is a verb with "that": "a tenant emails that the door is locked"."""
        following, next_but_one = self._at(at + 1), self._at(at + 2)
        is_near = all(unit.kind == AUXILIARY for unit in self._units[head + 1 : at])
        return (
            is_near
            and following is not None
            and following.word == "that"
            and next_but_one is not None
            and next_but_one.kind in (AN, THE, HIS, HE, NAME, OUTSIDER, SOMEBODY, SUBJECT)
        )

    def _is_of_himself(self, at: int) -> bool:
        """ "A man said that he had come from Dunkirk": somebody of the item about himself, not about others."""
        after = [unit for unit in self._units[at + 1 : at + 5] if unit.word != "that"]
        return (
            len(after) > 1
            and after[0].kind == HE
            and after[1].word in ("was", "were", "is", "are", "had", "has")
            and after[1].kind in (BE, AUXILIARY)
        )

    def _is_active(self, head: int, at: int) -> bool:
        """Whether the word is a verb whose subject is the noun: no passive, no noun, nobody else nearer to it."""
        before = at - 1
        while before > head and (self._units[before].kind == AUXILIARY or self._units[before].word in ("both", "each")):
            before -= 1
        unit, verb = self._units[before], self._units[at].word.split("_")[0]
        is_ing = verb.endswith("ing")
        if before == head:
            return not (self._units[at].word in _LEFT_OUT and self._is_participle(head, at))
        if unit.kind == BE:
            return is_ing or verb in ("is", "are", "was", "were", "been", "growing", "getting")
        if is_ing:
            return unit.kind == ","
        if unit.kind == OWNER and self._units[before - 1].kind == NAME:
            before -= 1  # "a friend of his brother's heard"
            unit = self._units[before]
        if unit.kind == HIS and self._units[before - 1].word == "of":
            return True  # "a mate of his reckons"
        if unit.kind in (THE, AN, HIS, OWNER) or (unit.kind == PREPOSITION and unit.word not in _ADVERBS):
            return False
        if unit.kind in (HE, ME):
            return unit.word in ("him", "them", "it", "us", "me") and self._is_governed(before, head)
        if unit.kind == JOIN:
            return unit.word in ("and", "but", "or") and self._opens_clause(head)
        if unit.kind in (",", RELATIVE):
            return unit.word not in ("that", "where", "when", "how", "what", "why", "because")
        return self._is_governed(before, head)

    def _is_participle(self, head: int, at: int) -> bool:
        """Whether "men found in the van" says what was done to the men, not what they did."""
        place, following = self._determiner(head), self._at(at + 1)
        is_one = self._units[head].kind == OUTSIDER and place is not None and self._units[place].kind in (AN, HIS)
        return not is_one and following is not None and following.kind == PREPOSITION

    def _is_governed(self, place: int, head: int) -> bool:
        """Whether the noun before the verb hangs on a word after the head ("of the same street"), so is no "
        "subject."""
        while place > head:
            kind = self._units[place].kind
            if kind == PREPOSITION or kind in (TELLS, TELLS_SOMEBODY, PASSES_ON, BE, AUXILIARY, ","):
                return True
            if kind == RELATIVE and self._units[place].word not in ("who", "which"):
                return False
            if kind == JOIN and self._units[place + 1].kind != OTHER:  # else as in "cash and carry"
                return False
            place -= 1
        return True

    def _opens_clause(self, head: int) -> bool:
        """Whether the noun stands where a subject stands: no verb or preposition right before its group."""
        place = self._determiner(head)
        first = (head if place is None else place) - 1
        while (
            first >= 0
            and self._units[first].kind in (AN, THE, OTHER, NAME, OWNER, PREPOSITION)
            and (self._units[first].kind != PREPOSITION or self._units[first].word == "of")
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
            if following and following.kind in (OUTSIDER, SOMEBODY) and unit.kind != OWNER:
                continue  # "a family friend"
            if unit.start in self._helpers or unit.start in self._insiders or unit.kind in "NMSmFHIGQ":
                return unit
            if unit.kind not in (AN, THE, HIS, OTHER, AUXILIARY):
                break
        return self._units[verb]

    def _is_told_to_outsider(self, at: int) -> bool:
        """Whether what was told may have left the circle of the item."""
        verb, following = self._units[at], self._at(at + 1)
        first = verb.word.split("_")[0]
        if following is None:
            return True
        if verb.kind != TELLS_SOMEBODY:
            # "reports to the foreman", "said to be": an order of things, or hearsay.
            if following.word == "to" and "_" not in verb.word:
                hearer = self._hearer(at + 1)
                return hearer.start in self._helpers or first in ("claims", "claimed", "claim")
            # "workers report for duty", "customer reports are filed"
            is_noun = first.endswith("s") and following.kind == BE
            return not is_noun and not (first.startswith("report") and following.word in ("for", "at", "in"))
        hearer = self._hearer(at)
        if following.word[0].isdigit():
            return False  # "customers ring 01632 …"
        if hearer is verb:
            return not (following.word == "to" and first in _INFINITIVE)
        if hearer.start in self._helpers or hearer.kind == ME:
            return True
        if hearer.start in self._insiders or hearer.kind in (NAME, HE):
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
        while before >= 0 and self._units[before].kind == AUXILIARY:
            before -= 1
        if before < 0 or self._units[before].kind in ".;:":
            return hearer.kind != ME
        subject = self._units[before]
        if subject.kind == HE and not _OPENLY.search(hearer.word):
            return True  # "she told a nurse"; to officers the people of an item speak openly
        if subject.kind in (NAME, HE, ME, BE, SUBJECT, OWNER, THE, HIS, AN, JOIN, ",", HELPER):
            return False
        first = verb.word.split("_")[0]
        if (
            first in _HANDING
            or first in _LEFT_OUT
            or first == "disclosed"
            or subject.kind == PREPOSITION
            or subject.is_capital
        ):
            return False
        place = self._determiner(before)
        return place is None or self._units[place].kind not in (THE, HIS)

    def _is_helper_told(self, at: int) -> bool:
        """ "A nurse was told that …": somebody told the nurse."""
        before, following = at - 1, self._at(at + 1)
        if before < 1 or self._units[before].kind != BE or following is None:
            return False
        while before > 0 and self._units[before].kind in (BE, AUXILIARY):
            before -= 1
        first = max(0, before - 4)
        is_one = any(unit.kind == AN for unit in self._units[first : before + 1])  # "the wife was told" by them
        is_helper = any(
            unit.start in self._helpers
            or ((is_one or following.word == "by") and unit.kind == OUTSIDER and unit.start not in self._insiders)
            for unit in self._units[first : before + 1]
        )
        return is_helper and following.word in ("by", "that", "of", "about")

    # A second source in one item.

    def records(self) -> Iterator[Source]:
        """Papers and systems that show something, and what officers saw: a second source beside another one."""
        for place, unit in enumerate(self._units):
            if unit.kind == PAPER:
                shows = self._shows(place)
                if shows is not None:
                    start, opens = self._clause_of(place)
                    yield Source(self._units[start].start, shows.end, "it" if opens else "")
        for match in matches(self._reading, _SEES):
            start, end = self._reading.span(*match.span())
            _, opens = self._clause_of(bisect_left(self._reading.starts, match.start()))
            yield Source(start, end, "it" if opens else "")
        for match in matches(self._reading, _BORNE_OUT):
            yield Source(*self._reading.span(*match.span()), "by")

    def _shows(self, paper: int) -> Unit | None:
        """The verb of a paper: "CCTV from the garage shows"."""
        for unit in self._units[paper + 1 : paper + 8]:
            if unit.word.split("_")[0] in _SHOWS:
                return unit
            if unit.kind not in (
                OTHER,
                AUXILIARY,
                PAPER,
                NAME,
                PREPOSITION,
                THE,
                AN,
                HIS,
                GUESSED,
                OUTSIDER,
                OWNER,
                BODY,
            ):
                return None
        return None

    def _clause_of(self, place: int) -> tuple[int, bool]:
        """Where the group of a noun begins, and whether a clause begins there."""
        start = place
        nominal = (OTHER, AUXILIARY, NAME, THE, AN, HIS, GUESSED, OUTSIDER, OWNER, BODY, PAPER)
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
            for match in matches(self._reading, rules):
                yield Source(*self._reading.span(*match.span()), name)


# "The man next door", "the woman who lives above": told apart from others by more than the item says.
_TELLING_APART: Final = frozenset(
    {"who", "that", "opposite", "in", "at", "from", "next", "across", "upstairs", "downstairs", "below", "above"}
)
# Verbs that want an object; with a preposition after them they are participles.
_LEFT_OUT: Final = word_set(
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
