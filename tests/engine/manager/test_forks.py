"""Forks: copies of their own, and finding one's way among them."""

import asyncio
import shutil
import sqlite3
from pathlib import Path
from typing import Any

import pytest
from engine_driving import Watched, answered, ask, conversation, document_path, odd, texts

from tui_sessions import (
    ChatNotFound,
    MessageNotFound,
    ParentLink,
    ScriptedProvider,
    SessionManager,
    SessionNotFound,
    StoreError,
    Usage,
)


async def saved_conversation(manager: SessionManager, *questions: str, **fields: Any) -> str:
    """The id of a session in which these were asked, with its file up to date."""
    session_id = await conversation(manager, *questions, **fields)
    await manager.close(session_id)
    return session_id


async def test_a_fork_is_a_copy_of_its_own_and_the_parent_stays_byte_for_byte(
    manager: SessionManager, tmp_path: Path
) -> None:
    parent_id = await saved_conversation(
        manager, "one", label="Parser", tags=["x"], metadata={"a": [1]}, surface="tty:1"
    )
    before = document_path(tmp_path, parent_id).read_bytes()
    last = (await manager.history(parent_id))[-1]
    fork = await manager.fork(parent_id)
    chat_id = fork.active_chat_id
    assert fork.id != parent_id
    assert fork.parent == ParentLink(session_id=parent_id, chat_id=chat_id, message_id=last.id)
    assert (fork.label, fork.tags, fork.metadata) == ("Parser (fork)", ("x",), {"a": [1]})
    assert (fork.surfaces, fork.state) == ((), "created")
    assert await manager.history(fork.id) == await manager.history(parent_id)
    await ask(manager, fork.id, "two")
    await manager.update_metadata(fork.id, {"b": 2})
    assert document_path(tmp_path, parent_id).read_bytes() == before
    await ask(manager, parent_id, "three")
    assert "three" not in texts(await manager.history(fork.id))


@pytest.mark.parametrize("closed", [True, False])
async def test_a_long_fork_holds_what_its_parent_holds_and_its_fork_as_well(
    manager: SessionManager, tmp_path: Path, closed: bool
) -> None:
    parent = await manager.create_session(label="Long")
    for number in range(60):
        await manager.add_message(parent.id, f"{number} Grüße\n日本")
    if closed:
        await manager.close(parent.id)
    before = await manager.history(parent.id)
    child = await manager.fork(parent.id)
    first, _ = await manager.fork(parent.id, at=before[0].id), await manager.fork(child.id)
    await manager.add_message(child.id, "more")
    grandchild = await manager.fork(child.id)
    await manager.purge(parent.id)
    await manager.close(child.id)
    assert texts(await manager.history(child.id)) == [*texts(before), "more"]
    assert texts(await manager.history(grandchild.id)) == [*texts(before), "more"]
    assert await manager.history(first.id) == before[:1]
    assert (await manager.history(child.id))[:60] == before
    assert document_path(tmp_path, child.id).read_bytes().count(b"\n    {") == 61


async def test_a_fork_at_a_message_carries_only_its_chat_cut_after_it(
    manager: SessionManager,
) -> None:
    parent_id = await saved_conversation(manager, "one", "two")
    await manager.create_chat(parent_id)
    history = await manager.history(parent_id)
    fork = await manager.fork(parent_id, at=history[1].id)
    assert len(fork.chats) == 1
    assert fork.chats[0].inherited == 2
    assert fork.parent is not None
    assert fork.parent.message_id == history[1].id
    assert await manager.history(fork.id) == history[:2]


async def test_a_fork_of_one_chat_and_a_detached_fork(manager: SessionManager) -> None:
    parent_id = await saved_conversation(manager, "one")
    second = await manager.create_chat(parent_id, name="Coder", template="coder")
    fork = await manager.fork(parent_id, chat_id=second.id)
    assert [chat.name for chat in fork.chats] == ["Coder"]
    detached = await manager.fork(parent_id, detached=True)
    assert [chat.agent for chat in detached.chats] == [
        chat.agent for chat in (await manager.get_session(parent_id)).chats
    ]
    assert detached.message_count == 0
    assert detached.parent is not None
    assert (detached.parent.detached, detached.parent.message_id) == (True, None)


