from __future__ import annotations

import pytest
from textual import events
from textual._text_area_theme import TextAreaTheme
from textual._xterm_parser import XTermParser
from textual.app import App, ComposeResult
from textual.geometry import Region
from textual.message import Message
from textual.pilot import Pilot
from textual.widgets import Input

from tui_sessions.tui.widgets.composer import Composer
from tui_sessions.tui.widgets.plain_text_area import clean_text


class ComposerApp(App[None]):
    def __init__(self) -> None:
        super().__init__()
        self.said: list[Message] = []

    def compose(self) -> ComposeResult:
        yield Input()
        yield Composer(placeholder="Say something")

    def on_mount(self) -> None:
        self.composer.focus()

    @property
    def composer(self) -> Composer:
        return self.query_one(Composer)

    def on_composer_submitted(self, event: Composer.Submitted) -> None:
        self.said.append(event)

    def on_composer_history_search_requested(self, event: Message) -> None:
        self.said.append(event)

    def on_composer_editor_requested(self, event: Message) -> None:
        self.said.append(event)

    def on_composer_commands_requested(self, event: Message) -> None:
        self.said.append(event)

    def on_composer_escape_pressed(self, event: Message) -> None:
        self.said.append(event)

    def on_composer_edit_last_requested(self, event: Message) -> None:
        self.said.append(event)

    def on_composer_interrupt_pressed(self, event: Message) -> None:
        self.said.append(event)

    @property
    def kinds(self) -> list[type[Message]]:
        return [type(event) for event in self.said]

    @property
    def sent(self) -> list[str]:
        return [event.text for event in self.said if isinstance(event, Composer.Submitted)]


async def test_joiners_and_marks_of_direction_are_typed_as_they_are() -> None:
    app = ComposerApp()
    async with app.run_test() as pilot:
        for key in XTermParser().feed("می\u200cخواهم \u200f👩\u200d👧"):
            app.post_message(key)
        await pilot.pause()
        assert app.composer.text == "می\u200cخواهم \u200f👩\u200d👧"


async def type_text(pilot: Pilot[None], text: str) -> None:
    await pilot.press(*("space" if letter == " " else letter for letter in text))


async def test_enter_sends_once_and_empties_the_composer() -> None:
    app = ComposerApp()
    async with app.run_test() as pilot:
        await type_text(pilot, "hi you")
        await pilot.press("enter", "enter")
        assert app.sent == ["hi you"]
        assert app.composer.draft == ""


async def test_what_was_sent_comes_back_with_undo() -> None:
    app = ComposerApp()
    async with app.run_test() as pilot:
        await type_text(pilot, "hello")
        await pilot.press("enter", "ctrl+z")
        assert app.composer.draft == "hello"


@pytest.mark.parametrize("blank", ["", "   ", "\n\n  \n"])
async def test_blank_text_is_not_sent(blank: str) -> None:
    app = ComposerApp()
    async with app.run_test() as pilot:
        app.composer.draft = blank
        await pilot.press("enter")
        assert app.sent == []


async def test_the_indentation_of_the_first_line_is_sent() -> None:
    app = ComposerApp()
    async with app.run_test() as pilot:
        app.composer.draft = "\n    return 1\n"
        await pilot.press("enter")
        assert app.sent == ["    return 1"]


@pytest.mark.parametrize("key", ["ctrl+j", "shift+enter"])
async def test_a_new_line_is_inserted_where_the_cursor_is(key: str) -> None:
    app = ComposerApp()
    async with app.run_test() as pilot:
        await pilot.press("a", "b", "left", key)
        assert app.composer.draft == "a\nb"
        assert app.composer.cursor_location == (1, 0)
        assert app.sent == []


async def test_a_backslash_before_enter_becomes_a_new_line() -> None:
    app = ComposerApp()
    async with app.run_test() as pilot:
        await pilot.press("a", "backslash", "enter", "b", "enter")
        assert app.sent == ["a\nb"]


