"""What an import says: one line while it goes on, and what came of it."""

from __future__ import annotations

import sys
import time
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from tui_sessions.cli.output import count, json_text, note, say, say_table, shortened
from tui_sessions.model.visible import visible_line

if TYPE_CHECKING:
    from tui_sessions.engine.importing.import_pace import ImportPace
    from tui_sessions.engine.importing.import_steps import ImportReport, ImportStep

_PLACES_SHOWN = 3
_WIDTH = 78
_EVERY_S = 0.1
_OUTCOMES = {
    "created": "new sessions",
    "updated": "brought up to date",
    "unchanged": "already here",
    "in_trash": "in the trash, left there",
    "older": "older, left out",
}
_HEADS = {
    "created": "NEW",
    "updated": "UPDATED",
    "unchanged": "ALREADY HERE",
    "in_trash": "IN THE TRASH",
    "older": "OLDER",
}
_SELDOM = ("in_trash", "older")


class ProgressLine:
    """One line on the terminal that is written over."""

    def __init__(self, *, shown: bool) -> None:
        self._shown = shown
        self._written = 0.0
        self._title = ""
        self._pace: ImportPace | None = None

    def begin(self, title: str, expected: int | None) -> None:
        """Go on to another source.

        Args:
            title: what people call it.
            expected: how many sessions it is thought to hold.
        """
        from tui_sessions.engine.importing.import_pace import ImportPace

        self._title = visible_line(title)
        self._pace = ImportPace(expected)
        self._write(f"{self._title} …")

    def show(self, report: ImportReport, step: ImportStep) -> None:
        """Say how far it is."""
        if self._pace is not None:
            self._pace.follow(step)
        if time.monotonic() - self._written < _EVERY_S:
            return
        sessions = count(report.sessions, "session")
        told = (self._title, sessions, str(self._pace or ""), visible_line(step.path.name))
        self._write(" · ".join(text for text in told if text))

    def clear(self) -> None:
        """Take the line away."""
        if self._shown:
            sys.stderr.write("\r\x1b[K")
            sys.stderr.flush()

    def _write(self, text: str) -> None:
        if self._shown:
            self._written = time.monotonic()
            sys.stderr.write(f"\r\x1b[K{shortened(text, _WIDTH)}")
            sys.stderr.flush()


def say_reports(reports: Sequence[tuple[str, ImportReport]], *, dry_run: bool = False) -> None:
    """Say what came in from each source, and what was left out for which reasons."""
    if dry_run:
        say("Nothing was changed; this is what an import would bring:")
    if len(reports) == 1:
        _say_counts(reports[0][1])
    else:
        shown = [name for name in _OUTCOMES if name not in _SELDOM or _any(reports, name)]
        rows = [
            (title, *(f"{report.counts[name]:,}" for name in shown), f"{report.messages:,}")
            for title, report in reports
        ]
        say_table(("FROM", *(_HEADS[name] for name in shown), "MESSAGES"), rows)
    for _, report in reports:
        _say_left_out(report)


def _any(reports: Sequence[tuple[str, ImportReport]], outcome: str) -> bool:
    return any(report.counts[outcome] for _, report in reports)


def _say_counts(report: ImportReport) -> None:
    for outcome, name in _OUTCOMES.items():
        if report.counts[outcome] or outcome not in _SELDOM:
            say(f"{name + ':':<27}{report.counts[outcome]:,}")
    say(f"{'messages brought in:':<27}{report.messages:,}")
    for kind, number in report.others.items():
        new = report.new_others[kind]
        here = f", {number - new:,} already here" if number > new else ""
        say(f"{f'new {kind}s:':<27}{new:,}{here}")


def _say_left_out(report: ImportReport) -> None:
    for reason, steps in report.reasons():
        note(f"left out {sum(step.count for step in steps):,}: {reason}")
        for step in steps[:_PLACES_SHOWN]:
            lines = f", line {', '.join(map(str, step.lines))}" if step.lines else ""
            note(f"  {visible_line(str(step.path))}{lines}")
        if len(steps) > _PLACES_SHOWN:
            note(f"  … and {len(steps) - _PLACES_SHOWN} more (--json lists them all)")


def say_change(title: str, step: ImportStep) -> None:
    """Say in one line what came in."""
    label = visible_line(step.label) or "(no label)"
    if step.kind != "session":
        say(f"{'new':<8}{visible_line(title)}: {step.kind} {label}")
        sys.stdout.flush()
        return
    what = "new" if step.outcome == "created" else "updated"
    say(f"{what:<8}{visible_line(title)}: {label} ({count(step.messages, 'message')})")
    sys.stdout.flush()


def say_value(value: Mapping[str, Any]) -> None:
    """Write one JSON object as a line, at once."""
    sys.stdout.write(json_text(value) + "\n")
    sys.stdout.flush()


def step_value(source: str, step: ImportStep) -> dict[str, Any]:
    """A step for a program."""
    value: dict[str, Any] = {"outcome": step.outcome, "source": source, "path": str(step.path)}
    if step.session_id is not None:
        value["session"] = step.session_id
    if step.kind != "session":
        value |= {"kind": step.kind, "workspace": step.workspace_id, "label": step.label}
    if step.outcome == "skipped":
        return value | {"reason": step.reason, "lines": list(step.lines), "count": step.count}
    if step.kind == "session" and step.outcome in ("created", "updated"):
        value |= {"workspace": step.workspace_id, "label": step.label, "messages": step.messages}
    return value


def report_value(report: ImportReport, *, dry_run: bool) -> dict[str, Any]:
    """What came of it all for a program."""
    counts: dict[str, Any] = {name: report.counts[name] for name in _OUTCOMES}
    left_out = sum(step.count for step in report.left_out)
    counts |= {"messages": report.messages, "skipped": left_out}
    if report.others:
        counts |= {f"{kind}s_created": number for kind, number in report.new_others.items()}
    return {"outcome": "summary", "dry_run": dry_run, **counts}
