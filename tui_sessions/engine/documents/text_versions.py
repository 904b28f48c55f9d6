"""Which versions of a session hold the very same messages."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Sequence

from tui_sessions.model.changes import AddTo, Change, MergeField, RemoveFrom, SetFields

_KEPT_SESSIONS, _KEPT_VERSIONS = 200, 16
_LISTS, _OBJECTS = frozenset({"surfaces", "tags"}), frozenset({"metadata", "preferences"})
_OF_SESSIONS = _LISTS | _OBJECTS | {"active_chat_id", "auto_label", "expires_at", "label"}
_OF_SESSIONS |= {"last_active_at", "state", "state_changed_at", "ttl_s"}
_OF_CHATS = frozenset({"agent", "description", "max_messages", "metadata", "name", "tags"})
"""Fields that may change without a message being found otherwise."""


class TextVersions:
    """Remembers it of the changes that this program has made; what others did is to be read."""

    def __init__(self) -> None:
        self._alike: OrderedDict[str, tuple[str, ...]] = OrderedDict()

    def note(self, session_id: str, changes: Sequence[Change], before: str, after: str) -> None:
        """Note what has just been changed.

        Args:
            session_id: of which session.
            changes: what has changed.
            before: the version that they were applied to.
            after: the version that they made.
        """
        if not all(_leaves_messages(change) for change in changes):
            self._alike.pop(session_id, None)
            return
        alike = self._alike.pop(session_id, ())
        alike = alike if alike[-1:] == (before,) else (before,)
        self._alike[session_id] = (*alike, after)[-_KEPT_VERSIONS:]
        if len(self._alike) > _KEPT_SESSIONS:
            self._alike.popitem(last=False)

    def before(self, session_id: str, version: str) -> Sequence[str]:
        """The versions before this one that have the same messages, as far as is known."""
        alike = self._alike.get(session_id, ())
        return alike[: alike.index(version)] if version in alike else ()

    def __contains__(self, session_id: str) -> bool:
        return session_id in self._alike


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
