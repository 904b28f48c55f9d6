"""A chat of Open WebUI as sessions: its active branch, and the others as forks."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

from tui_sessions.model.message import Message, Part, TextPart
from tui_sessions.model.session import ParentLink
from tui_sessions.model.usage import Usage
from tui_sessions.transfer.base import message_id_for, session_id_for
from tui_sessions.transfer.drafts import CHAT_ID, SessionDraft
from tui_sessions.transfer.hygiene import moment_of, text_or_none, tokens
from tui_sessions.transfer.open_webui.content import attached, reply_parts, text_of_content
from tui_sessions.transfer.open_webui.uploads import Uploads
from tui_sessions.transfer.steps import reply_messages
from tui_sessions.transfer.trees import branches

FORMAT = "open-webui"
TITLE = "Open WebUI"
_UNNAMED = ("New Chat", "Imported Chat")


class ChatReader:
    """Makes the sessions of one exported chat."""

    def __init__(self, entry: dict[str, Any], path: Path, user_id: str, uploads: Uploads) -> None:
        chat = entry.get("chat")
        self._entry = entry
        self._chat: dict[str, Any] = chat if isinstance(chat, dict) else entry
        self._path = path
        self._user_id = user_id
        self._uploads = uploads
        self._id = text_or_none(entry.get("id")) or text_or_none(self._chat.get("id")) or ""
        self._history = self._chat.get("history")
        self._nodes = _nodes(self._chat)

    def drafts(self) -> Iterator[SessionDraft]:
        """The active branch first."""
        parents = {id_: _parent(node) for id_, node in self._nodes.items()}
        current = self._history.get("currentId") if isinstance(self._history, dict) else None
        made: list[str] = []
        for branch in branches(parents, current if isinstance(current, str) else self._newest()):
            own = branch.ids[branch.shared :]
            name = self._id or f"chat {branch.ids[0]}"
            external_id = name if branch.parent is None else f"{name}/{own[0]}"
            messages = [self._messages(id_) for id_ in branch.ids]
            inherited = [message for group in messages[: branch.shared] for message in group]
            link = self._starter()
            if branch.parent is not None:
                link = ParentLink(
                    session_id=made[branch.parent],
                    chat_id=CHAT_ID,
                    message_id=inherited[-1].id if inherited else None,
                )
            made.append(session_id_for(FORMAT, external_id))
            every = [message for group in messages for message in group]
            yield self._draft(external_id, every, link, len(inherited))

    def _starter(self) -> ParentLink | None:
        """The message of another chat in which a tool started this one."""
        parent = parent_chat(self._entry)
        if parent is None:
            return None
        message = self._entry["meta"].get("parent_message_id")
        return ParentLink(
            session_id=session_id_for(FORMAT, parent),
            chat_id=CHAT_ID,
            message_id=message_id_for(FORMAT, parent, message) if text_or_none(message) else None,
            kind="spawn",
            detached=True,
        )

    def _draft(
        self, external_id: str, messages: list[Message], parent: ParentLink | None, inherited: int
    ) -> SessionDraft:
        title = text_or_none(self._entry.get("title")) or text_or_none(self._chat.get("title"))
        models = [message.model for message in messages if message.model]
        folder = text_or_none(self._entry.get("folder_id"))
        is_fork = parent is not None and parent.kind == "fork"
        return SessionDraft(
            format_name=FORMAT,
            source_title=TITLE,
            external_id=external_id,
            path=self._path,
            messages=messages,
            user_id=self._user_id,
            title=None if title in _UNNAMED else title,
            model=models[-1] if models else _first(self._chat.get("models")),
            system_prompt=self._system_prompt(),
            parent=parent,
            inherited=inherited,
            created_at=None if is_fork else moment_of(self._entry.get("created_at")),
            # The program shows those of its own beside a note or nowhere, never among the chats.
            archived=self._entry.get("archived") in (True, 1)
            or (parent is None and _is_internal(self._entry)),
            tags=tuple(self._tags()),
            metadata={"folder_id": folder} if folder else {},
        )

    def _newest(self) -> str | None:
        """The message of the latest time, where the chat does not say which branch is shown."""
        times = {
            id_: node["timestamp"]
            for id_, node in self._nodes.items()
            if isinstance(node.get("timestamp"), (int, float))
        }
        return max(times, key=lambda id_: times[id_], default=None)

    def _messages(self, node_id: str) -> list[Message]:
        node = self._nodes[node_id]
        role = node.get("role")
        message_id = message_id_for(FORMAT, self._id, node_id)
        if role == "assistant":
            reply = Message(
                id=message_id,
                role="assistant",
                created_at=moment_of(node.get("timestamp")),
                status="failed" if node.get("error") else "complete",
                error=_error(node.get("error")),
                model=text_or_none(node.get("model")),
                usage=_usage(node),
                metadata={"source_id": node_id},
            )
            return reply_messages(reply, reply_parts(node, self._uploads))
        text = text_of_content(node.get("content"))
        parts: list[Part] = [TextPart(text)] if text else []
        message = Message(
            id=message_id,
            role=role if role in ("user", "tool") else "system",
            content=(*parts, *attached(node, self._uploads)),
            created_at=moment_of(node.get("timestamp")),
            hidden=role != "user" or _is_internal(node),
            metadata={"source_id": node_id},
        )
        return [message]

    def _system_prompt(self) -> str | None:
        params = self._chat.get("params")
        inner = params.get("system") if isinstance(params, dict) else None
        return text_or_none(self._chat.get("system")) or text_or_none(inner)

    def _tags(self) -> Iterator[str]:
        meta = self._entry.get("meta")
        for tags in (meta.get("tags") if isinstance(meta, dict) else None, self._chat.get("tags")):
            for tag in tags if isinstance(tags, list) else ():
                name = tag.get("name") if isinstance(tag, dict) else tag
                if isinstance(name, str) and name.strip():
                    yield name.strip()[:50]


def parent_chat(entry: dict[str, Any]) -> str | None:
    """The chat in which a sub-agent or a timer was started, of those that the program made."""
    meta = entry.get("meta")
    return text_or_none(meta.get("parent_chat_id")) if _is_internal(entry) and meta else None


def is_chat(entry: object) -> bool:
    """Whether a value has the shape of a chat."""
    if not isinstance(entry, dict):
        return False
    chat = entry.get("chat") if isinstance(entry.get("chat"), dict) else entry
    return isinstance(chat, dict) and (
        isinstance(chat.get("history"), dict) or isinstance(chat.get("messages"), list)
    )


def _is_internal(record: dict[str, Any]) -> bool:
    """Whether the program made a chat or a message, for itself."""
    meta = record.get("meta")
    return isinstance(meta, dict) and meta.get("internal") is True


def _nodes(chat: dict[str, Any]) -> dict[str, dict[str, Any]]:
    """The messages by id; old exports have only the list of the branch that was shown."""
    history = chat.get("history")
    tree = history.get("messages") if isinstance(history, dict) else None
    if isinstance(tree, dict) and tree:
        return {id_: node for id_, node in tree.items() if isinstance(node, dict)}
    found: dict[str, dict[str, Any]] = {}
    listed = chat.get("messages")
    last: str | None = None
    for place, node in enumerate(listed if isinstance(listed, list) else ()):
        if isinstance(node, dict):
            id_ = text_or_none(node.get("id")) or f"#{place}"
            found[id_] = {"parentId": last, **node}
            last = id_
    return found


def _parent(node: dict[str, Any]) -> str | None:
    return text_or_none(node.get("parentId"))


def _error(error: object) -> str | None:
    if isinstance(error, dict):
        return text_or_none(error.get("content")) or text_or_none(error.get("message"))
    return text_or_none(error)


def _usage(node: dict[str, Any]) -> Usage | None:
    """The tokens, as OpenAI's endpoints or Ollama's tell them."""
    info = node.get("info")
    within = info.get("usage") if isinstance(info, dict) else None
    for counts in (node.get("usage"), within, info):
        if not isinstance(counts, dict):
            continue
        sent, written = (
            next((tokens(counts[key]) for key in keys if key in counts), None)
            for keys in (
                ("prompt_tokens", "input_tokens", "prompt_eval_count"),
                ("completion_tokens", "output_tokens", "eval_count"),
            )
        )
        if sent is None and written is None:
            continue
        details = counts.get("prompt_tokens_details") or counts.get("input_tokens_details")
        cached = tokens(details.get("cached_tokens")) if isinstance(details, dict) else 0
        cached = min(cached, sent or 0)
        return Usage(
            input_tokens=(sent or 0) - cached, output_tokens=written or 0, cache_read_tokens=cached
        )
    return None


def _first(values: object) -> str | None:
    return text_or_none(values[0]) if isinstance(values, list) and values else None
