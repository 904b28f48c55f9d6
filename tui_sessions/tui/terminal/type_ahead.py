"""An app in which keys typed faster than the screen follows still go where they were meant to."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Collection, Set
from typing import Any

from textual import events
from textual.app import App
from textual.driver import Driver
from textual.message_pump import MessagePump
from textual.worker import Worker

from tui_sessions.tui.slices import undivided
from tui_sessions.tui.terminal.early_input import with_early_input
from tui_sessions.tui.terminal.going_on import with_going_on
from tui_sessions.tui.terminal.paced_output import with_paced_output
from tui_sessions.tui.terminal.whole_frames import with_whole_frames

_LOOK_EVERY_S = 0.004
SETTLE_LOOKS = 125
"""How often it is looked whether one part of the screen has settled before the next key goes on.

All patience is counted in looks, half a second of them: where the machine is slow they take as much
longer as all else does, and by the clock it would be over before what it is for has had a turn.
"""
FOLLOW_UP_LOOKS = 500
"""The same for what a key began in the background, two seconds of them."""
_ROUNDS = 4
_FROM_THE_PERSON = (events.Key, events.Paste, events.MouseEvent)


class TypeAheadApp(App[None]):
    """Finishes with each key before the next one.

    In Textual a key that an action is bound to with priority overtakes letters that still wait for
    their widget, and letters typed after a key that moves the focus go where it was before.
    """

    _typed: asyncio.Queue[events.Event] | None = None
    _typing: asyncio.Task[None] | None = None
    _late: Set[Worker[Any]] = frozenset()
    _begun = False
    """What the person did before there was a place for it is done."""

    def get_driver_class(self) -> type[Driver]:
        """The terminal's driver, which takes in what was typed before it began."""
        driver = with_going_on(with_early_input(super().get_driver_class()))
        return with_whole_frames(with_paced_output(driver))

    async def on_event(self, event: events.Event) -> None:
        """Put keys that were typed into their own queue; handle everything else at once.

        What the mouse does joins them until all has its place that came before the start was over.
        """
        kinds = (events.Key, events.Paste) if self._begun else _FROM_THE_PERSON
        if not isinstance(event, kinds) or event.is_forwarded:
            # At the end what the mouse does may come after the last screen has gone.
            if self.screen_stack or not isinstance(event, events.InputEvent):
                await super().on_event(event)
            return
        if self._typed is None:
            self._typed = asyncio.Queue()
            self._typing = asyncio.create_task(self._handle_typed(self._typed))
        self._typed.put_nowait(event)

    async def _handle_typed(self, typed: asyncio.Queue[events.Event]) -> None:
        await self._focus_there()
        ahead = True
        while True:
            event = await typed.get()
            try:
                if ahead and not (self._has_focus and self.goes_ahead(event)):
                    ahead = False
                    await self.ready()
                    await self._focus_there()
                with undivided():
                    await (self._handle_ahead if ahead else self._handle)(event)
                    if typed.empty():
                        self._paint()
            except Exception as error:
                self._handle_exception(error)
            self._begun = self._begun or (not ahead and typed.empty())
            typed.task_done()

    def goes_ahead(self, event: events.Event) -> bool:
        """Whether it needs nothing of what `ready` waits for; asked until one does not go ahead."""
        return False

    async def ready(self) -> None:
        """Wait for what the keys need that do not go ahead, and all that come after them."""

    async def _handle_ahead(self, event: events.Event) -> None:
        await super().on_event(event)
        await self._settle()

    async def _handle(self, event: events.Event) -> None:
        await self._follow_up()
        await super().on_event(event)
        if await self._settle():
            await self._follow_up()
            # What the key opened has to be there before the next one.
            await _settled(self.screen, SETTLE_LOOKS if self.screen.is_mounted else FOLLOW_UP_LOOKS)

    async def _focus_there(self) -> None:
        """Wait until there is a widget for the first key: a person may type before the start."""
        for _ in range(FOLLOW_UP_LOOKS):
            if self._has_focus:
                return
            await asyncio.sleep(_LOOK_EVERY_S)

    @property
    def _has_focus(self) -> bool:
        return bool(self.screen_stack and self.screen.focused)

    def followed_up(self) -> Collection[Worker[Any]]:
        """The work that has to be done before the next key has its place."""
        return ()

    async def _settle(self) -> bool:
        """Wait for all that a key may concern: it goes up from the focus to the app.

        False where one of them takes too long.
        """
        focused = self.screen.focused
        pumps = [*focused.ancestors_with_self] if focused is not None else [self.screen]
        for _ in range(_ROUNDS):
            for pump in pumps:
                if pump.is_attached and not await _settled(pump):
                    return False
            if not any(pump.message_queue_size for pump in pumps):
                break
        return True

    def _paint(self) -> None:
        """Show what a key has changed now, and not with the next tick of the screen's clock.

        What has to be laid out anew waits for that: more of it is likely to come.
        """
        screen = self.screen if self.screen_stack else None
        if screen is not None and screen._dirty_widgets and not screen._layout_required:
            screen._on_timer_update()

    async def _follow_up(self) -> None:
        """Wait for what was begun in the background; what takes long is waited for once."""
        for _ in range(FOLLOW_UP_LOOKS):
            if not {*self.followed_up()} - self._late:
                return
            await asyncio.sleep(_LOOK_EVERY_S)
        self._late = {*self.followed_up()}

    def on_unmount(self) -> None:
        """Handle no more keys."""
        if self._typing is not None:
            self._typing.cancel()


async def _settled(pump: MessagePump, looks: int = SETTLE_LOOKS) -> bool:
    """Wait until the messages that wait there are handled, but never for long."""
    settled = asyncio.Event()
    if not pump.call_later(settled.set):
        return False
    for _ in range(looks):
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(settled.wait(), _LOOK_EVERY_S)
            return True
    return False
