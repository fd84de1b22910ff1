"""What follows an audit's answers by command: reviewers, differences, moderating, approving, findings, checklists."""

import argparse
from collections.abc import Callable
from dataclasses import asdict
from datetime import date
from pathlib import Path
from typing import Any

from oicdesk.cli_audit import DONE, FORCES, Tools, named_audit
from oicdesk.errors import Refused

_STEPS = {"start": "IN_PROGRESS", "done": "DONE", "verify": "VERIFIED", "reopen": "OPEN"}


def add_words(word: Callable[..., Any]) -> None:
    """Add these words below `audit`; `word(name, run)` makes a parser with --json."""
    word("list", _list, help="every audit with its standing")
    reviewer = word("reviewer", _reviewer, help="name another reviewer of a frozen audit")
    reviewer.add_argument("name")
    reviewer.add_argument("--second", action="store_true", help="as the second reviewer")
    replacing = word("replace", _replace, help="take a case out; the next spare of its stratum takes its place")
    replacing.add_argument("item")
    for parser in (reviewer, replacing):
        parser.add_argument("--reason", required=True)
    second = word("second", _second, help="begin the second review as its reviewer, and list its cases")
    differing = word("differences", _differences, help="where two reviewers differ, once both are complete")
    moderate = word("moderate", _moderate, help="close the review: no answer changes afterwards")
    moderate.add_argument("--without-second", default="", metavar="REASON", help="why there was no second review")
    moderate.add_argument("--limits", metavar="TEXT", help="limits and gaps to print")
    approve = word("approve", _approve, help="approve a moderated audit, under the approver's own passphrase")
    release = word("release", _release, help="release the panel paper, under the approver's own passphrase")
    finding = word("finding", _finding, help="record a finding, or good practice")
    finding.add_argument("title")
    finding.add_argument("--severity", choices=["Critical", "High", "Medium", "Low"])
    finding.add_argument("--good-practice", action="store_true")
    finding.add_argument("--criterion", type=int)
    for name in ("detail", "root-cause"):
        finding.add_argument(f"--{name}", default="", metavar="TEXT")
    action = word("action", _action, help="agree an action on a finding")
    action.add_argument("finding", type=int, help="the finding's number in the audit")
    action.add_argument("text")
    action.add_argument("--owner", required=True)
    action.add_argument("--due", type=date.fromisoformat, required=True, metavar="DATE")
    step = word("step", _step, help="move an action on")
    step.add_argument("action", type=int, metavar="ID")
    step.add_argument("to", choices=list(_STEPS))
    step.add_argument("--evidence", default="", metavar="TEXT")
    step.add_argument("--reason", default="", metavar="TEXT")
    word("actions", _actions, help="every action that is not verified, overdue ones first")
    _phase_words(word("phase", _phase, help="begin or end a phase of the chart, or list those there are"))
    _checklist_words(word("checklist", _checklist, help="list the versions, import or write one as TOML"))
    for parser in (reviewer, replacing, second, differing, moderate, approve, release, finding, action):
        parser.add_argument("--audit", type=int, metavar="ID", help="which audit (default: the newest)")


