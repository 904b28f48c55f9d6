"""Checkpoints: what is sent afterwards, what goes on meanwhile, and what failures leave behind."""

import asyncio
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from engine_driving import ask, conversation, document_path, texts, until
from summarising_model import SummarisingModel, conversation_near_the_end

from tui_sessions import (
    Limits,
    ParentLink,
    ProviderError,
    SessionBusy,
    SessionLimitError,
    SessionManager,
    SessionStateError,
    Settings,
    StoreError,
    SummaryPart,
)


async def test_a_checkpoint_keeps_the_history_and_sends_the_summary_and_what_follows(
    chatting: SessionManager, model: SummarisingModel
) -> None:
    session_id = await conversation(chatting, "one", "two", label="Parser", workspace="dev")
    before = await chatting.history(session_id)
    child = await chatting.checkpoint(session_id)
    assert child is not None
    [*kept, summary] = await chatting.history(session_id)
    assert kept == before
    assert (summary.role, summary.content) == ("system", (SummaryPart("summary 1"),))
    assert (summary.model, summary.usage is not None) == ("m-1", True)
    assert summary.metadata["checkpoint"] == {
        "message_id": before[-1].id,
        "session_id": child.id,
    }
    await ask(chatting, session_id, "three")
    assert texts(list(model.requests[-1].messages)) == ["summary 1", "three"]
    assert len(await chatting.history(session_id)) == 7


async def test_the_child_is_ready_to_go_on_with_and_never_met_by_chance(
    open_manager: Any, model: SummarisingModel
) -> None:
    async with open_manager(providers=model.registry()) as chatting:
        session_id = await conversation(
            chatting, "one", label="Parser", workspace="dev", surface="tty:1", tags=["x"]
        )
        parent = await chatting.get_session(session_id)
        last = (await chatting.history(session_id))[-1].id
        child = await chatting.checkpoint(session_id)
    async with open_manager(providers=model.registry()) as chatting:
        child = await chatting.get_session(child.id)
        assert child.parent == ParentLink(
            session_id=session_id,
            chat_id=parent.active_chat_id,
            message_id=last,
            kind="checkpoint",
        )
        assert (child.label, child.workspace_id, child.user_id) == ("", "dev", "ana")
        assert (child.surfaces, child.tags, child.state) == ((), (), "created")
        assert child.chats[0].agent == parent.chats[0].agent
        assert texts(await chatting.history(child.id)) == ["summary 1"]
        await ask(chatting, child.id, "go on")
        assert texts(list(model.requests[-1].messages)) == ["summary 1", "go on"]
        assert (await chatting.get_session(child.id)).label == ""
        assert (await chatting.load()).id == session_id
        met = await chatting.resolve_session(workspace="dev", surface="tty:2")
        assert met.id == session_id
        assert [c.id for c in await chatting.children(session_id)] == [child.id]


async def test_a_fork_of_a_checkpoint_child_is_an_ordinary_session(
    chatting: SessionManager, model: SummarisingModel
) -> None:
    child = await chatting.checkpoint(await conversation(chatting, "one"))
    assert child is not None
    fork = await chatting.fork(child.id)
    assert fork.parent is not None
    assert (fork.parent.kind, fork.is_child) == ("fork", False)
    await ask(chatting, fork.id, "What now?")
    assert (await chatting.get_session(fork.id)).label == "What now?"
    assert texts(list(model.requests[-1].messages)) == ["summary 1", "What now?"]
    assert (await chatting.load()).id == fork.id


async def test_nothing_new_is_no_checkpoint(
    chatting: SessionManager, model: SummarisingModel
) -> None:
    empty = await chatting.create_session()
    assert await chatting.checkpoint(empty.id) is None
    await chatting.create_chat(empty.id)
    await chatting.add_message(empty.id, "Be brief.", role="system")
    assert await chatting.checkpoint(empty.id) is None
    session_id = await conversation(chatting, "one")
    first = await chatting.checkpoint(session_id)
    before = await chatting.get_session(session_id)
    assert first is not None
    assert await chatting.checkpoint(session_id) is None
    assert len(model.summaries) == 1
    assert await chatting.get_session(session_id) == before
    assert len(await chatting.children(session_id)) == 1


