"""The last line: whole hints, the nearest first, and the way to help always."""

from __future__ import annotations

import pytest
from running_app import OpenApp
from textual.app import App, ComposeResult
from textual.binding import Binding
from textual.widgets import Button

from tui_sessions import SessionManager
from tui_sessions.tui.widgets.key_bar import KeyBar, KeyHint, placed

NEAR = [KeyHint("enter", "Send"), KeyHint("escape", "Stop"), KeyHint("f2", "Rename")]
STAYING = [KeyHint("f1", "Help"), KeyHint("ctrl+p", "Commands")]


@pytest.mark.parametrize(
    ("width", "line"),
    [
        (60, "⏎ Send  esc Stop  F2 Rename              F1 Help  ^p Commands"),
        (40, "⏎ Send  esc Stop   F1 Help  ^p Commands"),
        (30, "⏎ Send  F1 Help  ^p Commands"),
        (20, "⏎ Send       F1 Help"),
        (8, "⏎ Send"),
        (3, ""),
    ],
)
def test_what_there_is_no_room_for_is_left_out_whole(width: int, line: str) -> None:
    drawn = "".join(part.plain for _, part in placed(NEAR, STAYING, width))
    assert " ".join(drawn.split()) == " ".join(line.split())
    assert len(drawn) == width


class KeysApp(App[None]):
    BINDINGS = [
        Binding("f8", "note('fork')", "Fork", id="app.fork"),
        Binding("f1", "note('help')", "Help", id="app.help"),
        Binding("f7", "note('hidden')", "Hidden", show=False, id="app.hidden"),
    ]

    def __init__(self) -> None:
        super().__init__()
        self.done: list[str] = []

    def compose(self) -> ComposeResult:
        yield Forking("here")
        yield KeyBar(always=("app.help",))

    def action_note(self, what: str) -> None:
        self.done.append(what)


class Forking(Button):
    BINDINGS = [Binding("f", "app.note('near')", "Fork", id="here.fork")]


async def test_what_two_keys_do_alike_is_shown_once_and_a_click_presses_the_key() -> None:
    app = KeysApp()
    async with app.run_test(size=(40, 10)) as pilot:
        app.query_one(Forking).focus()
        bar = app.query_one(KeyBar)
        await pilot.pause()
        line = bar.render().plain
        assert line.split() == ["f", "Fork", "F1", "Help"]
        await pilot.click(KeyBar, offset=(line.index("f Fork") + 1, 0))
        await pilot.click(KeyBar, offset=(line.index("F1") + 1, 0))
        await pilot.pause()
        assert app.done == ["near", "help"]


@pytest.mark.parametrize(
    ("keys", "named"),
    [
        (["ctrl+f"], "⏎ Next  ↑ Previous  esc Close"),
        (["f3", "slash"], "⏎ To the tree  esc Show all"),
        (["f3", "r"], "⏎ Rename  esc Keep the name"),
    ],
)
async def test_where_something_is_typed_the_line_begins_with_what_ends_that(
    open_app: OpenApp, keys: list[str], named: str
) -> None:
    async def fill(manager: SessionManager) -> None:
        await manager.create_session(workspace="dev", label="Pears")

    async with open_app(fill) as app:
        await app.press(*keys)
        bar = app.main.query_one(KeyBar)
        await app.until(lambda: bar.render().plain.strip().startswith(named))
