"""What an import did, step by step, and all steps counted together."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import msgspec

if TYPE_CHECKING:
    from tui_sessions.transfer.base import ImportedSession, Skipped

OUTCOMES = ("created", "updated", "unchanged", "in_trash", "older", "skipped")


class ImportStep(msgspec.Struct, frozen=True, kw_only=True):
    """One session, workspace or template that was met, or something that was left out."""

    outcome: str
    """`created`; `updated` with what is new in the source; `unchanged`; `in_trash`: the person
    deleted it, so it was left there; `older` than what was asked for; `skipped` with a reason."""
    path: Path
    kind: str = "session"
    """What it is about: a `session`; a `workspace` of an export of ours, or a `template` of such a
    workspace, which `label` names."""
    session_id: str | None = None
    workspace_id: str | None = None
    label: str = ""
    messages: int = 0
    """How many came in."""
    reason: str = ""
    lines: tuple[int, ...] = ()
    """The first line numbers that were left out, where lines can be told."""
    count: int = 1
    """How many lines or records were left out for this reason."""
    share: float = 0.0
    """How much of the source is behind it, from 0 to 1, by the size of its files."""


class ImportReport:
    """The steps of an import, counted.

    ```python
    report = ImportReport()
    async for step in manager.import_sessions("claude-code"):
        report.add(step)
    ```
    """

    def __init__(self) -> None:
        self.counts: dict[str, int] = dict.fromkeys(OUTCOMES, 0)
        """How many sessions came to which end, or were left out."""
        self.messages = 0
        """How many messages came in."""
        self.others: dict[str, int] = {}
        """How many workspaces and templates the source told of, by kind."""
        self.new_others: dict[str, int] = {}
        """How many of them came in."""
        self._left_out: dict[str, list[ImportStep]] = {}

    def add(self, step: ImportStep) -> None:
        """Count a step."""
        if step.kind != "session" and step.outcome != "skipped":
            self.others[step.kind] = self.others.get(step.kind, 0) + 1
            is_new = step.outcome == "created"
            self.new_others[step.kind] = self.new_others.get(step.kind, 0) + is_new
            return
        self.counts[step.outcome] += 1
        self.messages += step.messages
        if step.outcome == "skipped":
            self._left_out.setdefault(step.reason, []).append(step)

    @property
    def sessions(self) -> int:
        """How many sessions the source told of that could be read."""
        return sum(self.counts[outcome] for outcome in OUTCOMES if outcome != "skipped")

    @property
    def is_empty(self) -> bool:
        """Whether nothing that the source told of could be read."""
        return not self.sessions and not self.others

    @property
    def left_out(self) -> list[ImportStep]:
        """What was left out, in the order it was met."""
        return [step for steps in self._left_out.values() for step in steps]

    def reasons(self) -> Iterator[tuple[str, list[ImportStep]]]:
        """Why something was left out, each reason with what it concerns, the commonest first."""
        yield from sorted(self._left_out.items(), key=lambda entry: -len(entry[1]))


def left_out(skipped: Skipped) -> ImportStep:
    """The step of something that an importer left out."""
    return ImportStep(
        outcome="skipped",
        path=skipped.path,
        reason=skipped.reason,
        lines=skipped.lines,
        count=skipped.count,
    )


def step_of(
    found: ImportedSession,
    outcome: str,
    messages: int = 0,
    workspace_id: str | None = None,
    *,
    reason: str = "",
) -> ImportStep:
    """What came of a session that an importer gave."""
    session = found.document.session()
    return ImportStep(
        outcome=outcome,
        path=found.path,
        session_id=session.id,
        workspace_id=workspace_id or session.workspace_id,
        label=session.label,
        messages=messages,
        reason=reason,
        share=found.share,
    )
