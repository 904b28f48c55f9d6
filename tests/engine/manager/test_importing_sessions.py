from __future__ import annotations

import asyncio
import json
import threading
from collections.abc import Iterator
from contextlib import aclosing
from dataclasses import replace
from pathlib import Path

import pytest

from tui_sessions import Limits, SessionsError, TransferError, open_sessions
from tui_sessions.engine.freed_memory import return_gaps, return_large_blocks, stay_small
from tui_sessions.engine.importing.import_parts import is_large
from tui_sessions.engine.importing.import_steps import ImportReport
from tui_sessions.engine.importing.read_ahead import read_ahead
from tui_sessions.model.document import SessionDocument
from tui_sessions.transfer.base import ImportedSession, Skipped
from tui_sessions.transfer.own_sessions import own_session


class Source:
    """An importer that gives what it is told, and remembers how far it was read."""

    name = "source"
    title = "Source"

    def __init__(self, *sessions: str, messages: int = 1, state: str = "active") -> None:
        self.sessions = sessions
        self.messages = messages
        self.state = state
        self.given = 0
        self.ended = threading.Event()

    def find(self) -> list[Path]:
        return []

    def read(self, path: Path, user_id: str = "") -> Iterator[ImportedSession | Skipped]:
        try:
            for session_id in self.sessions:
                self.given += 1
                yield own_session(self.document(session_id), path)
            yield Skipped(path=path, reason="it is torn", count=2)
        finally:
            self.ended.set()

    def document(self, session_id: str) -> SessionDocument:
        messages = [
            {"id": f"m{n}", "role": "user", "content": [{"type": "text", "text": str(n)}]}
            for n in range(self.messages)
        ]
        return SessionDocument(
            {
                "format": 1,
                "id": session_id,
                "workspace_id": "w",
                "state": self.state,
                "created_at": "2026-01-01T00:00:00Z",
                "chats": [{"id": "c1", "messages": messages}],
            }
        )


async def imported(manager, source, **options) -> ImportReport:
    report = ImportReport()
    async for step in manager.import_sessions(source, ["place"], **options):
        report.add(step)
    return report


async def test_steps_tell_what_came_in_and_what_was_left_out():
    async with open_sessions("memory:") as manager:
        report = await imported(manager, Source("a", "b"))
        assert (report.counts["created"], report.messages) == (2, 2)
        assert [(step.reason, step.count) for step in report.left_out] == [("it is torn", 2)]
        again = await imported(manager, Source("a", "b", messages=3))
        assert (again.counts["updated"], again.messages) == (2, 4)
        assert len(await manager.history("a")) == 3


async def test_nobody_is_using_a_session_that_was_just_imported():
    async with open_sessions("memory:") as manager:
        await imported(manager, Source("a"))
        assert (await manager.get_session("a")).state == "suspended"


async def test_what_is_in_the_trash_stays_there():
    async with open_sessions("memory:") as manager:
        await imported(manager, Source("a"))
        await manager.delete("a")
        for dry_run in (True, False):
            report = await imported(manager, Source("a"), dry_run=dry_run)
            assert report.counts["in_trash"] == 1
        assert await manager.list_sessions() == []


async def test_a_workspace_takes_all_of_them_when_it_is_asked_to():
    async with open_sessions("memory:") as manager:
        await imported(manager, Source("a"), workspace="mine")
        await imported(manager.workspace("yours"), Source("b"))
        assert (await manager.get_session("a")).workspace_id == "mine"
        assert (await manager.get_session("b")).workspace_id == "yours"


async def test_a_limit_leaves_out_what_has_no_room_and_says_so():
    async with open_sessions("memory:", limits=Limits(sessions=1)) as manager:
        report = await imported(manager, Source("a", "b"))
        assert report.counts["created"] == 1
        assert "limit of 1 session is reached" in report.left_out[0].reason


async def test_messages_beyond_the_limit_of_a_chat_are_not_taken():
    async with open_sessions("memory:", limits=Limits(messages_per_chat=2)) as manager:
        await imported(manager, Source("a", messages=2))
        report = await imported(manager, Source("a", messages=3))
        assert "limit of 2" in report.left_out[0].reason
        assert len(await manager.history("a")) == 2


