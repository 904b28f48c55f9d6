"""Pictures and files on their way between messages and the store that keeps them beside."""

from __future__ import annotations

import asyncio
import base64
import logging
import os
import stat
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import msgspec

from tui_sessions.errors import SessionsError
from tui_sessions.model.changes import AddChat, Change, PutMessage, SetMessage
from tui_sessions.model.document import SessionDocument
from tui_sessions.model.kept_files import (
    LARGEST_FILE,
    belongs_in_file,
    data_in,
    file_parts,
    file_parts_of,
    kept_name,
    name_all,
    name_file,
    name_in,
    names_in,
    own_data_parts,
    put_data,
)
from tui_sessions.model.message import ImagePart, Message, Part
from tui_sessions.model.picture_kinds import picture_kind
from tui_sessions.stores.base import FileKeeping, Store

log = logging.getLogger(__name__)

_MARK_LENGTH = 16
_FLAGS = os.O_RDONLY | os.O_NONBLOCK | getattr(os, "O_CLOEXEC", 0)


async def keep_changed(store: Store, session_id: str, changes: Iterable[Change]) -> None:
    """Put the data in changes into the store's files, and their names in its place."""
    parts = file_parts([content for change in changes for content in _contents(change)])
    if parts:  # hardly ever, and every message that is saved comes here
        await _keep(store, session_id, parts)


async def keep_new(store: Store, document: SessionDocument, source_id: str | None = None) -> None:
    """The same for a document that is about to be saved for the first time.

    Args:
        store: where it goes.
        document: it is given the files that its messages name, too.
        source_id: the session that has these.
    """
    chats = document.data["chats"]
    if not document.has_files:
        return
    if source_id is not None and isinstance(store, FileKeeping) and (names := names_in(chats)):
        await store.copy_files(source_id, document, names)
    await _keep(store, document.id, own_data_parts(chats), document)


async def name_files(what: SessionDocument | Sequence[Change]) -> None:
    """Let all pictures of another tool's history name the files that they are to lie in."""
    parts = _parts_of(what)
    if any(part.get("data") for part in parts):
        await asyncio.to_thread(name_all, parts)


async def keep_from(
    store: Store,
    session_id: str,
    what: SessionDocument | Sequence[Change],
    files: Mapping[str, Path],
) -> None:
    """Copy files that parts name from where they lie, one by one; what is gone is left out.

    Args:
        store: where they go; one that keeps no files has their data in the messages.
        session_id: whose they are.
        what: a document that is about to be saved for the first time, or changes of a session.
        files: where they lie, by the names they are to have.
    """
    if not files:
        return
    new = what if isinstance(what, SessionDocument) else None
    kept: set[str] = set()
    for part in _parts_of(what):
        name = kept_name(part.get("path"))
        if name is None or name in kept or name not in files:
            continue
        data = await asyncio.to_thread(_named_content, part, name, files[name])
        if data is None:
            log.warning("%s has changed while it was imported, and is left out", files[name])
        elif isinstance(store, FileKeeping) and await store.put_file(
            session_id, name, data, new=new
        ):
            kept.add(name)
        else:
            await asyncio.to_thread(put_data, part, data)


async def put_back(store: Store, document: SessionDocument, *, only_pictures: bool = False) -> None:
    """Put what lies in files into a document of the caller's own, so that it is complete."""
    if not isinstance(store, FileKeeping):
        return
    for part in file_parts_of(document.data["chats"]):
        name = kept_name(part.get("path"))
        if name is None or (only_pictures and part["type"] != "image"):
            continue
        try:
            data = await store.read_file(document.id, name)
        except SessionsError as error:
            log.warning("%s of session %s is left out: %s", name, document.id, error)
            continue
        await asyncio.to_thread(put_data, part, data)


async def taken_in(message: Message) -> Message:
    """A message that the person's program adds, with the pictures that it names on the disk.

    Only then: the path in a session's file may be anybody's, so it is never followed later.
    """
    paths = [p.path for p in message.content if isinstance(p, ImagePart) and _is_elsewhere(p)]
    if not paths:
        return message
    parts = [await asyncio.to_thread(_taken_in, part) for part in message.content]
    return msgspec.structs.replace(message, content=tuple(parts))


async def _keep(
    store: Store,
    session_id: str,
    parts: Iterable[dict[str, Any]],
    new: SessionDocument | None = None,
) -> None:
    """Put the data of parts into files one by one, so that no two are held at once."""
    for part in parts:
        if part.get("data") and not (
            isinstance(store, FileKeeping) and await _keep_one(store, session_id, part, new)
        ):
            return


async def _keep_one(
    store: FileKeeping, session_id: str, part: dict[str, Any], new: SessionDocument | None
) -> bool:
    """Put the data of a part into a file; tells whether the store keeps such."""
    data = await asyncio.to_thread(data_in, part)
    if data is None or len(data) > LARGEST_FILE or not belongs_in_file(part, data):
        return True
    name = await asyncio.to_thread(name_in, part, data)
    if not await store.put_file(session_id, name, data, new=new):
        return False
    name_file(part, name, len(data))
    return True


def _parts_of(what: SessionDocument | Sequence[Change]) -> list[dict[str, Any]]:
    if isinstance(what, SessionDocument):
        return file_parts_of(what.data["chats"])
    return file_parts([content for change in what for content in _contents(change)])


def _named_content(part: dict[str, Any], name: str, path: Path) -> bytes | None:
    """What is in the file that a name was made from; None where it is another one by now."""
    try:
        data = _content_of(path, lambda _: True)
    except (OSError, ValueError):
        return None
    return data if name_in(part, data) == name else None


def _contents(change: Change) -> Iterator[object]:
    match change:
        case PutMessage(value=value) | SetMessage(fields=value):
            yield value.get("content")
        case AddChat(value=chat):
            yield from (message.get("content") for message in chat.get("messages") or ())


def _is_elsewhere(part: ImagePart) -> bool:
    return part.data is None and part.path is not None and kept_name(part.path) is None


def _taken_in(part: Part) -> Part:
    """The picture at a part's path; the part as it is where there is none."""
    if not isinstance(part, ImagePart) or not _is_elsewhere(part) or part.path is None:
        return part
    try:
        data = _picture_at(part.path)
    except (OSError, ValueError):
        return part
    kind = picture_kind(data[:_MARK_LENGTH])
    return ImagePart(kind, data=base64.b64encode(data).decode()) if kind else part


def _picture_at(path: str) -> bytes:
    """What is in a file that begins as a picture; nothing where it does not, or is too large."""
    return _content_of(path, lambda start: picture_kind(start) is not None)


def _content_of(path: str | Path, is_wanted: Callable[[bytes], bool]) -> bytes:
    """What is in a file whose beginning is as wanted; nothing otherwise, or of a larger one."""
    handle = os.open(path, _FLAGS)
    try:
        status = os.fstat(handle)
        if not stat.S_ISREG(status.st_mode) or status.st_size > LARGEST_FILE:
            return b""
        with open(handle, "rb", closefd=False) as file:
            return file.read(LARGEST_FILE) if is_wanted(file.peek(_MARK_LENGTH)) else b""
    finally:
        os.close(handle)
