"""`import`: sessions of other tools."""

from __future__ import annotations

import asyncio
import sys
import time
from collections.abc import AsyncGenerator, Sequence
from contextlib import aclosing
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from tui_sessions.cli.completing import IMPORT_SOURCE
from tui_sessions.cli.faults import FAILED, OK
from tui_sessions.cli.global_options import GlobalOptions, command
from tui_sessions.cli.import_choice import chosen_sources, say_sources, source_value
from tui_sessions.cli.import_output import (
    ProgressLine,
    report_value,
    say_change,
    say_reports,
    say_value,
    step_value,
)
from tui_sessions.cli.moments import Moment
from tui_sessions.cli.opening import Sessions, with_sessions
from tui_sessions.cli.output import count, note, takes_escapes
from tui_sessions.cli.words import PLACE
from tui_sessions.errors import TransferError

if TYPE_CHECKING:
    from tui_sessions.engine.importing.import_steps import ImportReport, ImportStep
    from tui_sessions.transfer.sources import Source

_LOOK_EVERY_S = 3.0
_REST = 2.0
"""How many times as long as a look took the next one waits at least."""


@dataclass(frozen=True, slots=True)
class Wanted:
    """A source to import."""

    name: str
    title: str
    paths: tuple[Path, ...] = ()
    """None of them: where it is kept on this machine."""
    expected: int | None = None
    """How many sessions it is thought to hold."""


@dataclass(frozen=True, slots=True)
class Manner:
    """How to import."""

    dry_run: bool
    since: datetime | None
    again: bool
    watch: bool
    as_json: bool


@command("import")
@click.argument("source", type=IMPORT_SOURCE, required=False)
@click.argument("paths", nargs=-1, type=PLACE, metavar="[PATH]...")
@click.option("--all", "--yes", "take_all", is_flag=True, help="All that is found; do not ask.")
@click.option("--since", type=Moment(), help="Only sessions active since a date, or 7d, 12h, 2w.")
@click.option("--watch", is_flag=True, help="Go on, and bring in what is written meanwhile.")
@click.option("--again", is_flag=True, help="Also read what has not changed since the last time.")
@click.option("--dry-run", is_flag=True, help="Change nothing, and only tell.")
@click.option("--json", "as_json", is_flag=True, help="One JSON object a line, a summary last.")
@click.pass_obj
def import_sessions(
    options: GlobalOptions,
    source: str | None,
    paths: tuple[Path, ...],
    *,
    take_all: bool,
    since: datetime | None,
    watch: bool,
    again: bool,
    dry_run: bool,
    as_json: bool,
) -> int:
    """Import sessions of other tools.

    Without a SOURCE it shows what is on this machine and asks. SOURCE is one of those names
    (claude-code, codex, chatgpt, claude-ai, gemini-cli, opencode, llm, open-webui, oterm, elia,
    aider, simulacra, formagent, crush, goose, pi), or json for files that `export` wrote. Without a
    PATH they are looked for where the source keeps them.

    Importing again brings in what is new and nothing twice; what you deleted or changed here stays
    as you left it. With --workspace all of them go there.
    """
    if watch and dry_run:
        raise click.UsageError("--watch brings in what comes; leave --dry-run out.")
    if source is not None:
        wanted = [_wanted(source, tuple(path.expanduser().absolute() for path in paths))]
    else:
        found = _choose(take_all=take_all or dry_run, as_json=as_json)
        if found is None:
            if as_json and take_all:
                say_value(_summary_of_nothing(dry_run=dry_run))
            return FAILED
        wanted = [Wanted(each.name, each.title, (), each.sessions) for each in found]
    return _Run(options, Manner(dry_run, since, again, watch, as_json)).of(wanted)


def _wanted(name: str, paths: tuple[Path, ...]) -> Wanted:
    """A source that was named, counted if somebody is watching."""
    from tui_sessions.transfer.registry import importer, importer_names
    from tui_sessions.transfer.sources import find_sources, survey_of

    if name not in importer_names():
        return Wanted(name, name, paths)
    asked = importer(name)
    if not sys.stderr.isatty():
        return Wanted(name, asked.title, paths)
    if not paths:
        expected = next((found.sessions for found in find_sources([name])), None)
    else:
        counts = [survey_of(asked, path).sessions for path in paths]
        expected = None if None in counts else sum(number or 0 for number in counts)
    return Wanted(name, asked.title, paths, expected)


