"""An index of which is noted what it holds, and how it is used afterwards."""

from collections.abc import Awaitable, Callable
from pathlib import Path

import msgspec
import pytest
from engine_driving import until
from searched_sessions import Opened, talk

from tui_sessions import SessionManager
from tui_sessions.index.full_text import TantivyIndex
from tui_sessions.index.index_folder import IndexFolder
from tui_sessions.paths import cache_dir


class Used:
    """How often the index was opened, and which workspaces were compared with it."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.opened = 0
        self.compared: list[str] = []
        opening, compare = IndexFolder.open, TantivyIndex.compare

        def noted_opening(folder: IndexFolder, schema: object) -> object:
            self.opened += 1
            return opening(folder, schema)  # type: ignore[arg-type]

        def noted_compare(index: TantivyIndex, place: str, stamps: dict[str, str]) -> object:
            self.compared.append(place)
            return compare(index, place, stamps)

        monkeypatch.setattr(IndexFolder, "open", noted_opening)
        monkeypatch.setattr(TantivyIndex, "compare", noted_compare)


def place() -> Path:
    [folder] = [path for path in (cache_dir() / "search").iterdir() if path.is_dir()]
    return folder


def noted_write() -> str:
    """What the catalog's write is called up to which the index is known to hold everything."""
    return str(msgspec.json.decode((place() / "caught_up").read_bytes())["held"]["write"])


async def indexed(manager: SessionManager) -> None:
    """Until the index holds everything."""
    manager.start_indexing()
    await until(lambda: manager.index_progress().complete)


async def an_index(open_manager: Opened, *said_there: str, **fields: object) -> list[str]:
    """An index of sessions, each with one message; gives their ids."""
    async with open_manager() as manager:
        ids = [await talk(manager, text, **fields) for text in said_there]
        await indexed(manager)
    return ids


async def sorted_texts(manager: SessionManager, query: str) -> list[str]:
    """The messages that are found, by what they say."""
    results = await manager.search(query, wait_s=None, messages_only=True)
    assert results.complete
    assert not results.notice
    return sorted(hit.snippet.text for hit in results.hits)


async def paused(manager: SessionManager, session_id: str) -> None:
    await manager.touch(session_id)
    await manager.pause(session_id)
    await manager.resume(session_id)


async def folded(manager: SessionManager, session_id: str) -> None:
    await manager.update_metadata(session_id, {"size": 1})
    await manager.close(session_id)


async def archived(manager: SessionManager, session_id: str) -> None:
    await manager.archive(session_id)
    await manager.unarchive(session_id)


UNFOUND: dict[str, Callable[[SessionManager, str], Awaitable[object]]] = {
    "used": lambda manager, one: manager.touch(one),
    "opened here": lambda manager, one: manager.attach_surface(one, "tty:%3"),
    "paused": paused,
    "archived": archived,
    "with metadata": lambda manager, one: manager.update_metadata(one, {"colour": "red"}),
    "with its journal folded": folded,
}
"""What may become of a session without anything else being found of it."""


async def did_all(manager: SessionManager, session_id: str) -> None:
    for change in UNFOUND.values():
        await change(manager, session_id)
