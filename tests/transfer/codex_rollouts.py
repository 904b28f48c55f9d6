"""Codex's rollouts in the making."""

import json
from pathlib import Path

from tui_sessions.model.message import ThinkingPart, ToolCallPart
from tui_sessions.model.usage import total_usage
from tui_sessions.transfer.base import ImportedSession

ONE = "11111111-1111-4111-8111-111111111111"
TWO = "22222222-2222-4222-8222-222222222222"
CONTEXT = "<environment_context>\n  <cwd>/home/ana/proj</cwd>\n</environment_context>"


class Rollout:
    """A rollout in the making."""

    def __init__(self, home: Path, thread: str = ONE, folder: str = "sessions/2026/03/01") -> None:
        self.path = home / folder / f"rollout-2026-03-01T09-00-00-{thread}.jsonl"
        self.thread = thread
        self.lines: list[bytes] = []
        self.seconds = 0

    def line(self, kind: str, payload: dict, **more) -> "Rollout":
        self.seconds += 1
        moment = f"2026-03-01T09:{self.seconds // 60:02}:{self.seconds % 60:02}.000Z"
        data = {"timestamp": moment, "type": kind, "payload": payload, **more}
        self.lines.append(json.dumps(data).encode())
        return self

    def meta(self, thread: str | None = None, **more) -> "Rollout":
        thread = thread or self.thread
        payload = {"id": thread, "timestamp": "2026-03-01T09:00:00.000Z", "cwd": "/home/ana/proj"}
        return self.line("session_meta", {**payload, "cli_version": "0.60.1", **more})

    def item(self, kind: str, **fields) -> "Rollout":
        return self.line("response_item", {"type": kind, **fields})

    def event(self, kind: str, **fields) -> "Rollout":
        return self.line("event_msg", {"type": kind, **fields})

    def user(self, text: str, **fields) -> "Rollout":
        content = [{"type": "input_text", "text": text}]
        return self.item("message", role="user", content=content, **fields)

    def prompt(self, text: str) -> "Rollout":
        return self.user(text).event("user_message", message=text, images=[])

    def reply(self, text: str) -> "Rollout":
        self.event("agent_message", message=text)
        content = [{"type": "output_text", "text": text}]
        return self.item("message", role="assistant", content=content)

    def tokens(self, total: int, last: int = 0) -> "Rollout":
        def usage(count):
            return {"input_tokens": count, "cached_input_tokens": 0, "output_tokens": 0}

        info = {"total_token_usage": usage(total), "last_token_usage": usage(last)}
        return self.event("token_count", info=info)

    def write(self) -> Path:
        self.path.parent.mkdir(parents=True, exist_ok=True)
        self.path.write_bytes(b"\n".join(self.lines) + b"\n")
        return self.path


def told(found: ImportedSession) -> dict:
    """What a session came out as, counted as `counted` counts the records."""
    messages = found.document.messages("c1")
    messages = messages[found.document.session().chats[0].inherited :]
    parts = [part for message in messages for part in message.content]
    usage = total_usage(m.usage for m in messages)
    replies = [m for m in messages if m.role == "assistant"]
    return {
        "prompts": sum(m.role == "user" and not m.hidden for m in messages),
        "replies": [m.text for m in replies if m.text],
        "thoughts": sum(isinstance(part, ThinkingPart) for part in parts),
        "calls": {part.id for part in parts if isinstance(part, ToolCallPart)},
        "tokens": (usage.input_tokens, usage.cache_read_tokens, usage.output_tokens),
        "models": {m.model for m in replies},
    }
