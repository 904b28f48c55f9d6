"""F1 in dialogs and fields: it lists the keys that work there, and no others."""

from __future__ import annotations

import pytest
from running_app import SPACE, OpenApp, Running
from textual.widgets import Static

from tui_sessions import SessionManager, Settings
from tui_sessions.tui.screens.help import HelpScreen


async def fill(manager: SessionManager) -> None:
    await manager.create_workspace(SPACE)
    for label in ("Parser", "Deleted"):
        session = await manager.create_session(workspace=SPACE, label=label)
        await manager.create_chat(session.id, name="One")
    await manager.delete(session.id)


async def keys_told(running: Running) -> str:
    """What F1 says; the focus is where it was afterwards."""
    before = running.app.focused
    await running.press("f1")
    await running.until(lambda: isinstance(running.app.screen, HelpScreen))
    shown = str(running.app.screen.query_one("#keys", Static).content)
    await running.press("escape")
    assert running.app.focused is before
    return shown


def rows(told: str) -> dict[str, str]:
    """What each of the keys does, by their names."""
    split = [line.strip().partition("  ") for line in told.splitlines()]
    return {keys: what.strip() for keys, _, what in split if what}


@pytest.mark.parametrize(
    ("keys", "told"),
    [
        (["ctrl+p"], {"enter": "Choose", "escape": "Close", "↓ ctrl+n": "Next"}),
        (["ctrl+s"], {"enter": "Go there", "escape": "Close", "PageDown": "Page down"}),
        (["ctrl+l"], {"enter": "OK", "↓ ctrl+n ctrl+j": "Next", "↑ ctrl+p": "Previous"}),
        (["f3", "T"], {"enter": "Choose", "↓ j": "Next", "/": "Filter", "End G": "Last"}),
        ([*"\x10templates", "enter"], {"enter": "Choose", "↑ k": "Previous", "n": "New"}),
    ],
)
async def test_a_dialog_tells_each_key_that_moves_and_chooses(
    open_app: OpenApp, keys: list[str], told: dict[str, str]
) -> None:
    async with open_app(fill) as running:
        await running.press(*(key.replace("\x10", "ctrl+p") for key in keys))
        await running.until(lambda: len(running.app.screen_stack) == 2)
        assert rows(await keys_told(running)).items() >= told.items()


@pytest.mark.parametrize("key", ["slash", "r"])
async def test_a_field_in_the_tree_tells_no_key_that_types_into_it(
    open_app: OpenApp, key: str
) -> None:
    async with open_app(fill) as running:
        await running.press("f3", "down", key)
        assert "/" not in rows(await keys_told(running))
        before = running.app.focused
        await running.press("slash")
        assert running.app.focused is before


async def test_another_key_that_closes_dialogs_closes_the_palette_too(open_app: OpenApp) -> None:
    settings = Settings(keymap={"dialog.cancel": "escape,ctrl+g"})
    async with open_app(fill, settings=settings) as running:
        await running.press("ctrl+p")
        await running.until(lambda: len(running.app.screen_stack) == 2)
        await running.press("ctrl+g")
        await running.until(lambda: len(running.app.screen_stack) == 1)
