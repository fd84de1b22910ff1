"""How the sanitisation check reads a text: as units, each a word, a phrase of the cues or a mark, with its kind.

A `Lexicon` finds the phrases of the cues in a row of words; looking up one place costs no more than the phrases are
long, so a text is read in a time that grows with its length and no faster.
"""

import re
from bisect import bisect_left
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Final, NamedTuple

FEW: Final = "{few}"
PERSON: Final = "{person}"

_TOKEN: Final = re.compile(
    r"(?P<end>[.](?=\s{1,9}[^a-z\s]|\s{0,9}\Z|[\"”'’)]|\s{0,9}[\[(])|[!?]|\n[ \t\r]{0,20}\n)"
    r"|(?P<owner>['’]s?(?!\w))|(?P<word>\w+(?:['’](?!s\b)\w+)*)|(?P<mark>[,;:()\[\]\"“”/]|\s[\-–—]{1,2}\s|—)"
)
_WORDS: Final = frozenset(["word", "owner"])
_MOST_REMEMBERED: Final = 20_000  # words whose phrases a lexicon keeps at hand
_LONGEST_WORD: Final = 40  # of a longer one the rest is left out of the line


class Token(NamedTuple):
    start: int
    end: int
    word: str  # lower case, with a plain apostrophe
    kind: str  # "word", "owner" (an 's), "mark" or "end" (of a sentence or paragraph)


def tokens_of(text: str) -> list[Token]:
    """The words and marks of a text; a hyphen between words counts as a space."""
    return [
        Token(*found.span(), found.group()[:_LONGEST_WORD].lower().replace("’", "'"), found.lastgroup or "")
        for found in _TOKEN.finditer(text)
    ]


# Words often typed in haste: one letter wrong, missing, too many or two swapped is read as the word.
_OFTEN_MISTYPED: Final = (
    "anonymous", "anonymously", "informant", "informants", "informer", "neighbour", "neighbours", "surveillance",
    "undercover", "complainant", "colleague", "colleagues", "crimestoppers", "confidential", "whistleblower",
    "eyewitness", "landlord", "landlady", "employee", "nobody", "witness", "overheard", "source", "sources",
    "resident", "residents", "receptionist", "shopkeeper", "intelligence", "information", "girlfriend", "boyfriend",
)  # fmt: skip


def _shorter(word: str) -> set[str]:
    """The word with any one of its letters after the first left out, and the word itself."""
    return {word} | {word[:place] + word[place + 1 :] for place in range(1, len(word))}


_MISTYPED: Final = {short: word for word in _OFTEN_MISTYPED for short in _shorter(word)}
_NOT_MISTYPED: Final = frozenset(["sourced", "residence"])


def as_meant(tokens: list[Token]) -> list[Token]:
    """The tokens with words typed in haste read as meant."""
    return [token._replace(word=_spelled(token.word)) if len(token.word) > 4 else token for token in tokens]


@lru_cache(maxsize=20_000)
def _spelled(word: str) -> str:
    if len(word) == 5:  # only a letter left out of a word of six
        short_of = _MISTYPED.get(word, word)
        return short_of if len(short_of) == 6 and short_of[-1] == word[-1] else word
    if word in _MISTYPED_ITSELF or word in _NOT_MISTYPED or not word.isalpha():
        return word
    for short in _shorter(word):
        meant = _MISTYPED.get(short)
        if meant and abs(len(meant) - len(word)) <= 1 and meant[-1] == word[-1]:
            return meant
    return word


_MISTYPED_ITSELF: Final = frozenset(_OFTEN_MISTYPED)


class _Choice(NamedTuple):
    """One word of a cue: it may be any of `exact`, begin with any of `beginnings`, or be of the class `name`."""

    exact: frozenset[str] = frozenset()
    parted: tuple[tuple[str, ...], ...] = ()  # words that a hyphen parts
    beginnings: tuple[str, ...] = ()
    name: str = ""


_GAP: Final = _Choice(name="_")


class _Phrase(NamedTuple):
    choices: tuple[_Choice, ...]
    label: str
    second: frozenset[str]  # its second word, when that must be one of these; otherwise empty
    is_plain: bool  # neither gaps, nor classes, nor words that a hyphen parts


class _Candidates(NamedTuple):
    """The phrases that may begin with one word, in the order of the lists."""

    alone: str  # the label of the word by itself
    any_second: tuple[_Phrase, ...]  # the longer ones: those that any word may follow
    by_second: dict[str, tuple[_Phrase, ...]]  # those and the ones that want this second word
    classes: tuple[str, ...]  # the classes that may begin with the word, when phrases begin with them
    is_any: bool


