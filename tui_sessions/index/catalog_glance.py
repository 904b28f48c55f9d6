"""A look at the catalog that changes nothing and waits for nobody."""

from __future__ import annotations

import contextlib
import os
import sqlite3
from pathlib import Path
from urllib.parse import quote

import msgspec

from tui_sessions.index.catalog_reading import read_first
from tui_sessions.index.catalog_rows import SCHEMA, Wanted
from tui_sessions.model.session import Session


def glance(path: Path, wanted: Wanted, limit: int) -> list[Session]:
    """The first of the sessions that are wanted, as they were known last; none without a catalog.

    Args:
        path: the catalog's database.
        wanted: which sessions.
        limit: how many at most.
    """
    address = f"file:{quote(os.fsencode(path))}?mode=ro"
    try:
        with contextlib.closing(sqlite3.connect(address, uri=True, timeout=0)) as db:
            if db.execute("PRAGMA user_version").fetchone()[0] != SCHEMA:
                return []
            return read_first(db, wanted, limit, ())
    except (sqlite3.Error, msgspec.MsgspecError, TypeError):
        return []
