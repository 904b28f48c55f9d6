"""The whole conversation of a session: its own records, and those that it took over."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Mapping, Sequence

from tui_sessions.transfer.codex.records import Record
from tui_sessions.transfer.codex.rollouts import Header, read_rollout
from tui_sessions.transfer.lines import Problems

_KEPT = 3
"""So many conversations stay in memory: forks often come right after what they forked from."""


def shown_rollouts(headers: Mapping[str, Header]) -> dict[str, Header]:
    """The rollout of each session that is shown: taking turns back starts another one."""
    shown: dict[str, Header] = {}
    for header in sorted(headers.values(), key=lambda h: h.path.name):
        shown[header.id] = header
    return shown


class Threads:
    """Reads rollouts and those that they go on from."""

    def __init__(self, headers: Mapping[str, Header], max_line: int) -> None:
        self._headers = headers
        self._max_line = max_line
        self._read: OrderedDict[str, list[Record]] = OrderedDict()

    def records_of(self, header: Header, problems: Problems) -> list[Record]:
        """All records of a session, the oldest first; those of its parents where those are."""
        line = self._ancestry(header)
        records: list[Record] = []
        for above in reversed(line):
            mine = above is header
            known = self._read.get(above.rollout)
            if known is None:
                noted = problems if mine else Problems(above.path)
                known = _joined(records, read_rollout(above, noted, self._max_line), above)
            records = known
        self._keep(header.rollout, records)
        return records

    def _ancestry(self, header: Header) -> list[Header]:
        """The session and those it descends from, up to one that is in memory or not there."""
        line = [header]
        seen = {header.rollout}
        while True:
            newest = line[-1]
            parent = self._headers.get(newest.above) if newest.above else None
            if parent is None or parent.rollout in seen:
                return line
            seen.add(parent.rollout)
            line.append(parent)
            if parent.rollout in self._read:
                return line

    def _keep(self, rollout: str, records: list[Record]) -> None:
        self._read[rollout] = records
        self._read.move_to_end(rollout)
        while len(self._read) > _KEPT:
            self._read.popitem(last=False)


def _joined(above: list[Record], own: list[Record], header: Header) -> list[Record]:
    if header.cut is not None:
        below = header.cut
        return [r for r in above if r.ordinal is None or r.ordinal < below] + own
    length = _copied_length(above, own)
    return above[:length] + own[length:]


def _copied_length(above: Sequence[Record], own: Sequence[Record]) -> int:
    """How many records a fork repeats; a copy has times of its own."""
    length = 0
    for one, other in zip(above, own, strict=False):
        if one.kind is not other.kind or one.payload != other.payload:
            break
        length += 1
    return length
