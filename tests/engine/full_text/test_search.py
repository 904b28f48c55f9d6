"""Searching sessions through the engine: what is found, and where."""

import asyncio
from datetime import timedelta
from pathlib import Path

import pytest
from engine_driving import ask, until
from searched_sessions import Opened, found, talk, texts

from tui_sessions import (
    InvalidValue,
    SearchResults,
    SessionManager,
    SessionState,
    Settings,
    open_sessions,
)
from tui_sessions.index.full_text import TantivyIndex
from tui_sessions.paths import cache_dir


async def test_a_hit_says_where_it_is_and_what_was_found(manager: SessionManager) -> None:
    session_id = await talk(manager, "Hello", workspace="dev", label="Fix the lexer")
    added = await manager.add_message(session_id, "The **Parser** and a parser", role="assistant")
    [hit] = await found(manager, "parser")
    session = await manager.get_session(session_id)
    assert (hit.session_id, hit.workspace_id, hit.label) == (session_id, "dev", "Fix the lexer")
    assert (hit.chat_id, hit.message_id) == (session.active_chat_id, added.id)
    assert hit.role == "assistant"
    assert abs(hit.time - added.created_at) < timedelta(milliseconds=1)
    assert hit.snippet.text == "The **Parser** and a parser"
    assert [hit.snippet.text[a:b] for a, b in hit.snippet.marks] == ["Parser", "parser"]


async def test_sessions_are_found_by_label_tag_and_workspace(manager: SessionManager) -> None:
    await manager.create_workspace("w1", name="Compiler lab")
    session_id = await talk(manager, workspace="w1", label="Grammar", tags=["urgent"])
    for query in ("grammar", "urgent", "compiler", "w1"):
        [hit] = await found(manager, query)
        assert (hit.session_id, hit.message_id, hit.role) == (session_id, None, "")
    assert await found(manager, "grammar", messages_only=True) == []
    await manager.rename(session_id, "Syntax")
    assert await found(manager, "grammar") == []
    assert len(await found(manager, "syntax")) == 1
    await manager.update_workspace("w1", name="Translator lab")
    assert len(await found(manager, "translator")) == 1


async def test_a_deleted_session_vanishes_and_comes_back(manager: SessionManager) -> None:
    session_id = await talk(manager, "needle")
    assert len(await texts(manager, "needle")) == 1
    await manager.delete(session_id)
    assert await found(manager, "needle") == []
    await manager.undelete(session_id)
    assert len(await texts(manager, "needle")) == 1
    await manager.purge(session_id)
    assert await found(manager, "needle") == []


async def test_a_moved_session_is_found_where_it_is(manager: SessionManager) -> None:
    session_id = await talk(manager, "needle", workspace="one")
    await manager.create_workspace("two")
    assert len(await texts(manager, "needle", workspace="one")) == 1
    await manager.move(session_id, "two")
    assert await texts(manager, "needle", workspace="one") == set()
    assert len(await texts(manager, "needle", workspace="two")) == 1
    assert len(await texts(manager, "needle workspace:two")) == 1


async def test_what_a_fork_inherited_is_found_once_and_its_own_in_the_fork(
    manager: SessionManager,
) -> None:
    parent = await talk(manager, "shared needle")
    child = await manager.fork(parent)
    await manager.add_message(child.id, "own needle")
    grandchild = await manager.fork(child.id)
    hits = await found(manager, "needle", messages_only=True)
    assert {(h.session_id, h.snippet.text) for h in hits} == {
        (parent, "shared needle"),
        (child.id, "own needle"),
    }
    await manager.delete(parent)
    hits = await found(manager, "needle", messages_only=True)
    assert {(h.session_id, h.snippet.text) for h in hits} == {
        (child.id, "shared needle"),
        (child.id, "own needle"),
    }
    await manager.undelete(parent)
    assert len(await found(manager, "needle", messages_only=True)) == 2
    await manager.purge(child.id)
    hits = await found(manager, "needle", messages_only=True)
    assert {h.session_id for h in hits} == {parent, grandchild.id}


