"""The command line: its global options and its subcommands."""

from __future__ import annotations

import contextlib
import errno
from collections.abc import Iterator, Sequence
from importlib import import_module
from typing import TYPE_CHECKING, Any, cast

import click

from tui_sessions.cli.completing import SESSION
from tui_sessions.cli.faults import OK, Interrupted, OutputFailed
from tui_sessions.cli.global_options import GlobalOptions, global_options
from tui_sessions.cli.output import note
from tui_sessions.cli.starting import AppOptions, has_terminal, start_app

if TYPE_CHECKING:
    from tui_sessions.cli.opening import Sessions

_NO_TERMINAL = (
    "The app needs a terminal for its input and output; `sessions-tui --help` lists the commands "
    "that work without one."
)


_COMMANDS = {
    "archive": "state_commands:archive",
    "ask": "delegating:ask",
    "checkpoint": "delegating:checkpoint",
    "cleanup": "upkeep:cleanup",
    "continue": "sending:continue_reply",
    "delete": "trashing:delete",
    "export": "transferring:export",
    "fork": "changing:fork",
    "import": "importing:import_sessions",
    "list": "listing:list_sessions",
    "models": "modelling:models",
    "move": "changing:move",
    "new": "sending:new",
    "path": "upkeep:path",
    "pause": "state_commands:pause",
    "rename": "changing:rename",
    "restore": "trashing:restore",
    "resume": "state_commands:resume",
    "search": "searching:search",
    "send": "sending:send",
    "show": "showing:show",
    "stats": "counting:stats",
    "sweep": "upkeep:sweep",
    "tag": "changing:tag",
    "templates": "templating:templates",
    "touch": "state_commands:touch",
    "trash": "trashing:trash",
    "unarchive": "state_commands:unarchive",
    "workspaces": "listing:workspaces",
}
"""Where each command is: its module in this folder, and its name there."""


_OF_OUTPUT = (errno.EPIPE, errno.ENOSPC, errno.EIO)
"""How writing fails: the reader has gone, the disk is full, the terminal was closed."""


class _Group(click.Group):
    """A group that loads a command when it is asked for, and names all where there is no such."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """The names of all commands."""
        return sorted(_COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """Load a command."""
        place = _COMMANDS.get(cmd_name)
        if place is None:
            return None
        module, _, name = place.partition(":")
        found = getattr(import_module(f"tui_sessions.cli.{module}"), name)
        return cast("click.Command", found)

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        if self.get_command(ctx, args[0]) is None and not args[0].startswith("-"):
            valid = ", ".join(self.list_commands(ctx))
            raise click.UsageError(f"No command {args[0]!r:.80}; valid: {valid}.", ctx)
        return super().resolve_command(ctx, args)

    def make_context(self, *args: Any, **extra: Any) -> click.Context:
        """Read the global options; `--help` and `--version` print here."""
        with _output_that_may_fail():
            return super().make_context(*args, **extra)

    def invoke(self, ctx: click.Context) -> Any:
        """Run the command; click itself would end with an error when a reader has gone."""
        with _output_that_may_fail():
            return super().invoke(ctx)


@contextlib.contextmanager
def _output_that_may_fail() -> Iterator[None]:
    try:
        yield
    except OSError as error:
        if error.filename is None and error.errno in _OF_OUTPUT:
            raise OutputFailed(error) from error
        raise


@click.group(
    cls=_Group,
    invoke_without_command=True,
    params=global_options(hidden=False),
    context_settings={"help_option_names": ["-h", "--help"]},
)
@click.option("--session", type=SESSION, metavar="SESSION", help="Session to open in the app.")
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


def _start_app(options: GlobalOptions, session: str | None) -> int:
    if not has_terminal():
        raise click.UsageError(_NO_TERMINAL)
    session_id = None if session is None else _session_id(options, session)
    asked = AppOptions(options.data_dir, options.store, options.workspace, options.user)
    return start_app(asked, session_id)


def _session_id(options: GlobalOptions, name: str) -> str:
    from tui_sessions.cli.naming import find_session
    from tui_sessions.cli.opening import with_sessions

    async def find(sessions: Sessions) -> str:
        return await find_session(sessions.manager, name)

    return with_sessions(options, find)


def run_command(arguments: Sequence[str]) -> int:
    """Run a command line; what is wrong with it is told.

    Raises:
        Interrupted: the person stopped it.
    """
    try:
        result = cli.main([*arguments], prog_name="sessions-tui", standalone_mode=False)
    except click.Abort as error:
        raise Interrupted from error
    except click.ClickException as error:
        _tell_usage(error)
        return error.exit_code
    return result if isinstance(result, int) else OK


def _tell_usage(error: click.ClickException) -> None:
    """Say what is wrong with a command line, and where help is."""
    context = getattr(error, "ctx", None)
    note(f"Error: {error.format_message()}")
    if isinstance(error, click.UsageError) and context is not None:
        note(f"Try '{context.command_path} --help'.")
