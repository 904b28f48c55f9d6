"""The ways from the open chat to another."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence

from textual import on, work

from tui_sessions.model.session import Session
from tui_sessions.tui.screens.main.base import NO_CHAT
from tui_sessions.tui.screens.main.ground import Ground
from tui_sessions.tui.widgets.chat_tabs import ChatTabs
from tui_sessions.tui.widgets.inspector.requests import JumpRequested
from tui_sessions.tui.widgets.key_line import key_name
from tui_sessions.tui.widgets.session_tree import SessionTree
from tui_sessions.tui.widgets.transcript import Transcript

_LISTED = 300
"""So many of the latest sessions are listed at once where one goes to anything."""


class Going(Ground):
    """Goes to what is picked, to what lies beside it, and to anything."""

    _older: asyncio.Future[list[Session]] | None = None
    """The look through all sessions that is going on, if any."""

    @on(SessionTree.Opened)
    def open_from_tree(self, event: SessionTree.Opened) -> None:
        """Open what was picked."""
        target = event.target
        if target.kind == "problem":
            self.say(f"{target.path} cannot be read; it was left as it is.", severe=True)
        elif target.session_id:
            self.open_chat(target.session_id, target.chat_id)

    @on(ChatTabs.Picked)
    def open_from_tabs(self, event: ChatTabs.Picked) -> None:
        """Open another chat of the session."""
        if self.current.session_id:
            self.open_chat(self.current.session_id, event.chat_id)

    @on(Transcript.JumpToParent)
    def open_parent(self) -> None:
        """Go to where this session was forked."""
        self.run_worker(self.action_to_parent())

    async def action_to_parent(self) -> None:
        """Go to the session that the open one was forked from, at the fork point."""
        session = self.current.session
        if session is None or session.parent is None:
            self.say("This session was not forked from another.")
            return
        link = session.parent
        async with self.telling():
            await self.manager.get_session(link.session_id)
            self.open_chat(link.session_id, link.chat_id, link.message_id)

    def action_beside(self, step: int) -> None:
        """Open the session above or below the open one."""
        session_id = self.current.session_id
        if session_id is None:
            self._open_latest()
            return
        target = self.session_tree.session_beside(session_id, step)
        if target is not None and target.session_id:
            self.open_chat(target.session_id)
        else:
            self.say(f"There is no session {'above' if step < 0 else 'below'} this one.")

    @work(exclusive=True, group="open")
    async def _open_latest(self) -> None:
        """From a session that has not begun, the way to the others leads to the latest."""
        known = self.manager.known_sessions
        latest = await known(workspace=self.current.workspace_id, limit=1) or await known(limit=1)
        if latest:
            self.open_chat(latest[0].id)
        else:
            self.say("There are no other sessions yet.")

    def action_chat_beside(self, step: int) -> None:
        """Open the chat to the left or to the right."""
        session = self.current.session
        if session is None or len(session.chats) < 2:
            keys = self.settings.keymap.get("app.new_chat", "ctrl+t").partition(",")[0]
            one = "There is no other chat here; {} adds one."
            self.say(NO_CHAT if session is None else one.format(key_name(keys)))
            return
        ids = [chat.id for chat in session.chats]
        place = ids.index(self.current.chat_id) if self.current.chat_id in ids else 0
        self.open_chat(session.id, ids[(place + step) % len(ids)])

    @on(JumpRequested)
    def open_from_inspector(self, event: JumpRequested) -> None:
        """Go to a parent or child."""
        self.open_chat(event.session_id, event.chat_id, event.message_id)

    @work
    async def action_go_to(self) -> None:
        """Go to any session, chat or message."""
        from tui_sessions.tui.screens.main.text_search import TextSearch
        from tui_sessions.tui.screens.switcher import QuickSwitcher

        workspaces = await self.manager.workspaces()
        recent = await self.manager.known_sessions(limit=_LISTED)
        texts = TextSearch(self.manager, workspaces)
        more = self._older_sessions if len(recent) == _LISTED else None
        open_id = self.current.session_id
        kept = self.drafting.kept("go-to")
        switcher = QuickSwitcher(recent, workspaces, open_id, texts.search, more, kept=kept)
        chosen = await self.app.push_screen_wait(switcher)
        if chosen is not None:
            self.open_chat(
                chosen.session_id, chosen.chat_id, chosen.message_id, find_text=chosen.find_text
            )
        self.run_worker(self.manager.rest(), group="rest")  # no key waits for that

    async def _older_sessions(self, words: Sequence[str]) -> list[Session]:
        """The sessions that hold these words.

        One look at a time: each goes through all there are, also when what it is for has been typed
        over, and what was typed meanwhile needs only the last.
        """
        while self._older is not None:
            await asyncio.wait([self._older])
        looking = self.manager.known_sessions(words=words, limit=_LISTED)
        self._older = asyncio.ensure_future(looking)
        self._older.add_done_callback(self._end_look)
        return await asyncio.shield(self._older)

    def _end_look(self, older: asyncio.Future[list[Session]]) -> None:
        self._older = None
        if not older.cancelled():
            older.exception()  # where nobody waits for it any more, nobody is to be told
