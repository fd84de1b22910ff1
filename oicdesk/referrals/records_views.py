"""What each view of the queue holds, in SQL: the desk's own views, filters by column, and views that were saved.

A view saved under a name is a base view with words, filters, columns and an order. Nothing here filters, sorts
or counts by a trait of a person.
"""

import json
import re
import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, cast

from sqlalchemy import ColumnElement, Index, Table, false, func, select, text
from sqlalchemy.orm import Mapped, Session, mapped_column

from oicdesk.errors import Refused
from oicdesk.referrals import records_clock, records_cover, records_exemptions, rules, rules_clock
from oicdesk.referrals.records import (
    DONE,
    NEEDS,
    RETURNED,
    SCOPE,
    SORTED,
    TO_CLOSE,
    WITH_UNIT,
    WITHDRAWN,
    Referral,
)
from oicdesk.referrals.records_chasers import Chaser
from oicdesk.referrals.records_reconcile import OutsideContact, standing, undecided
from oicdesk.referrals.records_teams import renames
from oicdesk.referrals.rules_officers import Rename, also_called
from oicdesk.referrals.rules_reconcile import MATCHED, ONLY_THEIRS
from oicdesk.settings.records import Reference, reference
from oicdesk.settings.rules import add_working_days, end_of_day, london_day
from oicdesk.vault import log
from oicdesk.vault.tables import Stored
from oicdesk.vault.vault import User

VIEWS: Mapping[str, str] = {
    "needs_document": "Needs a document",
    "overdue": "Overdue",
    "due_week": "Due this week",
    "returned": "Returned for correction",
    "with_supervisor": "With supervisor",
    "with_unit": "Submitted, outcome awaited",
    "to_close": "Accepted, to close",
    "scope": "Scope queries",
    "approval": "Waiting for approval",
    "snoozed": "Snoozed",
    "list_gaps": "List gaps",
    "news": "Changed since I looked",
    "done": "Closed, exempt or duplicate",
    "all": "All referrals",
}
OPEN = "open"  # every referral not closed, exempt or a duplicate; what `oicdesk queue` lists
_STAGES = {
    "needs_document": NEEDS, "overdue": NEEDS, "due_week": NEEDS, "returned": RETURNED, "with_supervisor": NEEDS,
    "with_unit": WITH_UNIT, "to_close": TO_CLOSE, "scope": SCOPE, "done": DONE,
}  # fmt: skip
# Out of these while snoozed. Overdue stays a fact, so a snoozed case stays in that view.
DAILY = frozenset(_STAGES) - {"overdue", "done"} | {"approval"}

_C = cast(Table, Referral.__table__).c
FILTERS = ("status", "reference", "age", "due", "force", "team", "officer", "marked")
DUE_CHOICES: Mapping[str, str] = {
    "overdue": "Overdue", "today": "Due today", "week": "Due this week", "later": "Due later", "none": "No due time",
}  # fmt: skip
MARKED_CHOICES: Mapping[str, str] = {
    "safeguarding": "Safeguarding record incomplete", "woken": "Back from a snooze",
}  # fmt: skip


class QueueView(Stored):
    """A view that somebody saved under a name; `spec` is JSON, the rest of a `Spec`."""

    __tablename__ = "queue_view"
    __table_args__ = (Index("queue_view_name", "name", unique=True, sqlite_where=text("removed_at IS NULL")),)

    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str]
    base: Mapped[str]
    spec: Mapped[str]
    made_at: Mapped[datetime]
    made_by: Mapped[str]
    removed_at: Mapped[datetime | None]


@dataclass(frozen=True)
class Spec:
    """What is looked at: a base view narrowed by words and by column, and how it is laid out.

    `filters` holds a text for each of FILTERS that narrows; `columns` are titles in their order, none for all.
    """

    base: str = "needs_document"
    words: str = ""
    filters: Mapping[str, str] = field(default_factory=dict)
    columns: tuple[str, ...] = ()
    sort: str | None = None
    descending: bool = False

    @property
    def is_narrowed(self) -> bool:
        return bool(self.words.strip() or any(self.filters.values()))


@dataclass(frozen=True)
class OwnView:
    """A saved view."""

    id: int
    name: str
    spec: Spec


# What another page may ask to be shown, each under its name: the count told there is the count of these rows.
LISTS: Mapping[str, Spec] = {
    "overdue": Spec("overdue"),
    "due_today": Spec("needs_document", filters={"due": "today"}),
    "returned": Spec("returned"),
    "woken": Spec("all", filters={"marked": "woken"}),
    "to_close": Spec("to_close"),
    "scope": Spec("scope"),
    "approval": Spec("approval"),
    "list_gaps": Spec("list_gaps"),
    "safeguarding": Spec("all", filters={"marked": "safeguarding"}),
    "news": Spec("news"),
}


