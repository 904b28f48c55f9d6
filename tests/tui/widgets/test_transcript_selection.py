from __future__ import annotations

import pytest
from running_app import SPACE, OpenApp
from textual.geometry import Offset
from textual.selection import SELECT_ALL, Selection
from transcript_samples import TranscriptApp, message, screen_rows

from tui_sessions import SessionManager
from tui_sessions.tui.widgets.transcript import Transcript

_LONG = "several words that are wrapped softly over some lines of the pane"


async def test_dragging_selects_text_and_joins_soft_wrapped_lines():
    app = TranscriptApp([message(0, _LONG)])
    async with app.run_test(size=(30, 20)) as pilot:
        await pilot.mouse_down(Transcript, offset=(2, 1))
        await pilot.hover(Transcript, offset=(5, 2))
        await pilot.hover(Transcript, offset=(25, 3))
        await pilot.mouse_up(Transcript, offset=(25, 3))
        text = app.screen.get_selected_text()
        assert text
        assert "\n" not in text
        assert _LONG.startswith(text)
        assert len(text) > 50


async def test_code_is_copied_as_it_was_written():
    code = 'def f():\n\treturn "' + "a" * 60 + '"\n\n\tx = 1'
    app = TranscriptApp([message(0, f"> quote\n\n```py\n{code}\n```\n\n- item\n  - inner")])
    async with app.run_test(size=(40, 30)):
        app.screen.selections = {app.transcript: SELECT_ALL}
        text = app.screen.get_selected_text()
        assert code in text
        assert text.startswith("Agent\nquote\n")
        assert "• item\n  ◦ inner" in text


async def test_tabs_are_copied_as_tabs_where_lines_are_wrapped_and_where_a_part_is_selected():
    typed = "name\tvalue\tand more words that are wrapped\tto the next\tline of it"
    app = TranscriptApp([message(0, typed, role="user"), message(1, f"Reply **with**\t{typed}")])
    async with app.run_test(size=(30, 40)):
        app.screen.selections = {app.transcript: SELECT_ALL}
        text = app.screen.get_selected_text()
        assert typed in text
        assert f"Reply with\t{typed}" in text
        # From the "m" of "name" to the first letter of "value", which stands at column 8.
        app.screen.selections = {app.transcript: Selection(Offset(4, 1), Offset(11, 1))}
        assert app.screen.get_selected_text() == "me\tv"


async def test_joiners_are_copied_as_they_were_written():
    hindi, persian, emoji = "क्\u200dष र्\u200dय", "می\u200cخواهم", "👩\u200d💻"
    text = " ".join([hindi, persian, emoji] * 20)
    app = TranscriptApp([message(0, text, role="user"), message(1, text)])
    async with app.run_test(size=(40, 60)):
        app.screen.selections = {app.transcript: SELECT_ALL}
        assert app.screen.get_selected_text().count(text) == 2


async def test_a_selection_outlives_heights_that_change_above_it():
    messages = [message(place, f"text {place}") for place in range(50)]
    app = TranscriptApp(messages)
    async with app.run_test(size=(40, 12)) as pilot:
        await pilot.mouse_down(Transcript, offset=(2, 1))
        await pilot.hover(Transcript, offset=(20, 1))
        await pilot.mouse_up(Transcript, offset=(20, 1))
        before = app.screen.get_selected_text()
        app.transcript.replace(message(1, "tall\n\n" * 30))
        await pilot.pause()
        assert before.startswith("text 4")
        assert app.screen.get_selected_text() == before


@pytest.mark.parametrize(
    ("drag", "copied"),
    [
        ((3, 7), "👨\u200d👩\u200d👧 bla"),
        ((5, 8), "blau"),
        ((9, 12), "e\u0301te"),
        ((4, 9), " blaue\u0301"),
    ],
)
async def test_signs_of_several_characters_are_selected_whole(
    open_app: OpenApp, drag: tuple[int, int], copied: str
) -> None:
    async def fill(manager: SessionManager) -> None:
        session = await manager.create_session(workspace=SPACE)
        await manager.create_chat(session.id)
        await manager.add_message(session.id, "👨\u200d👩\u200d👧 blaue\u0301te", role="user")

    async with open_app(fill) as app:
        await app.until(lambda: app.shown)
        start, end = drag
        await app.pilot.mouse_down(Transcript, offset=(start, 1))
        await app.pilot.hover(Transcript, offset=(end, 1))
        await app.pilot.mouse_up(Transcript, offset=(end, 1))
        assert app.main.get_selected_text() == copied


async def test_the_selection_is_drawn():
    app = TranscriptApp([message(0, "plain text")])
    async with app.run_test(size=(40, 12)):
        start = app.transcript.render_line(1).text
        plain = list(app.transcript.render_line(1))
        app.screen.selections = {app.transcript: Selection(Offset(2, 1), Offset(7, 1))}
        assert app.transcript.render_line(1).text == start
        assert list(app.transcript.render_line(1)) != plain
        assert app.screen.get_selected_text() == "plain"


async def test_a_double_click_selects_the_message_only():
    app = TranscriptApp([message(0, "one"), message(1, "two")])
    async with app.run_test(size=(40, 12)) as pilot:
        row = next(y for y, text in enumerate(screen_rows(app.transcript)) if "two" in text)
        await pilot.click(Transcript, offset=(3, row), times=2)
        assert app.screen.get_selected_text() == "Agent\ntwo"


async def test_everything_selected_of_a_long_chat_is_copied_as_written():
    app = TranscriptApp([message(place, f"**text** {place}") for place in range(2000)])
    async with app.run_test(size=(40, 12)):
        app.screen.selections = {app.transcript: SELECT_ALL}
        text = app.screen.get_selected_text()
        assert text.count("\n") > 3000
        assert "**text** 1000" in text


async def test_another_chat_is_not_selected():
    app = TranscriptApp([message(0, "one")])
    async with app.run_test(size=(40, 12)):
        app.screen.selections = {app.transcript: SELECT_ALL}
        app.transcript.show([message(1, "two")])
        assert not app.screen.get_selected_text()
