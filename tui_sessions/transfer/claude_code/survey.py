"""A first look at the files of a project folder: which of them repeat which.

A resume of old versions and every `--fork-session` write a new file that repeats the old records
with the same uuids. Only hashes of the uuids are kept, so that a large folder takes little memory.
"""

from __future__ import annotations

from array import array
from collections.abc import Iterable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path
from typing import Any

import msgspec

from tui_sessions.transfer.hygiene import Undecodable, clean_text, decode_json, text_or_none
from tui_sessions.transfer.lines import MAX_LINE, read_lines

_TITLES = {"custom-title": "customTitle", "ai-title": "aiTitle", "agent-name": "agentName"}
AGENT_PREFIX = "agent-"
_MASK = 2**63 - 1
_REMEMBERED = 4096
"""Files whose look is remembered; a record takes eight bytes."""


class _Head(msgspec.Struct):
    """What the first look asks of a record; the names are the tool's."""

    type: Any = None
    uuid: Any = None
    sessionId: Any = None  # noqa: N815
    isSidechain: Any = None  # noqa: N815
    timestamp: Any = None
    leafUuid: Any = None  # noqa: N815
    summary: Any = None
    customTitle: Any = None  # noqa: N815
    aiTitle: Any = None  # noqa: N815
    agentName: Any = None  # noqa: N815


_head_decoder = msgspec.json.Decoder(_Head)


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
    titles: dict[str, str] = field(default_factory=dict)
    """The last one of each kind of title record."""


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
    copies: list[Survey] = field(default_factory=list)
    """Those of the files that only repeat a part of another."""
    _inherited: frozenset[int] | None = None

    @property
    def titles(self) -> dict[str, str]:
        """The last title of each kind: a file that carries another one on may have none."""
        return {kind: title for file in self.files for kind, title in file.titles.items()}

    def is_inherited(self, uuid: str) -> bool:
        """Whether a record came from the parent."""
        if self.parent is None:
            return False
        if self._inherited is None:
            parent = self.parent.content
            self._inherited = frozenset((*parent.keys, *parent.agent_keys))
        return key_of(uuid) in self._inherited


def survey_file(path: Path, max_line: int = MAX_LINE) -> Survey:
    """Look through one file; what is wrong with it is told when it is read for good.

    Who watches a folder asks again and again: a file that is as it was is not looked through twice.
    """
    try:
        stat = path.stat()
    except OSError:
        return Survey(path, path.stem)
    return _survey_of(path, max_line, (stat.st_size, stat.st_mtime_ns, stat.st_ino))


@lru_cache(maxsize=_REMEMBERED)
def _survey_of(path: Path, max_line: int, _state: tuple[int, ...]) -> Survey:
    survey = Survey(path, path.stem)
    sessions: dict[str, None] = {}
    for head in _heads(path, max_line):
        if not survey.first_seen and isinstance(head.timestamp, str):
            survey.first_seen = head.timestamp
        if head.type == "summary":
            _note_summary(survey, head.leafUuid, head.summary)
        key = _TITLES.get(head.type) if isinstance(head.type, str) else None
        if key is not None and (title := text_or_none(getattr(head, key))):
            survey.titles[head.type] = clean_text(title)
        if head.type not in ("user", "assistant"):
            continue
        if isinstance(head.sessionId, str) and head.sessionId:
            sessions[clean_text(head.sessionId)] = None
        keys = survey.agent_keys if head.isSidechain is True else survey.keys
        # No other file can repeat a record without a uuid.
        has_uuid = isinstance(head.uuid, str) and head.uuid
        keys.append(key_of(head.uuid if has_uuid else f"{path} {len(keys)}"))
    if sessions and path.stem not in sessions:
        survey.session_id = next(iter(sessions))
    survey.is_agent = not survey.keys and path.stem.startswith(AGENT_PREFIX)
    return survey


def _heads(path: Path, max_line: int) -> Iterator[_Head]:
    """What is asked of the lines of a file; decoding no more than that is several times faster."""
    with suppress(OSError):
        for line in read_lines(path, max_line):
            if line.data is None:
                continue
            try:
                yield _head_decoder.decode(line.data)
            except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError):
                head = _lenient_head(line.data)
                if head is not None:
                    yield head


def _lenient_head(data: bytes) -> _Head | None:
    try:
        value = decode_json(data)
    except Undecodable:
        return None
    if not isinstance(value, dict):
        return None
    return _Head(**{key: value[key] for key in _Head.__struct_fields__ if key in value})


def key_of(uuid: str) -> int:
    """A short stand-in for a uuid, valid while the program runs."""
    return hash(clean_text(uuid)) & _MASK


def lineages(surveys: Iterable[Survey]) -> list[Lineage]:
    """The conversations, parents first."""
    ordered = sorted(surveys, key=lambda s: (s.first_seen or "~", len(s.keys), s.session_id))
    owners: dict[int, Lineage] = {}
    found: list[Lineage] = []
    for survey in ordered:
        shared = _shared_prefix(survey.keys, owners)
        parent = owners[survey.keys[shared - 1]] if shared else None
        if parent is not None and shared == len(survey.keys):
            parent.files.append(survey)
            parent.copies.append(survey)
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
    return found


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
        survey.summaries[clean_text(leaf)] = clean_text(summary)
