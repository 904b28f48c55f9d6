from __future__ import annotations

import pytest
from textual import events
from textual.app import App, ComposeResult
from textual.content import Content
from textual.message import Message
from textual.widgets import Button, Input

from tui_sessions.model.session import Chat
from tui_sessions.tui.widgets import tab_row
from tui_sessions.tui.widgets.chat_tabs import ChatTabs
from tui_sessions.tui.widgets.tab_row import FRAMES, TabRow

CHATS = tuple(Chat(id=f"c{number}", name=f"Chat number {number}") for number in range(8))


class TabsApp(App[None]):
    def __init__(self) -> None:
        super().__init__()
        self.said: list[Message] = []
        self.ended = 0

    def compose(self) -> ComposeResult:
        yield ChatTabs()
        yield Button("Elsewhere")

    @property
    def tabs(self) -> ChatTabs:
        return self.query_one(ChatTabs)

    @property
    def line(self) -> str:
        return self.query_one(TabRow).render().plain

    def on_chat_tabs_picked(self, event: Message) -> None:
        self.said.append(event)

    def on_chat_tabs_rename_ended(self, event: Message) -> None:
        self.ended += 1

    def on_chat_tabs_renamed(self, event: Message) -> None:
        self.said.append(event)


async def test_a_single_chat_needs_no_tabs() -> None:
    app = TabsApp()
    async with app.run_test():
        app.tabs.show(CHATS[:1], "c0")
        assert not app.tabs.display
        app.tabs.show(CHATS[:2], "c0")
        assert app.tabs.display


async def test_the_active_tab_is_in_sight_wherever_it_is() -> None:
    app = TabsApp()
    async with app.run_test(size=(40, 5)) as pilot:
        for chat in (*CHATS, *reversed(CHATS)):
            app.tabs.show(CHATS, chat.id)
            await pilot.pause()
            assert chat.name in app.line
            assert len(app.line) <= 40


async def test_marks_say_that_there_is_more_on_either_side() -> None:
    app = TabsApp()
    async with app.run_test(size=(40, 5)) as pilot:
        seen = []
        for active in ("c0", "c4", "c7"):
            app.tabs.show(CHATS, active)
            await pilot.pause()
            seen.append((app.line[0] == "\u2039", app.line.rstrip()[-1] == "\u203a"))
        assert seen == [(False, True), (True, True), (True, False)]


async def test_a_name_wider_than_the_screen_is_cut() -> None:
    app = TabsApp()
    async with app.run_test(size=(10, 5)) as pilot:
        chats = [Chat(id="a", name="日本語のチャット" * 9), Chat(id="b", name="B")]
        app.tabs.show(chats, "a")
        await pilot.pause()
        assert app.query_one(TabRow).render().cell_length <= 10


async def test_a_click_picks_the_tab_under_it() -> None:
    app = TabsApp()
    async with app.run_test(size=(80, 5)) as pilot:
        app.tabs.show(CHATS, "c0")
        await pilot.pause()
        await pilot.click(TabRow, offset=(app.line.index("number 2"), 0))
        assert [event.chat_id for event in app.said if isinstance(event, ChatTabs.Picked)] == ["c2"]


async def test_a_click_on_a_mark_picks_the_chat_behind_it() -> None:
    app = TabsApp()
    async with app.run_test(size=(40, 5)) as pilot:
        app.tabs.show(CHATS, "c4")
        await pilot.pause()
        await pilot.click(TabRow, offset=(0, 0))
        picked = [event.chat_id for event in app.said if isinstance(event, ChatTabs.Picked)]
        assert len(picked) == 1
        assert CHATS[int(picked[0][1])].name not in app.line


async def test_running_and_unread_chats_are_marked() -> None:
    app = TabsApp()
    async with app.run_test(size=(80, 5)) as pilot:
        app.tabs.show(CHATS[:3], "c0", running={"c1"}, unread={"c0", "c2"})
        await pilot.pause()
        assert any(frame + "Chat number 1" in app.line for frame in FRAMES)
        assert "•Chat number 2" in app.line
        assert "•Chat number 0" not in app.line


async def test_the_mark_of_a_running_chat_turns() -> None:
    app = TabsApp()
    async with app.run_test(size=(80, 5)) as pilot:
        app.tabs.show(CHATS[:2], "c0", running={"c1"})
        first = app.line
        while app.line == first:
            await pilot.pause(0.01)
        assert "Chat number 1" in app.line