async def test_a_fork_of_a_fork_of_a_fork_knows_its_line(manager: SessionManager) -> None:
    ids = [await saved_conversation(manager, "one")]
    for _ in range(3):
        ids.append((await manager.fork(ids[-1])).id)
    lineage = await manager.lineage(ids[-1])
    assert [s.id for s in lineage.ancestors] == ids[-2::-1]
    assert lineage.cycle is False
    assert [s.id for s in await manager.children(ids[0])] == [ids[1]]
    assert texts(await manager.history(ids[-1])) == texts(await manager.history(ids[0]))


async def test_a_fork_of_a_live_session_carries_its_finished_turns(
    scripted: SessionManager, provider: ScriptedProvider
) -> None:
    session_id = await answered(scripted, provider, "first")
    provider._replies = [["Hel", {"gate": "go"}, "lo"]]
    turn = Watched(scripted.send(session_id, "second"))
    growing = await turn.until("reply_delta")
    fork = await scripted.fork(session_id)
    with pytest.raises(MessageNotFound):
        await scripted.fork(session_id, at=growing.message_id)
    assert texts(await scripted.history(fork.id)) == ["first", "Hello", "second"]
    provider.open("go")
    await turn.end()
    assert texts(await scripted.history(fork.id)) == ["first", "Hello", "second"]
    assert len(await scripted.history(session_id)) == 4


async def test_the_usage_of_a_fork_starts_at_zero_and_the_inherited_is_told_apart(
    open_manager: Any,
) -> None:
    step = {"usage": {"input_tokens": 5, "cache_read_tokens": 7, "cost_usd": 0.5}}
    async with open_manager(providers=odd(ScriptedProvider([["Hi", step]]).stream)) as manager:
        parent_id = await saved_conversation(manager, "one", "two")
        fork = await manager.fork(parent_id)
        stats = await manager.stats(fork.id)
        assert stats.usage == Usage()
        whole = Usage(input_tokens=10, cache_read_tokens=14, cost_usd=1.0)
        assert stats.inherited_usage == whole
        await ask(manager, fork.id, "three")
        stats = await manager.stats(fork.id)
        assert stats.usage == Usage(input_tokens=5, cache_read_tokens=7, cost_usd=0.5)
        assert stats.inherited_usage == whole
        await manager.clear_history(fork.id)
        assert (await manager.stats(fork.id)).inherited_usage == Usage()


async def test_an_unknown_parent_chat_or_message_is_an_error_and_creates_nothing(
    manager: SessionManager,
) -> None:
    parent_id = await saved_conversation(manager, "one")
    with pytest.raises(SessionNotFound):
        await manager.fork("nobody")
    with pytest.raises(MessageNotFound):
        await manager.fork(parent_id, at="nothing")
    with pytest.raises(ChatNotFound):
        await manager.fork(parent_id, chat_id="nothing")
    with pytest.raises(MessageNotFound):
        await manager.fork(parent_id, chat_id="nothing", at="nothing")
    assert len(await manager.list_sessions()) == 1


async def test_deleting_the_parent_changes_no_fork(manager: SessionManager) -> None:
    parent_id = await saved_conversation(manager, "one")
    fork = await manager.fork(parent_id)
    history = await manager.history(fork.id)
    await manager.purge(parent_id)
    assert await manager.history(fork.id) == history
    assert (await manager.lineage(fork.id)).ancestors == ()
    assert (await manager.get_session(fork.id)).parent == fork.parent


async def test_forks_in_every_state_and_of_a_newer_format_are_ordinary_sessions(
    manager: SessionManager, tmp_path: Path
) -> None:
    parent_id = await saved_conversation(manager, "one")
    await manager.expire(parent_id)
    assert isinstance(await ask(manager, (await manager.fork(parent_id)).id, "two"), object)
    path = document_path(tmp_path, parent_id)
    await manager.close(parent_id)
    path.write_text(path.read_text().replace('"format": 1', '"format": 2'))
    fork = await manager.fork(parent_id)
    assert fork.read_only is False
    await ask(manager, fork.id, "two")
    assert len(await manager.history(fork.id)) == 4


