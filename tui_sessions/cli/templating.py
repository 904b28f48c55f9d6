"""`templates`: what chats can be made from; shown, edited and removed."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from tui_sessions.cli.global_options import GlobalOptions, command
from tui_sessions.cli.opening import Sessions, with_sessions
from tui_sessions.cli.output import count, note, say, say_json, say_table
from tui_sessions.cli.values import problem_value
from tui_sessions.cli.words import WORDS
from tui_sessions.errors import SettingsError, StoreError, TemplateNotFound

if TYPE_CHECKING:
    from collections.abc import Sequence

    from tui_sessions.engine.agents.templates import Templates
    from tui_sessions.stores.base import Problem

_NEW = """\
description = ""
category = "general"

[agent]
# provider = "ollama"
# model = ""
system_prompt = \"\"\"
\"\"\"
parameters = {temperature = 0.7}
"""


@command("templates")
@click.argument("name", type=WORDS, required=False)
@click.option("--edit", is_flag=True, help="Write it, or a new one, in the editor of $EDITOR.")
@click.option("--remove", is_flag=True, help="Remove its file.")
@click.option("--json", "as_json", is_flag=True, help="As one JSON document.")
@click.pass_obj
def templates(
    options: GlobalOptions, name: str | None, *, edit: bool, remove: bool, as_json: bool
) -> None:
    """List the agent templates that chats can be made from, or show one as TOML.

    Own templates are files in the folder `templates` beside the settings; with --workspace those
    of that workspace, which count only there.
    """
    if (edit or remove) and (name is None or as_json or (edit and remove)):
        raise click.UsageError("--edit and --remove each go with a NAME, and with nothing else.")
    if name is None:
        _list(options, as_json)
    elif edit:
        _edit(options, name)
    elif remove:
        _remove(options, name)
    else:
        _show(options, name, as_json)


async def _templates(sessions: Sessions) -> tuple[Templates, str | None]:
    """The templates that are meant, and the workspace whose they are."""
    workspace = await sessions.asked_workspace()
    workspace_id = None if workspace is None else workspace.id
    found = sessions.manager.templates.of(workspace_id)
    await found.refresh()
    return found, workspace_id


def _list(options: GlobalOptions, as_json: bool) -> None:
    import msgspec

    async def find(
        sessions: Sessions,
    ) -> tuple[list[dict[str, object]], list[tuple[str, ...]], Sequence[Problem]]:
        found, _ = await _templates(sessions)
        listed = [(one, found.source(one.name)) for one in found.list()]
        values = [msgspec.to_builtins(one) | {"source": source} for one, source in listed]
        rows: list[tuple[str, ...]] = [
            (t.name, t.category, t.agent.provider, _short(source), t.description)
            for t, source in listed
        ]
        return values, rows, found.problems()

    values, rows, problems = with_sessions(options, find)
    if as_json:
        told = [problem_value(problem) for problem in problems]
        say_json({"templates": values, "problems": told})
        return
    say_table(("NAME", "CATEGORY", "PROVIDER", "FROM", "DESCRIPTION"), rows, grows=4)
    if problems:
        note(f"{count(len(problems), 'template')} cannot be used:")
    for problem in problems:
        note(f"  {problem.path}: {problem.reason}")


def _short(source: str) -> str:
    """Where a template comes from, in a word."""
    return "file" if source.endswith(".toml") else source


def _show(options: GlobalOptions, name: str, as_json: bool) -> None:
    import msgspec

    async def find(sessions: Sessions) -> tuple[str, dict[str, object]]:
        found, _ = await _templates(sessions)
        if not as_json:
            return await found.text(name), {}
        return "", msgspec.to_builtins(found.get(name)) | {"source": found.source(name)}

    text, value = with_sessions(options, find)
    if as_json:
        say_json(value)
    else:
        say(text.rstrip("\n"))
        _tell_unknown(text)


def _tell_unknown(text: str, before: str = "") -> None:
    """Say of keys that mean nothing what they may stand for; those of the text before are meant."""
    from tui_sessions.model.template_keys import unknown_keys

    for sentence in unknown_keys(text, before):
        note(sentence)


def _edit(options: GlobalOptions, name: str) -> None:
    """Have a template written; what cannot be used is shown again and never lost silently."""
    from tui_sessions.model.identifiers import check_id

    check_id(name, "template name")

    async def read(sessions: Sessions) -> str:
        found, _ = await _templates(sessions)
        try:
            return await found.text(name)
        except TemplateNotFound:
            return _NEW

    async def save(sessions: Sessions) -> str:
        found, workspace_id = await _templates(sessions)
        await found.save_text(name, edited, workspace=workspace_id)
        return found.source(name)

    text = with_sessions(options, read)
    while True:
        written = _written(text)
        if written is None:
            note("Nothing was changed.")
            return
        edited = written
        try:
            say(with_sessions(options, save))
            _tell_unknown(edited, text)
            return
        except (SettingsError, StoreError) as error:
            note(f"Error: {error}")
            if not click.confirm("Edit it again?", default=True, err=True):
                raise
            text = edited


def _written(text: str) -> str | None:
    """What is written in the person's editor; nothing where it was not saved.

    Raises:
        click.ClickException: the editor cannot be started, or ended with an error.
    """
    from tui_sessions.tui.terminal.interrupts import deaf_to_interrupts

    try:
        with deaf_to_interrupts():
            written = click.edit(text.encode(), extension=".toml")
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or error
        raise click.ClickException(f"The editor could not be used: {reason}.") from error
    if written is None:
        return None
    return written.decode("utf-8-sig", "replace").replace("\r\n", "\n")


def _remove(options: GlobalOptions, name: str) -> None:
    async def work(sessions: Sessions) -> tuple[bool, Sequence[str]]:
        found, workspace_id = await _templates(sessions)
        removed = await found.remove(name, workspace=workspace_id)
        return removed, [one.name for one in found.list()]

    removed, left = with_sessions(options, work)
    if not removed:
        why = "it comes with the program or the settings" if name in left else "there is none"
        raise click.ClickException(f"No file of a template {name!r:.140} to remove: {why}.")
    note(f"Removed {name}." + (" The one it hid is back." if name in left else ""))
