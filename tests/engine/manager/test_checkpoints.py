"""Checkpoints: what is summarised, what is sent afterwards, and what failures leave behind."""

import asyncio
from collections.abc import AsyncIterator, Callable
from pathlib import Path
from typing import Any

import pytest
from engine_driving import ask, document_path, texts, until
from summarising_model import SummarisingModel, tokens_of

from tui_sessions import (
    CheckpointSettings,
    Limits,
    Message,
    ParentLink,
    ProviderError,
    SessionBusy,
    SessionLimitError,
    SessionManager,
    SessionStateError,
    Settings,
    StoreError,
    SummaryPart,
    TemplateNotFound,
)

LONG = "word " * 60
"""75 tokens and a bit."""


@pytest.fixture
def model() -> SummarisingModel:
    return SummarisingModel()


@pytest.fixture
async def chatting(open_manager: Any, model: SummarisingModel) -> AsyncIterator[SessionManager]:
    async with open_manager(providers=model.registry()) as manager:
        yield manager


async def session_with(manager: SessionManager, *questions: str, **fields: Any) -> str:
    session = await manager.create_session(**fields)
    for question in questions:
        await ask(manager, session.id, question)
    return session.id


def roles(messages: list[Message]) -> list[str]:
    return [message.role for message in messages]


async def test_a_checkpoint_keeps_the_history_and_sends_the_summary_and_what_follows(
    chatting: SessionManager, model: SummarisingModel
) -> None:
    session_id = await session_with(chatting, "one", "two", label="Parser", workspace="dev")
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


async def test_the_chats_own_agent_summarises_with_the_templates_prompt_and_no_tools(
    chatting: SessionManager, model: SummarisingModel
) -> None:
    session = await chatting.create_session()
    chat = await chatting.create_chat(
        session.id,
        template="coder",
        overrides={"model": "big", "parameters": {"max_tokens": 5, "seed": 1}, "tools": ["x"]},
    )
    await ask(chatting, session.id, "one")
    await chatting.checkpoint(session.id, chat.id)
    [request] = model.summaries
    prompt = chatting.templates.get("summariser").agent.system_prompt
    assert (request.agent.model, request.agent.system_prompt) == ("big", prompt)
    assert request.agent.parameters == {"temperature": 0.2, "seed": 1}
    assert (request.tools, request.agent.tools) == ((), ())
    assert roles(list(request.messages)) == ["user", "assistant", "user"]


async def test_a_workspaces_own_summariser_is_used(
    chatting: SessionManager, model: SummarisingModel
) -> None:
    session_id = await session_with(chatting, "one", workspace="dev")
    text = '[agent]\nsystem_prompt = "Be short."\n'
    await chatting.templates.save_text("summariser", text, workspace="dev")
    await chatting.checkpoint(session_id)
    assert model.summaries[0].agent.system_prompt == "Be short."