async def test_what_a_fork_inherited_is_found_in_it_once_the_parent_has_it_no_more(
    manager: SessionManager,
) -> None:
    parent = await talk(manager, "first needle", "second needle", "third needle")
    child = await manager.fork(parent)
    grandchild = await manager.fork(child.id)
    await found(manager, "needle")
    first, second, _ = await manager.history(parent)
    await manager.edit_message(parent, first.id, "another thread")
    await manager.delete_message(parent, second.id)
    hits = await found(manager, "needle", messages_only=True)
    assert {(h.session_id, h.snippet.text) for h in hits} == {
        (child.id, "first needle"),
        (child.id, "second needle"),
        (parent, "third needle"),
    }
    await manager.edit_message(parent, first.id, "first needle")
    hits = await found(manager, "first", messages_only=True)
    assert [h.session_id for h in hits] == [parent]
    await manager.clear_history(child.id)
    hits = await found(manager, "second", messages_only=True)
    assert [h.session_id for h in hits] == [grandchild.id]


async def test_what_only_a_fork_still_has_is_found_by_an_index_made_anew(
    open_manager: Opened,
) -> None:
    async with open_manager() as manager:
        parent = await talk(manager, "first needle", "second needle")
        child = await manager.fork(parent)
        await manager.clear_history(parent)
    async with open_manager() as manager:
        hits = await found(manager, "needle", messages_only=True)
    assert {(h.session_id, h.snippet.text) for h in hits} == {
        (child.id, "first needle"),
        (child.id, "second needle"),
    }


async def test_a_workspace_that_a_filter_leaves_out_is_not_searched(
    manager: SessionManager,
) -> None:
    await talk(manager, "needle", workspace="one")
    await talk(manager, "needle", workspace="two")
    assert await found(manager, "needle workspace:two", workspace="one") == []
    assert await found(manager.workspace("one"), "needle -workspace:one") == []


async def test_a_face_bound_to_a_workspace_finds_only_what_is_in_it(
    manager: SessionManager,
) -> None:
    await talk(manager, "needle here", workspace="here", label="needle")
    there = await talk(manager, "needle there", workspace="there", label="needle")
    bound = manager.workspace("here")
    assert {hit.workspace_id for hit in await found(bound, "needle")} == {"here"}
    assert await found(bound, "needle", workspace="there") == []
    with pytest.raises(InvalidValue, match="here"):
        await bound.search("needle workspace:there")
    child = await manager.fork(there)
    await manager.create_workspace("here")
    await manager.move(child.id, "here")
    assert await texts(bound, "needle") == {"needle here", "needle there"}


async def test_filters_ask_for_sessions_too(manager: SessionManager) -> None:
    await talk(manager, "needle one", workspace="w1", tags=["Red", "big"], user_id="ana")
    two = await talk(manager, "needle two", workspace="w2", tags=["red"], user_id="ben")
    await manager.archive(two)
    for query, expected in {
        "needle tag:red": {"needle one", "needle two"},
        "needle tag:RED tag:big": {"needle one"},
        "needle -tag:big": {"needle two"},
        "needle state:archived": {"needle two"},
        "needle -state:archived": {"needle one"},
        "needle workspace:w1": {"needle one"},
        "needle -workspace:w1": {"needle two"},
        "tag:red": {"needle one", "needle two"},
    }.items():
        assert await texts(manager, query) == expected, query
    assert await texts(manager, "needle", user_id="ben") == {"needle two"}
    assert await texts(manager, "needle", user_id="nobody") == set()


@pytest.mark.parametrize(
    ("query", "said"),
    [
        ("workspace:nowhere", "workspace cannot be 'nowhere'; valid: W1."),
        ("workspace:NoWhere😀", "workspace cannot be 'NoWhere😀'; valid: W1."),
        ("role:boss", "valid: system, user, assistant, tool."),
    ],
)
async def test_a_bad_filter_says_what_would_be_valid(
    manager: SessionManager, query: str, said: str
) -> None:
    await manager.create_workspace("w1", name="W1")
    with pytest.raises(InvalidValue) as raised:
        await manager.search(query)
    assert said in str(raised.value)


