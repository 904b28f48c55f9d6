"""One conversation as sessions: the active branch, and the others as its forks."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

from tui_sessions.model.message import Message
from tui_sessions.model.session import ParentLink
from tui_sessions.transfer.base import placed_message_id, session_id_for
from tui_sessions.transfer.claude_ai.messages import FORMAT, TITLE, MessageBuilder
from tui_sessions.transfer.drafts import CHAT_ID, SessionDraft
from tui_sessions.transfer.export_sessions import Source
from tui_sessions.transfer.hygiene import moment_of, text_or_none
from tui_sessions.transfer.trees import TreeBranch, branches

_LONG_AGO = datetime.min.replace(tzinfo=UTC)
_KEPT = ("summary", "is_starred")


def conversation_drafts(entry: dict[str, Any], source: Source) -> Iterator[SessionDraft]:
    """The active branch of a conversation first, then the others as forks."""
    records = _by_id(entry["chat_messages"])
    parents = _parents(records)
    leaf = entry.get("current_leaf_message_uuid")
    active = leaf if isinstance(leaf, str) and leaf in records else _newest_leaf(records, parents)
    found = branches(parents, active)
    scope = _id_of(entry, records)
    for place in range(len(found)):
        yield _draft(entry, source, scope, records, found, place)


def _draft(
    entry: Mapping[str, Any],
    source: Source,
    scope: str,
    records: Mapping[str, dict[str, Any]],
    found: Sequence[TreeBranch],
    place: int,
) -> SessionDraft:
    model = text_or_none(entry.get("model"))
    builder = MessageBuilder(scope, model)
    messages = builder.build((name, records[name]) for name in found[place].ids)
    if place:
        fields = _link(scope, found, place, builder.sources, messages)
    else:
        fields = {
            "title": text_or_none(entry.get("name")),
            "created_at": moment_of(entry.get("created_at")),
            "last_active_at": moment_of(entry.get("updated_at")),
        }
    project = entry.get("project")
    return SessionDraft(
        format_name=FORMAT,
        source_title=TITLE,
        external_id=_external_id(scope, found, place),
        path=source.path,
        messages=messages,
        user_id=source.user_id,
        project=text_or_none(project.get("name")) if isinstance(project, dict) else None,
        model=model,
        source_provider="anthropic",
        metadata={key: entry[key] for key in _KEPT if entry.get(key)},
        **fields,
    )


def _by_id(raw: Sequence[object]) -> dict[str, dict[str, Any]]:
    records: dict[str, dict[str, Any]] = {}
    for place, record in enumerate(raw):
        if isinstance(record, dict):
            name = text_or_none(record.get("uuid")) or f"message {place + 1}"
            records[f"{name} {place + 1}" if name in records else name] = record
    return records


def _parents(records: Mapping[str, dict[str, Any]]) -> dict[str, str | None]:
    """Each record's parent: the one it names, or the one before it where it names none."""
    parents: dict[str, str | None] = {}
    before: str | None = None
    for name, record in records.items():
        named = record.get("parent_message_uuid")
        if isinstance(named, str):
            # The first message names one of zeros that is nowhere.
            parents[name] = named if named in records and named != name else None
        else:
            parents[name] = before
        before = name
    return parents


def _newest_leaf(
    records: Mapping[str, dict[str, Any]], parents: Mapping[str, str | None]
) -> str | None:
    inner = set(parents.values())
    leaves = [name for name in records if name not in inner]
    order = {name: place for place, name in enumerate(records)}
    times = {name: moment_of(records[name].get("created_at")) or _LONG_AGO for name in leaves}
    return max(leaves, key=lambda name: (times[name], order[name]), default=None)


def _external_id(scope: str, found: Sequence[TreeBranch], place: int) -> str:
    branch = found[place]
    return f"{scope}/{branch.ids[branch.shared]}" if place else scope


def _link(
    scope: str,
    found: Sequence[TreeBranch],
    place: int,
    sources: Sequence[str],
    messages: Sequence[Message],
) -> dict[str, Any]:
    branch = found[place]
    shared = set(branch.ids[: branch.shared])
    inherited = sum(source in shared for source in sources)
    parent = session_id_for(FORMAT, _external_id(scope, found, branch.parent or 0))
    point = messages[inherited - 1].id if inherited else None
    link = ParentLink(session_id=parent, chat_id=CHAT_ID, message_id=point)
    return {"inherited": inherited, "parent": link}


def _id_of(entry: Mapping[str, Any], records: Mapping[str, Mapping[str, Any]]) -> str:
    named = text_or_none(entry.get("uuid")) or text_or_none(entry.get("id"))
    if named:
        return named
    first = next(iter(records), "")
    began = entry.get("created_at") or (records[first].get("text") if records else None)
    return placed_message_id(FORMAT, "", 0, "", f"{began} {first}")
