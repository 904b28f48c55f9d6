"""Messages that several records of a source make, while those are still being gathered."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Generic, Protocol, TypeVar

from tui_sessions.giving_way import give_way
from tui_sessions.model.message import Message, Part
from tui_sessions.model.usage import Usage


class Dated(Protocol):
    """A record of a source."""

    @property
    def created_at(self) -> datetime | None:
        """When it was written, where that is told."""


RecordT = TypeVar("RecordT", bound=Dated)


@dataclass(slots=True)
class MessageDraft(Generic[RecordT]):
    """A message while its records are still being gathered."""

    record: RecordT
    """The first of them."""
    role: str
    parts: list[Part]
    suffix: str = ""
    """What tells it from other messages of the same record."""
    hidden: bool = False
    status: str = "complete"
    model: str | None = None
    usage: Usage | None = None
    metadata: dict[str, Any] = field(default_factory=dict)

    def message(self, message_id: str, source: Mapping[str, Any]) -> Message:
        """The finished message.

        Args:
            message_id: made from its first record.
            source: where that record is found again, for the metadata.
        """
        give_way()
        return Message(
            id=message_id,
            role=self.role,
            content=tuple(self.parts),
            created_at=self.record.created_at,
            status=self.status,
            hidden=self.hidden,
            model=self.model,
            usage=self.usage,
            metadata={**source, **self.metadata},
        )


def mark_stopped(drafts: Sequence[MessageDraft[Any]]) -> None:
    """Note that the person interrupted the last reply; one before the last prompt was whole."""
    for draft in reversed(drafts):
        if draft.role == "assistant" and not draft.hidden:
            draft.status = "stopped"
        if draft.role in ("assistant", "user") and not draft.hidden:
            return
