"""The options that are understood before and after every subcommand."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import click
import msgspec

from tui_sessions.cli.completing import WORKSPACE
from tui_sessions.cli.words import WORDS

_EPILOG = "--data-dir, --store, --workspace and --user work here too; see `sessions-tui --help`."
_NAMING = "SESSION is an id, a unique beginning of one (4 characters or more), or a whole label."


class GlobalOptions(msgspec.Struct):
    """What was asked for, in whichever place."""

    data_dir: str | None = None
    store: str | None = None
    workspace: str | None = None
    user: str | None = None

    def check(self) -> None:
        """Refuse what cannot be meant together.

        Raises:
            UsageError: both a data folder and a store are named.
        """
        if self.data_dir is not None and self.store is not None:
            raise click.UsageError("--data-dir and --store name two stores; give one of them.")

    @property
    def directory(self) -> Path | None:
        """The data folder that was named."""
        return None if self.data_dir is None else Path(self.data_dir).expanduser().absolute()


class Command(click.Command):
    """A subcommand that takes the global options too."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.params += global_options(hidden=True)

    def format_epilog(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Tell of the global options and, where sessions are named, how."""
        asked = [*self.collect_usage_pieces(ctx), *(each.metavar or "" for each in self.params)]
        self.epilog = f"{_EPILOG} {_NAMING}" if "SESSION" in " ".join(asked) else _EPILOG
        super().format_epilog(ctx, formatter)

    def invoke(self, ctx: click.Context) -> Any:
        """Run the command once all options are known."""
        ctx.ensure_object(GlobalOptions).check()
        return super().invoke(ctx)


def command(name: str) -> Callable[[Callable[..., Any]], click.Command]:
    """Declare a subcommand."""
    return click.command(name, cls=Command)


def global_options(*, hidden: bool) -> list[click.Parameter]:
    """The options themselves."""
    found: list[click.Parameter] = []
    for name, metavar, kind, text in (
        ("--data-dir", "DIR", click.Path(file_okay=False), "Folder that holds workspaces/."),
        ("--store", "URL", WORDS, "Any store, as file:///dir or memory:."),
        (
            "--workspace",
            "NAME",
            WORKSPACE,
            "Workspace, by id or name; default: the current folder's.",
        ),
        ("--user", "NAME", WORDS, "Whose sessions; default: the operating system's user."),
    ):
        option = click.Option(
            [name],
            metavar=metavar,
            type=kind,
            help=text,
            hidden=hidden,
            expose_value=False,
            callback=_remember,
        )
        found.append(option)
    return found


def _remember(context: click.Context, parameter: click.Parameter, value: str | None) -> None:
    if value is None:
        return
    if not value.strip():
        raise click.BadParameter("it is empty.", context, parameter)
    setattr(context.ensure_object(GlobalOptions), str(parameter.name), value)
