"""What the inspector says of a chat's use."""

from __future__ import annotations

from tui_sessions import Message, Usage
from tui_sessions.model.session import Chat
from tui_sessions.model.statistics import chat_stats
from tui_sessions.model.tally import Tally, tally
from tui_sessions.tui.widgets.inspector.use_section import use_section

REPLY = Message(id="r", role="assistant", usage=Usage(input_tokens=30, output_tokens=12))


def rows(elsewhere: Tally) -> dict[str, str]:
    chat = Chat(id="c")
    section = use_section(chat, chat_stats(chat, [REPLY], elsewhere), None, 1)
    return {row.name: row.text for row in section.rows}


def test_what_gone_replies_used_is_part_of_the_numbers_and_told_apart() -> None:
    said = rows(tally([REPLY]))
    assert (said["in"], said["out"]) == ("60 tokens", "24 tokens")
    assert said["of it gone"] == "42 tokens"
    assert "of it gone" not in rows(Tally())
