"""What could answer on this machine, and what an empty chat says of it."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from contextlib import aclosing
from functools import partial
from typing import TYPE_CHECKING

from textual import work
from textual.content import Content

from tui_sessions.errors import TemplateNotFound
from tui_sessions.model.agent import AgentConfig
from tui_sessions.model.session import Workspace
from tui_sessions.tui.drawing import draw_line
from tui_sessions.tui.screens.main.base import MainBase, OpenChat
from tui_sessions.tui.screens.main.sources_here import sources_here
from tui_sessions.tui.widgets.key_line import key_name

if TYPE_CHECKING:
    from tui_sessions.engine.agents.templates import Templates
    from tui_sessions.providers.detection import Detected
    from tui_sessions.transfer.sources import Source

_TOOLS_SHOWN = 4
_OFFLINE = "offline"
_MUTED = "$foreground 60%"
_KEY = "bold $text-accent"


class Noticing(MainBase):
    """Notices after the start who could answer, and offers it where nobody really does."""

    importable: Sequence[Source] = ()
    """What other tools left on this machine; looked for where there are no sessions yet."""
    _found: tuple[Detected, ...] | None = None
    """Who could answer; None until that is known."""
    _workspaces: Sequence[Workspace] = ()
    _templates_read: frozenset[str] = frozenset()
    """The workspaces whose templates are in memory."""

    def on_mount(self) -> None:
        """Look around once the person sees the screen and what was open there."""
        self.call_after_refresh(self._look_for_models)

    @work(group="detect")
    async def _look_for_models(self) -> None:
        await self.arrived.wait()
        from tui_sessions.providers.detection import DetectingProviders

        await self._read_templates(self.current.workspace_id)
        providers = self.manager.providers
        found = await providers.detect() if isinstance(providers, DetectingProviders) else []
        if self.gone:
            return
        self._found = tuple(found)
        self.refresh_welcome()
        opened = self.current
        if found and opened.session and opened.session.message_count and self._offline(opened):
            self.say(f"The offline agent answers in this chat. {_offers(found)}: {self._key()}.")

    def templates_here(self) -> Templates:
        """The agent templates as the open workspace has them."""
        return self.manager.workspace(self.current.workspace_id).templates

    async def agent_of(self, opened: OpenChat) -> AgentConfig:
        """Who answers in a chat; in one that has not begun, who will."""
        await self._read_templates(opened.workspace_id)
        return self._agent(opened)

    async def _read_templates(self, workspace_id: str) -> None:
        await self.manager.workspace(workspace_id).templates.refresh()
        self._templates_read |= {workspace_id}

    def _agent(self, opened: OpenChat) -> AgentConfig:
        chat = opened.session.chat(opened.chat_id or "") if opened.session else None
        if chat is not None:
            return chat.agent
        places = (one.defaults for one in self._workspaces if one.id == opened.workspace_id)
        template = next(places, {}).get("template") or self.settings.default_template
        try:
            return self.templates_here().apply(str(template))[0]
        except TemplateNotFound:
            return AgentConfig()

    def note_workspaces(self, workspaces: Sequence[Workspace]) -> None:
        """Remember what new chats begin with in each of them."""
        self._workspaces = tuple(workspaces)

    def refresh_welcome(self) -> None:
        """Bring what an empty chat says up to date."""
        workspace_id = self.current.workspace_id
        if self._found is not None and workspace_id not in self._templates_read:
            self._learn_templates(workspace_id)
        said = self.welcome(temporary=self.current.temporary)
        if said != self.transcript.placeholder:
            self.transcript.placeholder = said
            self.transcript.refresh()

    @work(exclusive=True, group="templates")
    async def _learn_templates(self, workspace_id: str) -> None:
        """Read what new chats of a workspace begin with."""
        await self._read_templates(workspace_id)
        if not self.gone:
            self.refresh_welcome()

    def welcome(self, *, temporary: bool) -> Content:
        """What an empty chat says."""
        kept = "It is kept in memory only and gone when you quit." if temporary else ""
        return Content.assemble(
            ("A temporary session\n" if temporary else "A new session\n", "bold $text"),
            ("\nType below and press enter to begin. ", _MUTED),
            (kept, "$text-warning"),
            self._answering(),
            ("\n\nctrl+s", _KEY),
            (" goes to any session   ", _MUTED),
            ("F3", _KEY),
            (" tree\n", _MUTED),
            ("ctrl+p", _KEY),
            (" commands   ", _MUTED),
            ("F1", _KEY),
            (" keys", _MUTED),
            self._to_import(),
        )

    @work(group="import-look")
    async def look_for_importable(self) -> None:
        """Say in the empty chat what there is to import."""
        from tui_sessions.engine.importing.read_ahead import read_ahead

        unasked = partial(sources_here, requested=False)
        async with aclosing(read_ahead(unasked)) as sources:
            self.importable = [source async for source in sources]
        if not self.gone:
            self.refresh_welcome()

    def _to_import(self) -> Content:
        """What other tools left on this machine, as long as there is nothing here."""
        if not self.importable or self.session_tree.total:
            return Content("")
        shown = [
            source.title
            if source.sessions is None
            else f"{source.title}: {source.sessions:,} session{'s' * (source.sessions != 1)}"
            for source in self.importable[:_TOOLS_SHOWN]
        ]
        more = len(self.importable) - len(shown)
        shown += [f"{more} more"] if more else []
        return Content.assemble(
            Content("\n\n"),
            draw_line(" · ".join(shown), _MUTED),
            ("\nctrl+p", _KEY),
            (" import sessions brings them in", _MUTED),
        )

    def _answering(self) -> Content:
        """Who could answer instead of the offline agent; nothing where somebody does."""
        known = self._found is not None and self.current.workspace_id in self._templates_read
        if self._found is None or not known or not self._offline(self.current):
            return Content("")
        offered = draw_line(_offers(self._found), "$text-success")
        plain = Content.styled("The offline agent answers: it is no language model.", _MUTED)
        rest = " chooses" if self._found else " shows who else could"
        key = draw_line(self._key(), _KEY)
        return Content.assemble("\n\n", offered or plain, "\n", key, (rest, _MUTED))

    def _key(self) -> str:
        keys = self.settings.keymap.get("app.choose_agent", "ctrl+l")
        return key_name(keys.partition(",")[0])

    def _offline(self, opened: OpenChat) -> bool:
        return self._agent(opened).provider == _OFFLINE


def _offers(found: Iterable[Detected]) -> str:
    """As `llama-cpp answers here · anthropic: key set`, what is on this machine first."""
    said = {"server": "{} answers here", "key": "{}: key set"}
    ordered = sorted(found, key=lambda one: one.reason != "server")
    return " · ".join(said[one.reason].format(one.name) for one in ordered)
