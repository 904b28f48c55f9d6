"""Lists come whole and newest first, whatever is asked for and whatever has changed."""

import random
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from tui_sessions import AgentConfig, Chat, Origin, ParentLink, Session, SessionState
from tui_sessions.index.catalog import Catalog
from tui_sessions.index.catalog_database import CatalogLost
from tui_sessions.index.catalog_rows import Wanted, newest_first

MOMENT = datetime(2026, 11, 20, tzinfo=UTC)
ALL = Wanted()
MANY = 350
"""More than are decoded at once."""
SINCE = MOMENT + timedelta(minutes=30)


def session(number: int, minutes: int, **fields: Any) -> Session:
    times = dict.fromkeys(("created_at", "updated_at", "state_changed_at"), MOMENT)
    active = MOMENT + timedelta(minutes=minutes)
    fields = {"workspace_id": "w", **fields}
    return Session(id=f"s{number}", last_active_at=active, **times, **fields)


def of_many_kinds() -> Iterator[Session]:
    agent = AgentConfig(provider="p", parameters={"a": [1.5]}, tools=("t",))
    chats = (Chat(id="c1", agent=agent, message_count=2, created_at=MOMENT), Chat(id="c2"))
    for number in range(MANY):
        kinds: dict[str, Any] = {
            "workspace_id": "vw"[number % 2],
            "user_id": "ana" if number % 3 else "bob",
            "state": SessionState.ACTIVE if number % 5 else SessionState.PAUSED,
            "tags": ("t", "u") if number % 7 == 0 else (),
            "surfaces": ("tty:1",) if number % 11 == 0 else (),
            "parent": ParentLink(session_id="s0") if number % 13 == 0 else None,
            "origin": Origin(format="f") if number % 17 == 0 else None,
            "chats": chats if number % 19 == 0 else (),
            "metadata": {"m": {"n": None}} if number % 23 == 0 else {},
        }
        yield session(number, number % 60, label=f"Nr. {number}", **kinds)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "catalog.sqlite"


@pytest.fixture
def there(path: Path) -> dict[str, Session]:
    """What is in the catalog at the path."""
    sessions = {each.id: each for each in of_many_kinds()}
    with closing(Catalog(path)) as catalog:
        for each in sessions.values():
            catalog.put(each, "1")
    return sessions


def listed(path: Path, wanted: Wanted = ALL) -> list[Session]:
    """What a new process finds."""
    with closing(Catalog(path)) as catalog:
        return catalog.find(wanted)


def in_order(sessions: dict[str, Session], wanted: Wanted = ALL) -> list[Session]:
    fitting = filter(wanted.fits, sessions.values())
    return sorted(fitting, key=newest_first, reverse=True)


@pytest.mark.parametrize(
    "wanted",
    [
        ALL,
        Wanted(workspace_id="v"),
        Wanted(user_id="ana"),
        Wanted(states={"paused"}, user_id="bob"),
        Wanted(parent_id="s0"),
        Wanted(surface="tty:1"),
        Wanted(tag="u", active_since=SINCE),
        Wanted(active_since=SINCE, workspace_id="w"),
        Wanted(words=("nr.", "7")),
        Wanted(others_than="s3"),
        Wanted(user_id="nobody"),
    ],
)
def test_every_list_comes_whole_and_newest_first(
    path: Path, there: dict[str, Session], wanted: Wanted
) -> None:
    found = listed(path, wanted)
    assert found == in_order(there, wanted)
    assert {type(each) for each in found} <= {Session}
    assert {type(chat) for each in found for chat in each.chats} <= {Chat}
    with closing(Catalog(path)) as catalog:
        assert catalog.find(wanted, 20) == found[:20]
        assert catalog.count(wanted) == len(found)


def test_what_is_listed_is_the_callers_own(path: Path, there: dict[str, Session]) -> None:
    with closing(Catalog(path)) as catalog:
        for number in (1, 2):
            there[f"s{number}"] = waiting = session(number, 100 + number, metadata={"a": 1})
            catalog.put(waiting, "2")
        before = in_order(there)
        assert catalog.find(ALL) == before
        for found in catalog.find(ALL):
            found.metadata["changed"] = True
        assert catalog.find(ALL) == before
    assert listed(path) == before


def test_what_has_changed_counts_whoever_changed_it(path: Path, there: dict[str, Session]) -> None:
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
        assert catalog.find(ALL) == in_order(there)
        catalog.flush()
        for each in (ours, theirs):
            assert each.find(ALL) == in_order(there)
            assert each.find(ALL, 7) == in_order(there)[:7]
    ours.close()
    theirs.close()
    assert listed(path) == in_order(there)


def test_a_session_that_cannot_be_kept_is_listed_and_keeps_no_other_out(
    path: Path, there: dict[str, Session]
) -> None:
    with closing(Catalog(path)) as catalog:
        odd = session(0, 1000, ttl_s="soon")
        catalog.put(odd, "2")
        del there["s0"]
        catalog.put(session(MANY, 500), "1")
        there[f"s{MANY}"] = session(MANY, 500)
        catalog.flush()
        assert catalog.find(ALL) == [odd, *in_order(there)]
    assert listed(path) == in_order(there)


def test_a_damaged_row_has_all_made_anew(path: Path, there: dict[str, Session]) -> None:
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("UPDATE sessions SET snapshot = x'c1' WHERE id = 's5'")
        connection.commit()
    with pytest.raises(CatalogLost):
        listed(path)
    assert listed(path) == []
