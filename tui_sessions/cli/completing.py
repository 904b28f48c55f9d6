"""What a shell offers behind the words typed so far: sessions, workspaces, sources and formats.

It is asked for at every press of tab: nothing is opened for it but the catalog of the last run.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING

import click

from tui_sessions.cli.words import Words

if TYPE_CHECKING:
    from click.shell_completion import CompletionItem

_MOST = 1000
"""Sessions that are looked through, the latest first."""
_WORD = re.compile(r"[\w.@%+,/-]+")
"""Labels that every shell takes as one word; other sessions are named by their ids."""
_MARGIN = 60


class SessionName(Words):
    """A session, by id or label."""

    def shell_complete(
        self, ctx: click.Context, param: click.Parameter, incomplete: str
    ) -> list[CompletionItem]:
        """The sessions whose id or label begins so."""
        if param.name == "words" and (ctx.params.get("words") or ctx.params.get("begin")):
            return []  # text to send
        from tui_sessions.model.visible import visible_line

        return [
            _item(name, visible_line(label)[:_MARGIN])
            for session_id, label in _sessions(ctx)
            if (name := _completed(session_id, label, incomplete)) is not None
        ]


class WorkspaceName(Words):
    """A workspace, by id."""

    def shell_complete(
        self, ctx: click.Context, param: click.Parameter, incomplete: str
    ) -> list[CompletionItem]:
        """The workspaces whose id begins so."""
        directory = _directory(ctx)
        try:
            found = [] if directory is None else sorted((directory / "workspaces").iterdir())
        except OSError:
            found = []
        return _beginning((path.name for path in found if path.is_dir()), incomplete)


class ImportSource(Words):
    """A tool whose histories can be imported."""

    def shell_complete(
        self, ctx: click.Context, param: click.Parameter, incomplete: str
    ) -> list[CompletionItem]:
        """The sources whose name begins so."""
        from tui_sessions.transfer.registry import importer_names

        return _beginning((*importer_names(), "json"), incomplete)


class ExportFormat(Words):
    """A format that sessions can be written in."""

    def shell_complete(
        self, ctx: click.Context, param: click.Parameter, incomplete: str
    ) -> list[CompletionItem]:
        """The formats whose name begins so."""
        from tui_sessions.transfer.registry import exporter_names

        return _beginning(exporter_names(), incomplete)


SESSION = SessionName()
WORKSPACE = WorkspaceName()
IMPORT_SOURCE = ImportSource()
EXPORT_FORMAT = ExportFormat()


def _beginning(names: Iterable[str], incomplete: str) -> list[CompletionItem]:
    return [_item(name) for name in names if name.startswith(incomplete)]


def _item(name: str, about: str | None = None) -> CompletionItem:
    from click.shell_completion import CompletionItem

    return CompletionItem(name, help=about)


def _completed(session_id: str, label: str, incomplete: str) -> str | None:
    """How a session is named that begins so; None where it does not."""
    if session_id.startswith(incomplete):
        return session_id
    if not label.startswith(incomplete):
        return None
    return label if _WORD.fullmatch(label) else session_id


def _sessions(ctx: click.Context) -> list[tuple[str, str]]:
    from tui_sessions.index.catalog_glance import glance
    from tui_sessions.index.catalog_rows import Wanted
    from tui_sessions.paths import catalog_path

    directory = _directory(ctx)
    if directory is None:
        return []
    workspace = _given(ctx, "workspace")
    found = glance(catalog_path(directory), Wanted(workspace_id=workspace), _MOST)
    return [(session.id, session.label) for session in found]


def _directory(ctx: click.Context) -> Path | None:
    """The folder of the sessions; None where they are in no folder of files."""
    from tui_sessions.paths import data_dir

    if _given(ctx, "store") is not None:
        return None
    named = _given(ctx, "data_dir")
    return data_dir() if named is None else Path(named).expanduser().absolute()


def _given(ctx: click.Context, option: str) -> str | None:
    """The value of a global option, as far as the words typed so far give it."""
    value = getattr(ctx.obj, option, None)
    return value if isinstance(value, str) else None
