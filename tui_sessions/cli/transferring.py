"""`export`: sessions to other places."""

from __future__ import annotations

import sys
from contextlib import aclosing
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from tui_sessions.cli.completing import EXPORT_FORMAT, SESSION
from tui_sessions.cli.global_options import GlobalOptions, command
from tui_sessions.cli.naming import find_chat, find_session, find_sessions
from tui_sessions.cli.opening import Sessions, with_sessions
from tui_sessions.cli.output import count, note, say
from tui_sessions.cli.words import PLACE, WORDS
from tui_sessions.model.visible import visible_line

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator

    from tui_sessions.engine.session_manager import SessionManager
    from tui_sessions.transfer.export_files import ExportFiles
    from tui_sessions.transfer.redaction import Redactor

_FORMATS = {".md": "markdown", ".html": "html", ".htm": "html"}


@dataclass(frozen=True)
class _Wish:
    """What is to be exported, and how."""

    names: tuple[str, ...]
    everything: bool
    query: str | None
    chat: str | None
    kind: str
    output: Path | None
    force: bool
    redactor: Redactor | None

    @property
    def is_one(self) -> bool:
        """Whether it is one file."""
        into_zip = self.output is not None and self.output.suffix.lower() == ".zip"
        return len(self.names) == 1 and not into_zip

    def check(self, workspace: str | None) -> None:
        """Refuse what cannot be meant.

        Raises:
            UsageError: it is not clear what to export, or where to.
        """
        ways = bool(self.names) + self.everything + (self.query is not None)
        if not ways and workspace is None:
            raise click.UsageError("Name a session, or give --workspace NAME, --search or --all.")
        if ways > 1:
            raise click.UsageError("Sessions by name, --search and --all: give only one of them.")
        if self.chat is not None and not self.is_one:
            raise click.UsageError("--chat goes with one session, and into no ZIP.")
        if self.force and self.output is None:
            raise click.UsageError("--force goes with --output.")
        if self.output is None and not self.is_one and sys.stdout.isatty():
            raise click.UsageError("Name a folder, or a file that ends in .zip, with --output.")


@command("export")
@click.argument("sessions", nargs=-1, type=SESSION, metavar="[SESSION]...")
@click.option("--all", "everything", is_flag=True, help="All sessions, or all of --workspace.")
@click.option("--search", "query", type=WORDS, metavar="QUERY", help="All that `search` finds.")
@click.option(
    "--chat", type=WORDS, metavar="CHAT", help="Only this chat of the session, by id or name."
)
@click.option(
    "--format",
    "kind",
    type=EXPORT_FORMAT,
    metavar="FORMAT",
    help="json (complete), markdown, html or openai (one chat); default json.",
)
@click.option("-o", "--output", type=PLACE, help="File, folder or .zip to write.")
@click.option("--force", is_flag=True, help="Replace files that are there.")
@click.option("--redact", is_flag=True, help="Take out keys, tokens, mail addresses, home paths.")
@click.pass_obj
def export(
    options: GlobalOptions,
    sessions: tuple[str, ...],
    *,
    everything: bool,
    query: str | None,
    chat: str | None,
    kind: str | None,
    output: Path | None,
    force: bool,
    redact: bool,
) -> None:
    """Write sessions as JSON, Markdown, web pages or OpenAI messages.

    One session goes to standard output unless a file is named. Several, those that a search finds,
    or with --workspace and no SESSION all of a workspace, go into a folder or a .zip, one file a
    session; `import json` brings those in JSON back as they were. What is there stays, unless
    --force is given.
    """
    from tui_sessions.transfer.redaction import Redactor

    named = None if output is None or str(output) == "-" else output.expanduser()
    wish = _Wish(
        names=sessions,
        everything=everything,
        query=query,
        chat=chat,
        kind=kind or _FORMATS.get(named.suffix.lower() if named else "", "json"),
        output=named,
        force=force,
        redactor=Redactor() if redact else None,
    )
    wish.check(options.workspace)
    if wish.is_one:
        _export_one(options, wish)
    else:
        _export_many(options, wish)
    if wish.redactor is not None:
        note(_redacted(wish.redactor))


def _export_one(options: GlobalOptions, wish: _Wish) -> None:
    async def work(sessions: Sessions) -> bytes:
        manager = await sessions.scope()
        found = await find_session(manager, wish.names[0])
        chat = None
        if wish.chat is not None:
            chat = find_chat(await manager.get_session(found), wish.chat)
        return await manager.export_session(
            found, wish.kind, chat.id if chat else None, wish.redactor or False
        )

    data = with_sessions(options, work)
    if wish.output is not None:
        from tui_sessions.transfer.writing import write_export

        write_export(wish.output, data, overwrite=wish.force)
        note(f"Written to {wish.output}.")
    elif sys.stdout.isatty():
        say(data.decode("utf-8", "replace").rstrip("\n"))
    else:
        sys.stdout.flush()
        sys.stdout.buffer.write(data)
        sys.stdout.buffer.flush()


def _export_many(options: GlobalOptions, wish: _Wish) -> None:
    from tui_sessions.transfer.export_files import export_files, open_zip

    target: Any = (
        open_zip(sys.stdout.buffer)
        if wish.output is None
        else export_files(wish.output, overwrite=wish.force)
    )

    async def work(sessions: Sessions) -> int:
        files = await _files(sessions, wish, options.user)
        async with aclosing(files):
            with target as taking:
                return await _take_all(files, taking)

    written = with_sessions(options, work)
    sys.stdout.flush()
    if wish.output is not None:
        note(f"{count(written, 'file')} written to {wish.output}.")


async def _files(
    sessions: Sessions, wish: _Wish, user: str | None
) -> AsyncGenerator[tuple[str, bytes], None]:
    """The files; what cannot be had is told before anything is written."""
    manager = await sessions.scope()
    redact = wish.redactor or False
    if wish.query is not None:
        ids = await _found(manager, wish.query, user)
        return manager.export_sessions(ids, wish.kind, redact)
    unreadable = await manager.problems() if not wish.names else []
    if unreadable:
        note(f"left out: {count(len(unreadable), 'file')} that cannot be read")
    if not wish.names and manager.workspace_id is not None:
        return manager.export_workspace(manager.workspace_id, wish.kind, redact)
    if not wish.names:
        return manager.export_everything(wish.kind, redact)
    return manager.export_sessions(await find_sessions(manager, wish.names), wish.kind, redact)


async def _found(manager: SessionManager, query: str, user: str | None) -> list[str]:
    """The sessions in which something is found, the best first."""
    found = await manager.search(query, user_id=user, wait_s=None)
    if found.total > len(found.hits):
        found = await manager.search(query, user_id=user, limit=found.total, wait_s=None)
    if found.notice:
        note(visible_line(found.notice))
    ids = dict.fromkeys(hit.session_id for hit in found.hits)
    if not ids:
        raise click.ClickException(f"Nothing was found for {visible_line(query)!r}.")
    return list(ids)


async def _take_all(files: AsyncGenerator[tuple[str, bytes], None], taking: ExportFiles) -> int:
    number = 0
    async for name, data in files:
        taking.add(name, data)
        number += 1
    return number


def _redacted(redactor: Redactor) -> str:
    if not redactor.counts:
        return "Nothing was found to take out."
    found = ", ".join(
        count(number, kind).replace("addresss", "addresses")
        for kind, number in sorted(redactor.counts.items())
    )
    return f"Taken out: {found}."