async def test_summaries_chain(chatting: SessionManager, model: SummarisingModel) -> None:
    session_id = await conversation(chatting, "one")
    await chatting.checkpoint(session_id)
    await ask(chatting, session_id, "two")
    await chatting.checkpoint(session_id)
    earlier, *rest = model.summaries[-1].messages
    assert earlier.content == (SummaryPart("summary 1"),)
    assert texts(rest)[:-1] == ["two", "answer to two"]
    await ask(chatting, session_id, "three")
    assert texts(list(model.requests[-1].messages)) == ["summary 2", "three"]


async def test_the_chat_is_busy_meanwhile_and_stop_ends_it(
    chatting: SessionManager, model: SummarisingModel
) -> None:
    session_id = await conversation(chatting, "one")
    before = await chatting.history(session_id)
    model.hold = asyncio.Event()
    running = asyncio.ensure_future(chatting.checkpoint(session_id))
    await until(lambda: bool(model.summaries))
    chat_id = (await chatting.get_session(session_id)).active_chat_id
    assert chatting.running() == [(session_id, chat_id)]
    with pytest.raises(SessionBusy):
        await ask(chatting, session_id, "two")
    with pytest.raises(SessionBusy):
        await chatting.checkpoint(session_id)
    live = chatting.live_reply(session_id, str(chat_id))
    assert live is not None
    assert (live.role, live.status) == ("system", "partial")
    assert await chatting.stop(session_id) is True
    assert await running is None
    assert await chatting.history(session_id) == before
    assert await chatting.children(session_id) == []
    assert (await ask(chatting, session_id, "two")).name == "reply_done"


async def leave_a_checkpoint(
    manager: SessionManager, model: SummarisingModel, session_id: str
) -> None:
    """Ask for a checkpoint, and be cancelled before its summary comes."""
    model.hold = asyncio.Event()
    running = asyncio.ensure_future(manager.checkpoint(session_id))
    await until(lambda: bool(model.summaries))
    running.cancel()
    await asyncio.wait([running])
    model.hold.set()
    await until(lambda: not manager.running())


async def test_leaving_does_not_stop_it(chatting: SessionManager, model: SummarisingModel) -> None:
    session_id = await conversation(chatting, "one")
    await leave_a_checkpoint(chatting, model, session_id)
    assert texts(await chatting.history(session_id))[-1] == "summary 1"


async def test_a_failure_that_nobody_waits_for_is_told(
    chatting: SessionManager, model: SummarisingModel
) -> None:
    session_id = await conversation(chatting, "one")
    told: list[Any] = []
    chatting.on("lifecycle_error", told.append)
    model.summary_error = ProviderError("No.", "auth")
    await leave_a_checkpoint(chatting, model, session_id)
    assert [(e.session_id, e.operation, str(e.error)) for e in told] == [
        (session_id, "summarise", "No.")
    ]


async def test_shutdown_and_deletion_end_it(
    open_manager: Any, model: SummarisingModel, tmp_path: Path
) -> None:
    model.hold = asyncio.Event()
    async with open_manager(providers=model.registry()) as chatting:
        gone, kept = [await conversation(chatting, "one") for _ in range(2)]
        running = [asyncio.ensure_future(chatting.checkpoint(one)) for one in (gone, kept)]
        await until(lambda: len(model.summaries) == 2)
        assert await chatting.delete(gone)
        assert await running[0] is None
        await chatting.close()
        assert await running[1] is None
    async with open_manager(providers=model.registry()) as chatting:
        assert [s.id for s in await chatting.list_sessions()] == [kept]
        assert len(await chatting.history(kept)) == 2


async def test_what_is_said_meanwhile_stays_behind_the_summary(
    chatting: SessionManager, model: SummarisingModel
) -> None:
    session_id = await conversation(chatting, "one")
    model.hold = asyncio.Event()
    running = asyncio.ensure_future(chatting.checkpoint(session_id))
    await until(lambda: bool(model.summaries))
    await chatting.add_message(session_id, "by the way")
    model.hold.set()
    await running
    assert texts(await chatting.history(session_id)) == [
        "one",
        "answer to one",
        "summary 1",
        "by the way",
    ]


async def test_a_session_that_is_moved_meanwhile_keeps_its_summary(
    chatting: SessionManager, model: SummarisingModel
) -> None:
    session_id = await conversation(chatting, "one", workspace="here")
    model.hold = asyncio.Event()
    running = asyncio.ensure_future(chatting.checkpoint(session_id))
    await until(lambda: bool(model.summaries))
    await chatting.move(session_id, "there")
    model.hold.set()
    child = await running
    assert child is not None
    assert child.workspace_id == "there"
    assert texts(await chatting.history(session_id))[-1] == "summary 1"


