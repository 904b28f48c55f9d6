"""Pictures and files: beside the session, wherever it goes, and never from anywhere else."""

from __future__ import annotations

import base64
import json
import time
from collections.abc import Callable
from contextlib import AbstractAsyncContextManager
from pathlib import Path
from typing import Any

import pytest
from engine_driving import ask, document_path
from file_samples import JPEG, PDF, PNG, attached, image, part_of, picture_of, with_picture

from tui_sessions import (
    FileNotKept,
    ImagePart,
    ProviderRegistry,
    ReplyStarted,
    ScriptedProvider,
    SessionManager,
    SessionNotFound,
    StoreError,
    TextPart,
    open_sessions,
)
from tui_sessions.stores.file import FileStore

Opened = Callable[..., AbstractAsyncContextManager[SessionManager]]


def answering(provider: ScriptedProvider) -> ProviderRegistry:
    """Providers among which `offline`, the default, is the scripted one."""
    registry = ProviderRegistry()
    registry.register("offline", lambda: provider)
    return registry


def put_into_file(folder: Path, session_id: str, **fields: Any) -> None:
    """Change the picture in a session's file by hand."""
    path = document_path(folder, session_id)
    data = json.loads(path.read_text())
    data["chats"][0]["messages"][0]["content"] = [{"type": "image", **fields}]
    path.write_text(json.dumps(data))


async def test_a_picture_lies_beside_the_session_and_not_in_it(
    manager: SessionManager, tmp_path: Path
) -> None:
    session_id, part = await with_picture(manager)
    assert (part.data, part.size) == (None, len(PNG))
    assert await manager.read_file(session_id, part.path or "") == PNG
    assert part_of((await manager.history(session_id))[0]) == part
    await manager.close(session_id)
    path = document_path(tmp_path, session_id)
    assert base64.b64encode(PNG)[:40].decode() not in path.read_text()
    folder = path.with_name(f"{session_id}.files")
    assert (folder / (part.path or "").removeprefix("files/")).read_bytes() == PNG


async def test_a_file_is_kept_as_well_and_the_same_twice_is_one(
    manager: SessionManager, tmp_path: Path
) -> None:
    session = await manager.create_session()
    added = await manager.add_message(session.id, [attached(), image(), image()])
    assert [part.data for part in added.content] == [None] * 3
    assert await manager.read_file(session.id, added.content[0].path or "") == PDF
    folder = document_path(tmp_path, session.id).with_name(f"{session.id}.files")
    assert sorted(path.suffix for path in folder.iterdir()) == [".pdf", ".png"]


async def test_edited_and_restored_messages_keep_their_pictures_in_files(
    manager: SessionManager,
) -> None:
    session_id, part = await with_picture(manager)
    before = await manager.history(session_id)
    edited = await manager.edit_message(session_id, before[0].id, [image(JPEG, "image/jpeg")])
    assert part_of(edited).data is None
    assert await picture_of(manager, session_id) == JPEG
    chat = (await manager.get_session(session_id)).chats[0]
    await manager.delete_message(session_id, before[0].id)
    await manager.replace_history(session_id, chat.id, before)
    assert await manager.read_file(session_id, part.path or "") == PNG


async def test_the_provider_is_sent_the_picture_itself(open_manager: Opened) -> None:
    provider = ScriptedProvider([["Nice"], ["Still"]])
    async with open_manager(providers=answering(provider)) as manager:
        session = await manager.create_session()
        events = [event async for event in manager.send(session.id, [image()])]
        started = next(event for event in events if isinstance(event, ReplyStarted))
        assert part_of(started.prompt).data is None
        await ask(manager, session.id, "And now?")
    assert [part_of(request.messages[0]) for request in provider.requests] == [image(), image()]


