"""What stands around the open chat: the tree, its tabs, the status line and the inspector."""

from __future__ import annotations

from textual import work
from textual.content import Content

from tui_sessions.errors import SessionsError
from tui_sessions.model.lifecycle import SessionState
from tui_sessions.model.session import Session
from tui_sessions.tui.screens.main.base import MainBase
from tui_sessions.tui.widgets.session_tree import ProblemRow
from tui_sessions.tui.widgets.status_line import StatusInfo


class Surroundings(MainBase):
    """Brings what stands around the open chat up to date."""

    _tree_shown: object = None
    """What the tree was last made of."""

    def refresh_around(self) -> None:
        """Bring tabs, status line and inspector up to what is open."""
        self.refresh_tabs()
        self.refresh_status()
        self.refresh_inspector()

    def refresh_tabs(self) -> None:
        """Bring the row of chats up to date."""
        session = self.current.session
        running = {
            chat for owner, chat in self.manager.running() if session and owner == session.id
        }
        unread = {chat for owner, chat in self.unread if session and owner == session.id}
        chats = session.chats if session else ()
        self.chat_tabs.show(chats, self.current.chat_id, running, unread)

    def refresh_status(self) -> None:
        """Bring the status line up to date."""
        session = self.current.session
        chat_id = self.current.chat_id
        shown = (self.current.session_id, chat_id) if self.current.live_id else None
        elsewhere = [key for key in self.manager.running() if key != shown]
        if session is None:
            info = StatusInfo(
                workspace=self._workspace_name(),
                temporary=self.current.temporary,
                replying=len(elsewhere),
            )
            self.status.show(info)
            return
        chat = session.chat(chat_id or "")
        self.status.show(
            StatusInfo(
                workspace=self._workspace_name(),
                label=session.label or "Untitled",
                chat=chat.name if chat and len(session.chats) > 1 else "",
                state="" if session.state is SessionState.CREATED else session.state.value,
                parent=self._parent_label(session),
                parent_kind=session.parent.kind if session.parent else "fork",
                temporary=session.temporary,
                read_only=session.read_only,
                agent=(chat.agent.template or chat.agent.provider) if chat else "",
                model=(chat.agent.model or chat.agent.provider) if chat else "",
                messages=chat.message_count if chat else 0,
                replying=len(elsewhere),
            )
        )

    @work(exclusive=True, group="inspector")
    async def refresh_inspector(self) -> None:
        """Bring the inspector up to date, if it is there to be seen."""
        session = self.current.session
        if session is None or not self.inspector.region.width:
            self.inspector.show(None)
            return
        try:
            stats = await self.manager.stats(session.id)
            line = await self.manager.lineage(session.id)
            children = await self.manager.children(session.id)
            workspaces = {w.id: w for w in await self.manager.workspaces()}
        except SessionsError:
            return
        if self.current.session is session:
            self.inspector.show(
                session,
                stats,
                workspaces.get(session.workspace_id),
                line.ancestors,
                children,
                line.cycle,
            )

    async def show_tree(self) -> None:
        """Bring the tree up to what is in the store."""
        sessions = await self.manager.list_sessions()
        problems = await self.manager.problems()
        workspaces = await self.manager.workspaces()
        seen = (
            {(s.id, s.updated_at, s.workspace_id) for s in sessions},
            [(p.path, p.reason) for p in problems],
            [(w.id, w.name) for w in workspaces],
        )
        if seen == self._tree_shown:
            return
        self._tree_shown = seen
        self.workspace_names = {w.id: w.name or w.id for w in workspaces}
        rows = [
            ProblemRow(p.path, p.reason, p.workspace_id or self.start.workspace_id, p.session_id)
            for p in problems
        ]
        self.session_tree.show(workspaces, sessions, rows)
        self.refresh_status()

    def mark_open_in_tree(self) -> None:
        """Mark what is open in the tree, with the cursor on it unless the person is there."""
        session_id = self.current.session_id
        if session_id is None:
            return
        self.session_tree.set_open(session_id, self.current.chat_id)
        if not self.session_tree.has_focus_within:
            self.session_tree.move_to(session_id)

    def _workspace_name(self) -> str:
        workspace_id = self.current.workspace_id
        if workspace_id == self.start.workspace_id:
            return self.start.workspace_name
        return self.workspace_names.get(workspace_id, workspace_id)

    def _parent_label(self, session: Session) -> str:
        if session.parent is None:
            return ""
        for other in self.manager.known_sessions():
            if other.id == session.parent.session_id:
                return other.label or "Untitled"
        return "a deleted session"

    @staticmethod
    def welcome(*, temporary: bool) -> Content:
        """What an empty chat says."""
        kept = "It is kept in memory only and gone when you quit." if temporary else ""
        return Content.assemble(
            ("A temporary session\n" if temporary else "A new session\n", "bold $text"),
            ("\nType below and press enter to begin. ", "$foreground 60%"),
            (kept, "$text-warning"),
            ("\n\nctrl+s", "bold $text-accent"),
            (" goes to any session   ", "$foreground 60%"),
            ("F3", "bold $text-accent"),
            (" tree\n", "$foreground 60%"),
            ("ctrl+p", "bold $text-accent"),
            (" commands   ", "$foreground 60%"),
            ("F1", "bold $text-accent"),
            (" keys", "$foreground 60%"),
        )
