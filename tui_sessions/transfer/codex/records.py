"""The lines of a rollout as records, whichever version of Codex wrote them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import Enum, auto
from types import MappingProxyType
from typing import Any

from tui_sessions.transfer.hygiene import moment_of, text_or_none

_ITEMS = frozenset(
    {
        "message", "reasoning", "function_call", "function_call_output", "custom_tool_call",
        "custom_tool_call_output", "local_shell_call", "web_search_call", "image_generation_call",
        "tool_search_call", "tool_search_output", "agent_message", "compaction", "ghost_snapshot",
        "context_compaction",
    }
)  # fmt: skip
_NO_CONVERSATION = frozenset(
    {
        "world_state", "inter_agent_communication", "inter_agent_communication_metadata",
        "ghost_snapshot", "other",
    }
)  # fmt: skip
_TOLD_BY_ITEMS = frozenset(
    {
        "agent_message", "agent_message_delta", "agent_reasoning", "agent_reasoning_delta",
        "agent_reasoning_raw_content", "agent_reasoning_section_break", "task_started",
        "task_complete", "turn_started", "turn_complete", "exec_command_begin", "exec_command_end",
        "exec_command_output_delta", "patch_apply_begin", "patch_apply_end", "mcp_tool_call_begin",
        "mcp_tool_call_end", "web_search_begin", "web_search_end", "image_generation_begin",
        "image_generation_end", "view_image_tool_call", "dynamic_tool_call_request",
        "dynamic_tool_call_response", "thread_settings_applied", "thread_goal_updated",
        "context_compacted", "undo_started", "undo_completed", "exited_review_mode",
        "guardian_assessment", "plan_update", "turn_diff", "background_event", "stream_error",
        "session_configured", "item_started", "raw_response_item", "sub_agent_activity",
        "collab_agent_spawn_begin", "collab_agent_interaction_begin",
        "collab_agent_interaction_end", "collab_waiting_begin", "collab_waiting_end",
        "collab_close_begin", "collab_close_end", "collab_resume_begin", "collab_resume_end",
        "mcp_startup_update", "mcp_startup_complete", "deprecation_notice",
    }
)  # fmt: skip


class Kind(Enum):
    """What a record is to the conversation."""

    META = auto()
    """What the rollout is; a copied fork has its parent's after its own."""
    ITEM = auto()
    """Something that the model read or wrote."""
    PROMPT = auto()
    """The person's prompt, told once more as an event."""
    MODEL = auto()
    TOKENS = auto()
    RESPONSE_TOKENS = auto()
    """What one response used; the totals tell the same where there are some."""
    SUMMARY = auto()
    ROLLBACK = auto()
    STOPPED = auto()
    NAME = auto()
    REVIEW = auto()
    """A review begins, which a session of its own does."""
    SPAWN = auto()
    """A call has started a sub-agent."""
    OTHER = auto()
    """Of an unknown kind; kept as it came."""


_EVENTS = MappingProxyType(
    {
        "user_message": Kind.PROMPT,
        "token_count": Kind.TOKENS,
        "thread_rolled_back": Kind.ROLLBACK,
        "turn_aborted": Kind.STOPPED,
        "thread_name_updated": Kind.NAME,
        "entered_review_mode": Kind.REVIEW,
        "collab_agent_spawn_end": Kind.SPAWN,
    }
)


@dataclass(frozen=True, slots=True)
class Record:
    """One line that says something."""

    rollout: str
    """The rollout in which it was first written."""
    line: int
    kind: Kind
    payload: dict[str, Any]
    created_at: datetime | None
    ordinal: int | None
    """The place in the whole line of a session and those it forked from."""

    @property
    def item_type(self) -> str:
        """The kind of an item; empty for other records."""
        return str(self.payload.get("type")) if self.kind is Kind.ITEM else ""

    @property
    def source_id(self) -> str | None:
        """The id that the tool gave it."""
        return text_or_none(self.payload.get("id"))


def record_of(rollout: str, line: int, data: dict[str, Any]) -> Record | None:
    """The record that a line stands for; None for what is no part of a conversation."""
    kind, payload = _kind_of(data)
    if kind is None:
        return None
    ordinal = data.get("ordinal")
    return Record(
        rollout=rollout,
        line=line,
        kind=kind,
        payload=_without_sealed(payload) if kind is Kind.ITEM else payload,
        created_at=moment_of(data.get("timestamp")) if payload is not data else None,
        ordinal=ordinal if isinstance(ordinal, int) else None,
    )


def is_rollout_line(data: Mapping[str, Any]) -> bool:
    """Whether Codex may have written the line."""
    if isinstance(data.get("payload"), dict) and isinstance(data.get("type"), str):
        return True
    return _is_bare_header(data) or _is_bare_item(data) or "record_type" in data


def _kind_of(data: dict[str, Any]) -> tuple[Kind | None, dict[str, Any]]:
    payload = data.get("payload")
    if not isinstance(payload, dict):
        if _is_bare_item(data):
            return (None if data["type"] in _NO_CONVERSATION else Kind.ITEM), data
        return (Kind.META if _is_bare_header(data) else None), data
    match data.get("type"):
        case "session_meta":
            return Kind.META, payload
        case "response_item":
            return (None if str(payload.get("type")) in _NO_CONVERSATION else Kind.ITEM), payload
        case "turn_context":
            return Kind.MODEL, payload
        case "compacted":
            return Kind.SUMMARY, payload
        case "token_usage_record":
            return Kind.RESPONSE_TOKENS, payload
        case "event_msg":
            return _event_kind(payload), payload
        case str(name) if name in _NO_CONVERSATION:
            return None, payload
        case _:
            return Kind.OTHER, payload


def _event_kind(payload: dict[str, Any]) -> Kind | None:
    name = payload.get("type")
    if name == "item_completed":
        # The other items are told once more as response items.
        item = payload.get("item")
        is_prompt = isinstance(item, dict) and item.get("type") == "UserMessage"
        return Kind.PROMPT if is_prompt else None
    if not isinstance(name, str):
        return Kind.OTHER
    if name == "user_message" and payload.get("kind") not in (None, "plain"):
        # Early versions told of what they had put there themselves, too.
        return None
    return None if name in _TOLD_BY_ITEMS else _EVENTS.get(name, Kind.OTHER)


def _is_bare_header(data: Mapping[str, Any]) -> bool:
    """The first line of the oldest rollouts, which have no envelopes."""
    return (
        "type" not in data
        and isinstance(data.get("id"), str)
        and isinstance(data.get("timestamp"), str)
        and ("instructions" in data or "git" in data)
    )


def _is_bare_item(data: Mapping[str, Any]) -> bool:
    name = data.get("type")
    if not isinstance(name, str) or name not in _ITEMS:
        return False
    return name != "message" or (isinstance(data.get("role"), str) and "content" in data)


def _without_sealed(item: dict[str, Any]) -> dict[str, Any]:
    """Without what only the model's maker can read."""
    if item.get("type") != "reasoning" or "encrypted_content" not in item:
        return item
    return {key: value for key, value in item.items() if key != "encrypted_content"}
