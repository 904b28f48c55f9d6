"""Pictures and files of every format that has any: beside the sessions, once, for good."""

from __future__ import annotations

import base64
import json
import shutil
import sqlite3
import zipfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from import_checks import change, copied

from tui_sessions import FilePart, ImagePart, SessionManager, open_sessions
from tui_sessions.errors import FileNotKept
from tui_sessions.model.kept_files import kept_name
from tui_sessions.stores.memory import MemoryStore
from tui_sessions.transfer.base import ImportedSession, Skipped
from tui_sessions.transfer.claude_code import ClaudeCodeImporter
from tui_sessions.transfer.open_webui import OpenWebuiImporter

PNG = b"\x89PNG\r\n\x1a\n" + b"a picture" * 30
PDF = b"%PDF-1.7" + b" a text" * 30
PNG_64, PDF_64 = base64.b64encode(PNG).decode(), base64.b64encode(PDF).decode()
PNG_URL = f"data:image/png;base64,{PNG_64}"
PDF_URL = f"data:application/pdf;base64,{PDF_64}"
TIME = "2026-01-01T00:00:00.000Z"


def block(kind: str, media_type: str, data: str) -> dict[str, Any]:
    return {"type": kind, "source": {"type": "base64", "media_type": media_type, "data": data}}


def lines(path: Path, *entries: object) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("".join(f"{json.dumps(entry)}\n" for entry in entries))
    return path


def claude_code(top: Path, _samples: Path) -> Path:
    content = [block("image", "image/png", PNG_64), block("document", "application/pdf", PDF_64)]
    said = {"type": "user", "uuid": "u", "parentUuid": None, "sessionId": "s", "timestamp": TIME}
    message = {"role": "user", "content": [{"type": "text", "text": "Look"}, *content]}
    return lines(top / "p" / "s.jsonl", {**said, "cwd": "/home/ana/proj", "message": message})


def chatgpt(top: Path, _samples: Path) -> Path:
    pointer = {"content_type": "image_asset_pointer", "asset_pointer": "sediment://file_00000abc"}
    message = {
        "id": "u",
        "author": {"role": "user"},
        "create_time": 1767225600.0,
        "content": {"content_type": "multimodal_text", "parts": [pointer, "Look"]},
        "metadata": {"attachments": [{"id": "file-0000def", "name": "a.pdf"}]},
    }
    mapping = {"u": {"id": "u", "parent": None, "children": [], "message": message}}
    entry = {"id": "c", "title": "T", "current_node": "u", "mapping": mapping}
    with zipfile.ZipFile(top / "export.zip", "w") as made:
        made.writestr("conversations.json", json.dumps([entry]))
        made.writestr("user-1/file_00000abc-x.png", PNG)
        made.writestr("file-0000def-a.pdf", PDF)
    return top / "export.zip"


def gemini(top: Path, _samples: Path) -> Path:
    data = [
        {"text": "Look"},
        {"inlineData": {"mimeType": "image/png", "data": PNG_64}},
        {"inlineData": {"mimeType": "application/pdf", "data": PDF_64}},
    ]
    header = {"sessionId": "s", "projectHash": "ab" * 32, "startTime": TIME, "kind": "main"}
    said = {"id": "u", "type": "user", "content": data}
    return lines(top / "tmp" / "proj" / "chats" / "session-1.jsonl", header, said)


def opencode(top: Path, _samples: Path) -> Path:
    parts = [
        {"type": "text", "text": "Look"},
        {"type": "file", "mime": "image/png", "url": PNG_URL},
        {"type": "file", "mime": "application/pdf", "filename": "a.pdf", "url": PDF_URL},
    ]
    info = {"id": "m", "role": "user", "sessionID": "s", "time": {"created": 1000}}
    lines(top / "session" / "proj" / "s.json", {"id": "s", "title": "T", "directory": "/p"})
    lines(top / "message" / "s" / "m.json", info)
    for number, part in enumerate(parts):
        lines(top / "part" / "m" / f"prt_{number}.json", {"id": f"p{number}", **part})
    return top


def open_webui(top: Path, _samples: Path) -> Path:
    said = {"id": "u", "parentId": None, "role": "user", "content": "Look"}
    files = [{"type": "image", "url": PNG_URL}, {"type": "file", "name": "a.pdf", "url": PDF_URL}]
    history = {"currentId": "u", "messages": {"u": {**said, "files": files}}}
    entry = {"id": "c", "title": "T", "chat": {"title": "T", "history": history}}
    return lines(top / "chats.json", [entry])


