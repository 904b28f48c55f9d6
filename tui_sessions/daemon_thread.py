"""Waits for what may hang without the event loop, or the program's end, hanging with it."""

from __future__ import annotations

import asyncio
import contextlib
import contextvars
import threading
from collections.abc import Callable
from typing import TypeVar

Got = TypeVar("Got")
ASIDE = "sessions-aside"
"""What such threads are called."""


async def in_daemon_thread(call: Callable[[], Got]) -> Got:
    """What a call gives or raises; whoever stops waiting leaves it behind.

    Threads of `asyncio.to_thread` are few, serve the store, and are waited for when the program
    ends; this one is not. What is no plain exception, as `SystemExit`, comes as a `RuntimeError`.
    """
    loop = asyncio.get_running_loop()
    answer: asyncio.Future[Got] = loop.create_future()
    context = contextvars.copy_context()

    def tell(value: Got | None, error: Exception | None) -> None:
        if answer.done():
            return
        if error is not None:
            answer.set_exception(error)
        else:
            answer.set_result(value)  # type: ignore[arg-type]

    def run() -> None:
        value: Got | None = None
        error: Exception | None = None
        try:
            value = context.run(call)
        except StopIteration as failure:
            # A future cannot hold it.
            error = RuntimeError(repr(failure))
        except BaseException as failure:
            error = failure if isinstance(failure, Exception) else RuntimeError(repr(failure))
        with contextlib.suppress(RuntimeError):  # the loop may be gone
            loop.call_soon_threadsafe(tell, value, error)

    threading.Thread(target=run, name=ASIDE, daemon=True).start()
    return await answer