async def test_leaving_early_ends_the_reading_and_keeps_what_came():
    source = Source(*(f"s{n}" for n in range(1000)))
    async with open_sessions("memory:") as manager:
        async with aclosing(manager.import_sessions(source, ["place"])) as steps:
            async for _ in steps:
                break
        assert await asyncio.to_thread(source.ended.wait, 30)
        assert len(await manager.list_sessions()) == 1
    assert source.given < 50


async def test_what_comes_in_is_not_kept_in_memory_and_what_is_in_use_stays():
    async with open_sessions("memory:") as manager:
        await imported(manager, Source("a", "b"))
        opened = manager._engine.documents.opened
        assert opened() == []
        await manager.history("a")
        await imported(manager, Source("a", "b", messages=2))
        assert opened() == ["a"]


async def test_how_far_a_large_file_is_read_is_told():
    class Halves(Source):
        def read(self, path: Path, user_id: str = "") -> Iterator[ImportedSession | Skipped]:
            for place, found in enumerate(super().read(path, user_id)):
                share = 0.5 * place
                yield replace(found, share=share) if isinstance(found, ImportedSession) else found

    async with open_sessions("memory:") as manager:
        steps = manager.import_sessions(Halves("a", "b"), [Path(__file__)])
        assert [round(step.share, 2) async for step in steps][:2] == [0, 0.5]


@pytest.mark.parametrize(("length", "large"), [(10, False), (5_000_000, True)])
def test_a_session_is_large_by_what_it_says(length: int, large: bool):
    data = Source("a").document("a").data
    data["chats"][0]["messages"][0]["content"][0]["text"] = "x" * length
    assert is_large(own_session(SessionDocument(data), Path("x"))) is large
    assert not is_large(Skipped(path=Path("x"), reason="it is torn"))
    return_large_blocks()
    stay_small()
    return_gaps()


async def test_while_something_large_is_used_nothing_else_is_made():
    made: list[int] = []

    def items() -> Iterator[int]:
        for number in range(6):
            made.append(number)
            yield number

    reading = read_ahead(items, ahead=1, alone=lambda number: number < 3)
    async with aclosing(reading):
        for number in range(4):
            assert await anext(reading) == number
            await asyncio.sleep(0)
            assert made[: number + 1] == list(range(number + 1))
            assert len(made) == number + 1 or number == 3


async def test_a_reader_that_fails_fails_its_consumer():
    def broken() -> Iterator[int]:
        yield 1
        raise OSError("gone")

    reading = read_ahead(broken)
    assert await anext(reading) == 1
    with pytest.raises(OSError, match="gone"):
        await anext(reading)


async def test_a_source_that_is_nowhere_on_this_machine_is_an_error():
    async with open_sessions("memory:") as manager:
        with pytest.raises(TransferError, match="Source"):
            async for _ in manager.import_sessions(Source("a")):
                pass


async def test_an_exported_session_is_imported_whole_once():
    async with open_sessions("memory:") as manager:
        await imported(manager, Source("a", messages=2))
        data = await manager.export_session("a", "json")
        await manager.delete("a")
        with pytest.raises(TransferError, match="trash"):
            await manager.import_session(data)
        await manager.purge("a")
        assert (await manager.import_session(data)).message_count == 2
        assert (await manager.import_session(data)).message_count == 2
        with pytest.raises(SessionsError):
            await manager.export_session("a", "nothing")


@pytest.mark.parametrize(
    ("message", "said"),
    [
        ({}, ""),
        ({"content": None}, ""),
        ({"content": "Hello"}, "Hello"),
        ({"content": 5}, ""),
        ({"content": ["Hello", None, ["x"]]}, "Hello"),
    ],
)
async def test_a_message_of_another_program_may_hold_anything(manager, tmp_path, message, said):
    chat = {"id": "c1", "messages": [{"id": "m1", "role": "user", **message}]}
    path = tmp_path / "s1.json"
    data = {"format": 1, "id": "s1", "created_at": "2026-01-01T10:00:00Z", "chats": [chat]}
    path.write_text(json.dumps(data))
    steps = [step.outcome async for step in manager.import_sessions("json", [path])]
    assert steps == ["created"]
    assert [message.text for message in await manager.history("s1")] == [said]