class Lexicon:
    """The phrases of some lists of cues; of phrases that begin at one place the longest counts, then the first "
    "list."""

    def __init__(self, lists: Mapping[str, Collection[str]], classes: "Mapping[str, Lexicon] | None" = None) -> None:
        """`lists`: label → cues in the small language of the file; `classes`: what stands for {person} and {few}."""
        self._classes = classes or {}
        self._by_word: dict[str, list[_Phrase]] = {}
        self._by_beginning: dict[str, list[_Phrase]] = {}
        self._by_class: dict[str, list[_Phrase]] = {}
        self._candidates: dict[str, _Candidates] = {}
        for label, cues in lists.items():
            for cue in cues:
                choices = tuple(map(_choice, cue.split()))
                self._add(_phrase(choices, label))

    def _add(self, phrase: _Phrase) -> None:
        first = phrase.choices[0]
        if first is _GAP:  # a gap at the beginning stands for nothing
            self._add(_phrase(phrase.choices[1:], phrase.label))
        elif first.name:
            self._by_class.setdefault(first.name, []).append(phrase)
        for word in {*first.exact, *(parts[0] for parts in first.parted)}:
            self._by_word.setdefault(word, []).append(phrase)
        for beginning in set(first.beginnings):
            self._by_beginning.setdefault(beginning, []).append(phrase)

    def at(self, tokens: Sequence[Token], place: int) -> tuple[int, str]:
        """Where the longest phrase that begins at `place` ends (exclusive), and its label; (place, "") if none "
        "does."""
        best, label = place, ""
        token = tokens[place]
        if token.kind not in _WORDS:
            return best, label
        candidates = self._candidates.get(token.word) or self._remembered(token.word)
        if candidates.alone:
            best, label = place + 1, candidates.alone
        phrases = candidates.any_second
        if candidates.by_second and place + 1 < len(tokens):
            phrases = candidates.by_second.get(tokens[place + 1].word, phrases)
        for name in candidates.classes:
            if self._classes[name].at(tokens, place)[1]:
                phrases = phrases + tuple(self._by_class[name])
        for phrase in phrases:
            end = self._end(phrase, tokens, place)
            if end > best:
                best, label = end, phrase.label
        return best, label

    def may_begin(self, word: str) -> bool:
        """Whether a phrase may begin with a word; quick, for most words begin none."""
        candidates = self._candidates.get(word) or self._remembered(word)
        return candidates.is_any

    def _remembered(self, word: str) -> _Candidates:
        """The phrases that may begin with a word, by the second word where only few may follow."""
        if len(self._candidates) >= _MOST_REMEMBERED:
            self._candidates.clear()
        found = [*self._by_word.get(word, ())]
        for length in range(1, len(word) + 1):
            found += self._by_beginning.get(word[:length], ())
        alone = next((phrase.label for phrase in found if _is_word(phrase)), None)
        found = [phrase for phrase in found if not _is_word(phrase)]
        seconds = {second for phrase in found for second in phrase.second}
        by_second = {
            second: tuple(phrase for phrase in found if not phrase.second or second in phrase.second)
            for second in seconds
        }
        any_second = tuple(phrase for phrase in found if not phrase.second)
        classes = tuple(name for name in self._by_class if self._classes[name].may_begin(word))
        self._candidates[word] = _Candidates(
            alone or "", any_second, by_second, classes, alone is not None or bool(found or classes)
        )
        return self._candidates[word]

    def _end(self, phrase: _Phrase, tokens: Sequence[Token], place: int) -> int:
        """Where the phrase ends at the latest; `place` when it does not stand there."""
        if phrase.is_plain:  # most are; one way through the words
            for number, choice in enumerate(phrase.choices):
                token = tokens[place + number] if place + number < len(tokens) else None
                if token is None or token.kind not in _WORDS:
                    return place
                if token.word not in choice.exact and not (
                    choice.beginnings and token.word.startswith(choice.beginnings)
                ):
                    return place
            return place + len(phrase.choices)
        ends = {place}
        for choice in phrase.choices:
            ends = {end for here in ends for end in self._after(choice, tokens, here)}
            if not ends:
                return place
        return max(ends)

    def _after(self, choice: _Choice, tokens: Sequence[Token], here: int) -> Iterator[int]:
        if choice is _GAP:
            yield here
        if here >= len(tokens) or tokens[here].kind not in _WORDS:
            return
        word = tokens[here].word
        if choice is _GAP or word in choice.exact or (choice.beginnings and word.startswith(choice.beginnings)):
            yield here + 1
        for parts in choice.parted:
            if parts == tuple(one.word for one in tokens[here : here + len(parts)]):
                yield here + len(parts)
        if choice.name in self._classes:
            end, _ = self._classes[choice.name].at(tokens, here)
            if end > here:
                yield end

    def places(self, tokens: Sequence[Token]) -> Iterator[tuple[int, int, str]]:
        """The phrases from left to right, none inside another: first and last token (exclusive), label."""
        place = 0
        while place < len(tokens):
            if not self.may_begin(tokens[place].word):
                place += 1
                continue
            end, label = self.at(tokens, place)
            if label:
                yield place, end, label
            place = max(end, place + 1)


