"""The audit's commands: plan, freeze, sample, answers and result; `cli_audit_steps` has what comes between and after.

`--audit ID` names the audit; without it the newest is meant. Exit codes and sentences are those of `cli.py`.
"""

import argparse
from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import asdict, dataclass, field, replace
from datetime import date, datetime
from pathlib import Path
from typing import Any, NamedTuple

from oicdesk.errors import Refused

DONE, REFUSED = 0, 1
FORCES = ("Suffolk", "Norfolk", "Joint")


class Tools(NamedTuple):
    """What `cli.py` lends: how a vault is opened, what time it is, and how JSON is printed."""

    opened: Callable[[argparse.Namespace], AbstractContextManager[Any]]
    now: Callable[[], datetime]
    as_at: Callable[[argparse.Namespace], datetime]
    json: Callable[[Any], int]


def add_words(command: Callable[..., Any], tools: Tools) -> None:
    """Add `audit` with its words to the parser."""
    audit = command("audit", _no_word, help="plan, draw, answer and work out an audit")
    words = audit.add_subparsers(required=True)

    def word(name: str, run: Callable[[argparse.Namespace, Tools], int], **more: Any) -> Any:
        found = command(name, lambda args: run(args, tools), words, **more)
        found.add_argument("--json", action="store_true")
        return found

    _plan_words(word("plan", _plan, help="decide what is audited, before anybody looks at a case"))
    freeze = word("freeze", _freeze, help="lock population, seed and sample")
    freeze.add_argument("--seed", type=int, help="a whole number agreed beforehand (default: the desk makes one)")
    freeze.add_argument("--as-at", metavar="WHEN", help="the instant of the population (default: now)")
    sample = word("sample", _sample, help="the cases in draw order")
    sample.add_argument("--again", action="store_true", help="draw again and compare with what was locked")
    answers = word("answers", _answers, help="take over answers from a spreadsheet, all or none")
    answers.add_argument("file", type=Path, help="columns: item, criterion, answer, comment; reason if not applicable")
    answers.add_argument("--second", action="store_true", help="as the second reviewer, under their own passphrase")
    answers.add_argument("--third", action="store_true", help="the answers that hold where two differ; comment: why")
    answers.add_argument("--dry-run", action="store_true", help="say what would be written, and write nothing")
    result = word("result", _result, help="every figure with its interval and method")
    result.add_argument("--force", choices=FORCES, default="Joint", help="one force of a joint audit alone")
    for parser in (freeze, sample, answers, result):
        parser.add_argument("--audit", type=int, metavar="ID", help="which audit (default: the newest)")
    from oicdesk import cli_audit_steps  # it reads this module

    cli_audit_steps.add_words(word)


