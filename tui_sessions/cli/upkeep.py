"""`sweep`, `cleanup` and `path`: looking after the store."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from tui_sessions.cli.global_options import GlobalOptions, command
from tui_sessions.cli.opening import Sessions, with_sessions
from tui_sessions.cli.output import count, local_time, note, say, say_json
from tui_sessions.cli.values import session_value
from tui_sessions.cli.words import Amount
from tui_sessions.model.visible import visible_line

if TYPE_CHECKING:
    from tui_sessions.model.session import Session

_HUNDRED_YEARS = 36_500


@command("sweep")
@click.option(
    "--ttl", type=Amount(_HUNDRED_YEARS * 86_400), metavar="SECONDS", help="Idle longer than."
)
@click.option("--json", "as_json", is_flag=True, help="As one JSON document.")
@click.pass_obj
def sweep(options: GlobalOptions, *, ttl: float | None, as_json: bool) -> None:
    """Suspend idle and expire outdated sessions.

    Pictures and files that no message has named for a day are removed.
    """

    async def work(sessions: Sessions) -> tuple[list[Session], list[str]]:
        manager = await sessions.scope()
        return await manager.sweep_stale(ttl), await manager.sweep_files()

    changed, files = with_sessions(options, work)
    if as_json:
        say_json({"sessions": [session_value(each) for each in changed], "files": files})
        return
    for session in changed:
        say(f"{session.id}  {session.state.value}  {visible_line(session.label)}")
    note(f"{count(len(changed), 'session')} changed.")
    if files:
        note(f"{count(len(files), 'file')} removed that no message names any more.")


@command("cleanup")
@click.option(
    "--older-than",
    "days",
    type=Amount(_HUNDRED_YEARS),
    required=True,
    metavar="DAYS",
    help="Not used for so many days.",
)
@click.option("--dry-run", is_flag=True, help="Change nothing, and only tell.")
@click.option("--json", "as_json", is_flag=True, help="As one JSON document.")
@click.pass_obj
def cleanup(options: GlobalOptions, *, days: float, dry_run: bool, as_json: bool) -> None:
    """Put old sessions into the trash."""

    async def work(sessions: Sessions) -> list[Session]:
        return await (await sessions.scope()).cleanup(days, dry_run=dry_run)

    old = with_sessions(options, work)
    if as_json:
        say_json({"dry_run": dry_run, "sessions": [session_value(each) for each in old]})
        return
    for session in old:
        used = local_time(session.last_active_at)
        say(f"{session.id}  {used}  {visible_line(session.label)}")
    went = "would go" if dry_run else "went"
    note(f"{count(len(old), 'session')} {went} to the trash.")


@command("path")
@click.option("--json", "as_json", is_flag=True, help="As one JSON document.")
@click.pass_obj
def path(options: GlobalOptions, *, as_json: bool) -> None:
    """Tell where data, settings and log are."""
    from tui_sessions.paths import cache_dir, config_dir, data_dir, log_file

    places = {
        "data": options.store or str(options.directory or data_dir()),
        "config": str(config_dir()),
        "cache": str(cache_dir()),
        "log": str(log_file()),
    }
    if as_json:
        say_json(places)
        return
    for name, place in places.items():
        say(f"{name:<7} {visible_line(place)}")