@pytest.mark.parametrize("verb", ["pause", "archive", "expire"])
async def test_only_a_session_in_use_is_summarised(
    chatting: SessionManager, model: SummarisingModel, verb: str
) -> None:
    session_id = await conversation(chatting, "one")
    await getattr(chatting, verb)(session_id)
    with pytest.raises(SessionStateError, match="Cannot summarise"):
        await chatting.checkpoint(session_id)
    assert model.summaries == []


async def test_where_there_is_no_room_no_model_is_asked(
    open_manager: Any, model: SummarisingModel
) -> None:
    limits = Limits(sessions=1)
    async with open_manager(providers=model.registry(), limits=limits) as chatting:
        session_id = await conversation(chatting, "one")
        with pytest.raises(SessionLimitError):
            await chatting.checkpoint(session_id)
    limits = Limits(messages_per_chat=2)
    async with open_manager(providers=model.registry(), limits=limits) as chatting:
        with pytest.raises(SessionLimitError):
            await chatting.checkpoint(session_id)
        assert model.summaries == []
        assert len(await chatting.history(session_id)) == 2


async def test_a_summary_that_cannot_be_saved_leaves_no_child(
    chatting: SessionManager, model: SummarisingModel, monkeypatch: pytest.MonkeyPatch
) -> None:
    session_id = await conversation(chatting, "one")
    store = chatting._engine.store
    append = store.append

    async def refuse(target: str, changes: Any, at: Any) -> Any:
        if any(getattr(c, "op", "") or type(c).__name__ == "PutMessage" for c in changes):
            raise StoreError("The disk is full.")
        return await append(target, changes, at)

    monkeypatch.setattr(store, "append", refuse)
    with pytest.raises(StoreError):
        await chatting.checkpoint(session_id)
    monkeypatch.undo()
    assert [s.id for s in await chatting.list_sessions()] == [session_id]
    assert len(await chatting.history(session_id)) == 2
    assert chatting.running() == []


async def test_a_temporary_sessions_summary_never_reaches_the_disk(
    chatting: SessionManager, model: SummarisingModel, tmp_path: Path
) -> None:
    session = await chatting.create_session(temporary=True)
    await ask(chatting, session.id, "secret")
    child = await chatting.checkpoint(session.id)
    assert child is not None
    assert child.temporary
    assert list(tmp_path.glob("workspaces/*/sessions/*.json*")) == []


async def test_its_usage_is_the_chats_own_and_counts_once(
    chatting: SessionManager, model: SummarisingModel
) -> None:
    model.cost = 0.5
    session_id = await conversation(chatting, "one")
    child = await chatting.checkpoint(session_id)
    assert child is not None
    stats = await chatting.stats(session_id)
    assert (stats.usage.cost_usd, stats.by_chat[0].turns) == (1.0, 1)
    of_child = await chatting.stats(child.id)
    assert (of_child.usage.total_tokens, of_child.inherited_usage.cost_usd) == (0, 0.5)
    report = await chatting.user_report()
    assert report.usage.cost_usd == 1.0


async def test_the_order_is_the_same_after_a_restart_and_unknown_keys_stay(
    open_manager: Callable[..., Any], model: SummarisingModel, tmp_path: Path
) -> None:
    async with open_manager(providers=model.registry()) as chatting:
        session_id = await conversation_near_the_end(chatting, model)
        await ask(chatting, session_id, "the question")
        history = await chatting.history(session_id)
    async with open_manager(providers=model.registry()) as chatting:
        assert await chatting.history(session_id) == history
    assert '"summary"' in document_path(tmp_path, session_id).read_text()


async def test_without_autosave_a_summary_waits_with_the_rest(
    open_manager: Any, model: SummarisingModel
) -> None:
    settings = Settings(autosave=False)
    async with open_manager(providers=model.registry(), settings=settings) as chatting:
        session_id = await conversation_near_the_end(chatting, model)
        await ask(chatting, session_id, "the question")
        child = await chatting.checkpoint(session_id)
        assert child is not None
        history = await chatting.history(session_id)
    async with open_manager(providers=model.registry()) as chatting:
        assert await chatting.history(session_id) == history
        assert len(await chatting.history(child.id)) == 1
