from __future__ import annotations

from textual.app import App, ComposeResult
from textual.content import Content
from transcript_samples import (
    TranscriptApp,
    chat,
    message,
    screen_rows,
    screen_text,
    wait_until,
)

from tui_sessions.model.message import ThinkingPart, ToolCallPart, ToolResultPart
from tui_sessions.tui.widgets.transcript import Transcript


async def test_only_what_is_on_screen_is_drawn_of_many_messages():
    app = TranscriptApp(chat(10_000))
    async with app.run_test(size=(80, 24)) as pilot:
        await pilot.pause()
        assert len(app.transcript.chat._lines) < 30
        assert "Message 9999." in screen_text(app.transcript)
        await pilot.press("g")
        assert "Message 0." in screen_text(app.transcript)
        assert len(app.transcript.chat._lines) < 60


async def test_an_empty_chat_shows_the_placeholder():
    app = TranscriptApp()
    async with app.run_test(size=(60, 12)) as pilot:
        app.transcript.placeholder = Content("Nothing [here] yet")
        app.transcript.refresh()
        await pilot.pause()
        assert "Nothing [here] yet" in screen_text(app.transcript)
        await pilot.press("j", "k", "g", "G", "space", "pageup", "n")
        assert app.transcript.message_at_cursor() is None


async def test_scrolling_up_shows_each_line_once_although_heights_were_estimates():
    app = TranscriptApp(chat(60))
    async with app.run_test(size=(50, 15)) as pilot:
        transcript = app.transcript
        for place in range(60):
            rows = screen_rows(transcript)
            await pilot.press("up")
            if transcript.viewport.top == 0:
                break
            assert screen_rows(transcript)[1:] == rows[:-1], place


async def test_what_is_on_screen_stays_when_a_message_above_grows():
    app = TranscriptApp(chat(40))
    async with app.run_test(size=(60, 20)) as pilot:
        app.transcript.scroll_to_message("m20")
        app.transcript.action_line_up()
        await pilot.pause()
        rows = screen_rows(app.transcript)
        app.transcript.replace(message(3, "long\n\n" * 50))
        await pilot.pause()
        assert screen_rows(app.transcript) == rows


async def test_textuals_own_scrolling_moves_the_view():
    app = TranscriptApp(chat(200))
    async with app.run_test(size=(60, 20)) as pilot:
        transcript = app.transcript
        transcript.scroll_home(animate=False)
        await pilot.pause()
        assert "Message 0." in screen_text(transcript)
        assert not transcript.following
        transcript.scroll_end(animate=False)
        await wait_until(pilot, lambda: transcript.at_end)
        assert transcript.following


async def test_resizing_keeps_the_message_at_the_top():
    app = TranscriptApp(chat(100))
    async with app.run_test(size=(100, 20)) as pilot:
        app.transcript.viewport.hold(50)
        app.transcript.update_view()
        await pilot.resize_terminal(34, 20)
        await pilot.pause()
        assert app.transcript.row_at(0).index == 50
        assert all(len(row) <= 34 for row in screen_rows(app.transcript))


async def test_keys_move_the_cursor_and_bring_it_into_view():
    app = TranscriptApp(chat(30))
    async with app.run_test(size=(70, 20)) as pilot:
        transcript = app.transcript
        assert transcript.cursor_message_id == "m29"
        await pilot.press("k", "k")
        assert transcript.cursor_message_id == "m27"
        await pilot.press("g")
        assert (transcript.cursor_message_id, transcript.viewport.top) == ("m0", 0)
        await pilot.press("j")
        assert transcript.cursor_message_id == "m1"
        await pilot.press("G")
        assert transcript.cursor_message_id == "m29"
        assert transcript.at_end
        assert app.heard[-1].message_id == "m29"


async def test_a_message_taller_than_the_screen_is_shown_from_its_top():
    tall = message(1, "\n\n".join(f"line {place}" for place in range(60)))
    app = TranscriptApp([message(0, "first", role="user"), tall, message(2, "last")])
    async with app.run_test(size=(60, 16)) as pilot:
        await pilot.press("g", "j")
        assert "Agent" in screen_rows(app.transcript)[0]
        assert "line 0" in screen_rows(app.transcript)[1]


async def test_after_paging_away_the_cursor_goes_on_from_what_is_on_screen():
    app = TranscriptApp(chat(80))
    async with app.run_test(size=(60, 16)) as pilot:
        transcript = app.transcript
        for _ in range(4):
            transcript.scroll_by(-30)
        await pilot.press("k")
        shown = {transcript.row_at(y).index for y in range(16)}
        assert int(transcript.cursor_message_id[1:]) in shown


async def test_appending_follows_only_at_the_end():
    app = TranscriptApp(chat(30))
    async with app.run_test(size=(60, 16)) as pilot:
        transcript = app.transcript
        transcript.append(message(30, "fresh"))
        assert "fresh" in screen_text(transcript)
        assert transcript.cursor_message_id == "m30"
        transcript.scroll_by(-40)
        rows = screen_rows(transcript)
        transcript.append(message(31, "fresher"))
        await pilot.pause()
        assert screen_rows(transcript) == rows
        assert transcript.cursor_message_id == "m30"


