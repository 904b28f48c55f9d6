"""The command line: its global options and its subcommands."""

from __future__ import annotations

import errno
import sys
from typing import Any

import click

from tui_sessions.cli.changing import fork, move, rename, tag
from tui_sessions.cli.counting import stats
from tui_sessions.cli.faults import OutputFailed
from tui_sessions.cli.global_options import GlobalOptions, global_options
from tui_sessions.cli.listing import list_sessions, templates, workspaces
from tui_sessions.cli.naming import find_session
from tui_sessions.cli.opening import Sessions, with_sessions
from tui_sessions.cli.sending import new, send
from tui_sessions.cli.showing import show
from tui_sessions.cli.state_commands import STATE_COMMANDS
from tui_sessions.cli.transferring import export, import_sessions
from tui_sessions.cli.trashing import delete, restore, trash
from tui_sessions.cli.upkeep import cleanup, path, sweep
from tui_sessions.cli.words import WORDS

_NO_TERMINAL = (
    "The app needs a terminal for its input and output; `sessions-tui --help` lists the commands "
    "that work without one."
)


class _Group(click.Group):
    """A group that names the subcommands there are when one is not among them."""

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        if self.get_command(ctx, args[0]) is None and not args[0].startswith("-"):
            valid = ", ".join(self.list_commands(ctx))
            raise click.UsageError(f"No command {args[0]!r:.80}; valid: {valid}.", ctx)
        return super().resolve_command(ctx, args)

    def invoke(self, ctx: click.Context) -> Any:
        """Run the command; click itself would end with an error when a reader has gone."""
        try:
            return super().invoke(ctx)
        except OSError as error:
            if error.filename is None and error.errno in (errno.EPIPE, errno.ENOSPC):
                raise OutputFailed(error) from error
            raise


@click.group(cls=_Group, invoke_without_command=True, params=global_options(hidden=False))
@click.option("--session", type=WORDS, metavar="SESSION", help="Session to open in the app.")
@click.version_option(package_name="sessions-tui", prog_name="sessions-tui")
@click.pass_context
def cli(context: click.Context, session: str | None) -> int:
    """Your AI conversations: every chat in one tree, kept as files that are yours.

    Without a command the app starts. The global options are understood before and after a command.
    """
    options = context.ensure_object(GlobalOptions)
    if context.invoked_subcommand is None:
        options.check()
        return _start_app(options, session)
    if session is not None:
        raise click.UsageError("--session opens a session in the app; it goes with no command.")
    return 0


for command in (
    list_sessions,
    show,
    new,
    send,
    fork,
    rename,
    tag,
    move,
    delete,
    restore,
    trash,
    *STATE_COMMANDS,
    export,
    import_sessions,
    stats,
    workspaces,
    templates,
    sweep,
    cleanup,
    path,
):
    cli.add_command(command)


def _start_app(options: GlobalOptions, session: str | None) -> int:
    if not (sys.stdin.isatty() and sys.stdout.isatty()):
        raise click.UsageError(_NO_TERMINAL)
    session_id = None if session is None else _session_id(options, session)
    from tui_sessions.tui.app import run_app

    return run_app(
        data_dir=options.directory,
        store=options.store,
        workspace=options.workspace,
        user_id=options.user,
        session=session_id,
    )


def _session_id(options: GlobalOptions, name: str) -> str:
    async def find(sessions: Sessions) -> str:
        return await find_session(sessions.manager, name)

    return with_sessions(options, find)
