"""Pictures and files in the folder beside a session: links, odd files, crashes, copies."""

from __future__ import annotations

import errno
import os
import shutil
import stat

import pytest
from store_samples import document, put

from tui_sessions.errors import FileNotKept, StoreError
from tui_sessions.model.clock import now
from tui_sessions.model.kept_files import LARGEST_FILE, file_name
from tui_sessions.stores.file import FileStore
from tui_sessions.stores.file_folder import link_files

ONE, TWO = b"\x89PNG one", b"\x89PNG two"
NAME, OTHER = file_name(ONE, "image/png"), file_name(TWO, "image/png")


@pytest.fixture
async def store(store):
    await store.save(document(), create=True)
    return store


@pytest.fixture
def folder(tmp_path):
    return tmp_path / "data" / "workspaces" / "dev" / "sessions" / "s1.files"


async def test_nobody_else_may_look_at_them(store, folder):
    await store.put_file("s1", NAME, ONE)
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700
    assert stat.S_IMODE((folder / NAME).stat().st_mode) == 0o600
    assert os.listdir(folder) == [NAME]
    assert await store.problems() == []


async def test_a_link_is_never_followed(store, folder, tmp_path):
    secret = tmp_path / "id_rsa"
    secret.write_text("PRIVATE")
    await store.put_file("s1", OTHER, TWO)
    (folder / NAME).symlink_to(secret)
    with pytest.raises(StoreError):
        await store.read_file("s1", NAME)
    child = document("s2")
    await store.copy_files("s1", child, [NAME])
    await store.save(child, create=True)
    with pytest.raises(FileNotKept):
        await store.read_file("s2", NAME)
    await store.put_file("s1", NAME, ONE)
    assert await store.read_file("s1", NAME) == ONE
    assert secret.read_text() == "PRIVATE"


async def test_a_linked_folder_is_neither_read_nor_written_nor_emptied(store, folder, tmp_path):
    outside = tmp_path / "pictures"
    outside.mkdir()
    (outside / NAME).write_bytes(ONE)
    folder.symlink_to(outside)
    with pytest.raises(StoreError):
        await store.read_file("s1", NAME)
    with pytest.raises(StoreError):
        await store.put_file("s1", OTHER, TWO)
    await store.delete("s1")
    await store.purge("s1")
    assert os.listdir(outside) == [NAME]


@pytest.mark.parametrize("odd", ["pipe", "folder", "huge"])
async def test_what_is_no_ordinary_file_is_not_read(store, folder, odd):
    await store.put_file("s1", OTHER, TWO)
    if odd == "pipe":
        os.mkfifo(folder / NAME)
    elif odd == "folder":
        (folder / NAME).mkdir()
    else:
        with (folder / NAME).open("wb") as file:
            file.truncate(LARGEST_FILE + 1)
    with pytest.raises(StoreError):
        await store.read_file("s1", NAME)


async def test_other_peoples_files_stay_when_a_session_goes(store, folder):
    await store.put_file("s1", NAME, ONE)
    (folder / "notes.txt").write_text("mine")
    await store.delete("s1")
    assert os.listdir(folder) == ["notes.txt"]


async def test_a_file_that_was_cut_off_while_it_was_written_is_written_again(store, folder):
    await store.put_file("s1", OTHER, TWO)
    left = folder / f".{NAME}.abc.tmp"
    left.write_bytes(b"half")
    os.utime(left, (1, 1))
    await store.put_file("s1", NAME, ONE)
    assert sorted(os.listdir(folder)) == sorted([NAME, OTHER])
    assert await store.read_file("s1", NAME) == ONE


@pytest.mark.parametrize("step", ["move", "delete", "undelete"])
async def test_a_crash_on_the_way_leaves_the_session_with_its_files(
    store, tmp_path, monkeypatch, step
):
    await store.put_file("s1", NAME, ONE)
    await store.append("s1", [put(1)], now())
    if step == "undelete":
        await store.delete("s1")

    def crash(*_args: object) -> None:
        raise OSError(5, "crash")

    for module in ("session_files", "trash_files"):
        monkeypatch.setattr(f"tui_sessions.stores.{module}.move_file", crash)
    call = store.move("s1", "work") if step == "move" else getattr(store, step)("s1")
    with pytest.raises(StoreError):
        await call
    monkeypatch.undo()
    again = FileStore(tmp_path / "data")
    if step == "undelete":
        await again.undelete("s1")
    assert await again.read_file("s1", NAME) == ONE
    await again.move("s1", "work")
    await again.delete("s1")
    await again.undelete("s1")
    assert await again.read_file("s1", NAME) == ONE
    assert (await again.load("s1")).document.messages("c1")[0].text == "Hello"
    await again.close()


async def test_a_move_to_another_disk_that_fails_leaves_nothing_there(store, tmp_path, monkeypatch):
    def crosses(source, target):
        raise OSError(errno.EXDEV, "Invalid cross-device link")

    await store.put_file("s1", NAME, ONE)
    with monkeypatch.context() as patch:
        patch.setattr(os, "rename", crosses)
        with pytest.raises(StoreError, match="another disk"):
            await store.move("s1", "work")
    assert list((tmp_path / "data" / "workspaces" / "work" / "sessions").iterdir()) == []
    assert await store.read_file("s1", NAME) == ONE
    await store.move("s1", "work")
    assert await store.read_file("s1", NAME) == ONE


async def test_files_whose_session_never_came_are_told_when_they_are_old(store, tmp_path):
    await store.put_file("s2", NAME, ONE, new=document("s2"))
    await store.scan()
    assert await store.problems() == []
    left = tmp_path / "data" / "workspaces" / "dev" / "sessions" / "s2.files"
    os.utime(left, (1, 1))
    await store.scan()
    [problem] = await store.problems()
    assert (problem.path, problem.session_id) == (str(left), "s2")
    assert (left / NAME).exists()


async def test_where_the_disk_knows_no_links_files_are_copied(tmp_path, monkeypatch):
    def refuse(*_args: object, **_options: object) -> None:
        raise OSError(95, "not supported")

    monkeypatch.setattr(os, "link", refuse)
    source, target = tmp_path / "a", tmp_path / "b"
    source.mkdir()
    (source / NAME).write_bytes(ONE)
    link_files(source, target, [NAME])
    assert (target / NAME).read_bytes() == ONE
    assert (target / NAME).stat().st_ino != (source / NAME).stat().st_ino


async def test_a_copied_data_folder_has_everything(store, tmp_path):
    await store.put_file("s1", NAME, ONE)
    shutil.copytree(tmp_path / "data", tmp_path / "backup")
    backup = FileStore(tmp_path / "backup")
    assert await backup.read_file("s1", NAME) == ONE
    await backup.close()