def _choice(word: str) -> _Choice:
    if word == _GAP.name:
        return _GAP
    if word in (FEW, PERSON):
        return _Choice(name=word)
    exact, parted, beginnings = [], [], []
    for one in word.split("|"):
        parts = tuple(token.word for token in tokens_of(one.removesuffix("*")) if token.kind in ("word", "owner"))
        if one.endswith("*") and len(parts) == 1:
            beginnings.append(parts[0])
        elif len(parts) == 1:
            exact.append(parts[0])
        elif parts:
            parted.append(parts)
    return _Choice(frozenset(exact), tuple(parted), tuple(beginnings))


def _phrase(choices: tuple[_Choice, ...], label: str) -> _Phrase:
    is_plain = not any(choice.name or choice.parted for choice in choices)
    return _Phrase(choices, label, _second(choices), is_plain)


def _is_word(phrase: _Phrase) -> bool:
    """Whether the phrase is one word, so that it needs no looking at what follows."""
    return len(phrase.choices) == 1 and not phrase.choices[0].parted and bool(phrase.label)


def _second(choices: tuple[_Choice, ...]) -> frozenset[str]:
    if len(choices) < 2 or choices[0].name or choices[0].parted or choices[1].parted or choices[1].beginnings:
        return frozenset()
    return choices[1].exact


class Unit(NamedTuple):
    """A phrase or word with the character that says its kind; `text[start:end]` is it."""

    start: int
    end: int
    word: str  # in lower case, the words of a phrase joined by "_"
    kind: str
    is_capital: bool  # begins with a capital letter


@dataclass(frozen=True)
class Reading:
    """A text as units, and as one line " word/kind word/kind …" in which patterns of words and kinds are "
    "looked for."""

    units: list[Unit]
    line: str
    starts: list[int]  # where each unit begins in the line
    places: dict[str, list[int]]  # the units that begin with a word

    def span(self, start: int, end: int) -> tuple[int, int]:
        """The characters of the text that a piece of the line stands for."""
        first, last = bisect_left(self.starts, start), bisect_left(self.starts, end) - 1
        return self.units[first].start, self.units[max(first, last)].end


def reading_of(
    text: str,
    tokens: Sequence[Token],
    phrases: Lexicon,
    single: Mapping[str, str],
    name: str,
    kind_of: Callable[[str], str],
) -> Reading:
    """Phrases first, then single words by `single`; another word is a `name` if it looks like one, else "
    "`kind_of` it."""
    units = list(_units(text, tokens, phrases, single, name, kind_of))
    starts: list[int] = []
    places: dict[str, list[int]] = {}
    spelled = list(map(_spelled_out, units))
    length = 1
    for place, unit in enumerate(units):
        starts.append(length)
        length += len(spelled[place])
        places.setdefault(unit.word.split("_", 1)[0], []).append(place)
    return Reading(units, " " + "".join(spelled), starts, places)


def _spelled_out(unit: Unit) -> str:
    """A unit in the line; the preposition at the end of a phrase ("said it to") stands by itself there."""
    first, _, last = unit.word.rpartition("_")
    if first and last in ("to", "with", "in", "by", "from"):
        return f"{first}/{unit.kind} {last}/O "
    return f"{unit.word}/{unit.kind} "


def _units(
    text: str,
    tokens: Sequence[Token],
    phrases: Lexicon,
    single: Mapping[str, str],
    name: str,
    kind_of: Callable[[str], str],
) -> Iterator[Unit]:
    place, opens = 0, True  # whether a sentence opens here, so that a capital says nothing
    while place < len(tokens):
        token = tokens[place]
        end, kind = place + 1, _MARKS.get(token.kind, "")
        if token.kind == "mark":
            kind = token.word if token.word in (";", ":") else ","
        elif not kind:
            written = text[token.start : token.end]
            end, kind = phrases.at(tokens, place)
            end = max(end, place + 1)
            if not kind and token.word in single:
                kind = single[token.word]
            elif not kind and written[0].isupper() and (not opens or written.isupper()):
                kind = name
            kind = kind or kind_of(token.word)
        word = "_".join(one.word for one in tokens[place:end]) if token.kind == "word" else kind
        yield Unit(token.start, tokens[end - 1].end, word, kind, text[token.start].isupper())
        opens = kind in (".", ":") or text[token.start : token.end] in ('"', "“", "(")
        place = end


_MARKS: Final = {"end": ".", "owner": "'"}


def words(lines: Iterable[str]) -> dict[str, str]:
    """A table of single words from lines "kind: word word …"."""
    return {word: kind for line in lines for kind, _, rest in (line.partition(": "),) for word in rest.split()}
