"""`new` and `send`: beginning sessions and going on with them."""

from __future__ import annotations

import asyncio
import signal
import sys
from contextlib import AbstractContextManager, contextmanager
from typing import TYPE_CHECKING

import click

from tui_sessions.cli.faults import FAILED, OK, Interrupted
from tui_sessions.cli.global_options import GlobalOptions, command
from tui_sessions.cli.naming import find_chat, find_session
from tui_sessions.cli.opening import Sessions, with_sessions
from tui_sessions.cli.output import note, say, say_json
from tui_sessions.cli.values import session_value
from tui_sessions.cli.words import WORDS, piped_text

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from tui_sessions.engine.session_manager import SessionManager
    from tui_sessions.model.session import Session

_STDIN = "-"


@command("new")
@click.argument("label", type=WORDS, required=False)
@click.option("--template", type=WORDS, metavar="NAME", help="Template of its first chat.")
@click.option("--tag", "tags", type=WORDS, multiple=True, help="A tag; may be repeated.")
@click.option("--json", "as_json", is_flag=True, help="As one JSON document.")
@click.pass_obj
def new(
    options: GlobalOptions,
    label: str | None,
    *,
    template: str | None,
    tags: tuple[str, ...],
    as_json: bool,
) -> None:
    """Create a session and print its id."""

    async def create(sessions: Sessions) -> Session:
        return await _create(sessions, label, template, tags)

    session = with_sessions(options, create)
    if as_json:
        say_json(session_value(session))
    else:
        say(session.id)


@command("send")
@click.argument("words", type=WORDS, nargs=-1, metavar="[SESSION] [TEXT]...")
@click.option("--new", "begin", is_flag=True, help="Send to a new session; name no SESSION.")
@click.option("--last", is_flag=True, help="Go on with the latest one here; name no SESSION.")
@click.option("--template", type=WORDS, metavar="NAME", help="Template for --new.")
@click.option("--chat", type=WORDS, metavar="CHAT", help="To this chat, by id or name.")
@click.option("--json", "as_json", is_flag=True, help="Events as JSON, one a line.")
@click.pass_obj
def send(
    options: GlobalOptions,
    words: tuple[str, ...],
    *,
    begin: bool,
    last: bool,
    template: str | None,
    chat: str | None,
    as_json: bool,
) -> int:
    """Send a message and print the reply as it comes.

    The text comes from the arguments, or from standard input where it is `-` or left out. Ctrl-C
    stops the reply and keeps what came.
    """
    if begin and (last or chat is not None):
        raise click.UsageError("--new begins a session; it goes with neither --last nor --chat.")
    if template is not None and not begin:
        raise click.UsageError("--template is for the first chat of a session: use --new with it.")
    if not (begin or last) and not words:
        raise click.UsageError("Name a SESSION, or give --new or --last.")
    name, rest = (None, words) if begin or last else (words[0], words[1:])
    text = _text(rest)

    async def ask(sessions: Sessions) -> int:
        if begin:
            session = await _create(sessions, None, template, ())
            note(f"New session {session.id} in workspace {session.workspace_id}.")
            return await _ask(sessions.manager, session.id, None, text, as_json)
        manager, session_id = await _existing(sessions, name)
        session = await manager.get_session(session_id)
        chosen = find_chat(session, chat) if chat is not None else None
        return await _ask(manager, session_id, chosen.id if chosen else None, text, as_json)

    return with_sessions(options, ask)


async def _create(
    sessions: Sessions, label: str | None, template: str | None, tags: tuple[str, ...]
) -> Session:
    """A new session in the start workspace; nothing is made when the template is unknown."""
    manager = sessions.manager
    if template is not None:
        manager.templates.get(template)
    workspace_id = await sessions.make(await sessions.start_workspace())
    session = await manager.create_session(workspace=workspace_id, label=label, tags=tags)
    if template is not None:
        await manager.create_chat(session.id, template=template)
        session = await manager.get_session(session.id)
    return session


async def _existing(sessions: Sessions, name: str | None) -> tuple[SessionManager, str]:
    """The session that is named, or the latest of the start workspace."""
    if name is not None:
        manager = await sessions.scope()
        return manager, await find_session(manager, name)
    workspace = await sessions.asked_workspace() or await sessions.start_workspace()
    manager = sessions.manager.workspace(workspace.id)
    for session in await manager.list_sessions(state=("created", "active", "suspended")):
        if not session.is_child and not session.read_only:
            return manager, session.id
    raise click.ClickException(
        f"No session to go on with in workspace {workspace.id!r}; "
        "name a SESSION, or begin one with --new."
    )


async def _ask(
    manager: SessionManager, session_id: str, chat_id: str | None, text: str, as_json: bool
) -> int:
    from tui_sessions.cli.reply_printer import ReplyPrinter
    from tui_sessions.model.events import ReplyFailed, ReplyStarted, ReplyStopped

    printer = ReplyPrinter(as_json=as_json)
    received: list[int] = []
    stops: set[asyncio.Task[bool]] = set()

    def stop(number: int) -> None:
        received.append(number)
        stops.add(asyncio.ensure_future(manager.stop(session_id, chat_id)))

    code = OK
    with _on_signals(stop):
        async for event in manager.send(session_id, text, chat_id=chat_id):
            if received and isinstance(event, ReplyStarted):
                stop(received[0])
            printer.take(event)
            if isinstance(event, ReplyFailed):
                code = FAILED
            if isinstance(event, ReplyStopped):
                raise Interrupted(128 + (received[0] if received else signal.SIGINT))
    return code


def _on_signals(stop: Callable[[int], None]) -> AbstractContextManager[None]:
    """Have Ctrl-C and a request to end stop the reply; a second one ends at once."""
    loop = asyncio.get_running_loop()
    numbers = (signal.SIGINT, signal.SIGTERM)

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


def _text(words: tuple[str, ...]) -> str:
    if words and words != (_STDIN,):
        text = " ".join(words)
    elif not words and sys.stdin.isatty():
        raise click.UsageError("There is no text to send: give it as TEXT, or through a pipe.")
    else:
        text = piped_text()
    if not text.strip():
        raise click.UsageError("The text to send is empty.")
    return text
