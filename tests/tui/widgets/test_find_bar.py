from __future__ import annotations

from textual.app import App, ComposeResult
from textual.message import Message
from textual.widgets import Input, Static

from tui_sessions.tui.widgets.find_bar import FindBar


class FindApp(App[None]):
    def __init__(self) -> None:
        super().__init__()
        self.said: list[Message] = []

    def compose(self) -> ComposeResult:
        yield Input()
        yield FindBar()

    @property
    def bar(self) -> FindBar:
        return self.query_one(FindBar)

    @property
    def count(self) -> str:
        return str(self.query_one(".find-bar--count", Static).content)

    def on_find_bar_query_changed(self, event: Message) -> None:
        self.said.append(event)

    def on_find_bar_next_requested(self, event: Message) -> None:
        self.said.append(event)

    def on_find_bar_previous_requested(self, event: Message) -> None:
        self.said.append(event)

    def on_find_bar_closed(self, event: Message) -> None:
        self.said.append(event)


async def test_it_is_out_of_the_way_until_it_is_opened() -> None:
    app = FindApp()
    async with app.run_test() as pilot:
        assert not app.bar.display
        app.bar.open()
        await pilot.pause()
        assert app.bar.is_open
        assert app.bar.size.height == 1
        assert app.focused is app.bar.query_one(Input)


async def test_typing_and_the_keys_say_what_is_wanted() -> None:
    app = FindApp()
    async with app.run_test() as pilot:
        app.bar.open()
        await pilot.press("a", "b", "enter", "down", "shift+enter", "up", "escape")
        assert [type(event) for event in app.said] == [
            FindBar.QueryChanged,
            FindBar.QueryChanged,
            FindBar.NextRequested,
            FindBar.NextRequested,
            FindBar.PreviousRequested,
            FindBar.PreviousRequested,
            FindBar.Closed,
        ]
        assert app.bar.query_text == "ab"
        assert not app.bar.display


async def test_opening_again_selects_the_last_query() -> None:
    app = FindApp()
    async with app.run_test() as pilot:
        app.bar.open("first")
        await pilot.press("escape")
        app.bar.open()
        await pilot.pause()
        await pilot.press("x")
        assert app.bar.query_text == "x"


async def test_it_says_which_place_of_how_many() -> None:
    app = FindApp()
    async with app.run_test() as pilot:
        app.bar.open("word")
        await pilot.pause()
        said = []
        for index, total in ((2, 17), (-1, 17), (0, 0)):
            app.bar.show_count(index, total)
            said.append(app.count)
        assert said == ["3 of 17", "17 found", "not found"]


async def test_nothing_is_counted_when_nothing_is_looked_for() -> None:
    app = FindApp()
    async with app.run_test() as pilot:
        app.bar.open("w")
        await pilot.pause()
        app.bar.show_count(0, 3)
        await pilot.press("backspace")
        assert app.count == ""
