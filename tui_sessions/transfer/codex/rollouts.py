"""Reading rollout files, those that were compressed included."""

from __future__ import annotations

import io
import re
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any, BinaryIO, cast

from tui_sessions.transfer.codex.records import Kind, Record, is_rollout_line, record_of
from tui_sessions.transfer.hygiene import moment_of, text_or_none
from tui_sessions.transfer.lines import MAX_LINE, Line, Problems, lines_of, objects_of, read_lines

COMPRESSED = ".jsonl.zst"
SUFFIXES = (".jsonl", COMPRESSED)
_ID = r"[0-9a-fA-F]{8}(?:-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}"
_ID_AT_END = re.compile(f"{_ID}$")
_TWO_IDS_AT_END = re.compile(f"{_ID}_{_ID}$")
_HEADER_LINES = 12
"""So many lines may come before the first that says what the rollout is."""


@dataclass(kw_only=True, slots=True)
class Header:
    """What a rollout says about itself."""

    path: Path
    id: str
    rollout: str
    """The id of the file: the session's own, or another where turns were taken back before it."""
    created_at: datetime | None = None
    cwd: str | None = None
    version: str | None = None
    provider: str | None = None
    instructions: str | None = None
    git_branch: str | None = None
    forked_from: str | None = None
    base: str | None = None
    """The rollout whose records come before its own; None: it has copies of them, if any."""
    cut: int | None = None
    """It takes over the records below this ordinal; None: it has copies of them."""
    spawned_by: str | None = None
    """The session whose sub-agent it is."""
    is_agent: bool = False
    agent_type: str | None = None
    """What the sub-agent is for, as `review`."""

    @property
    def above(self) -> str | None:
        """The rollout that it goes on from."""
        return self.base or self.forked_from


class Unreadable(Exception):
    """A rollout that cannot be read at all; the text says why."""


def read_header(path: Path, max_line: int = MAX_LINE) -> Header | None:
    """What a file says it is; None if Codex has not written it.

    Raises:
        Unreadable: it cannot be opened.
    """
    metas: list[dict[str, Any]] = []
    known = False
    with _objects(path, Problems(path), max_line) as objects:
        for count, (number, data) in enumerate(objects):
            known = known or is_rollout_line(data)
            record = record_of("", number, data)
            if record is not None and record.kind is Kind.META:
                metas.append(record.payload)
            elif metas or count >= _HEADER_LINES:
                break
    if not known:
        return None
    return _header(path, metas)


def read_rollout(header: Header, problems: Problems, max_line: int = MAX_LINE) -> list[Record]:
    """The records of a file, as far as it can be read."""
    records: list[Record] = []
    try:
        with _objects(header.path, problems, max_line) as objects:
            for number, data in objects:
                record = record_of(header.rollout, number, data)
                if record is not None and record.kind is not Kind.META:
                    records.append(record)
    except Unreadable as error:
        problems.add(str(error))
    return records


def rollout_id_of(path: Path) -> str:
    """The id of a rollout as the file's name has it; of most, their session's."""
    stem = _stem(path)
    found = _ID_AT_END.search(stem)
    return found[0] if found else stem


def _stem(path: Path) -> str:
    return path.name.removesuffix(".zst").removesuffix(".jsonl")


@contextmanager
def _objects(
    path: Path, problems: Problems, max_line: int
) -> Iterator[Iterator[tuple[int, dict[str, Any]]]]:
    try:
        if path.name.endswith(".zst"):
            with path.open("rb") as raw:
                yield objects_of(_decompressed(raw, max_line), problems, max_line)
        else:
            yield objects_of(read_lines(path, max_line), problems, max_line)
    except OSError as error:
        raise Unreadable(f"it could not be read: {error.strerror or error}") from error


def _decompressed(raw: BinaryIO, max_line: int) -> Iterator[Line]:
    """The lines of a compressed file."""
    errors: type[Exception]
    if sys.version_info >= (3, 14):
        from compression import zstd

        file, errors = cast(BinaryIO, zstd.ZstdFile(raw)), zstd.ZstdError
    else:
        try:
            import zstandard
        except ImportError as error:
            reason = "reading compressed rollouts needs the package zstandard; install it, please"
            raise Unreadable(reason) from error
        reader = zstandard.ZstdDecompressor().stream_reader(raw, read_across_frames=True)
        file, errors = cast(BinaryIO, io.BufferedReader(reader)), zstandard.ZstdError
    try:
        yield from lines_of(file, sys.maxsize, max_line)
    except (errors, EOFError) as error:
        raise OSError(f"it is no whole zstd file ({error})") from error


def _header(path: Path, metas: list[dict[str, Any]]) -> Header:
    meta = metas[0] if metas else {}
    source = meta.get("source")
    spawn = source.get("subagent") if isinstance(source, dict) else None
    thread_id = text_or_none(meta.get("id")) or rollout_id_of(path)
    copied = next((text_or_none(m.get("id")) for m in metas[1:] if m.get("id") != thread_id), None)
    git = meta.get("git")
    base, cut = _base(meta)
    return Header(
        path=path,
        id=thread_id,
        rollout=rollout_id_of(path) if _TWO_IDS_AT_END.search(_stem(path)) else thread_id,
        created_at=moment_of(meta.get("timestamp")),
        cwd=text_or_none(meta.get("cwd")),
        version=text_or_none(meta.get("cli_version")),
        provider=text_or_none(meta.get("model_provider")),
        instructions=_instructions(meta),
        git_branch=text_or_none(git.get("branch")) if isinstance(git, dict) else None,
        forked_from=text_or_none(meta.get("forked_from_id")) or copied,
        base=base,
        cut=cut,
        spawned_by=_spawned_by(meta, spawn),
        is_agent=spawn is not None,
        agent_type=text_or_none(spawn) or text_or_none(meta.get("agent_role")),
    )


def _base(meta: dict[str, Any]) -> tuple[str | None, int | None]:
    """The rollout that this one goes on from, and below which ordinal."""
    named = meta.get("history_base")
    if isinstance(named, dict) and text_or_none(named.get("thread_id")):
        base, cut = text_or_none(named["thread_id"]), named.get("end_ordinal_exclusive")
    else:
        base, cut = None, meta.get("forked_from_ordinal_exclusive")
    return base, cut if isinstance(cut, int) and not isinstance(cut, bool) else None


def _spawned_by(meta: dict[str, Any], spawn: object) -> str | None:
    started = spawn.get("thread_spawn") if isinstance(spawn, dict) else None
    named = started.get("parent_thread_id") if isinstance(started, dict) else None
    return text_or_none(named) or text_or_none(meta.get("parent_thread_id"))


def _instructions(meta: dict[str, Any]) -> str | None:
    base = meta.get("base_instructions")
    if isinstance(base, dict):
        base = base.get("text")
    return text_or_none(base) or text_or_none(meta.get("instructions"))
