"""Our own format as an export: one JSON document a session, complete and without loss."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import msgspec

from tui_sessions.errors import TransferError
from tui_sessions.model.document import SessionDocument
from tui_sessions.model.format import FORMAT, DocumentError
from tui_sessions.model.surrogates import json_with_halves, may_hold_halves
from tui_sessions.transfer.safe_json import safe_json

_BOM = b"\xef\xbb\xbf"


class OwnJson:
    """Writes everything there is of a session."""

    name = "json"
    title = "sessions-tui JSON"
    suffix = ".json"

    def export(self, document: SessionDocument) -> bytes:
        """The session, complete."""
        return export_session(document)


def export_session(document: SessionDocument) -> bytes:
    """The whole session as JSON that a person can read and `import_document` takes."""
    return safe_json(document.data)


def import_document(data: bytes, path: Path | str = "import") -> SessionDocument:
    """The session that `export_session` wrote.

    Args:
        data: the JSON.
        path: where it comes from, for the error's text.

    Raises:
        TransferError: it is no session of ours, or one of a newer format.
    """
    try:
        value = _decoded(data.removeprefix(_BOM))
    except (msgspec.MsgspecError, ValueError, RecursionError) as error:
        raise TransferError(path, f"it is not JSON that can be read ({error}).") from error
    version = value.get("format") if isinstance(value, dict) else None
    if isinstance(version, int) and version > FORMAT:
        reason = (
            f"it has format {version}, and this version reads up to {FORMAT}; "
            "update sessions-tui to import it."
        )
        raise TransferError(path, reason)
    try:
        return SessionDocument(value)
    except DocumentError as error:
        raise TransferError(path, f"it is not a session of sessions-tui: {error}.") from error
    except RecursionError as error:
        raise TransferError(path, "it is nested too deeply to be read.") from error


def _decoded(text: bytes) -> Any:
    """The JSON value of a text; what is read as a session in the data folder is read here, too."""
    try:
        return msgspec.json.decode(text)
    except msgspec.DecodeError:
        if not may_hold_halves(text):
            raise
        return json_with_halves(text)