async def test_a_picture_is_read_from_the_disk_when_it_is_added_and_never_later(
    open_manager: Opened, tmp_path: Path
) -> None:
    here, text = tmp_path / "here.png", tmp_path / "text.png"
    here.write_bytes(PNG)
    text.write_text("PRIVATE")
    provider = ScriptedProvider([["Nice"], ["Hm"]])
    async with open_manager(providers=answering(provider)) as manager:
        session = await manager.create_session()
        added = await manager.add_message(session.id, [ImagePart("image/png", path=str(here))])
        here.unlink()
        assert await manager.read_file(session.id, part_of(added).path or "") == PNG
        for path in (text, tmp_path, tmp_path / "gone.png", Path("/dev/zero")):
            other = await manager.create_session()
            left = await manager.add_message(other.id, [ImagePart("image/png", path=str(path))])
            assert part_of(left) == ImagePart("image/png", path=str(path))
        await ask(manager, session.id, "What is it?")
    assert part_of(provider.requests[0].messages[0]) == image()


@pytest.mark.parametrize(
    "path",
    [
        "../../../../etc/passwd",
        "/etc/passwd",
        "files/../../victim.files/x",
        "files//etc/passwd",
        "files/\0",
        "files/" + "a" * 32 + ".png/..",
        "FILES/" + "a" * 32 + ".png",
        "files\\" + "a" * 32 + ".png",
        "files/" + "ä" * 32 + ".png",
        "",
        "files/",
    ],
)
async def test_a_path_in_a_hostile_file_leads_nowhere(
    open_manager: Opened, tmp_path: Path, path: str
) -> None:
    provider = ScriptedProvider([["Hm"]])
    async with open_manager(providers=answering(provider)) as manager:
        session_id, _ = await with_picture(manager)
        await manager.close(session_id)
        put_into_file(tmp_path, session_id, media_type="image/png", path=path)
        with pytest.raises(FileNotKept):
            await manager.read_file(session_id, path)
        await ask(manager, session_id, "Go on")
        assert part_of(provider.requests[0].messages[0]).data is None
        for kind in ("json", "html", "markdown", "openai"):
            assert b"root:" not in await manager.export_session(session_id, kind)
        await manager.fork(session_id)


async def test_the_picture_of_another_session_is_not_there(manager: SessionManager) -> None:
    _, part = await with_picture(manager)
    other = await manager.create_session()
    with pytest.raises(FileNotKept):
        await manager.read_file(other.id, part.path or "")
    for wrong in (None, 5, b"files/x"):
        with pytest.raises(FileNotKept):
            await manager.read_file(other.id, wrong)  # type: ignore[arg-type]


async def test_a_bound_face_reads_only_its_own(manager: SessionManager) -> None:
    session_id, part = await with_picture(manager)
    assert await manager.workspace("dev").read_file(session_id, part.path or "") == PNG
    with pytest.raises(SessionNotFound):
        await manager.workspace("other").read_file(session_id, part.path or "")


async def test_a_linked_picture_is_not_read(manager: SessionManager, tmp_path: Path) -> None:
    session_id, part = await with_picture(manager)
    secret = tmp_path / "secret.png"
    secret.write_bytes(JPEG)
    folder = document_path(tmp_path, session_id).with_name(f"{session_id}.files")
    kept = folder / (part.path or "").removeprefix("files/")
    kept.unlink()
    kept.symlink_to(secret)
    with pytest.raises(StoreError):
        await manager.read_file(session_id, part.path or "")
    assert base64.b64encode(JPEG)[:30] not in await manager.export_session(session_id, "json")


@pytest.mark.parametrize("where", ["whole", "at", "elsewhere", "spawned"])
async def test_a_child_has_pictures_of_its_own(manager: SessionManager, where: str) -> None:
    session_id, part = await with_picture(manager)
    (message,) = await manager.history(session_id)
    if where == "spawned":
        child = await manager.spawn_child(session_id, context="chat")
    else:
        options = {"at": {"at": message.id}, "elsewhere": {"workspace": "work"}}.get(where, {})
        child = await manager.fork(session_id, **options)
    await manager.delete(session_id)
    await manager.purge(session_id)
    assert await picture_of(manager, child.id) == PNG
    assert await manager.read_file(child.id, part.path or "") == PNG


