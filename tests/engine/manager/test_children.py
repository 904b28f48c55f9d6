"""Sub-agents: what they are given, how they end, and what becomes of them."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
from engine_driving import ask, conversation, odd, texts, until

from tui_sessions import (
    AgentConfig,
    ChatNotFound,
    ChildStatus,
    ChildTask,
    Finished,
    InvalidValue,
    Limits,
    MessageNotFound,
    ParentLink,
    ProviderError,
    ReplyRequest,
    SessionLimitError,
    SessionManager,
    SessionNotFound,
    StoreError,
    TemplateNotFound,
    TextDelta,
)


class Held:
    """Answers each question with itself once its gate is open; fails where it says so."""

    def __init__(self) -> None:
        self.requests: list[ReplyRequest] = []
        self.gates: dict[str, asyncio.Event] = {}
        self.running = self.most = 0

    def hold(self, *questions: str) -> None:
        for question in questions:
            self.gates[question] = asyncio.Event()

    async def play(self, request: ReplyRequest) -> AsyncIterator[Any]:
        self.requests.append(request)
        self.running += 1
        self.most = max(self.most, self.running)
        question = request.messages[-1].text
        try:
            yield TextDelta("re: ")
            if question in self.gates:
                await self.gates[question].wait()
            if question.startswith("fail"):
                raise ProviderError("No such model.", "not_found")
            yield TextDelta(question)
            yield Finished()
        finally:
            self.running -= 1


@pytest.fixture
def model() -> Held:
    return Held()


@pytest.fixture
async def parents(open_manager: Any, model: Held) -> AsyncIterator[SessionManager]:
    async with open_manager(providers=odd(model.play)) as manager:
        yield manager


async def test_a_child_answers_in_a_session_of_its_own(
    parents: SessionManager, model: Held
) -> None:
    parent_id = await conversation(parents, "one", workspace="dev", label="Parser", tags=["x"])
    before = await parents.get_session(parent_id)
    last = (await parents.history(parent_id))[-1].id
    told: list[Any] = []
    parents.on("child_created", told.append)
    child = await parents.spawn_child(parent_id, "Check it\nplease", template="reviewer")
    result = await parents.child_result(child.id)
    assert (result.state, result.text, result.error) == ("completed", "re: Check it\nplease", None)
    assert child.parent == ParentLink(
        session_id=parent_id,
        chat_id=before.active_chat_id,
        message_id=last,
        kind="spawn",
        detached=True,
    )
    kept = await parents.get_session(child.id)
    assert (kept.label, kept.workspace_id, kept.user_id, kept.tags) == (
        "Check it",
        "dev",
        "ana",
        (),
    )
    assert kept.chats[0].agent.template == "reviewer"
    assert texts(list(model.requests[-1].messages)) == ["Check it\nplease"]
    assert await parents.get_session(parent_id) == before
    assert [e.session.id for e in told] == [child.id]
    assert [c.id for c in await parents.children(parent_id)] == [child.id]


async def test_it_sees_the_chat_so_far_only_where_it_is_given_it(
    parents: SessionManager, model: Held
) -> None:
    parent_id = await conversation(parents, "one", "two")
    history = await parents.history(parent_id)
    child = await parents.spawn_child(parent_id, "what?", context="chat")
    assert (await parents.child_result(child.id)).state == "completed"
    assert texts(list(model.requests[-1].messages)) == [*texts(history), "what?"]
    kept = await parents.get_session(child.id)
    assert (kept.chats[0].inherited, kept.parent.detached if kept.parent else None) == (4, False)
    cut = await parents.spawn_child(parent_id, "what?", context="chat", at=history[1].id)
    await parents.child_result(cut.id)
    assert texts(list(model.requests[-1].messages)) == [*texts(history[:2]), "what?"]
    assert cut.parent is not None
    assert cut.parent.message_id == history[1].id
    await parents.delete_message(parent_id, history[0].id)
    assert len(await parents.history(child.id)) == 6


async def test_without_a_template_it_has_the_chats_own_agent(
    parents: SessionManager, model: Held
) -> None:
    session = await parents.create_session()
    agent = AgentConfig(model="big", system_prompt="Be mine.")
    await parents.create_chat(session.id, agent=agent)
    child = await parents.spawn_child(session.id, "hi", overrides={"model": "small"})
    await parents.child_result(child.id)
    assert model.requests[-1].agent == AgentConfig(model="small", system_prompt="Be mine.")
    own = await parents.spawn_child(session.id, "hi", agent=AgentConfig(model="other"))
    await parents.child_result(own.id)
    assert model.requests[-1].agent.model == "other"
    bare = await parents.create_session()
    first = await parents.spawn_child(bare.id, "hi")
    assert first.chats[0].agent.template == "assistant"
    await parents.child_result(first.id)


async def test_states(parents: SessionManager, model: Held) -> None:
    parent_id = await conversation(parents)
    idle = await parents.spawn_child(parent_id, label="Later")
    assert (await parents.child_status(idle.id)).state == "idle"
    assert (await parents.child_result(idle.id)).state == "idle"
    model.hold("long")
    running = await parents.spawn_child(parent_id, "long")
    await until(lambda: bool(model.requests))
    await until(lambda: bool((parents.live_reply(*parents.running()[0]) or idle).content))  # type: ignore[union-attr]
    status = await parents.child_status(running.id)
    assert (status.state, status.text) == ("running", "re: ")
    assert await parents.stop(running.id) is True
    cancelled = await parents.child_result(running.id)
    assert (cancelled.state, cancelled.text, cancelled.error) == ("cancelled", "re: ", None)
    failed = await parents.spawn_child(parent_id, "fail")
    result = await parents.child_result(failed.id)
    assert (result.state, result.error) == ("failed", "No such model.")
    assert (await ask(parents, idle.id, "now")).name == "reply_done"
    assert (await parents.child_status(idle.id)).state == "completed"
    with pytest.raises(SessionNotFound):
        await parents.child_status("nobody")


async def test_states_are_the_same_after_a_restart(open_manager: Any, model: Held) -> None:
    async with open_manager(providers=odd(model.play)) as parents:
        parent_id = await conversation(parents)
        children = [await parents.spawn_child(parent_id, q) for q in ("one", "fail")]
        idle = await parents.spawn_child(parent_id)
        before = [await parents.child_result(c.id) for c in (*children, idle)]
    async with open_manager(providers=odd(model.play)) as parents:
        after = [await parents.child_status(c.id) for c in (*children, idle)]
        assert after == before
        assert [status.state for status in after] == ["completed", "failed", "idle"]
        assert len(await parents.children(parent_id)) == 3
        assert (await parents.load()).id == parent_id


async def test_shutdown_stops_it_and_keeps_what_came(open_manager: Any, model: Held) -> None:
    model.hold("long")
    async with open_manager(providers=odd(model.play)) as parents:
        parent_id = await conversation(parents)
        child = await parents.spawn_child(parent_id, "long")
        await until(lambda: bool(model.running))
        waiting = asyncio.ensure_future(parents.child_result(child.id))
        await asyncio.sleep(0)
    async with open_manager(providers=odd(model.play)) as parents:
        status = await parents.child_status(child.id)
        assert (status.state, status.text) == ("cancelled", "re: ")
    assert (await waiting).state == "cancelled"


async def test_a_reply_that_a_crash_cut_off_is_a_failure(parents: SessionManager) -> None:
    from tui_sessions import Message

    parent_id = await conversation(parents)
    child = await parents.spawn_child(parent_id)
    await parents.add_message(child.id, "asked")
    assert (await parents.child_status(child.id)).state == "failed"
    cut = Message.from_text("assistant", "half", status="partial")
    await parents.add_message(child.id, cut)
    status = await parents.child_status(child.id)
    assert (status.state, status.text) == ("failed", "half")
    assert "cut off" in str(status.error)


async def test_results_come_in_the_order_of_the_tasks(parents: SessionManager, model: Held) -> None:
    parent_id = await conversation(parents)
    questions = ["a", "b", "c", "fail d"]
    model.hold(*questions)
    tasks = [ChildTask(prompt=q, template="coder", label=q) for q in questions]
    running = asyncio.ensure_future(parents.run_children(parent_id, tasks))
    await until(lambda: model.running == 4)
    for question in reversed(questions):
        model.gates[question].set()
        await asyncio.sleep(0)
    results = await running
    assert [r.state for r in results] == ["completed"] * 3 + ["failed"]
    assert [r.text for r in results] == ["re: a", "re: b", "re: c", "re: "]
    labels = [(await parents.get_session(r.session_id)).label for r in results]
    assert labels == questions
    assert await parents.run_children(parent_id, []) == []


async def test_no_more_run_at_once_than_asked_for(parents: SessionManager, model: Held) -> None:
    parent_id = await conversation(parents)
    tasks = [ChildTask(prompt=str(number)) for number in range(7)]
    model.hold(*map(str, range(7)))
    running = asyncio.ensure_future(parents.run_children(parent_id, tasks, at_once=2))
    await until(lambda: model.running == 2)
    for gate in model.gates.values():
        gate.set()
    assert [r.text for r in await running] == [f"re: {number}" for number in range(7)]
    assert model.most == 2
    with pytest.raises(InvalidValue):
        await parents.run_children(parent_id, tasks, at_once=0)


@pytest.mark.parametrize(
    ("task", "error"),
    [
        (ChildTask(prompt="x", template="nobody"), TemplateNotFound),
        (ChildTask(prompt=" "), InvalidValue),
        (ChildTask(prompt="x", overrides={"nothing": 1}), InvalidValue),
        (ChildTask(prompt="x", chat_id="nobody"), ChatNotFound),
        (ChildTask(prompt="x", context="everything"), InvalidValue),
        (ChildTask(prompt="x", at="nobody"), MessageNotFound),
        ("x", InvalidValue),
    ],
)
async def test_one_task_that_cannot_be_starts_none(
    parents: SessionManager, task: Any, error: type[Exception]
) -> None:
    parent_id = await conversation(parents, "one")
    with pytest.raises(error):
        await parents.run_children(parent_id, [ChildTask(prompt="good"), task])
    assert await parents.children(parent_id) == []


@pytest.mark.parametrize(
    ("options", "error"),
    [
        ({"prompt": ""}, InvalidValue),
        ({"context": "everything"}, InvalidValue),
        ({"template": "nobody"}, TemplateNotFound),
        ({"at": "nobody"}, MessageNotFound),
        ({"chat_id": "nobody"}, ChatNotFound),
        ({"label": " "}, InvalidValue),
        ({"agent": AgentConfig(parameters={"temperature": 9})}, InvalidValue),
    ],
)
async def test_what_cannot_be_is_refused_and_makes_no_child(
    parents: SessionManager, options: dict[str, Any], error: type[Exception]
) -> None:
    parent_id = await conversation(parents, "one")
    with pytest.raises(error):
        await parents.spawn_child(parent_id, **options)
    assert await parents.children(parent_id) == []
    with pytest.raises(SessionNotFound):
        await parents.spawn_child("nobody", "x")


async def test_being_cancelled_stops_those_that_run(parents: SessionManager, model: Held) -> None:
    parent_id = await conversation(parents)
    model.hold("a", "b")
    tasks = [ChildTask(prompt=q) for q in ("a", "b", "c")]
    running = asyncio.ensure_future(parents.run_children(parent_id, tasks, at_once=2))
    await until(lambda: model.running == 2)
    running.cancel()
    with pytest.raises(asyncio.CancelledError):
        await running
    assert parents.running() == []
    children = await parents.children(parent_id)
    assert len(children) == 2
    assert {(await parents.child_status(c.id)).state for c in children} == {"cancelled"}


async def test_a_child_that_is_deleted_meanwhile_was_cancelled(
    parents: SessionManager, model: Held
) -> None:
    parent_id = await conversation(parents)
    model.hold("a")
    running = asyncio.ensure_future(parents.run_children(parent_id, [ChildTask(prompt="a")]))
    await until(lambda: model.running == 1)
    [child] = await parents.children(parent_id)
    await parents.delete(child.id)
    [result] = await running
    assert (result.session_id, result.state) == (child.id, "cancelled")


@pytest.mark.parametrize("verb", ["delete", "purge", "close", "move", "pause", "expire"])
async def test_a_child_goes_its_own_way(parents: SessionManager, model: Held, verb: str) -> None:
    parent_id = await conversation(parents, "one")
    model.hold("long")
    child = await parents.spawn_child(parent_id, "long", context="chat")
    await until(lambda: model.running == 1)
    more = ["there"] if verb == "move" else []
    await getattr(parents, verb)(parent_id, *more)
    model.gates["long"].set()
    result = await parents.child_result(child.id)
    assert (result.state, result.text) == ("completed", "re: long")
    assert len(await parents.history(child.id)) == 4


async def test_a_child_can_be_moved_while_it_answers(parents: SessionManager, model: Held) -> None:
    parent_id = await conversation(parents, workspace="here")
    model.hold("long")
    child = await parents.spawn_child(parent_id, "long")
    await until(lambda: model.running == 1)
    await parents.move(child.id, "there")
    model.gates["long"].set()
    assert (await parents.child_result(child.id)).state == "completed"
    assert (await parents.get_session(child.id)).workspace_id == "there"


async def test_nesting_ends_at_the_limit(open_manager: Any, model: Held) -> None:
    async with open_manager(providers=odd(model.play), limits=Limits(child_depth=2)) as parents:
        top = await conversation(parents)
        first = await parents.spawn_child(top)
        second = await parents.spawn_child(first.id)
        with pytest.raises(SessionLimitError, match="2 deep") as caught:
            await parents.spawn_child(second.id)
        assert caught.value.name == "child_depth"
        with pytest.raises(SessionLimitError):
            await parents.run_children(second.id, [ChildTask(prompt="x")])
        assert await parents.children(second.id) == []
        fork = await parents.fork(second.id)
        assert (await parents.spawn_child(fork.id)).parent is not None
        assert (await parents.spawn_child(first.id)).parent is not None
    async with open_manager(providers=odd(model.play), limits=Limits(child_depth=0)) as parents:
        with pytest.raises(SessionLimitError):
            await parents.spawn_child(top)


async def test_three_deep_is_allowed_without_settings(parents: SessionManager) -> None:
    session_id = await conversation(parents)
    for _ in range(3):
        session_id = (await parents.spawn_child(session_id)).id
    with pytest.raises(SessionLimitError):
        await parents.spawn_child(session_id)


async def test_a_child_needs_room_for_a_session(open_manager: Any, model: Held) -> None:
    async with open_manager(providers=odd(model.play), limits=Limits(sessions=2)) as parents:
        parent_id = await conversation(parents)
        tasks = [ChildTask(prompt=q) for q in ("a", "b")]
        results = await parents.run_children(parent_id, tasks, at_once=1)
        assert [r.state for r in results] == ["completed", "failed"]
        assert (results[1].session_id, "limit" in str(results[1].error)) == ("", True)


async def test_a_failed_save_of_a_child_reaches_the_parents_listeners(
    parents: SessionManager, model: Held, monkeypatch: pytest.MonkeyPatch
) -> None:
    parent_id = await conversation(parents)
    model.hold("long")
    child = await parents.spawn_child(parent_id, "long")
    await until(lambda: model.running == 1)
    told: list[Any] = []
    parents.on("lifecycle_error", told.append)
    store = parents._engine.store

    async def refuse(*_: Any) -> Any:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(store, "append", refuse)
    model.gates["long"].set()
    result = await parents.child_result(child.id)
    monkeypatch.undo()
    assert result.state == "failed"
    of_parent = [e for e in told if e.session_id == parent_id]
    assert [e.context["child_id"] for e in of_parent] == [child.id]
    assert "No space" in str(of_parent[0].error)


@pytest.mark.parametrize("method", ["save", "append"])
async def test_a_child_that_cannot_be_saved_is_told_and_not_there(
    parents: SessionManager, model: Held, monkeypatch: pytest.MonkeyPatch, method: str
) -> None:
    parent_id = await conversation(parents, "one")
    told: list[Any] = []
    parents.on("lifecycle_error", told.append)

    async def refuse(*_: Any, **__: Any) -> Any:
        raise StoreError("The disk is full.")

    monkeypatch.setattr(parents._engine.store, method, refuse)
    with pytest.raises(StoreError):
        await parents.spawn_child(parent_id, "x")
    monkeypatch.undo()
    assert parent_id in {e.session_id for e in told}
    assert await parents.children(parent_id) == []
    assert parents.running() == []
    assert len(model.requests) == 1


async def test_a_temporary_sessions_child_never_reaches_the_disk(
    parents: SessionManager, tmp_path: Path
) -> None:
    session = await parents.create_session(temporary=True)
    child = await parents.spawn_child(session.id, "secret")
    await parents.child_result(child.id)
    assert list(tmp_path.glob("workspaces/*/sessions/*.json*")) == []


async def test_a_bound_face_starts_children_in_its_workspace_only(
    parents: SessionManager,
) -> None:
    theirs = await conversation(parents, workspace="theirs")
    mine = await conversation(parents, workspace="mine")
    child = await parents.spawn_child(theirs)
    face = parents.workspace("mine")
    with pytest.raises(SessionNotFound):
        await face.spawn_child(theirs, "x")
    with pytest.raises(SessionNotFound):
        await face.child_result(child.id)
    [result] = await face.run_children(mine, [ChildTask(prompt="hi")])
    assert isinstance(result, ChildStatus)
    assert (await face.get_session(result.session_id)).workspace_id == "mine"


async def test_its_usage_is_its_own(parents: SessionManager) -> None:
    parent_id = await conversation(parents, "one", "two")
    child = await parents.spawn_child(parent_id, "x", context="chat")
    await parents.child_result(child.id)
    stats = await parents.stats(child.id)
    assert stats.by_chat[0].messages == 6
    assert stats.usage.total_tokens == 0
