"""A person's sessions for pictures and snapshots: the same ids, words and times every time."""

from __future__ import annotations

import json
import os
from datetime import UTC, datetime, timedelta
from itertools import count
from pathlib import Path
from typing import Any

import demo_texts as texts

from tui_sessions.model.clock import format_time

PRESENT = datetime(2026, 5, 14, 16, 20, tzinfo=UTC)
"""The moment of all pictures."""
OPEN_SESSION = "s-unary"

Data = dict[str, Any]

_AGENTS: dict[str, Data] = {
    "coder": {
        "provider": "local",
        "model": "heron-12b",
        "template": "coder",
        "system_prompt": "You work on small languages. Show code first, then why.\nNo new names.",
        "parameters": {"temperature": 0.2, "max_tokens": 4096},
        "tools": ["read_file", "run_tests"],
    },
    "reviewer": {"provider": "local", "model": "heron-70b", "template": "reviewer"},
    "tester": {"provider": "local", "model": "wren-3b", "template": "tester"},
    "cook": {"provider": "local", "model": "wren-3b", "template": "cook"},
    "guide": {"provider": "local", "model": "wren-3b", "template": "guide"},
    "assistant": {"provider": "local", "model": "heron-12b", "template": "assistant"},
    "sysadmin": {"provider": "distant", "model": "heron-12b", "template": "sysadmin"},
}


def minutes(number: float) -> timedelta:
    return timedelta(minutes=number)


def days(number: float, hours: float = 0) -> timedelta:
    return timedelta(days=number, hours=hours)


def asked(text: str) -> Data:
    return {"role": "user", "content": [{"type": "text", "text": text}]}


