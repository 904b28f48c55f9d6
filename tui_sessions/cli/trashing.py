"""`delete`, `restore` and `trash`: into the trash, back, and gone for good."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

import click

from tui_sessions.cli.completing import SESSION
from tui_sessions.cli.faults import FAILED, OK
from tui_sessions.cli.global_options import GlobalOptions, command
from tui_sessions.cli.naming import find_sessions, find_trashed, how_to_restore
from tui_sessions.cli.opening import Sessions, with_sessions
from tui_sessions.cli.output import count, local_time, note, say, say_json, say_table
from tui_sessions.cli.values import trashed_value
from tui_sessions.cli.words import WORDS
from tui_sessions.errors import SessionsError
from tui_sessions.model.visible import visible_line

if TYPE_CHECKING:
    from tui_sessions.stores.base import Trashed


@command("delete")
@click.argument("names", type=SESSION, nargs=-1, required=True, metavar="SESSION...")
@click.pass_obj
def delete(options: GlobalOptions, names: tuple[str, ...]) -> int:
    """Put sessions into the trash.

    None of them goes when one is unknown.
    """

    async def work(sessions: Sessions) -> int:
        manager = await sessions.scope()
        code = OK
        for session_id in await find_sessions(manager, names):
            try:
                deleted = await manager.delete(session_id)
            except SessionsError as error:
                deleted, code = False, FAILED
                note(f"Error: {error}")
            if deleted:
                say(f"Deleted {session_id}; {how_to_restore(session_id)}.")
        return code

    return with_sessions(options, work)


@command("restore")
@click.argument("names", type=WORDS, nargs=-1, required=True, metavar="SESSION...")
@click.pass_obj
def restore(options: GlobalOptions, names: tuple[str, ...]) -> None:
    """Bring sessions back from the trash."""

    async def work(sessions: Sessions) -> None:
        manager = await sessions.scope()
        for session_id in [await find_trashed(manager, name) for name in names]:
            session = await manager.undelete(session_id)
            label = visible_line(session.label)
            say(
                f"{session.id} is back in workspace {session.workspace_id}: {label or '(no label)'}"
            )

    with_sessions(options, work)


@command("trash")
@click.option("--purge", multiple=True, type=WORDS, metavar="SESSION", help="Delete it for good.")
@click.option("--empty", is_flag=True, help="Delete everything in the trash for good.")
@click.option("--yes", is_flag=True, help="Do not ask.")
@click.option("--json", "as_json", is_flag=True, help="As one JSON document.")
@click.pass_obj
def trash(
    options: GlobalOptions, *, purge: tuple[str, ...], empty: bool, yes: bool, as_json: bool
) -> int | None:
    """List or empty the trash."""
    if purge and empty:
        raise click.UsageError("--empty takes everything; leave --purge out.")
    if not purge and not empty:
        if yes:
            raise click.UsageError("--yes goes with --purge or --empty.")
        _list(options, as_json=as_json)
        return OK
    if as_json:
        raise click.UsageError("--json is for the list of what is in the trash.")

    async def work(sessions: Sessions) -> int:
        manager = await sessions.scope()
        if empty:
            chosen = [each.session_id for each in await manager.trash()]
        else:
            chosen = list(dict.fromkeys([await find_trashed(manager, name) for name in purge]))
        if chosen and not yes and not _agreed(len(chosen)):
            note("Nothing was deleted.")
            return FAILED
        purged = 0
        for session_id in chosen:
            purged += await manager.purge(session_id)
        say(f"{count(purged, 'session')} deleted for good.")
        return OK

    return with_sessions(options, work)


def _agreed(number: int) -> bool:
    if not sys.stdin.isatty():
        raise click.UsageError("Deleting for good asks first; without a terminal, give --yes.")
    return click.confirm(f"Delete {count(number, 'session')} for good?", err=True)


def _list(options: GlobalOptions, *, as_json: bool) -> None:
    async def work(sessions: Sessions) -> list[Trashed]:
        return await (await sessions.scope()).trash()

    found = with_sessions(options, work)
    if as_json:
        say_json({"trash": [trashed_value(each) for each in found]})
        return
    if not found:
        note("The trash is empty.")
        return
    rows = [
        (
            each.label or "(no label)",
            each.session_id,
            each.workspace_id,
            local_time(each.deleted_at),
        )
        for each in found
    ]
    say_table(("LABEL", "ID", "WORKSPACE", "DELETED"), rows)
