"""Chats and an app to see a transcript in."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime

from textual.app import App, ComposeResult
from textual.message import Message as TextualMessage
from textual.pilot import Pilot

from tui_sessions.model.message import Message, Part, TextPart
from tui_sessions.tui.widgets.transcript import Transcript

MOMENT = datetime(2026, 11, 20, 22, 14, tzinfo=UTC)


def message(number: int, *parts: Part | str, role: str = "assistant", **fields: object) -> Message:
    content = tuple(TextPart(part) if isinstance(part, str) else part for part in parts)
    return Message(id=f"m{number}", role=role, content=content, created_at=MOMENT, **fields)


def chat(count: int) -> list[Message]:
    return [
        message(place, f"Message {place}.\n\n" + "word " * (place % 7 * 20), role=role)
        for place, role in ((place, ("user", "assistant")[place % 2]) for place in range(count))
    ]


class TranscriptApp(App[None]):
    def __init__(self, messages: Sequence[Message] = (), **options: object) -> None:
        super().__init__()
        self.messages = messages
        self.options = options
        self.heard: list[TextualMessage] = []

    def compose(self) -> ComposeResult:
        yield Transcript(id="transcript")

    def on_mount(self) -> None:
        self.transcript.focus()
        self.transcript.show(self.messages, **self.options)

    @property
    def transcript(self) -> Transcript:
        return self.query_one(Transcript)

    def on_transcript_cursor_moved(self, event: Transcript.CursorMoved) -> None:
        self.heard.append(event)

    def on_transcript_fold_toggled(self, event: Transcript.FoldToggled) -> None:
        self.heard.append(event)

    def on_transcript_found(self, event: Transcript.Found) -> None:
        self.heard.append(event)

    def on_transcript_jump_to_parent(self, event: Transcript.JumpToParent) -> None:
        self.heard.append(event)


def screen_rows(transcript: Transcript) -> list[str]:
    return [transcript.render_line(y).text.rstrip() for y in range(transcript.size.height)]


def screen_text(transcript: Transcript) -> str:
    return "\n".join(screen_rows(transcript))


async def wait_until(pilot: Pilot[None], condition) -> None:
    for _ in range(200):
        if condition():
            return
        await pilot.pause()
    assert condition()
