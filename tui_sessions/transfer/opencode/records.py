"""What all of opencode's ways to keep a session have in common."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tui_sessions.transfer.hygiene import text_or_none

FORMAT = "opencode"


@dataclass(frozen=True, slots=True)
class Record:
    """A message with its parts."""

    info: dict[str, Any]
    parts: list[dict[str, Any]]

    @property
    def id(self) -> str:
        """Unique among all sessions."""
        return str(self.info.get("id") or "")

    @property
    def likeness(self) -> tuple[Any, ...]:
        """What a copy of the message in a fork has in common with it."""
        keys = ("type", "text", "callID", "tool", "filename")
        parts = [tuple(str(part.get(key)) for key in keys) for part in self.parts]
        return (self.info.get("role"), *parts)


@dataclass(frozen=True, slots=True)
class Conversation:
    """A session; its messages are read when they are asked for."""

    info: dict[str, Any]
    """As an export has it."""
    path: Path
    first_at: object
    """When its first message was made: a fork's copy of the message keeps that time."""
    load: Callable[[], list[Record]]

    @property
    def id(self) -> str:
        """The session's id."""
        return str(self.info["id"])

    @property
    def parent_id(self) -> str | None:
        """The session that started it as a sub-agent."""
        return text_or_none(self.info.get("parentID"))

    @property
    def created(self) -> object:
        """When it was made, in ms."""
        return part_of(self.info, "time", "created")


def part_of(data: object, *keys: str) -> Any:
    """The value below a chain of keys; None where it breaks off."""
    for key in keys:
        data = data.get(key) if isinstance(data, Mapping) else None
    return data


def in_order(info: Mapping[str, Any]) -> float:
    """The time a message was made, to sort by."""
    for chain in (("time", "created"), ("metadata", "time", "created")):
        value = part_of(info, *chain)
        if isinstance(value, (int, float)):
            return float(value)
    return 0.0