# --- what a view holds ---


def conditions(
    spec: Spec,
    now: datetime,
    force: str,
    desk: Reference,
    *,
    with_snoozed: bool = False,
    teams: Sequence[Rename] = (),
    user: User | None = None,
) -> list[ColumnElement[bool]]:
    """What a referral has to fulfil to stand in this view; `teams` lets a team's name find its other names too.

    What `user` has not looked at since somebody else changed it stands under "news".
    """
    where = _of_view(spec.base, now, user)
    if spec.base in DAILY and not with_snoozed:
        where.append(_C.id.not_in(records_clock.snoozed_ids(now)))
    if force != "Joint":
        where.append(_C.force == force)
    if match := _match(spec.words, also_called(teams, spec.words)):
        found = text("SELECT rowid FROM referral_fts WHERE referral_fts MATCH :match").bindparams(match=match)
        where.append(_C.id.in_(found.columns(_C.id)))
    for name, wanted in spec.filters.items():
        if wanted.strip():
            found_by = _narrow(name, wanted.strip(), now, desk)
            others = also_called(teams, wanted) if name == "team" else ()
            where.append(found_by | _C.team.in_(others) if others else found_by)
    return where


def _of_view(view: str, now: datetime, user: User | None) -> list[ColumnElement[bool]]:
    where: list[ColumnElement[bool]] = []
    if view in _STAGES:
        where.append(_C.stage == _STAGES[view])
    else:
        where.append(_C.stage < (WITHDRAWN if view in ("all", "list_gaps", "news") else DONE))
    if view == "overdue":
        where.append(_C.due_at < now)
    elif view == "due_week":
        where += [_C.due_at >= now, _C.due_at <= rules_clock.week_ends(now)]
    elif view == "with_supervisor":
        where += [_C.status == rules.AWAITING_DOCUMENT, _C.id.in_(_with_supervisor())]
    elif view == "approval":
        where.append(_C.id.in_(records_exemptions.waiting_ids()))
    elif view == "snoozed":
        where.append(_C.id.in_(records_clock.snoozed_ids(now)))
    elif view == "list_gaps":
        where += _without_partner()
    elif view == "news":
        where.append(_C.id.in_(records_cover.changed_ids(user, now)) if user is not None else false())
    return where


def _with_supervisor() -> Any:
    """Cases whose supervisor, or somebody above, was chased since the due time."""
    chaser = cast(Table, Chaser.__table__).c
    late = cast(Table, Referral.__table__).alias("late").c
    return select(chaser.referral_id).where(
        chaser.to_role.in_((rules.SUPERVISOR, rules.INSPECTOR)), late.id == chaser.referral_id, chaser.at > late.due_at
    )


def _without_partner() -> list[ColumnElement[bool]]:
    """Contacts of ours that no outside list has, within the days that the lists cover."""
    theirs = cast(Table, OutsideContact.__table__).c
    listed = standing().with_only_columns(theirs.referral_id)
    partner = listed.where(theirs.state == MATCHED, theirs.referral_id.is_not(None))
    spans = [standing().with_only_columns(f(theirs.contact_at)).scalar_subquery() for f in (func.min, func.max)]
    return [
        _C.status != rules.DUPLICATE, _C.contact_at_known.is_(True), _C.contact_at.between(*spans),
        _C.id.not_in(partner),
    ]  # fmt: skip


def _narrow(name: str, wanted: str, now: datetime, desk: Reference) -> ColumnElement[bool]:
    """One column's filter; Refused names the column when what was typed cannot be read."""
    if name == "status":
        return _C.status == wanted
    if name == "force":
        return _C.force == wanted
    if name == "age":
        return _C.contact_at <= _oldest_day(wanted, now, desk)
    if name == "due":
        return _due(wanted, now)
    if name == "marked":
        return _marked(wanted, now, desk)
    if name == "officer":
        return _holds(_C.officer_name, wanted) | _holds(_C.officer_collar, wanted)
    return _holds(_C[name], wanted)


def _holds(column: ColumnElement[Any], words: str) -> ColumnElement[bool]:
    return column.icontains(words, autoescape=True)


