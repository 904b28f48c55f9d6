"""The chats of a session and the messages in them, apart from turns."""

import json
from pathlib import Path
from typing import Any

import pytest
from engine_driving import ask, document_path, texts

from tui_sessions import (
    AgentConfig,
    ChatNotFound,
    FilePart,
    ImagePart,
    InvalidId,
    InvalidValue,
    Message,
    MessageNotFound,
    OpaquePart,
    ReplyDone,
    SessionManager,
    SummaryPart,
    TemplateNotFound,
    TextPart,
    ThinkingPart,
    ToolCallPart,
    ToolResultPart,
    UnknownProvider,
)


async def test_the_first_chat_becomes_active_and_names_are_counted(manager: SessionManager) -> None:
    session = await manager.create_session()
    one = await manager.create_chat(session.id)
    two = await manager.create_chat(session.id, name="Coder", description="Writes", id="two")
    assert (one.name, two.name, two.id, two.description) == ("Chat 1", "Coder", "two", "Writes")
    after = await manager.get_session(session.id)
    assert after.active_chat_id == one.id
    assert after.chats == (one, two)


async def test_agents_come_from_a_template_with_overrides_or_by_hand(
    manager: SessionManager,
) -> None:
    session = await manager.create_session()
    chat = await manager.create_chat(
        session.id, template="coder", overrides={"parameters": {"max_tokens": 5}, "model": "m"}
    )
    assert chat.agent.template == "coder"
    assert chat.agent.parameters == {"temperature": 0.2, "max_tokens": 5}
    assert chat.agent.model == "m"
    by_hand = AgentConfig(system_prompt="Be brief.", tools=("ls",))
    chat = await manager.create_chat(session.id, agent=by_hand)
    assert chat.agent == by_hand
    chat = await manager.create_chat(session.id, template="writer", agent=by_hand)
    assert (chat.agent.template, chat.agent.system_prompt) == ("writer", "Be brief.")


@pytest.mark.parametrize(
    ("options", "error"),
    [
        ({"template": "nobody"}, TemplateNotFound),
        ({"agent": AgentConfig(provider="nobody")}, UnknownProvider),
        ({"agent": AgentConfig(parameters={"temperature": 3})}, InvalidValue),
        ({"agent": AgentConfig(parameters={"x": object()})}, InvalidValue),
        ({"agent": AgentConfig(model=5)}, InvalidValue),
        ({"agent": {"provider": "offline"}}, InvalidValue),
        ({"overrides": {"nothing": 1}}, InvalidValue),
        ({"overrides": "model"}, InvalidValue),
        ({"overrides": {"parameters": 5}}, InvalidValue),
        ({"overrides": {"tools": "ls"}}, InvalidValue),
        ({"name": "  "}, InvalidValue),
        ({"name": 5}, InvalidValue),
        ({"tags": "x"}, InvalidValue),
        ({"metadata": {"x": object()}}, InvalidValue),
        ({"max_messages": 0}, InvalidValue),
        ({"max_messages": 1.5}, InvalidValue),
        ({"max_messages": "3"}, InvalidValue),
        ({"description": 5}, InvalidValue),
        ({"id": "a/b"}, InvalidId),
    ],
)
async def test_a_chat_that_cannot_be_is_refused_and_not_made(
    manager: SessionManager, options: dict[str, Any], error: type[Exception]
) -> None:
    session = await manager.create_session()
    with pytest.raises(error):
        await manager.create_chat(session.id, **options)
    assert (await manager.get_session(session.id)).chats == ()


async def test_a_chat_id_is_taken_once(manager: SessionManager) -> None:
    session = await manager.create_session()
    await manager.create_chat(session.id, id="c1")
    with pytest.raises(InvalidValue):
        await manager.create_chat(session.id, id="c1")


async def test_switching_to_an_unknown_or_anothers_chat_changes_nothing(
    manager: SessionManager,
) -> None:
    mine, other = await manager.create_session(), await manager.create_session()
    await manager.create_chat(mine.id)
    second = await manager.create_chat(mine.id)
    foreign = await manager.create_chat(other.id)
    before = await manager.get_session(mine.id)
    for chat_id in ("nobody", foreign.id, "", None):
        with pytest.raises(ChatNotFound):
            await manager.switch_chat(mine.id, chat_id)  # type: ignore[arg-type]
        assert await manager.get_session(mine.id) == before
    assert (await manager.switch_chat(mine.id, second.id)).active_chat_id == second.id


async def test_a_chat_that_is_not_named_is_neither_deleted_nor_changed(
    manager: SessionManager,
) -> None:
    session = await manager.create_session(tags=["mine"])
    await manager.create_chat(session.id)
    before = await manager.get_session(session.id)
    nobody: Any = None
    for change in (
        manager.delete_chat(session.id, nobody),
        manager.rename_chat(session.id, nobody, "Other"),
        manager.update_chat(session.id, nobody, tags=["other"]),
        manager.set_agent(session.id, nobody, AgentConfig(system_prompt="Be brief.")),
    ):
        with pytest.raises(ChatNotFound):
            await change
        assert await manager.get_session(session.id) == before