def formagent(top: Path, _samples: Path) -> Path:
    content = [{"type": "text", "text": "Look"}, block("image", "image/png", PNG_64)]
    said = [{"role": "user", "content": content}]
    return lines(top / "s.json", {"id": "s", "createdAt": TIME, "messages": said})


def pi(top: Path, _samples: Path) -> Path:
    header = {"type": "session", "version": 3, "id": "abc", "cwd": "/home/ana/proj"}
    content = [{"type": "image", "data": PNG_64, "mimeType": "image/png"}]
    said = {"type": "message", "id": "e", "parentId": None, "timestamp": TIME}
    entry = {**said, "message": {"role": "user", "content": content}}
    return lines(top / "--home-ana-proj--" / "2026_abc.jsonl", header, entry)


def goose(top: Path, _samples: Path) -> Path:
    path = top / "sessions.db"
    content = [{"type": "image", "data": PNG_64, "mimeType": "image/png"}]
    change(
        path,
        ("CREATE TABLE sessions (id TEXT PRIMARY KEY, name TEXT, working_dir TEXT)", ()),
        (
            "CREATE TABLE messages (id INTEGER PRIMARY KEY, message_id TEXT, session_id TEXT,"
            " role TEXT, content_json TEXT, created_timestamp INTEGER, metadata_json TEXT)",
            (),
        ),
        ("INSERT INTO sessions VALUES ('s', 'T', '/p')", ()),
        (
            "INSERT INTO messages VALUES (1, 'm', 's', 'user', ?, 1767225600, '{}')",
            (json.dumps(content),),
        ),
    )
    return path


def crush(top: Path, samples: Path) -> Path:
    path = copied(samples / "crush" / "crush.db", top)
    parts = [
        {"type": "text", "data": {"text": "Look"}},
        {"type": "binary", "data": {"Path": "a.png", "MIMEType": "image/png", "Data": PNG_64}},
        {"type": "binary", "data": {"Path": "a.pdf", "MIMEType": "text/x", "Data": PDF_64}},
    ]
    with sqlite3.connect(path) as database:
        database.execute("UPDATE messages SET parts = ? WHERE role = 'user'", (json.dumps(parts),))
    database.close()
    return path


def of_samples(name: str) -> Callable[[Path, Path], Path]:
    def source(top: Path, samples: Path) -> Path:
        made = top / Path(name).name
        copy = shutil.copytree if (samples / name).is_dir() else shutil.copy
        copy(samples / name, made)
        return made

    return source


SOURCES = {
    "claude-code": (claude_code, "png pdf"),
    "codex": (of_samples("codex/cli-0.169.0"), "png"),
    "chatgpt": (chatgpt, "png bin"),
    "gemini-cli": (gemini, "png pdf"),
    "opencode": (opencode, "png pdf"),
    "llm": (of_samples("llm/logs-0.36.db"), "png"),
    "open-webui": (open_webui, "png pdf"),
    "oterm": (of_samples("oterm/store-0.26.1.db"), "png"),
    "formagent": (formagent, "png"),
    "pi": (pi, "png"),
    "goose": (goose, "png"),
    "crush": (crush, "png bin"),
}


async def imported(manager: SessionManager, name: str, path: Path) -> list[str]:
    steps = [step async for step in manager.import_sessions(name, [path], again=True)]
    return [step.outcome for step in steps if step.outcome != "skipped"]


async def held(manager: SessionManager) -> dict[str, bytes]:
    """The pictures and files of all sessions, by their kind; none of them is in a message."""
    found = {}
    for session in await manager.list_sessions():
        for message in await manager.history(session.id):
            for part in message.content:
                if isinstance(part, (ImagePart, FilePart)):
                    assert part.data is None
                    name = kept_name(part.path)
                    assert name is not None
                    data = await manager.read_file(session.id, part.path or "")
                    assert len(data) == part.size
                    found[name.partition(".")[2]] = data
        assert PNG_64[:60].encode() not in await manager.export_session(session.id, "markdown")
    return found


@pytest.fixture
def source(request, tmp_path, samples):
    top = tmp_path / "source"
    top.mkdir()
    return request.param, SOURCES[request.param][0](top, samples)


@pytest.mark.parametrize("source", SOURCES, indirect=True)
async def test_what_a_format_holds_is_kept_beside_the_sessions(manager, source) -> None:
    name, path = source
    assert "created" in await imported(manager, name, path)
    found = await held(manager)
    assert set(found) == set(SOURCES[name][1].split())
    assert found["png"].startswith(b"\x89PNG")
    if {"pdf", "bin"} & set(found):
        assert found.get("pdf", found.get("bin")) == PDF


