"""A source that has not changed is not read again, and nothing else changes by that."""

from __future__ import annotations

import json
import os
import sqlite3
from collections.abc import Iterator
from contextlib import AbstractAsyncContextManager, aclosing
from dataclasses import replace
from datetime import UTC, datetime
from functools import partial
from pathlib import Path

import pytest

from tui_sessions import SessionManager, open_sessions
from tui_sessions.engine.importing.import_steps import ImportReport
from tui_sessions.engine.sessions.scoped_workspaces import ScopedWorkspaces
from tui_sessions.paths import cache_dir
from tui_sessions.transfer.base import ImportedSession, Skipped, SourceUnit
from tui_sessions.transfer.claude_code import ClaudeCodeImporter
from tui_sessions.transfer.codex import CodexImporter
from tui_sessions.transfer.formagent import FormagentImporter
from tui_sessions.transfer.gemini_cli import GeminiCliImporter
from tui_sessions.transfer.opencode import OpencodeImporter
from tui_sessions.transfer.pi import PiImporter
from tui_sessions.transfer.simulacra import SimulacraImporter

LONG_AGO = 1_700_000_000


class Counted(ClaudeCodeImporter):
    """Remembers what was read."""

    def __init__(self) -> None:
        super().__init__()
        self.read_files: list[str] = []

    def units(self, path: Path) -> Iterator[SourceUnit]:
        for unit in super().units(path):
            yield replace(unit, divide=partial(self._parts, unit))

    def _parts(self, whole: SourceUnit) -> Iterator[SourceUnit]:
        for part in whole.divide():
            yield replace(part, read=partial(self._read, part))

    def _read(self, part: SourceUnit, user_id: str) -> Iterator[ImportedSession | Skipped]:
        self.read_files += [file.name for file in part.files]
        return part.read(user_id)


@pytest.fixture
def source(tmp_path: Path) -> Path:
    top = tmp_path / "projects"
    write(top / "one" / "a.jsonl", "First")
    write(top / "two" / "b.jsonl", "Second")
    return top


def write(path: Path, *texts: str, when: int = LONG_AGO) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    lines, parent = [], None
    for number, text in enumerate(texts):
        uuid = f"{path.stem}-{number}"
        lines.append(
            {
                "type": "user",
                "uuid": uuid,
                "parentUuid": parent,
                "sessionId": path.stem,
                "timestamp": f"2026-01-0{number + 1}T10:00:00.000Z",
                "cwd": "/home/ana/proj",
                "message": {"role": "user", "content": text},
            }
        )
        parent = uuid
    path.write_text("".join(json.dumps(line) + "\n" for line in lines))
    os.utime(path, (when, when))


def opened(tmp_path: Path) -> AbstractAsyncContextManager[SessionManager]:
    return open_sessions((tmp_path / "store").as_uri())


async def imported(manager: SessionManager, source: Path, **options) -> tuple[Counted, dict]:
    importer, report = Counted(), ImportReport()
    async with aclosing(manager.import_sessions(importer, [source], **options)) as steps:
        async for step in steps:
            report.add(step)
    return importer, {name: number for name, number in report.counts.items() if number}


async def test_what_has_not_changed_is_not_read_again(tmp_path, source):
    async with opened(tmp_path) as manager:
        first, counts = await imported(manager, source)
        assert (first.read_files, counts) == (["a.jsonl", "b.jsonl"], {"created": 2})
    async with opened(tmp_path) as manager:
        again, counts = await imported(manager, source)
        assert (again.read_files, counts) == ([], {"unchanged": 2})


async def test_only_the_part_that_grew_is_read(tmp_path, source):
    async with opened(tmp_path) as manager:
        await imported(manager, source)
        write(source / "two" / "b.jsonl", "Second", "Third", when=LONG_AGO + 9)
        again, counts = await imported(manager, source)
        assert again.read_files == ["b.jsonl"]
        assert counts == {"unchanged": 1, "updated": 1}


