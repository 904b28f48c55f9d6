"""Keys of other programs in messages: they survive a reply that goes on, an edit, and an undo."""

import json
from collections.abc import Callable, Coroutine
from pathlib import Path
from typing import Any

import pytest
from engine_driving import texts

from tui_sessions import SessionManager, TextPart, ThinkingPart
from tui_sessions.engine.turn import other_writers

QUESTION = {
    "id": "m1",
    "role": "user",
    "rating": 5,
    "content": [{"type": "text", "text": "Hello", "source": "mail"}],
}
REPLY = {
    "id": "m2",
    "role": "assistant",
    "status": "stopped",
    "error": "It was stopped.",
    "rating": 3,
    "content": [
        {"type": "novel", "value": 1},
        {"type": "text", "text": "Good", "source": "model"},
    ],
}


@pytest.fixture
def path(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The document of a session that another program wrote."""
    monkeypatch.setattr(other_writers, "STILL_S", 0.0)
    path = tmp_path / "workspaces/dev/sessions/s1.json"
    path.parent.mkdir(parents=True)
    agent = {"provider": "scripted", "parameters": {"script": [" day"]}}
    chats = [{"id": "c1", "agent": agent, "messages": [QUESTION, REPLY]}]
    head = {"format": 1, "id": "s1", "created_at": "2026-11-20T22:14:00Z"}
    path.write_text(json.dumps(head | {"chats": chats}))
    return path


def on_disk(path: Path) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = json.loads(path.read_text())["chats"][0]["messages"]
    return found


async def test_a_reply_that_is_gone_on_with_keeps_them(manager: SessionManager, path: Path) -> None:
    async for _ in manager.continue_reply("s1"):
        pass
    await manager.close("s1")
    question, reply = on_disk(path)
    assert question == QUESTION
    grown = {"type": "text", "text": "Good day", "source": "model"}
    assert reply["content"] == [REPLY["content"][0], grown]
    assert (reply["rating"], reply["status"], reply.get("error")) == (3, "complete", None)


async def test_a_part_that_is_edited_keeps_them_and_one_of_another_kind_has_none(
    manager: SessionManager, path: Path
) -> None:
    edited = await manager.edit_message("s1", "m1", "Good morning")
    await manager.edit_message("s1", "m2", [TextPart("Well,"), ThinkingPart("hm")])
    await manager.close("s1")
    assert edited.text == "Good morning"
    question, reply = on_disk(path)
    assert question["content"] == [{"type": "text", "text": "Good morning", "source": "mail"}]
    assert reply["content"] == [
        {"type": "text", "text": "Well,"},
        {"type": "thinking", "text": "hm"},
    ]


async def test_the_others_keep_them_when_messages_are_brought_back(
    manager: SessionManager, path: Path
) -> None:
    before = await manager.history("s1")
    await manager.delete_message("s1", "m1")
    await manager.replace_history("s1", "c1", before)
    await manager.close("s1")
    assert texts(await manager.history("s1")) == ["Hello", "Good"]
    assert on_disk(path)[1]["rating"] == 3


async def deleted(manager: SessionManager) -> None:
    await manager.delete_message("s1", "m1")


async def cleared(manager: SessionManager) -> None:
    await manager.clear_history("s1")


@pytest.mark.parametrize("change", [deleted, cleared])
async def test_messages_that_are_brought_back_as_json_are_as_they_were(
    manager: SessionManager,
    path: Path,
    change: Callable[[SessionManager], Coroutine[Any, Any, None]],
) -> None:
    before = await manager.chat_json("s1", "c1")
    await change(manager)
    await manager.replace_history("s1", "c1", before["messages"])
    await manager.close("s1")
    assert on_disk(path) == [QUESTION, REPLY]
