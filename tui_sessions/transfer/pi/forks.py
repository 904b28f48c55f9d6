"""Forks into files of their own: what such a file repeats of the one that it was made from."""

from __future__ import annotations

import glob
import hashlib
import ntpath
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import msgspec

from tui_sessions.transfer.hygiene import text_or_none

_OWN_TO_A_FILE = ("id", "parentId", "firstKeptEntryId")
"""What versions give anew when they bring a file up to date."""
_LONGEST_NAME = 200


@dataclass(frozen=True, slots=True)
class Original:
    """The file that another one was forked from."""

    session_id: str
    entries: dict[bytes, str]
    """The ids of its entries, by what these say."""
    owners: dict[str, str]
    """The sessions that its entries are in, by their ids."""

    def entry_like(self, entry: dict[str, Any]) -> str | None:
        """The id of the entry that another one repeats; None where it is new."""
        return self.entries.get(fingerprint(entry))


def named_original(header: dict[str, Any]) -> str | None:
    """The path that the header of a fork names."""
    return text_or_none(header.get("parentSession")) or text_or_none(header.get("branchedFrom"))


def original_session(header: dict[str, Any]) -> str | None:
    """The session that a file was forked from: `<time>_<id>.jsonl` names it."""
    named = named_original(header)
    return Path(ntpath.basename(named)).stem.rpartition("_")[2] or None if named else None


def original_file(header: dict[str, Any], path: Path) -> Path | None:
    """The file that a file was forked from, if it lies beside it or in the next project's folder.

    Only its name is taken from the header, which may come from another machine, or from anybody.
    """
    name = ntpath.basename(named_original(header) or "")
    if name in ("", ".", "..", path.name) or len(name) > _LONGEST_NAME or "\0" in name:
        return None
    beside = path.with_name(name)
    others = sorted(path.parent.parent.glob(f"*/{glob.escape(name)}"))
    return next((file for file in (beside, *others) if file.is_file()), None)


def fingerprint(entry: dict[str, Any]) -> bytes:
    """Equal for an entry and its copy in another file."""
    said = {key: value for key, value in entry.items() if key not in _OWN_TO_A_FILE}
    return hashlib.blake2b(msgspec.json.encode(said), digest_size=12).digest()
