"""Long sessions that their sources add to: never read as a whole, and left without a journal."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from contextlib import aclosing
from pathlib import Path

import pytest

from tui_sessions import SessionManager, open_sessions
from tui_sessions.engine.documents import journal_pace
from tui_sessions.engine.importing.import_steps import ImportStep
from tui_sessions.stores import session_reader
from tui_sessions.stores.file import FileStore


@pytest.fixture(params=["long", "short"])
def length(request, monkeypatch) -> str:
    if request.param == "long":
        monkeypatch.setattr(session_reader, "LONG", 1)
    return request.param


@pytest.fixture
def source(tmp_path: Path) -> Path:
    return tmp_path / "projects" / "-home-ana" / "one.jsonl"


@pytest.fixture
async def manager(tmp_path: Path) -> AsyncIterator[SessionManager]:
    async with open_sessions((tmp_path / "store").as_uri()) as opened:
        yield opened


def write(path: Path, *texts: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    lines, parent = [], None
    for number, text in enumerate(texts):
        reply = {"id": f"r{number}", "model": "m", "usage": {"output_tokens": len(text)}}
        record = {
            "type": "assistant" if number % 2 else "user",
            "uuid": f"u{number}",
            "parentUuid": parent,
            "sessionId": "one",
            "timestamp": f"2026-01-01T10:00:{number:02}.000Z",
            "cwd": "/home/ana/proj",
            "message": {
                **(reply if number % 2 else {}),
                "role": "assistant" if number % 2 else "user",
                "content": [{"type": "text", "text": text}],
            },
        }
        parent = record["uuid"]
        lines.append(json.dumps(record) + "\n")
    path.write_text("".join(lines))


async def imported(manager: SessionManager, source: Path, **options) -> ImportStep:
    async with aclosing(manager.import_sessions("claude-code", [source], **options)) as steps:
        (step,) = [step async for step in steps]
    return step


def journals(tmp_path: Path) -> list[Path]:
    return [*tmp_path.rglob("*.journal.jsonl")]


async def test_what_is_new_comes_in_and_what_the_person_did_stays(
    tmp_path, manager, source, length
):
    write(source, "One", "1", "Two", "2")
    step = await imported(manager, source)
    here = step.session_id
    history = await manager.history(here)
    await manager.rename(here, "Mine")
    await manager.edit_message(here, history[0].id, "Changed")
    await manager.add_message(here, "My own")
    await manager.close(here)
    write(source, "One", "1", "Two", "2 and more", "Three", "3")
    step = await imported(manager, source)
    assert (step.outcome, step.messages) == ("updated", 2)
    texts = [message.text for message in await manager.history(here)]
    assert texts == ["Changed", "1", "Two", "2 and more", "My own", "Three", "3"]
    assert (await manager.get_session(here)).label == "Mine"
    assert not journals(tmp_path)
    assert (await imported(manager, source, again=True)).outcome == "unchanged"


async def test_no_import_leaves_a_journal(tmp_path, manager, source, length):
    for texts in (("One", "1"), ("One", "1"), ("One", "1", "Two"), ("One", "1", "Two", "2")):
        write(source, *texts)
        await imported(manager, source, again=True)
    await manager.shutdown()
    assert not journals(tmp_path)


async def test_lists_show_at_once_what_came_in(manager, source, length):
    write(source, "One", "1")
    await imported(manager, source)
    write(source, "One", "1", "Two", "The last word")
    await imported(manager, source)
    (session,) = await manager.list_sessions()
    assert (session.message_count, session.active_chat.preview) == (4, "The last word")
    assert session.last_active_at.second == 3


async def test_a_long_session_is_neither_loaded_nor_kept_in_memory(
    manager, source, monkeypatch, tmp_path
):
    monkeypatch.setattr(session_reader, "LONG", 1)
    write(source, "One", "1")
    step = await imported(manager, source)

    async def load(_store, session_id):
        pytest.fail(f"{session_id} was loaded")

    with monkeypatch.context() as patched:
        patched.setattr(FileStore, "load", load)
        assert (await imported(manager, source, again=True)).outcome == "unchanged"
        write(source, "One", "1", "Two")
        assert (await imported(manager, source)).outcome == "updated"
    assert [m.text for m in await manager.history(step.session_id)] == ["One", "1", "Two"]


async def test_a_dry_run_tells_of_an_update_and_changes_nothing(tmp_path, manager, source, length):
    write(source, "One", "1")
    step = await imported(manager, source)
    await manager.close(step.session_id)
    write(source, "One", "1", "Two")
    before = _written(tmp_path)
    step = await imported(manager, source, dry_run=True)
    assert (step.outcome, step.messages) == ("updated", 1)
    assert _written(tmp_path) == before


def _written(folder):
    """Each file with what tells whether it was written; reading moves other times."""
    found = {path: path.stat() for path in folder.rglob("*")}
    return {path: (stat.st_ino, stat.st_size, stat.st_mtime_ns) for path, stat in found.items()}


async def test_a_session_that_grows_all_the_time_is_written_anew_now_and_then_only(
    tmp_path, manager, source, length, monkeypatch
):
    clock = [1000.0]
    monkeypatch.setattr(journal_pace, "monotonic", lambda: clock[0])
    monkeypatch.setattr(journal_pace, "_REST", 1.0)
    texts = ["One"]
    write(source, *texts)
    await imported(manager, source)

    async def grow() -> int:
        texts.append(str(len(texts)))
        write(source, *texts)
        assert (await imported(manager, source)).outcome == "updated"
        return len(journals(tmp_path))

    real_fold, real_rewrite = FileStore.fold, FileStore.rewrite_if

    async def fold(store, *args):
        clock[0] += 10
        return await real_fold(store, *args)

    async def rewrite(store, *args):
        clock[0] += 10
        return await real_rewrite(store, *args)

    monkeypatch.setattr(FileStore, "fold", fold)
    monkeypatch.setattr(FileStore, "rewrite_if", rewrite)
    assert [await grow() for _ in range(3)] == [0, 1, 1]
    clock[0] += 11
    assert await grow() == 0
    assert await grow() == 1
    await manager.shutdown()
    assert not journals(tmp_path)


async def test_a_change_by_somebody_else_meanwhile_is_not_lost(
    tmp_path, manager, source, monkeypatch, length
):
    write(source, "One", "1")
    here = (await imported(manager, source)).session_id
    await manager.close(here)
    write(source, "One", "1", "Two")
    real, met = FileStore.skim, []

    async def skim(store, *args):
        found = await real(store, *args)
        if not met:
            met.append(True)
            async with open_sessions((tmp_path / "store").as_uri()) as other:
                await other.add_message(here, "Theirs")
        return found

    monkeypatch.setattr(FileStore, "skim", skim)
    assert (await imported(manager, source)).outcome == "updated"
    assert [m.text for m in await manager.history(here)] == ["One", "1", "Theirs", "Two"]


async def test_a_session_that_is_open_is_not_taken_away_from_who_reads_it(
    tmp_path, manager, source, length
):
    write(source, "One", "1")
    here = (await imported(manager, source)).session_id
    await manager.history(here)
    write(source, "One", "1", "Two")
    await imported(manager, source)
    assert len(await manager.history(here)) == 3
    await manager.shutdown()
    assert not journals(tmp_path)


async def test_what_came_in_is_told_under_the_name_that_the_session_has_here(
    manager, source, length
):
    write(source, "One", "1")
    step = await imported(manager, source)
    assert step.label == "One"
    await manager.rename(step.session_id, "Mine")
    write(source, "One", "1", "Two")
    assert (await imported(manager, source)).label == "Mine"


async def test_sessions_that_were_let_go_of_have_no_journal_after_the_end(tmp_path, manager):
    for _ in range(30):
        session = await manager.create_session()
        await manager.add_message(session.id, "Hello")
    await manager.shutdown()
    assert not journals(tmp_path)
