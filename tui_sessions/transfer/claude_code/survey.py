"""A first look at the files of a project folder: which of them repeat which.

A resume of old versions and every `--fork-session` write a new file that repeats the old records
with the same uuids. Only hashes of the uuids are kept, so that a large folder takes little memory.
"""

from __future__ import annotations

from array import array
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from tui_sessions.transfer.lines import MAX_LINE, Problems, read_objects

AGENT_PREFIX = "agent-"
_MASK = 2**63 - 1


@dataclass(slots=True)
class Survey:
    """What the first look at one file found."""

    path: Path
    session_id: str
    """Of its main conversation; for a sub-agent's file that of the session it belongs to."""
    first_seen: str = ""
    keys: array[int] = field(default_factory=lambda: array("q"))
    """Hashes of the uuids of its main conversation, in order."""
    agent_keys: array[int] = field(default_factory=lambda: array("q"))
    """The same of the sub-agents inside it."""
    is_agent: bool = False
    summaries: dict[str, str] = field(default_factory=dict)
    """Titles that the file gives to conversations, also of other files, by their last record."""


@dataclass(slots=True, eq=False)
class Lineage:
    """One conversation over all files that carried it on."""

    root: Survey
    """The oldest file; the session's id is made from it."""
    content: Survey
    """The file that holds all of it."""
    parent: Lineage | None = None
    """The conversation that it forked from."""
    files: list[Survey] = field(default_factory=list)
    _inherited: frozenset[int] | None = None

    def is_inherited(self, uuid: str) -> bool:
        """Whether a record came from the parent."""
        if self.parent is None:
            return False
        if self._inherited is None:
            parent = self.parent.content
            self._inherited = frozenset((*parent.keys, *parent.agent_keys))
        return key_of(uuid) in self._inherited


def survey_file(path: Path, max_line: int = MAX_LINE) -> Survey:
    """Look through one file; what is wrong with it is told when it is read for good."""
    survey = Survey(path, path.stem)
    sessions: dict[str, None] = {}
    for _, data in read_objects(path, Problems(path), max_line):
        if not survey.first_seen and isinstance(data.get("timestamp"), str):
            survey.first_seen = data["timestamp"]
        if data.get("type") == "summary":
            _note_summary(survey, data.get("leafUuid"), data.get("summary"))
        if data.get("type") not in ("user", "assistant"):
            continue
        session_id = data.get("sessionId")
        if isinstance(session_id, str) and session_id:
            sessions[session_id] = None
        if data.get("isSidechain") is True:
            survey.agent_keys.append(key_of(str(data.get("uuid"))))
        else:
            survey.keys.append(key_of(str(data.get("uuid"))))
    if sessions and path.stem not in sessions:
        survey.session_id = next(iter(sessions))
    survey.is_agent = not survey.keys and path.stem.startswith(AGENT_PREFIX)
    return survey


def key_of(uuid: str) -> int:
    """A short stand-in for a uuid, valid while the program runs."""
    return hash(uuid) & _MASK


def lineages(surveys: Iterable[Survey]) -> tuple[list[Lineage], list[Survey]]:
    """The conversations, parents first, and the files that only repeat a part of another."""
    ordered = sorted(surveys, key=lambda s: (s.first_seen or "~", len(s.keys), s.session_id))
    owners: dict[int, Lineage] = {}
    found: list[Lineage] = []
    copies: list[Survey] = []
    for survey in ordered:
        shared = _shared_prefix(survey.keys, owners)
        parent = owners[survey.keys[shared - 1]] if shared else None
        if parent is not None and shared == len(survey.keys):
            parent.files.append(survey)
            copies.append(survey)
            continue
        if parent is not None and _carries_on(survey, parent.content):
            lineage = parent
            lineage.content = survey
            lineage.files.append(survey)
        else:
            lineage = Lineage(survey, survey, parent, [survey])
            found.append(lineage)
        for key in survey.keys:
            owners.setdefault(key, lineage)
    return found, copies


def _carries_on(survey: Survey, older: Survey) -> bool:
    """Whether the older file has nothing that the newer one lacks."""
    return not set(older.keys) - set(survey.keys)


def _shared_prefix(keys: Sequence[int], owners: dict[int, Lineage]) -> int:
    for place, key in enumerate(keys):
        if key not in owners:
            return place
    return len(keys)


def _note_summary(survey: Survey, leaf: object, summary: object) -> None:
    if isinstance(leaf, str) and isinstance(summary, str) and summary.strip():
        survey.summaries[leaf] = summary
