"""Searching long sessions, which are not read again without need."""

import shutil
from pathlib import Path

import pytest
from engine_driving import document_path
from searched_sessions import Opened, found, talk, texts

from tui_sessions import Message, SessionManager
from tui_sessions.paths import cache_dir
from tui_sessions.stores import session_reader
from tui_sessions.stores.base import Stored
from tui_sessions.stores.file import FileStore


async def test_a_long_chat_that_grows_is_found_to_its_end(manager: SessionManager) -> None:
    session_id = await talk(manager)
    await manager.create_chat(session_id)
    for start in range(3):
        for number in range(5):
            await manager.add_message(
                session_id, Message.from_text("user", f"needle {start}{number}")
            )
        assert len(await found(manager, "needle", messages_only=True)) == 5 * (start + 1)


def loads_noted(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The sessions that are read from their files from now on."""
    loaded = list[str]()
    load = FileStore.load

    async def noted(store: FileStore, session_id: str) -> Stored:
        loaded.append(session_id)
        return await load(store, session_id)

    monkeypatch.setattr(FileStore, "load", noted)
    return loaded


async def test_of_a_session_that_is_never_held_as_a_whole_all_is_found(
    open_manager: Opened, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with open_manager() as manager:
        session_id = await talk(manager, "needle one", "needle two", "needle three", label="Long")
        child = await manager.fork(session_id)
        await manager.add_message(child.id, "needle four")
    monkeypatch.setattr(session_reader, "LONG", 1)
    shutil.rmtree(cache_dir())
    async with open_manager() as manager:
        expected = {"needle one", "needle two", "needle three", "needle four"}
        assert await texts(manager, "needle") == expected
        hits = await found(manager, "long")
        assert {hit.session_id for hit in hits} == {session_id, child.id}
        first, second, _ = await manager.history(session_id)
        await manager.edit_message(session_id, second.id, "pin")
        await manager.delete_message(session_id, first.id)
        hits = await found(manager, "needle", messages_only=True)
        assert {(hit.session_id, hit.snippet.text) for hit in hits} == {
            (session_id, "needle three"),
            (child.id, "needle one"),
            (child.id, "needle two"),
            (child.id, "needle four"),
        }
    shutil.rmtree(cache_dir())
    async with open_manager() as manager, open_manager() as other:
        await other.add_message(session_id, "needle five")  # it stands in the journal
        assert len(await texts(manager, "needle")) == 5


async def test_a_long_session_is_not_read_again_for_what_does_not_change_its_messages(
    open_manager: Opened, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with open_manager() as manager:
        talked = await talk(manager, *[f"straw {number}" for number in range(210)])
    async with open_manager() as manager:
        assert len(await found(manager, "straw", messages_only=True, limit=300)) == 210
        loaded = loads_noted(monkeypatch)
        for change in (
            manager.attach_surface(talked, "terminal"),
            manager.attach_surface(talked, "telephone"),
            manager.rename(talked, "Haystack"),
            manager.set_tags(talked, ["golden"]),
            manager.touch(talked),
            manager.update_metadata(talked, {"key": "value"}),
        ):
            await change
            assert [hit.session_id for hit in await found(manager, "straw", limit=1)] == [talked]
        assert loaded == [talked]
        for query in ("haystack", "golden"):
            assert [hit.session_id for hit in await found(manager, query)] == [talked]

        await manager.detach_surface(talked, "telephone")
        path = document_path(tmp_path, talked)
        path.write_text(path.read_text().replace("straw 100", "needle 100"))
        assert await texts(manager, "needle") == {"needle 100"}
        await manager.attach_surface(talked, "telephone")
        await manager.add_message(talked, "needle 300")
        assert await texts(manager, "needle") == {"needle 100", "needle 300"}


async def test_the_next_program_reads_nothing_again_where_messages_stayed_the_same(
    open_manager: Opened, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with open_manager() as manager:
        talks = [await talk(manager, "straw", label=f"Stack {number}") for number in range(3)]
    async with open_manager() as manager:
        await found(manager, "straw")
        for talked in talks:
            await manager.attach_surface(talked, "terminal")
    loaded = loads_noted(monkeypatch)
    async with open_manager() as manager:
        assert len(await found(manager, "straw")) == 3
    assert loaded == []
