"""Bringing in the sessions of other tools."""

from __future__ import annotations

from collections import Counter
from pathlib import Path
from time import monotonic

from textual import work

from tui_sessions.tui.screens.choice import Choice, ChoiceOption
from tui_sessions.tui.screens.main.message_verbs import MessageVerbs
from tui_sessions.tui.screens.text_prompt import TextPrompt

_TELL_EVERY_S = 3.0


class Importing(MessageVerbs):
    """Importing from the palette; the app stays usable meanwhile."""

    @work(group="import")
    async def action_import_sessions(self) -> None:
        """Ask what to import, bring it in, and say what came."""
        from tui_sessions.transfer.registry import importer, importer_names

        options = [
            ChoiceOption(name, importer(name).title, f"sessions-tui import {name}")
            for name in importer_names()
        ]
        source = await self.app.push_screen_wait(Choice("Import from", options))
        if source is None:
            return
        place = await self.app.push_screen_wait(
            TextPrompt("From which folder or file?", "", "empty: where it is kept on this machine")
        )
        if place is not None:
            await self._import(source, place.strip())

    async def _import(self, source: str, place: str) -> None:
        paths = [Path(place).expanduser()] if place else []  # noqa: ASYNC240  no disk is asked
        outcomes: Counter[str] = Counter()
        told = monotonic()
        async with self.telling():
            async for step in self.manager.import_sessions(source, paths):
                outcomes[step.outcome] += 1
                if monotonic() - told > _TELL_EVERY_S:
                    told = monotonic()
                    self.say(f"{outcomes.total()} sessions read so far", title="Importing")
            self.say(_summary(outcomes) or "Nothing was found there.", title="Imported")


def _summary(outcomes: Counter[str]) -> str:
    """What came of an import, as `12 new, 3 unchanged`."""
    return ", ".join(f"{count} {outcome.replace('_', ' ')}" for outcome, count in outcomes.items())