async def test_the_active_chat_gives_way_to_the_first_that_remains(manager: SessionManager) -> None:
    session = await manager.create_session()
    one, two, three = [await manager.create_chat(session.id) for _ in range(3)]
    await manager.switch_chat(session.id, three.id)
    assert (await manager.delete_chat(session.id, three.id)).active_chat_id == one.id
    assert (await manager.delete_chat(session.id, two.id)).active_chat_id == one.id
    assert (await manager.delete_chat(session.id, one.id)).active_chat_id is None
    with pytest.raises(ChatNotFound):
        await manager.delete_chat(session.id, one.id)


async def test_a_deleted_chat_can_be_put_back_whole(manager: SessionManager) -> None:
    session = await manager.create_session()
    chat = await manager.create_chat(session.id, name="Coder", metadata={"a": 1})
    await ask(manager, session.id, "Hello")
    history = await manager.history(session.id)
    json = await manager.chat_json(session.id, chat.id)
    await manager.delete_chat(session.id, chat.id)
    await manager.restore_chat(session.id, json)
    assert await manager.history(session.id, chat.id) == history
    with pytest.raises(InvalidValue):
        await manager.restore_chat(session.id, json)
    for bad in (
        {},
        {"id": "x"},
        {"id": "x", "messages": [5]},
        {"id": "y", "messages": [], "name": 5},
    ):
        with pytest.raises((InvalidValue, InvalidId)):
            await manager.restore_chat(session.id, bad)


async def test_rename_and_update_of_a_chat(manager: SessionManager) -> None:
    session = await manager.create_session()
    chat = await manager.create_chat(session.id, max_messages=4)
    await manager.rename_chat(session.id, chat.id, " The \n coder ")
    await manager.update_chat(session.id, chat.id, description="d", tags=["x"])
    [after] = (await manager.get_session(session.id)).chats
    assert (after.name, after.description, after.tags, after.max_messages) == (
        "The coder", "d", ("x",), 4,
    )  # fmt: skip
    await manager.update_chat(session.id, chat.id, max_messages=None)
    assert (await manager.get_session(session.id)).chats[0].max_messages is None
    for bad in ("", " ", "x" * 201, 5):
        with pytest.raises(InvalidValue):
            await manager.rename_chat(session.id, chat.id, bad)  # type: ignore[arg-type]
    with pytest.raises(InvalidValue):
        await manager.update_chat(session.id, chat.id, max_messages="5")  # type: ignore[arg-type]


async def test_another_agent_answers_from_the_next_turn_on(manager: SessionManager) -> None:
    session = await manager.create_session()
    chat = await manager.create_chat(session.id)
    agent = AgentConfig(provider="scripted", parameters={"script": [["New"]]})
    await manager.set_agent(session.id, chat.id, agent)
    end = await ask(manager, session.id, "Hello")
    assert isinstance(end, ReplyDone)
    assert end.message.text == "New"


async def test_another_agent_keeps_the_keys_that_are_not_known(
    manager: SessionManager, tmp_path: Path
) -> None:
    session = await manager.create_session()
    chat = await manager.create_chat(session.id, agent=AgentConfig(parameters={"temperature": 1}))
    await manager.close(session.id)
    path = document_path(tmp_path, session.id)
    path.write_text(path.read_text().replace('"agent": {', '"agent": {"x_agent": 1,'))
    changed = await manager.set_agent(session.id, chat.id, AgentConfig(system_prompt="Be brief."))
    assert changed.chats[0].agent == AgentConfig(system_prompt="Be brief.")
    await manager.close(session.id)
    assert json.loads(path.read_text())["chats"][0]["agent"]["x_agent"] == 1


async def test_an_agent_takes_the_place_of_what_was_none(
    manager: SessionManager, tmp_path: Path
) -> None:
    session = await manager.create_session()
    chat = await manager.create_chat(session.id)
    await manager.close(session.id)
    path = document_path(tmp_path, session.id)
    document = json.loads(path.read_text())
    document["chats"][0]["agent"] = None
    path.write_text(json.dumps(document))
    changed = await manager.set_agent(session.id, chat.id, AgentConfig(system_prompt="Be brief."))
    assert changed.chats[0].agent == AgentConfig(system_prompt="Be brief.")


async def test_all_kinds_of_parts_and_empty_chats_survive_saving(
    manager: SessionManager, open_manager: Any
) -> None:
    parts = (
        TextPart("text"),
        ThinkingPart("hm"),
        ToolCallPart("t1", "ls", {"path": [1, None, {"x": 1.5}]}),
        ToolResultPart("t1", "files", is_error=True),
        ImagePart("image/png", data="not base64"),
        FilePart("a.txt", path="/a.txt"),
        SummaryPart("before"),
        OpaquePart({"type": "video", "url": "x"}),
    )
    session = await manager.create_session()
    chat = await manager.create_chat(session.id)
    await manager.create_chat(session.id)
    added = await manager.add_message(session.id, parts, role="tool", chat_id=chat.id)
    assert added.content == parts
    async with open_manager() as other:
        assert await other.history(session.id, chat.id) == [added]
        assert len((await other.get_session(session.id)).chats) == 2


