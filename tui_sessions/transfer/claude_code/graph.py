"""Turns and branches: reading a graph of records as conversations.

Records point to their parents, but a fork in that graph is mostly an artefact: results of parallel
tools hang on different records of one reply. So only prompts make a tree. Every other record
belongs to the turn of the nearest prompt above it, and a branch is where one turn is followed by
two different prompts.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from tui_sessions.transfer.claude_code.records import Kind, Record


@dataclass(slots=True)
class Branch:
    """One way through the prompts, from the first to a last one."""

    records: list[Record]
    """In the order of the file."""
    parent: int | None = None
    """The place of the branch that it forked from; None for the active one."""
    fork_prompt: Record | None = None
    """The first prompt of its own."""


@dataclass(slots=True)
class _Turn:
    prompt: Record | None
    parent: int | None
    last: int = -1
    """The place of the turn's last record."""
    records: list[int] = field(default_factory=list)
    has_children: bool = False


class ConversationGraph:
    """The turns of one file, without its sidechains."""

    def __init__(self, records: Sequence[Record], aliases: Mapping[str, Record]) -> None:
        self._records = records
        self._by_uuid: dict[str, Record] = {}
        for record in records:
            if record.uuid:
                self._by_uuid.setdefault(record.uuid, record)
        for uuid, original in aliases.items():
            self._by_uuid.setdefault(uuid, original)
        self._turns = [_Turn(None, None)]
        self._turn_of: dict[int, int] = {}
        self._known: dict[int, tuple[int | None, Record | None]] = {}
        self._roots: set[int] = set()
        self._replies: set[tuple[int, str]] = set()
        for place, record in enumerate(records):
            self._take(place, record)

    def branches(self) -> list[Branch]:
        """The active branch first, then the others in the order of the file."""
        leaves = [place for place, turn in enumerate(self._turns) if not turn.has_children]
        active = max(leaves, key=lambda leaf: self._turns[leaf].last)
        order = [active, *(leaf for leaf in leaves if leaf != active)]
        owners: dict[int, int] = {}
        return [self._branch(place, leaf, owners) for place, leaf in enumerate(order)]

    def _branch(self, place: int, leaf: int, owners: dict[int, int]) -> Branch:
        path: list[int] = []
        turn: int | None = leaf
        fork_turn, parent = leaf, None
        while turn is not None:
            path.append(turn)
            if parent is None and turn in owners:
                parent = owners[turn]
            elif parent is None:
                fork_turn = turn
            turn = self._turns[turn].parent
        for step in path:
            owners.setdefault(step, place)
        places = sorted(place for step in path for place in self._turns[step].records)
        return Branch(
            records=[self._records[place] for place in places],
            parent=parent,
            fork_prompt=None if parent is None else self._turns[fork_turn].prompt,
        )

    def _take(self, place: int, record: Record) -> None:
        """Give a record to its turn, and a prompt a turn of its own."""
        above, root = self._above(record)
        latest = len(self._turns) - 1
        turn = latest if above is None else above
        if record.kind is Kind.PROMPT:
            if above is None and self._starts_over(record, root):
                turn = 0
            # Two prompts of one moment below one turn are one prompt, written twice.
            moment = (turn, record.timestamp)
            if not (record.timestamp and moment in self._replies):
                self._replies.add(moment)
                self._turns[turn].has_children = True
                self._turns.append(_Turn(record, turn))
                turn = len(self._turns) - 1
            self._turn_of[id(record)] = turn
            self._roots.add(id(root) if root is not None else id(record))
        self._turns[turn].records.append(place)
        self._turns[turn].last = place

    def _starts_over(self, prompt: Record, root: Record | None) -> bool:
        """Whether a prompt with no prompt above it is a second beginning, not a lost link."""
        if len(self._turns) == 1:
            return True
        if root is None:
            return False
        previous = self._turns[-1].prompt
        same_session = previous is not None and previous.session_id == prompt.session_id
        return same_session and (root is prompt or id(root) in self._roots)

    def _above(self, record: Record) -> tuple[int | None, Record | None]:
        """The turn of the nearest prompt above; or, without one, the root record of the chain.

        Neither is there when the chain leads to a record that is missing, or in a circle.
        """
        walked: list[Record] = []
        current: Record | None = record
        answer: tuple[int | None, Record | None] = (None, None)
        visited: set[int] = set()
        while current is not None and id(current) not in visited:
            if current is not record and id(current) in self._turn_of:
                answer = (self._turn_of[id(current)], None)
                break
            if id(current) in self._known:
                answer = self._known[id(current)]
                break
            visited.add(id(current))
            walked.append(current)
            if current.parent is None and current.logical_parent is None:
                answer = (None, current if current.is_root else None)
                break
            current = self._step(current)
        for step in walked:
            self._known[id(step)] = answer
        return answer

    def _step(self, record: Record) -> Record | None:
        for link in (record.parent, record.logical_parent):
            if link is not None and link in self._by_uuid:
                return self._by_uuid[link]
        return None
