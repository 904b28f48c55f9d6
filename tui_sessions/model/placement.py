"""Which workspace a directory is: one rule for the app's own folder and for imported histories."""

from __future__ import annotations

import ntpath
import posixpath
import re
from pathlib import PurePath

from tui_sessions.model.identifiers import id_from_name
from tui_sessions.model.session import Workspace
from tui_sessions.sha256 import hex_digest

_WINDOWS = re.compile(r"[A-Za-z]:[\\/]|\\\\")
_HASH_LENGTH = 6


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
