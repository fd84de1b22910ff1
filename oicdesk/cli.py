"""The commands that a script or an administrator runs; their names and shapes are a contract.

A refusal is one sentence on standard error. Exit codes: 0 done, 1 refused or some rows had problems, 2 wrong
usage, 3 the vault could not be opened, is damaged, or its disk failed.
"""

import argparse
import getpass
import hashlib
import json
import os
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any, NoReturn

from oicdesk import machine, paths
from oicdesk.errors import DamagedSlots, Refused, VaultError, WrongPassphrase

DONE, REFUSED, USAGE, VAULT = 0, 1, 2, 3
SCOPES = ("Suffolk", "Norfolk", "Joint")


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command; returns the exit code."""
    args = _parser().parse_args(arguments)
    try:
        return int(args.run(args))
    except Refused as refusal:
        return _say(str(refusal), REFUSED)
    except VaultError as error:
        return _say(str(error), VAULT)
    except KeyboardInterrupt:
        return _say("Stopped; nothing half-written is left.", REFUSED)
    except BrokenPipeError:
        sys.stderr.close()
        return REFUSED
    except Exception as fault:
        return _say(_report_fault(fault), REFUSED)


def _say(sentence: str, code: int) -> int:
    print(sentence, file=sys.stderr)
    return code


def _report_fault(fault: Exception) -> str:
    """Note a fault of the program in the technical log, without contents, and say so in one sentence."""
    from oicdesk.faults import note

    where = note(fault)
    return (
        f"Something went wrong in OICDesk itself ({type(fault).__name__}); nothing half-written is left, and"
        f" {where} has the details to send to your support."
    )


# --- the words that may be typed ---


class _Parser(argparse.ArgumentParser):
    """Says wrong usage in one sentence, as every other error is said."""

    def error(self, message: str) -> NoReturn:
        self.exit(USAGE, f"{self.prog}: {message}; '{self.prog} --help' says what may be typed.\n")


def _parser() -> argparse.ArgumentParser:
    parser = _Parser(prog="oicdesk", description=__doc__, parents=[_anywhere()])
    parser.set_defaults(run=_window, vault=None, passphrase_file=None, user=None, previous_keys=False)
    parser.add_argument("--version", action=_Version, nargs=0, help="say which version this is")
    words = parser.add_subparsers(metavar="COMMAND")

    def command(name: str, run: Callable[[argparse.Namespace], int], into: Any = words, **more: Any) -> Any:
        found = into.add_parser(name, parents=[_anywhere()], **more)
        found.set_defaults(run=run)
        return found

    demo = command("demo", _demo, help="build the fictional desk, then open it")
    demo.add_argument("--dir", type=Path, default=None)
    demo.add_argument("--today", type=date.fromisoformat, default=None, metavar="DATE")
    command("self-test", _self_test, help="prove this installation")
    _vault_words(command, command("vault", _no_word, help="create, verify, back up or restore a vault"))
    _import_words(command)
    command("queue", _queue, help="what is open, oldest first").add_argument("--json", action="store_true")
    figures = command("figures", _figures, help="coverage and timeliness")
    figures.add_argument("--json", action="store_true")
    _moment(figures)
    _report_words(command)
    _audit_words(command)
    activity = command("activity", _no_word, help="check or export the activity log").add_subparsers(required=True)
    verify = command("verify", _activity_verify, activity, help="check the whole log")
    verify.add_argument("--head", help="a log head printed on a report, to find entries cut off since")
    export = command("export", _activity_export, activity, help="write the log as CSV or JSON")
    export.add_argument("file", type=Path)
    _recipient(export)
    return parser


def _anywhere() -> argparse.ArgumentParser:
    """The options that stand before or after the words; made anew for each parser, as defaults are kept in them."""
    options = argparse.ArgumentParser(add_help=False, argument_default=argparse.SUPPRESS)
    options.add_argument("--vault", type=Path, metavar="PATH", help="the vault (default: the last one opened here)")
    options.add_argument("--passphrase-file", type=Path, metavar="FILE", help="its first line is the passphrase")
    options.add_argument("--user", metavar="NAME", help="whose passphrase it is (default: try each)")
    options.add_argument(
        "--previous-keys", action="store_true", help="open with keys.json.previous, because keys.json is damaged"
    )
    return options


class _Version(argparse.Action):
    def __call__(self, parser: argparse.ArgumentParser, *_rest: Any) -> None:
        from oicdesk.desk_papers import program_version

        print(f"oicdesk {program_version()}")
        parser.exit()


def _vault_words(command: Callable[..., Any], vault: Any) -> None:
    words = vault.add_subparsers(required=True)
    create = command("create", _create, words, help="a new vault")
    create.add_argument("path", type=Path)
    create.add_argument("--recovery-key-file", type=Path, metavar="FILE")
    command("verify", _verify, words, help="check keys, pages, references and log")
    backup = command("backup", _backup, words, help="one file that holds the whole desk")
    backup.add_argument("file", type=Path)
    _recipient(backup)
    restore = command("restore", _restore, words, help="put a backup into a new place")
    restore.add_argument("file", type=Path)
    restore.add_argument("path", type=Path)
    restore.add_argument("--replace", action="store_true", help="move an older vault there aside")


def _import_words(command: Callable[..., Any]) -> None:
    imports = command("import", _import, help="take over a list from a spreadsheet")
    imports.add_argument("kind", choices=["referrals", "contacts", "documents", "learners", "completions"])
    imports.add_argument("file", type=Path)
    for flag in ("--json", "--all-or-nothing", "--dry-run"):
        imports.add_argument(flag, action="store_true")
    imports.add_argument("--mapping", metavar="NAME", help="a mapping kept under this name")
    imports.add_argument("--problems", type=Path, metavar="FILE", help="where the problem rows are written")


def _report_words(command: Callable[..., Any]) -> None:
    report = command("report", _report, help="write a report as PDF, DOCX or XLSX")
    report.add_argument("name", nargs="?")
    report.add_argument("--list", action="store_true")
    report.add_argument("--out", type=Path, metavar="FILE")
    report.add_argument("--format", choices=["pdf", "docx", "xlsx"])
    report.add_argument("--audit", type=int, metavar="ID", help="which audit (default: the newest frozen one)")
    report.add_argument("--officer", metavar="NAME", help="feedback slips: of one reporting officer alone")
    _recipient(report)
    _moment(report)


def _audit_words(command: Callable[..., Any]) -> None:
    from oicdesk import cli_audit

    cli_audit.add_words(command, cli_audit.Tools(_opened, _now, _as_at, _json))


def _moment(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--force", choices=SCOPES, default="Joint")
    parser.add_argument("--as-at", metavar="WHEN", help="an instant, or a day for the end of it (default: now)")


def _recipient(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--recipient", metavar="TEXT")
    parser.add_argument("--purpose", metavar="TEXT")


def _no_word(args: argparse.Namespace) -> int:
    raise AssertionError("argparse asks for a word")


# --- asking and opening ---


def _secret(args: argparse.Namespace, prompt: str = "Passphrase: ") -> str:
    if args.passphrase_file is not None:
        try:
            with args.passphrase_file.open(encoding="utf-8-sig") as file:
                return str(file.readline().rstrip("\r\n"))
        except (OSError, UnicodeDecodeError) as error:
            raise Refused(
                f"The passphrase file cannot be read ({getattr(error, 'strerror', None) or 'not text'}):"
                " check its name and permissions."
            ) from error
    if not sys.stdin.isatty():
        raise Refused("No passphrase was given: name its file with --passphrase-file, or use a terminal.")
    return getpass.getpass(prompt)


def _vault_at(args: argparse.Namespace) -> Path:
    path = args.vault or machine.this().last_vault
    if path is None:
        raise Refused("No vault was opened on this computer yet: name one with --vault, or create one first.")
    return Path(path)


@contextmanager
def _opened(args: argparse.Namespace, *, check_log: bool = True) -> Iterator[Any]:
    from oicdesk.vault.vault import Vault, vault_path

    path = vault_path(_vault_at(args))
    try:
        vault = Vault.open(path, _secret(args), args.user, previous_slots=args.previous_keys, check_log=check_log)
    except WrongPassphrase:
        machine.this().note_failure(path)
        raise
    except DamagedSlots as damaged:
        told = "the previous key file"
        raise DamagedSlots(str(damaged).replace(told, f"{told} (--previous-keys)")) from damaged
    machine.this().note_opened(path, datetime.now(UTC).isoformat())
    with vault:
        yield vault


@contextmanager
def _current(args: argparse.Namespace) -> Iterator[Any]:
    """An open vault whose exemptions that ran out have returned to work."""
    from oicdesk.desk import catch_up

    with _opened(args) as vault:
        catch_up(vault, now=_now())
        yield vault


def _now() -> datetime:
    return datetime.now(UTC)


def _as_at(args: argparse.Namespace) -> datetime:
    from oicdesk.settings.rules import as_at

    return as_at(args.as_at) if args.as_at else _now()


def _json(document: Any) -> int:
    json.dump(document, sys.stdout, ensure_ascii=False, indent=1, default=_json_value)
    print()
    return DONE


def _json_value(value: Any) -> Any:
    if isinstance(value, datetime):
        return value.isoformat()
    raise TypeError(type(value).__name__)


# --- the vault itself ---


def _create(args: argparse.Namespace) -> int:
    from oicdesk.desk import new_desk
    from oicdesk.vault.vault import vault_path

    key_file = args.recovery_key_file
    if key_file is not None and key_file.exists():
        raise Refused(f"There is already a file at {key_file}: choose another name for the recovery key.")
    if key_file is None and not sys.stdin.isatty():
        raise Refused("The recovery key must be typed back: use a terminal, or name --recovery-key-file.")
    secret = _secret(args, "New passphrase: ")
    if args.passphrase_file is None and getpass.getpass("The same again: ") != secret:
        raise Refused("The two passphrases differ, so nothing was created: start again.")
    vault, key = new_desk(args.path, secret, args.user or getpass.getuser(), now=_now())
    try:
        _hand_over_key(key, key_file)
    except BaseException:
        vault.close()
        _remove(vault.path)
        raise
    vault.close()
    machine.this().note_opened(vault_path(args.path), _now().isoformat())
    print(f"The vault is at {vault.path}.")
    return DONE


def _hand_over_key(key: str, file: Path | None) -> None:
    """Write the recovery key where it was asked for, or show it and have it typed back."""
    if file is not None:
        from oicdesk.vault.keys import put

        put(file, f"{key}\n".encode())
        print(f"The recovery key is in {file}: print it, lock it away, and remove the file.")
        return
    from oicdesk.vault.keys import same_recovery_key

    print(f"The recovery key opens the vault if every passphrase is lost. Write it down:\n\n    {key}\n")
    for _try in range(3):
        if same_recovery_key(input("Type it back: "), key):
            return
        print("That is not it; look again.")
    raise Refused("The recovery key was not typed back, so no vault was created: start again.")


def _remove(path: Path) -> None:
    import shutil

    shutil.rmtree(path, ignore_errors=True)


def _verify(args: argparse.Namespace) -> int:
    with _opened(args, check_log=False) as vault:
        checks = vault.verify()
    return _say_checks(checks)


def _say_checks(checks: Sequence[Any]) -> int:
    for check in checks:
        print(f"{'ok    ' if check.ok else 'FAILED'}  {check.name}: {check.sentence}")
    bad = next((check for check in checks if not check.ok), None)
    return DONE if bad is None else _say(bad.sentence, VAULT)


def _backup(args: argparse.Namespace) -> int:
    with _opened(args) as vault:
        target = vault.back_up(args.file, recipient=args.recipient, purpose=args.purpose)
    print(f"The backup is at {target}; it was opened and counted.")
    return DONE


def _restore(args: argparse.Namespace) -> int:
    from oicdesk.vault.backup import restore
    from oicdesk.vault.vault import vault_path

    path = vault_path(args.path)
    aside = restore(args.file, path, _secret(args), replace=args.replace, user=args.user)
    if aside is not None:
        print(f"The vault that was there is now at {aside}.")
    print(f"The backup is restored to {path}.")
    return DONE


# --- import, queue, figures ---


def _import(args: argparse.Namespace) -> int:
    from oicdesk.settings.records import reference, remember_mapping
    from oicdesk.sheets.dry_run import write_problems
    from oicdesk.sheets.mapping import header_key

    kind, targets, more = _import_kind(args.kind)
    with _opened(args) as vault:
        with vault.reading() as session:
            desk = reference(session)
            sheet, mapping = _read_sheet(session, desk, args, kind, targets(session, desk))
            run = kind.check(session, sheet, mapping, desk, now=_now())
        if args.problems is not None and run.problems:
            write_problems(args.problems, run, marking=desk.setting("marking"))
            _log_problems_file(vault)
        if args.all_or_nothing and not args.dry_run:
            run.refuse_problems()
        if args.dry_run or not run.valid:  # a file without one good row leaves nothing behind
            counts = kind.found(run).counts()
        else:
            with vault.changing() as session:
                result = kind.write(
                    session, run, file_name=args.file.name, file_sha256=_sha256(args.file), now=_now(),
                    all_or_nothing=args.all_or_nothing, **more,
                )  # fmt: skip
                key = header_key(sheet.columns)
                remember_mapping(session, kind.KIND, key, mapping.to_json(), at=_now())
            counts = result.counts()
    _say_import(args, run, counts)
    return REFUSED if counts["problems"] else DONE


def _import_kind(name: str) -> tuple[Any, Callable[[Any, Any], Any], dict[str, Any]]:
    """The sheet module of a kind of import, its targets of (session, desk), and what its `write` wants besides."""
    if name == "referrals":
        from oicdesk.documents.sheet import take_over
        from oicdesk.referrals import sheet as contacts

        return contacts, lambda _session, desk: contacts.targets(desk), {"take_over": take_over}
    if name == "contacts":
        from oicdesk.referrals import sheet_contacts

        return sheet_contacts, lambda _session, desk: sheet_contacts.targets(desk), {}
    if name == "documents":
        from oicdesk.documents import sheet_list

        return sheet_list, lambda _session, desk: sheet_list.targets(desk), {}
    from oicdesk.training import sheet_completions, sheet_learners

    kind: Any = {"learners": sheet_learners, "completions": sheet_completions}[name]
    return kind, kind.targets, {}


def _read_sheet(session: Any, desk: Any, args: argparse.Namespace, kind: Any, targets: Any) -> tuple[Any, Any]:
    """The file and a mapping that is settled; Refused says what is not."""
    from oicdesk.settings.records import mapping_for, mapping_named
    from oicdesk.sheets.mapping import Mapping, header_key, propose, unsettled_sentence
    from oicdesk.sheets.read import read

    sheet = read(args.file, limits=kind.limits(desk))
    if args.mapping is None:
        kept = mapping_for(session, kind.KIND, header_key(sheet.columns))
    else:
        kept = mapping_named(session, kind.KIND, args.mapping)
        if kept is None:
            raise Refused(f"There is no mapping called “{args.mapping}”: make one in the import window.")
    mapping = propose(sheet, targets, Mapping.from_json(kept) if kept else None)
    if mapping.unsettled:
        raise Refused(unsettled_sentence(mapping, targets))
    return sheet, mapping


def _log_problems_file(vault: Any) -> None:
    from oicdesk.vault import log

    with vault.changing() as session:
        log.record(
            session, log.DISCLOSURE, detail="problem rows of an import", recipient=vault.user.name, purpose="own use"
        )


def _sha256(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _say_import(args: argparse.Namespace, run: Any, counts: dict[str, int]) -> None:
    if args.json:
        told = {
            "problem_rows": [{"line": row.line.number, "reasons": list(row.problems)} for row in run.problems],
            "warning_rows": [
                {"line": row.line.number, "warnings": list(row.warnings)} for row in run.valid if row.warnings
            ],
        }
        _json(counts | told)
        return
    print(", ".join(f"{name.replace('_', ' ')} {count}" for name, count in counts.items()))
    for row in run.problems:
        print(f"  line {row.line.number}: {' '.join(row.problems)}")
    for row in run.valid:
        if row.warnings:
            print(f"  line {row.line.number}, imported with a warning: {' '.join(row.warnings)}")


def _queue(args: argparse.Namespace) -> int:
    from oicdesk.referrals.records_queue import Queue
    from oicdesk.referrals.records_views import OPEN

    with _current(args) as vault, vault.reading() as session:
        queue = Queue(session, OPEN, now=_now())
        rows = [row for start in range(0, queue.count(), 1000) for row in queue.page(start, 1000)]
    if args.json:
        return _json(
            [
                {
                    "ref": row.reference, "force": row.force, "team": row.team,
                    "reporting_officer": row.reporting_officer, "collar": row.collar, "reason": row.reason,
                    "contact_at": row.contact_at, "due_at": row.due_at, "status": row.status,
                    "overdue": row.is_overdue, "age_working_days": row.age_working_days, "persons": row.persons,
                }
                for row in rows
            ]
        )  # fmt: skip
    for row in rows:
        late = "overdue" if row.is_overdue else ""
        print(f"{row.reference}  {row.status:17}  {row.age_working_days:4} d  {late:7}  {row.team or ''}")
    print(f"{len(rows)} open.")
    return DONE


def _figures(args: argparse.Namespace) -> int:
    from oicdesk.documents.records import figures

    with _current(args) as vault, vault.reading() as session:
        found = figures(session, as_at=_as_at(args), force=args.force)
    if args.json:
        return _json(found)
    coverage, on_time = found["coverage"], found["on_time"]
    print(f"{args.force}, as at {found['as_at']}; the denominator is {found['denominator']}.")
    print(f"In scope {coverage['in_scope']}: with a document {coverage['submitted']} ({coverage['percent']} %),")
    print(f"  not yet due {coverage['not_yet_due']}, overdue {coverage['overdue']}.")
    print(f"Due {on_time['due']}: on time {on_time['on_time']} ({on_time['percent']} %).")
    return DONE


# --- reports and the log ---


def _report(args: argparse.Namespace) -> int:
    from oicdesk.desk import REPORTS, save_report

    if args.list:
        for name, entry in REPORTS.items():
            print(f"{name}  {entry.title}: {entry.description}")
        return DONE
    if args.name is None or args.out is None:
        return _say("Name a report and its --out FILE, or ask for --list.", USAGE)
    if args.name not in REPORTS:
        raise Refused(f"There is no report called “{args.name}”: --list names those there are.")
    out = _report_file(args)
    with _current(args) as vault:
        save_report(
            vault, args.name, out, as_at=_as_at(args), force=args.force,
            recipient=args.recipient, purpose=args.purpose, audit=args.audit, officer=args.officer,
        )  # fmt: skip
    print(f"The report is at {out}.")
    return DONE


def _report_file(args: argparse.Namespace) -> Path:
    out = Path(args.out)
    if args.format and out.suffix.lower() != f".{args.format}":
        if out.suffix.lower() in (".pdf", ".docx", ".xlsx"):
            raise Refused(f"“{out.name}” and --format {args.format} disagree: leave one of them out.")
        return out.with_name(f"{out.name}.{args.format}")
    return out


def _activity_verify(args: argparse.Namespace) -> int:
    from oicdesk.vault.log import Head

    try:
        kept = Head.parse(args.head) if args.head else None
    except ValueError:
        raise Refused("That is not a log head: type the number, the colon and all 64 digits as printed.") from None
    with _opened(args, check_log=False) as vault:
        checks = vault.check_log(kept)
    return _say_checks(checks)


def _activity_export(args: argparse.Namespace) -> int:
    from oicdesk.activity.records import export

    with _opened(args) as vault:
        count = export(vault, args.file, recipient=args.recipient or vault.user.name, purpose=args.purpose or "own use")
    print(f"{count} entries are in {args.file}.")
    return DONE


# --- the window, the demo, the self-test ---


def has_screen() -> bool:
    """Whether a window can be shown."""
    if os.environ.get("QT_QPA_PLATFORM", "").split(":")[0] in ("offscreen", "minimal"):
        return False
    if sys.platform.startswith("linux"):
        return bool(os.environ.get("DISPLAY") or os.environ.get("WAYLAND_DISPLAY"))
    return True


def _window(args: argparse.Namespace) -> int:
    from oicdesk.app import run

    return run(args.vault)


def _demo(args: argparse.Namespace) -> int:
    from oicdesk.demo import PASSPHRASE, build
    from oicdesk.settings.rules import london_day

    folder = args.dir or paths.user_data() / "oicdesk-demo"
    built = build(folder, args.today or london_day(_now()))
    for line in built.lines:
        print(line)
    print(f"Passphrase: {PASSPHRASE}")
    if not has_screen():
        return DONE
    from oicdesk.app import run

    return run(built.vault)


def _self_test(args: argparse.Namespace) -> int:
    from oicdesk.selftest import checks

    failed = 0
    for name, fault in checks():
        print(f"{'FAILED' if fault else 'ok    '}  {name}{f': {fault}' if fault else ''}", flush=True)
        failed += bool(fault)
    return REFUSED if failed else DONE
