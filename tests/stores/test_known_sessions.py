"""What a store remembers of the files it has read, and what it does without it."""

from __future__ import annotations

import pytest
from store_samples import LATER, data, place, put

from tui_sessions.stores import known_sessions
from tui_sessions.stores.known_sessions import Known, KnownSessions
from tui_sessions.stores.session_reader import SessionReader
from tui_sessions.stores.single_files import Signature


@pytest.fixture
def few(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(known_sessions, "_SHORT_ONES", 2)


def known(size: int, journal: int = 0) -> Known:
    return Known.of(Signature(1, 2, size), Signature(3, 4, journal), 0, 1)


@pytest.mark.usefixtures("few")
def test_of_short_sessions_those_used_last_are_remembered():
    remembered = KnownSessions()
    remembered.put("a", known(10))
    remembered.put("b", known(20))
    assert remembered.get("a") == known(10)
    remembered.put("c", known(30))
    assert remembered.get("b") is None
    assert (remembered.get("a"), remembered.get("c")) == (known(10), known(30))
    remembered.forget("a")
    assert remembered.get("a") is None


@pytest.mark.usefixtures("few")
def test_long_sessions_are_remembered_however_many_others_are_read():
    remembered = KnownSessions()
    long = known(10, journal=1_000_000)
    remembered.put("long", known(10))
    remembered.put("long", long)
    for number in range(5):
        remembered.put(str(number), known(10))
    assert remembered.get("long") == long
    remembered.put("long", known(10))
    remembered.forget("long")
    assert remembered.get("long") is None


@pytest.mark.usefixtures("few")
async def test_what_is_not_remembered_is_read_again_and_written_to(store, sessions, monkeypatch):
    ids = ["s1", "s2", "s3"]
    for one in ids:
        place(sessions, data(one), f"{one}.json")
    versions = {one: (await store.load(one)).version for one in ids}
    read: list[str] = []
    reading = SessionReader.read

    def noted(reader: SessionReader, workspace_id: str, session_id: str, handle: int) -> object:
        read.append(session_id)
        return reading(reader, workspace_id, session_id, handle)

    monkeypatch.setattr(SessionReader, "read", noted)
    for one in ("s3", "s1"):
        assert await store.append_if(one, versions[one], [put(1)], LATER) is not None
    assert read == ["s1"]
    assert await store.append_if("s1", versions["s1"], [put(2)], LATER) is None
    document = (await store.load("s1")).document
    assert len(document.data["chats"][0]["messages"]) == 1
