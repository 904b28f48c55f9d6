"""`list` and `workspaces`: what there is."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

import click

from tui_sessions.cli.global_options import GlobalOptions, command
from tui_sessions.cli.opening import Sessions, here, with_sessions
from tui_sessions.cli.output import count, local_time, note, say_json, say_table
from tui_sessions.cli.values import problem_value, session_value, workspace_value
from tui_sessions.cli.words import WORDS
from tui_sessions.model.collecting import collector_paused

if TYPE_CHECKING:
    from tui_sessions.model.session import Session
    from tui_sessions.stores.base import Problem

STATES = ("created", "active", "paused", "suspended", "archived", "expired")


@command("list")
@click.option("--here", "only_here", is_flag=True, help="Only the current folder's workspace.")
@click.option(
    "--state", multiple=True, type=click.Choice(STATES), help="Only in this state; may be repeated."
)
@click.option("--tag", type=WORDS, help="Only those that carry this tag.")
@click.option("--limit", type=click.IntRange(min=1), help="At most so many.")
@click.option("--all-users", is_flag=True, help="Of all users (the default without --user).")
@click.option("--json", "as_json", is_flag=True, help="As one JSON document.")
@click.pass_obj
def list_sessions(
    options: GlobalOptions,
    *,
    only_here: bool,
    state: tuple[str, ...],
    tag: str | None,
    limit: int | None,
    all_users: bool,
    as_json: bool,
) -> None:
    """List sessions, newest activity first.

    Those of all workspaces, unless --here or --workspace is given.
    """
    if only_here and options.workspace is not None:
        raise click.UsageError("--here and --workspace name two workspaces; give one of them.")
    if all_users and options.user is not None:
        raise click.UsageError("--all-users and --user exclude each other; give one of them.")

    async def find(sessions: Sessions) -> tuple[list[Session], list[Problem]]:
        asked = here() if only_here else await sessions.asked_workspace()
        manager = sessions.manager if asked is None else sessions.manager.workspace(asked.id)
        problems = await manager.problems()  # first: it looks at every file, edited by hand or not
        found = await manager.list_sessions(
            user_id=options.user, state=state or None, tag=tag, limit=limit
        )
        return found, problems

    found, problems = with_sessions(options, find)
    if as_json:
        with collector_paused():
            values = [session_value(session) for session in found]
        told = [problem_value(each) for each in problems]
        say_json({"sessions": values, "problems": told}, plain=True)
    elif found:
        say_table(("LABEL", "ID", "WORKSPACE", "STATE", "MESSAGES", "LAST ACTIVE"), _rows(found))
    else:
        chosen = state or tag is not None or options.user is not None
        note("No such sessions." if chosen else "No sessions; `sessions-tui new` makes one.")
    _tell_problems(problems)


@command("workspaces")
@click.option("--json", "as_json", is_flag=True, help="As one JSON document.")
@click.pass_obj
def workspaces(options: GlobalOptions, *, as_json: bool) -> None:
    """List the workspaces."""

    async def find(sessions: Sessions) -> tuple[list[tuple[str, ...]], list[dict[str, object]]]:
        manager = await sessions.scope()
        counted = Counter(each.workspace_id for each in await manager.list_sessions())
        known = await manager.workspaces()
        rows: list[tuple[str, ...]] = [
            (each.name, each.id, str(counted[each.id]), each.directory or "-") for each in known
        ]
        return rows, [workspace_value(each, counted[each.id]) for each in known]

    rows, values = with_sessions(options, find)
    if as_json:
        say_json({"workspaces": values})
    elif rows:
        say_table(("NAME", "ID", "SESSIONS", "FOLDER"), rows, grows=3)
    else:
        note("No workspaces yet; the first session makes one.")


def _rows(sessions: list[Session]) -> list[tuple[str, ...]]:
    return [
        (
            session.label or "(no label)",
            session.id,
            session.workspace_id,
            session.state.value,
            str(session.message_count),
            local_time(session.last_active_at),
        )
        for session in sessions
    ]


def _tell_problems(problems: list[Problem]) -> None:
    if problems:
        stayed = "stayed as it is" if len(problems) == 1 else "stayed as they are"
        note(f"{count(len(problems), 'file')} could not be read and {stayed}:")
    for problem in problems:
        note(f"  {problem.path}: {problem.reason}")
