"""The app in the test's own process, over sessions in memory."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import AbstractAsyncContextManager, asynccontextmanager, contextmanager
from dataclasses import dataclass
from pathlib import Path

from textual import _wait
from textual.css.query import NoMatches
from textual.pilot import Pilot

from tui_sessions import (
    Provider,
    ProviderRegistry,
    Session,
    SessionManager,
    Settings,
    open_sessions,
)
from tui_sessions.index.catalog_rows import Wanted
from tui_sessions.tui.app import SessionsApp
from tui_sessions.tui.remembered.drafts import Drafts
from tui_sessions.tui.screens.main.base import Start
from tui_sessions.tui.screens.main.main_screen import MainScreen

SPACE = "dev"


@contextmanager
def _in_quick_succession() -> Iterator[None]:
    """Have Textual's pilot, which looks twice for each key whether all rests, do so every 5 ms."""
    usual = _wait.SLEEP_GRANULARITY, _wait.SLEEP_IDLE
    _wait.SLEEP_GRANULARITY, _wait.SLEEP_IDLE = (each / 4 for each in usual)
    try:
        yield
    finally:
        _wait.SLEEP_GRANULARITY, _wait.SLEEP_IDLE = usual


@dataclass
class Running:
    """An app that has arrived, and the ways to drive it."""

    app: SessionsApp
    pilot: Pilot[None]

    @property
    def main(self) -> MainScreen:
        return self.app.main

    @property
    def manager(self) -> SessionManager:
        return self.app.main.manager

    def sessions(self) -> list[Session]:
        """All sessions, newest activity first."""
        return self.manager._engine.catalog.find(Wanted())

    @property
    def notices(self) -> list[str]:
        """What was told so far and can still be seen."""
        return [notice.message for notice in self.app._notifications]

    @property
    def shown(self) -> list[str]:
        """The texts of the open chat."""
        chat = self.main.transcript.chat
        growing = chat.growing
        return [(growing[m.id].message() if m.id in growing else m).text for m in chat.messages]

    async def press(self, *keys: str) -> None:
        """Press keys; the app is given the time to come to rest after the last of them."""
        if len(keys) > 1:
            with _in_quick_succession():
                await self.pilot.press(*keys[:-1])
        await self.pilot.press(*keys[-1:])
        # The pilot waits for a pause of the processor, which a busy machine makes by itself.
        await self._typed_handled()
        await self.pilot._wait_for_screen()

    async def _typed_handled(self) -> None:
        """Wait until all that was typed has had its effect, or nothing more will."""
        typed, typing = self.app._typed, self.app._typing
        if typed is not None and typing is not None:
            joined = asyncio.ensure_future(typed.join())
            await asyncio.wait((joined, typing), return_when=asyncio.FIRST_COMPLETED)
            joined.cancel()

    async def type(self, text: str) -> None:
        names = {"\r": "enter", " ": "space", "/": "slash"}
        await self.press(*(names.get(letter, letter) for letter in text))

    async def until(self, holds: Callable[[], object]) -> None:
        """Wait until something holds; what it changed is on the screen by then."""
        if self._is_there(holds):
            return
        # A pause of the pilot would have every widget answer and the screen painted each time.
        for _ in range(6000):
            await asyncio.sleep(0.005)
            if self.app._exception is not None:
                break
            if self._is_there(holds):
                self.app.screen._on_timer_update()
                return
        raise AssertionError(f"waited in vain; notices: {self.notices}; chat: {self.shown}")

    def _is_there(self, holds: Callable[[], object]) -> bool:
        """Whether something holds; nothing does of what is not there yet."""
        try:
            return bool(holds()) and self.app.screen.is_mounted
        except NoMatches:
            return False


Fill = Callable[[SessionManager], Awaitable[None]]
OpenApp = Callable[..., AbstractAsyncContextManager[Running]]


@asynccontextmanager
async def open_app_over(
    drafts: Path,
    fill: Fill | None = None,
    *,
    script: Provider | None = None,
    settings: Settings | None = None,
    size: tuple[int, int] = (120, 30),
    store: str = "memory:",
    providers: ProviderRegistry | None = None,
) -> AsyncIterator[Running]:
    """Open the app over sessions, in memory by default; the script is what agents answer."""
    providers = providers or ProviderRegistry()
    if script is not None:
        providers.register("offline", lambda: script)
    settings = settings or Settings()
    async with open_sessions(store, settings=settings, providers=providers) as manager:
        if fill is not None:
            await fill(manager)
        start = Start(SPACE, SPACE, None, "tty:test")
        app = SessionsApp(start, settings, Drafts(drafts))
        app.use(manager)
        async with app.run_test(size=size) as pilot:
            running = Running(app, pilot)
            await running.until(app.main.arrived.is_set)
            await running.until(lambda: not app.main.verbs_under_way())
            yield running
