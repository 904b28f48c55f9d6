"""Keeping what is typed and not sent, and which replies nobody has seen."""

from __future__ import annotations

import asyncio
import contextlib
from time import monotonic
from typing import Protocol, runtime_checkable

from textual import work
from textual.timer import Timer

from tui_sessions.tui.screens.main.base import OpenChat
from tui_sessions.tui.screens.main.tree_filling import TreeFilling

_DRAFT_DELAY_S = 0.5
_LONGEST_UNWRITTEN_S = 2.0
"""Whoever types without a pause loses no more than that, and the delay, by a crash."""


@runtime_checkable
class _Written(Protocol):
    """A screen in which something is written that is kept nowhere yet."""

    @property
    def typed(self) -> str: ...


class Drafting(TreeFilling):
    """The drafts of all chats; those of temporary sessions are written nowhere."""

    def on_mount(self) -> None:
        """Begin without drafts of temporary sessions."""
        self._passing_drafts: dict[str, str] = {}
        self._drafts_told = False
        self._writing: Timer | None = None
        """What waits until the person stops typing for a moment."""
        self._waiting_since = 0.0
        self._placed = False
        """What is in the composer is the draft of the open chat."""

    def place_draft(self) -> None:
        """Put the open chat's draft into the composer.

        The first time it comes before what was typed while it was not known yet which chat it is.
        """
        typed = "" if self._placed else self.composer.draft
        self._placed = True
        self.composer.draft = self.draft_of(self.current) + typed

    async def keep_last_draft(self) -> None:
        """Note what is typed, at the end; before any chat was there it was typed for a new one."""
        if not self._placed and self.composer.draft:
            await asyncio.to_thread(self.drafts.load)
            if not self._placed:
                self.place_draft()
        self.take_over_unfinished()
        if self._placed and not self.current.temporary:
            # Another window may have forgotten it there, as one that sent its own first message.
            self.drafts.put(self.current.key, "")
            self.drafts.put(self.current.key, self.composer.draft)

    def take_over_unfinished(self) -> None:
        """Put what is written in editors that the app's end closes into the composer."""
        self.take_over_value()
        for screen in self.app.screen_stack:
            if isinstance(screen, _Written):
                self._take_over(screen.typed)

    def take_over_value(self) -> None:
        """Put what is typed in the inspector into the composer: its place goes."""
        if self.furnished:
            self._take_over(self.inspector.typed)

    def _take_over(self, text: str) -> None:
        draft = self.composer.draft
        taken = f"\n\n{text}\n\n" in f"\n\n{draft}\n\n"  # the end may come twice
        if text.strip() and not taken:
            self.composer.draft = f"{draft}\n\n{text}" if draft else text

    def keep_draft(self) -> None:
        """Note what is typed, and have it written soon."""
        if not self._placed:
            return
        self.put_draft(self.current, self.composer.draft)

    def put_draft(self, opened: OpenChat, text: str) -> None:
        """Note the draft of a chat, and have it written soon unless the chat is temporary."""
        if opened.temporary:
            self._passing_drafts[opened.key] = text
            return
        self.drafts.put(opened.key, text)
        if self._writing is None:
            self._writing = self.set_timer(_DRAFT_DELAY_S, self._write_drafts)
            self._waiting_since = monotonic()
        elif monotonic() - self._waiting_since < _LONGEST_UNWRITTEN_S:
            self._writing.reset()

    def draft_of(self, opened: OpenChat) -> str:
        """The draft of a chat."""
        if opened.temporary:
            return self._passing_drafts.get(opened.key, "")
        return self.drafts.get(opened.key)

    def drop_sent_draft(self, opened: OpenChat, last_prompt: str) -> None:
        """Forget a draft from before the start that was sent: the app was killed in between."""
        sent = last_prompt.strip()
        for key in (opened.key, f"{opened.session_id}/", f"new:{opened.workspace_id}"):
            if sent and self.drafts.is_old(key) and self.drafts.get(key).strip() == sent:
                self.drafts.put(key, "")

    def carry_draft(self, had_key: str) -> None:
        """Keep what is typed under the chat's new key only."""
        if self._placed and had_key != self.current.key:
            self.drafts.put(had_key, "")
            self.keep_draft()

    def take_draft_along(self, had_key: str) -> None:
        """Keep what is typed to hand where another chat is shown now, unless that has a draft."""
        if had_key == self.current.key:
            return
        if self.composer.draft and not self.draft_of(self.current):
            self.carry_draft(had_key)
        else:
            self.place_draft()

    async def recall_unread(self) -> None:
        """Mark again what nobody had seen when the app ended."""
        await asyncio.to_thread(self.unread.load)
        for session_id, chat_id in self.unread:
            self.session_tree.set_unread(session_id, chat_id, True)

    @work(group="unread")
    async def keep_unread(self) -> None:
        """Write down which replies nobody has seen; a disk that is full has no say in that."""
        with contextlib.suppress(OSError):
            await asyncio.to_thread(self.unread.save)

    @work(exclusive=True, group="drafts")
    async def _write_drafts(self) -> None:
        self._writing = None
        try:
            await asyncio.to_thread(self.drafts.save)
            self._drafts_told = False
        except OSError as error:
            from tui_sessions.stores.documents import explain

            if not self._drafts_told:
                self.say(f"What is typed cannot be written down: {explain(error)}", severe=True)
            self._drafts_told = True
