"""The engine's face: everything that can be done with sessions, in one object."""

from __future__ import annotations

from collections.abc import AsyncIterator
from types import TracebackType
from typing import Self

from tui_sessions.engine.agents.templates import Templates
from tui_sessions.engine.bus import Callback
from tui_sessions.engine.manager.affinity import Affinity
from tui_sessions.engine.manager.asking_catalog import AskingCatalog
from tui_sessions.engine.manager.chats import Chats
from tui_sessions.engine.manager.checkpoints import Checkpoints
from tui_sessions.engine.manager.children import Children
from tui_sessions.engine.manager.closing import Closing
from tui_sessions.engine.manager.context import Context
from tui_sessions.engine.manager.continuing import Continuing
from tui_sessions.engine.manager.counting import Counting
from tui_sessions.engine.manager.deleting import Deleting
from tui_sessions.engine.manager.deleting_chats import DeletingChats
from tui_sessions.engine.manager.exporting import Exporting
from tui_sessions.engine.manager.forks import Forks
from tui_sessions.engine.manager.histories import Histories
from tui_sessions.engine.manager.importing import Importing
from tui_sessions.engine.manager.lifecycle import Lifecycle
from tui_sessions.engine.manager.listing import Listing
from tui_sessions.engine.manager.messages import Messages
from tui_sessions.engine.manager.searching import Searching
from tui_sessions.engine.manager.sessions import Sessions
from tui_sessions.engine.manager.tool_use import ToolUse
from tui_sessions.engine.manager.turns import Turns
from tui_sessions.engine.manager.workspaces import Workspaces
from tui_sessions.errors import SessionNotFound
from tui_sessions.model.events import Event
from tui_sessions.model.identifiers import check_id
from tui_sessions.providers.base import Providers


class SessionManager(
    Listing,
    AskingCatalog,
    Workspaces,
    Sessions,
    Deleting,
    Chats,
    DeletingChats,
    Histories,
    Messages,
    Turns,
    Continuing,
    ToolUse,
    Context,
    Forks,
    Checkpoints,
    Children,
    Lifecycle,
    Affinity,
    Counting,
    Exporting,
    Importing,
    Searching,
    Closing,
):
    """All sessions of a store, or those of one workspace.

    ```python
    async with open_sessions("memory:") as manager:
        session = await manager.create_session(label="Parser")
        async for event in manager.send(session.id, "Hello"):
            print(event)
    ```
    """

    @property
    def templates(self) -> Templates:
        """The agent templates; those of the workspace on top where this face is bound to one."""
        return self._engine.templates.of(self._boundary.workspace_id)

    @property
    def providers(self) -> Providers:
        """Who can be named in an agent."""
        return self._engine.providers

    @property
    def user_id(self) -> str:
        """Who owns what is created without another owner."""
        return self._engine.user_id

    @property
    def workspace_id(self) -> str | None:
        """The workspace this face is bound to; None: all of them."""
        return self._boundary.workspace_id

    def workspace(self, workspace_id: str) -> SessionManager:
        """The same face bound to one workspace: ids of any other are not found there."""
        check_id(workspace_id, "workspace id")
        if not self._boundary.sees(workspace_id):
            raise SessionNotFound(workspace_id)
        return SessionManager(self._engine, workspace_id)

    def on(self, event: str, callback: Callback) -> None:
        """Call back, plainly or by a coroutine, on every event of that name.

        Raises:
            InvalidValue: no event has that name, or there is nothing to call.
        """
        self._engine.bus.on(event, callback, self._boundary.workspace_id)

    def off(self, event: str, callback: Callback) -> None:
        """Call back no more."""
        self._engine.bus.off(event, callback, self._boundary.workspace_id)

    def events(self) -> AsyncIterator[Event]:
        """Every event from now on, until the manager is shut down."""
        return self._engine.bus.stream(self._boundary.workspace_id)

    async def __aenter__(self) -> Self:
        left_over = self._engine.left_over
        if self._boundary.workspace_id is None and left_over is not None:
            await left_over.take_in()
        if self._engine.settings.sweep.background:
            self.start_sweeping()
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        await self.shutdown()
