"""Which versions of a session hold the very same messages."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Sequence
from typing import NamedTuple

from tui_sessions.model.changes import AddTo, Change, MergeField, RemoveFrom, SetFields

_KEPT_SESSIONS, _KEPT_VERSIONS = 200, 16
_LISTS, _OBJECTS = frozenset({"surfaces", "tags"}), frozenset({"metadata", "preferences"})
_OF_SESSIONS = _LISTS | _OBJECTS | {"active_chat_id", "auto_label", "expires_at", "label"}
_OF_SESSIONS |= {"last_active_at", "state", "state_changed_at", "ttl_s"}
_OF_CHATS = frozenset({"agent", "description", "max_messages", "metadata", "name", "tags"})
"""Fields that may change without a message being found otherwise."""
_NAMES = frozenset({"label", "tags", "name"})
"""Those of them by which the session itself is found: its label and tags, a chat's name."""


class _Alike(NamedTuple):
    """Versions of a session, each made from the one before; the last is the newest."""

    messages: tuple[str, ...]
    """Those that hold the very same messages."""
    found: tuple[str, ...]
    """Those of them that are called the same as well."""


class TextVersions:
    """Remembers it of the changes that this program has made; what others did is to be read."""

    def __init__(self) -> None:
        self._alike: OrderedDict[str, _Alike] = OrderedDict()

    def note(self, session_id: str, changes: Sequence[Change], before: str, after: str) -> None:
        """Note what has just been changed.

        Args:
            session_id: of which session.
            changes: what has changed.
            before: the version that they were applied to.
            after: the version that they made.
        """
        known = self._alike.pop(session_id, None)
        if not all(_leaves_messages(change) for change in changes):
            return
        if known is None or known.messages[-1] != before:
            known = _Alike((before,), (before,))
        renamed = not all(_leaves_names(change) for change in changes)
        self._alike[session_id] = _Alike(
            (*known.messages, after)[-_KEPT_VERSIONS:],
            (after,) if renamed else (*known.found, after)[-_KEPT_VERSIONS:],
        )
        if len(self._alike) > _KEPT_SESSIONS:
            self._alike.popitem(last=False)

    def before(self, session_id: str, version: str) -> Sequence[str]:
        """The versions before this one that have the same messages, as far as is known."""
        known = self._alike.get(session_id)
        return _before(known.messages, version) if known else ()

    def found_alike(self, session_id: str, version: str) -> Sequence[str]:
        """The versions before this one of which the very same is found, as far as is known."""
        known = self._alike.get(session_id)
        return _before(known.found, version) if known else ()

    def __contains__(self, session_id: str) -> bool:
        return session_id in self._alike


def _before(versions: tuple[str, ...], version: str) -> tuple[str, ...]:
    return versions[: versions.index(version)] if version in versions else ()


def _leaves_messages(change: Change) -> bool:
    match change:
        case SetFields(fields=fields, chat=None):
            return fields.keys() <= _OF_SESSIONS
        case SetFields(fields=fields):
            return fields.keys() <= _OF_CHATS
        case MergeField(field=field):
            return field in _OBJECTS
        case AddTo(field=field) | RemoveFrom(field=field):
            return field in _LISTS
    return False


def _leaves_names(change: Change) -> bool:
    """Whether one that leaves the messages leaves what the session is found by as well."""
    match change:
        case SetFields(fields=fields):
            return fields.keys().isdisjoint(_NAMES)
        case AddTo(field=field) | RemoveFrom(field=field):
            return field not in _NAMES
    return True