async def test_names_are_never_markup() -> None:
    app = TabsApp()
    async with app.run_test(size=(80, 5)) as pilot:
        app.tabs.show([Chat(id="a", name="[red]x[/b]\x1b[2J"), *CHATS[:1]], "a")
        await pilot.pause()
        assert "[red]x[/b]\u241b[2J" in app.line


async def test_a_chat_is_renamed_in_place() -> None:
    app = TabsApp()
    async with app.run_test(size=(80, 5)) as pilot:
        app.tabs.show(CHATS[:2], "c1")
        app.tabs.begin_rename()
        await pilot.pause()
        await pilot.press("N", "e", "w", "enter")
        renamed = [event for event in app.said if isinstance(event, ChatTabs.Renamed)]
        assert [(event.chat_id, event.text) for event in renamed] == [("c1", "New")]
        assert not app.query_one(Input).display


async def test_a_single_chat_can_be_renamed_too() -> None:
    app = TabsApp()
    async with app.run_test(size=(80, 5)) as pilot:
        app.tabs.show(CHATS[:1], "c0")
        app.tabs.begin_rename()
        await pilot.pause()
        assert app.tabs.display
        await pilot.press("x", "enter")
        assert not app.tabs.display
        assert len(app.said) == 1


async def test_escape_or_an_empty_name_renames_nothing() -> None:
    app = TabsApp()
    async with app.run_test(size=(80, 5)) as pilot:
        app.tabs.show(CHATS[:2], "c1")
        for keys in (("x", "escape"), ("delete", "enter"), ("enter",)):
            app.tabs.begin_rename()
            await pilot.pause()
            await pilot.press(*keys)
        assert app.said == []
        assert app.query_one(TabRow).display


async def test_a_rename_ends_when_something_else_gets_the_focus_and_leaves_it_there() -> None:
    app = TabsApp()
    async with app.run_test(size=(80, 5)) as pilot:
        app.tabs.show(CHATS[:2], "c1")
        app.tabs.begin_rename()
        await pilot.pause()
        app.query_one(Button).focus()
        await pilot.pause()
        assert app.query_one(TabRow).display
        assert app.ended == 0
        app.tabs.begin_rename()
        await pilot.pause()
        await pilot.press("escape")
        assert app.ended == 1


async def test_a_rename_goes_on_when_the_terminal_was_left_for_a_while() -> None:
    app = TabsApp()
    async with app.run_test(size=(80, 5)) as pilot:
        app.tabs.show(CHATS[:2], "c1")
        app.tabs.begin_rename()
        await pilot.pause()
        await pilot.press("N")
        app.post_message(events.AppBlur())
        await pilot.pause()
        app.post_message(events.AppFocus())
        await pilot.pause()
        await pilot.press("o", "enter")
        assert [event.text for event in app.said if isinstance(event, ChatTabs.Renamed)] == ["No"]


async def test_a_rename_ends_when_its_chat_goes_away() -> None:
    app = TabsApp()
    async with app.run_test(size=(80, 5)) as pilot:
        app.tabs.show(CHATS[:3], "c1")
        app.tabs.begin_rename()
        await pilot.pause()
        app.tabs.show((CHATS[0], CHATS[2]), "c0")
        await pilot.pause()
        assert app.query_one(TabRow).display
        assert app.said == []


@pytest.mark.parametrize("active", [0, 5_000, 9_999])
async def test_of_thousands_of_chats_only_those_near_the_line_are_drawn(
    monkeypatch: pytest.MonkeyPatch, active: int
) -> None:
    drawn: list[str] = []
    draw = tab_row.draw_line

    def counted(text: str) -> Content:
        drawn.append(text)
        return draw(text)

    monkeypatch.setattr(tab_row, "draw_line", counted)
    chats = [Chat(id=f"c{number}", name=f"Chat number {number}") for number in range(10_000)]
    app = TabsApp()
    async with app.run_test(size=(80, 5)) as pilot:
        app.tabs.show(chats, f"c{active}")
        await pilot.pause()
        drawn.clear()
        assert f"Chat number {active} " in app.line
        assert len(drawn) < 20
