"""Which column of a file means what, and which of its words stand for which code.

A feature describes its targets; `propose` reads names and contents of the columns and says what it
thinks, and what a person still has to settle. A settled mapping is remembered under the key of its header.
"""

import datetime as dt
import hashlib
import re
from collections.abc import Callable, Sequence
from collections.abc import Mapping as ReadOnly
from dataclasses import dataclass, field
from functools import partial
from typing import Any, Literal

from rapidfuzz import fuzz, process

from oicdesk.errors import Refused
from oicdesk.sheets.cells import (
    Cell,
    fold,
    parse_date,
    parse_instant,
    parse_time,
    parse_whole,
    parse_yes_no,
    text_of,
    told,
)
from oicdesk.sheets.read import Sheet

Kind = Literal["text", "date", "time", "instant", "whole", "yes_no"]

LOOK_AT = 300  # filled cells of a column whose contents are looked at
MOST_TEXTS = 1_000  # different words of one column offered for translation into codes
_NEAR_NAME, _NEAR_VALUE = 86, 92
_FIGURES = re.compile(r"\d+")
_SHORT_FORMS = {"no": "number", "num": "number", "nr": "number", "ref": "reference", "dept": "department"}


@dataclass(frozen=True)
class Target:
    """One thing a feature wants from a row.

    `required` falls away when the target named by `unless` has a column (a date and a time in one cell
    instead of two). `values` is code → label for a target that takes codes, `value_synonyms` is text →
    code. `pattern` is a regular expression that tells this target's contents from any other's.
    """

    name: str
    label: str
    required: bool = False
    synonyms: tuple[str, ...] = ()
    kind: Kind = "text"
    values: ReadOnly[str, str] | None = None
    value_synonyms: ReadOnly[str, str] = field(default_factory=dict)
    unless: str = ""
    pattern: str = ""


@dataclass
class Mapping:
    """`columns` is target → column name; `values` is target → text as in the file → code.

    `guessed` names the targets whose column was found by likeness or by its contents only; `unsettled` the
    ones that keep an import from running.
    """

    columns: dict[str, str] = field(default_factory=dict)
    values: dict[str, dict[str, str]] = field(default_factory=dict)
    unsettled: list[str] = field(default_factory=list)
    guessed: list[str] = field(default_factory=list)

    def to_json(self) -> dict[str, Any]:
        """What is worth remembering, as JSON can hold it."""
        return {"columns": dict(self.columns), "values": {name: dict(codes) for name, codes in self.values.items()}}

    @classmethod
    def from_json(cls, stored: ReadOnly[str, Any]) -> "Mapping":
        columns = {str(name): str(column) for name, column in stored.get("columns", {}).items()}
        values = {
            str(name): {str(text): str(code) for text, code in codes.items()}
            for name, codes in stored.get("values", {}).items()
        }
        return cls(columns, values)


def header_key(columns: Sequence[str]) -> str:
    """The same key for the same column names in the same order, whatever their case and punctuation."""
    return hashlib.sha256("\x1f".join(fold(column) for column in columns).encode()).hexdigest()[:32]


def propose(sheet: Sheet, targets: Sequence[Target], remembered: Mapping | None = None) -> Mapping:
    """The mapping that fits the file best; what is `remembered` of this header goes before any guess."""
    if remembered is None:
        columns, guessed = _match_columns(sheet, targets)
    else:
        names = {target.name for target in targets}
        columns = {name: at for name, at in remembered.columns.items() if name in names and at in sheet.columns}
        guessed = []
    known = remembered.values if remembered else {}
    mapping = Mapping(columns, {}, [], guessed)
    for target in targets:
        if target.values is not None and target.name in columns:
            mapping.values[target.name] = propose_values(sheet, target, columns[target.name], known.get(target.name))
    mapping.unsettled = unsettled(mapping, targets)
    return mapping


