from __future__ import annotations

from typing import Any

import pytest
from textual.app import App
from textual.screen import Screen
from textual.widgets import Button, Input, OptionList, Static, TextArea

from tui_sessions.tui.screens.choice import Choice, ChoiceOption
from tui_sessions.tui.screens.dialog import DialogBox
from tui_sessions.tui.screens.editor import TextEditor
from tui_sessions.tui.screens.question import Question
from tui_sessions.tui.screens.text_prompt import TextPrompt
from tui_sessions.tui.widgets.key_line import KeyLine

OPTIONS = [
    ChoiceOption("sonnet", "Sonnet", "fast"),
    ChoiceOption("opus", "Opus", "thorough"),
    ChoiceOption("haiku", "Haiku", "fastest"),
]


class DialogApp(App[None]):
    def __init__(self) -> None:
        super().__init__()
        self.answers: list[Any] = []

    def ask(self, dialog: Screen[Any]) -> None:
        self.push_screen(dialog, self.answers.append)


def too_long(text: str) -> str | None:
    return "Too long; use 3 letters." if len(text) > 3 else None


async def test_a_line_is_answered_with_enter() -> None:
    app = DialogApp()
    async with app.run_test() as pilot:
        app.ask(TextPrompt("Name", "old"))
        await pilot.pause()
        await pilot.press("n", "e", "w", "enter")
        assert app.answers == ["new"]


async def test_answers_that_come_later_leave_what_was_typed_and_the_cursor() -> None:
    app = DialogApp()
    async with app.run_test() as pilot:
        choice = Choice("Model", OPTIONS[:2], selected="haiku")
        choice.note("asking haiku…")
        app.ask(choice)
        await pilot.pause()
        note = choice.query_one(".choice--note")
        assert note.display
        choice.replace(OPTIONS)
        assert choice.query_one(OptionList).highlighted == 2
        await pilot.press("up")
        choice.replace([OPTIONS[2], *OPTIONS[:2]])
        choice.note("")
        assert not note.display
        await pilot.press("enter")
        assert app.answers == ["opus"]


async def test_a_filter_holds_for_answers_that_come_later() -> None:
    app = DialogApp()
    async with app.run_test() as pilot:
        choice = Choice("Model", OPTIONS[:1])
        app.ask(choice)
        await pilot.pause()
        await pilot.press(*"fast")
        choice.replace([OPTIONS[2], OPTIONS[1], OPTIONS[0]])
        assert len(choice.query_one(OptionList).options) == 2
        await pilot.press("enter")
        assert app.answers == ["sonnet"]


@pytest.mark.parametrize("columns", [3, 8, 11, 17, 18, 19, 24])
async def test_a_question_fits_any_width(columns: int) -> None:
    app = DialogApp()
    async with app.run_test(size=(60, 20)) as pilot:
        app.ask(Question("Drop the changes?", "They are lost then.", yes="Drop", no="Go on"))
        await pilot.pause()
        await pilot.resize_terminal(columns, 6)
        await pilot.press("n")
        assert app.answers == [False]


async def test_a_second_answer_on_its_way_closes_no_other_dialog() -> None:
    app = DialogApp()
    async with app.run_test() as pilot:
        first, second = Choice("Model", OPTIONS), Question("Sure?")
        app.ask(first)
        await pilot.pause()
        first.dismiss("opus")
        first.dismiss("haiku")
        app.ask(second)
        first.action_cancel()
        await pilot.pause()
        assert app.screen is second
        assert app.answers == ["opus"]


async def test_without_any_answer_yet_it_is_said_what_to_do() -> None:
    app = DialogApp()
    async with app.run_test() as pilot:
        app.ask(Choice("Move to", [], allow_new=True, none_yet="Type a name."))
        await pilot.pause()
        said = app.screen.query_one(".choice--empty", Static)
        assert said.display
        assert str(said.content) == "Type a name."
        await pilot.press("x")
        assert not said.display
        await pilot.press("enter")
        assert app.answers == ["x"]


async def test_a_text_that_will_not_do_stays_to_be_mended() -> None:
    app = DialogApp()
    async with app.run_test() as pilot:
        app.ask(TextEditor("Text", "abc", validate=too_long, at_start=True))
        await pilot.pause()
        await pilot.press("x", "ctrl+s")
        error = app.screen.query_one(".dialog--error")
        assert app.answers == []
        assert error.display
        await pilot.press("delete")
        await pilot.pause()
        assert not error.display
        await pilot.press("ctrl+s")
        assert app.answers == ["xbc"]


