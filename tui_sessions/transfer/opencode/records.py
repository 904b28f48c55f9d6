"""What all of opencode's ways to keep a session have in common."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tui_sessions.transfer.hygiene import text_or_none
from tui_sessions.transfer.lines import Problems

FORMAT = "opencode"
_FORKED = re.compile(r" \(fork #\d+\)$")


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
    problems: Problems
    """Takes up what of it cannot be read."""
    state: str = ""
    """Another one whenever something in it has changed."""

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

    @property
    def likenesses(self) -> list[object]:
        """What a fork has in common with the session it was copied from."""
        if self.parent_id is not None:
            return []
        title = text_or_none(self.info.get("title"))
        moment = [self.first_at] if isinstance(self.first_at, (int, float, str)) else []
        return [*moment, *([_FORKED.sub("", title)] if title else [])]

    @property
    def names(self) -> list[str]:
        """What it shares with those that it has to be read with."""
        parent = self.parent_id
        ties = [f"id {self.id}", *([f"id {parent}"] if parent is not None else [])]
        return [*ties, *(f"alike {likeness!r}" for likeness in self.likenesses)]


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
