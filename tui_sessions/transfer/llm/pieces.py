"""What both generations of llm's tables point to: fragments and attachments."""

from __future__ import annotations

import base64
from pathlib import PurePath
from typing import Any

from tui_sessions.model.message import FilePart, Part
from tui_sessions.model.usage import Usage
from tui_sessions.transfer.databases import Database, Grouped
from tui_sessions.transfer.hygiene import json_in, text_or_none, tokens
from tui_sessions.transfer.pictures import picture_of_bytes

FORMAT = "llm"
_ATTACHMENT = ("rowid", "id", "type", "path", "url")


class Pieces:
    """Looks fragments and attachments up, by their ids."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._fragments = Grouped(database, "fragments", "id", ("content",))

    def fragment(self, fragment_id: str | int | None) -> str | None:
        """The text of a fragment."""
        rows = self._fragments.of(fragment_id)
        return rows[0]["content"] if rows and isinstance(rows[0]["content"], str) else None

    def attachment(self, attachment_id: object) -> list[Part]:
        """An attachment as a picture or a file; nothing when it is not there."""
        if not isinstance(attachment_id, str):
            return []
        rows = self._database.select("attachments", _ATTACHMENT, id=attachment_id)
        if not rows:
            return []
        content = self._database.blob("attachments", "content", rows[0]["rowid"])
        return _attachment_parts(rows[0], content)


def _attachment_parts(row: dict[str, Any], content: bytes | None) -> list[Part]:
    kind = text_or_none(row["type"])
    place = text_or_none(row["path"]) or text_or_none(row["url"])
    if content is not None:
        picture = picture_of_bytes(content, kind)
        if picture is not None:
            return [picture]
    name = PurePath(place or "").name or f"attachment {str(row['id'])[:12]}"
    data = base64.b64encode(content).decode() if content else None
    return [FilePart(name, kind, place, data)]


def usage_of_row(row: dict[str, Any]) -> Usage | None:
    """The tokens of a response or turn; None where the tool was told none."""
    if row["input_tokens"] is None and row["output_tokens"] is None:
        return None
    sent = tokens(row["input_tokens"])
    details = json_in(row["token_details"])
    if not isinstance(details, dict):
        details = {}
    within = max(
        (
            tokens(inner.get("cached_tokens"))
            for key in ("prompt_tokens_details", "input_tokens_details")
            if isinstance(inner := details.get(key), dict)
        ),
        default=0,
    )
    # OpenAI counts what came from a cache as a part of the input, Anthropic beside it.
    within = min(within, sent)
    return Usage(
        input_tokens=sent - within,
        output_tokens=tokens(row["output_tokens"]),
        cache_read_tokens=within or tokens(details.get("cache_read_input_tokens")),
        cache_write_tokens=tokens(details.get("cache_creation_input_tokens")),
    )


def seconds_of(row: dict[str, Any]) -> float | None:
    """How long the model took."""
    value = row["duration_ms"]
    return value / 1000 if isinstance(value, (int, float)) and 0 <= value < 1e12 else None
