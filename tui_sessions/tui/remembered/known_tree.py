"""What the tree shows before the store is looked through, remembered from one start to the next."""

from __future__ import annotations

import asyncio
import contextlib
import errno
import logging
import os
from collections.abc import Mapping
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, TypeAlias

import msgspec

from tui_sessions.model.session import Workspace

if TYPE_CHECKING:
    from tui_sessions.engine.session_manager import SessionManager

log = logging.getLogger(__name__)

_Moment = Annotated[datetime, msgspec.Meta(tz=True)]
"""A time without its zone cannot be told from a later one."""
Counts: TypeAlias = Mapping[str, tuple[int, _Moment]]
"""How many sessions a workspace has, and when one of them was last used; empty ones are not in."""
_FORMAT = 1
"""Raised whenever what is remembered changes; what has another format is not read."""


class KnownTree(msgspec.Struct, frozen=True):
    """The workspaces, and how much is in them."""

    workspaces: list[Workspace]
    counts: Counts
    format: int = 0
    """Only in the file."""


async def ask_known_tree(
    manager: SessionManager, counted: Counts | None = None, *, lasting: bool = False
) -> KnownTree:
    """The workspaces and how much is in them; the store is not looked through.

    Args:
        manager: whom to ask.
        counted: how much is in them, where that is known: the catalog would count every session.
        lasting: without the temporary sessions.
    """

    async def counts() -> Counts:
        known = await manager.known_workspaces(lasting=lasting)
        return {count.workspace_id: (count.sessions, count.newest) for count in known}

    if counted is not None:
        return KnownTree(await manager.workspaces(), counted)
    told, workspaces = await asyncio.gather(counts(), manager.workspaces())
    return KnownTree(workspaces, told)


def read_known_tree(path: Path) -> KnownTree | None:
    """The tree that was remembered (blocking); None where there is none of use."""
    try:
        if path.exists() and not path.is_file():
            raise OSError(errno.EINVAL, "it is not an ordinary file")  # it might never end
        known = msgspec.json.decode(path.read_bytes(), type=KnownTree)
    except (OSError, msgspec.MsgspecError, ValueError) as error:
        if not isinstance(error, FileNotFoundError):
            log.warning("The tree in %s was not read: %s", path, error)
        return None
    if any(w.created_at and w.created_at.tzinfo is None for w in known.workspaces):
        return None
    return known if known.format == _FORMAT and known.counts else None


def remember_tree(path: Path, known: KnownTree) -> None:
    """Have the next start show this tree (blocking); a disk that is full has no say in that."""
    temporary = path.with_name(f".{path.name}.{os.getpid()}.tmp")
    try:
        text = msgspec.json.encode(msgspec.structs.replace(known, format=_FORMAT))
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        with open(os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb") as file:
            file.write(text)
        os.replace(temporary, path)
    except (OSError, ValueError, TypeError) as error:
        log.warning("The tree was not remembered in %s: %s", path, error)
        with contextlib.suppress(OSError):
            temporary.unlink(missing_ok=True)
