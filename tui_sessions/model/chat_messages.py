"""The messages of one chat in a document: their JSON, and what was made from it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, cast

from tui_sessions.model.codec import message_from, messages_from, own_json
from tui_sessions.model.message import Message

_GROWING = frozenset({"text", "thinking"})


class ChatMessages:
    """Changes the messages of a chat; the JSON of one is never changed in place, but replaced."""

    def __init__(self, chat: dict[str, Any]) -> None:
        """Take the chat's JSON; it is changed from here."""
        self._chat = chat
        self._decoded: list[Message] | None = None
        self._places: dict[str, int] | None = None

    @property
    def raw(self) -> list[dict[str, Any]]:
        """The JSON of the messages, for reading."""
        return cast("list[dict[str, Any]]", self._chat["messages"])

    @property
    def is_decoded(self) -> bool:
        """Whether the messages can be had at once."""
        return self._decoded is not None

    def decoded(self) -> Sequence[Message]:
        """The messages as values, oldest first; the sequence is not the caller's to change."""
        if self._decoded is None:
            self._decoded = messages_from(self.raw)
        return self._decoded

    def place_of(self, message_id: str) -> int | None:
        """Where a message stands, from 0."""
        return self._known_places().get(message_id)

    def put(self, value: dict[str, Any]) -> None:
        """Add a message, or put it in the place of the one with its id."""
        raw, places = self.raw, self._known_places()
        place = places.get(value["id"])
        if place is not None:
            raw[place] = value
            self._refresh(place)
            return
        raw.append(value)
        places[value["id"]] = len(raw) - 1
        if self._decoded is not None:
            self._decoded.append(message_from(value))

    def set_fields(self, message_id: str, fields: Mapping[str, Any]) -> None:
        """Replace fields of a message; one that is gone stays so."""
        place = self.place_of(message_id)
        if place is not None:
            raw = self.raw
            raw[place] = {**raw[place], **fields}
            self._refresh(place)

    def extend(self, message_id: str, content: list[dict[str, Any]]) -> None:
        """Have a message, if it is there, go on with more content."""
        place = self.place_of(message_id)
        if place is not None:
            there = self.raw[place].get("content", [])
            self.set_fields(message_id, {"content": extended_content(there, content)})

    def remove(self, message_id: str, *, following: bool) -> None:
        """Take a message out, and those after it as well if that is wanted."""
        place = self.place_of(message_id)
        if place is not None:
            self.cut(place, None if following else place + 1)

    def cut(self, start: int, end: int | None) -> None:
        """Take the messages of some places out; the chat then has inherited fewer."""
        raw = self.raw
        inherited = self._chat.get("inherited") or 0
        stop = len(raw) if end is None else end
        self._chat["inherited"] = inherited - max(0, min(stop, inherited) - start)
        del raw[start:end]
        self._decoded = self._places = None

    def _known_places(self) -> dict[str, int]:
        if self._places is None:
            self._places = {data["id"]: place for place, data in enumerate(self.raw)}
        return self._places

    def _refresh(self, place: int) -> None:
        if self._decoded is not None:
            self._decoded[place] = message_from(self.raw[place])


def extended_content(
    content: list[dict[str, Any]], more: list[dict[str, Any]]
) -> list[dict[str, Any]]:
    """Content that goes on with more of it: text joins text of its kind."""
    content = content.copy()
    for part in more:
        last = content[-1] if content else None
        if last and _goes_on(last, part):
            content[-1] = {**last, **part, "text": last["text"] + part["text"]}
        else:
            content.append(own_json(part))
    return content


def _goes_on(last: Mapping[str, Any], part: Mapping[str, Any]) -> bool:
    """Whether a part is more of the one before it; a thought that is signed is whole."""
    kind = part.get("type")
    return kind in _GROWING and last.get("type") == kind and "signed" not in last
