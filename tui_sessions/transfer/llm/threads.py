"""The tables of llm since 0.32: messages that know the one before, and threads that end in one.

Messages are stored by their content, so threads with the same beginning share its rows.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import partial
from typing import Any

from tui_sessions.model.message import (
    Message,
    OpaquePart,
    Part,
    TextPart,
    ThinkingPart,
    ToolCallPart,
    ToolResultPart,
)
from tui_sessions.model.session import ParentLink
from tui_sessions.transfer.base import message_id_for, session_id_for
from tui_sessions.transfer.blocks import text_of_value
from tui_sessions.transfer.databases import Database, Grouped
from tui_sessions.transfer.drafts import CHAT_ID, shared_length
from tui_sessions.transfer.hygiene import json_in, moment_of, text_or_none
from tui_sessions.transfer.llm.pieces import FORMAT, Pieces, seconds_of, usage_of_row
from tui_sessions.transfer.llm.talks import Talk, is_beginning
from tui_sessions.transfer.single_files import parents_first

TABLES = {
    "threads": ("id", "tip_message_hash"),
    "messages": ("hash", "parent_hash", "role"),
    "parts": ("message_hash", "type"),
}
_THREAD = ("id", "name", "tip_message_hash", "forked_from", "datetime_utc")
_PART = ("id", "position", "type", "tool_name", "text", "payload")
_TURN = (
    "id",
    "parent_message_hash",
    "tip_message_hash",
    "model",
    "resolved_model",
    "options_json",
    "input_tokens",
    "output_tokens",
    "token_details",
    "duration_ms",
    "datetime_utc",
)
_ROLES = ("system", "user", "assistant", "tool")
_SAID = ("user", "assistant")


class Threads:
    """Walks the threads of one database."""

    def __init__(self, database: Database, pieces: Pieces, older: Callable[[str], Talk]) -> None:
        """Take what gives the conversation of an id as the tables before these have it."""
        self._pieces = pieces
        self._older = older
        self._carried: dict[str, str] = {}
        """The ids that messages have there, by those that they would have here."""
        rows = database.select("threads", _THREAD)
        self._threads = {row["id"]: row for row in rows if isinstance(row["id"], str)}
        links = database.select("messages", ("hash", "parent_hash", "role"))
        self._links = {row["hash"]: row for row in links if isinstance(row["hash"], str)}
        self._parts = Grouped(database, "parts", "message_hash", _PART)
        self._turns = Grouped(database, "turns", "thread_id", _TURN)
        self._attached = Grouped(
            database, "part_attachments", "part_id", ("attachment_id", "order")
        )

    @property
    def ids(self) -> frozenset[str]:
        """The threads that hold something."""
        rows = self._threads.items()
        return frozenset(id_ for id_, row in rows if row["tip_message_hash"] in self._links)

    def talks(self) -> Iterator[Callable[[], Talk]]:
        """The threads, each after the one it forked from, to be read when it is their turn."""
        parents = {id_: row["forked_from"] for id_, row in self._threads.items()}
        for thread_id in parents_first(parents):
            if thread_id in self._threads:
                yield partial(self._talk, self._threads[thread_id])

    def _talk(self, row: dict[str, Any]) -> Talk:
        chain = self._chain(row)
        turns = self._turns_of(row)
        talk = Talk(row["id"], text_or_none(row["name"]))
        talk.logged_at = moment_of(row["datetime_utc"])
        parent = self._threads.get(row["forked_from"])
        shared = shared_length(chain, self._chain(parent)) if parent is not None else 0
        for place, hash_ in enumerate(chain):
            message = self._message(row["id"], hash_, turns)
            if message.role == "system" and not talk.messages and talk.system_prompt is None:
                talk.system_prompt = message.text
                continue
            talk.model = message.model or talk.model
            talk.messages.append(message)
            talk.inherited += place < shared
        if not talk.inherited:
            self._carry_on(talk)
        if isinstance(row["forked_from"], str):
            talk.parent = ParentLink(
                session_id=session_id_for(FORMAT, row["forked_from"]),
                chat_id=CHAT_ID,
                message_id=self._point(row["forked_from"], chain[shared - 1])
                if talk.inherited
                else None,
            )
        return talk

    def _carry_on(self, talk: Talk) -> None:
        """Take what was said before these tables from the older ones, which know more of it."""
        older = self._older(talk.id)
        told = [message for message in older.messages if message.role in _SAID]
        here = [place for place, one in enumerate(talk.messages) if one.role in _SAID]
        same = [talk.messages[place] for place in here[: len(told)]]
        if not told or list(map(_likeness, told)) != list(map(_likeness, same)):
            return
        self._carried |= {one.id: old.id for one, old in zip(same, told, strict=True)}
        rest = talk.messages[here[len(told) - 1] + 1 :]
        talk.messages = [*older.messages, *rest]
        talk.system_prompt = talk.system_prompt or older.system_prompt
        # The thread is named after the first prompt that it was given itself.
        prompt = next((message.text for message in rest if message.role == "user"), "")
        if older.name and talk.name and is_beginning(talk.name, prompt):
            talk.name = older.name

    def _point(self, thread_id: str, hash_: str) -> str:
        """The id of a message of another thread, which was read before."""
        message_id = _id(thread_id, hash_)
        return self._carried.get(message_id, message_id)

    def _chain(self, row: dict[str, Any]) -> list[str]:
        """The hashes of a thread's messages, the first one first."""
        chain: dict[str, None] = {}
        hash_ = row["tip_message_hash"]
        while hash_ in self._links and hash_ not in chain:
            chain[hash_] = None
            hash_ = self._links[hash_]["parent_hash"]
        return list(reversed(chain))

    def _turns_of(self, row: dict[str, Any]) -> list[dict[str, Any]]:
        """Its own turns, and after them those of the threads that it descends from."""
        turns: list[dict[str, Any]] = []
        seen: set[str] = set()
        above: dict[str, Any] | None = row
        while above is not None and above["id"] not in seen:
            seen.add(above["id"])
            turns += self._turns.of(above["id"])
            above = self._threads.get(above["forked_from"])
        return turns

    def _message(self, thread_id: str, hash_: str, turns: list[dict[str, Any]]) -> Message:
        role = self._links[hash_]["role"]
        rows = sorted(self._parts.of(hash_), key=_position)
        message = Message(
            id=_id(thread_id, hash_),
            role=role if role in _ROLES else "system",
            content=tuple(part for row in rows for part in self._parts_of(row)),
            metadata={"source_id": hash_},
        )
        key = "tip_message_hash" if role == "assistant" else "parent_message_hash"
        turn = next((turn for turn in turns if turn[key] == hash_), None)
        return message if turn is None else _with_turn(message, turn)

    def _parts_of(self, row: dict[str, Any]) -> Iterator[Part]:
        payload = json_in(row["payload"])
        payload = payload if isinstance(payload, dict) else {}
        text = self._text(row["text"], payload)
        call_id = text_or_none(payload.get("tool_call_id")) or f"part-{row['id']}"
        match row["type"]:
            case "text" if text is not None:
                yield TextPart(text)
            case "reasoning" if text is not None:
                yield ThinkingPart(text)
            case "tool_call":
                name = payload.get("name") or row["tool_name"] or "tool"
                yield ToolCallPart(call_id, str(name), payload.get("arguments"))
            case "tool_result":
                failure = text_or_none(payload.get("exception"))
                output = text_of_value(payload.get("output")) or text or failure or ""
                yield ToolResultPart(call_id, output, failure is not None)
            case "attachment":
                pass
            case _:
                yield OpaquePart({**payload, "type": str(row["type"]), "text": row["text"]})
        for attached in sorted(self._attached.of(row["id"]), key=lambda one: str(one["order"])):
            yield from self._pieces.attachment(attached["attachment_id"])

    def _text(self, own: object, payload: dict[str, Any]) -> str | None:
        """The text of a part: its own, or put together of fragments and what goes between."""
        if isinstance(own, str):
            return own
        pieces = payload.get("text_ref")
        if not isinstance(pieces, list):
            return None
        texts = []
        for piece in pieces:
            if isinstance(piece, dict) and isinstance(piece.get("literal"), str):
                texts.append(piece["literal"])
            elif isinstance(piece, dict) and isinstance(piece.get("fragment"), (int, str)):
                texts.append(self._pieces.fragment(piece["fragment"]) or "")
        return "".join(texts)


def _with_turn(message: Message, turn: dict[str, Any]) -> Message:
    """A message with what its turn says of it: the time, and of replies the model and usage."""
    created = moment_of(turn["datetime_utc"])
    metadata = dict(message.metadata)
    fields: dict[str, Any] = {}
    if message.role == "assistant":
        fields = {
            "model": text_or_none(turn["model"]),
            "elapsed_s": seconds_of(turn),
            "usage": usage_of_row(turn),
        }
        resolved, options = text_or_none(turn["resolved_model"]), json_in(turn["options_json"])
        metadata |= {"resolved_model": resolved} if resolved else {}
        metadata |= {"options": options} if options else {}
    return Message(
        id=message.id,
        role=message.role,
        content=message.content,
        created_at=created,
        metadata=metadata,
        **fields,
    )


def _id(thread_id: str, hash_: str) -> str:
    return message_id_for(FORMAT, thread_id, hash_)


def _likeness(message: Message) -> tuple[str, str]:
    return message.role, " ".join(message.text.split())


def _position(row: dict[str, Any]) -> int:
    return row["position"] if isinstance(row["position"], int) else 0
