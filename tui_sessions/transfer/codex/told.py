"""What the records of a session tell of its directory, its model and its title."""

from __future__ import annotations

from collections.abc import Sequence

from tui_sessions.model.message import Message, TextPart
from tui_sessions.transfer.codex.records import Kind, Record
from tui_sessions.transfer.codex.user_text import directory_in, typed_and_context
from tui_sessions.transfer.hygiene import text_or_none


def told_directory(messages: Sequence[Message]) -> str | None:
    """The oldest rollouts name the directory only in what they told the model."""
    for message in messages:
        if message.hidden and message.role == "user":
            for part in message.content:
                found = directory_in(part.text) if isinstance(part, TextPart) else None
                if found:
                    return found
    return None


def told_model(records: Sequence[Record]) -> str | None:
    """The model that was chosen; where no reply came, nothing else names it."""
    told = (text_or_none(r.payload.get("model")) for r in reversed(records) if r.kind is Kind.MODEL)
    return next((model for model in told if model), None)


def repeats_a_prompt(title: str, messages: Sequence[Message]) -> bool:
    """Whether a title was only made from what the person typed, or from what stood before it."""
    first = next((m.text for m in messages if m.role == "user" and not m.hidden), "")
    words = " ".join(title.split()).rstrip("….")
    typed = " ".join(typed_and_context(title)[0].split())
    return " ".join(first.split()).startswith(words) or typed != " ".join(title.split())
