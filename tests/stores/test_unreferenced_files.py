"""Files that no message names any more: they go after a day, and no other file ever does."""

from __future__ import annotations

import os
import time

import pytest
from store_samples import LATER, document, message, put

from tui_sessions.model.changes import RemoveMessage, SetFields
from tui_sessions.model.document import SessionDocument
from tui_sessions.model.kept_files import file_name
from tui_sessions.stores.file import FileStore
from tui_sessions.stores.locking import locked

ONE, TWO = b"\x89PNG one", b"\x89PNG two"
NAME, OTHER = file_name(ONE, "image/png"), file_name(TWO, "image/png")
_TWO_DAYS = 2 * 86_400


def picture(name: str) -> dict[str, str]:
    return {"type": "image", "media_type": "image/png", "path": f"files/{name}"}


def with_picture(session_id: str = "s1", name: str = NAME) -> SessionDocument:
    """A session with one message, which shows a picture."""
    shown = {**message(1), "content": [picture(name)]}
    return document(session_id, chats=[{"id": "c1", "messages": [shown]}])


@pytest.fixture
async def store(store):
    await store.save(with_picture(), create=True)
    await store.put_file("s1", NAME, ONE)
    await store.put_file("s1", OTHER, TWO)
    return store


@pytest.fixture
def days_later(monkeypatch):
    present = time.time
    monkeypatch.setattr(time, "time", lambda: present() + _TWO_DAYS)


def kept(sessions, session_id="s1"):
    folder = sessions / f"{session_id}.files"
    return sorted(os.listdir(folder)) if folder.exists() else []


async def test_a_day_after_nothing_names_it_any_more_a_file_goes(store, sessions, days_later):
    assert await store.sweep_files("dev") == [str(sessions / "s1.files" / OTHER)]
    assert kept(sessions) == [NAME]
    assert await store.sweep_files("dev") == []
    assert (await store.list_files("s1"), await store.problems()) == ([NAME], [])


async def test_within_a_day_it_stays(store, sessions):
    assert await store.sweep_files("dev") == []
    assert kept(sessions) == sorted([NAME, OTHER])


async def test_a_session_that_was_just_changed_keeps_all(store, sessions, days_later):
    soon = time.time()
    for name in ("s1.json", "s1.journal.jsonl"):
        if name.endswith("jsonl"):
            os.utime(sessions / "s1.json")
            await store.append("s1", [SetFields(fields={"label": "x"})], LATER)
        os.utime(sessions / name, (soon, soon))
        assert await store.sweep_files("dev") == []
    assert kept(sessions) == sorted([NAME, OTHER])


async def test_what_only_the_journal_names_stays(store, sessions, days_later):
    await store.append("s1", [put(2, content=[picture(OTHER)])], LATER)
    assert await store.sweep_files("dev") == []
    await store.fold("s1")
    assert await store.sweep_files("dev") == []
    assert kept(sessions) == sorted([NAME, OTHER])


async def test_with_the_last_message_that_showed_one_the_folder_goes(store, sessions, days_later):
    await store.append("s1", [RemoveMessage(chat="c1", message="m1")], LATER)
    await store.fold("s1")
    assert len(await store.sweep_files("dev")) == 2
    assert not (sessions / "s1.files").exists()
    assert sorted(os.listdir(sessions)) == ["s1.json"]


async def test_a_fork_keeps_what_its_parent_lost_and_the_trash_keeps_all(
    store, sessions, days_later
):
    child = with_picture("s2", OTHER)
    await store.copy_files("s1", child, [OTHER])
    await store.save(child, create=True)
    await store.save(with_picture("s3"), create=True)
    await store.put_file("s3", OTHER, TWO)
    await store.delete("s3")
    assert await store.sweep_files("dev") == [str(sessions / "s1.files" / OTHER)]
    assert await store.read_file("s2", OTHER) == TWO
    await store.undelete("s3")
    assert await store.list_files("s3") == [OTHER]


async def test_names_in_any_text_and_under_foreign_keys_count(store, sessions, days_later):
    await store.append("s1", [SetFields(fields={"metadata": {"note": f"see {OTHER}"}})], LATER)
    await store.fold("s1")
    assert await store.sweep_files("dev") == []


@pytest.mark.parametrize("text", [b"{", b"", b'{"format": 99, "id": "s1", "created_at": "2026", '])
async def test_a_session_that_cannot_be_understood_keeps_all(store, sessions, days_later, text):
    path = sessions / "s1.json"
    if text.startswith(b'{"format"'):
        text = path.read_bytes().replace(b'"format": 1', b'"format": 99')
    path.write_bytes(text)
    assert await store.sweep_files("dev") == []
    assert kept(sessions) == sorted([NAME, OTHER])


async def test_a_session_in_use_by_another_program_keeps_all_and_stops_no_other(
    store, sessions, days_later, monkeypatch
):
    await store.save(with_picture("s2"), create=True)
    await store.put_file("s2", OTHER, TWO)
    monkeypatch.setattr("tui_sessions.stores.locking.PATIENCE_S", 0.01)
    with locked(sessions / "s1.journal.jsonl"):
        assert await store.sweep_files("dev") == [str(sessions / "s2.files" / OTHER)]
    assert kept(sessions) == sorted([NAME, OTHER])


async def test_links_and_foreign_files_stay(store, sessions, days_later, tmp_path):
    folder = sessions / "s1.files"
    linked = file_name(b"three", "image/png")
    (folder / linked).symlink_to(tmp_path / "elsewhere")
    (folder / "notes.txt").write_text("mine")
    elsewhere = tmp_path / "pictures"
    elsewhere.mkdir()
    (elsewhere / OTHER).write_bytes(TWO)
    (sessions / "s2.files").symlink_to(elsewhere)
    assert await store.sweep_files("dev") == [str(folder / OTHER)]
    assert kept(sessions) == sorted([NAME, linked, "notes.txt"])
    assert os.listdir(elsewhere) == [OTHER]


async def test_a_linked_folder_of_sessions_is_not_swept(store, sessions, days_later, tmp_path):
    elsewhere = sessions.rename(tmp_path / "elsewhere")
    sessions.symlink_to(elsewhere)
    assert await store.sweep_files("dev") == []
    assert kept(elsewhere) == sorted([NAME, OTHER])


async def test_a_file_that_is_put_again_is_as_young_as_a_new_one(store, sessions):
    path = sessions / "s1.files" / OTHER
    os.utime(path, (0, 0))
    await store.put_file("s1", OTHER, TWO)
    assert path.stat().st_mtime > time.time() - 60


async def test_where_there_is_nothing_to_sweep_nothing_happens(tmp_path, days_later):
    store = FileStore(tmp_path / "none")
    assert await store.sweep_files("dev") == []
    assert not (tmp_path / "none").exists()
    await store.close()
