"""A chat's messages, each made from its JSON when it is looked at: long ones open at once."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterable, Mapping, MutableSequence, Sequence
from typing import Any, overload

from tui_sessions.model.codec import message_from, own_message
from tui_sessions.model.message import Message

_Item = Mapping[str, Any] | Message | None
UNREAD = Message(id="", role="system")
"""Stands where a message is that is not read yet."""


class History(MutableSequence[Message]):
    """The messages of a chat at one moment, and its owner's own to change.

    A message is read when it is first asked for: what its file holds of it by then is what it says.
    """

    def __init__(self, items: Iterable[_Item] = ()) -> None:
        """Take messages, or their JSON; neither is changed."""
        self._items = [*items]

    @classmethod
    def ending(cls, count: int, items: Sequence[_Item]) -> History:
        """So many messages, of which only the last are there; `UNREAD` stands for the others."""
        return cls([*[None] * (count - len(items)), *items])

    @property
    def unread(self) -> int:
        """How many messages at the beginning are not there yet."""
        return bisect_left(self._items, True, key=lambda item: item is not None)

    def ids(self) -> list[str]:
        """The ids of all messages, and no text for each that is not there; none is read for it."""
        return [
            item["id"] if isinstance(item, Mapping) else item.id if item else ""
            for item in self._items
        ]

    def copy(self) -> History:
        """The same messages in another list; those that are not read stay so."""
        return History(self._items)

    def without(self, message_id: str) -> History:
        """All messages but one."""
        places = [place for place, one in enumerate(self.ids()) if one != message_id]
        return History(self._items[place] for place in places)

    def __len__(self) -> int:
        return len(self._items)

    @overload
    def __getitem__(self, place: int) -> Message: ...
    @overload
    def __getitem__(self, place: slice) -> History: ...
    def __getitem__(self, place: int | slice) -> Message | History:
        if isinstance(place, slice):
            return History(self._items[place])
        item = self._items[place]
        if item is None:
            return UNREAD
        if not isinstance(item, Message):
            item = self._items[place] = own_message(message_from(item))
        return item

    @overload
    def __setitem__(self, place: int, value: Message) -> None: ...
    @overload
    def __setitem__(self, place: slice, value: Iterable[Message]) -> None: ...
    def __setitem__(self, place: Any, value: Any) -> None:
        self._items[place] = value

    def __delitem__(self, place: int | slice) -> None:
        del self._items[place]

    def insert(self, index: int, value: Message) -> None:
        """Put a message before a place."""
        self._items.insert(index, value)