def _choose(*, take_all: bool, as_json: bool) -> list[Source] | None:
    """What to import of what is here; None when nothing is."""
    from tui_sessions.transfer.sources import find_sources

    sources = find_sources()
    if not sources:
        note("No histories of other tools were found here; `import SOURCE PATH` reads any place.")
        return None
    if not as_json:
        say_sources(sources)
    elif not take_all:
        for source in sources:
            say_value(source_value(source))
    if take_all:
        return sources
    if as_json or not sys.stdin.isatty():
        sys.stdout.flush()
        raise click.UsageError("Importing asks which; --all takes all of them, SOURCE one.")
    chosen = chosen_sources(sources)
    if not chosen:
        note("Nothing was imported.")
    return chosen or None


def _summary_of_nothing(*, dry_run: bool) -> dict[str, Any]:
    from tui_sessions.engine.importing.import_steps import ImportReport

    return report_value(ImportReport(), dry_run=dry_run)


class _Run:
    """One run of the command over some sources."""

    def __init__(self, options: GlobalOptions, manner: Manner) -> None:
        from tui_sessions.engine.importing.import_steps import ImportReport

        self._options = options
        self._manner = manner
        self._total: ImportReport = ImportReport()
        self._progress = ProgressLine(shown=takes_escapes(sys.stderr))
        self._watching = False
        self._told: set[tuple[Path, str]] = set()
        """What was said to be left out while watching."""

    def of(self, wanted: Sequence[Wanted]) -> int:
        """Import, and say what came of it."""
        try:
            with_sessions(self._options, lambda sessions: self._work(sessions, wanted))
        except KeyboardInterrupt:
            self._progress.clear()
            if not self._watching:
                came = self._total.counts["created"] + self._total.counts["updated"]
                note(f"{count(came, 'session')} came in; the same command goes on from there.")
                raise
            note("Not watching any more.")
        finally:
            self._progress.clear()
        if self._manner.as_json:
            say_value(report_value(self._total, dry_run=self._manner.dry_run))
        if self._watching:
            return OK
        refused = sum(step.session_id is not None for step in self._total.left_out)
        if refused:
            note(f"{count(refused, 'session')} could not be kept; the same command tries again.")
            return FAILED
        if not self._total.is_empty:
            return OK
        note("No session could be read.")
        return FAILED

    async def _work(self, sessions: Sessions, wanted: Sequence[Wanted]) -> None:
        target = None
        if self._options.workspace is not None:
            space = await sessions.start_workspace()
            target = space.id if self._manner.dry_run else await sessions.make(space)
        reports = [(one.title, await self._import(sessions, one, target)) for one in wanted]
        if not self._manner.as_json:
            say_reports(reports, dry_run=self._manner.dry_run)
        if self._manner.watch:
            self._watching = True
            note("Watching for what comes; ctrl+c ends it.")
            await self._watch(sessions, wanted, target)

    async def _import(self, sessions: Sessions, wanted: Wanted, target: str | None) -> ImportReport:
        from tui_sessions.engine.importing.import_steps import ImportReport

        report = ImportReport()
        self._progress.begin(wanted.title, wanted.expected)
        async for step in self._steps(sessions, wanted, target):
            report.add(step)
            self._total.add(step)
            if self._manner.as_json:
                say_value(step_value(wanted.name, step))
            self._progress.show(report, step)
        self._progress.clear()
        self._told |= {(step.path, step.reason) for step in report.left_out}
        return report

    async def _watch(
        self, sessions: Sessions, wanted: Sequence[Wanted], target: str | None
    ) -> None:
        while True:
            began = time.monotonic()
            for one in wanted:
                try:
                    async for step in self._steps(sessions, one, target):
                        self._tell(one, step)
                except TransferError:
                    # Nothing of it is there at the moment.
                    continue
            took = time.monotonic() - began
            await asyncio.sleep(max(_LOOK_EVERY_S, _REST * took))

    def _tell(self, wanted: Wanted, step: ImportStep) -> None:
        """Say what has changed since the last look."""
        if step.outcome == "skipped":
            if (step.path, step.reason) in self._told:
                return
            self._told.add((step.path, step.reason))
        elif step.outcome not in ("created", "updated"):
            return
        self._total.add(step)
        if self._manner.as_json:
            say_value(step_value(wanted.name, step))
        elif step.outcome == "skipped":
            note(f"left out: {step.path}: {step.reason}")
        else:
            say_change(wanted.title, step)

    async def _steps(
        self, sessions: Sessions, wanted: Wanted, target: str | None
    ) -> AsyncGenerator[ImportStep, None]:
        steps = sessions.manager.import_sessions(
            wanted.name,
            wanted.paths,
            workspace=target,
            dry_run=self._manner.dry_run,
            since=self._manner.since,
            again=self._manner.again and not self._watching,
        )
        async with aclosing(steps):
            async for step in steps:
                yield step