def answered(*parts: str | Data, used: tuple[int, int] = (1200, 240), took: float = 4.2) -> Data:
    content = [{"type": "text", "text": part} if isinstance(part, str) else part for part in parts]
    usage = {"input_tokens": used[0], "output_tokens": used[1], "cache_read_tokens": used[0] // 2}
    return {"role": "assistant", "content": content, "usage": usage, "elapsed_s": took}


def thought(text: str) -> Data:
    return {"type": "thinking", "text": text}


def called(name: str, **arguments: Any) -> Data:
    return {"type": "tool_call", "id": f"call-{name}", "name": name, "arguments": arguments}


def returned(name: str, text: str) -> Data:
    part = {"type": "tool_result", "call_id": f"call-{name}", "text": text, "is_error": False}
    return {"role": "tool", "content": [part]}


def chat(name: str, agent: str, *messages: Data, inherited: int = 0) -> Data:
    return {
        "name": name,
        "agent": _AGENTS[agent],
        "inherited": inherited,
        "messages": list(messages),
    }


def session(
    workspace_id: str,
    session_id: str,
    label: str,
    age: timedelta,
    *chats: Data,
    **fields: Any,
) -> Data:
    """A document whose messages were said in the minutes before its last activity."""
    last = PRESENT - age
    fields = {"state": "active", "tags": [], "metadata": {}, "parent": None, **fields}
    made = [_timed(chat, f"{session_id}-c{place}", last) for place, chat in enumerate(chats, 1)]
    begun = min([datetime.fromisoformat(chat["created_at"]) for chat in made], default=last)
    return {
        "format": 1,
        "id": session_id,
        "workspace_id": workspace_id,
        "user_id": "ana",
        "label": label,
        "created_at": format_time(begun),
        "updated_at": format_time(last),
        "last_active_at": format_time(last),
        "state_changed_at": format_time(last),
        "surfaces": [surface_of(session_id)],
        "preferences": {},
        "active_chat_id": f"{session_id}-c1" if chats else None,
        "chats": made,
        **fields,
    }


def _timed(chat: Data, chat_id: str, last: datetime) -> Data:
    start = last - minutes(2 * len(chat["messages"]))
    moments = (start + minutes(2 * step) for step in count(1))
    messages = [
        {
            "id": f"{chat_id}-m{number}",
            "created_at": format_time(moment),
            "status": "complete",
            **({"model": chat["agent"]["model"]} if message["role"] == "assistant" else {}),
            **message,
        }
        for number, (message, moment) in enumerate(zip(chat["messages"], moments, strict=False), 1)
    ]
    return {**chat, "id": chat_id, "created_at": format_time(start), "messages": messages}


def surface_of(session_id: str) -> str:
    """The terminal in which a session was open last: each has one of its own."""
    return f"tty:{session_id.removeprefix('s-')}"


def child_of(session_id: str, message: int | None, kind: str = "fork") -> Data:
    chat_id = f"{session_id}-c1"
    message_id = f"{chat_id}-m{message}" if message else None
    link = {"session_id": session_id, "chat_id": chat_id, "message_id": message_id, "kind": kind}
    return {**link, "detached": False}


_UNARY = (
    asked(texts.ASK_UNARY),
    answered(thought(texts.THINK_UNARY), called("read_file", path="tally/parser.py", line=112)),
    returned("read_file", texts.READ_RESULT),
    answered(texts.ANSWER_UNARY, used=(2310, 412), took=7.9),
)
_TABLE = (*_UNARY, asked(texts.ASK_TABLE), answered(texts.ANSWER_TABLE, used=(2940, 198)))
_PRATT = (*_TABLE, asked(texts.ASK_PRATT), answered(texts.ANSWER_PRATT, used=(3420, 260)))


def tally() -> list[Data]:
    """Work on the parser of a small language."""
    return [
        session(
            "tally",
            OPEN_SESSION,
            "Minus binds too tightly",
            minutes(12),
            chat("Coder", "coder", *_UNARY),
            chat("Reviewer", "reviewer", asked(texts.ASK_REVIEW), answered(texts.ANSWER_REVIEW)),
            chat("Tests", "tester", asked(texts.ASK_FUZZ), answered(texts.ANSWER_FUZZ)),
            tags=["parser", "bug"],
            metadata={"branch": "fix/unary-minus", "points": 3},
        ),
        session(
            "tally",
            "s-pratt",
            "Precedence in a table",
            minutes(31),
            chat("Coder", "coder", *_PRATT, inherited=len(_UNARY)),
            parent=child_of(OPEN_SESSION, 4),
            tags=["parser"],
        ),
        session(
            "tally",
            "s-recovery",
            "Go on after an error",
            minutes(44),
            chat(
                "Coder",
                "coder",
                *_PRATT,
                asked(texts.ASK_RECOVERY),
                answered(texts.ANSWER_RECOVERY),
                inherited=len(_PRATT),
            ),
            parent=child_of("s-pratt", 8),
        ),
        session(
            "tally",
            "s-fuzz",
            "Fuzz the tokenizer",
            minutes(50),
            chat("Tests", "tester", asked(texts.ASK_FUZZ), answered(texts.ANSWER_FUZZ)),
            parent=child_of(OPEN_SESSION, 4, "spawn"),
        ),
        session(
            "tally",
            "s-notes",
            "What we decided so far",
            minutes(58),
            chat("Notes", "coder", answered({"type": "summary", "text": texts.SUMMARY})),
            parent=child_of(OPEN_SESSION, 4, "checkpoint"),
        ),
        session(
            "tally",
            "s-rounding",
            "Cents lost in rounding",
            days(1, 2),
            chat("Coder", "coder", asked("0.1 + 0.2, again."), answered("Count in cents.")),
            state="paused",
            tags=["bug"],
        ),
        session(
            "tally",
            "s-start",
            "Slow first start",
            days(3),
            chat("Coder", "coder", asked("Why 2 s?"), answered("Imports. Load them late.")),
            state="suspended",
        ),
        session(
            "tally",
            "s-name",
            "A name for the release",
            days(16),
            chat("Chat", "assistant", asked("Birds?"), answered("Heron, wren, plover.")),
            state="archived",
        ),
    ]


def elsewhere() -> list[Data]:
    """Everything that is not work."""
    return [
        session(
            "homelab",
            "s-backup",
            "The backup stops at 03:12",
            minutes(4),
            chat(
                "Chat",
                "sysadmin",
                asked(texts.ASK_BACKUP),
                answered(thought(texts.THINK_BACKUP), texts.ANSWER_BACKUP),
            ),
            tags=["bug"],
        ),
        session(
            "homelab",
            "s-printer",
            "The sleepy printer",
            days(9),
            chat("Chat", "sysadmin", asked("It sleeps."), answered("Let it. Then ping it.")),
            state="expired",
        ),
        session(
            "kitchen",
            "s-bread",
            "Bread in a cold kitchen",
            minutes(95),
            chat("Chat", "cook", asked(texts.ASK_BREAD), answered(texts.ANSWER_BREAD)),
            tags=["bread"],
        ),
        session(
            "kitchen",
            "s-soup",
            "味噌汁の基本",
            days(1, 20),
            chat("料理", "cook", asked(texts.ASK_SOUP), answered(texts.ANSWER_SOUP)),
        ),
        session(
            "kitchen",
            "s-dinner",
            "Dinner for six, one oven",
            days(5),
            chat("Menu", "cook", asked(texts.ASK_DINNER), answered(texts.ANSWER_DINNER)),
            chat("Shopping", "cook", asked("As a list."), answered("- 2 squash\n- 6 pears")),
        ),
        session(
            "travel",
            "s-train",
            "To the sea by train",
            days(2, 3),
            chat("Route", "guide", asked(texts.ASK_TRIP), answered(texts.ANSWER_TRIP)),
        ),
        session(
            "travel",
            "s-boat",
            "…and back by night boat",
            days(2, 1),
            chat(
                "Route",
                "guide",
                asked(texts.ASK_TRIP),
                answered(texts.ANSWER_TRIP),
                asked("And back by boat?"),
                answered("Friday, 21:40. Bring a blanket."),
                inherited=2,
            ),
            parent=child_of("s-train", 2),
        ),
        session(
            "reading",
            "s-books",
            "Books like a long walk",
            days(12),
            chat("Chat", "assistant", asked(texts.ASK_BOOKS), answered(texts.ANSWER_BOOKS)),
        ),
        session("reading", "s-poems", "One poem a week", days(20), state="created"),
    ]


_WORKSPACES = {
    "tally": ("tally", "/home/ana/code/tally"),
    "homelab": ("homelab", "/home/ana/code/homelab"),
    "kitchen": ("Kitchen", None),
    "travel": ("Travel", None),
    "reading": ("Reading list", None),
}
_TRASHED = (
    ("tally", "s-regex", "Numbers with one regular expression", minutes(8)),
    ("kitchen", "s-cake", "A cake without an oven 🎂", days(1, 5)),
    ("travel", "s-tent", "Tent or hut?", days(6)),
    ("tally", "s-tabs", "Tabs against spaces, round nine", days(40)),
)


def write_sessions(directory: Path) -> None:
    """Write everything into a data folder, as documents of format 1."""
    for workspace_id, (name, place) in _WORKSPACES.items():
        fields = {"format": 1, "id": workspace_id, "name": name, "directory": place}
        created = {"created_at": format_time(PRESENT - days(90))}
        _write(directory / "workspaces" / workspace_id / "workspace.json", {**fields, **created})
    for data in (*tally(), *elsewhere()):
        folder = directory / "workspaces" / data["workspace_id"] / "sessions"
        _write(folder / f"{data['id']}.json", data)
    for workspace_id, session_id, label, age in _TRASHED:
        path = directory / "trash" / workspace_id / f"{session_id}.json"
        _write(path, session(workspace_id, session_id, label, age))
        deleted = (PRESENT - age).timestamp()
        os.utime(path, (deleted, deleted))


def write_damaged_files(directory: Path) -> None:
    """Add files that cannot be read as sessions."""
    folder = directory / "workspaces" / "tally" / "sessions"
    whole = (folder / f"{OPEN_SESSION}.json").read_text(encoding="utf-8")
    (folder / "s-torn.json").write_text(whole[: len(whole) // 2], encoding="utf-8")
    (folder / "s-empty.json").write_bytes(b"")


def _write(path: Path, data: Data) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(data, ensure_ascii=False, indent=1), encoding="utf-8")