async def test_a_backslash_elsewhere_is_text() -> None:
    app = ComposerApp()
    async with app.run_test() as pilot:
        await pilot.press("a", "backslash", "b", "enter")
        assert app.sent == ["a\\b"]


async def test_it_grows_with_its_text_and_then_scrolls() -> None:
    app = ComposerApp()
    async with app.run_test(size=(40, 30)) as pilot:
        heights = []
        for lines in (1, 4, 10, 40):
            app.composer.draft = "\n".join(["line"] * lines)
            await pilot.pause()
            heights.append(app.composer.size.height)
        assert heights == [1, 4, 10, 10]
        assert app.composer.scroll_offset.y == 30


async def test_up_and_down_walk_the_history_and_come_back_to_the_draft() -> None:
    app = ComposerApp()
    async with app.run_test() as pilot:
        app.composer.past_prompts = ["first", "second\nof two lines"]
        await type_text(pilot, "draft")
        seen = []
        for key in ("up", "up", "up", "down", "down", "down", "down"):
            await pilot.press(key)
            seen.append(app.composer.draft)
        assert seen == [
            "second\nof two lines",
            "first",
            "first",
            "second\nof two lines",
            "draft",
            "draft",
            "draft",
        ]


async def test_up_moves_within_a_text_of_several_lines_first() -> None:
    app = ComposerApp()
    async with app.run_test() as pilot:
        app.composer.past_prompts = ["before"]
        app.composer.draft = "one\ntwo"
        await pilot.press("up")
        assert app.composer.draft == "one\ntwo"
        await pilot.press("up")
        assert app.composer.draft == "before"


async def test_up_moves_within_a_wrapped_line_first() -> None:
    app = ComposerApp()
    async with app.run_test(size=(20, 20)) as pilot:
        app.composer.past_prompts = ["before"]
        app.composer.draft = "word " * 10
        await pilot.pause()
        await pilot.press("up")
        assert app.composer.draft == "word " * 10


async def test_the_walk_starts_at_the_end_again_after_sending() -> None:
    app = ComposerApp()
    async with app.run_test() as pilot:
        app.composer.past_prompts = ["one", "two"]
        await pilot.press("up", "up", "enter")
        app.composer.past_prompts = ["one", "two", "one again"]
        await pilot.press("up")
        assert app.composer.draft == "one again"


async def test_a_slash_in_the_empty_composer_asks_for_commands() -> None:
    app = ComposerApp()
    async with app.run_test() as pilot:
        await pilot.press("slash")
        assert app.kinds == [Composer.CommandsRequested]
        assert app.composer.draft == "/"
        await pilot.press("a", "slash")
        assert len(app.said) == 1
        app.composer.take_back_slash()
        assert app.composer.draft == "/a/"


async def test_the_slash_can_be_taken_back() -> None:
    app = ComposerApp()
    async with app.run_test() as pilot:
        await pilot.press("slash")
        app.composer.take_back_slash()
        assert app.composer.draft == ""


async def test_escape_twice_with_nothing_typed_asks_for_the_last_message() -> None:
    app = ComposerApp()
    async with app.run_test() as pilot:
        await pilot.press("escape", "escape")
        assert app.kinds == [Composer.EscapePressed, Composer.EditLastRequested]


async def test_typing_or_leaving_between_two_escapes_makes_both_the_first() -> None:
    app = ComposerApp()
    async with app.run_test() as pilot:
        await pilot.press("escape", "a", "backspace", "escape")
        app.query_one(Input).focus()
        await pilot.pause()
        app.composer.focus()
        await pilot.press("escape", "x", "escape")
        assert app.kinds == [Composer.EscapePressed] * 4
        assert [event.empty for event in app.said if isinstance(event, Composer.EscapePressed)] == [
            True,
            True,
            True,
            False,
        ]


async def test_control_c_copies_a_selection_and_else_interrupts() -> None:
    app = ComposerApp()
    async with app.run_test() as pilot:
        await pilot.press("a", "b", "ctrl+c")
        assert app.kinds == [Composer.InterruptPressed]
        await pilot.press("shift+left", "ctrl+c")
        assert app.kinds == [Composer.InterruptPressed]
        assert app.clipboard == "b"