def _oldest_day(wanted: str, now: datetime, desk: Reference) -> datetime:
    """The last instant of the newest day from which so many working days have begun since."""
    if not wanted.isdecimal() or len(wanted) > 4:
        raise Refused(f"“{wanted}” is not a number of working days; type figures only, like 5.", field="age")
    tomorrow = london_day(now) + timedelta(days=1)
    return end_of_day(add_working_days(tomorrow, -int(wanted), desk.holidays) - timedelta(days=1))


def _due(wanted: str, now: datetime) -> ColumnElement[bool]:
    today, week = end_of_day(london_day(now)), rules_clock.week_ends(now)
    waiting = _C.stage == NEEDS
    known: dict[str, ColumnElement[bool]] = {
        "overdue": waiting & (_C.due_at < now),
        "today": waiting & _C.due_at.between(now, today),
        "week": waiting & _C.due_at.between(now, week),
        "later": waiting & (_C.due_at > week),
        "none": _C.due_at.is_(None),
    }
    if wanted not in known:
        raise Refused("That is not a due time this list knows; choose one of the entries.", field="due")
    return known[wanted]


def _marked(wanted: str, now: datetime, desk: Reference) -> ColumnElement[bool]:
    if wanted == "safeguarding":
        return _C.safeguarding_incomplete.is_(True)
    if wanted == "woken":
        return (_C.stage < DONE) & _C.id.in_(records_clock.woken_ids(now, desk.holidays))
    raise Refused("That is not a mark this list knows; choose one of the entries.", field="marked")


def _match(words: str, teams: Sequence[str] = ()) -> str:
    """A search expression: every word typed begins a word of the record; or the team is one of these."""
    begun = " AND ".join(f'"{word}"*' for word in _words(words))
    named = [f'{{team}} : "{" ".join(_words(team))}"' for team in teams]
    return " OR ".join([f"({begun})", *named]) if named else begun


def _words(words: str) -> list[str]:
    return re.findall(r"\w+", unicodedata.normalize("NFC", words))


def counts(
    session: Session,
    *,
    now: datetime,
    force: str = "Joint",
    desk: Reference | None = None,
    own: Iterable[OwnView] = (),
) -> dict[str, int]:
    """How many referrals each view holds; a saved view is named by its `key_of`."""
    desk = desk or reference(session)
    table = Referral.__table__
    by_stage = select(_C.stage, func.count()).group_by(_C.stage)
    if force != "Joint":
        by_stage = by_stage.where(_C.force == force)
    stages: dict[int, int] = dict(session.execute(by_stage).all())
    asleep = _snoozed_by_stage(session, now, force)
    found = {view: stages.get(stage, 0) for view, stage in _STAGES.items()}
    for view in found.keys() & DAILY:
        found[view] -= asleep.get(_STAGES[view], 0)
    found["all"] = sum(count for stage, count in stages.items() if stage != WITHDRAWN)
    found["snoozed"] = sum(count for stage, count in asleep.items() if stage < DONE)
    counted = ["overdue", "due_week", "with_supervisor", "approval", "list_gaps", "news"]
    teams = renames(session) if own else ()
    for key, spec in [*((view, Spec(view)) for view in counted), *((key_of(view.id), view.spec) for view in own)]:
        where = conditions(spec, now, force, desk, teams=teams, user=session.info["user"])
        found[key] = session.scalar(select(func.count()).select_from(table).where(*where)) or 0
    return found


def count(session: Session, spec: Spec, *, now: datetime, force: str = "Joint", desk: Reference) -> int:
    """How many referrals a view without words holds, as narrowed by its filters."""
    where = conditions(spec, now, force, desk, user=session.info["user"])
    return session.scalar(select(func.count()).select_from(Referral.__table__).where(*where)) or 0


def oldest_due(session: Session, *, now: datetime, force: str = "Joint", desk: Reference) -> datetime | None:
    """Since when the longest overdue document has been due; None while none is overdue."""
    where = conditions(Spec("overdue"), now, force, desk)
    oldest: datetime | None = session.scalar(select(func.min(_C.due_at)).where(*where))
    return oldest


def _snoozed_by_stage(session: Session, now: datetime, force: str) -> dict[int, int]:
    query = select(_C.stage, func.count()).where(_C.id.in_(records_clock.snoozed_ids(now))).group_by(_C.stage)
    if force != "Joint":
        query = query.where(_C.force == force)
    return dict(session.execute(query).all())