@pytest.mark.parametrize("source", SOURCES, indirect=True)
async def test_importing_again_changes_nothing(manager, source) -> None:
    name, path = source
    await imported(manager, name, path)
    before = {s.id: await manager.history(s.id) for s in await manager.list_sessions()}
    assert set(await imported(manager, name, path)) == {"unchanged"}
    assert {s.id: await manager.history(s.id) for s in await manager.list_sessions()} == before


async def test_a_reply_that_grows_after_a_picture_is_completed(manager, tmp_path) -> None:
    def entry(*blocks: object) -> dict[str, Any]:
        said = {"role": "user", "content": [block("image", "image/png", PNG_64), *blocks]}
        return {"type": "user", "uuid": "u", "parentUuid": None, "sessionId": "s",
                "timestamp": TIME, "cwd": "/p", "message": said}  # fmt: skip

    path = tmp_path / "p" / "s.jsonl"
    more = [{"type": "text", "text": "Look"}, block("document", "application/pdf", PDF_64)]
    for blocks, outcome in (((), "created"), (more[:1], "updated"), (more, "updated")):
        lines(path, entry(*blocks))
        assert await imported(manager, "claude-code", path) == [outcome]
        assert await imported(manager, "claude-code", path) == ["unchanged"]
    assert set(await held(manager)) == {"png", "pdf"}


async def test_sessions_that_were_imported_with_pictures_in_them_are_not_changed(
    manager, open_manager, tmp_path
) -> None:
    path = claude_code(tmp_path / "source", tmp_path)
    (step,) = [s async for s in manager.import_sessions("claude-code", [path])]
    await manager.close(step.session_id)
    (found,) = ClaudeCodeImporter().read(path, "ana")
    (place,) = tmp_path.glob(f"workspaces/*/sessions/{step.session_id}.json")
    kept = json.loads(place.read_text())
    kept["chats"] = found.document.data["chats"]
    place.write_text(json.dumps(kept))
    assert await imported(manager, "claude-code", path) == ["unchanged"]


async def test_what_was_deleted_here_gets_no_files_and_comes_back_with_its_own(
    manager, tmp_path
) -> None:
    path = claude_code(tmp_path / "source", tmp_path)
    await imported(manager, "claude-code", path)
    (session,) = await manager.list_sessions()
    await manager.delete(session.id)
    assert await imported(manager, "claude-code", path) == ["in_trash"]
    assert not list(tmp_path.glob("workspaces/*/sessions/*.files"))
    await manager.undelete(session.id)
    assert set(await held(manager)) == {"png", "pdf"}


async def test_what_is_too_large_in_an_export_is_said_and_named(
    manager, tmp_path, monkeypatch
) -> None:
    monkeypatch.setattr("tui_sessions.transfer.chatgpt.pictures.LARGEST_FILE", len(PDF) - 1)
    path = chatgpt(tmp_path, tmp_path)
    steps = [step async for step in manager.import_sessions("chatgpt", [path])]
    assert [step.outcome for step in steps] == ["created", "skipped"]
    assert "larger than" in steps[1].reason
    (message,) = await manager.history(steps[0].session_id)
    assert FilePart("a.pdf") in message.content or ImagePart in map(type, message.content)


async def test_uploads_beside_a_database_of_open_webui_are_brought_in(manager, tmp_path) -> None:
    first, second, third = (f"0000000{number}-1111-2222-3333-444444444444" for number in range(3))
    files = [
        {"type": "image", "url": f"/api/v1/files/{first}/content"},
        {"type": "file", "name": "a.pdf", "id": second, "url": second},
        {"type": "file", "name": "b.pdf", "url": f"/api/v1/files/{third}"},
    ]
    said = {"id": "u", "parentId": None, "role": "user", "content": "Look", "files": files}
    talk = {"title": "T", "history": {"currentId": "u", "messages": {"u": said}}}
    path = tmp_path / "webui.db"
    change(
        path,
        ("CREATE TABLE chat (id TEXT, title TEXT, chat TEXT, created_at INTEGER)", ()),
        ("INSERT INTO chat VALUES ('c', 'T', ?, 1767225600)", (json.dumps(talk),)),
    )
    (tmp_path / "uploads").mkdir()
    (tmp_path / "uploads" / f"{first}_a.png").write_bytes(PNG)
    (tmp_path / "uploads" / f"{second}_a.pdf").write_bytes(PDF)
    (tmp_path / "secret").write_text("PRIVATE")
    (tmp_path / "uploads" / f"{third}_b.pdf").symlink_to(tmp_path / "secret")
    assert await imported(manager, "open-webui", path) == ["created"]
    (session,) = await manager.list_sessions()
    (message,) = await manager.history(session.id)
    assert FilePart("b.pdf", path=f"/api/v1/files/{third}") == message.content[3]
    read = [await manager.read_file(session.id, p.path) for p in message.content[1:3]]
    assert read == [PNG, PDF]
    assert await imported(manager, "open-webui", path) == ["unchanged"]


