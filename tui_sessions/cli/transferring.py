"""`import` and `export`: sessions from and to other places."""

from __future__ import annotations

import sys
from contextlib import aclosing
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from tui_sessions.cli.faults import FAILED, OK
from tui_sessions.cli.global_options import GlobalOptions, command
from tui_sessions.cli.naming import find_session
from tui_sessions.cli.opening import Sessions, with_sessions
from tui_sessions.cli.output import count, note, say, say_json
from tui_sessions.cli.words import WORDS
from tui_sessions.model.visible import visible_line

if TYPE_CHECKING:
    from tui_sessions.engine.importing import ImportReport, ImportStep

_PLACES_SHOWN = 3
_OUTCOMES = {
    "created": "new sessions",
    "updated": "brought up to date",
    "unchanged": "already here",
    "in_trash": "in the trash, left there",
}


@command("export")
@click.argument("session", type=WORDS)
@click.option("--format", "kind", type=WORDS, help="json (complete) or markdown; default json.")
@click.option("-o", "--output", type=click.Path(path_type=Path), help="File to write.")
@click.option("--force", is_flag=True, help="Replace the file if it is there.")
@click.pass_obj
def export(
    options: GlobalOptions, session: str, *, kind: str | None, output: Path | None, force: bool
) -> None:
    """Write a session as JSON or Markdown.

    It goes to standard output unless a file is named. A file that is there stays, unless --force
    is given.
    """
    if force and output is None:
        raise click.UsageError("--force goes with --output.")

    async def work(sessions: Sessions) -> bytes:
        manager = await sessions.scope()
        found = await find_session(manager, session)
        return await manager.export_session(found, kind or _format_of(output))

    data = with_sessions(options, work)
    if output is not None and str(output) != "-":
        from tui_sessions.transfer.writing import write_export

        write_export(output.expanduser(), data, overwrite=force)
        note(f"Written to {output}.")
    elif sys.stdout.isatty():
        say(data.decode("utf-8", "replace").rstrip("\n"))
    else:
        sys.stdout.flush()
        sys.stdout.buffer.write(data)
        sys.stdout.buffer.flush()


@command("import")
@click.argument("source", type=WORDS)
@click.argument("paths", nargs=-1, type=click.Path(path_type=Path), metavar="[PATH]...")
@click.option("--dry-run", is_flag=True, help="Change nothing, and only tell.")
@click.option("--json", "as_json", is_flag=True, help="As one JSON document.")
@click.pass_obj
def import_sessions(
    options: GlobalOptions,
    source: str,
    paths: tuple[Path, ...],
    *,
    dry_run: bool,
    as_json: bool,
) -> int:
    """Import sessions of other programs.

    SOURCE is claude-code, simulacra, formagent, or json for files that `export` wrote.
    Without a PATH they are looked for where the source keeps them. Importing again brings in what
    is new and nothing twice; what you deleted or changed here stays as you left it. With
    --workspace all of them go there.
    """
    from tui_sessions.engine.importing import ImportReport

    report = ImportReport()
    progress = _Progress(shown=sys.stderr.isatty())

    async def work(sessions: Sessions) -> None:
        target = None
        if options.workspace is not None:
            wanted = await sessions.start_workspace()
            target = wanted.id if dry_run else await sessions.make(wanted)
        steps = sessions.manager.import_sessions(
            source,
            [path.expanduser().absolute() for path in paths],
            workspace=target,
            dry_run=dry_run,
        )
        async with aclosing(steps):
            async for step in steps:
                report.add(step)
                progress.show(report, step)

    try:
        with_sessions(options, work)
    finally:
        progress.clear()
    if as_json:
        say_json(_value(report, dry_run))
    else:
        _say(report, dry_run)
    if not report.sessions:
        note("No session could be read.")
    return OK if report.sessions else FAILED


class _Progress:
    """One line on the terminal that is written over."""

    def __init__(self, *, shown: bool) -> None:
        self._shown = shown

    def show(self, report: ImportReport, step: ImportStep) -> None:
        if self._shown:
            text = f"{count(report.sessions, 'session')} … {visible_line(step.path.name)}"
            sys.stderr.write(f"\r\x1b[K{text[:70]}")
            sys.stderr.flush()

    def clear(self) -> None:
        if self._shown:
            sys.stderr.write("\r\x1b[K")
            sys.stderr.flush()


def _format_of(output: Path | None) -> str:
    return "markdown" if output is not None and output.suffix.lower() == ".md" else "json"


def _say(report: ImportReport, dry_run: bool) -> None:
    if dry_run:
        say("Nothing was changed; this is what an import would bring:")
    for outcome, name in _OUTCOMES.items():
        if report.counts[outcome] or outcome != "in_trash":
            say(f"{name + ':':<27}{report.counts[outcome]:,}")
    say(f"{'messages brought in:':<27}{report.messages:,}")
    for reason, steps in report.reasons():
        note(f"left out {sum(step.count for step in steps)}: {reason}")
        for step in steps[:_PLACES_SHOWN]:
            lines = f", line {', '.join(map(str, step.lines))}" if step.lines else ""
            note(f"  {visible_line(str(step.path))}{lines}")
        if len(steps) > _PLACES_SHOWN:
            note(f"  … and {len(steps) - _PLACES_SHOWN} more (--json lists them all)")


def _value(report: ImportReport, dry_run: bool) -> dict[str, Any]:
    return {
        "dry_run": dry_run,
        "created": report.counts["created"],
        "updated": report.counts["updated"],
        "unchanged": report.counts["unchanged"],
        "in_trash": report.counts["in_trash"],
        "messages": report.messages,
        "skipped": [
            {
                "path": str(step.path),
                "session": step.session_id,
                "reason": step.reason,
                "lines": list(step.lines),
                "count": step.count,
            }
            for step in report.left_out
        ],
    }
