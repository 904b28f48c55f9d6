"""Keeping what is typed and not sent."""

from __future__ import annotations

import asyncio
from time import monotonic
from typing import Protocol, runtime_checkable

from textual.timer import Timer

from tui_sessions.model.session import Session
from tui_sessions.tui.remembered.drafts import Drafts
from tui_sessions.tui.remembered.unfinished import Kept
from tui_sessions.tui.screens.main.base import MainBase, OpenChat

_DRAFT_DELAY_S = 0.5
_LONGEST_UNWRITTEN_S = 2.0
"""Whoever types without a pause loses no more than that, and the delay, by a crash."""


@runtime_checkable
class _Written(Protocol):
    """A screen in which something is written that is kept nowhere yet."""

    @property
    def typed(self) -> str: ...


class Drafting:
    """The drafts of all chats; those of temporary sessions are written nowhere."""

    def __init__(self, screen: MainBase) -> None:
        self._screen = screen
        self._passing_drafts: dict[str, str] = {}
        self._passing_fields = Drafts(screen.drafts.folder / "passing")
        self._drafts_told = False
        self._writing: Timer | None = None
        """What waits until the person stops typing for a moment."""
        self._waiting_since = 0.0
        self._placed = False
        """What is in the composer is the draft of the open chat."""

    def place(self) -> None:
        """Put the open chat's draft into the composer.

        The first time it comes before what was typed while it was not known yet which chat it is.
        """
        typed = "" if self._placed else self._screen.composer.draft
        self._placed = True
        self._screen.composer.draft = self.text_of(self._screen.current) + typed

    async def keep_last(self) -> None:
        """Note what is typed, at the end; before any chat was there it was typed for a new one."""
        if not self._placed and self._screen.composer.draft:
            await asyncio.to_thread(self._screen.drafts.load)
            if not self._placed:
                self.place()
        self.take_over_unfinished()
        if self._placed and not self._screen.current.temporary:
            # Another window may have forgotten it there, as one that sent its own first message.
            self._screen.drafts.put(self._screen.current.key, "")
            self._screen.drafts.put(self._screen.current.key, self._screen.composer.draft)

    def take_over_unfinished(self) -> None:
        """Put what is written in editors that the app's end closes into the composer."""
        for screen in self._screen.app.screen_stack:
            if isinstance(screen, _Written):
                self._take_over(screen.typed)

    def take_over_value(self) -> None:
        """Put what is typed in the inspector into the composer: its place goes."""
        if self._screen.furnished:
            self._take_over(self._screen.inspector.typed)
            self._screen.inspector.drop_typed()

    def _take_over(self, text: str) -> None:
        draft = self._screen.composer.draft
        taken = f"\n\n{text}\n\n" in f"\n\n{draft}\n\n"  # the end may come twice
        if text.strip() and not taken:
            self._screen.composer.draft = f"{draft}\n\n{text}" if draft else text

    def keep(self) -> None:
        """Note what is typed, and have it written soon."""
        if not self._placed:
            return
        self.put(self._screen.current, self._screen.composer.draft)

    def put(self, opened: OpenChat, text: str) -> None:
        """Note the draft of a chat, and have it written soon unless the chat is temporary."""
        if opened.temporary:
            self._passing_drafts[opened.key] = text
            return
        self._screen.drafts.put(opened.key, text)
        self._write_soon()

    def kept(self, what: str, session: Session | None = None) -> Kept:
        """Where the text of a field is kept until it is accepted or dropped.

        Args:
            what: the field.
            session: whose it is; what belongs to a temporary one is written nowhere.
        """
        place = f"{session.id if session else ''}/#{what}"
        if session is not None and session.temporary:
            return Kept(self._passing_fields, place, lambda: None)
        return Kept(self._screen.drafts, place, self._write_soon)

    def _write_soon(self) -> None:
        if self._writing is None:
            self._writing = self._screen.set_timer(_DRAFT_DELAY_S, self._begin_writing)
            self._waiting_since = monotonic()
        elif monotonic() - self._waiting_since < _LONGEST_UNWRITTEN_S:
            self._writing.reset()

    def text_of(self, opened: OpenChat) -> str:
        """The draft of a chat."""
        if opened.temporary:
            return self._passing_drafts.get(opened.key, "")
        return self._screen.drafts.get(opened.key)

    def drop_sent(self, opened: OpenChat, last_prompt: str) -> None:
        """Forget a draft from before the start that was sent: the app was killed in between."""
        drafts, sent = self._screen.drafts, last_prompt.strip()
        for key in (opened.key, f"{opened.session_id}/", f"new:{opened.workspace_id}"):
            if sent and drafts.is_old(key) and drafts.get(key).strip() == sent:
                drafts.put(key, "")

    def _carry(self, had_key: str) -> None:
        """Keep what is typed under the chat's new key only."""
        if self._placed and had_key != self._screen.current.key:
            self._screen.drafts.put(had_key, "")
            self.keep()

    def take_along(self, had_key: str) -> None:
        """Keep what is typed to hand where another chat is shown now, unless that has a draft."""
        if had_key == self._screen.current.key:
            return
        if self._screen.composer.draft and not self.text_of(self._screen.current):
            self._carry(had_key)
        else:
            self.place()

    def _begin_writing(self) -> None:
        self._writing = None
        self._screen.in_background(self._write, "drafts")

    async def _write(self) -> None:
        try:
            await asyncio.to_thread(self._screen.drafts.save)
            self._drafts_told = False
        except OSError as error:
            from tui_sessions.stores.single_files import explain

            if not self._drafts_told:
                self._screen.say(
                    f"What is typed cannot be written down: {explain(error)}", severe=True
                )
            self._drafts_told = True
