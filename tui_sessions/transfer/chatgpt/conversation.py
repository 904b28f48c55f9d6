"""One conversation's tree as sessions: the active branch, and the others as its forks."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from tui_sessions.model.message import Message
from tui_sessions.model.session import ParentLink
from tui_sessions.transfer.base import placed_message_id, session_id_for
from tui_sessions.transfer.chatgpt.content import instructions_in, plain_text
from tui_sessions.transfer.chatgpt.messages import FORMAT, MessageBuilder
from tui_sessions.transfer.chatgpt.nodes import (
    Node,
    newest_leaf,
    nodes_of,
    without_unseen_ends,
)
from tui_sessions.transfer.chatgpt.pictures import ExportPictures
from tui_sessions.transfer.drafts import CHAT_ID, SessionDraft
from tui_sessions.transfer.export_sessions import Source
from tui_sessions.transfer.hygiene import moment_of, text_or_none
from tui_sessions.transfer.trees import TreeBranch, branches

_TITLE = "ChatGPT"
_NO_TITLES = frozenset({"New chat", "New Chat", "Untitled"})
_KEPT = ("gizmo_id", "conversation_template_id", "is_starred")


def conversation_drafts(
    entry: dict[str, Any], source: Source, pictures: ExportPictures
) -> Iterator[SessionDraft]:
    """The active branch of a conversation first, then the others as forks."""
    all_nodes = nodes_of(entry["mapping"])
    current = entry.get("current_node")
    active = current if isinstance(current, str) and current in all_nodes else None
    nodes = without_unseen_ends(all_nodes, active) or all_nodes
    parents = {node.id: node.parent for node in nodes.values()}
    found = branches(parents, active or newest_leaf(nodes))
    maker = _Drafts(entry, source, nodes, pictures)
    yield from (maker.draft(found, place) for place in range(len(found)))


class _Drafts:
    """Makes the drafts of one conversation."""

    def __init__(
        self,
        entry: dict[str, Any],
        source: Source,
        nodes: Mapping[str, Node],
        pictures: ExportPictures,
    ) -> None:
        self._entry = entry
        self._source = source
        self._nodes = nodes
        self._pictures = pictures
        self._id = _id_of(entry)
        children = Counter(node.parent for node in nodes.values() if node.parent)
        self._forking = {node_id for node_id, count in children.items() if count > 1}

    def draft(self, found: Sequence[TreeBranch], place: int) -> SessionDraft:
        """The session of the branch in that place."""
        branch = found[place]
        nodes = [self._nodes[node_id] for node_id in branch.ids]
        default = text_or_none(self._entry.get("default_model_slug"))
        builder = MessageBuilder(self._id, default, self._forking, self._pictures)
        messages = builder.build(nodes)
        if not any(not m.hidden and m.role != "system" for m in messages):
            messages = []
        fields = self._link(found, branch, builder.sources, messages) if place else self._title()
        return SessionDraft(
            format_name=FORMAT,
            source_title=_TITLE,
            external_id=self._external_id(found, place),
            path=self._source.path,
            messages=messages,
            user_id=self._source.user_id,
            model=next((m.model for m in reversed(messages) if m.model), default),
            system_prompt=_instructions(nodes),
            source_provider="openai",
            archived=self._entry.get("is_archived") is True,
            metadata={key: self._entry[key] for key in _KEPT if self._entry.get(key)},
            **fields,
        )

    def _title(self) -> dict[str, Any]:
        title = text_or_none(self._entry.get("title"))
        return {
            "title": title if title not in _NO_TITLES else None,
            "created_at": _moment(self._entry.get("create_time")),
            "last_active_at": _moment(self._entry.get("update_time")),
        }

    def _external_id(self, found: Sequence[TreeBranch], place: int) -> str:
        branch = found[place]
        return f"{self._id}/{branch.ids[branch.shared]}" if place else self._id

    def _link(
        self,
        found: Sequence[TreeBranch],
        branch: TreeBranch,
        sources: Sequence[str],
        messages: Sequence[Message],
    ) -> dict[str, Any]:
        shared = set(branch.ids[: branch.shared])
        inherited = sum(source in shared for source in sources) if messages else 0
        parent = session_id_for(FORMAT, self._external_id(found, branch.parent or 0))
        point = messages[inherited - 1].id if inherited else None
        link = ParentLink(session_id=parent, chat_id=CHAT_ID, message_id=point)
        return {"inherited": inherited, "parent": link}


def _id_of(entry: Mapping[str, Any]) -> str:
    named = text_or_none(entry.get("conversation_id")) or text_or_none(entry.get("id"))
    if named:
        return named
    told = json.dumps([entry.get("title"), entry.get("create_time"), sorted(entry["mapping"])[:1]])
    return placed_message_id(FORMAT, "", 0, "", told)


def _moment(value: object) -> Any:
    if isinstance(value, str):
        try:
            return moment_of(float(value))
        except ValueError:
            return moment_of(value)
    return moment_of(value)


def _instructions(nodes: Sequence[Node]) -> str | None:
    """The custom instructions that held in a conversation."""
    for node in nodes:
        if node.content.get("content_type") == "user_editable_context":
            return instructions_in(node.content)
        if node.role == "system" and node.metadata.get("is_user_system_message") is True:
            return text_or_none(plain_text(node.content))
    return None
