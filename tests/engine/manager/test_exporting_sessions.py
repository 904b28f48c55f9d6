"""Exports by the library: everything comes back, and only what was asked for goes out."""

from __future__ import annotations

import json
import zipfile
from pathlib import Path

import pytest

from tui_sessions import (
    ChatNotFound,
    InvalidValue,
    SessionManager,
    SessionNotFound,
    WorkspaceNotFound,
    open_sessions,
)
from tui_sessions.engine.importing.import_steps import ImportReport
from tui_sessions.transfer.export_files import export_files
from tui_sessions.transfer.redaction import Redactor
from tui_sessions.transfer.registry import exporter_names


async def filled(manager: SessionManager) -> dict[str, str]:
    """A workspace with a fork, a detached fork and something in the trash."""
    await manager.create_workspace("dev", name="Dev !", directory="/home/ana/dev")
    await manager.update_workspace("dev", template="assistant")
    first = await manager.create_session(workspace="dev", label="../Plan", tags=["x"])
    chat = await manager.create_chat(first.id, name="One")
    await manager.create_chat(first.id, name="Two")
    await manager.switch_chat(first.id, chat.id)
    for text in ("Hello", "mail ana@example.com"):
        await manager.add_message(first.id, text)
    at = (await manager.history(first.id))[0].id
    fork = await manager.fork(first.id, at=at)
    detached = await manager.fork(first.id, detached=True)
    trashed = await manager.create_session(workspace="dev", label="Gone")
    await manager.delete(trashed.id)
    other = await manager.create_session(workspace="other", label="../Plan")
    ids = {"fork": fork, "detached": detached, "trashed": trashed, "other": other}
    return {"first": first.id, **{name: session.id for name, session in ids.items()}}


async def files_of(steps) -> dict[str, bytes]:
    return {name: data async for name, data in steps}


async def everything(manager: SessionManager) -> dict[str, object]:
    """Each session as the JSON that is kept, and each workspace."""
    sessions = {
        session.id: json.loads(await manager.export_session(session.id, "json"))
        for session in await manager.list_sessions()
    }
    return {**sessions, **{f"w:{w.id}": w for w in await manager.workspaces()}}


@pytest.mark.parametrize("target", ["out", "out.zip"])
async def test_exported_wiped_and_imported_everything_is_equal(tmp_path: Path, target: str):
    async with open_sessions(f"file://{tmp_path}/before") as manager:
        ids = await filled(manager)
        before = await everything(manager)
        listed = [session.id for session in await manager.list_sessions()]
        with export_files(tmp_path / target) as taking:
            async for name, data in manager.export_sessions(listed, "json"):
                taking.add(name, data)
    async with open_sessions(f"file://{tmp_path}/after") as manager:
        report = ImportReport()
        async for step in manager.import_sessions("json", [tmp_path / target]):
            report.add(step)
        assert report.left_out == []
        assert await everything(manager) == before
        assert ids["trashed"] not in before
        fork = await manager.get_session(ids["fork"])
        assert fork.parent is not None
        assert fork.parent.session_id == ids["first"]
        assert (await manager.get_workspace("dev")).defaults == {"template": "assistant"}


async def test_an_unpacked_export_is_a_data_folder(tmp_path: Path):
    async with open_sessions("memory:") as manager:
        ids = await filled(manager)
        with export_files(tmp_path / "data") as taking:
            async for name, data in manager.export_workspace("dev", "json"):
                taking.add(name, data)
    async with open_sessions(f"file://{tmp_path}/data") as manager:
        assert len(await manager.history(ids["first"])) == 2
        assert (await manager.get_workspace("dev")).name == "Dev !"
        assert await manager.problems() == []


@pytest.mark.parametrize("kind", exporter_names())
async def test_a_workspace_has_one_file_a_session(kind: str):
    async with open_sessions("memory:") as manager:
        await filled(manager)
        files = await files_of(manager.export_workspace("dev", kind))
        sessions = await manager.list_sessions(workspace="dev")
        more = {"json": 1, "html": 1}.get(kind, 0)
        assert len(files) == len(sessions) + more
        assert not any(".." in name or name.startswith("/") for name in files)
        if kind == "html":
            index = files.pop("index.html").decode()
            assert all(f'href="{name}"' in index for name in files)


