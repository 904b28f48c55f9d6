"""Tool calls and their results as a person sees them."""

from __future__ import annotations

from datetime import timedelta

import pytest
from transcript_samples import MOMENT, TranscriptApp, message, screen_rows, screen_text, wait_until

from tui_sessions.model.clock import now
from tui_sessions.model.message import Message, ThinkingPart, ToolCallPart, ToolResultPart
from tui_sessions.tui.widgets.transcript import CallState
from tui_sessions.tui.widgets.transcript.message_lines import (
    AroundMessage,
    Setting,
    all_folds,
    message_lines,
)
from tui_sessions.tui.widgets.transcript.wait import Wait


def call(number: int) -> ToolCallPart:
    return ToolCallPart(f"c{number}", "read_file", {"path": f"/books/{number}.txt"})


def result(number: int, text: str = "one\ntwo", **fields: object) -> Message:
    metadata = fields.pop("metadata", {})
    part = ToolResultPart(f"c{number}", text, **fields)
    return message(100 + number, part, role="tool", metadata=metadata)


def turn(*results: Message, calls: int = 2, **fields: object) -> list[Message]:
    fields = {"metadata": {"finish_reason": "tool_call"}, **fields}
    asked = message(1, "I look.", *(call(number) for number in range(calls)), **fields)
    return [message(0, "Look", role="user"), asked, *results]


def drawn(app: TranscriptApp) -> list[str]:
    return [row.strip(" ▌") for row in screen_rows(app.transcript) if row.strip(" ▌")]


async def test_each_call_stands_with_its_result_in_one_line():
    app = TranscriptApp([*turn(result(0), result(1, "")), message(2, "Done.")])
    async with app.run_test(size=(70, 24)):
        rows = drawn(app)
        assert rows[3:6] == [
            "I look.",
            "▸ ✓ read_file  path=/books/0.txt  2 lines",
            "▸ ✓ read_file  path=/books/1.txt",
        ]
        assert not any("Tool" in row for row in rows)


@pytest.mark.parametrize(
    ("made", "mark", "word"),
    [
        (result(0), "✓", ""),
        (result(0, "no", is_error=True), "✗", "failed"),
        (result(0, "no", is_error=True, metadata={"refused": True}), "⊘", "refused"),
    ],
)
async def test_the_outcome_is_marked_by_shape_and_word(made: Message, mark: str, word: str):
    app = TranscriptApp([*turn(made, calls=1), message(2, "Done.")])
    async with app.run_test(size=(70, 24)):
        [row] = [row for row in drawn(app) if "read_file" in row]
        assert row.startswith(f"▸ {mark} read_file")
        assert word in row


async def test_running_calls_say_how_far_they_are_and_stand_after_those_that_are_done():
    app = TranscriptApp(turn(calls=3))
    async with app.run_test(size=(70, 24)):
        states = {"c0": CallState.RUNNING, "c1": CallState.ASKED}
        app.transcript.follow_calls(states)
        rows = [row for row in drawn(app) if "read_file" in row]
        assert [row.split()[1] for row in rows] == ["●", "?", "·"]
        assert "waits for you" in rows[1]
        app.transcript.replace(result(0))
        rows = [row for row in drawn(app) if "read_file" in row]
        assert [row.split()[1] for row in rows] == ["✓", "?", "·"]
        app.transcript.follow_calls(None)
        rows = [row for row in drawn(app) if "read_file" in row]
        assert [row.split()[1] for row in rows] == ["✓", "◌", "◌"]
        assert "cut off · C goes on · r asks again" in screen_text(app.transcript)


async def test_the_state_stays_in_sight_where_it_is_narrow():
    long = ToolCallPart("c0", "a_tool_with_a_name_that_is_rather_long", {"x": "漢字" * 50})
    app = TranscriptApp([message(0, "q", role="user"), message(1, long)])
    async with app.run_test(size=(44, 12)):
        app.transcript.follow_calls({"c0": CallState.ASKED})
        assert any(row.endswith("waits for you") for row in drawn(app))


async def test_space_unfolds_the_arguments_and_the_result():
    app = TranscriptApp([*turn(result(0), result(1, "unlike")), message(2, "Done.")])
    async with app.run_test(size=(70, 30)) as pilot:
        await pilot.press("k", "k", "space")
        text = screen_text(app.transcript)
        assert '"path": "/books/0.txt"' in text
        assert "one" in text
        assert '"path": "/books/1.txt"' not in text
        await pilot.press("j", "space")
        assert "unlike" in screen_text(app.transcript)


async def test_what_is_in_a_call_or_result_is_found_where_it_stands():
    app = TranscriptApp([*turn(result(0, "needle"), result(1)), message(2, "Done.")])
    async with app.run_test(size=(70, 30)) as pilot:
        assert await app.transcript.find("0.txt") == 1
        await wait_until(pilot, lambda: app.transcript.cursor_message_id == "m100")
        assert await app.transcript.find("needle") == 1
        await wait_until(pilot, lambda: app.transcript.cursor_message_id == "m100")
        assert "needle" in screen_text(app.transcript)


