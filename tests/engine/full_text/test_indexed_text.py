"""How much is read at a time for the index."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from tui_sessions.engine.documents.open_documents import OpenDocuments
from tui_sessions.engine.full_text.indexed_text import TextSource
from tui_sessions.index.catalog import Catalog
from tui_sessions.model.session import Chat, Session
from tui_sessions.stores.memory import MemoryStore

TIME = datetime(2026, 11, 20, tzinfo=UTC)


@pytest.mark.parametrize(
    ("counts", "together"),
    [((2, 2, 2), 3), ((1000, 1000), 1), ((4000, 2), 1), ((400, 400, 400), 2), ((), 0)],
)
async def test_only_sessions_that_are_short_are_read_side_by_side(
    counts: tuple[int, ...], together: int
) -> None:
    catalog = Catalog()
    for number, count in enumerate(counts):
        chat = Chat(id="c", message_count=count)
        moments = dict.fromkeys(
            ("created_at", "updated_at", "last_active_at", "state_changed_at"), TIME
        )
        session = Session(id=f"s{number}", workspace_id="w", chats=(chat,), **moments)
        catalog.put(session, "1")
    store = MemoryStore()
    source = TextSource(store, catalog, OpenDocuments(store), ())
    names = [f"s{number}" for number in range(len(counts))]
    assert await source.first_few(names, 1000) == names[:together]
    catalog.close()


async def test_a_session_that_is_not_known_is_read_as_well() -> None:
    store = MemoryStore()
    source = TextSource(store, Catalog(), OpenDocuments(store), ())
    assert await source.first_few(["gone"], 1000) == ["gone"]