async def test_a_line_that_will_not_do_is_not_taken() -> None:
    app = DialogApp()
    async with app.run_test() as pilot:
        app.ask(TextPrompt("Name", "", "three letters", too_long))
        await pilot.pause()
        await pilot.press(*"abcd", "enter")
        error = app.screen.query_one(".dialog--error")
        assert app.answers == []
        assert error.display
        await pilot.press("backspace")
        assert not error.display
        await pilot.press("enter")
        assert app.answers == ["abc"]


@pytest.mark.parametrize(
    ("dialog", "answer"),
    [
        (lambda: TextPrompt("Name"), None),
        (lambda: Choice("Model", OPTIONS), None),
        (lambda: Question("Sure?"), False),
        (lambda: TextEditor("Prompt", "text"), None),
    ],
)
async def test_escape_and_a_click_beside_the_box_close(dialog: Any, answer: object) -> None:
    app = DialogApp()
    async with app.run_test(size=(100, 40)) as pilot:
        app.ask(dialog())
        await pilot.pause()
        await pilot.press("escape")
        app.ask(dialog())
        await pilot.pause()
        await pilot.click(offset=(0, 0))
        assert app.answers == [answer, answer]
        assert len(app.screen_stack) == 1


@pytest.mark.parametrize(
    "dialog",
    [
        lambda: TextPrompt("A title " * 20, "x" * 200),
        lambda: Choice("Model", [ChoiceOption(str(n), f"Model {n}", "x" * 90) for n in range(90)]),
        lambda: Question("Sure?", "It is long. " * 100),
        lambda: TextEditor("Prompt", "text\n" * 100),
    ],
)
async def test_all_of_a_dialog_is_on_a_small_screen(dialog: Any) -> None:
    app = DialogApp()
    async with app.run_test(size=(60, 20)) as pilot:
        app.ask(dialog())
        await pilot.pause()
        box = app.screen.query_one(DialogBox).region
        keys = app.screen.query_one(KeyLine).region
        assert app.screen.region.contains_region(box)
        assert box.contains_region(keys)
        assert keys.height == 1


async def test_a_title_is_never_markup() -> None:
    app = DialogApp()
    async with app.run_test() as pilot:
        app.ask(Question("Delete [/b]\x1b[2J?", "[red]\x07"))
        await pilot.pause()
        title = app.screen.query_one(DialogBox).border_title
        assert "\x1b" not in str(title)
        await pilot.press("y")
        assert app.answers == [True]


@pytest.mark.parametrize(
    ("keys", "answer"),
    [("y", True), ("n", False), ("enter", True), ("right enter", False), ("tab enter", False)],
)
async def test_a_question_is_answered_by_keys(keys: str, answer: bool) -> None:
    app = DialogApp()
    async with app.run_test() as pilot:
        app.ask(Question("Go?"))
        await pilot.pause()
        await pilot.press(*keys.split())
        assert app.answers == [answer]


async def test_enter_alone_does_nothing_dangerous() -> None:
    app = DialogApp()
    async with app.run_test() as pilot:
        app.ask(Question("Delete for good?", dangerous=True))
        await pilot.pause()
        await pilot.press("enter")
        assert app.answers == [False]


async def test_a_question_is_answered_by_mouse() -> None:
    app = DialogApp()
    async with app.run_test() as pilot:
        app.ask(Question("Go?"))
        await pilot.pause()
        await pilot.click("#yes")
        assert app.answers == [True]
        app.ask(Question("Go?"))
        await pilot.pause()
        assert isinstance(app.focused, Button)


async def test_one_of_a_list_is_found_by_typing() -> None:
    app = DialogApp()
    async with app.run_test() as pilot:
        app.ask(Choice("Model", OPTIONS))
        await pilot.pause()
        await pilot.press(*"FAST", "down", "enter")
        assert app.answers == ["haiku"]


async def test_a_list_begins_on_the_answer_that_is_current() -> None:
    app = DialogApp()
    async with app.run_test() as pilot:
        app.ask(Choice("Model", OPTIONS, selected="opus"))
        await pilot.pause()
        await pilot.press("enter")
        assert app.answers == ["opus"]


async def test_of_thousands_of_answers_a_part_is_listed_and_each_is_found_by_typing() -> None:
    app = DialogApp()
    options = [ChoiceOption(f"m{n}", f"Model {n}") for n in range(5000)]
    async with app.run_test() as pilot:
        choice = Choice("Model", options, selected="m4321")
        app.ask(choice)
        await pilot.pause()
        listed = choice.query_one(OptionList)
        assert listed.option_count == 200
        assert choice.query_one(".choice--more").display
        await pilot.press("enter")
        app.ask(Choice("Model", options))
        await pilot.pause()
        await pilot.press(*"4999")
        assert not app.screen.query_one(".choice--more").display
        await pilot.press("enter")
        assert app.answers == ["m4321", "m4999"]


