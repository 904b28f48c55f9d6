"""What other programs keep within a reply survives that the reply goes on."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from tui_sessions import open_sessions

OTHERS = {"reasoning_tokens": 3, "tier": {"name": "batch"}}


def written(folder: Path) -> None:
    """A session whose reply was stopped, with unknown keys at every level of it."""
    usage = {"input_tokens": 9, "output_tokens": 2, **OTHERS}
    signed = {"provider": "p", "model": "m", "data": "d", **OTHERS}
    reply = {
        "id": "m2",
        "role": "assistant",
        "status": "stopped",
        "usage": usage,
        "content": [
            {"type": "thinking", "text": "Hm", "signed": signed, **OTHERS},
            {"type": "text", "text": "Begun ", **OTHERS},
        ],
        **OTHERS,
    }
    chat = {
        "id": "c1",
        "agent": {
            "provider": "scripted",
            "parameters": {"script": [["ended.", {"usage": {"output_tokens": 5}}]]},
        },
        "messages": [{"id": "m1", "role": "user", "content": "Hello"}, reply],
    }
    path = folder / "workspaces" / "dev" / "sessions" / "s1.json"
    path.parent.mkdir(parents=True)
    moment = "2026-11-20T22:14:00.123Z"
    path.write_text(json.dumps({"format": 1, "id": "s1", "created_at": moment, "chats": [chat]}))


def reply_in(folder: Path) -> Any:
    [path] = folder.rglob("s1.json")
    return json.loads(path.read_text())["chats"][0]["messages"][1]


async def test_unknown_keys_of_usage_and_signature_stay_when_a_reply_goes_on(
    tmp_path: Path,
) -> None:
    written(tmp_path)
    async with open_sessions(tmp_path.as_uri()) as manager:
        async for _ in manager.continue_reply("s1"):
            pass
    reply = reply_in(tmp_path)
    thought, text = reply["content"]
    assert text["text"] == "Begun ended."
    assert (reply["usage"]["input_tokens"], reply["usage"]["output_tokens"]) == (9, 7)
    for level in (reply, reply["usage"], thought, thought["signed"], text):
        assert {key: level.get(key) for key in OTHERS} == OTHERS