async def test_only_the_conversation_that_grew_is_read_of_a_project(tmp_path, source):
    write(source / "one" / "c.jsonl", "Third")
    agent = source / "one" / "c" / "subagents" / "agent-1.jsonl"
    write(agent, "Look around")
    async with opened(tmp_path) as manager:
        first, counts = await imported(manager, source)
        assert (sorted(set(first.read_files)), counts) == (
            ["a.jsonl", "agent-1.jsonl", "b.jsonl", "c.jsonl"],
            {"created": 4},
        )
        write(source / "one" / "a.jsonl", "First", "And then?", when=LONG_AGO + 1)
        second, counts = await imported(manager, source)
        assert (second.read_files, counts) == (["a.jsonl"], {"updated": 1, "unchanged": 3})
        write(agent, "Look around", "And there?", when=LONG_AGO + 1)
        third, counts = await imported(manager, source)
        assert sorted(third.read_files) == ["agent-1.jsonl", "c.jsonl"]
        assert counts == {"updated": 1, "unchanged": 3}


async def test_a_conversation_that_is_being_written_costs_no_other_one(tmp_path, source):
    write(source / "one" / "c.jsonl", "Third")
    os.utime(source / "one" / "a.jsonl")
    async with opened(tmp_path) as manager:
        await imported(manager, source)
        assert (await imported(manager, source))[0].read_files == ["a.jsonl"]


async def test_a_fork_that_appears_is_read_with_what_it_forked_from(tmp_path, source):
    async with opened(tmp_path) as manager:
        await imported(manager, source)
        lines = (source / "one" / "a.jsonl").read_text().splitlines()
        own = {**json.loads(lines[0]), "uuid": "own", "parentUuid": "a-0", "sessionId": "fork"}
        own["message"] = {"role": "user", "content": "Another way"}
        fork = source / "one" / "fork.jsonl"
        fork.write_text(f"{lines[0]}\n{json.dumps(own)}\n")
        write(source / "one" / "a.jsonl", "First", "Its own", when=LONG_AGO + 1)
        os.utime(fork, (LONG_AGO + 2, LONG_AGO + 2))
        again, counts = await imported(manager, source)
        assert sorted(again.read_files) == ["a.jsonl", "fork.jsonl"]
        assert counts == {"created": 1, "updated": 1, "unchanged": 1}
        (made,) = [s for s in await manager.list_sessions() if s.parent is not None]
        assert made.chats[0].inherited == 1


async def test_everything_is_read_on_request(tmp_path, source):
    async with opened(tmp_path) as manager:
        await imported(manager, source)
        again, counts = await imported(manager, source, again=True)
        assert (len(again.read_files), counts) == (2, {"unchanged": 2})


@pytest.mark.parametrize("damage", ["", "{", '{"schema":99,"units":{}}', None])
async def test_losing_what_is_remembered_costs_only_time(tmp_path, source, damage):
    async with opened(tmp_path) as manager:
        await imported(manager, source)
    for file in (cache_dir() / "imports").iterdir():
        file.unlink() if damage is None else file.write_text(damage)
    async with opened(tmp_path) as manager:
        again, counts = await imported(manager, source)
        assert (len(again.read_files), counts) == (2, {"unchanged": 2})


async def test_another_store_is_told_everything(tmp_path, source):
    async with opened(tmp_path) as manager:
        await imported(manager, source)
    async with opened(tmp_path / "other") as manager:
        assert (await imported(manager, source))[1] == {"created": 2}


async def test_what_was_deleted_here_is_left_in_the_trash_and_comes_back_after_a_purge(
    tmp_path, source
):
    async with opened(tmp_path) as manager:
        await imported(manager, source)
        (gone,) = [s for s in await manager.list_sessions() if s.label == "Second"]
        await manager.delete(gone.id)
        assert (await imported(manager, source))[1] == {"unchanged": 1, "in_trash": 1}
        await manager.purge(gone.id)
        assert (await imported(manager, source))[1] == {"unchanged": 1, "created": 1}


async def test_what_was_left_out_is_said_again(tmp_path, source):
    broken = source / "one" / "a.jsonl"
    broken.write_text(broken.read_text() + "no json\n")
    os.utime(broken, (LONG_AGO, LONG_AGO))
    async with opened(tmp_path) as manager:
        first = (await imported(manager, source))[1]
        again, counts = await imported(manager, source)
        assert (again.read_files, first["skipped"], counts["skipped"]) == ([], 1, 1)


