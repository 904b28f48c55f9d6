"""The tables of llm before 0.32: a row holds a prompt and its response."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator
from functools import partial
from typing import Any

from tui_sessions.model.message import (
    Message,
    Part,
    TextPart,
    ThinkingPart,
    ToolCallPart,
    ToolResultPart,
)
from tui_sessions.transfer.base import message_id_for
from tui_sessions.transfer.blocks import text_of_value
from tui_sessions.transfer.databases import Database, Grouped
from tui_sessions.transfer.hygiene import json_in, moment_of, text_or_none
from tui_sessions.transfer.llm.pieces import FORMAT, Pieces, seconds_of, usage_of_row
from tui_sessions.transfer.llm.talks import Talk

_RESPONSE = (
    "id",
    "model",
    "resolved_model",
    "prompt",
    "system",
    "options_json",
    "response",
    "reasoning",
    "duration_ms",
    "datetime_utc",
    "input_tokens",
    "output_tokens",
    "token_details",
)


def talks(database: Database, rows: Rows, newer: Collection[str]) -> Iterator[Callable[[], Talk]]:
    """The conversations that no thread carries on, each to be read when it is its turn."""
    known: set[str] = set()
    for row in database.select("conversations", ("id", "name", "model")):
        if isinstance(row["id"], str) and row["id"] not in newer:
            known.add(row["id"])
            yield partial(_talk, row, rows)
    # A response without a conversation, or of one that was deleted, is a conversation of its own.
    for row in database.select("responses", ("id", "conversation_id", "model")):
        conversation = row["conversation_id"]
        if isinstance(row["id"], str) and conversation not in known and conversation not in newer:
            yield partial(_talk, {**row, "name": None}, rows, alone=True)


class Rows:
    """The rows that belong to one response."""

    def __init__(self, database: Database, pieces: Pieces) -> None:
        self.pieces = pieces
        names = database.select("conversations", ("id", "name"))
        self._names = {row["id"]: row["name"] for row in names}
        self.responses = Grouped(database, "responses", "conversation_id", _RESPONSE)
        self.alone = Grouped(database, "responses", "id", _RESPONSE)
        ordered = ("fragment_id", "order")
        self.fragments = Grouped(database, "prompt_fragments", "response_id", ordered)
        self.system_fragments = Grouped(database, "system_fragments", "response_id", ordered)
        attached = ("attachment_id", "order")
        self.attachments = Grouped(database, "prompt_attachments", "response_id", attached)
        calls = ("name", "arguments", "tool_call_id")
        self.calls = Grouped(database, "tool_calls", "response_id", calls)
        results = ("id", "name", "output", "exception", "tool_call_id")
        self.results = Grouped(database, "tool_results", "response_id", results)
        self.result_attachments = Grouped(
            database, "tool_results_attachments", "tool_result_id", attached
        )

    def talk(self, conversation_id: str) -> Talk:
        """What a conversation holds in these tables, which may be nothing."""
        name = self._names.get(conversation_id)
        return _talk({"id": conversation_id, "name": name, "model": None}, self)

    def text(self, fragments: Grouped, response_id: str, own: object) -> str:
        """A text with the fragments that go before it, as the tool sends it."""
        places = sorted(fragments.of(response_id), key=_order)
        texts = [self.pieces.fragment(row["fragment_id"]) or "" for row in places]
        return "\n".join(text for text in (*texts, own) if isinstance(text, str) and text)

    def attached(self, attachments: Grouped, key: Any) -> list[Part]:
        """The attachments of a prompt or a result."""
        rows = sorted(attachments.of(key), key=_order)
        return [part for row in rows for part in self.pieces.attachment(row["attachment_id"])]


def _talk(row: dict[str, Any], rows: Rows, alone: bool = False) -> Talk:
    talk = Talk(row["id"], text_or_none(row["name"]), text_or_none(row["model"]))
    responses = (rows.alone if alone else rows.responses).of(row["id"])
    for response in sorted(responses, key=lambda r: (str(r["datetime_utc"]), str(r["id"]))):
        if isinstance(response["id"], str):
            _take(talk, response, rows)
    return talk


def _take(talk: Talk, row: dict[str, Any], rows: Rows) -> None:
    """Add what one row holds: results of tools, a prompt, and a reply."""
    talk.model = text_or_none(row["model"]) or talk.model
    system = rows.text(rows.system_fragments, row["id"], row["system"])
    if system and talk.system_prompt is None and not talk.messages:
        talk.system_prompt = system
    elif system and system != talk.system_prompt:
        talk.messages.append(_message(row, "system", [TextPart(system)], hidden=True))
        talk.system_prompt = system
    prompt = rows.text(rows.fragments, row["id"], row["prompt"])
    asked: list[Part] = [TextPart(prompt)] if prompt else []
    asked += rows.attached(rows.attachments, row["id"])
    for role, parts in (("tool", _results(row["id"], rows)), ("user", asked)):
        if parts:
            talk.messages.append(_message(row, role, parts))
    talk.messages.append(_reply(row, rows))


def _reply(row: dict[str, Any], rows: Rows) -> Message:
    parts: list[Part] = []
    if text_or_none(row["reasoning"]):
        parts.append(ThinkingPart(row["reasoning"]))
    if isinstance(row["response"], str) and row["response"]:
        parts.append(TextPart(row["response"]))
    for place, call in enumerate(rows.calls.of(row["id"])):
        arguments = json_in(call["arguments"])
        call_id = text_or_none(call["tool_call_id"]) or f"{row['id']}-{place}"
        given = call["arguments"] if arguments is None else arguments
        parts.append(ToolCallPart(call_id, str(call["name"] or "tool"), given))
    metadata: dict[str, Any] = {"source_id": row["id"]}
    resolved, options = text_or_none(row["resolved_model"]), json_in(row["options_json"])
    if resolved:
        metadata["resolved_model"] = resolved
    if options:
        metadata["options"] = options
    return Message(
        id=message_id_for(FORMAT, "", row["id"]),
        role="assistant",
        content=tuple(parts),
        created_at=moment_of(row["datetime_utc"]),
        model=text_or_none(row["model"]),
        elapsed_s=seconds_of(row),
        usage=usage_of_row(row),
        metadata=metadata,
    )


def _results(response_id: str, rows: Rows) -> list[Part]:
    parts: list[Part] = []
    for place, row in enumerate(rows.results.of(response_id)):
        failure = text_or_none(row["exception"])
        call_id = text_or_none(row["tool_call_id"]) or f"{response_id}-{place}"
        text = text_of_value(row["output"]) or failure or ""
        parts.append(ToolResultPart(call_id, text, failure is not None))
        parts += rows.attached(rows.result_attachments, row["id"])
    return parts


def _message(row: dict[str, Any], role: str, parts: list[Part], hidden: bool = False) -> Message:
    return Message(
        id=message_id_for(FORMAT, "", f"{row['id']}:{role}"),
        role=role,
        content=tuple(parts),
        created_at=moment_of(row["datetime_utc"]),
        hidden=hidden,
        metadata={"source_id": row["id"]},
    )


def _order(row: dict[str, Any]) -> int:
    return row["order"] if isinstance(row["order"], int) else 0
