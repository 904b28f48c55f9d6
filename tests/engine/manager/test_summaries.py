"""What a summary is asked of, and what it is made from."""

from typing import Any

import pytest
from engine_driving import ask, conversation, texts
from summarising_model import LONG, SummarisingModel, roles, tokens_of

from tui_sessions import (
    CheckpointSettings,
    Message,
    ProviderError,
    SessionManager,
    Settings,
    TemplateNotFound,
)


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
    session_id = await conversation(chatting, "one", workspace="dev")
    text = '[agent]\nsystem_prompt = "Be short."\n'
    await chatting.templates.save_text("summariser", text, workspace="dev")
    await chatting.checkpoint(session_id)
    assert model.summaries[0].agent.system_prompt == "Be short."


@pytest.mark.parametrize("summary", ["", "  \n"])
async def test_an_empty_summary_changes_nothing(
    chatting: SessionManager, model: SummarisingModel, summary: str
) -> None:
    session_id = await conversation(chatting, "one")
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
    session_id = await conversation(chatting, "one")
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
        session_id = await conversation(chatting, "one")
        with pytest.raises(TemplateNotFound):
            await chatting.checkpoint(session_id)
        assert model.summaries == []
        assert chatting.running() == []


async def test_a_long_history_is_summarised_in_pieces_that_fit(
    open_manager: Any, model: SummarisingModel
) -> None:
    async with open_manager(providers=model.registry()) as chatting:
        session_id = await conversation(chatting, *[f"{n} {LONG}" for n in range(12)])
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
    session_id = await conversation(chatting, *[f"{n} {LONG}" for n in range(12)])
    model.window, model.tells = 1200, False
    assert await chatting.checkpoint(session_id) is not None
    assert texts(await chatting.history(session_id))[-1].startswith("summary ")


async def test_a_window_that_is_too_small_is_told(
    chatting: SessionManager, model: SummarisingModel
) -> None:
    session_id = await conversation(chatting, "one")
    model.window = 300
    with pytest.raises(ProviderError, match="too small"):
        await chatting.checkpoint(session_id)
    assert len(await chatting.history(session_id)) == 2


async def test_tool_calls_pictures_and_failed_replies_are_told_in_words(
    chatting: SessionManager, model: SummarisingModel
) -> None:
    from tui_sessions import ImagePart, TextPart, ThinkingPart, ToolCallPart, ToolResultPart

    session_id = await conversation(chatting, "one")
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
