"""Many sessions are listed from one piece, and whatever has changed since it was made counts."""

import random
import sqlite3
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from tui_sessions import AgentConfig, Chat, ParentLink, Session
from tui_sessions.index.catalog import Catalog
from tui_sessions.index.catalog_database import CatalogLost
from tui_sessions.index.catalog_packed import WORTH_PACKING
from tui_sessions.index.catalog_rows import Wanted, newest_first

MOMENT = datetime(2026, 11, 20, tzinfo=UTC)
ALL = Wanted()
MANY = WORTH_PACKING.start + 50


def session(number: int, minutes: int, **fields: Any) -> Session:
    times = dict.fromkeys(("created_at", "updated_at", "state_changed_at"), MOMENT)
    active = MOMENT + timedelta(minutes=minutes)
    return Session(id=f"s{number}", workspace_id="w", last_active_at=active, **times, **fields)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "catalog.sqlite"


@pytest.fixture
def there(path: Path) -> dict[str, Session]:
    """What is in the catalog at the path, which has been listed once."""
    agent = AgentConfig(provider="p", parameters={"a": [1.5]}, tools=("t",))
    chats = (Chat(id="c1", agent=agent, message_count=2), Chat(id="c2"))
    link = ParentLink(session_id="s0")
    sessions = [session(n, n % 100, label=f"Nr. {n}") for n in range(MANY)]
    sessions.append(session(MANY, 50, chats=chats, parent=link, metadata={"m": {}}, tags=("t",)))
    catalog = Catalog(path)
    for each in sessions:
        catalog.put(each, "1")
    catalog.flush()
    catalog.find(ALL)
    catalog.close()
    assert packed(path)
    return {each.id: each for each in sessions}


def packed(path: Path) -> set[int]:
    """The numbers of the writes after which the sessions were packed."""
    connection = sqlite3.connect(path)
    try:
        return {row[0] for row in connection.execute("SELECT sequence FROM packed")}
    finally:
        connection.close()


def listed(path: Path) -> list[Session]:
    """What a new process finds."""
    catalog = Catalog(path)
    try:
        return catalog.find(ALL)
    finally:
        catalog.close()


def in_order(sessions: dict[str, Session]) -> list[Session]:
    return sorted(sessions.values(), key=newest_first, reverse=True)


def test_all_sessions_come_whole_and_newest_first(path: Path, there: dict[str, Session]) -> None:
    found = listed(path)
    assert found == in_order(there)
    kinds = {(type(each), *(type(chat.agent) for chat in each.chats)) for each in found}
    assert kinds == {(Session,), (Session, AgentConfig, AgentConfig)}


def test_what_has_changed_since_counts_whoever_changed_it(
    path: Path, there: dict[str, Session]
) -> None:
    chance = random.Random(7)
    ours, theirs = Catalog(path), Catalog(path)
    for turn in range(60):
        catalog = chance.choice((ours, theirs))
        number = chance.choice((chance.randrange(MANY), MANY + turn))
        if chance.random() < 0.4:
            catalog.remove(f"s{number}")
            there.pop(f"s{number}", None)
        else:
            there[f"s{number}"] = session(number, chance.randrange(100), label=f"turn {turn}")
            catalog.put(there[f"s{number}"], f"{turn}")
        catalog.flush()
        for each in (ours, theirs):
            assert each.find(ALL) == in_order(there)
    ours.close()
    theirs.close()
    assert listed(path) == in_order(there)
    assert packed(path) == {1}


def test_after_many_changes_they_are_packed_again(path: Path, there: dict[str, Session]) -> None:
    catalog = Catalog(path)
    for number in range(WORTH_PACKING.start):
        there[f"s{number}"] = session(number, number, label="new")
        catalog.put(there[f"s{number}"], "2")
    catalog.remove(f"s{MANY}")
    del there[f"s{MANY}"]
    catalog.close()
    assert listed(path) == in_order(there)
    assert packed(path) == {2}
    assert listed(path) == in_order(there)


def test_what_waits_to_be_written_counts_as_well(path: Path, there: dict[str, Session]) -> None:
    catalog = Catalog(path)
    there["s5"] = session(5, 1000)
    catalog.put(there["s5"], "2")
    catalog.remove("s6")
    del there["s6"]
    assert catalog.find(ALL) == in_order(there)
    assert len(catalog.find(ALL, 3)) == 3
    catalog.close()


def test_a_damaged_piece_is_made_anew(path: Path, there: dict[str, Session]) -> None:
    connection = sqlite3.connect(path)
    connection.execute("UPDATE packed SET sessions = x'c1' WHERE place = 1")
    connection.commit()
    connection.close()
    with pytest.raises(CatalogLost):
        listed(path)
    assert listed(path) == []


def test_few_sessions_are_listed_from_their_rows(path: Path) -> None:
    catalog = Catalog(path)
    catalog.put(session(1, 1), "1")
    catalog.find(ALL)
    catalog.close()
    assert packed(path) == set()
    assert listed(path) == [session(1, 1)]