async def test_the_child_is_ready_to_go_on_with_and_never_met_by_chance(
    open_manager: Any, model: SummarisingModel
) -> None:
    async with open_manager(providers=model.registry()) as chatting:
        session_id = await session_with(
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
    child = await chatting.checkpoint(await session_with(chatting, "one"))
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
    session_id = await session_with(chatting, "one")
    first = await chatting.checkpoint(session_id)
    before = await chatting.get_session(session_id)
    assert first is not None
    assert await chatting.checkpoint(session_id) is None
    assert len(model.summaries) == 1
    assert await chatting.get_session(session_id) == before
    assert len(await chatting.children(session_id)) == 1


async def test_summaries_chain(chatting: SessionManager, model: SummarisingModel) -> None:
    session_id = await session_with(chatting, "one")
    await chatting.checkpoint(session_id)
    await ask(chatting, session_id, "two")
    await chatting.checkpoint(session_id)
    earlier, *rest = model.summaries[-1].messages
    assert earlier.content == (SummaryPart("summary 1"),)
    assert texts(rest)[:-1] == ["two", "answer to two"]
    await ask(chatting, session_id, "three")
    assert texts(list(model.requests[-1].messages)) == ["summary 2", "three"]


@pytest.mark.parametrize("summary", ["", "  \n"])
async def test_an_empty_summary_changes_nothing(
    chatting: SessionManager, model: SummarisingModel, summary: str
) -> None:
    session_id = await session_with(chatting, "one")
    before = await chatting.history(session_id)
    model.summary = summary
    with pytest.raises(ProviderError, match="empty summary"):
        await chatting.checkpoint(session_id)
    assert await chatting.history(session_id) == before
    assert await chatting.children(session_id) == []
    assert chatting.running() == []
    model.summary = None
    assert await chatting.checkpoint(session_id) is not None


@pytest.mark.parametrize(
    ("failure", "raised"),
    [
        (ProviderError("No.", "auth"), ProviderError),
        (RuntimeError("boom"), ProviderError),
    ],
)
async def test_a_failed_summary_changes_nothing_and_the_chat_goes_on(
    chatting: SessionManager,
    model: SummarisingModel,
    failure: Exception,
    raised: type[Exception],
) -> None:
    session_id = await session_with(chatting, "one")
    before = await chatting.history(session_id)
    model.summary_error = failure
    with pytest.raises(raised):
        await chatting.checkpoint(session_id)
    assert await chatting.history(session_id) == before
    assert await chatting.children(session_id) == []
    assert (await ask(chatting, session_id, "two")).name == "reply_done"


async def test_without_its_template_nothing_is_summarised(
    open_manager: Any, model: SummarisingModel
) -> None:
    settings = Settings(checkpoints=CheckpointSettings(template="gone"))
    async with open_manager(providers=model.registry(), settings=settings) as chatting:
        session_id = await session_with(chatting, "one")
        with pytest.raises(TemplateNotFound):
            await chatting.checkpoint(session_id)
        assert model.summaries == []
        assert chatting.running() == []


async def test_the_chat_is_busy_meanwhile_and_stop_ends_it(
    chatting: SessionManager, model: SummarisingModel
) -> None:
    session_id = await session_with(chatting, "one")
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


async def test_leaving_does_not_stop_it(chatting: SessionManager, model: SummarisingModel) -> None:
    session_id = await session_with(chatting, "one")
    model.hold = asyncio.Event()
    running = asyncio.ensure_future(chatting.checkpoint(session_id))
    await until(lambda: bool(model.summaries))
    running.cancel()
    await asyncio.wait([running])
    model.hold.set()
    await until(lambda: not chatting.running())
    assert texts(await chatting.history(session_id))[-1] == "summary 1"


async def test_a_failure_that_nobody_waits_for_is_told(
    chatting: SessionManager, model: SummarisingModel
) -> None:
    session_id = await session_with(chatting, "one")
    told: list[Any] = []
    chatting.on("lifecycle_error", told.append)
    model.hold, model.summary_error = asyncio.Event(), ProviderError("No.", "auth")
    running = asyncio.ensure_future(chatting.checkpoint(session_id))
    await until(lambda: bool(model.summaries))
    running.cancel()
    await asyncio.wait([running])
    model.hold.set()
    await until(lambda: not chatting.running())
    assert [(e.session_id, e.operation, str(e.error)) for e in told] == [
        (session_id, "summarise", "No.")
    ]


async def test_shutdown_and_deletion_end_it(
    open_manager: Any, model: SummarisingModel, tmp_path: Path
) -> None:
    model.hold = asyncio.Event()
    async with open_manager(providers=model.registry()) as chatting:
        gone, kept = [await session_with(chatting, "one") for _ in range(2)]
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
    session_id = await session_with(chatting, "one")
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
    session_id = await session_with(chatting, "one", workspace="here")
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
    session_id = await session_with(chatting, "one")
    await getattr(chatting, verb)(session_id)
    with pytest.raises(SessionStateError, match="Cannot summarise"):
        await chatting.checkpoint(session_id)
    assert model.summaries == []


async def test_where_there_is_no_room_no_model_is_asked(
    open_manager: Any, model: SummarisingModel
) -> None:
    limits = Limits(sessions=1)
    async with open_manager(providers=model.registry(), limits=limits) as chatting:
        session_id = await session_with(chatting, "one")
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
    session_id = await session_with(chatting, "one")
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
    session_id = await session_with(chatting, "one")
    child = await chatting.checkpoint(session_id)
    assert child is not None
    stats = await chatting.stats(session_id)
    assert (stats.usage.cost_usd, stats.by_chat[0].turns) == (1.0, 1)
    of_child = await chatting.stats(child.id)
    assert (of_child.usage.total_tokens, of_child.inherited_usage.cost_usd) == (0, 0.5)
    report = await chatting.user_report()
    assert report.usage.cost_usd == 1.0


async def test_a_long_history_is_summarised_in_pieces_that_fit(
    open_manager: Any, model: SummarisingModel
) -> None:
    async with open_manager(providers=model.registry()) as chatting:
        session_id = await session_with(chatting, *[f"{n} {LONG}" for n in range(12)])
        await chatting.add_message(session_id, "x" * 9000)
    model.window = 1500
    async with open_manager(providers=model.registry()) as chatting:
        assert await chatting.checkpoint(session_id) is not None
        used = (await chatting.stats(session_id)).usage
    assert len(model.summaries) > 3
    assert all(tokens_of(request) <= 1500 * 0.75 for request in model.summaries)
    assert all(r.agent.parameters["max_tokens"] == 375 for r in model.summaries)
    said = [m.text for r in model.summaries for m in r.messages if m.role == "user"]
    for number in range(12):
        assert sum(f"{number} {LONG.strip()}" in text for text in said) >= 1
    assert sum(text.count("x") for text in said if "xxx" in text) == 9000
    assert used.input_tokens == sum(map(tokens_of, model.requests))


async def test_where_the_window_is_unknown_a_refusal_makes_the_pieces_smaller(
    chatting: SessionManager, model: SummarisingModel
) -> None:
    session_id = await session_with(chatting, *[f"{n} {LONG}" for n in range(12)])
    model.window, model.tells = 1200, False
    assert await chatting.checkpoint(session_id) is not None
    assert texts(await chatting.history(session_id))[-1].startswith("summary ")


async def test_a_window_that_is_too_small_is_told(
    chatting: SessionManager, model: SummarisingModel
) -> None:
    session_id = await session_with(chatting, "one")
    model.window = 300
    with pytest.raises(ProviderError, match="too small"):
        await chatting.checkpoint(session_id)
    assert len(await chatting.history(session_id)) == 2


async def test_tool_calls_pictures_and_failed_replies_are_told_in_words(
    chatting: SessionManager, model: SummarisingModel
) -> None:
    from tui_sessions import ImagePart, TextPart, ThinkingPart, ToolCallPart, ToolResultPart

    session_id = await session_with(chatting, "one")
    await chatting.add_message(session_id, [TextPart("see"), ImagePart("image/png", "AA==")])
    thought = [ThinkingPart("hmm"), ToolCallPart("t1", "ls", {"at": "/"})]
    await chatting.add_message(session_id, thought, role="assistant")
    await chatting.add_message(session_id, [ToolResultPart("t1", "bin etc")], role="tool")
    failed = Message.from_text("assistant", "broken", status="failed")
    await chatting.add_message(session_id, failed)
    await chatting.checkpoint(session_id)
    told = "\n".join(texts(list(model.summaries[0].messages)))
    assert "(A picture went with this message: image/png.)" in told
    assert '(The tool ls was called with {"at": "/"}.)' in told
    assert "(The tool gave back: bin etc)" in told
    assert "hmm" not in told
    assert "broken" not in told


async def conversation_near_the_end(manager: SessionManager, model: SummarisingModel) -> str:
    """A session whose next question goes beyond 80 % of the window of 2,000 tokens."""
    model.window = 2000
    session_id = await session_with(manager)
    while ((await manager.context(session_id)).share or 0) < 0.8:
        await ask(manager, session_id, f"next {LONG}")
    assert model.summaries == []
    return session_id


async def test_room_is_made_before_the_question_that_needs_it(
    chatting: SessionManager, model: SummarisingModel
) -> None:
    session_id = await conversation_near_the_end(chatting, model)
    before = await chatting.history(session_id)
    children: list[Any] = []
    chatting.on("child_created", children.append)
    end = await ask(chatting, session_id, "the question")
    assert end.name == "reply_done"
    history = await chatting.history(session_id)
    assert history[: len(before)] == before
    summary, question, _ = history[len(before) :]
    assert (summary.role, question.text) == ("system", "the question")
    assert summary.metadata["checkpoint"]["message_id"] == before[-1].id
    assert texts(list(model.requests[-1].messages)) == [summary.text, "the question"]
    [told] = children
    assert (told.parent_id, told.session.parent.kind) == (session_id, "checkpoint")
    assert ((await chatting.context(session_id)).share or 1) < 0.3


async def test_a_chat_goes_on_for_ever_in_a_small_window(
    chatting: SessionManager, model: SummarisingModel
) -> None:
    model.window = 1600
    session = await chatting.create_session()
    for number in range(40):
        end = await ask(chatting, session.id, f"{number} {LONG}")
        assert end.name == "reply_done"
    history = await chatting.history(session.id)
    assert [m.text.split()[0] for m in history if m.role == "user"] == [str(n) for n in range(40)]
    assert len(model.summaries) > 3
    assert len(await chatting.children(session.id)) >= len(model.summaries) / 2


async def test_a_question_answered_again_makes_room_too(
    chatting: SessionManager, model: SummarisingModel
) -> None:
    session_id = await conversation_near_the_end(chatting, model)
    settings = chatting._engine.settings
    await ask(chatting, session_id, "the question")
    await chatting.delete_message(session_id, (await chatting.history(session_id))[-3].id)
    before = await chatting.history(session_id)
    async for _ in chatting.regenerate(session_id):
        pass
    history = await chatting.history(session_id)
    assert roles(history) == [*roles(before[:-2]), "system", "user", "assistant"]
    assert history[-2] == before[-2]
    assert history[-1].id != before[-1].id
    assert settings.checkpoints.automatic


@pytest.mark.parametrize(
    "checkpoints",
    [CheckpointSettings(automatic=False), CheckpointSettings(share=1.0)],
    ids=["off", "whole-window"],
)
async def test_it_is_the_settings_that_say_when(
    open_manager: Any, model: SummarisingModel, checkpoints: CheckpointSettings
) -> None:
    settings = Settings(checkpoints=checkpoints)
    async with open_manager(providers=model.registry(), settings=settings) as chatting:
        session_id = await conversation_near_the_end(chatting, model)
        await ask(chatting, session_id, "the question")
        assert model.summaries == []


async def test_where_the_window_is_unknown_nothing_happens_by_itself(
    chatting: SessionManager, model: SummarisingModel
) -> None:
    model.tells = False
    session_id = await session_with(chatting, *[LONG] * 20)
    assert (await chatting.context(session_id)).window is None
    assert model.summaries == []


async def test_when_no_room_can_be_made_it_is_told_and_the_turn_goes_on(
    chatting: SessionManager, model: SummarisingModel
) -> None:
    session_id = await conversation_near_the_end(chatting, model)
    told: list[Any] = []
    chatting.on("lifecycle_error", told.append)
    model.summary = ""
    end = await ask(chatting, session_id, "the question")
    assert end.name == "reply_done"
    assert [e.session_id for e in told] == [session_id]
    assert "empty summary" in str(told[0].error)
    assert await chatting.children(session_id) == []


async def test_stop_ends_a_turn_that_is_making_room(
    chatting: SessionManager, model: SummarisingModel
) -> None:
    session_id = await conversation_near_the_end(chatting, model)
    before = await chatting.history(session_id)
    model.hold = asyncio.Event()
    asking = asyncio.ensure_future(ask(chatting, session_id, "the question"))
    await until(lambda: bool(model.summaries))
    await chatting.stop(session_id)
    assert (await asking).name == "reply_stopped"
    history = await chatting.history(session_id)
    assert texts(history)[: len(before) + 1] == [*texts(before), "the question"]
    assert await chatting.children(session_id) == []


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


async def test_room_made_in_a_fork_leaves_the_inherited_usage_apart(
    chatting: SessionManager, model: SummarisingModel
) -> None:
    parent_id = await conversation_near_the_end(chatting, model)
    fork = await chatting.fork(parent_id)
    inherited = (await chatting.stats(fork.id)).inherited_usage
    await ask(chatting, fork.id, "the question")
    stats = await chatting.stats(fork.id)
    assert stats.inherited_usage == inherited
    asked = *model.summaries, model.questions[-1]
    assert stats.usage.input_tokens == sum(map(tokens_of, asked))


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


async def test_after_a_question_that_was_too_long_a_checkpoint_makes_room_for_it(
    open_manager: Any,
) -> None:
    model = SummarisingModel(900, tells=False)
    async with open_manager(providers=model.registry()) as chatting:
        session_id = await session_with(chatting, LONG * 2, LONG * 2)
        last = await ask(chatting, session_id, LONG * 5)
        assert last.name == "reply_failed"
        assert last.message.metadata["error_kind"] == "context_too_long"
        assert await chatting.checkpoint(session_id) is not None
        async for event in chatting.regenerate(session_id):
            last = event
        assert last.name == "reply_done", last
        assert roles(await chatting.history(session_id)) == [
            *["user", "assistant"] * 2, "system", "user", "assistant",
        ]  # fmt: skip
        assert roles(list(model.requests[-1].messages)) == ["system", "user"]