async def test_a_result_without_its_call_is_shown_by_itself():
    app = TranscriptApp([message(0, "q", role="user"), result(7, "alone")])
    async with app.run_test(size=(70, 12)):
        assert "◇ Tool" in screen_text(app.transcript)
        assert "▸ alone · 1 line" in drawn(app)


async def test_heights_stay_true_while_results_come_in():
    app = TranscriptApp([*turn(calls=3)])
    async with app.run_test(size=(60, 20)):
        transcript = app.transcript
        for number in range(3):
            transcript.follow_calls({"c1": CallState.RUNNING})
            transcript.replace(result(number))
        transcript.append(message(9, "Done."))
        chat = transcript.chat
        for place in range(len(chat.messages)):
            height = chat.heights[place]
            chat.forget(place)
            assert height == len(chat.lines(place))


@pytest.mark.parametrize(
    ("last", "hint"),
    [
        (message(1, "Some", status="partial"), "cut off · C goes on · r asks again"),
        (message(1, "Some", status="stopped"), "stopped · C goes on · r asks again"),
        (message(1, status="stopped"), "stopped · r asks again"),
        (message(1, status="failed", error="No."), "r asks again · ctrl+l another model"),
        (
            message(1, status="failed", metadata={"error_kind": "context_too_long"}),
            "s makes a checkpoint · r asks again · ctrl+l",
        ),
        (
            message(1, "Some", metadata={"finish_reason": "length"}),
            "cut off · C goes on · r asks again",
        ),
    ],
)
async def test_a_reply_that_is_cut_off_says_what_can_be_done_until_more_is_said(
    last: Message, hint: str
):
    app = TranscriptApp([message(0, "q", role="user"), last])
    async with app.run_test(size=(60, 14)):
        assert hint in screen_text(app.transcript)
        app.transcript.append(message(2, "more", role="user"))
        assert "asks again" not in screen_text(app.transcript)


async def test_a_whole_reply_says_nothing_of_going_on():
    app = TranscriptApp([message(0, "q", role="user"), message(1, "All.")])
    async with app.run_test(size=(60, 14)):
        assert "asks again" not in screen_text(app.transcript)


async def test_a_reply_that_is_gone_on_with_grows_in_its_last_paragraph():
    begun = message(1, ThinkingPart("hm"), "Half a sen", status="partial")
    app = TranscriptApp([message(0, "q", role="user"), begun])
    async with app.run_test(size=(60, 14)) as pilot:
        app.transcript.begin_reply(begun)
        app.transcript.extend_reply("m1", "tence.")
        await wait_until(pilot, lambda: "Half a sentence." in screen_text(app.transcript))
        assert app.transcript.message_at_cursor().text == "Half a sentence."


def test_a_wait_counts_down_whole_seconds():
    wait = Wait(MOMENT + timedelta(seconds=12), "Rate [b]limited\x1b.")
    said = [wait.text(MOMENT + timedelta(seconds=passed)) for passed in (0, 0.5, 1.2, 12, 99)]
    assert said[0] == "Rate [b]limited␛: trying again in 12 s · esc stops"
    assert [text.split(" in ")[-1].split()[0] for text in said[:3]] == ["12", "12", "11"]
    assert said[3] == said[4] == "Rate [b]limited␛: trying again · esc stops"
    assert "2 min 5 s" in Wait(MOMENT + timedelta(seconds=125), "").text(MOMENT)


async def test_a_reply_that_waits_says_until_when_and_goes_on():
    app = TranscriptApp([message(0, "q", role="user")])
    async with app.run_test(size=(60, 14)) as pilot:
        app.transcript.begin_reply(message(1))
        app.transcript.hold_reply("m1", now() + timedelta(seconds=30.5), "Too many requests.")
        await wait_until(pilot, lambda: "again in 3" in screen_text(app.transcript))
        app.transcript.extend_reply("m1", "Here it is.")
        await wait_until(pilot, lambda: "Here it is." in screen_text(app.transcript))
        assert "trying again" not in screen_text(app.transcript)


@pytest.mark.parametrize("width", [10, 24, 60])
def test_hostile_calls_and_results_fit_and_are_only_text(width: int):
    bad = "\x1b]52;c;aGk=\x07[red]x[/] \u202e\x9b 漢字" * 5
    asked = ToolCallPart("c", bad, {bad: bad, "list": [bad]})
    for state in CallState:
        for part in (asked, ToolResultPart("c", bad)):
            value = message(0, part, role="tool")
            around = AroundMessage(calls={"c": asked}, states={"c": state}, unanswered=[asked])
            for line in message_lines(value, Setting(width), all_folds(value, around), around):
                assert line.content.cell_length <= width
                assert "\x1b" not in line.content.plain
                assert "\u202e" not in line.content.plain
