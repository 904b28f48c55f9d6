from __future__ import annotations

from typing import Any, ClassVar

import pytest
from textual.app import App
from textual.binding import Binding, BindingType
from textual.widgets import Static

from tui_sessions.tui.screens.help import HelpScreen
from tui_sessions.tui.screens.help_groups import HelpGroup, help_groups
from tui_sessions.tui.widgets.key_line import key_name


class KeysApp(App[None]):
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("j,down", "nothing", "Next", show=False, id="tree.next"),
        Binding("enter", "nothing", "Open", id="tree.open"),
        Binding("ctrl+s", "nothing", "Go to anything", id="app.go"),
        Binding("f2", "nothing", "Rename", id="app.rename"),
        Binding("f9", "never", "Never", id="app.never"),
        Binding("f10", "nothing", "No id"),
        Binding("y,super+y", "nothing", "Copy", id="zebra.copy"),
    ]

    def __init__(self) -> None:
        super().__init__()
        self.closed: list[Any] = []

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        return None if action == "never" else True

    def action_nothing(self) -> None:
        """Do nothing."""

    def show_help(self) -> None:
        groups = help_groups(self.screen.active_bindings)
        self.push_screen(HelpScreen(groups), self.closed.append)

    @property
    def shown(self) -> str:
        return str(self.screen.query_one("#keys", Static).content)


@pytest.mark.parametrize(
    ("key", "name"),
    [
        ("ctrl+s", "ctrl+s"),
        ("f2", "F2"),
        ("alt+up", "alt+↑"),
        ("delete", "Delete"),
        ("question_mark", "?"),
        ("slash", "/"),
        ("circumflex_accent", "^"),
        ("G", "G"),
        ("pagedown", "PageDown"),
        ("shift+enter", "shift+enter"),
        ("ctrl+backslash", "ctrl+\\"),
        ("plus", "+"),
        ("escape", "escape"),
    ],
)
def test_keys_have_the_names_a_person_reads(key: str, name: str) -> None:
    assert key_name(key) == name


async def test_keys_are_grouped_by_area_and_what_is_off_is_left_out() -> None:
    app = KeysApp()
    async with app.run_test():
        groups = help_groups(app.screen.active_bindings)
        assert [group.title for group in groups] == ["Anywhere", "Tree", "Zebra"]
        assert groups[0] == HelpGroup("Anywhere", (("ctrl+s", "Go to anything"), ("F2", "Rename")))
        assert groups[1].rows == (("enter", "Open"), ("j ↓", "Next"))
        assert groups[2].rows == (("y", "Copy"),)


async def test_changed_keys_are_shown_as_they_are_now() -> None:
    app = KeysApp()
    async with app.run_test():
        app.set_keymap({"app.rename": "f7,ctrl+r"})
        assert ("F7 ctrl+r", "Rename") in help_groups(app.screen.active_bindings)[0].rows


async def test_typing_narrows_the_keys_down() -> None:
    app = KeysApp()
    async with app.run_test() as pilot:
        app.show_help()
        await pilot.pause()
        assert "Rename" in app.shown
        await pilot.press(*"ctrl")
        assert "Go to anything" in app.shown
        assert "Rename" not in app.shown
        await pilot.press(*"zzz")
        assert app.shown == "No key does that."


@pytest.mark.parametrize("key", ["escape", "f1", "q"])
async def test_it_closes(key: str) -> None:
    app = KeysApp()
    async with app.run_test() as pilot:
        app.show_help()
        await pilot.pause()
        await pilot.press(key)
        assert app.closed == [None]


async def test_q_is_a_letter_of_a_filter_that_is_begun() -> None:
    app = KeysApp()
    async with app.run_test() as pilot:
        app.show_help()
        await pilot.pause()
        await pilot.press("r", "q")
        assert app.closed == []


async def test_long_help_scrolls() -> None:
    app = KeysApp()
    async with app.run_test(size=(60, 20)) as pilot:
        rows = tuple((f"F{number}", f"Thing {number}") for number in range(90))
        app.push_screen(HelpScreen([HelpGroup("Many", rows)]))
        await pilot.pause()
        area = app.screen.query_one("VerticalScroll")
        await pilot.press("pagedown", "down")
        assert area.scroll_offset.y > 5
        await pilot.press("pageup", "up")
        assert area.scroll_offset.y == 0


async def test_where_it_is_narrow_what_a_key_does_stands_below_it() -> None:
    app = KeysApp()
    async with app.run_test(size=(24, 10)) as pilot:
        app.show_help()
        await pilot.pause()
        lines = app.shown.splitlines()
        assert lines[lines.index("  F2") + 1] == "    Rename"
