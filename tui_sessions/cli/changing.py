"""`fork`, `rename`, `tag` and `move`: changing sessions."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from tui_sessions.cli.completing import SESSION, WORKSPACE
from tui_sessions.cli.global_options import GlobalOptions, command
from tui_sessions.cli.naming import find_message, find_session
from tui_sessions.cli.opening import Sessions, with_sessions
from tui_sessions.cli.output import say, say_json
from tui_sessions.cli.values import session_value
from tui_sessions.cli.words import WORDS
from tui_sessions.model.visible import visible_line

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from tui_sessions.engine.session_manager import SessionManager
    from tui_sessions.model.session import Session


@command("fork")
@click.argument("session", type=SESSION)
@click.option(
    "--at",
    type=WORDS,
    metavar="MESSAGE",
    help="Cut after this message, by id: `show --ids` tells them.",
)
@click.option("--detached", is_flag=True, help="Take over the agents, but no messages.")
@click.option("--label", type=WORDS, help="Its label; default: the parent's with a mark.")
@click.option("--json", "as_json", is_flag=True, help="As one JSON document.")
@click.pass_obj
def fork(
    options: GlobalOptions,
    session: str,
    *,
    at: str | None,
    detached: bool,
    label: str | None,
    as_json: bool,
) -> None:
    """Fork a session and print the child's id."""

    async def make(manager: SessionManager, session_id: str) -> Session:
        cut = None if at is None else await find_message(manager, session_id, at)
        return await manager.fork(session_id, at=cut, detached=detached, label=label)

    child = changed(options, session, make)
    if as_json:
        say_json(session_value(child))
    else:
        say(child.id)


@command("rename")
@click.argument("session", type=SESSION)
@click.argument("label", type=WORDS)
@click.pass_obj
def rename(options: GlobalOptions, session: str, label: str) -> None:
    """Give a session another label."""
    renamed = changed(options, session, lambda manager, found: manager.rename(found, label))
    say(f"{renamed.id} is {visible_line(renamed.label)!r} now.")


@command("tag")
@click.argument("session", type=SESSION)
@click.argument("tags", type=WORDS, nargs=-1)
@click.option("--remove", type=WORDS, multiple=True, metavar="TAG", help="Take this tag away.")
@click.option("--clear", is_flag=True, help="Take all tags away first.")
@click.option("--json", "as_json", is_flag=True, help="As one JSON document.")
@click.pass_obj
def tag(
    options: GlobalOptions,
    session: str,
    tags: tuple[str, ...],
    *,
    remove: tuple[str, ...],
    clear: bool,
    as_json: bool,
) -> None:
    """Add tags to a session, or take some away, and print those it has then."""

    async def change(manager: SessionManager, session_id: str) -> Session:
        added = [each for each in tags if each not in remove]
        if clear:
            return await manager.set_tags(session_id, added)
        return await manager.update_tags(session_id, added, remove=remove)

    found = changed(options, session, change)
    if as_json:
        say_json(session_value(found))
        return
    for each in found.tags:
        say(visible_line(each))


@command("move")
@click.argument("session", type=SESSION)
@click.argument("target", type=WORKSPACE, metavar="WORKSPACE")
@click.pass_obj
def move(options: GlobalOptions, session: str, target: str) -> None:
    """Move a session to another workspace.

    The workspace is made if it is missing.
    """

    async def change(sessions: Sessions) -> Session:
        session_id = await find_session(await sessions.scope(), session)
        workspace_id = await sessions.make(await sessions.workspace_to_be(target))
        return await sessions.manager.move(session_id, workspace_id)

    moved = with_sessions(options, change)
    say(f"{moved.id} is in workspace {moved.workspace_id} now.")


def changed(
    options: GlobalOptions,
    name: str,
    change: Callable[[SessionManager, str], Awaitable[Session]],
) -> Session:
    """Change the session that a person means."""

    async def work(sessions: Sessions) -> Session:
        manager = await sessions.scope()
        return await change(manager, await find_session(manager, name))

    return with_sessions(options, work)
