"""What a session went on with, and what the person took back in it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from tui_sessions.transfer.codex.records import Kind, Record


@dataclass(frozen=True, slots=True)
class Abandoned:
    """A line of conversation that was taken back, from its beginning."""

    places: list[int]
    dropped_from: int
    """The place of the first prompt that was taken back."""
    taken_back_at: int


def lines_of_conversation(
    records: Sequence[Record], prompts: set[int]
) -> tuple[list[int], list[Abandoned]]:
    """The places of the records that count, and the lines that were taken back."""
    kept: list[int] = []
    abandoned: list[Abandoned] = []
    for place, record in enumerate(records):
        if record.kind is not Kind.ROLLBACK:
            kept.append(place)
            continue
        turns = record.payload.get("num_turns")
        starts = [n for n, earlier in enumerate(kept) if earlier in prompts]
        if isinstance(turns, int) and turns > 0 and starts:
            start = starts[max(0, len(starts) - turns)]
            abandoned.append(Abandoned(list(kept), kept[start], place))
            del kept[start:]
    return kept, abandoned