async def test_what_was_written_just_now_is_read_again(tmp_path, source):
    os.utime(source / "one" / "a.jsonl")
    async with opened(tmp_path) as manager:
        await imported(manager, source)
        assert (await imported(manager, source))[0].read_files == ["a.jsonl"]


async def test_a_dry_run_remembers_nothing(tmp_path, source):
    async with opened(tmp_path) as manager:
        await imported(manager, source, dry_run=True)
        assert (await imported(manager, source))[1] == {"created": 2}


async def test_what_is_older_than_asked_for_is_left_out_until_it_is_asked_for(tmp_path, source):
    write(source / "two" / "b.jsonl", *("Second", "Third"), when=LONG_AGO)
    os.utime(source / "one" / "a.jsonl", (LONG_AGO + 1e8, LONG_AGO + 1e8))
    since = datetime.fromtimestamp(LONG_AGO + 1e7, UTC)
    async with opened(tmp_path) as manager:
        importer, counts = await imported(manager, source, since=since)
        assert (importer.read_files, counts) == (["a.jsonl"], {"created": 1, "older": 1})
        late = datetime(2026, 1, 2, tzinfo=UTC)
        assert (await imported(manager, source, since=late))[1] == {"older": 2}
        assert (await imported(manager, source))[1] == {"created": 1, "unchanged": 1}


async def test_an_import_that_was_broken_off_goes_on_where_it_was(tmp_path, source):
    async with opened(tmp_path) as manager:
        steps = manager.import_sessions(Counted(), [source])
        async with aclosing(steps):
            await anext(steps)
            await anext(steps)
    async with opened(tmp_path) as manager:
        importer, counts = await imported(manager, source)
        assert importer.read_files == ["b.jsonl"]
        assert counts == {"unchanged": 2}


async def test_steps_say_how_far_they_are(tmp_path, source):
    async with opened(tmp_path) as manager:
        shares = [step.share async for step in manager.import_sessions(Counted(), [source])]
        assert shares[0] == 0 < shares[1] < 1


class CountedSimulacra(SimulacraImporter):
    def __init__(self) -> None:
        self.read_files: list[str] = []

    def _session(self, path, user_id):
        self.read_files.append(path.stem)
        yield from super()._session(path, user_id)


def write_simulacra(folder: Path, name: str, *texts: str, **metadata: str) -> None:
    folder.mkdir(exist_ok=True)
    messages = [
        {"id": f"{name}{n}", "role": "user", "content": [{"type": "text", "text": text}]}
        for n, text in enumerate(texts)
    ]
    path = folder / f"{name}.json"
    path.write_text(json.dumps({"metadata": metadata, "messages": messages}))
    os.utime(path, (LONG_AGO + len(texts), LONG_AGO + len(texts)))


async def test_of_a_folder_of_single_files_only_what_changed_is_read(tmp_path):
    folder = tmp_path / "simulacra"
    write_simulacra(folder, "a", "First")
    write_simulacra(folder, "b", "Second")
    write_simulacra(folder, "c", "Other way", parent_id="a", fork_message_id="a0")
    async with opened(tmp_path) as manager:

        async def read_now() -> list[str]:
            importer = CountedSimulacra()
            _ = [step async for step in manager.import_sessions(importer, [folder])]
            return sorted(importer.read_files)

        assert await read_now() == ["a", "b", "c"]
        assert await read_now() == []
        write_simulacra(folder, "b", "Second", "More")
        assert await read_now() == ["b"]
        write_simulacra(folder, "a", "First", "More")
        assert await read_now() == ["a", "c"], "a fork is read with what it forked from"


class CountedOpencode(OpencodeImporter):
    def __init__(self) -> None:
        self.read_sessions: list[str] = []

    def _family(self, kept, family, user_id):
        self.read_sessions += [conversation.id for conversation in family]
        yield from super()._family(kept, family, user_id)