@pytest.mark.parametrize("arrives", ["added", "edited"])
async def test_a_picture_that_came_after_a_fork_is_in_the_next_one(
    manager: SessionManager, arrives: str
) -> None:
    session_id = (await manager.create_session(workspace="dev")).id
    text = await manager.add_message(session_id, "Look")
    await manager.fork(session_id)
    if arrives == "added":
        await manager.delete_message(session_id, text.id)
        await manager.add_message(session_id, [image()])
    else:
        await manager.edit_message(session_id, text.id, [image()])
    child = await manager.fork(session_id)
    grandchild = await manager.fork(child.id)
    for one in (session_id, child.id):
        await manager.purge(one)
    assert await picture_of(manager, grandchild.id) == PNG


async def test_a_detached_fork_takes_no_pictures(manager: SessionManager, tmp_path: Path) -> None:
    session_id, _ = await with_picture(manager)
    child = await manager.fork(session_id, detached=True)
    assert not document_path(tmp_path, child.id).with_name(f"{child.id}.files").exists()


async def test_a_picture_is_there_after_a_move_a_deletion_and_its_undoing(
    manager: SessionManager, tmp_path: Path
) -> None:
    session_id, _ = await with_picture(manager)
    await manager.move(session_id, "work")
    assert await picture_of(manager, session_id) == PNG
    await manager.delete(session_id)
    await manager.undelete(session_id)
    assert await picture_of(manager, session_id) == PNG
    await manager.purge(session_id)
    assert not list(tmp_path.rglob("*.files"))


async def test_a_temporary_session_leaves_no_picture_on_the_disk(
    manager: SessionManager, tmp_path: Path
) -> None:
    session_id, _ = await with_picture(manager, temporary=True)
    assert await picture_of(manager, session_id) == PNG
    assert not list(tmp_path.rglob("*.files"))
    child = await manager.fork(session_id)
    assert await picture_of(manager, child.id) == PNG
    assert len(list(tmp_path.rglob("*.files"))) == 1


async def test_what_waits_in_memory_has_its_pictures_there(
    manual: SessionManager, tmp_path: Path
) -> None:
    session_id, part = await with_picture(manual)
    assert part == image()
    assert not list(tmp_path.rglob("*.files"))
    await manual.save(session_id)
    assert await picture_of(manual, session_id) == PNG


async def test_a_store_that_keeps_no_files_has_the_pictures_in_the_messages() -> None:
    class Plain:
        """Everything a store must have, and nothing else."""

        def __init__(self) -> None:
            from tui_sessions.stores.memory import MemoryStore

            self._memory = MemoryStore()

        def __getattr__(self, name: str) -> Any:
            if name.endswith(("_file", "_files")):
                raise AttributeError(name)
            return getattr(self._memory, name)

    provider = ScriptedProvider([["Nice"]])
    async with open_sessions(Plain(), providers=answering(provider)) as manager:
        session_id, part = await with_picture(manager)
        assert part == image()
        with pytest.raises(FileNotKept):
            await manager.read_file(session_id, "files/" + "0" * 32 + ".png")
        child = await manager.fork(session_id)
        await ask(manager, child.id, "What is it?")
        assert part_of(provider.requests[0].messages[0]) == image()
        assert part.data in (await manager.export_session(session_id, "json")).decode()


async def test_a_message_is_not_told_when_its_picture_could_not_be_kept(
    manager: SessionManager, monkeypatch: pytest.MonkeyPatch
) -> None:
    session = await manager.create_session()
    errors: list[Any] = []
    manager.on("lifecycle_error", errors.append)

    async def full(*_args: Any, **_options: Any) -> bool:
        raise StoreError("the disk is full")

    monkeypatch.setattr(FileStore, "put_file", full)
    with pytest.raises(StoreError, match="full"):
        await manager.add_message(session.id, [image()])
    assert await manager.history(session.id) == []
    assert [error.operation for error in errors] == ["save"]


