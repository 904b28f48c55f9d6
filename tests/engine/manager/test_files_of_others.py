"""Sessions whose files are damaged, edited, moved or written by other programs."""

import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from engine_driving import ask, document_path

from tui_sessions import CorruptSession, SessionManager, SessionNotFound, StoreError, open_sessions


async def test_a_damaged_session_is_an_error_of_its_own_and_can_be_deleted(
    manager: SessionManager, tmp_path: Path
) -> None:
    session = await manager.create_session()
    document_path(tmp_path, session.id).write_text("{broken")
    with pytest.raises(CorruptSession):
        await manager.get_session(session.id)
    assert await manager.list_sessions() == []
    assert [p.session_id for p in await manager.problems()] == [session.id]
    assert document_path(tmp_path, session.id).read_text() == "{broken"
    assert await manager.delete(session.id) is True


async def test_unknown_keys_survive_a_whole_life(manager: SessionManager, tmp_path: Path) -> None:
    session = await manager.create_session()
    await ask(manager, session.id, "Hello")
    await manager.close(session.id)
    path = document_path(tmp_path, session.id)
    text = path.read_text()
    assert text.count('"role":"user"') == 1
    text = text.replace('"role":"user"', '"role":"user","x_message":1')
    path.write_text(text.replace('"format": 1', '"format": 1, "x_session": {"deep": [1]}'))
    await ask(manager, session.id, "More")
    await manager.rename(session.id, "Other")
    await manager.pause(session.id)
    await manager.resume(session.id)
    await manager.move(session.id, "elsewhere")
    await manager.delete(session.id)
    await manager.undelete(session.id)
    await manager.close(session.id)
    text = document_path(tmp_path, session.id).read_text()
    assert '"x_session": {"deep":[1]}' in text
    assert '"x_message":1' in text


async def test_a_newer_format_is_opened_read_only_and_never_rewritten(
    manager: SessionManager, tmp_path: Path
) -> None:
    session = await manager.create_session(label="From the future")
    path = document_path(tmp_path, session.id)
    path.write_text(path.read_text().replace('"format": 1', '"format": 2'))
    before = path.read_bytes()
    assert (await manager.get_session(session.id)).read_only
    for change in (manager.touch(session.id), manager.rename(session.id, "x")):
        with pytest.raises(StoreError):
            await change
    with pytest.raises(StoreError):
        await ask(manager, session.id, "Hello")
    await manager.close(session.id)
    assert path.read_bytes() == before
    assert (await manager.resolve_session()).id != session.id


async def test_a_session_that_another_process_moves_is_at_once_in_its_new_workspace_only(
    tmp_path: Path,
) -> None:
    store = (tmp_path / "data").as_uri()
    async with open_sessions(store) as one, open_sessions(store) as two:
        session = await one.create_session(workspace="here")
        await one.add_message(session.id, "Hello")
        await one.close(session.id)
        await one.history(session.id)
        await two.move(session.id, "there")
        assert (await one.get_session(session.id)).workspace_id == "there"
        assert len(await one.workspace("there").history(session.id)) == 1
        with pytest.raises(SessionNotFound):
            await one.workspace("here").history(session.id)


async def test_a_file_that_is_moved_by_hand_is_in_its_new_workspace_once_listed(
    tmp_path: Path,
) -> None:
    folder = tmp_path / "data" / "workspaces"
    async with open_sessions((tmp_path / "data").as_uri()) as manager:
        session = await manager.create_session(workspace="here")
        await manager.history(session.id)
        await manager.create_session(workspace="there")
        name = f"sessions/{session.id}.json"
        (folder / "here" / name).rename(folder / "there" / name)
        assert {s.workspace_id for s in await manager.list_sessions()} == {"there"}
        assert (await manager.get_session(session.id)).workspace_id == "there"
        with pytest.raises(SessionNotFound):
            await manager.workspace("here").history(session.id)


async def test_a_session_that_is_moved_while_the_folders_are_looked_through_is_listed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    store, folder = (tmp_path / "data").as_uri(), tmp_path / "data" / "workspaces"
    async with open_sessions(store) as manager:
        moved = await manager.create_session(workspace="here")
        stays = await manager.create_session(workspace="there")
    old, new = (folder / place / "sessions" / f"{moved.id}.json" for place in ("here", "there"))
    os.utime(old.parent, (0, 0))  # the folder that has changed last is looked through first
    scandir = os.scandir

    def moving(path: Path) -> Iterator[os.DirEntry[str]]:
        if path == old.parent and old.exists():
            old.rename(new)
        return scandir(path)

    monkeypatch.setattr(os, "scandir", moving)
    async with open_sessions(store) as manager:
        for _ in range(2):
            listed = {each.id: each.workspace_id for each in await manager.list_sessions()}
            assert listed == {moved.id: "there", stays.id: "there"}


async def test_a_huge_number_in_a_file_is_listed_and_kept(
    manager: SessionManager, tmp_path: Path
) -> None:
    odd, other = [await manager.create_session(metadata={"number": 1}) for _ in range(2)]
    path = document_path(tmp_path, odd.id)
    path.write_text(path.read_text().replace('{"number":1}', '{"number":1%s}' % ("0" * 30)))
    assert {session.id for session in await manager.list_sessions()} == {odd.id, other.id}
    renamed = await manager.rename(odd.id, "Odd")
    assert (renamed.metadata, renamed.label) == ({"number": 10**30}, "Odd")