async def test_one_chat_goes_out_alone():
    async with open_sessions("memory:") as manager:
        ids = await filled(manager)
        chats = (await manager.get_session(ids["first"])).chats
        data = json.loads(await manager.export_session(ids["first"], "json", chats[1].id))
        assert [chat["name"] for chat in data["chats"]] == ["Two"]
        assert data["active_chat_id"] == chats[1].id
        two = json.loads(await manager.export_session(ids["first"], "openai", chats[1].id))
        one = json.loads(await manager.export_session(ids["first"], "openai"))
        assert [message["role"] for message in two] == ["system"]
        assert [message["role"] for message in one] == ["system", "user", "user"]
        with pytest.raises(ChatNotFound):
            await manager.export_session(ids["first"], "json", "nosuch")


async def test_a_fork_that_another_program_made_just_now_is_told(tmp_path: Path):
    url = f"file://{tmp_path}/data"
    async with open_sessions(url) as manager, open_sessions(url) as elsewhere:
        first = await elsewhere.create_session(label="Plan")
        fork = await elsewhere.fork(first.id, label="Another way")
        [page] = (await files_of(manager.export_sessions([first.id], "markdown"))).values()
    assert fork.id in page.decode()


@pytest.mark.parametrize("kind", ["markdown", "html"])
async def test_a_parent_tells_where_others_forked_off(kind: str):
    async with open_sessions("memory:") as manager:
        ids = await filled(manager)
        _, last = (message.id for message in await manager.history(ids["first"]))
        late = await manager.fork(ids["first"], at=last, label="mail bo@example.com [x](y) <b>")
        alone = (await manager.export_session(ids["first"], kind)).decode()
        assert alone.index("Hello") < alone.index(f"({q(ids['fork'], kind)})")
        assert alone.index(f"({q(ids['fork'], kind)})") < alone.index("ana@example.com")
        assert alone.index("ana@example.com") < alone.index(f"({q(late.id, kind)})")
        assert alone.count("Forked here") == 3
        assert "<b>" not in alone.split("---", 2)[-1]
        hidden = (await manager.export_session(ids["first"], kind, redact=True)).decode()
        assert "bo@example.com" not in hidden
        names = [ids["first"], ids["fork"]]
        files = await files_of(manager.export_sessions(names, kind))
        text = next(data.decode() for data in files.values() if b"Forked here" in data)
        assert [name for name in files if f'"{name}"' in text or f"<{name}>" in text] == [
            name for name in files if ids["fork"][-8:] in name
        ]


def q(session_id: str, kind: str) -> str:
    """An id as a format shows it."""
    return f"`{session_id}`" if kind == "markdown" else session_id


async def test_secrets_are_taken_out_of_all_files_alike_and_counted():
    async with open_sessions("memory:") as manager:
        await filled(manager)
        redactor = Redactor()
        files = await files_of(manager.export_workspace("dev", "json", redactor))
        text = b"".join(files.values()).decode()
        assert "ana@example.com" not in text
        assert "/home/ana" not in text
        assert "REDACTED-mail-address-1" in text
        assert "REDACTED-mail-address-2" not in text
        assert redactor.counts["home path"] == 1


async def test_what_is_not_there_is_an_error_before_anything_is_given():
    async with open_sessions("memory:") as manager:
        ids = await filled(manager)
        for missing in ("nosuch", ids["trashed"]):
            with pytest.raises(SessionNotFound):
                await anext(manager.export_sessions([ids["first"], missing]))
        with pytest.raises(WorkspaceNotFound):
            await anext(manager.export_workspace("nosuch"))
        with pytest.raises(InvalidValue):
            await anext(manager.export_workspace("dev", "nosuch"))
        with pytest.raises(SessionNotFound):
            await anext(manager.workspace("other").export_sessions([ids["first"]]))
        with pytest.raises(WorkspaceNotFound):
            await anext(manager.workspace("other").export_workspace("dev"))


async def test_damaged_files_in_a_zip_are_told_and_the_rest_comes_in(tmp_path: Path):
    async with open_sessions("memory:") as manager:
        await filled(manager)
        files = await files_of(manager.export_workspace("dev", "json"))
    with zipfile.ZipFile(tmp_path / "some.zip", "w") as archive:
        for name, data in files.items():
            archive.writestr(name, data if "workspace.json" not in name else b"{")
        archive.writestr("trash/x.json", b"{}")
        archive.writestr("workspaces/dev/sessions/torn.json", b"{")
    async with open_sessions("memory:") as manager:
        report = ImportReport()
        async for step in manager.import_sessions("json", [tmp_path / "some.zip"]):
            report.add(step)
        assert report.counts["created"] == len(files) - 1
        assert [step.reason.split(":")[0] for step in report.left_out] == [
            "workspaces/dev/sessions/torn.json"
        ]