async def test_a_crash_between_the_picture_and_its_message_leaves_a_session_without_both(
    open_manager: Opened, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with open_manager() as manager:
        session = await manager.create_session()

        async def crash(*_args: Any, **_options: Any) -> None:
            raise StoreError("crash")

        monkeypatch.setattr(FileStore, "append_if", crash)
        with pytest.raises(StoreError):
            await manager.add_message(session.id, [image()])
        monkeypatch.undo()
    async with open_manager() as manager:
        assert await manager.history(session.id) == []
        assert await manager.problems() == []
        await manager.add_message(session.id, [image()])
        assert await picture_of(manager, session.id) == PNG


async def test_data_that_is_none_stays_as_it_came(manager: SessionManager) -> None:
    session = await manager.create_session()
    odd = ImagePart("image/png", data="no base64!")
    added = await manager.add_message(session.id, [odd])
    assert part_of(added) == odd


async def test_odd_parts_in_a_file_harm_nothing(manager: SessionManager, tmp_path: Path) -> None:
    session_id, _ = await with_picture(manager)
    await manager.close(session_id)
    path = document_path(tmp_path, session_id)
    data = json.loads(path.read_text())
    odd = ["text", 5, None, {"type": []}, {"type": "image"}, {"type": "image", "data": {}},
           {"type": "image", "data": "AAAA"}, {"type": "file", "data": "AAAA"},
           {"type": "image", "media_type": "a/b", "path": "files/x", "size": -1},
           {"type": "image", "media_type": "a/b", "path": ["files/x"], "size": 10**400},
           {"type": "file", "name": "x", "path": {}, "data": 7}]  # fmt: skip
    data["chats"][0]["messages"] = [
        {"id": f"m{n}", "content": [part]} for n, part in enumerate(odd)
    ] + [{"id": "x", "content": "text"}, {"id": "y", "content": 7}, {"id": "z"}]
    path.write_text(json.dumps(data))
    child = await manager.fork(session_id)
    assert len(await manager.history(child.id)) == len(odd) + 3
    for kind in ("json", "html", "markdown", "openai"):
        await manager.export_session(session_id, kind)
    await ask(manager, session_id, "Go on")
    copied = json.loads(document_path(tmp_path, child.id).read_text())["chats"][0]["messages"]
    assert copied == data["chats"][0]["messages"]


async def test_sessions_with_pictures_in_them_still_open_and_their_forks_have_files(
    open_manager: Opened, tmp_path: Path
) -> None:
    async with open_manager() as manager:
        session_id, _ = await with_picture(manager)
    data = base64.b64encode(PNG).decode()
    put_into_file(tmp_path, session_id, media_type="image/png", data=data, path=None)
    async with open_manager() as manager:
        assert part_of((await manager.history(session_id))[0]) == image()
        child = await manager.fork(session_id)
        assert await picture_of(manager, child.id) == PNG
        assert part_of((await manager.history(session_id))[0]) == image()


async def test_nothing_of_a_picture_can_be_found(manager: SessionManager) -> None:
    session = await manager.create_session()
    await manager.add_message(session.id, [TextPart("pelican"), attached(b"walrus " * 99)])
    assert (await manager.search("pelican", wait_s=None)).hits
    for word in ("walrus", "d2FscnVz", base64.b64encode(b"walrus " * 99).decode()[:40]):
        assert not (await manager.search(word, wait_s=None)).hits


async def test_a_sweep_keeps_to_the_workspace_and_to_what_no_message_shows(
    manager: SessionManager, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    shown, _ = await with_picture(manager)
    gone, gone_part = await with_picture(manager)
    await manager.delete_message(gone, (await manager.history(gone))[0].id)
    for session_id in (shown, gone):
        await manager.close(session_id)
    assert await manager.sweep_files() == []
    present = time.time
    monkeypatch.setattr(time, "time", lambda: present() + 2 * 86_400)
    await manager.create_workspace("elsewhere")
    assert await manager.workspace("elsewhere").sweep_files() == []
    [path] = await manager.sweep_files()
    assert gone in path
    assert Path(path).name == (gone_part.path or "").removeprefix("files/")
    assert await picture_of(manager, shown) == PNG
