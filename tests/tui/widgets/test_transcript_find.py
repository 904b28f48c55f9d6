from __future__ import annotations

import pytest
from transcript_samples import TranscriptApp, chat, message, screen_text, wait_until

from tui_sessions.index.snippets import Snippets
from tui_sessions.model.message import FilePart, ThinkingPart, ToolCallPart
from tui_sessions.model.query import parse_query
from tui_sessions.tui.widgets.switcher_results import TextHit
from tui_sessions.tui.widgets.transcript import Transcript


def _found(app: TranscriptApp) -> list[tuple[int, int]]:
    found = [event for event in app.heard if isinstance(event, Transcript.Found)]
    return [(event.index, event.total) for event in found if not event.searching]


async def test_matches_are_counted_in_all_messages_whatever_their_case():
    app = TranscriptApp([message(0, "Needle needle"), *chat(5)[1:], message(9, "NEEDLE [x]")])
    async with app.run_test() as pilot:
        assert await app.transcript.find("needle") == 3
        assert await app.transcript.find("needle [") == 1
        assert await app.transcript.find("absent") == 0
        await pilot.pause()
        assert _found(app)[-1] == (0, 0)


async def test_next_and_previous_go_through_the_matches_and_around():
    messages = chat(200)
    messages[20] = message(20, "here is a needle and a needle")
    messages[150] = message(150, "another needle")
    app = TranscriptApp(messages, cursor="m0")
    async with app.run_test(size=(60, 16)) as pilot:
        transcript = app.transcript
        assert await transcript.find("needle") == 3
        assert transcript.cursor_message_id == "m20"
        await pilot.press("n")
        assert transcript.cursor_message_id == "m20"
        await pilot.press("n")
        assert transcript.cursor_message_id == "m150"
        assert "another needle" in screen_text(transcript)
        transcript.find_next()
        transcript.find_previous()
        await pilot.pause()
        assert _found(app) == [(1, 3), (2, 3), (3, 3), (1, 3), (3, 3)]


async def test_a_match_in_a_fold_unfolds_it():
    app = TranscriptApp([message(0, ThinkingPart("a hidden needle"), "Answer"), *chat(3)[1:]])
    async with app.run_test(size=(60, 30)):
        await app.transcript.find("needle")
        assert "a hidden needle" in screen_text(app.transcript)


@pytest.mark.parametrize("text", ["needle here", "some needle"])
async def test_all_that_a_call_was_given_is_found_and_unfolded(text: str):
    given = {"edits": [{"old": "hay\nneedle here"}], **dict.fromkeys("abcde"), "f": "some needle"}
    call = ToolCallPart(id="1", name="edit", arguments=given)
    app = TranscriptApp([message(0, call), *chat(3)[1:]])
    async with app.run_test(size=(60, 40)):
        assert await app.transcript.find(f'"{text}"') == 1
        assert text in screen_text(app.transcript)


async def test_a_phrase_is_found_as_it_is_drawn_and_marked_as_the_search_marks_it():
    text = "I am the **offline** _agent_ here"
    snippet = Snippets(parse_query("the offline agent")).cut(text)
    hit = TextHit("s", "c", "m0", "", snippet, "w")
    app = TranscriptApp([message(0, text)])
    async with app.run_test():
        for query in ('"am the offline agent here"', '"the **offline** _agent_"', hit.find_text):
            assert await app.transcript.find(query) == 1
        finder, lines = app.transcript._finder, app.transcript.chat.lines(0)
        [(line, [(start, end)])] = finder.spans(0, lines).items()
        assert lines[line].content.plain[start:end] == "the offline agent"


async def test_names_of_files_and_why_a_reply_failed_are_found():
    file = FilePart(name="needle.pdf", media_type="application/pdf")
    failed = message(1, "Half", status="failed", error="No needle there")
    app = TranscriptApp([message(0, file, role="user"), failed])
    async with app.run_test():
        assert await app.transcript.find("needle") == 2
        assert await app.transcript.find("half there") == 2


async def test_matches_are_marked_over_soft_wrapped_lines_until_cleared():
    app = TranscriptApp([message(0, "x" * 20 + " some words that wrap right here " + "y" * 20)])
    async with app.run_test(size=(30, 20)) as pilot:
        transcript = app.transcript

        def marked() -> str:
            colour = transcript.get_component_rich_style("transcript--match-current").bgcolor
            return " ".join(
                segment.text.strip()
                for y in range(20)
                for segment in transcript.render_line(y)
                if segment.style is not None and segment.style.bgcolor == colour
            )

        assert not marked()
        await transcript.find("wrap right here")
        assert marked().split() == ["wrap", "right", "here"]
        transcript.clear_find()
        await pilot.pause()
        assert not marked()


async def test_a_newer_search_ends_an_older_one():
    app = TranscriptApp(chat(30_000))
    async with app.run_test() as pilot:
        transcript = app.transcript
        older = transcript.run_worker(transcript.find("word"))
        await wait_until(pilot, lambda: transcript._finder is not None)
        assert await transcript.find("Message 7") == 1111
        await older.wait()
        assert transcript._finder.query == "Message 7"


async def test_the_nearest_match_is_shown_before_all_messages_were_searched(monkeypatch):
    messages = [message(place, "needle" if place == 150 else "hay " * 40) for place in range(9_000)]
    app = TranscriptApp(messages, cursor="m0")
    async with app.run_test(size=(60, 16)) as pilot:
        transcript, counted = app.transcript, []
        monkeypatch.setattr(
            transcript, "cursor_moved", lambda: counted.append(transcript._finder.current)
        )
        assert await transcript.find("needle") == 1
        assert counted == [-1]
        assert transcript.cursor_message_id == "m150"
        assert "needle" in screen_text(transcript)
        await pilot.pause()
        assert _found(app) == [(1, 1)]


async def test_going_on_before_all_is_counted_goes_to_the_next_match_then(monkeypatch):
    messages = [message(place, "needle" if place % 100 == 7 else "hay") for place in range(9_000)]
    app = TranscriptApp(messages, cursor="m0")
    async with app.run_test(size=(60, 16)) as pilot:
        transcript, moved = app.transcript, []

        def go_on() -> None:
            moved.append(transcript.cursor_message_id)
            if len(moved) == 1:
                transcript.find_next()

        monkeypatch.setattr(transcript, "cursor_moved", go_on)
        await transcript.find("needle")
        assert moved == ["m7", "m107"]
        await pilot.pause()
        assert _found(app) == [(2, 90)]


async def test_a_search_begins_below_the_cursor_and_counts_what_is_above_as_well():
    messages = [message(place, "needle" if place in (3, 90) else "hay") for place in range(100)]
    app = TranscriptApp(messages, cursor="m50")
    async with app.run_test(size=(60, 16)) as pilot:
        assert await app.transcript.find("needle") == 2
        await pilot.pause()
        assert app.transcript.cursor_message_id == "m90"
        assert _found(app) == [(2, 2)]