@pytest.mark.parametrize(
    "option",
    [{"limit": -1}, {"offset": -1}, {"limit": "x"}, {"offset": None}, {"wait_s": "x"}],
)
async def test_a_bad_argument_is_refused(manager: SessionManager, option: dict[str, int]) -> None:
    with pytest.raises(InvalidValue):
        await manager.search("x", **option)
    with pytest.raises(InvalidValue):
        await manager.search(7)  # type: ignore[arg-type]


async def test_without_a_limit_everything_that_fits_is_found(manager: SessionManager) -> None:
    session = await manager.create_session(label="Spices")
    for _ in range(60):
        await manager.add_message(session.id, "salt")
    assert len((await manager.search("salt")).hits) == 50
    assert len((await manager.search("salt", limit=None, wait_s=None)).hits) == 60
    assert len((await manager.search("salt", limit=None, offset=50)).hits) == 10


async def test_temporary_sessions_are_found_and_never_reach_the_disk(
    manager: SessionManager, own_home: Path
) -> None:
    session_id = await talk(manager, "secretive needle", temporary=True)
    await talk(manager, "open needle")
    assert await texts(manager, "needle") == {"secretive needle", "open needle"}
    pages = [await manager.search("needle", limit=1, offset=n, wait_s=None) for n in range(3)]
    assert len({page.hits[0].message_id for page in pages}) == len(pages) - 0
    written = [path.read_bytes() for path in cache_dir().rglob("*") if path.is_file()]
    assert written
    assert not any(b"secretive" in content for content in written)
    await manager.delete(session_id)
    assert await texts(manager, "needle") == {"open needle"}


async def test_what_waits_in_memory_is_found(manual: SessionManager) -> None:
    session_id = await talk(manual, "unsaved needle")
    assert await texts(manual, "needle") == {"unsaved needle"}
    await manual.save()
    await manual.add_message(session_id, "another needle")
    assert await texts(manual, "needle") == {"unsaved needle", "another needle"}


async def test_a_filter_by_tag_or_state_follows_every_change(manager: SessionManager) -> None:
    first, second = [await talk(manager, "needle") for _ in range(2)]

    async def in_sessions(query: str) -> list[str]:
        return [hit.session_id for hit in await found(manager, query, messages_only=True)]

    assert await in_sessions("needle tag:work") == []
    await manager.set_tags(first, ["work"])
    assert await in_sessions("needle tag:work") == [first]
    assert await in_sessions("needle -tag:work") == [second]
    await manager.pause(second)
    assert await in_sessions("needle state:paused") == [second]
    await manager.resume(second)
    assert await in_sessions("needle state:paused") == []
    await manager.delete(first)
    assert await in_sessions("needle tag:work") == []


async def test_searching_again_and_again_at_once_is_fine(manager: SessionManager) -> None:
    await talk(manager, "needle")
    results: list[SearchResults] = await asyncio.gather(
        *(manager.search("needle", wait_s=None) for _ in range(20))
    )
    assert {result.total for result in results} == {2}


async def test_memory_stores_are_searched_and_leave_nothing_behind(own_home: Path) -> None:
    async with open_sessions("memory:", settings=Settings()) as manager:
        session_id = await talk(manager, "needle")
        assert await texts(manager, "needle") == {"needle"}
        assert (await manager.get_session(session_id)).state is SessionState.CREATED
    assert not (cache_dir() / "search").exists()


async def test_the_index_is_loaded_when_it_is_first_needed(manager: SessionManager) -> None:
    await ask(manager, await talk(manager), "hello")
    assert manager.index_progress().total == 0
    assert not manager.index_progress().complete
    manager.start_indexing()
    manager.start_indexing()
    await until(lambda: manager.index_progress().complete)
    assert manager.index_progress().total == 1
    assert isinstance(manager._engine.indexer.index, TantivyIndex)
