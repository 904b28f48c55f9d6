"""Sessions for the catalog, and what finds them in it."""

from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from tui_sessions import Session
from tui_sessions.index.catalog import Catalog
from tui_sessions.index.catalog_database import CatalogLost
from tui_sessions.index.catalog_rows import Wanted

MOMENT = datetime(2026, 11, 20, tzinfo=UTC)
ALL = Wanted()


def session(session_id: str, minutes: int = 0, **fields: Any) -> Session:
    times = dict.fromkeys(("created_at", "updated_at", "state_changed_at"), MOMENT)
    active = MOMENT + timedelta(minutes=minutes)
    fields = {"workspace_id": "w", **fields}
    return Session(id=session_id, last_active_at=active, **times, **fields)


def ids(catalog: Catalog, wanted: Wanted = ALL, limit: int | None = None) -> list[str]:
    return [found.id for found in catalog.find(wanted, limit)]


def kept(path: Path) -> set[str]:
    """What a new process finds."""
    catalog = Catalog(path)
    try:
        return set(ids(catalog))
    except CatalogLost:
        return set(ids(catalog))
    finally:
        catalog.close()


def filled(path: Path) -> None:
    catalog = Catalog(path)
    catalog.put(session("a", label="A"), "1")
    catalog.put(session("b"), "2")
    catalog.close()