async def test_labels_tell_the_forks_of_one_parent_apart(manager: SessionManager) -> None:
    parent_id = await saved_conversation(manager, "one", label="Parser")
    labels = [(await manager.fork(parent_id)).label for _ in range(3)]
    assert labels == ["Parser (fork)", "Parser (fork 2)", "Parser (fork 3)"]
    named = await manager.fork(parent_id, label="Other way")
    assert (named.label, named.auto_label) == ("Other way", False)


async def test_a_fork_may_go_to_another_workspace(manager: SessionManager) -> None:
    parent_id = await saved_conversation(manager, "one", workspace="here")
    fork = await manager.fork(parent_id, workspace="there")
    assert fork.workspace_id == "there"
    assert [s.id for s in await manager.children(parent_id)] == [fork.id]
    assert [s.id for s in (await manager.lineage(fork.id)).ancestors] == [parent_id]
    there = manager.workspace("there")
    assert (await there.lineage(fork.id)).ancestors == ()


async def test_a_loop_of_parents_on_disk_is_reported_and_cut(
    manager: SessionManager, tmp_path: Path
) -> None:
    one = await saved_conversation(manager, "one")
    two = (await manager.fork(one)).id
    path = document_path(tmp_path, one)
    link = f'{{"session_id":"{two}","chat_id":null,"message_id":null,"kind":"fork"}}'
    path.write_text(path.read_text().replace('"parent": null', f'"parent": {link}'))
    lineage = await manager.lineage(two)
    assert lineage.cycle is True
    assert [s.id for s in lineage.ancestors] == [one]
    assert {s.id for s in await manager.children(two)} == {one}


@pytest.mark.parametrize("damage", ["deleted", "garbage", "other table", "folder", "empty"])
async def test_the_family_is_known_from_the_files_alone(
    open_manager: Any, own_home: Path, damage: str
) -> None:
    async with open_manager() as manager:
        parent_id = await saved_conversation(manager, "one", label="Parser")
        fork = await manager.fork(parent_id)
        await manager.list_sessions()
    [catalog] = own_home.glob("cache/**/*.sqlite")
    if damage == "deleted":
        shutil.rmtree(own_home / "cache")
    elif damage == "garbage":
        catalog.write_bytes(b"not a database" * 1000)
    elif damage == "folder":
        catalog.unlink()
        catalog.mkdir()
    elif damage == "empty":
        catalog.write_bytes(b"")
    else:
        connection = sqlite3.connect(catalog)
        connection.execute("DROP TABLE sessions")
        connection.execute("CREATE TABLE sessions (other TEXT)")
        connection.commit()
        connection.close()
    for _ in range(2):
        async with open_manager() as manager:
            assert [s.id for s in await manager.children(parent_id)] == [fork.id]
            assert [s.id for s in (await manager.lineage(fork.id)).ancestors] == [parent_id]


async def test_a_fork_that_cannot_be_saved_is_told_to_the_parents_listeners(
    manager: SessionManager, monkeypatch: pytest.MonkeyPatch
) -> None:
    parent_id = await saved_conversation(manager, "one")
    told: list[Any] = []
    manager.on("lifecycle_error", told.append)

    async def failing(*arguments: Any, **options: Any) -> str:
        raise StoreError("the disk is full")

    monkeypatch.setattr(manager._engine.store, "save", failing)
    with pytest.raises(StoreError):
        await manager.fork(parent_id)
    assert [(e.session_id, e.operation) for e in told] == [(parent_id, "create a child")]
    assert len(await manager.list_sessions()) == 1


async def test_forks_at_once_are_all_whole(manager: SessionManager) -> None:
    parent_id = await saved_conversation(manager, "one")
    forks = await asyncio.gather(*(manager.fork(parent_id) for _ in range(6)))
    assert len({fork.id for fork in forks}) == 6
    assert all(fork.message_count == 2 for fork in forks)
    assert len({fork.label for fork in forks}) == 6
