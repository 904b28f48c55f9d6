"""`pause`, `resume`, `archive`, `unarchive` and `touch`: the life of sessions."""

from __future__ import annotations

import click

from tui_sessions.cli.completing import SESSION
from tui_sessions.cli.global_options import GlobalOptions, command
from tui_sessions.cli.naming import find_sessions
from tui_sessions.cli.opening import Sessions, with_sessions
from tui_sessions.cli.output import say


def _command(operation: str, text: str) -> click.Command:
    """A command that calls the manager's method of the same name."""

    def run(options: GlobalOptions, names: tuple[str, ...]) -> None:
        async def work(sessions: Sessions) -> None:
            manager = await sessions.scope()
            for session_id in await find_sessions(manager, names):
                session = await getattr(manager, operation)(session_id)
                say(f"{session.id} is {session.state.value}.")

        with_sessions(options, work)

    run.__doc__ = text
    argument = click.argument("names", type=SESSION, nargs=-1, required=True, metavar="SESSION...")
    return command(operation)(argument(click.pass_obj(run)))


pause = _command("pause", "Put sessions aside until they are resumed.")
resume = _command("resume", "Go on with sessions that were paused.")
archive = _command("archive", "Put sessions out of the way.")
unarchive = _command("unarchive", "Take sessions out of the archive.")
touch = _command("touch", "Note that sessions were used now.")