async def test_enter_answers_nothing_where_nothing_matches() -> None:
    app = DialogApp()
    async with app.run_test() as pilot:
        app.ask(Choice("Model", OPTIONS))
        await pilot.pause()
        await pilot.press(*"zzz", "enter")
        assert app.answers == []
        assert app.screen.query_one(".choice--empty").display


async def test_typed_text_is_an_answer_where_that_is_allowed() -> None:
    app = DialogApp()
    async with app.run_test() as pilot:
        app.ask(Choice("Model", OPTIONS, allow_new=True))
        await pilot.pause()
        await pilot.press(*"zz", "enter")
        app.ask(Choice("Model", OPTIONS, allow_new=True))
        await pilot.pause()
        await pilot.press(*"opus", "enter")
        assert app.answers == ["zz", "opus"]


async def test_a_click_chooses() -> None:
    app = DialogApp()
    async with app.run_test() as pilot:
        app.ask(Choice("Model", OPTIONS))
        await pilot.pause()
        await pilot.click(OptionList, offset=(2, 1))
        assert app.answers == ["opus"]


async def test_a_dialog_keeps_the_focus() -> None:
    app = DialogApp()
    async with app.run_test() as pilot:
        app.ask(Choice("Model", OPTIONS))
        await pilot.pause()
        await pilot.press("tab", "tab")
        assert isinstance(app.focused, Input)


async def test_the_editor_saves_text_of_many_lines() -> None:
    app = DialogApp()
    async with app.run_test() as pilot:
        app.ask(TextEditor("Prompt", "one"))
        await pilot.pause()
        await pilot.press("enter", *"two", "ctrl+s")
        assert app.answers == ["one\ntwo"]


async def test_the_editor_asks_before_changes_are_dropped() -> None:
    app = DialogApp()
    async with app.run_test() as pilot:
        app.ask(TextEditor("Prompt", "one"))
        await pilot.pause()
        await pilot.press("x", "escape")
        await pilot.pause()
        await pilot.press("n")
        await pilot.pause()
        assert app.answers == []
        assert app.screen.query_one(TextArea).text == "onex"
        await pilot.press("escape")
        await pilot.pause()
        await pilot.press("y")
        await pilot.pause()
        assert app.answers == [None]


async def test_a_text_with_other_line_ends_is_not_changed_by_looking_at_it() -> None:
    app = DialogApp()
    async with app.run_test() as pilot:
        app.ask(TextEditor("Prompt", "one\r\ntwo\x1b"))
        await pilot.pause()
        await pilot.press("escape")
        assert app.answers == [None]


async def test_the_keys_of_dialogs_can_be_changed() -> None:
    app = DialogApp()
    async with app.run_test() as pilot:
        app.set_keymap({"dialog.cancel": "f9"})
        app.ask(TextPrompt("Name", "old"))
        await pilot.pause()
        assert "F9 cancel" in str(app.screen.query_one(KeyLine).content)
        await pilot.press("f9")
        assert app.answers == [None]


@pytest.mark.parametrize("size", [(100, 30), (60, 20), (40, 15), (30, 10)])
async def test_a_box_is_as_high_as_what_is_in_it(size: tuple[int, int]) -> None:
    app = DialogApp()
    async with app.run_test(size=size) as pilot:
        app.ask(Choice("Model", [ChoiceOption(str(n), f"Model {n}", "x " * 90) for n in range(90)]))
        await pilot.pause()
        box = app.screen.query_one(DialogBox)
        keys = app.screen.query_one(KeyLine)
        assert app.screen.query_one(OptionList).size.height >= min(5, size[1] - 7)
        assert keys.region.bottom == box.region.bottom - 1
        assert not box.show_vertical_scrollbar


async def test_what_there_is_to_say_of_an_answer_stands_in_a_column_and_is_not_cut() -> None:
    app = DialogApp()
    async with app.run_test(size=(60, 30)) as pilot:
        needs = "there is no key: set SONNET_API_KEY in the environment"
        app.ask(
            Choice("Model", [ChoiceOption("a", "Opus", "fast"), ChoiceOption("b", "Sonnet", needs)])
        )
        await pilot.pause()
        first, second = (str(o.prompt) for o in app.screen.query_one(OptionList).options)
        lines = second.splitlines()
        assert first.index("fast") == lines[0].index("there")
        assert all(line[: first.index("fast")].strip() in ("Sonnet", "") for line in lines)
        assert " ".join(second.split()) == f"Sonnet {needs}"


async def test_a_key_stands_in_one_line_with_what_it_does() -> None:
    app = DialogApp()
    async with app.run_test(size=(24, 20)) as pilot:
        app.ask(Choice("Model", OPTIONS))
        await pilot.pause()
        lines = str(app.screen.query_one(KeyLine).content).splitlines()
        assert lines == ["\u2191\u2193 move", "enter choose", "escape cancel"]