async def test_messages_can_be_added_edited_deleted_and_cleared(manager: SessionManager) -> None:
    session = await manager.create_session()
    one = await manager.add_message(session.id, "one")
    two = await manager.add_message(session.id, "two", role="assistant")
    edited = await manager.edit_message(session.id, one.id, "ONE")
    assert (edited.text, edited.created_at, edited.role) == ("ONE", one.created_at, "user")
    assert "edited_at" in edited.metadata
    await manager.delete_message(session.id, two.id)
    assert texts(await manager.history(session.id)) == ["ONE"]
    for change in (
        manager.edit_message(session.id, two.id, "x"),
        manager.delete_message(session.id, two.id),
    ):
        with pytest.raises(MessageNotFound):
            await change
    await manager.replace_history(
        session.id, (await manager.get_session(session.id)).active_chat_id or "", [one, two]
    )
    assert texts(await manager.history(session.id)) == ["one", "two"]
    await manager.clear_history(session.id)
    assert await manager.history(session.id) == []


async def test_a_message_with_a_known_id_takes_its_place(manager: SessionManager) -> None:
    session = await manager.create_session()
    one = await manager.add_message(session.id, "one")
    await manager.add_message(session.id, "two")
    await manager.add_message(session.id, Message.from_text("user", "ONE", id=one.id))
    assert texts(await manager.history(session.id)) == ["ONE", "two"]


async def test_a_message_of_another_chat_is_not_added_a_second_time(
    manager: SessionManager,
) -> None:
    session = await manager.create_session()
    first = await manager.create_chat(session.id)
    one = await manager.add_message(session.id, "one")
    other = await manager.create_chat(session.id)
    with pytest.raises(InvalidValue):
        await manager.add_message(session.id, one, chat_id=other.id)
    assert await manager.history(session.id, other.id) == []
    assert texts(await manager.history(session.id, first.id)) == ["one"]


async def test_a_message_handed_out_belongs_to_the_caller(manager: SessionManager) -> None:
    session = await manager.create_session()
    arguments = {"a": [1]}
    message = await manager.add_message(session.id, [ToolCallPart("1", "x", arguments)])
    arguments["a"].append(2)
    (await manager.history(session.id))[0].content[0].arguments["a"].append(3)  # type: ignore[union-attr]
    message.metadata["x"] = 1
    [stored] = await manager.history(session.id)
    assert stored.content == (ToolCallPart("1", "x", {"a": [1]}),)
    assert stored.metadata == {}


async def test_the_metadata_of_a_plain_message_belongs_to_the_caller(
    manager: SessionManager,
) -> None:
    session = await manager.create_session()
    await manager.add_message(session.id, "Hello")
    (await manager.history(session.id))[0].metadata["x"] = 1
    assert (await manager.history(session.id))[0].metadata == {}


async def test_roles_and_foreign_values_are_checked(manager: SessionManager) -> None:
    session = await manager.create_session()
    for call in (
        manager.add_message(session.id, "x", role="robot"),
        manager.add_message(session.id, Message(id="1", role="robot")),
        manager.add_message(session.id, Message(id="1", metadata={"x": object()})),
        manager.add_message(session.id, [ToolCallPart("1", "x", object())]),
    ):
        with pytest.raises(InvalidValue):
            await call
    with pytest.raises(ChatNotFound):
        await manager.history(session.id, "nobody")
    assert await manager.history(session.id) == []


@pytest.mark.parametrize(
    ("parameters", "says"),
    [
        ({"temperature": 9}, "temperature is 9; valid: 0 to 2."),
        ({"max_tokens": 1.5}, "max_tokens is 1.5; valid: a whole number above 0."),
    ],
)
async def test_what_is_wrong_with_an_agent_is_all_that_is_told(
    manager: SessionManager, parameters: dict[str, Any], says: str
) -> None:
    session = await manager.create_session()
    with pytest.raises(InvalidValue) as refused:
        await manager.create_chat(session.id, overrides={"parameters": parameters})
    assert str(refused.value) == says


async def test_a_system_prompt_with_half_a_character_does_a_sub_agent_no_harm(
    manager: SessionManager,
) -> None:
    session = await manager.create_session()
    agent = AgentConfig(system_prompt="Be \ud800 brief.")
    child = await manager.spawn_child(session.id, "Hi \ud800", agent=agent)
    assert (await manager.child_result(child.id)).state == "completed"
    copy = await manager.fork(child.id)
    assert copy.chats[0].agent.system_prompt == "Be \ufffd brief."
    assert texts(await manager.history(copy.id))[0] == "Hi \ufffd"
