"""The folders in which opencode kept a file for each session, message and part before 1.2."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial
from pathlib import Path
from typing import Any

from tui_sessions.transfer.base import Skipped
from tui_sessions.transfer.lines import Problems
from tui_sessions.transfer.opencode.records import Conversation, Record, in_order, part_of
from tui_sessions.transfer.single_files import read_object
from tui_sessions.transfer.units import signature_of


def is_storage(folder: Path) -> bool:
    """Whether a folder is the top of such a tree."""
    return (folder / "session").is_dir() and any(
        (folder / name).is_dir() for name in ("message", "session/info")
    )


def session_files(top: Path) -> list[Path]:
    """The files of a storage folder that stand for a session each."""
    return _files(top / "session", "*/*.json")


def conversations(top: Path, problems: Problems, only: Path | None = None) -> list[Conversation]:
    """The sessions of a storage folder.

    Args:
        top: the folder that holds `session`, `message` and `part`.
        problems: takes up what cannot be read of the sessions' own files.
        only: the file of the one session that is wanted.
    """
    # The oldest versions had all folders below `session`, and session files in `info`.
    base = top / "session" if (top / "session" / "info").is_dir() else top
    files = [only] if only is not None else session_files(top)
    flat = _loose_parts(base / "part", problems)
    found = []
    for file in files:
        info = _object(file, problems)
        if info is not None and isinstance(info.get("id"), str) and info["id"]:
            own = Problems(file)
            load = partial(_records, base, info["id"], flat, own)
            first_at, state = _first_at(base, info["id"]), _state(base, file, info["id"], flat)
            found.append(Conversation(info, file, first_at, load, own, state))
    return found


def _state(base: Path, file: Path, session_id: str, flat: dict[str, list[Path]]) -> str:
    """How all files of a session are."""
    messages = _files(_below(base / "message", session_id), "*.json")
    parts = base / "part"
    files = [file, *messages, *_files(_below(parts, session_id), "*/*.json")]
    for message in messages:
        files += [*_files(_below(parts, message.stem), "*.json"), *flat.get(message.stem, [])]
    return signature_of(files).digest


def _records(
    base: Path, session_id: str, flat: dict[str, list[Path]], problems: Problems
) -> list[Record]:
    records = []
    for file in _files(_below(base / "message", session_id), "*.json"):
        info = _object(file, problems)
        if info is None:
            continue
        message_id = str(info.get("id") or file.stem)
        parts = list(_parts(base / "part", session_id, message_id, flat, problems))
        if not parts and isinstance(info.get("parts"), list):
            parts = [part for part in info["parts"] if isinstance(part, dict)]
        records.append(Record({**info, "id": message_id}, parts))
    return sorted(records, key=lambda record: in_order(record.info))


def _parts(
    top: Path, session_id: str, message_id: str, flat: dict[str, list[Path]], problems: Problems
) -> Iterator[dict[str, Any]]:
    places = (_below(top, message_id), _below(_below(top, session_id), message_id))
    files = [file for place in places for file in _files(place, "*.json")]
    for file in files or flat.get(message_id, []):
        data = _object(file, problems)
        if data is not None:
            yield data


def _loose_parts(top: Path, problems: Problems) -> dict[str, list[Path]]:
    """The parts that lie in the folder itself, by the message that they name."""
    found: dict[str, list[Path]] = {}
    for file in _files(top, "*.json"):
        message_id = part_of(_object(file, problems), "messageID")
        if isinstance(message_id, str):
            found.setdefault(message_id, []).append(file)
    return found


def _first_at(base: Path, session_id: str) -> object:
    for file in _files(_below(base / "message", session_id), "*.json")[:1]:
        data = read_object(file)
        return part_of(data, "time", "created")
    return None


def _below(folder: Path | None, name: str) -> Path | None:
    """A folder in another one; None for what is no folder's name."""
    if folder is None or not name or len(name) > 200 or name.startswith("."):
        return None
    return None if any(char in name for char in "/\\\0") else folder / name


def _files(folder: Path | None, pattern: str) -> list[Path]:
    if folder is None:
        return []
    try:
        return sorted(path for path in folder.glob(pattern) if path.is_file())
    except OSError:
        return []


def _object(path: Path, problems: Problems) -> dict[str, Any] | None:
    data = read_object(path)
    if isinstance(data, Skipped):
        problems.add(f"{path.name}: {data.reason}")
        return None
    return data
