"""Sub-agents: conversations that a running one started, inline or in files of their own."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from tui_sessions.model.message import Message, ToolCallPart
from tui_sessions.transfer.claude_code.records import Kind, Record
from tui_sessions.transfer.claude_code.survey import AGENT_PREFIX
from tui_sessions.transfer.hygiene import Undecodable, decode_json, text_or_none

_MAX_META = 1024 * 1024


@dataclass(slots=True)
class AgentMeta:
    """What a file beside a sub-agent's says about it."""

    agent_type: str | None = None
    description: str | None = None
    tool_use_id: str | None = None
    depth: int = 1


@dataclass(frozen=True, slots=True)
class CallPlace:
    """Where a tool call stands."""

    session_id: str
    message_id: str
    agent_type: str | None = None
    """The kind of sub-agent that it asks for, where it is such a call."""


class ToolCalls:
    """The tool calls of a session and of its sub-agents, as places to link children to."""

    def __init__(self) -> None:
        self._by_id: dict[str, CallPlace] = {}
        self._by_prompt: dict[str, CallPlace] = {}
        self._free: dict[CallPlace, None] = {}
        """Calls for sub-agents that none was found for yet."""

    def __bool__(self) -> bool:
        return bool(self._by_id)

    def note(self, session_id: str, messages: Iterable[Message]) -> None:
        """Take up the calls in a session's messages."""
        for message in messages:
            for part in message.content:
                if isinstance(part, ToolCallPart):
                    self._note(CallPlace(session_id, message.id), part)

    def place_of(self, meta: AgentMeta, prompt: str) -> CallPlace | None:
        """The call that started a sub-agent.

        It is known by its id, else by the prompt that was given, else by being the only call for
        that kind of sub-agent that has none.
        """
        place = self._by_id.get(meta.tool_use_id or "") or self._by_prompt.get(prompt.strip())
        if place is None and meta.agent_type:
            alike = [free for free in self._free if free.agent_type == meta.agent_type]
            place = alike[0] if len(alike) == 1 else None
        if place is not None:
            self._free.pop(place, None)
        return place

    def _note(self, place: CallPlace, call: ToolCallPart) -> None:
        arguments = call.arguments if isinstance(call.arguments, dict) else {}
        kind, prompt = arguments.get("subagent_type"), arguments.get("prompt")
        if isinstance(kind, str):
            place = replace(place, agent_type=kind)
            self._free[place] = None
        self._by_id.setdefault(call.id, place)
        if isinstance(prompt, str):
            self._by_prompt.setdefault(prompt.strip(), place)


def sidechains(records: Sequence[Record]) -> list[list[Record]]:
    """The inline conversations of sub-agents, each with its records in the order of the file."""
    groups: dict[str, list[Record]] = {}
    group_of: dict[str, str] = {}
    for record in records:
        if not record.sidechain:
            continue
        key = record.agent_id or group_of.get(record.parent or "") or f"#{record.uuid}"
        if record.uuid:
            group_of[record.uuid] = key
        groups.setdefault(key, []).append(record)
    talks = (Kind.PROMPT, Kind.USER, Kind.ASSISTANT)
    return [group for group in groups.values() if any(record.kind in talks for record in group)]


def agent_files(session_file: Path) -> Iterator[Path]:
    """The files of a session's sub-agents, in the folder that is named after it."""
    folder = session_file.with_suffix("") / "subagents"
    if folder.is_dir():
        yield from sorted(
            (path for path in folder.rglob(f"{AGENT_PREFIX}*.jsonl") if path.is_file()),
            key=lambda path: (read_meta(path).depth, path.as_posix()),
        )


def read_meta(path: Path) -> AgentMeta:
    """The description beside a sub-agent's file; empty when there is none that can be read."""
    beside = path.with_suffix(".meta.json")
    try:
        with beside.open("rb") as file:
            data = decode_json(file.read(_MAX_META))
    except (OSError, Undecodable):
        return AgentMeta()
    if not isinstance(data, dict):
        return AgentMeta()
    depth = data.get("spawnDepth")
    return AgentMeta(
        agent_type=text_or_none(data.get("agentType")),
        description=text_or_none(data.get("description")),
        tool_use_id=text_or_none(data.get("toolUseId")),
        depth=depth if isinstance(depth, int) else 1,
    )