async def test_removing_a_message_keeps_the_cursor_in_place():
    messages = chat(10)
    app = TranscriptApp(messages)
    async with app.run_test(size=(60, 16)) as pilot:
        app.transcript.scroll_to_message("m4")
        app.transcript.remove_message("m4")
        await pilot.pause()
        assert app.transcript.cursor_message_id == "m5"
        assert "Message 4." not in screen_text(app.transcript)
        assert len(messages) == 10
        for place in (0, 1, 2, 3, 5, 6, 7, 8, 9):
            app.transcript.remove_message(f"m{place}")
        assert app.transcript.cursor_message_id is None


async def test_space_folds_and_unfolds_what_is_folded_in_a_message():
    parts = (
        ThinkingPart("deep thought"),
        "Answer.",
        ToolCallPart("t", "read_file", {"path": "/x"}),
        ToolResultPart("t", "one\ntwo\nthree", is_error=True),
    )
    app = TranscriptApp([message(0, *parts)])
    async with app.run_test(size=(60, 30)) as pilot:
        text = screen_text(app.transcript)
        assert "▸ thought · 2 words" in text
        assert "read_file  path=/x" in text
        assert "✗ one · 3 lines" in text
        await pilot.press("space")
        text = screen_text(app.transcript)
        assert "deep thought" in text
        assert "three" in text
        assert app.heard[-1].opened
        await pilot.press("space")
        assert "deep thought" not in screen_text(app.transcript)


async def test_a_click_toggles_one_fold_and_sets_the_cursor():
    app = TranscriptApp([message(0, ThinkingPart("deep"), "A"), message(1, "B")])
    async with app.run_test(size=(60, 20)) as pilot:
        row = next(y for y, text in enumerate(screen_rows(app.transcript)) if "thought" in text)
        await pilot.click(Transcript, offset=(6, row))
        assert "deep" in screen_text(app.transcript)
        assert app.transcript.cursor_message_id == "m0"


async def test_hidden_messages_are_one_line_until_opened():
    app = TranscriptApp([message(0, "\n".join("abc"), role="user", hidden=True), message(1, "B")])
    async with app.run_test(size=(60, 20)) as pilot:
        assert screen_rows(app.transcript)[0].endswith("▸ context · 3 lines")
        await pilot.press("g", "space")
        assert "c" in screen_rows(app.transcript)[3]


async def test_the_rule_of_a_fork_leads_to_the_parent():
    app = TranscriptApp(chat(4), inherited=2)
    async with app.run_test(size=(60, 40)) as pilot:
        rows = screen_rows(app.transcript)
        rule = next(y for y, text in enumerate(rows) if "forked here" in text)
        assert any("Message 1." in row for row in rows[:rule])
        assert any("Message 2." in row for row in rows[rule:])
        await pilot.click(Transcript, offset=(20, rule))
        await pilot.pause()
        assert any(isinstance(event, Transcript.JumpToParent) for event in app.heard)


async def test_coming_back_to_a_chat_restores_the_view():
    messages = chat(50)
    app = TranscriptApp(messages)
    async with app.run_test(size=(60, 16)) as pilot:
        transcript = app.transcript
        transcript.scroll_to_message("m20")
        transcript.scroll_by(-1)
        rows, state = screen_rows(transcript), transcript.view_state()
        transcript.show(chat(3))
        await pilot.pause()
        transcript.show(messages)
        transcript.restore(state)
        assert screen_rows(transcript) == rows
        assert transcript.cursor_message_id == "m20"
        transcript.show([*messages, message(50, "new")], keep_position=True)
        assert screen_rows(transcript) == rows


async def test_code_of_the_message_under_the_cursor_is_verbatim():
    code = "def f():\n\treturn '\x1b'\n"
    app = TranscriptApp([message(0, f"Look:\n\n```py\n{code}```\n\n- x\n\n  ```\n  y\n  ```")])
    async with app.run_test():
        assert app.transcript.code_blocks_at_cursor() == [code, "y\n"]


async def test_another_theme_repaints():
    app = TranscriptApp(chat(3))
    async with app.run_test() as pilot:
        before = [list(app.transcript.render_line(y)) for y in range(5)]
        app.theme = "textual-light"
        await pilot.pause()
        assert [list(app.transcript.render_line(y)) for y in range(5)] != before


async def test_messages_may_be_shown_before_the_widget_is_on_screen():
    transcript = Transcript(id="early")
    transcript.show(chat(5), inherited=1)
    transcript.append(message(5, "later"))
    transcript.begin_reply(message(6))
    transcript.extend_reply("m6", "growing")
    transcript.end_reply(message(6, "grown"))
    transcript.remove_message("m0")

    class EarlyApp(App[None]):
        def compose(self) -> ComposeResult:
            yield transcript

    async with EarlyApp().run_test(size=(60, 30)):
        assert "grown" in screen_text(transcript)
        assert "forked here" not in screen_text(transcript)
        assert transcript.cursor_message_id == "m6"