def unsettled(mapping: Mapping, targets: Sequence[Target]) -> list[str]:
    """Required targets without a column, and required codes of which not one text is understood."""
    names = []
    for target in targets:
        if not target.required or (target.unless and target.unless in mapping.columns):
            continue
        no_column = target.name not in mapping.columns
        if no_column or (target.values is not None and not mapping.values.get(target.name)):
            names.append(target.name)
    return names


def unsettled_sentence(
    mapping: Mapping,
    targets: Sequence[Target],
    hint: str = "choose them in the import window or give a mapping that does",
) -> str:
    """What is not settled, in words and with what to do about it; nothing when all is."""
    labels = {target.name: target.label for target in targets}
    columns = [labels[name] for name in mapping.unsettled if name not in mapping.columns]
    values = [labels[name] for name in mapping.unsettled if name in mapping.columns]
    parts = []
    if columns:
        parts.append(f"no column is chosen for {_listed(columns)}")
    if values:
        parts.append(f"none of the words in {_listed(values)} is understood")
    if not parts:
        return ""
    sentence = " and ".join(parts)
    return f"{sentence[0].upper()}{sentence[1:]}; {hint}."


def _listed(words: Sequence[str]) -> str:
    return words[0] if len(words) == 1 else f"{', '.join(words[:-1])} and {words[-1]}"


def texts_of(sheet: Sheet, column: str) -> list[str]:
    """The different texts of a column in the order they come, the first 1,000, told apart as `fold` does."""
    index = sheet.columns.index(column)
    found: dict[str, str] = {}
    for text in dict.fromkeys(told(line.cells[index]) for line in sheet.lines):
        if text and fold(text) not in found:
            found[fold(text)] = text
            if len(found) == MOST_TEXTS:
                break
    return list(found.values())


def propose_values(
    sheet: Sheet, target: Target, column: str, remembered: ReadOnly[str, str] | None = None
) -> dict[str, str]:
    """Text → code for the texts of a column that are understood; the others are left out."""
    codes = _known_texts(target)
    settled = {fold(text): code for text, code in (remembered or {}).items() if code in (target.values or {})}
    proposed = {}
    for text in texts_of(sheet, column):
        code = settled.get(fold(text)) or code_for(text, codes)
        if code is not None:
            proposed[text] = code
    return proposed


def _known_texts(target: Target) -> dict[str, str]:
    known = {fold(text): code for text, code in target.value_synonyms.items()}
    known |= {fold(label): code for code, label in (target.values or {}).items()}
    known |= {fold(code): code for code in target.values or {}}
    known.pop("", None)
    return known


def code_for(text: str, known: ReadOnly[str, str]) -> str | None:
    """The code of a text, also when it is slightly misspelt; `known` is folded text → code.

    Short words and texts whose figures differ are never taken for one another ("Module 1", "Module 2").
    """
    bare = fold(text)
    if bare in known:
        return known[bare]
    near = _nearest(bare, list(known), _NEAR_VALUE)
    return known[near[0]] if near else None


def _nearest(bare: str, candidates: Sequence[str], least: int) -> tuple[str, float] | None:
    """The candidate most like the text, with a likeness of 0 to 100, or None when none is like enough."""
    if len(bare) < 4:
        return None
    figures = _FIGURES.findall(bare)
    alike = [one for one in candidates if len(one) > 3 and _FIGURES.findall(one) == figures]
    best = process.extractOne(bare, alike, scorer=fuzz.ratio, score_cutoff=least)
    return (best[0], best[1]) if best else None


# Columns