@pytest.fixture
def opencode(tmp_path):
    """A database as opencode is writing to it: its files are never settled."""
    path = tmp_path / "opencode" / "opencode.db"
    path.parent.mkdir()
    connection = sqlite3.connect(path)
    connection.executescript(
        "CREATE TABLE session (id, parent_id, directory, title, time_created, time_updated);"
        "CREATE TABLE message (id, session_id, time_created, time_updated, data);"
        "CREATE TABLE part (id, message_id, session_id, time_created, time_updated, data);"
    )
    for place, (id_, parent) in enumerate((("s1", None), ("s2", None), ("s3", "s1"))):
        values = (id_, parent, "/home/ana", f"Title {id_}", place, place)
        connection.execute("INSERT INTO session VALUES (?, ?, ?, ?, ?, ?)", values)
        write_opencode(connection, id_, f"m-{id_}", place)
    connection.commit()
    yield connection
    connection.close()


def write_opencode(connection: sqlite3.Connection, session: str, message: str, at: int) -> None:
    said = json.dumps({"role": "user", "time": {"created": at}})
    text = json.dumps({"type": "text", "text": "Hello"})
    connection.execute(
        "INSERT INTO message VALUES (?, ?, ?, ?, ?)", (message, session, at, at, said)
    )
    part = (f"p-{message}", message, session, at, at, text)
    connection.execute("INSERT INTO part VALUES (?, ?, ?, ?, ?, ?)", part)


async def test_of_a_database_that_is_being_written_only_what_changed_is_read(tmp_path, opencode):
    async with opened(tmp_path) as manager:

        async def read_now() -> tuple[list[str], dict]:
            importer, report = CountedOpencode(), ImportReport()
            steps = manager.import_sessions(importer, [tmp_path / "opencode"])
            async for step in steps:
                report.add(step)
            counts = {name: number for name, number in report.counts.items() if number}
            return sorted(importer.read_sessions), counts

        assert await read_now() == (["s1", "s2", "s3"], {"created": 3})
        assert await read_now() == ([], {"unchanged": 3})
        write_opencode(opencode, "s2", "m-more", 9)
        opencode.commit()
        assert await read_now() == (["s2"], {"updated": 1, "unchanged": 2})
        changed = json.dumps({"type": "text", "text": "Hallo"})
        opencode.execute(
            "UPDATE part SET data = ?, time_updated = 10 WHERE message_id = 'm-s3'", (changed,)
        )
        opencode.commit()
        assert (await read_now())[0] == ["s1", "s3"], "a sub-agent is read with what started it"


@pytest.mark.parametrize(
    ("importer", "folder"),
    [
        (ClaudeCodeImporter(), "claude-code"),
        (CodexImporter(), "codex"),
        (GeminiCliImporter(), "gemini-cli"),
        (PiImporter(), "pi"),
        (OpencodeImporter(), "opencode"),
        (SimulacraImporter(), "simulacra"),
        (FormagentImporter(), "formagent"),
    ],
)
def test_the_parts_of_a_place_give_what_the_place_gives(importer, folder):
    beside = Path(__file__).parents[4] / "shared" / "samples"
    samples = Path(os.environ.get("SESSIONS_TUI_SAMPLES", beside)) / folder
    if not samples.is_dir():
        pytest.skip(f"no samples of {folder}")
    for place in (samples, *(found for found in samples.iterdir() if found.is_dir())):
        whole = [found for found in importer.read(place) if isinstance(found, ImportedSession)]
        units: list[SourceUnit] = list(importer.units(place))
        parts = [found for unit in units for found in unit.read("")]
        came = [found for found in parts if isinstance(found, ImportedSession)]
        assert {f.document.id: f.document.data for f in came} == {
            f.document.id: f.document.data for f in whole
        }


async def test_two_imports_at_once_leave_nothing_out(tmp_path, source, monkeypatch):
    real, others = ScopedWorkspaces.create, []

    async def create(workspaces, *arguments, **named):
        made = await real(workspaces, *arguments, **named)
        if not others:
            others.append(workspaces)
            async with opened(tmp_path) as other:
                assert (await imported(other, source))[1] == {"created": 2}
        return made

    monkeypatch.setattr(ScopedWorkspaces, "create", create)
    async with opened(tmp_path) as manager:
        assert (await imported(manager, source))[1] == {"unchanged": 2}