def left_out(session: Session, spec: Spec, *, now: datetime, force: str, desk: Reference) -> int:
    """How many referrals a daily view leaves out because they are snoozed."""
    if spec.base not in DAILY:
        return 0
    teams = renames(session) if spec.is_narrowed else ()
    where = [
        *conditions(spec, now, force, desk, with_snoozed=True, teams=teams),
        _C.id.in_(records_clock.snoozed_ids(now)),
    ]
    return session.scalar(select(func.count()).select_from(Referral.__table__).where(*where)) or 0


def only_theirs(session: Session, *, force: str = "Joint") -> int:
    """How many contacts of the outside lists nobody here has, and nobody has decided about."""
    theirs = cast(Table, OutsideContact.__table__).c
    query = undecided(ONLY_THEIRS)
    if force != "Joint":
        query = query.where(theirs.force == force)
    return session.scalar(query.with_only_columns(func.count())) or 0


# --- views saved under a name ---


def key_of(view_id: int) -> str:
    """What a saved view is called among the views."""
    return f"own {view_id}"


def own_views(session: Session) -> list[OwnView]:
    """The saved views, in the order of their names."""
    rows = session.scalars(select(QueueView).where(QueueView.removed_at.is_(None)))
    return sorted((_own(row) for row in rows), key=lambda view: view.name.casefold())


def save_view(session: Session, name: str, spec: Spec, *, now: datetime) -> int:
    """Keep what is looked at under a name. Returns the view's id; Refused when the name is taken."""
    name = _free_name(session, name)
    row = QueueView(
        name=name, base=_checked(spec).base, spec=_packed(spec), made_at=now, made_by=session.info["user"].name
    )
    session.add(row)
    session.flush()
    log.record(session, log.COLLECTION, queue_view=row.id)
    return row.id


def change_view(session: Session, view_id: int, spec: Spec) -> Spec:
    """Let a saved view hold another filter, columns or order. Returns what it held before."""
    row = _kept(session, view_id)
    before = _own(row).spec
    row.base, row.spec = _checked(spec).base, _packed(spec)
    log.record(session, log.ALTERATION, queue_view=view_id, fields=["spec"])
    return before


def rename_view(session: Session, view_id: int, name: str) -> str:
    """Give a saved view another name. Returns the one it had."""
    row = _kept(session, view_id)
    before, row.name = row.name, _free_name(session, name, but=view_id)
    log.record(session, log.ALTERATION, queue_view=view_id, fields=["name"])
    return before


def remove_view(session: Session, view_id: int, *, now: datetime) -> str:
    """Take a saved view out of the list; no referral is touched. Returns its name."""
    row = _kept(session, view_id)
    row.removed_at = now
    log.record(session, log.ALTERATION, queue_view=view_id, fields=["removed_at"])
    return row.name


def restore_view(session: Session, view_id: int) -> None:
    """Take a removal back."""
    row = session.get_one(QueueView, view_id)
    _free_name(session, row.name, but=view_id)
    row.removed_at = None
    log.record(session, log.ALTERATION, queue_view=view_id, fields=["removed_at"])


def _kept(session: Session, view_id: int) -> QueueView:
    row = session.get(QueueView, view_id)
    if row is None or row.removed_at is not None:
        raise Refused("That view was removed; read the queue again.")
    return row


def _free_name(session: Session, name: str, but: int | None = None) -> str:
    name = " ".join(name.split())
    if not name:
        raise Refused("A view needs a name; type one.", field="name")
    if len(name) > 60:
        raise Refused("A view's name has 60 letters at most; choose a shorter one.", field="name")
    taken = {view.name.casefold(): view.id for view in own_views(session)}
    taken |= {title.casefold(): 0 for title in VIEWS.values()}
    if taken.get(name.casefold(), but) != but:
        raise Refused(f"There is a view called {name} already; choose another name.", field="name")
    return name


def _checked(spec: Spec) -> Spec:
    unknown = set(spec.filters) - set(FILTERS)
    if spec.base not in VIEWS or unknown or (spec.sort is not None and spec.sort not in SORTED):
        raise ValueError(f"not a view: {spec}")
    return spec


def _packed(spec: Spec) -> str:
    kept = {name: value for name, value in spec.filters.items() if value.strip()}
    return json.dumps(
        {"words": spec.words, "filters": kept, "columns": list(spec.columns), "sort": spec.sort,
         "descending": spec.descending}, ensure_ascii=False,
    )  # fmt: skip


def _own(row: QueueView) -> OwnView:
    told = json.loads(row.spec)
    spec = Spec(row.base, told["words"], told["filters"], tuple(told["columns"]), told["sort"], told["descending"])
    return OwnView(row.id, row.name, spec)
