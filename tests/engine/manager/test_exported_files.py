"""Pictures and files in exports, which need nothing else, and back from them."""

from __future__ import annotations

import base64
import json
import shutil
from pathlib import Path

import pytest
from engine_driving import document_path
from file_samples import PDF, PNG, attached, image, part_of, with_picture

from tui_sessions import FileNotKept, FilePart, SessionManager
from tui_sessions.transfer.export_files import export_files


async def test_one_json_file_is_complete(manager: SessionManager, tmp_path: Path) -> None:
    session_id, _ = await with_picture(manager)
    await manager.add_message(session_id, [attached()])
    await manager.close(session_id)
    before = json.loads(document_path(tmp_path, session_id).read_text())
    exported = await manager.export_session(session_id, "json")
    assert base64.b64encode(PNG) in exported
    await manager.purge(session_id)
    await manager.import_session(exported)
    await manager.close(session_id)
    assert json.loads(document_path(tmp_path, session_id).read_text()) == before
    messages = await manager.history(session_id)
    assert await manager.read_file(session_id, part_of(messages[0]).path or "") == PNG
    again = await manager.import_session(exported)
    assert again.message_count == 2
    assert await manager.history(session_id) == messages


@pytest.mark.parametrize("target", ["out", "out.zip"])
async def test_a_workspace_comes_back_with_its_pictures(
    manager: SessionManager, tmp_path: Path, target: str
) -> None:
    session_id, part = await with_picture(manager)
    with export_files(tmp_path / target) as files:
        async for name, data in manager.export_workspace("dev", "json"):
            files.add(name, data)
    await manager.purge(session_id)
    steps = [s async for s in manager.import_sessions("json", [tmp_path / target])]
    assert [(s.kind, s.outcome) for s in steps] == [
        ("workspace", "unchanged"),
        ("session", "created"),
    ]
    assert await manager.read_file(session_id, part.path or "") == PNG
    steps = [s async for s in manager.import_sessions("json", [tmp_path / target])]
    assert {step.outcome for step in steps} == {"unchanged"}


@pytest.mark.parametrize("alone", [False, True])
async def test_a_copy_of_the_data_folder_is_imported_with_its_pictures(
    manager: SessionManager, tmp_path: Path, alone: bool
) -> None:
    session_id, part = await with_picture(manager)
    await manager.add_message(session_id, [FilePart("a.json", "application/json", data="e30=")])
    await manager.close(session_id)
    backup = tmp_path / "backup"
    shutil.copytree(tmp_path / "workspaces", backup / "workspaces")
    await manager.purge(session_id)
    place = document_path(backup, session_id) if alone else backup
    steps = [step async for step in manager.import_sessions("json", [place])]
    assert [s.outcome for s in steps if s.kind == "session"] == ["created"]
    assert await manager.read_file(session_id, part.path or "") == PNG


@pytest.mark.parametrize("alone", [False, True])
async def test_links_in_a_foreign_folder_bring_nothing_in(
    manager: SessionManager, tmp_path: Path, alone: bool
) -> None:
    session_id, part = await with_picture(manager)
    await manager.close(session_id)
    backup = tmp_path / "backup"
    shutil.copytree(tmp_path / "workspaces", backup / "workspaces")
    await manager.purge(session_id)
    secret = tmp_path / "secret"
    secret.write_text("PRIVATE")
    document = document_path(backup, session_id)
    kept = document.with_name(f"{session_id}.files") / (part.path or "")[6:]
    kept.unlink()
    kept.symlink_to(secret)
    async for _ in manager.import_sessions("json", [document if alone else backup]):
        pass
    with pytest.raises(FileNotKept):
        await manager.read_file(session_id, part.path or "")


async def test_pages_and_messages_hold_the_picture(manager: SessionManager) -> None:
    session_id, _ = await with_picture(manager)
    data = b"data:image/png;base64," + base64.b64encode(PNG)
    assert data in await manager.export_session(session_id, "html")
    assert data in await manager.export_session(session_id, "openai")
    assert f"{len(PNG)} bytes" in (await manager.export_session(session_id)).decode()


async def test_redacted_exports_hold_pictures_but_no_other_files(manager: SessionManager) -> None:
    session = await manager.create_session(workspace="dev")
    await manager.add_message(session.id, [image(), attached()])
    await manager.add_message(session.id, [FilePart("b", data="b25seSBoYWxm!")])
    exported = await manager.export_session(session.id, "json", redact=True)
    assert base64.b64encode(PNG) in exported
    assert base64.b64encode(PDF) not in exported
    assert b"b25se" not in exported
    [(_, data), _] = [f async for f in manager.export_workspace("dev", "json", redact=True)]
    assert base64.b64encode(PDF) not in data