def _phase_words(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--force", choices=FORCES, default="Joint")
    parser.add_argument("--from", dest="starts_on", type=date.fromisoformat, metavar="DATE", help="begin one")
    parser.add_argument("--end", type=int, metavar="ID", help="take one back")
    parser.add_argument("--reason", default="")


def _checklist_words(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--import", dest="source", type=Path, metavar="FILE", help="a TOML file, as a new version")
    parser.add_argument("--export", dest="target", type=Path, metavar="FILE", help="write a version as TOML")
    parser.add_argument("--version", type=int, metavar="ID", help="which version to write (default: the newest)")


def _say(args: argparse.Namespace, tools: Tools, told: Any, sentence: str) -> int:
    if args.json:
        return tools.json(told)
    print(sentence)
    return DONE


# --- the list, reviewers, replacements ---


def _list(args: argparse.Namespace, tools: Tools) -> int:
    from oicdesk.audits.records import audits
    from oicdesk.audits.rules import STATUS_WORDS

    with tools.opened(args) as vault, vault.reading() as session:
        rows = audits(session)
    told = [
        {
            "audit": row.id, "title": row.plan.title, "kind": row.plan.kind, "force": row.plan.force,
            "status": row.status, "period_from": row.plan.period_from.isoformat(),
            "period_to": row.plan.period_to.isoformat(), "population": row.population, "size": row.sample_size,
            "reviewers": list(row.plan.reviewers), "second_reviewer": row.plan.second_reviewer or None,
        }
        for row in rows
    ]  # fmt: skip
    lines = [f"{row.id:>4}  {row.plan.title} · {row.plan.force} · {STATUS_WORDS[row.status]}" for row in rows]
    return _say(args, tools, told, "\n".join(lines) or "There is no audit in this vault yet.")


def _reviewer(args: argparse.Namespace, tools: Tools) -> int:
    from oicdesk.audits.records import audit, name_reviewer

    with tools.opened(args) as vault, vault.changing() as session:
        audit_id = named_audit(session, args)
        name_reviewer(session, audit_id, args.name, args.reason, now=tools.now(), is_second=args.second)
        plan = audit(session, audit_id).plan
    told = {"audit": audit_id, "reviewers": list(plan.reviewers), "second_reviewer": plan.second_reviewer or None}
    return _say(args, tools, told, f"{args.name} is named; the reason is kept and printed.")


def _replace(args: argparse.Namespace, tools: Tools) -> int:
    from oicdesk.audits.records_frame import cases_under_audit
    from oicdesk.audits.records_review import replace

    with tools.opened(args) as vault, vault.changing() as session:
        audit_id = named_audit(session, args)
        items = {case.item: case.id for case in cases_under_audit(session, audit_id)}
        if args.item.upper() not in items:
            raise Refused(f"“{args.item}” is not a case under audit; take a reference of the sample.")
        came = replace(session, audit_id, items[args.item.upper()], args.reason, now=tools.now())
    told = {"audit": audit_id, "replaced": args.item.upper(), "by": came.item}
    return _say(args, tools, told, f"{came.item} takes the place of {args.item.upper()}.")


# --- differences, moderating, approving ---


def _second(args: argparse.Namespace, tools: Tools) -> int:
    from oicdesk.audits.records_frame import cases_under_audit
    from oicdesk.audits.records_review import SECOND, progress, second_items, start_second_review

    with tools.opened(args) as vault, vault.changing() as session:
        audit_id = named_audit(session, args)
        if not second_items(session, audit_id):
            start_second_review(session, audit_id, now=tools.now())
        names = {case.id: case.item for case in cases_under_audit(session, audit_id)}
        items = [names[item] for item in second_items(session, audit_id)]
        complete = progress(session, audit_id, SECOND).complete
    told = {"audit": audit_id, "cases": items, "complete": complete}
    return _say(args, tools, told, "\n".join([*items, f"{complete} of {len(items)} answered in full."]))


def _differences(args: argparse.Namespace, tools: Tools) -> int:
    from oicdesk.audits.records_review import differences

    with tools.opened(args) as vault, vault.reading() as session:
        audit_id = named_audit(session, args)
        found = differences(session, audit_id)
    told = [
        {
            "item": one.item, "criterion": one.number, "first": one.first.answer, "second": one.second.answer,
            "decided": one.adjudicated.answer if one.adjudicated else None,
        }
        for one in found
    ]  # fmt: skip
    lines = [
        f"{one['item']}, criterion {one['criterion']}: {one['first']} and {one['second']}"
        f", decided {one['decided'] or 'not yet'}"
        for one in told
    ]
    return _say(args, tools, {"audit": audit_id, "differences": told}, "\n".join(lines) or "The two never differ.")


def _moderate(args: argparse.Namespace, tools: Tools) -> int:
    from oicdesk.audits.records import write_limits
    from oicdesk.audits.records_review import moderate

    with tools.opened(args) as vault, vault.changing() as session:
        audit_id = named_audit(session, args)
        if args.limits is not None:
            write_limits(session, audit_id, args.limits)
        moderate(session, audit_id, now=tools.now(), without_second=args.without_second)
    return _say(args, tools, {"audit": audit_id, "status": "MODERATED"}, f"Audit {audit_id} is moderated.")


def _approve(args: argparse.Namespace, tools: Tools) -> int:
    from oicdesk.audits.records_findings import approve

    with tools.opened(args) as vault, vault.changing() as session:
        audit_id = named_audit(session, args)
        approve(session, audit_id, now=tools.now())
        told = {"audit": audit_id, "status": "APPROVED", "approved_by": vault.user.name}
    return _say(args, tools, told, f"Audit {audit_id} is approved.")


def _release(args: argparse.Namespace, tools: Tools) -> int:
    from oicdesk.audits.records_findings import release_panel

    with tools.opened(args) as vault, vault.changing() as session:
        audit_id = named_audit(session, args)
        release_panel(session, audit_id, now=tools.now())
        told = {"audit": audit_id, "released_by": vault.user.name}
    return _say(args, tools, told, f"The panel paper of audit {audit_id} is released.")


# --- findings and actions ---


def _finding(args: argparse.Namespace, tools: Tools) -> int:
    from oicdesk.audits.records_findings import FINDING, GOOD_PRACTICE, add_finding, findings

    kind = GOOD_PRACTICE if args.good_practice else FINDING
    with tools.opened(args) as vault, vault.changing() as session:
        audit_id, now = named_audit(session, args), tools.now()
        made = add_finding(
            session, audit_id, args.title, now=now, kind=kind, severity=args.severity, detail=args.detail,
            root_cause=args.root_cause, criterion=args.criterion,
        )  # fmt: skip
        number = next(row.number for row in findings(session, audit_id, today=now.date()) if row.id == made)
    told = {"audit": audit_id, "finding": number, "kind": kind}
    return _say(args, tools, told, f"{kind.capitalize()} {number} of audit {audit_id} is recorded.")


def _action(args: argparse.Namespace, tools: Tools) -> int:
    from oicdesk.audits.records_findings import add_action, findings

    with tools.opened(args) as vault, vault.changing() as session:
        audit_id, now = named_audit(session, args), tools.now()
        rows = {row.number: row.id for row in findings(session, audit_id, today=now.date())}
        if args.finding not in rows:
            raise Refused(f"Audit {audit_id} has no finding {args.finding}; look at its numbers.")
        made = add_action(session, rows[args.finding], args.text, owner=args.owner, due_on=args.due, now=now)
    told = {"audit": audit_id, "finding": args.finding, "action": made}
    return _say(args, tools, told, f"Action {made} is agreed: {args.owner} by {args.due.isoformat()}.")


def _step(args: argparse.Namespace, tools: Tools) -> int:
    from oicdesk.audits.records_findings import move_action

    with tools.opened(args) as vault, vault.changing() as session:
        to = _STEPS[args.to]
        move_action(session, args.action, to, now=tools.now(), evidence=args.evidence, reason=args.reason)
    return _say(args, tools, {"action": args.action, "status": to}, f"Action {args.action}: {args.to}.")


def _actions(args: argparse.Namespace, tools: Tools) -> int:
    from oicdesk.audits.records_findings import actions
    from oicdesk.audits.rules import ACTION_WORDS
    from oicdesk.settings.rules import london_day

    with tools.opened(args) as vault, vault.reading() as session:
        rows = actions(session, today=london_day(tools.now()))
    told = [{**asdict(row), "due_on": row.due_on.isoformat()} for row in rows]
    lines = [
        f"{row.id:>4}  {'overdue' if row.is_overdue else ACTION_WORDS[row.status].lower()}, due"
        f" {row.due_on.isoformat()}, {row.owner}: {row.text}"
        for row in rows
    ]
    return _say(args, tools, told, "\n".join(lines) or "No action is open.")


# --- the chart and the checklists ---


def _phase(args: argparse.Namespace, tools: Tools) -> int:
    from oicdesk.audits.records_series import end_phase, phases, start_phase

    with tools.opened(args) as vault:
        if args.starts_on is not None or args.end is not None:
            with vault.changing() as session:
                if args.end is not None:
                    end_phase(session, args.end, args.reason, now=tools.now())
                if args.starts_on is not None:
                    start_phase(session, args.force, args.starts_on, args.reason, now=tools.now())
        with vault.reading() as session:
            rows = phases(session, args.force)
    told = [{**asdict(row), "starts_on": row.starts_on.isoformat()} for row in rows]
    lines = [f"{row.id:>4}  from {row.starts_on.isoformat()}: {row.reason}" for row in rows]
    return _say(args, tools, told, "\n".join(lines) or f"The chart of {args.force} has no phase but its start.")


def _checklist(args: argparse.Namespace, tools: Tools) -> int:
    from oicdesk.audits.records_checklists import checklist, checklists, import_file, newest, write_file

    with tools.opened(args) as vault:
        if args.source is not None:
            with vault.changing() as session:
                row = checklist(session, import_file(session, args.source, now=tools.now()))
            return _say(args, tools, _version(row), f"Checklist {row.id}: {row.spoken}, {_criteria(row)}.")
        with vault.reading() as session:
            rows = checklists(session)
            if args.target is not None:
                row = checklist(session, args.version) if args.version is not None else newest(session)
                write_file(row, args.target)
                return _say(args, tools, _version(row), f"{row.spoken} is written to {args.target}.")
    lines = [f"{row.id:>4}  {row.spoken}, {_criteria(row)}" for row in rows]
    return _say(args, tools, [_version(row) for row in rows], "\n".join(lines) or "There is no checklist yet.")


def _criteria(row: Any) -> str:
    return "1 criterion" if len(row.criteria) == 1 else f"{len(row.criteria)} criteria"


def _version(row: Any) -> dict[str, Any]:
    return {
        "checklist": row.id, "name": row.name, "version": row.version, "note": row.note,
        "sha256": row.content_hash, "criteria": len(row.criteria),
    }  # fmt: skip