async def test_search_and_editor_are_asked_for() -> None:
    app = ComposerApp()
    async with app.run_test() as pilot:
        await pilot.press("ctrl+r", "ctrl+g")
        assert app.kinds == [Composer.HistorySearchRequested, Composer.EditorRequested]


async def test_tab_indents() -> None:
    app = ComposerApp()
    async with app.run_test() as pilot:
        await pilot.press("tab", "a")
        assert app.composer.draft == "    a"
        assert app.focused is app.composer


async def test_a_paste_keeps_its_lines_and_sends_nothing() -> None:
    app = ComposerApp()
    async with app.run_test() as pilot:
        app.composer.post_message(events.Paste("/one\r\ntwo\rthree\n"))
        await pilot.pause()
        assert app.composer.draft == "/one\ntwo\nthree\n"
        assert app.said == []


async def test_pasted_control_bytes_reach_no_terminal() -> None:
    app = ComposerApp()
    async with app.run_test() as pilot:
        app.composer.post_message(events.Paste("a\x1b[31m\x00b\x07c\u202e"))
        await pilot.pause()
        assert app.composer.draft == "a[31mb\x07c\u202e"
        assert app.composer.get_line(0).plain == "a[31mb\u2407c\ufffd"


async def test_a_large_paste_is_taken_whole() -> None:
    app = ComposerApp()
    async with app.run_test() as pilot:
        text = "a line of text\n" * 70_000
        app.composer.post_message(events.Paste(text))
        await pilot.pause()
        await pilot.press("x")
        assert app.composer.draft == text + "x"


async def test_a_text_that_could_not_be_sent_is_put_before_what_was_typed_since() -> None:
    app = ComposerApp()
    async with app.run_test() as pilot:
        await pilot.press("a", "enter", "b")
        app.composer.give_back("a")
        assert app.composer.draft == "a\nb"


async def test_its_keys_can_be_changed() -> None:
    app = ComposerApp()
    async with app.run_test() as pilot:
        app.set_keymap({"composer.send": "f9", "composer.new_line": "enter"})
        await pilot.press("a", "enter", "b", "f9")
        assert app.sent == ["a\nb"]


@pytest.mark.parametrize(
    ("text", "cleaned"),
    [("a\u2028b\x85c\x0cd", "a\nb\nc\nd"), ("\x1b\x00", ""), ("\ttab", "\ttab")],
)
def test_line_ends_become_newlines(text: str, cleaned: str) -> None:
    assert clean_text(text) == cleaned


async def test_keys_that_arrive_all_at_once_keep_their_order() -> None:
    app = ComposerApp()
    async with app.run_test() as pilot:
        keys = ["a", "ctrl+j", "b", "backspace", "c", "backslash", "enter", "d", "enter", "e"]
        characters = {"backslash": "\\"}
        for key in keys:
            character = characters.get(key, key if len(key) == 1 else None)
            app.post_message(events.Key(key, character))
        while app.composer.draft != "e":
            await pilot.pause()
        assert app.sent == ["a\nc\nd"]


async def test_how_its_parts_look_is_found_out_once_and_anew_with_another_theme(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    app = ComposerApp()
    found: list[TextAreaTheme] = []
    apply = TextAreaTheme.apply_css

    def noted(theme: TextAreaTheme, area: Composer) -> None:
        found.append(theme)
        apply(theme, area)

    async with app.run_test() as pilot:
        await pilot.press("a")
        whole = Region(0, 0, *app.composer.size)
        app.composer.render_lines(whole)
        monkeypatch.setattr(TextAreaTheme, "apply_css", noted)
        for _ in range(3):
            app.composer._toggle_cursor_blink_visible()
            app.composer.render_lines(whole)
        assert not found
        app.theme = "textual-light"
        await pilot.pause()
        app.composer.render_lines(whole)
        assert found
        assert found[-1].base_style == app.composer.rich_style