def _plan_words(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--kind", choices=["census", "random", "discovery", "dip"], default="random")
    parser.add_argument("--from", dest="period_from", type=date.fromisoformat, required=True, metavar="DATE")
    parser.add_argument("--to", dest="period_to", type=date.fromisoformat, required=True, metavar="DATE")
    parser.add_argument("--force", choices=FORCES, default="Joint")
    parser.add_argument("--title", metavar="TEXT", help="default: the kind and the period")
    parser.add_argument("--aim", metavar="TEXT", default="")
    parser.add_argument("--population", choices=["documented", "in_scope"], default="documented")
    parser.add_argument("--strata", choices=["force,reason", "force", "reason", "none"], default="force,reason")
    parser.add_argument("--merge-strata", action="store_true", help="merge small strata as the plan offers")
    parser.add_argument("--exclude", action="append", default=[], metavar="REF=REASON")
    for name, words in (
        ("margin", "random: within ± this much, such as 10%%"),
        ("confidence", "such as 95%%"),
        ("rate", "discovery: the share of failures to be noticed, such as 5%%"),
    ):
        parser.add_argument(f"--{name}", type=_share, metavar="SHARE", help=words)
    parser.add_argument("--size", type=int, help="dip sample: how many cases")
    parser.add_argument("--checklist", type=int, metavar="ID", help="a version of a checklist (default: the newest)")
    parser.add_argument(
        "--reviewer", action="append", metavar="NAME", help="who gives the first answers (default: the user; again for"
        " more)",
    )  # fmt: skip
    parser.add_argument("--second-reviewer", default="", metavar="NAME", help="default: anybody else")
    parser.add_argument("--second-share", type=_share, metavar="SHARE", help="reviewed twice, such as 20%%")
    for name, words in (
        ("second-least", "at least so many reviewed twice"), ("minimum", "at least so many of each stratum"),
        ("audit-all-up-to", "a population of so many or fewer is audited whole"),
    ):  # fmt: skip
        parser.add_argument(f"--{name}", type=int, metavar="N", help=words)
    parser.add_argument("--recommendation", metavar="N", help="which recommendation it is about (default: 2)")
    parser.add_argument("--supersedes", type=int, metavar="ID", help="the approved audit that this one replaces")
    parser.add_argument("--dry-run", action="store_true", help="show what freezing would lock, and keep no plan")


def _share(text: str) -> float:
    """10% and 0.1 alike; the percentage is read as the decimal that was written."""
    from decimal import Decimal, InvalidOperation

    try:
        return float(Decimal(text.removesuffix("%")) / (100 if text.endswith("%") else 1))
    except InvalidOperation:
        raise argparse.ArgumentTypeError(f"{text} is no share; write 10%% or 0.1") from None


def _no_word(args: argparse.Namespace) -> int:
    raise AssertionError("argparse asks for a word")


def named_audit(session: Any, args: argparse.Namespace) -> int:
    """The audit that was named, else the newest."""
    from oicdesk.audits.records import audit, audits

    if args.audit is not None:
        return int(audit(session, args.audit).id)
    rows = audits(session)
    if not rows:
        raise Refused("There is no audit in this vault yet: plan one with “oicdesk audit plan”.")
    return rows[0].id


# --- planning and drawing ---


def _plan(args: argparse.Namespace, tools: Tools) -> int:
    from oicdesk.audits.records import plan
    from oicdesk.audits.records_checklists import import_checklists
    from oicdesk.audits.records_frame import preview
    from oicdesk.audits.rules import check_plan
    from oicdesk.referrals.rules import refuse

    planned, now, audit_id = _planned(args), tools.now(), None
    refuse(check_plan(planned))
    with tools.opened(args) as vault:
        planned = replace(planned, reviewers=tuple(args.reviewer or [vault.user.name]))
        refuse(check_plan(planned))
        with vault.reading() as session:
            found = preview(session, planned, now)
            if args.merge_strata and found.merge_offer:
                planned = replace(planned, merged=found.merge_offer)
                found = preview(session, planned, now)
        if not args.dry_run:
            with vault.changing() as session:
                import_checklists(session, now=now)
                audit_id = plan(session, planned, now=now, checklist_id=args.checklist, supersedes=args.supersedes)
    if args.json:
        return tools.json({"audit": audit_id, "plan": _plain(planned), **asdict(found)})
    _say_plan(audit_id, planned, found)
    return DONE


def _planned(args: argparse.Namespace) -> Any:
    from oicdesk.audits.rules import KIND_WORDS, Plan
    from oicdesk.settings.rules import spoken_range

    period = spoken_range(args.period_from, args.period_to)
    names = (
        "margin", "confidence", "rate", "size", "second_share", "second_least", "minimum", "audit_all_up_to",
        "recommendation",
    )  # fmt: skip
    given = {name: getattr(args, name) for name in names}
    return Plan(
        title=args.title or f"{KIND_WORDS[args.kind]}, {period}", kind=args.kind, period_from=args.period_from,
        period_to=args.period_to, force=args.force, aim=args.aim, population_rule=args.population,
        second_reviewer=args.second_reviewer,
        strata_by=() if args.strata == "none" else tuple(args.strata.split(",")),
        exclusions=dict(_exclusion(text) for text in args.exclude),
        **{name: value for name, value in given.items() if value is not None},
    )  # fmt: skip


def _exclusion(text: str) -> tuple[str, str]:
    reference, _, reason = text.partition("=")
    return reference.strip(), reason.strip()


def _plain(plan: Any) -> dict[str, Any]:
    return {name: value.isoformat() if isinstance(value, date) else value for name, value in asdict(plan).items()}


def _say_plan(audit_id: int | None, plan: Any, found: Any) -> None:
    from oicdesk.audits.rules import KIND_WORDS, POPULATION_WORDS, STRATA_WORDS
    from oicdesk.settings.rules import spoken_range

    print(f"Audit {audit_id}: {plan.title}" if audit_id else f"Not kept: {plan.title}")
    print(f"  {KIND_WORDS[plan.kind]}, {plan.force}, contacts of {spoken_range(plan.period_from, plan.period_to)}")
    print(f"  Population: {POPULATION_WORDS[plan.population_rule]}: {found.population}")
    for reason, count in found.excluded:
        print(f"    left out {count}: {reason}")
    print(f"  Strata: {STRATA_WORDS[plan.strata_by]}")
    for stratum in found.strata:
        drawn = "" if stratum.drawn is None else f"{stratum.drawn} of "
        print(f"    {stratum.label or 'All'}: {drawn}{stratum.population}")
    print(found.why)
    for note in found.notes:
        print(note)
    if found.problem:
        print(f"It cannot be frozen so: {found.problem}")
    if found.merge_offer:
        print("With --merge-strata these would be counted together:")
        for label, together in sorted(found.merge_offer.items()):
            print(f"    {label} → {together}")


def _freeze(args: argparse.Namespace, tools: Tools) -> int:
    from oicdesk.audits.records_frame import freeze
    from oicdesk.audits.rules_review import plural

    with tools.opened(args) as vault, vault.changing() as session:
        audit_id, now = named_audit(session, args), tools.now()
        row = freeze(session, audit_id, as_at=tools.as_at(args) if args.as_at else now, now=now, seed=args.seed)
    locked = {
        "audit": row.id, "status": row.status, "as_at": row.as_at, "population": row.population,
        "size": row.sample_size, "why": row.why, "seed": row.seed, "seed_given": row.seed_given,
        "algorithm": row.algorithm, "frame_sha256": row.frame_hash,
    }  # fmt: skip
    if args.json:
        return tools.json(locked)
    print(f"Audit {row.id} is frozen: {row.sample_size} of {plural(row.population or 0, 'case')}.")
    print(f"  Seed {row.seed} ({'given' if row.seed_given else 'made by the desk'}), algorithm {row.algorithm}")
    print(f"  Frame SHA-256 {row.frame_hash}")
    print(row.why)
    return DONE


def _sample(args: argparse.Namespace, tools: Tools) -> int:
    from oicdesk.audits.records import audit
    from oicdesk.audits.records_frame import draw_again, sample
    from oicdesk.audits.rules_review import plural

    with tools.opened(args) as vault, vault.reading() as session:
        audit_id = named_audit(session, args)
        row, lines = audit(session, audit_id), sample(session, audit_id)
        again = draw_again(session, audit_id) if args.again else None
    code = DONE if again is None or again.is_same else REFUSED
    if args.json:
        told: dict[str, Any] = {
            "audit": audit_id, "seed": row.seed, "algorithm": row.algorithm, "frame_sha256": row.frame_hash,
            "population": row.population, "sample": [_sample_line(line) for line in lines if not line.spare],
            "spares": [_sample_line(line) for line in lines if line.spare],
        }  # fmt: skip
        if again is not None:
            told["again"] = {
                "same": again.is_same, "frame_sha256": again.frame_hash, "drawn": again.sample, "told": again.sentence,
            }  # fmt: skip
        tools.json(told)
        return code
    for line in lines:
        place = f"spare {line.position}" if line.spare else str(line.position)
        change = f"  replaced by {line.replaced_by}: {line.replaced_because}" if line.replaced_by else ""
        change = f"  replaces {line.replaces}" if line.replaces else change
        print(f"{place:>9}  {line.item}  {line.stratum}{change}")
    print(again.sentence if again else f"{plural(sum(not line.spare for line in lines), 'case')} in draw order.")
    return code


def _sample_line(line: Any) -> dict[str, Any]:
    return {
        "position": line.position, "item": line.item, "spare": line.spare, "force": line.force,
        "reason": line.reason, "month": line.month, "stratum": line.stratum, "replaces": line.replaces,
        "replaced_by": line.replaced_by, "replaced_because": line.replaced_because,
    }  # fmt: skip


# --- answers ---


class _Undone(Exception):
    """Leaves the transaction without writing anything."""


_HEADER = ("item", "criterion", "answer")
_TEXTS = ("reason", "comment", "evidence", "follow_up")


def _answers(args: argparse.Namespace, tools: Tools) -> int:
    """All rows are tried in one transaction; one problem, or a dry run, and none of them stays."""
    from oicdesk.audits.records_review import ADJUDICATED, FIRST, SECOND, second_items, start_second_review
    from oicdesk.sheets.read import read

    sheet = read(args.file)
    columns = _columns(sheet.columns)
    lines = [line for line in sheet.lines if not line.is_blank]
    round_ = SECOND if args.second else ADJUDICATED if args.third else FIRST
    found, now = _Found(rows=len(sheet.lines), blank=len(sheet.lines) - len(lines)), tools.now()
    with tools.opened(args) as vault:
        try:
            with vault.changing() as session:
                audit_id = named_audit(session, args)
                if args.second and not second_items(session, audit_id):
                    start_second_review(session, audit_id, now=now)
                _take(session, audit_id, round_, columns, lines, found, now)
                if found.problems or args.dry_run or not found.written:
                    raise _Undone
        except _Undone:
            pass
    if found.problems:
        found.not_written, found.written = found.written, 0
    _say_answers(args, tools, audit_id, found)
    return REFUSED if found.problems else DONE


@dataclass
class _Found:
    """rows = blank + written + already_there + problems + not_written (good rows beside a problem)."""

    rows: int
    blank: int
    written: int = 0
    already_there: int = 0
    not_written: int = 0
    problem_rows: list[tuple[int, str]] = field(default_factory=list)

    @property
    def problems(self) -> int:
        return len(self.problem_rows)


def _columns(header: list[str]) -> dict[str, int]:
    named = {name.strip().lower().replace("-", "_").replace(" ", "_"): place for place, name in enumerate(header)}
    lacking = [name for name in _HEADER if name not in named]
    if lacking:
        raise Refused(f"The file has no column “{lacking[0]}”: name its columns item, criterion, answer and comment.")
    return {name: named[name] for name in (*_HEADER, *_TEXTS) if name in named}


def _take(
    session: Any, audit_id: int, round_: str, columns: dict[str, int], lines: list[Any], found: _Found, now: datetime
) -> None:
    from oicdesk.audits.records import audit
    from oicdesk.audits.records_frame import cases_under_audit
    from oicdesk.audits.records_review import ADJUDICATED, adjudicate, answer

    if not audit(session, audit_id).is_frozen:
        raise Refused("This audit has no frozen sample yet: freeze it before any answer is given.")
    items = {case.item: case.id for case in cases_under_audit(session, audit_id)}
    seen: dict[tuple[int, int], int] = {}
    for line in lines:
        cells = {name: str(line.cells[place]).strip() for name, place in columns.items()}
        try:
            item, number, word = _read_line(cells, items)
            if (item, number) in seen:
                raise Refused(f"{cells['item']}, criterion {number} stands on line {seen[item, number]} already.")
            seen[item, number] = line.number
            texts = {name: cells.get(name, "") for name in _TEXTS}
            if word == "NOT_APPLICABLE" and "reason" not in columns:
                texts["reason"], texts["comment"] = texts["comment"], ""
            if round_ == ADJUDICATED:
                adjudicate(
                    session, audit_id, item, number, word, now=now, comment=texts["comment"], reason=texts["reason"]
                )
                is_new = True
            else:
                is_new = answer(session, audit_id, item, number, word, now=now, round=round_, **texts)
            found.written, found.already_there = found.written + is_new, found.already_there + (not is_new)
        except Refused as refusal:
            found.problem_rows.append((line.number, str(refusal)))


def _read_line(cells: dict[str, str], items: dict[str, int]) -> tuple[int, int, str]:
    from oicdesk.audits.rules_review import ANSWER_KEYS, ANSWER_WORDS

    item = items.get(cells["item"].upper())
    if item is None:
        raise Refused(f"“{cells['item']}” is not a case under audit; take the references of the sample.")
    number = cells["criterion"].removesuffix(".0")
    if not number.isdecimal():
        raise Refused(f"“{cells['criterion']}” is not the number of a criterion; write its digits.")
    words = {text.casefold(): code for code, text in ANSWER_WORDS.items()}
    words |= {code.casefold(): code for code in ANSWER_WORDS} | {key.casefold(): c for key, c in ANSWER_KEYS.items()}
    word = words.get(cells["answer"].removesuffix(".0").casefold())
    if word is None:
        known = ", ".join(ANSWER_WORDS.values())
        raise Refused(f"“{cells['answer']}” is not an answer; write one of {known}.")
    return item, int(number), word


def _say_answers(args: argparse.Namespace, tools: Tools, audit_id: int, found: _Found) -> None:
    if args.json:
        told = {name: value for name, value in asdict(found).items() if name != "problem_rows"}
        rows = [{"line": line, "reasons": [sentence]} for line, sentence in found.problem_rows]
        tools.json({"audit": audit_id, **told, "problems": found.problems, "problem_rows": rows})
        return
    from oicdesk.audits.rules_review import plural

    would = "would be " if args.dry_run else ""
    written, problems = plural(found.written, "answer"), plural(found.problems, "problem")
    print(f"{written} {would}written, {found.already_there} there already, {problems}.")
    for line, sentence in found.problem_rows:
        print(f"  line {line}: {sentence}")
    if found.problems:
        print("Nothing was written: correct these lines and give the file again.")


# --- results ---


def _result(args: argparse.Namespace, tools: Tools) -> int:
    from oicdesk.audits.records import audit
    from oicdesk.audits.records_results import results
    from oicdesk.audits.records_series import comparison, series
    from oicdesk.audits.rules_review import plural
    from oicdesk.desk import audit_scope

    with tools.opened(args) as vault, vault.reading() as session:
        audit_id = named_audit(session, args)
        scope = audit_scope(audit(session, audit_id), args.force)
        found = results(session, audit_id, force=scope)
        compared = comparison(session, found, force=scope)
        chart = series(session, scope, until=found.audit.plan.period_to) if scope == found.audit.plan.force else None
    if args.json:
        return tools.json({**_told(found, compared, scope), "series": _series(chart)})
    print(f"{found.audit.plan.title}, {scope}")
    print(f"Documents: {found.overall.sentence}")
    print(f"  Method: {found.overall.method}. Partly met among those that pass: {found.partly}.")
    for words, groups in (
        ("By force", found.by_force), ("By contact reason", found.by_reason), ("By month", found.by_month),
    ):  # fmt: skip
        print(words)
        for group in groups:
            print(f"  {group.label}: {group.figure.sentence}")
    print("By criterion")
    for row in found.criteria:
        print(f"  {row.criterion.number} {row.criterion.text}: {row.figure.sentence}")
    if found.second is not None:
        raw, kappa, ac1 = found.second.answers.raw, found.second.answers.kappa, found.second.answers.ac1
        print(f"Second review of {plural(found.second.cases, 'case')}: raw {raw}, kappa {kappa}, AC1 {ac1}")
    if compared is not None:
        print(compared.comparison.sentence)
    return DONE


def _series(chart: Any) -> dict[str, Any] | None:
    """The chart over the audits of the scope, points with their figures and phases with their limits."""
    if chart is None:
        return None
    points = [{**asdict(one), "period_to": one.period_to.isoformat()} for one in chart.points]
    return {"points": points, "phases": [asdict(phase) for phase in chart.phases]}


def _told(found: Any, compared: Any, scope: str) -> dict[str, Any]:
    """Every figure; the counts behind each stand beside it."""
    audit = found.audit
    groups = {"by_force": found.by_force, "by_reason": found.by_reason, "by_month": found.by_month}
    return {
        "audit": audit.id, "title": audit.plan.title, "kind": audit.plan.kind, "force": scope,
        "status": audit.status, "as_at": audit.as_at, "population": audit.population, "size": audit.sample_size,
        "seed": audit.seed, "algorithm": audit.algorithm, "frame_sha256": audit.frame_hash,
        "confidence": audit.plan.confidence,
        "checklist": {"name": found.checklist.spoken, "sha256": found.checklist.content_hash},
        "excluded": dict(found.excluded), "overall": asdict(found.overall), "partly_met": found.partly,
        "strata": [asdict(row) for row in found.strata],
        **{name: {row.label: asdict(row.figure) for row in rows} for name, rows in groups.items()},
        "criteria": [
            {
                "number": row.criterion.number, "text": row.criterion.text, "mandatory": row.criterion.mandatory,
                "answers": dict(row.counts), **asdict(row.figure),
            }
            for row in found.criteria
        ],
        "second_review": asdict(found.second) if found.second else None,
        "replacements": [_sample_line(row) for row in found.replacements],
        "comparison": None if compared is None else {
            "earlier": compared.earlier.id, "note": compared.note, **asdict(compared.comparison),
        },
        "limits": list(found.limits),
        "cases": [
            {
                "item": row.case.item, "force": row.case.force, "reason": row.case.reason, "month": row.case.month,
                "stratum": row.case.stratum, "passed": row.passed, "partly_met": row.partly,
                "failed_criteria": list(row.failed), "answers": {n: a.answer for n, a in sorted(row.answers.items())},
            }
            for row in found.cases
        ],
    }  # fmt: skip