def _match_columns(sheet: Sheet, targets: Sequence[Target]) -> tuple[dict[str, str], list[str]]:
    """Each target its best column and each column one target, the surest pair first."""
    samples = {column: _sample(sheet, index) for index, column in enumerate(sheet.columns)}
    pairs = []
    for order, target in enumerate(targets):
        names = _target_names(target)
        for place, column in enumerate(sheet.columns):
            by_name = _name_likeness(column, names)
            score = _score(target, by_name, samples[column])
            if score > 0:
                pairs.append((-score, order, place, target.name, column, by_name))
    columns: dict[str, str] = {}
    likeness: dict[str, float] = {}
    for _, _, _, name, column, by_name in sorted(pairs):
        if name not in columns and column not in columns.values():
            columns[name], likeness[name] = column, by_name
    for target in targets:  # contents alone do not earn a column what another target already brings
        if likeness.get(target.name) == 0 and target.unless in columns:
            del columns[target.name]
    in_order = {target.name: columns[target.name] for target in targets if target.name in columns}
    return in_order, [name for name in in_order if likeness[name] < 1]


def _sample(sheet: Sheet, index: int) -> list[Cell]:
    sample: list[Cell] = []
    for line in sheet.lines:
        cell = line.cells[index]
        if text_of(cell):
            sample.append(told(cell) if isinstance(cell, str) else cell)
            if len(sample) == LOOK_AT:
                break
    return sample


def _target_names(target: Target) -> list[str]:
    return list(dict.fromkeys(_name(text) for text in (target.label, target.name, *target.synonyms)))


def _name(text: str) -> str:
    return " ".join(_SHORT_FORMS.get(word, word) for word in fold(text).split())


def _name_likeness(column: str, names: Sequence[str]) -> float:
    """1 for the same name, less for a near miss, 0 for another."""
    bare = _name(column)
    if bare in names:
        return 1.0
    if " ".join(sorted(bare.split())) in {" ".join(sorted(name.split())) for name in names}:
        return 0.95
    near = _nearest(bare, names, _NEAR_NAME)
    return near[1] / 110 if near else 0.0


def _score(target: Target, by_name: float, sample: Sequence[Cell]) -> float:
    """Names weigh most; contents that contradict a name undo it, contents alone can carry a required target."""
    share = _share_that_fits(target, sample)
    if share is None:
        return by_name
    if by_name:
        return by_name + (0.3 * share if share >= 0.5 or not sample else -0.6)
    speaks_for_itself = (
        target.values is not None or bool(target.pattern) or (target.required and target.kind != "whole")
    )
    return 0.5 * share if sample and share >= 0.8 and speaks_for_itself and target.kind != "yes_no" else 0.0


def _share_that_fits(target: Target, sample: Sequence[Cell]) -> float | None:
    """How much of the contents the target could take; None when it takes any text."""
    fits: Callable[[Cell], bool]
    if target.values is not None:
        fits = partial(_is_known, set(_known_texts(target)))
    elif target.pattern:
        fits = partial(_has_pattern, re.compile(target.pattern, re.IGNORECASE))
    elif target.kind == "text":
        return None
    else:
        fits = _FITS[target.kind]
    return sum(map(fits, sample)) / len(sample) if sample else 0.0


def _is_known(known: set[str], cell: Cell) -> bool:
    return fold(text_of(cell)) in known


def _has_pattern(pattern: re.Pattern[str], cell: Cell) -> bool:
    return pattern.fullmatch(text_of(cell)) is not None


def _reads(parse: Callable[[Cell], object], cell: Cell) -> bool:
    try:
        parse(cell)
    except Refused:
        return False
    return True


def _has_time(cell: Cell) -> bool:
    if isinstance(cell, (dt.date, dt.time)):
        return isinstance(cell, dt.datetime)
    return _reads(parse_instant, cell)


_FITS: dict[str, Callable[[Cell], bool]] = {
    "date": lambda cell: not isinstance(cell, dt.time) and not _has_time(cell) and _reads(parse_date, cell),
    "time": lambda cell: not isinstance(cell, dt.date) and _reads(parse_time, cell),
    "instant": _has_time,
    "whole": lambda cell: _reads(parse_whole, cell),
    "yes_no": lambda cell: _reads(parse_yes_no, cell),
}
