from __future__ import annotations

import textual.highlight
from markdown_it import MarkdownIt
from transcript_samples import TranscriptApp, chat, message, screen_rows, wait_until

from tui_sessions.tui.widgets.transcript import drawn_chat


async def test_another_width_draws_only_the_messages_in_view_and_paints_them_once(monkeypatch):
    app = TranscriptApp(chat(2000))
    async with app.run_test(size=(60, 16)) as pilot:
        transcript = app.transcript
        await wait_until(pilot, lambda: transcript.size.width > 50)
        await pilot.pause()
        drawn, whole = [], []
        draw, refresh = drawn_chat.message_lines, transcript.refresh

        def noted(message, *arguments):
            drawn.append(message.id)
            return draw(message, *arguments)

        def refreshed(*regions, **options):
            if not regions:
                whole.append(transcript.size)
            return refresh(*regions, **options)

        monkeypatch.setattr(drawn_chat, "message_lines", noted)
        monkeypatch.setattr(transcript, "refresh", refreshed)
        await pilot.resize_terminal(44, 16)
        await wait_until(pilot, lambda: transcript.size.width < 50)
        await pilot.pause()
        assert 0 < len(drawn) <= len(screen_rows(transcript))
        assert len(whole) == 1


async def test_another_width_neither_parses_a_long_message_again_nor_colours_its_code(monkeypatch):
    text = "Some words.\n\n```python\nfor each in everything:\n    print(each)\n```\n\n" * 80
    app = TranscriptApp([message(0, text)])
    async with app.run_test(size=(60, 16)) as pilot:
        transcript = app.transcript
        await wait_until(pilot, lambda: transcript.size.width > 50)
        rows, again = len(transcript.chat.lines(0)), []

        def noted(*arguments, **options):
            again.append(arguments)
            raise AssertionError

        monkeypatch.setattr(MarkdownIt, "parse", noted)
        monkeypatch.setattr(textual.highlight, "highlight", noted)
        await pilot.resize_terminal(24, 16)
        await wait_until(pilot, lambda: transcript.size.width < 30)
        assert len(transcript.chat.lines(0)) > rows
        assert not again
