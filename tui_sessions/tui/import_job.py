"""An import that goes on in the background, whether anybody looks at it or not."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import aclosing
from dataclasses import dataclass, field
from pathlib import Path

from tui_sessions.engine.importing.import_pace import ImportPace
from tui_sessions.engine.importing.import_steps import ImportReport
from tui_sessions.engine.session_manager import SessionManager
from tui_sessions.errors import SessionsError


@dataclass
class ImportTask:
    """One source on its way in."""

    name: str
    """The importer's name."""
    title: str
    paths: tuple[Path, ...] = ()
    """Where to read; nothing: where the source keeps them on this machine."""
    expected: int | None = None
    """How many sessions it is thought to hold."""
    report: ImportReport = field(default_factory=ImportReport)
    pace: ImportPace = field(default_factory=ImportPace)
    error: str = ""
    """Why it could not be read at all."""
    state: str = "waiting"
    """`waiting`, `running` or `done`."""

    def summary(self) -> str:
        """What came of it, as `12 new · 3 updated · 4 already here`."""
        if self.error:
            return self.error
        counts = self.report.counts
        told = [
            f"{counts[outcome]:,} {word}"
            for outcome, word in (
                ("created", "new"),
                ("updated", "updated"),
                ("unchanged", "already here"),
                ("in_trash", "in the trash"),
            )
            if counts[outcome]
        ]
        left_out = sum(step.count for step in self.report.left_out)
        told += [f"{left_out:,} left out"] if left_out else []
        return " · ".join(told) or "nothing to import"


class ImportJob:
    """Imports some sources, one after the other."""

    def __init__(self, tasks: Sequence[ImportTask]) -> None:
        self.tasks = tuple(tasks)
        self.pace = ImportPace()
        self.finished = False
        self.stopped = False
        """It was stopped before it was done; what had come in until then is kept."""

    async def run(self, manager: SessionManager) -> None:
        """Import all of them; one that cannot be read does not keep the others out."""
        self.stopped = True
        try:
            for task in self.tasks:
                task.state = "running"
                task.pace = ImportPace(task.expected)
                await self._import(manager, task)
                task.state = "done"
                self.pace.advance(self._share())
            self.stopped = False
        finally:
            self.finished = True

    async def _import(self, manager: SessionManager, task: ImportTask) -> None:
        try:
            async with aclosing(manager.import_sessions(task.name, task.paths)) as steps:
                async for step in steps:
                    task.report.add(step)
                    task.pace.follow(step)
                    self.pace.advance(self._share())
        except SessionsError as error:
            task.error = str(error)
        except OSError as error:
            task.error = f"{error.filename or 'The disk'}: {error.strerror or error}"

    def _share(self) -> float:
        """How much of all of it is behind, by the sessions that each source is thought to hold."""
        weights = [max(task.expected or 1, 1) for task in self.tasks]
        behind = sum(
            weight * (1.0 if task.state == "done" else task.pace.share)
            for weight, task in zip(weights, self.tasks, strict=True)
        )
        return behind / sum(weights)

    @property
    def current(self) -> ImportTask | None:
        """The one that is being read."""
        return next((task for task in self.tasks if task.state == "running"), None)

    def summary(self) -> str:
        """What came of all of it, in one line."""
        counts = [task.report.counts for task in self.tasks]
        new = sum(each["created"] for each in counts)
        updated = sum(each["updated"] for each in counts)
        left_out = sum(step.count for task in self.tasks for step in task.report.left_out)
        told = [f"{new:,} new", f"{updated:,} updated"]
        told += [f"{left_out:,} left out"] if left_out else []
        errors = [task.error for task in self.tasks if task.error]
        return "; ".join([" · ".join(told), *errors])
