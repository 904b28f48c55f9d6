"""Room that is made by itself before a question that needs it."""

import asyncio
from typing import Any

import pytest
from engine_driving import ask, conversation, texts, until
from summarising_model import LONG, SummarisingModel, conversation_near_the_end, roles, tokens_of

from tui_sessions import CheckpointSettings, SessionManager, Settings


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
    session_id = await conversation(chatting, *[LONG] * 20)
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


async def test_after_a_question_that_was_too_long_a_checkpoint_makes_room_for_it(
    open_manager: Any,
) -> None:
    model = SummarisingModel(900, tells=False)
    async with open_manager(providers=model.registry()) as chatting:
        session_id = await conversation(chatting, LONG * 2, LONG * 2)
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