@pytest.fixture
def uploads(tmp_path) -> tuple[Path, Callable[..., None]]:
    """A database of Open WebUI and what puts uploads beside it, each named by its own message."""
    path = tmp_path / "webui.db"
    ids = [f"0000000{number}-1111-2222-3333-444444444444" for number in range(9)]
    change(path, ("CREATE TABLE chat (id TEXT, title TEXT, chat TEXT, created_at INTEGER)", ()))

    def put(*contents: bytes) -> None:
        nodes: dict[str, Any] = {}
        for number, content in enumerate(contents):
            file = {"type": "file", "name": f"{number}.pdf", "id": ids[number]}
            parent = f"n{number - 1}" if number else None
            said = {"id": f"n{number}", "parentId": parent, "role": "user", "content": "Look"}
            nodes[f"n{number}"] = {**said, "files": [file]}
            (tmp_path / "uploads").mkdir(exist_ok=True)
            (tmp_path / "uploads" / f"{ids[number]}_a.pdf").write_bytes(content)
        history = {"currentId": f"n{len(contents) - 1}", "messages": nodes}
        talk = json.dumps({"title": "T", "history": history})
        change(
            path,
            ("DELETE FROM chat", ()),
            ("INSERT INTO chat VALUES ('c', 'T', ?, 1767225600)", (talk,)),
        )

    return path, put


async def test_uploads_are_copied_and_never_held_with_the_messages(manager, uploads) -> None:
    path, put = uploads
    put(PDF)
    (found,) = OpenWebuiImporter().read(path)
    assert isinstance(found, ImportedSession)
    assert PDF_64 not in json.dumps(found.document.data)
    assert await imported(manager, "open-webui", path) == ["created"]
    put(PDF, PDF + b"more")
    assert await imported(manager, "open-webui", path) == ["updated"]
    (session,) = await manager.list_sessions()
    parts = [message.content[1] for message in await manager.history(session.id)]
    read = [await manager.read_file(session.id, part.path) for part in parts]
    assert (read, [part.size for part in parts]) == (
        [PDF, PDF + b"more"],
        [len(PDF), len(PDF) + 4],
    )
    assert await imported(manager, "open-webui", path) == ["unchanged"]


class NoFiles(MemoryStore):
    async def put_file(self, *_: object, **__: object) -> bool:
        return False


async def test_a_store_that_keeps_no_files_has_uploads_in_the_messages(uploads) -> None:
    path, put = uploads
    put(PDF)
    async with open_sessions(NoFiles()) as manager:
        assert await imported(manager, "open-webui", path) == ["created"]
        (session,) = await manager.list_sessions()
        (message,) = await manager.history(session.id)
        assert message.content[1].data == PDF_64
        assert await imported(manager, "open-webui", path) == ["unchanged"]


async def test_an_upload_that_changes_before_it_is_copied_is_left_out(
    manager, uploads, caplog
) -> None:
    path, put = uploads
    put(PDF)

    class Changing(OpenWebuiImporter):
        def read(self, path: Path, user_id: str = "") -> Iterator[ImportedSession | Skipped]:
            for found in super().read(path, user_id):
                put(b"something else")
                yield found

    async for step in manager.import_sessions(Changing(), [path]):
        assert step.outcome == "created"
    (session,) = await manager.list_sessions()
    (message,) = await manager.history(session.id)
    assert kept_name(message.content[1].path)
    with pytest.raises(FileNotKept):
        await manager.read_file(session.id, message.content[1].path)
    assert "has changed while it was imported" in caplog.text


async def test_links_in_an_unpacked_export_bring_nothing_in(manager, tmp_path) -> None:
    folder = tmp_path / "unpacked"
    with zipfile.ZipFile(chatgpt(tmp_path, tmp_path)) as made:
        made.extractall(folder)
    secret = tmp_path / "id_rsa"
    secret.write_text("PRIVATE")
    (folder / "file-0000def-a.pdf").unlink()
    (folder / "file-0000def-a.pdf").symlink_to(secret)
    await imported(manager, "chatgpt", folder)
    (session,) = await manager.list_sessions()
    (message,) = await manager.history(session.id)
    assert FilePart("a.pdf") in message.content


async def test_the_store_of_a_dry_run_stays_empty(manager, tmp_path) -> None:
    path = claude_code(tmp_path / "source", tmp_path)
    async for _ in manager.import_sessions("claude-code", [path], dry_run=True):
        pass
    assert not list(tmp_path.rglob("*.files"))
