"""The desk's settings and reference tables: dated, so that past records keep the value of their day.

A value is never overwritten: changing a label ends its row and starts a new one, retiring ends it, and a
setting gains a row. Bank holidays and import synonyms are kinds of reference value too. Days before the
desk's first one are answered with what held at the end of the first.
"""

import csv
import json
import tomllib
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from functools import cache
from typing import Any, TypeVar

from sqlalchemy import Index, Row, Select, UniqueConstraint, insert, select, text
from sqlalchemy.orm import Mapped, Session, mapped_column

from oicdesk import paths
from oicdesk.errors import Refused
from oicdesk.settings import rules
from oicdesk.settings.rules import Definition, DueRule
from oicdesk.vault import log
from oicdesk.vault.tables import Stored

BANK_HOLIDAY = "bank_holiday"
COUNTRY = "country"
_SYNONYM = "_synonym"


class ReferenceValue(Stored):
    """One version of one value; `valid_to` is the first day it no longer held, or None."""

    __tablename__ = "reference_value"
    __table_args__ = (
        Index("reference_value_history", "kind", "code", "valid_from"),
        Index(
            "reference_value_current", "kind", "code", unique=True,
            sqlite_where=text("valid_to IS NULL"),
        ),
    )  # fmt: skip

    id: Mapped[int] = mapped_column(primary_key=True)
    kind: Mapped[str]
    code: Mapped[str]
    label: Mapped[str]
    position: Mapped[int]
    valid_from: Mapped[date]
    valid_to: Mapped[date | None]
    extra: Mapped[str]  # JSON object: note, conditions, protected…


