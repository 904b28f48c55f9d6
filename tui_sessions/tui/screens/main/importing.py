"""Bringing in the sessions of other tools."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import aclosing
from pathlib import Path
from typing import TYPE_CHECKING

from textual import work
from textual.worker import Worker

from tui_sessions.tui.screens.main.ground import Ground
from tui_sessions.tui.screens.main.sources_here import sources_here

if TYPE_CHECKING:
    from tui_sessions.transfer.sources import Source
    from tui_sessions.tui.import_job import ImportJob, ImportTask
    from tui_sessions.tui.screens.import_sessions import ImportScreen


class Importing(Ground):
    """Importing from the palette; the app stays usable meanwhile."""

    _job: ImportJob | None = None
    _import_worker: Worker[None] | None = None
    _job_seen: ImportJob | None = None
    """The import whose end the person has seen."""

    @work(group="import-screen", exclusive=True)
    async def action_import_sessions(self) -> None:
        """Show what there is to import, or the import that goes on or has ended unseen."""
        job = self._job if self._job is not self._job_seen else None
        while await self._show_import(job):
            tasks = await self._elsewhere()
            job = self._begin_import(tasks) if tasks else None

    async def _show_import(self, job: ImportJob | None) -> bool:
        """Show the screen of imports; whether another place is wanted."""
        from tui_sessions.tui.screens.import_sessions import ImportScreen

        screen = ImportScreen(job, self._begin_sources, self._stop_import)
        looking = self._look_for_sources(screen) if job is None else None
        elsewhere = await self.app.push_screen_wait(screen)
        if looking is not None:
            looking.cancel()
        self.refresh_welcome()
        job = self._job
        if job is not None and not job.finished:
            self.say("ctrl+p, Import sessions shows how far it is.", title="The import goes on")
        elif job is not None:
            self._job_seen = job
        return bool(elsewhere)

    @work(group="import-look")
    async def _look_for_sources(self, screen: ImportScreen) -> None:
        from tui_sessions.engine.importing.read_ahead import read_ahead

        async with aclosing(read_ahead(sources_here)) as found:
            async for source in found:
                screen.add_source(source)
        screen.end_looking()

    async def _elsewhere(self) -> list[ImportTask]:
        """A tool and a place that the person names."""
        from tui_sessions.transfer.registry import importer, importer_names
        from tui_sessions.tui.import_job import ImportTask
        from tui_sessions.tui.screens.choice import Choice, ChoiceOption
        from tui_sessions.tui.screens.text_prompt import TextPrompt

        options = [
            ChoiceOption(name, importer(name).title, f"sessions-tui import {name}")
            for name in importer_names()
        ]
        options.append(ChoiceOption("json", "sessions-tui", "files that were exported as JSON"))
        source = await self.app.push_screen_wait(Choice("Import from", options))
        if source is None:
            return []
        place = await self.app.push_screen_wait(
            TextPrompt(
                "From which folder or file?",
                "",
                "empty: where it is kept on this machine",
                kept=self.drafting.kept("import"),
            )
        )
        if place is None:
            return []
        paths = (Path(place.strip()).expanduser(),) if place.strip() else ()  # noqa: ASYNC240  no disk is asked
        title = next(option.label for option in options if option.id == source)
        return [ImportTask(source, title, paths)]

    def _begin_sources(self, sources: Sequence[Source]) -> ImportJob:
        from tui_sessions.tui.import_job import ImportTask

        return self._begin_import(
            [ImportTask(each.name, each.title, each.places, each.sessions) for each in sources]
        )

    def _begin_import(self, tasks: Sequence[ImportTask]) -> ImportJob:
        from tui_sessions.tui.import_job import ImportJob

        self._job = ImportJob(tasks)
        self._import_worker = self._run_import(self._job)
        return self._job

    def _stop_import(self) -> None:
        if self._import_worker is not None:
            self._import_worker.cancel()

    @work(group="import")
    async def _run_import(self, job: ImportJob) -> None:
        """Import to the end; somebody who looks elsewhere by then is told what came."""
        from tui_sessions.tui.screens.import_sessions import ImportScreen

        await job.run(self.manager)
        self.refresh_welcome()
        if not isinstance(self.app.screen, ImportScreen):
            self._job_seen = job
            failed = all(task.error for task in job.tasks)
            self.say(job.summary(), title="Imported", severe=failed)
