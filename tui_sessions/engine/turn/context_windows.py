"""How much models read at once, as their providers tell: asked for once, out of the way."""

from __future__ import annotations

import asyncio
import logging
import time

from tui_sessions.errors import SessionsError
from tui_sessions.providers.base import Providers, SizedProvider

KNOWN_S = 600.0
"""Seconds after which a window is asked for again: a server may be started anew with another."""
UNKNOWN_S = 30.0
"""The same where nobody could tell."""

log = logging.getLogger(__name__)
Place = tuple[str, str | None]


class ContextWindows:
    """The context windows of providers' models, in memory."""

    def __init__(self, providers: Providers) -> None:
        self._providers = providers
        self._known: dict[Place, tuple[int | None, float]] = {}
        self._asking: dict[Place, asyncio.Task[None]] = {}

    async def window(self, provider: str, model: str | None, wait_s: float = 0.0) -> int | None:
        """How many tokens fit; what is not known yet is looked up in the background.

        Args:
            provider: its name.
            model: None: the provider's default.
            wait_s: seconds to wait for it at most, where it is not known.
        """
        place = (provider, model)
        window, good_until = self._known.get(place, (None, 0.0))
        if time.monotonic() < good_until:
            return window
        task = self._asking.get(place)
        if task is None:
            task = self._asking[place] = asyncio.create_task(self._ask(place))
        if window is None:
            await asyncio.wait([task], timeout=wait_s)
            window, _ = self._known.get(place, (None, 0.0))
        return window

    async def close(self) -> None:
        """Look nothing up any more."""
        tasks = list(self._asking.values())
        for task in tasks:
            task.cancel()
        if tasks:
            await asyncio.wait(tasks)

    async def _ask(self, place: Place) -> None:
        window = None
        try:
            provider = self._providers.get(place[0])
            if isinstance(provider, SizedProvider):
                window = await provider.context_window(place[1])
        except SessionsError:
            pass
        except Exception:
            log.exception("Provider %s failed to tell its context window", place[0])
        finally:
            self._asking.pop(place, None)
        usable = isinstance(window, int) and window > 0
        good_for = KNOWN_S if usable else UNKNOWN_S
        self._known[place] = (window if usable else None, time.monotonic() + good_for)
