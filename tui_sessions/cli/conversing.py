"""One reply on the command line: following it, stopping it, and answering for its tools."""

from __future__ import annotations

import asyncio
import signal
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from typing import TYPE_CHECKING

import click

from tui_sessions.cli.faults import FAILED, OK, Interrupted
from tui_sessions.cli.output import note
from tui_sessions.cli.words import WORDS

if TYPE_CHECKING:
    from tui_sessions.engine.session_manager import SessionManager
    from tui_sessions.model.events import LifecycleError, ReplyEvent

allow_tool_option = click.option(
    "--allow-tool",
    "allowed",
    type=WORDS,
    multiple=True,
    metavar="NAME",
    help="Let a tool, or all tools of a server, run without asking; may be repeated.",
)


async def follow(
    manager: SessionManager,
    events: AsyncIterator[ReplyEvent],
    session_id: str,
    chat_id: str | None,
    *,
    as_json: bool,
) -> int:
    """Print a reply as it comes; gives the exit code.

    Raises:
        Interrupted: it was stopped.
    """
    from tui_sessions.cli.reply_printer import ReplyPrinter
    from tui_sessions.cli.tool_questions import ToolQuestions
    from tui_sessions.model.events import ReplyFailed, ReplyStarted, ReplyStopped, ToolAsked

    stopped = asyncio.Event()
    printer = ReplyPrinter(as_json=as_json)
    questions = ToolQuestions(manager, stopped)
    received: list[int] = []
    stops: set[asyncio.Task[bool]] = set()

    def stop(number: int) -> None:
        received.append(number)
        stopped.set()
        stops.add(asyncio.ensure_future(manager.stop(session_id, chat_id)))

    code = OK
    manager.on("lifecycle_error", _tell_problem)
    with on_signals(stop):
        async for event in events:
            if received and isinstance(event, ReplyStarted):
                stop(received[0])
            printer.take(event)
            if isinstance(event, ToolAsked):
                await questions.answer(event)
            if isinstance(event, ReplyFailed):
                code = FAILED
            if isinstance(event, ReplyStopped):
                raise Interrupted(128 + (received[0] if received else signal.SIGINT))
    return code


def _tell_problem(event: LifecycleError) -> None:
    """What the reply goes on without, or left unsaved, is told; what ends it comes with its end."""
    if event.operation in ("offer a tool", "make room for a question", "shutdown"):
        note(f"Warning: {event.error}")


def on_signals(stop: Callable[[int], None]) -> AbstractContextManager[None]:
    """Have Ctrl-C and a request to end stop the reply; a second one ends at once.

    A terminal that is closed asks to end, unless the person let the command outlive it (`nohup`).
    """
    loop = asyncio.get_running_loop()
    numbers = [signal.SIGINT, signal.SIGTERM]
    if signal.getsignal(signal.SIGHUP) is not signal.SIG_IGN:
        numbers.append(signal.SIGHUP)

    def received(number: int) -> None:
        for each in numbers:
            loop.remove_signal_handler(each)
        stop(number)

    @contextmanager
    def handled() -> Iterator[None]:
        for number in numbers:
            loop.add_signal_handler(number, received, number)
        try:
            yield
        finally:
            for number in numbers:
                loop.remove_signal_handler(number)

    return handled()
