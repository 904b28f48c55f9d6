"""The nodes of a conversation's tree, and which of them a person saw."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from tui_sessions.transfer.hygiene import moment_of, text_or_none

_SHOWN = frozenset({"text", "multimodal_text", "code"})
_LONG_AGO = datetime.min.replace(tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Node:
    """One place of the tree."""

    id: str
    parent: str | None
    message: dict[str, Any]
    """Empty where the tool only holds the tree together."""

    @property
    def role(self) -> str:
        """`system`, `user`, `assistant` or `tool`."""
        author = self.message.get("author")
        role = author.get("role") if isinstance(author, dict) else None
        return role if role in ("user", "assistant", "tool") else "system"

    @property
    def author_name(self) -> str | None:
        """Which tool it is that spoke."""
        author = self.message.get("author")
        return text_or_none(author.get("name")) if isinstance(author, dict) else None

    @property
    def recipient(self) -> str | None:
        """The tool that it speaks to; None: it speaks to the person."""
        recipient = text_or_none(self.message.get("recipient"))
        return None if recipient == "all" else recipient

    @property
    def content(self) -> dict[str, Any]:
        """What it says."""
        content = self.message.get("content")
        return content if isinstance(content, dict) else {}

    @property
    def metadata(self) -> dict[str, Any]:
        """What is told about it."""
        metadata = self.message.get("metadata")
        return metadata if isinstance(metadata, dict) else {}

    @property
    def created_at(self) -> datetime | None:
        """When it was said, where that is told; strings of digits occur, too."""
        value = self.message.get("create_time")
        if isinstance(value, str):
            try:
                value = float(value)
            except ValueError:
                return moment_of(value)
        return moment_of(value)

    @property
    def is_concealed(self) -> bool:
        """The tool put it there without showing it."""
        return self.metadata.get("is_visually_hidden_from_conversation") is True

    @property
    def is_shown(self) -> bool:
        """Whether the person saw it as something that was said."""
        if self.is_concealed or self.recipient is not None or self.role == "system":
            return False
        if self.role == "tool":
            return self._has_picture
        return str(self.content.get("content_type")) in _SHOWN and self._says_something

    @property
    def _has_picture(self) -> bool:
        """Whether it shows a picture that a tool has made."""
        return any(
            isinstance(part, dict) and part.get("content_type") == "image_asset_pointer"
            for part in self._parts
        )

    @property
    def _says_something(self) -> bool:
        return any(
            part.strip() if isinstance(part, str) else part
            for part in (*self._parts, self.content.get("text"))
        )

    @property
    def _parts(self) -> list[Any]:
        parts = self.content.get("parts")
        return parts if isinstance(parts, list) else []


def nodes_of(mapping: Mapping[str, Any]) -> dict[str, Node]:
    """The nodes, their parents where those are there; lists of children serve where none is told.

    Nodes without a parent of their own are found in the lists of children of the others.
    """
    listed: dict[str, str] = {}
    for node_id, raw in mapping.items():
        children = raw.get("children") if isinstance(raw, dict) else None
        for child in children if isinstance(children, list) else ():
            if isinstance(child, str) and child != node_id:
                listed.setdefault(child, node_id)
    nodes = {}
    for node_id, raw in mapping.items():
        if isinstance(raw, dict):
            parent = raw["parent"] if "parent" in raw else listed.get(node_id)
            message = raw.get("message")
            nodes[node_id] = Node(
                id=node_id,
                parent=parent if isinstance(parent, str) and parent in mapping else None,
                message=message if isinstance(message, dict) else {},
            )
    return nodes


def without_unseen_ends(nodes: Mapping[str, Node], active: str | None) -> dict[str, Node]:
    """The nodes without the ends of the tree that nobody saw, those of the active branch kept."""
    kept = set()
    for node in nodes.values():
        if node.is_shown or node.id == active:
            current: str | None = node.id
            while current is not None and current in nodes and current not in kept:
                kept.add(current)
                current = nodes[current].parent
    return {node_id: node for node_id, node in nodes.items() if node_id in kept}


def newest_leaf(nodes: Mapping[str, Node]) -> str | None:
    """The leaf that was made last, of those that a person saw if there are some."""
    parents = {node.parent for node in nodes.values()}
    leaves = [node for node in nodes.values() if node.id not in parents]
    if not leaves:
        return None
    seen = [node for node in leaves if node.is_shown] or leaves
    order = {node_id: place for place, node_id in enumerate(nodes)}
    return max(seen, key=lambda node: (node.created_at or _LONG_AGO, order[node.id])).id
