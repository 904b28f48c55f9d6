from __future__ import annotations

import msgspec
from example_counts import examples
from hypothesis import given
from hypothesis import strategies as st
from transcript_samples import TranscriptApp, chat, message, screen_rows, screen_text, wait_until

from tui_sessions.model.message import TextPart
from tui_sessions.tui.widgets.transcript.growing_reply import GrowingReply
from tui_sessions.tui.widgets.transcript.message_lines import Setting, message_lines

_PIECES = (
    "# Title\n\n",
    "Some *text* ",
    "and more.\n\n",
    "- one\n",
    "  - two\n",
    "\r\n",
    "> q\n\n",
)
_PIECES += (
    "```py\nx = 1\n",
    "```\n\n",
    "| a | b |\n|---|---|\n| 1 | 2 |\n\n",
    "\n",
    "1. x\n",
    "---\n",
)


async def test_a_reply_grows_at_the_end_and_is_followed():
    app = TranscriptApp(chat(20))
    async with app.run_test(size=(60, 16)) as pilot:
        transcript = app.transcript
        transcript.begin_reply(message(99))
        for number in range(40):
            transcript.extend_reply("m99", f"Paragraph {number}.\n\n")
        await wait_until(pilot, lambda: "Paragraph 39." in screen_text(transcript))
        assert transcript.following
        transcript.end_reply(message(99, "Done.", status="stopped"))
        assert "Done." in screen_text(transcript)
        assert "stopped" in screen_text(transcript)


async def test_many_deltas_are_drawn_together():
    app = TranscriptApp(chat(2))
    async with app.run_test(size=(60, 16)) as pilot:
        transcript = app.transcript
        transcript.begin_reply(message(99))
        drawn = 0
        update = transcript.update_view

        def counted() -> None:
            nonlocal drawn
            drawn += 1
            update()

        transcript.update_view = counted
        for _ in range(500):
            transcript.extend_reply("m99", "word ")
        await wait_until(pilot, lambda: "word" in screen_text(transcript))
        assert drawn < 5


async def test_who_has_scrolled_away_stays_put_until_back_at_the_end():
    app = TranscriptApp(chat(20))
    async with app.run_test(size=(60, 16)) as pilot:
        transcript = app.transcript
        transcript.begin_reply(message(99))
        await pilot.press("up", "up")
        rows = screen_rows(transcript)
        assert not transcript.following
        transcript.extend_reply("m99", "text\n\n" * 30)
        await wait_until(pilot, lambda: transcript.message_at_cursor().text != "")
        await pilot.pause(0.1)
        assert screen_rows(transcript)[:10] == rows[:10]
        assert not transcript.at_end
        await pilot.press("G")
        assert transcript.following
        transcript.extend_reply("m99", "the very end")
        await wait_until(pilot, lambda: "the very end" in screen_text(transcript))


async def test_thinking_is_one_line_while_it_grows():
    app = TranscriptApp()
    async with app.run_test(size=(60, 16)) as pilot:
        transcript = app.transcript
        transcript.begin_reply(message(1))
        transcript.extend_reply("m1", "a b c", "thinking")
        await wait_until(pilot, lambda: "thought · 3 words" in screen_text(transcript))
        transcript.extend_reply("m1", "Hello")
        await wait_until(pilot, lambda: "Hello" in screen_text(transcript))
        assert transcript.message_at_cursor().text == "Hello"


def test_finished_blocks_keep_their_lines():
    reply = GrowingReply(message(1))
    reply.extend("First block.\n\nSecond block.\n\nThird", "text")
    before = reply.lines(Setting(40), ())
    reply.extend(" goes on.", "text")
    after = reply.lines(Setting(40), ())
    assert before[1] is after[1]
    assert before[3] is after[3]
    assert after[5].content.plain == "Third goes on."


@examples(20)
@given(st.lists(st.sampled_from(_PIECES), max_size=12))
def test_a_reply_looks_the_same_grown_as_whole(pieces):
    base = message(1)
    reply = GrowingReply(base)
    for piece in pieces:
        reply.extend(piece, "text")
        reply.lines(Setting(40), ())
    text = "".join(pieces)
    whole = message_lines(msgspec.structs.replace(base, content=(TextPart(text),)), Setting(40), ())
    if text.strip():
        grown = [line.content.plain for line in reply.lines(Setting(40), ())]
        assert grown == [line.content.plain for line in whole]


def _shown(reply):
    return [(line.content.plain, line.joint) for line in reply.lines(Setting(40), ())]


_JOINING = (
    "word ",
    "a longerwordthanmost ",
    " ",
    "  ",
    "\n",
    "1",
    ". x",
    "-",
    "--",
    "*",
    "`code`",
    "é",
    "\t",
    "| a | b |",
    "=",
    "#",
    "> ",
    "verylong" * 9,
)


@given(st.lists(st.sampled_from(_JOINING), min_size=1, max_size=25))
def test_a_paragraph_looks_the_same_grown_word_by_word_as_at_once(pieces):
    grown, whole = GrowingReply(message(1)), GrowingReply(message(1))
    for piece in pieces:
        grown.extend(piece, "text")
        _shown(grown)
    whole.extend("".join(pieces), "text")
    assert _shown(grown) == _shown(whole)


def test_words_that_join_a_long_paragraph_leave_its_other_lines_alone():
    reply = GrowingReply(message(1))
    reply.extend("word " * 5000, "text")
    before = reply.lines(Setting(40), ())
    reply.extend("and some more words that go on into another line ", "text")
    after = reply.lines(Setting(40), ())
    assert len(after) > len(before)
    kept = len(before) - 2  # without the line that grew and the space below it
    assert all(old is new for old, new in zip(before[:kept], after[:kept], strict=True))


async def test_a_thousand_deltas_lay_nothing_out_and_paint_a_few_times(monkeypatch):
    app = TranscriptApp(chat(300))
    async with app.run_test(size=(60, 16)) as pilot:
        transcript = app.transcript
        transcript.begin_reply(message(999))
        await wait_until(pilot, lambda: "…" in screen_text(transcript))
        await pilot.pause()
        layouts, paints, thumbs = [], [], []
        _count(monkeypatch, app.screen, "_refresh_layout", layouts)
        _count(monkeypatch, app.screen, "_compositor_refresh", paints)
        _count(monkeypatch, transcript.vertical_scrollbar, "refresh", thumbs)
        for batch in range(10):
            for number in range(100):
                transcript.extend_reply("m999", f"word{batch * 100 + number} ")
            last = f"word{batch * 100 + 99}"
            await wait_until(pilot, lambda last=last: last in screen_text(transcript))
        assert layouts == []
        assert len(paints) < 60
        assert len(thumbs) < 10


async def test_a_word_that_joins_the_last_line_paints_only_that(monkeypatch):
    app = TranscriptApp(chat(30))
    async with app.run_test(size=(60, 16)) as pilot:
        transcript = app.transcript
        transcript.begin_reply(message(99))
        transcript.extend_reply("m99", "one")
        await wait_until(pilot, lambda: "one" in screen_text(transcript))
        painted = []
        _count(monkeypatch, transcript, "refresh", painted)
        transcript.extend_reply("m99", " two")
        await wait_until(pilot, lambda: "one two" in screen_text(transcript))
        assert [region.height for regions in painted for region in regions] == [2]


def _count(monkeypatch, thing, name, calls):
    """Note what a method is called with."""
    method = getattr(thing, name)

    def noted(*arguments, **options):
        calls.append(arguments)
        return method(*arguments, **options)

    monkeypatch.setattr(thing, name, noted)
