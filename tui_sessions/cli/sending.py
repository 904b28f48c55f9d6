"""`new`, `send` and `continue`: beginning sessions and going on with them."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

import click

from tui_sessions.cli.completing import SESSION
from tui_sessions.cli.conversing import allow_tool_option, follow
from tui_sessions.cli.global_options import GlobalOptions, command
from tui_sessions.cli.naming import find_chat, find_session
from tui_sessions.cli.opening import Sessions, with_sessions
from tui_sessions.cli.output import note, say, say_json
from tui_sessions.cli.values import session_value
from tui_sessions.cli.words import WORDS, piped_text
from tui_sessions.errors import InvalidValue

if TYPE_CHECKING:
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
@click.argument("words", type=SESSION, nargs=-1, metavar="[SESSION] [TEXT]...")
@click.option("--new", "begin", is_flag=True, help="Send to a new session; name no SESSION.")
@click.option("--last", is_flag=True, help="Go on with the latest one here; name no SESSION.")
@click.option("--template", type=WORDS, metavar="NAME", help="Template for --new.")
@click.option("--chat", type=WORDS, metavar="CHAT", help="To this chat, by id or name.")
@click.option(
    "--tools",
    type=WORDS,
    multiple=True,
    metavar="NAME",
    help="With --new: a server of tools, or server/tool, for the agent; may be repeated.",
)
@allow_tool_option
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
    tools: tuple[str, ...],
    allowed: tuple[str, ...],
    as_json: bool,
) -> int:
    """Send a message and print the reply as it comes.

    The text comes from the arguments, or from standard input where it is `-` or left out; a `-` at
    its end adds that. Ctrl-C stops the reply and keeps what came; `continue` goes on with it. A
    tool that the agent wants to run is asked for on the terminal; where there is none it is
    refused, unless it is allowed.
    """
    if begin and (last or chat is not None):
        raise click.UsageError("--new begins a session; it goes with neither --last nor --chat.")
    if template is not None and not begin:
        raise click.UsageError("--template is for the first chat of a session: use --new with it.")
    if tools and not begin:
        raise click.UsageError("--tools is for the first chat of a session: use --new with it.")
    if not (begin or last) and not words:
        raise click.UsageError("Name a SESSION, or give --new or --last.")
    name, rest = (None, words) if begin or last else (words[0], words[1:])
    text = text_to_send(rest)

    async def ask(sessions: Sessions) -> int:
        if begin:
            session = await _create(sessions, None, template, (), tools)
            note(f"New session {session.id} in workspace {session.workspace_id}.")
            return await _ask(
                sessions.manager, session.id, None, text, allowed=allowed, as_json=as_json
            )
        manager, session_id, chat_id = await _place(sessions, name, chat)
        place = await manager.get_session(session_id)
        if not place.chats:
            await manager.check_template(place.workspace_id)
        return await _ask(manager, session_id, chat_id, text, allowed=allowed, as_json=as_json)

    return with_sessions(options, ask)


@command("continue")
@click.argument("session", type=SESSION, required=False)
@click.option("--last", is_flag=True, help="In the latest session here; name no SESSION.")
@click.option("--chat", type=WORDS, metavar="CHAT", help="In this chat, by id or name.")
@allow_tool_option
@click.option("--json", "as_json", is_flag=True, help="Events as JSON, one a line.")
@click.pass_obj
def continue_reply(
    options: GlobalOptions,
    session: str | None,
    *,
    last: bool,
    chat: str | None,
    allowed: tuple[str, ...],
    as_json: bool,
) -> int:
    """Go on with a reply that was cut off, by a stop, a failure or a crash.

    What is printed is what comes now; the whole reply is in `show`.
    """
    if last == (session is not None):
        raise click.UsageError("Name a SESSION, or give --last.")

    async def go_on(sessions: Sessions) -> int:
        manager, session_id, chat_id = await _place(sessions, session, chat)
        for name in allowed:
            manager.allow_tool(session_id, name)
        events = manager.continue_reply(session_id, chat_id)
        try:
            return await follow(manager, events, session_id, chat_id, as_json=as_json)
        except InvalidValue as error:  # the command line is right, but no reply was cut off
            raise click.ClickException(str(error)) from error

    return with_sessions(options, go_on)


async def _create(
    sessions: Sessions,
    label: str | None,
    template: str | None,
    tags: tuple[str, ...],
    tools: tuple[str, ...] = (),
) -> Session:
    """A new session in the start workspace; nothing is made when template or tools are unknown."""
    manager = sessions.manager
    start = await sessions.start_workspace()
    await manager.check_template(start.id, template)
    _check_tools(manager, tools)
    workspace_id = await sessions.make(start)
    session = await manager.create_session(workspace=workspace_id, label=label, tags=tags)
    if template is not None or tools:
        overrides = {"tools": tools} if tools else None
        await manager.create_chat(session.id, template=template, overrides=overrides)
        session = await manager.get_session(session.id)
    return session


def _check_tools(manager: SessionManager, names: tuple[str, ...]) -> None:
    known = manager.tools.names()
    for name in names:
        if name not in known and name.partition("/")[0] not in known:
            valid = ", ".join(known) or "none; name servers under [mcp.NAME] in the settings"
            raise click.ClickException(f"No tool {name!r:.80}; valid: {valid}.")


async def _place(
    sessions: Sessions, name: str | None, chat: str | None
) -> tuple[SessionManager, str, str | None]:
    """Where to go on: the manager, the session, and the chat where one is named."""
    manager, session_id = await _existing(sessions, name)
    if chat is None:
        return manager, session_id, None
    found = find_chat(await manager.get_session(session_id), chat)
    return manager, session_id, found.id if found else None


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
    manager: SessionManager,
    session_id: str,
    chat_id: str | None,
    text: str,
    *,
    allowed: tuple[str, ...],
    as_json: bool,
) -> int:
    for name in allowed:
        manager.allow_tool(session_id, name)
    events = manager.send(session_id, text, chat_id=chat_id)
    return await follow(manager, events, session_id, chat_id, as_json=as_json)


def text_to_send(words: tuple[str, ...]) -> str:
    """What is to be sent: the words, what comes through a pipe, or the one and then the other.

    Raises:
        UsageError: there is nothing.
    """
    if not words and sys.stdin.isatty():
        raise click.UsageError("There is no text to send: give it as TEXT, or through a pipe.")
    piped = not words or words[-1] == _STDIN
    text = " ".join(words[:-1] if piped else words)
    if piped:
        text = f"{text}\n\n{piped_text()}" if text else piped_text()
    if not text.strip():
        raise click.UsageError("The text to send is empty.")
    return text
