"""`checkpoint` and `ask`: having a model summarise a chat, and asking other agents."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

import click

from tui_sessions.cli.completing import SESSION
from tui_sessions.cli.conversing import allow_tool_option, on_signals
from tui_sessions.cli.faults import FAILED, OK, Interrupted
from tui_sessions.cli.global_options import GlobalOptions, command
from tui_sessions.cli.naming import find_chat, find_session
from tui_sessions.cli.opening import Sessions, with_sessions
from tui_sessions.cli.output import note, say, say_json
from tui_sessions.cli.sending import text_to_send
from tui_sessions.cli.values import session_value
from tui_sessions.cli.words import WORDS

if TYPE_CHECKING:
    from collections.abc import Sequence

    from tui_sessions.engine.session_manager import SessionManager
    from tui_sessions.model.children import ChildStatus, ChildTask
    from tui_sessions.model.events import ChildCreated, ToolAsked
    from tui_sessions.model.session import Session


@command("checkpoint")
@click.argument("session", type=SESSION)
@click.option("--chat", type=WORDS, metavar="CHAT", help="This chat, by id or name.")
@click.option("--json", "as_json", is_flag=True, help="The child session as one JSON document.")
@click.pass_obj
def checkpoint(options: GlobalOptions, session: str, *, chat: str | None, as_json: bool) -> None:
    """Have a chat's model summarise it, and print the id of the child that begins with that.

    From then on the summary and what follows it is sent; the history stays whole.
    """

    async def work(sessions: Sessions) -> Session | None:
        manager = await sessions.scope()
        found = await manager.get_session(await find_session(manager, session))
        chosen = find_chat(found, chat) if chat is not None else None
        return await manager.checkpoint(found.id, chosen.id if chosen else None)

    child = with_sessions(options, work)
    if as_json:
        say_json(None if child is None else session_value(child))
    elif child is None:
        note("There is nothing new to summarise.")
    else:
        say(child.id)


@command("ask")
@click.argument("session", type=SESSION)
@click.argument("words", type=WORDS, nargs=-1, metavar="[TEXT]...")
@click.option(
    "--template",
    "names",
    type=WORDS,
    multiple=True,
    metavar="NAME",
    help="Who is asked; may be repeated. Default: the chat's own agent, without the chat.",
)
@click.option("--with-chat", is_flag=True, help="Give them the chat so far.")
@click.option("--chat", type=WORDS, metavar="CHAT", help="The chat they come from, by id or name.")
@click.option("--at-once", type=click.IntRange(min=1), default=4, help="So many side by side.")
@allow_tool_option
@click.option("--json", "as_json", is_flag=True, help="All answers as one JSON document.")
@click.pass_obj
def ask(
    options: GlobalOptions,
    session: str,
    words: tuple[str, ...],
    *,
    names: tuple[str, ...],
    with_chat: bool,
    chat: str | None,
    at_once: int,
    allowed: tuple[str, ...],
    as_json: bool,
) -> int:
    """Ask one or several other agents, each in a child session, and print their answers.

    The text comes from the arguments, or from standard input where it is `-` or left out; a `-` at
    its end adds that. The answers come in the order of the templates, once all are there. Ctrl-C
    stops those that still answer and keeps what came.
    """
    text = text_to_send(words)

    async def work(sessions: Sessions) -> list[ChildStatus]:
        from tui_sessions.model.children import ChildTask

        manager = await sessions.scope()
        found = await manager.get_session(await find_session(manager, session))
        chosen = find_chat(found, chat) if chat is not None else None
        for name in names or (() if found.chats else (None,)):
            await manager.check_template(found.workspace_id, name)
        tasks = [
            ChildTask(
                prompt=text,
                template=name,
                context="chat" if with_chat else "none",
                chat_id=chosen.id if chosen else None,
            )
            for name in names or (None,)
        ]
        return await _run(manager, found.id, tasks, at_once, allowed)

    results = with_sessions(options, work)
    _say_results(names or ("",), results, as_json)
    return OK if all(one.state == "completed" for one in results) else FAILED


async def _run(
    manager: SessionManager,
    session_id: str,
    tasks: Sequence[ChildTask],
    at_once: int,
    allowed: tuple[str, ...],
) -> list[ChildStatus]:
    """Run the children, and answer for their tools."""
    from tui_sessions.cli.tool_questions import ToolQuestions

    stopped = asyncio.Event()
    questions = ToolQuestions(manager, stopped)
    asking = asyncio.Lock()
    running = asyncio.ensure_future(manager.run_children(session_id, tasks, at_once=at_once))
    received: list[int] = []

    def stop(number: int) -> None:
        received.append(number)
        stopped.set()
        running.cancel()

    def allow(event: ChildCreated) -> None:
        for name in allowed:
            manager.allow_tool(event.session_id, name)

    async def answer(event: ToolAsked) -> None:
        async with asking:
            await questions.answer(event)

    manager.on("child_created", allow)
    manager.on("tool_asked", answer)
    with on_signals(stop):
        try:
            return await running
        except asyncio.CancelledError:
            if not received:
                raise
            raise Interrupted(128 + received[0]) from None


def _say_results(names: Sequence[str], results: Sequence[ChildStatus], as_json: bool) -> None:
    from tui_sessions.model.visible import visible_line

    pairs = list(zip(names, results, strict=True))
    if as_json:
        say_json({"children": [_value(name, one) for name, one in pairs]})
        return
    for place, (name, one) in enumerate(pairs):
        if len(pairs) > 1:
            say(("\n" if place else "") + visible_line(f"# {name} ({one.session_id or 'none'})"))
        if one.text:
            say(one.text)
        if one.state != "completed":
            note(visible_line(f"{name or 'The agent'}: {one.state}. {one.error or ''}".rstrip()))
    if len(pairs) == 1 and results[0].session_id:
        note(f"In child session {results[0].session_id}.")


def _value(name: str, one: ChildStatus) -> dict[str, object]:
    from tui_sessions.model.codec import message_data

    return {
        "template": name or None,
        "session": one.session_id or None,
        "state": one.state,
        "text": one.text,
        "error": one.error,
        "message": message_data(one.reply) if one.reply else None,
    }
