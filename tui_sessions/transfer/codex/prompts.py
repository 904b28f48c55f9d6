"""Which records are the person's prompts: most versions tell each of them twice."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from tui_sessions.model.message import TextPart
from tui_sessions.transfer.codex.items import message_parts
from tui_sessions.transfer.codex.records import Kind, Record
from tui_sessions.transfer.codex.user_text import is_injected, same_text, without_picture_tags


def prompts_among(records: Sequence[Record]) -> set[int]:
    """The places of the records that are prompts, one for each prompt.

    Where events tell of prompts, they decide which user items are some; the item is preferred, as
    it holds the pictures too. Where there are no events, every user item that the tool did not
    put there is one.
    """
    if not any(record.kind is Kind.PROMPT for record in records):
        return {place for place, record in enumerate(records) if _may_be_typed(record)}
    return _Matching(records).prompts()


def event_content(event: dict[str, Any]) -> tuple[str, list[Any]]:
    """The text of a prompt's event, and the blocks beside it."""
    item = event.get("item")
    if isinstance(item, dict):
        content = item.get("content")
        blocks = content if isinstance(content, list) else [content]
        parts = [b for b in blocks if isinstance(b, dict) and isinstance(b.get("text"), str)]
        others = [b for b in blocks if isinstance(b, dict) and b not in parts]
        return "\n\n".join(part["text"] for part in parts), others
    text = event.get("message")
    pictures = [event.get(key) for key in ("images", "local_images")]
    others = [url for urls in pictures if isinstance(urls, list) for url in urls]
    return text if isinstance(text, str) else "", others


class _Matching:
    """Pairs the events of prompts with the items that say the same, between replies."""

    def __init__(self, records: Sequence[Record]) -> None:
        self._records = records
        self._open: dict[str, list[int]] = {}
        """User items that no event has named yet, by what they say."""
        self._waiting: dict[str, list[int]] = {}
        """Events whose item has not come yet."""
        self._told: set[str] = set()
        self._found: set[int] = set()

    def prompts(self) -> set[int]:
        """The places of the prompts."""
        for place, record in enumerate(self._records):
            if record.kind is Kind.PROMPT:
                self._event(place, same_text(event_content(record.payload)[0]))
            elif _may_be_typed(record):
                self._item(place, _text_of(record))
            elif record.kind is Kind.ITEM and not _is_from_user(record):
                self._settle()
                self._open.clear()
                self._told.clear()
        self._settle()
        return self._found | self._unfinished()

    def _event(self, place: int, text: str) -> None:
        items = self._open.get(text)
        if items:
            self._found.add(items.pop())
        elif text not in self._told:
            self._waiting.setdefault(text, []).append(place)
        self._told.add(text)

    def _item(self, place: int, text: str) -> None:
        if self._waiting.get(text):
            self._waiting[text].pop()
            self._found.add(place)
        else:
            self._open.setdefault(text, []).append(place)

    def _settle(self) -> None:
        """No item comes any more for the events before what the model did."""
        self._found.update(place for places in self._waiting.values() for place in places)
        self._waiting.clear()

    def _unfinished(self) -> set[int]:
        """A last item whose event is not written yet."""
        place = max((place for places in self._open.values() for place in places), default=None)
        if place is None or any(r.kind is Kind.PROMPT for r in self._records[place + 1 :]):
            return set()
        return {place}


def _is_from_user(record: Record) -> bool:
    return record.item_type == "message" and record.payload.get("role") in ("user", "developer")


def _may_be_typed(record: Record) -> bool:
    if record.item_type != "message" or record.payload.get("role") != "user":
        return False
    parts = message_parts(record.payload.get("content"))
    texts = [part.text for part in parts if hasattr(part, "text")]
    return bool(parts) and not (texts and all(is_injected(text) for text in texts))


def _text_of(record: Record) -> str:
    parts = message_parts(record.payload.get("content"))
    texts = (without_picture_tags(part.text) for part in parts if isinstance(part, TextPart))
    return same_text(" ".join(texts))
