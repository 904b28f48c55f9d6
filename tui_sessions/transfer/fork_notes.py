"""Where in a session others forked off, for the formats that people read."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from tui_sessions.model.document import SessionDocument
from tui_sessions.model.session import Session
from tui_sessions.transfer.export_base import ForkNote

FORKED = {
    "fork": "Forked here",
    "spawn": "A sub-agent started here",
    "checkpoint": "Summed up here",
}
"""What is said of a child where it began, by its kind."""


def notes_of(children: Iterable[Session], files: dict[str, str] | None = None) -> list[ForkNote]:
    """What is told of some children, the oldest first.

    Args:
        children: sessions with a parent.
        files: the names of their files, by their ids.
    """
    return [
        ForkNote(
            session_id=child.id,
            label=child.label,
            kind=child.parent.kind,
            message_id=child.parent.message_id,
            file=(files or {}).get(child.id),
        )
        for child in sorted(children, key=lambda child: (child.created_at, child.id))
        if child.parent is not None
    ]


def by_message(
    document: SessionDocument, forks: Sequence[ForkNote]
) -> tuple[dict[str, list[ForkNote]], list[ForkNote]]:
    """The forks by the message that they follow, and those that follow none that is there."""
    placed: dict[str, list[ForkNote]] = {}
    others: list[ForkNote] = []
    for fork in forks:
        if fork.message_id is not None and document.chat_of(fork.message_id) is not None:
            placed.setdefault(fork.message_id, []).append(fork)
        else:
            others.append(fork)
    return placed, others