class Setting(Stored):
    """One value that a setting had from a day on; the newest row of a day holds."""

    __tablename__ = "setting"
    __table_args__ = (Index("setting_history", "key", "valid_from"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    key: Mapped[str]
    value: Mapped[str]  # JSON
    valid_from: Mapped[date]
    set_at: Mapped[datetime]
    set_by: Mapped[str]


class ImportMapping(Stored):
    """How the columns and values of a known header were read last time."""

    __tablename__ = "import_mapping"
    __table_args__ = (UniqueConstraint("kind", "header_key"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    kind: Mapped[str]
    header_key: Mapped[str]
    name: Mapped[str]
    mapping: Mapped[str]  # JSON
    saved_at: Mapped[datetime]


@dataclass(frozen=True)
class ValueRow:
    """A version of a reference value, as read."""

    id: int
    kind: str
    code: str
    label: str
    position: int
    valid_from: date
    valid_to: date | None
    extra: Mapping[str, Any] = field(hash=False)

    @property
    def is_current(self) -> bool:
        return self.valid_to is None


@dataclass(frozen=True)
class SettingRow:
    """A version of a setting, as read."""

    id: int
    key: str
    value: Any = field(hash=False)
    valid_from: date
    set_at: datetime
    set_by: str


@dataclass(frozen=True)
class Kind:
    """A reference table: its title, and because of what it starts as it does.

    The codes of a fixed one are known to rules: labels may change, values may not be added or retired.
    """

    name: str
    title: str
    because: str
    fixed: bool = False


# --- what a new vault starts with --------------------------------------------------------------------------


def _toml(name: str) -> dict[str, Any]:
    return tomllib.loads((paths.resources() / "reference" / name).read_text(encoding="utf-8"))


def _csv(name: str) -> list[dict[str, Any]]:
    content = (paths.resources() / "reference" / name).read_text(encoding="utf-8")
    return list(csv.DictReader(content.splitlines()))


@cache
def definitions() -> Mapping[str, Definition]:
    """Every setting by its key, in the order of the page."""
    found = {}
    for key, facts in _toml("settings.toml").items():
        choices = tuple((code, label) for code, label in facts.pop("choices", ()))
        found[key] = Definition(key=key, choices=choices, default=facts.pop("default", None), **facts)
    return found | {cue.key: cue for cue in _cue_definitions()}


CUES = "cues"


def _cue_definitions() -> Iterator[Definition]:
    """The lists of words that the check and the coach of a working draft look for: one cue a line."""
    drafts, words = _toml("drafts.toml"), _toml("sanitisation.toml")
    because = "offline rules can only go by words; yours may be others. One cue a line."
    told = [(f"cue_{key}", title, words[key]) for key, title in drafts["titles"].items()]
    for group in ("coach", "meter"):
        told += [(f"{group}_{key}", facts["title"], facts["words"]) for key, facts in drafts[group].items()]
    for key, title, cues in told:
        yield Definition(key, CUES, title, "long", "\n".join(cues), because)


@cache
def kinds() -> Mapping[str, Kind]:
    """Every reference table by its name, in the order of the page."""
    found = {
        name: Kind(name, facts["title"], facts["because"], facts.get("fixed", False))
        for name, facts in _toml("lists.toml").items()
    }
    found[COUNTRY] = Kind(
        COUNTRY,
        "Countries",
        "public bodies use the Foreign Office's names with ISO 3166-1 codes; Kosovo's is user-assigned.",
    )
    found[BANK_HOLIDAY] = Kind(
        BANK_HOLIDAY, "Bank holidays", "these are the published days of England and Wales, to be added to."
    )
    for name in _toml("synonyms.toml"):
        found[name + _SYNONYM] = Kind(
            name + _SYNONYM,
            f"Import words for {found[name].title[0].lower()}{found[name].title[1:]}",
            "control rooms use their own words; each stands for one value of that table.",
        )
    return found


def target_of(kind: str) -> str | None:
    """The table that the import words of this one stand for; None for a table of its own."""
    return kind.removesuffix(_SYNONYM) if kind.endswith(_SYNONYM) else None


def _seed_values() -> dict[str, list[dict[str, Any]]]:
    values: dict[str, list[dict[str, Any]]] = {kind: facts["values"] for kind, facts in _toml("lists.toml").items()}
    values[COUNTRY] = _csv("countries.csv")
    values[BANK_HOLIDAY] = _csv("bank_holidays.csv")
    for kind, words in _toml("synonyms.toml").items():
        values[kind + _SYNONYM] = [
            {"code": rules.synonym_key(word), "label": word, "for": code}
            for code, synonyms in words.items()
            for word in synonyms
        ]
    return values


def seed(session: Session, today: date) -> None:
    """Fill the tables and settings that this vault has none of yet; what is there stays as it is."""
    present = set(session.scalars(select(ReferenceValue.kind).distinct()))
    values = [
        _new_value(kind, position, today, **facts)
        for kind, rows in _seed_values().items()
        if kind not in present
        for position, facts in enumerate(rows)
    ]
    known = set(session.scalars(select(Setting.key).distinct()))
    at = rules.start_of_day(today)
    by = session.info["user"].name
    settings = [
        {"key": key, "value": _json(d.default), "valid_from": today, "set_at": at, "set_by": by}
        for key, d in definitions().items()
        # Lists of cues follow the program until somebody changes them.
        if key not in known and d.section != CUES
    ]
    if values:
        session.execute(insert(ReferenceValue), values)
    if settings:
        session.execute(insert(Setting), settings)
    if values or settings:
        detail = f"defaults: {len(values)} reference values, {len(settings)} settings"
        touched = {"reference_value": values, "setting": settings}
        session.info.pop(_KEPT, None)
        log.record(session, log.COLLECTION, fields=[name for name, rows in touched.items() if rows], detail=detail)


def _new_value(kind: str, position: int, on: date, *, code: str, label: str, **extra: Any) -> dict[str, Any]:
    return {
        "kind": kind, "code": code, "label": label, "position": position,
        "valid_from": on, "valid_to": None, "extra": _json(extra),
    }  # fmt: skip


def _json(value: object) -> str:
    return json.dumps(value, ensure_ascii=False, sort_keys=True)


# --- reading -----------------------------------------------------------------------------------------------

_Version = TypeVar("_Version", ValueRow, SettingRow)


def _version_on(versions: Sequence[_Version], day: date | None) -> _Version:
    """The version that held at the end of `day`, the newest without a day; `versions` in order of time."""
    if day is None or len(versions) == 1:
        return versions[-1]
    reached = max(day, versions[0].valid_from)
    return [version for version in versions if version.valid_from <= reached][-1]


@dataclass(frozen=True)
class Reference:
    """All reference values and settings with their history, read once; asking it costs no SQL.

    Without a day the newest version answers; with a day the one that held then.
    """

    _values: Mapping[str, tuple[ValueRow, ...]]
    _versions: Mapping[tuple[str, str], tuple[ValueRow, ...]]
    _settings: Mapping[str, tuple[SettingRow, ...]]
    holidays: frozenset[date]
    _codes: dict[str, frozenset[str]] = field(default_factory=dict, repr=False, compare=False)
    _of_force: Mapping[str, frozenset[date]] = field(default_factory=dict)

    def holidays_of(self, force: str | None) -> frozenset[date]:
        """The days on which one force does not work: the bank holidays, and the days of its own."""
        own = self._of_force.get(force or "")
        return self.holidays if own is None else self.holidays | own

    def values(self, kind: str) -> tuple[ValueRow, ...]:
        """The values that may be chosen today, in order."""
        return tuple(row for row in self._values.get(kind, ()) if row.is_current)

    def history(self, kind: str) -> tuple[ValueRow, ...]:
        """Every version there ever was, in order."""
        return self._values.get(kind, ())

    def codes(self, kind: str) -> frozenset[str]:
        """Every code there ever was."""
        if kind not in self._codes:
            self._codes[kind] = frozenset(row.code for row in self.history(kind))
        return self._codes[kind]

    def choices(self, kind: str) -> tuple[tuple[str, str], ...]:
        """(code, label) of the values that may be chosen today."""
        return tuple((row.code, row.label) for row in self.values(kind))

    def label(self, kind: str, code: str | None, day: date | None = None) -> str:
        """The words for a code, retired ones included; an unknown code speaks for itself, None is empty."""
        if code is None:
            return ""
        versions = self._versions.get((kind, code))
        return _version_on(versions, day).label if versions else code

    def extra(self, kind: str, code: str) -> Mapping[str, Any]:
        """The facts kept beside a value: note, conditions, usage_text, protected…"""
        versions = self._versions.get((kind, code))
        return versions[-1].extra if versions else {}

    def synonyms(self, kind: str) -> dict[str, str]:
        """Imported word → code, for the codes that may be chosen today."""
        allowed = {row.code for row in self.values(kind)}
        return {row.label: row.extra["for"] for row in self.values(kind + _SYNONYM) if row.extra["for"] in allowed}

    def setting(self, key: str, day: date | None = None) -> Any:
        """The setting's value; its default when this vault has none yet."""
        versions = self._settings.get(key)
        return _version_on(versions, day).value if versions else definitions()[key].default

    def setting_row(self, key: str) -> SettingRow | None:
        """Who set it last, and since when it holds."""
        versions = self._settings.get(key)
        return versions[-1] if versions else None

    def cues(self, group: str) -> dict[str, list[str]]:
        """The lists of one group of cues ("cue", "coach" or "meter"), each as its lines."""
        keys = [key for key in definitions() if key.startswith(f"{group}_") and definitions()[key].section == CUES]
        return {
            key.removeprefix(f"{group}_"): [line.strip() for line in self.setting(key).splitlines() if line.strip()]
            for key in keys
        }

    def day_setting(self, key: str) -> date | None:
        """A setting of kind date as a day."""
        value = self.setting(key)
        return date.fromisoformat(value) if value else None

    def due_rule(self, day: date | None = None) -> DueRule:
        """The due rule, for contacts of that day."""
        return DueRule(self.setting("document_due_rule", day), self.setting("document_due_hours", day))


_KEPT = "reference"  # in a session, one transaction, what was read stays true until it writes


def reference(session: Session) -> Reference:
    """All reference values and settings: two statements, once in a session that does not change them."""
    kept: Reference | None = session.info.get(_KEPT)
    if kept is None:
        kept = session.info[_KEPT] = _read(session)
    return kept


def _read(session: Session) -> Reference:
    """Both tables as they are; only when a row of them has changed is all of it put together anew.

    Putting together takes five times as long as reading. What was is kept at the connection and goes with it.
    """
    rows = session.execute(_values()).all(), session.execute(_settings()).all()
    info = session.connection().info
    if info.get(_KEPT, (None,))[0] != rows:
        info[_KEPT] = rows, _put_together([_value_row(row) for row in rows[0]], [_setting_row(row) for row in rows[1]])
    found: Reference = info[_KEPT][1]
    return found


def _put_together(values: Sequence[ValueRow], setting_rows: Sequence[SettingRow]) -> Reference:
    by_kind: dict[str, list[ValueRow]] = defaultdict(list)
    versions: dict[tuple[str, str], list[ValueRow]] = defaultdict(list)
    for row in values:
        versions[row.kind, row.code].append(row)
    for row in sorted(values, key=lambda row: (row.position, row.valid_from, row.id)):
        by_kind[row.kind].append(row)
    settings: dict[str, list[SettingRow]] = defaultdict(list)
    for setting in setting_rows:
        settings[setting.key].append(setting)
    days: dict[str, set[date]] = defaultdict(set)
    for row in by_kind[BANK_HOLIDAY]:
        if row.is_current:
            days[str(row.extra.get("force") or "")].add(date.fromisoformat(row.code))
    return Reference(
        {kind: tuple(rows) for kind, rows in by_kind.items()},
        {key: tuple(rows) for key, rows in versions.items()},
        {key: tuple(rows) for key, rows in settings.items()},
        frozenset(days[""]),
        _of_force={force: frozenset(own) for force, own in days.items() if force},
    )


def _values(**where: str) -> Select[Any]:
    columns = ReferenceValue.__table__.c
    return select(ReferenceValue.__table__).filter_by(**where).order_by(columns.valid_from, columns.id)


def _settings(**where: str) -> Select[Any]:
    columns = Setting.__table__.c
    return select(Setting.__table__).filter_by(**where).order_by(columns.valid_from, columns.id)


def _value_row(row: Row[Any]) -> ValueRow:
    return ValueRow(**{**row._mapping, "extra": json.loads(row.extra)})


def _setting_row(row: Row[Any]) -> SettingRow:
    return SettingRow(**{**row._mapping, "value": json.loads(row.value)})


def _value_rows(session: Session, **where: str) -> list[ValueRow]:
    return [_value_row(row) for row in session.execute(_values(**where))]


def _setting_rows(session: Session, **where: str) -> list[SettingRow]:
    return [_setting_row(row) for row in session.execute(_settings(**where))]


def label_on(session: Session, kind: str, code: str, day: date) -> str:
    """The words that a code had on that day; an unknown code speaks for itself."""
    versions = _value_rows(session, kind=kind, code=code)
    return _version_on(versions, day).label if versions else code


def setting_on(session: Session, key: str, day: date) -> Any:
    """The value that a setting had at the end of that day; its default when this vault has none yet."""
    versions = _setting_rows(session, key=key)
    return _version_on(versions, day).value if versions else definitions()[key].default


def due_rule_on(session: Session, day: date) -> DueRule:
    """The due rule for contacts of that day."""
    return DueRule(setting_on(session, "document_due_rule", day), setting_on(session, "document_due_hours", day))


def holidays(session: Session) -> frozenset[date]:
    """The bank holidays that hold now."""
    codes = select(ReferenceValue.code).where(ReferenceValue.kind == BANK_HOLIDAY, ReferenceValue.valid_to.is_(None))
    return frozenset(date.fromisoformat(code) for code in session.scalars(codes))


# --- writing: reference values -----------------------------------------------------------------------------


def add_value(
    session: Session,
    kind: str,
    label: str,
    *,
    on: date,
    code: str | None = None,
    extra: Mapping[str, Any] | None = None,
) -> int:
    """Add a value from that day on; the code is made from the label unless given. Returns its id."""
    if kinds()[kind].fixed:
        raise Refused(f"{kinds()[kind].title} cannot be added to, because rules know each value; change a label.")
    label = _checked_label(session, kind, label)
    code = code or rules.code_from(label)
    if not code:
        raise Refused("A label needs at least one letter or digit; type one.", field="label")
    if _current(session, kind, code) is not None:
        raise Refused(f"“{code}” is already in {kinds()[kind].title}; choose other words.", field="label")
    last = session.scalar(
        select(ReferenceValue.position)
        .where(ReferenceValue.kind == kind)
        .order_by(ReferenceValue.position.desc())
        .limit(1)
    )
    row = ReferenceValue(**_new_value(kind, (last or 0) + 1, on, code=code, label=label, **(extra or {})))
    session.add(row)
    session.flush()
    session.info.pop(_KEPT, None)
    log.record(session, log.COLLECTION, reference_value=row.id, fields=["code", "label"])
    return row.id


def relabel(session: Session, value_id: int, label: str, *, on: date) -> int:
    """End the value's row and start one with the new label; its code stays. Returns the new row's id."""
    old = _open_row(session, value_id)
    if label.strip() == old.label:
        return old.id
    label = _checked_label(session, old.kind, label)
    since = max(on, old.valid_from)
    old.valid_to = since
    session.flush()
    row = ReferenceValue(
        kind=old.kind, code=old.code, label=label, position=old.position,
        valid_from=since, valid_to=None, extra=old.extra,
    )  # fmt: skip
    session.add(row)
    session.flush()
    session.info.pop(_KEPT, None)
    log.record(session, log.ALTERATION, reference_value=[old.id, row.id], fields=["label"])
    return row.id


def retire(session: Session, value_id: int, *, on: date) -> None:
    """End a value: records that hold it keep its label, new ones cannot choose it."""
    row = _open_row(session, value_id)
    kind = kinds()[row.kind]
    if kind.fixed:
        raise Refused(f"{kind.title} cannot be retired, because rules know each value; change the label.")
    row.valid_to = max(on, row.valid_from)
    session.info.pop(_KEPT, None)
    log.record(session, log.ALTERATION, reference_value=row.id, fields=["valid_to"])


def add_holiday(session: Session, day: date, title: str, *, on: date, force: str | None = None) -> int:
    """Add a bank holiday, or a day on which one force alone does not work.

    Working days are counted with it from now on, stored due times stay.
    """
    if _current(session, BANK_HOLIDAY, day.isoformat()) is not None:
        raise Refused(f"{rules.spoken_day(day)} is already a bank holiday; choose another day.", field="day")
    if day.weekday() >= 5:
        raise Refused(
            f"{rules.spoken_day(day)} is a weekend day and no working day anyway; add the substitute day.",
            field="day",
        )
    extra = {"force": force} if force else None
    return add_value(session, BANK_HOLIDAY, title, on=on, code=day.isoformat(), extra=extra)


def add_synonym(session: Session, kind: str, word: str, code: str, *, on: date) -> int:
    """Let an imported word stand for a value of that table; case, spaces and punctuation do not count."""
    if _current(session, kind, code) is None:
        raise Refused("That value is no longer offered; choose another one.", field="for")
    return add_value(session, kind + _SYNONYM, word, on=on, code=rules.synonym_key(word), extra={"for": code})


def _current(session: Session, kind: str, code: str) -> ReferenceValue | None:
    return session.scalar(
        select(ReferenceValue).filter_by(kind=kind, code=code).where(ReferenceValue.valid_to.is_(None))
    )


def _open_row(session: Session, value_id: int) -> ReferenceValue:
    row = session.get(ReferenceValue, value_id)
    if row is None or row.valid_to is not None:
        raise Refused("This value has ended already; read the table again and choose one that holds.")
    return row


def _checked_label(session: Session, kind: str, label: str) -> str:
    """The trimmed label, refused when empty or taken; titles of bank holidays come back every year."""
    label = " ".join(label.split())
    if not label:
        raise Refused("A label cannot be empty; type one.", field="label")
    if kind == BANK_HOLIDAY:
        return label
    taken = select(ReferenceValue.label).filter_by(kind=kind).where(ReferenceValue.valid_to.is_(None))
    if label.casefold() in {other.casefold() for other in session.scalars(taken)}:
        raise Refused(f"“{label}” is already in {kinds()[kind].title}; choose other words.", field="label")
    return label


# --- writing: settings and mappings ------------------------------------------------------------------------


def change_settings(session: Session, values: Mapping[str, Any], *, at: datetime) -> list[str]:
    """Set several settings at once, from the London day of `at` on. Returns the keys that changed."""
    now = {key: rows[-1].value for key, rows in _settings_by_key(session).items()}
    new = {key: rules.checked(definitions()[key], value) for key, value in values.items()}
    rules.check_together({**now, **new})
    changed = [key for key, value in new.items() if key not in now or now[key] != value]
    rows = [
        Setting(
            key=key, value=_json(new[key]), valid_from=rules.london_day(at), set_at=at,
            set_by=session.info["user"].name,
        )
        for key in changed
    ]  # fmt: skip
    session.add_all(rows)
    session.flush()
    if rows:
        session.info.pop(_KEPT, None)
        log.record(session, log.ALTERATION, setting=[row.id for row in rows], fields=changed)
    return changed


def _settings_by_key(session: Session) -> dict[str, list[SettingRow]]:
    found: dict[str, list[SettingRow]] = defaultdict(list)
    for row in _setting_rows(session):
        found[row.key].append(row)
    return found


def remember_mapping(
    session: Session,
    kind: str,
    header_key: str,
    mapping: Mapping[str, Any],
    *,
    at: datetime,
    name: str | None = None,
) -> None:
    """Keep how a header was read; the newest reading of the same header replaces the one before."""
    row = session.scalar(select(ImportMapping).filter_by(kind=kind, header_key=header_key))
    if row is None:
        row = ImportMapping(kind=kind, header_key=header_key, name=name or "", mapping="", saved_at=at)
        session.add(row)
    content = _json(mapping)
    if row.mapping == content and name in (None, row.name):
        return
    row.mapping, row.saved_at, row.name = content, at, row.name if name is None else name
    session.flush()
    session.info.pop(_KEPT, None)
    log.record(session, log.ALTERATION, import_mapping=row.id, fields=["mapping"])


def mapping_for(session: Session, kind: str, header_key: str) -> dict[str, Any] | None:
    """How this header was read last time."""
    found = session.scalar(select(ImportMapping.mapping).filter_by(kind=kind, header_key=header_key))
    return None if found is None else dict(json.loads(found))


def mapping_named(session: Session, kind: str, name: str) -> dict[str, Any] | None:
    """The newest mapping kept under that name."""
    found = session.scalar(
        select(ImportMapping.mapping).filter_by(kind=kind, name=name).order_by(ImportMapping.saved_at.desc()).limit(1)
    )
    return None if found is None else dict(json.loads(found))
