"""Which workspace a directory is: one rule for the app's own folder and for imported histories."""

from __future__ import annotations

import ntpath
import posixpath
import re
from collections.abc import Collection, Iterable
from pathlib import PurePath

from tui_sessions.errors import InvalidValue
from tui_sessions.model.identifiers import id_from_name, is_id
from tui_sessions.model.session import Workspace
from tui_sessions.sha256 import hex_digest

_WINDOWS = re.compile(r"[A-Za-z]:[\\/]|\\\\")
_HASH_LENGTH = 6


def workspace_named(name: str, workspaces: Iterable[Workspace]) -> Workspace | None:
    """The workspace that a person means by an id, or else by a name that no other has.

    Raises:
        InvalidValue: several have that name.
    """
    known = list(workspaces)
    found = [one for one in known if one.id == name] or [one for one in known if one.name == name]
    if len(found) > 1:
        ids = ", ".join(one.id for one in found)
        sentence = f"{len(found)} workspaces are named {name!r}; use {ids}."
        raise InvalidValue("workspace", name, ids, sentence=sentence)
    return found[0] if found else None


def workspace_of_name(name: str, taken: Collection[str] = ()) -> Workspace:
    """The workspace that a person gives a name to, and which may not be there yet.

    Names in other scripts get an id of their own each, whatever little of them an id can hold.

    Args:
        name: any that has a letter or a digit.
        taken: the ids of workspaces that have other names: none of them is given to this one.
    """
    if is_id(name):
        return Workspace(id=name, name=name)
    is_lost = any(letter.isalnum() and not letter.isascii() for letter in name)
    made = id_from_name(name)
    digest = hex_digest(name.encode("utf-8", "replace").decode())[:_HASH_LENGTH]
    return Workspace(id=f"{made}-{digest}" if is_lost or made in taken else made, name=name)


def workspace_of_directory(path: str | PurePath) -> Workspace:
    """The workspace of an absolute path, of this machine or of another one.

    The path is only looked at as text, so a folder that is gone keeps its workspace.
    """
    text = str(path).encode("utf-8", "replace").decode()
    flavour = ntpath if _WINDOWS.match(text) else posixpath
    directory = flavour.normpath(text)
    name = flavour.basename(directory)
    digest = hex_digest(directory)[:_HASH_LENGTH]
    return Workspace(
        id=f"{id_from_name(name)}-{digest}", name=name or directory, directory=directory
    )
