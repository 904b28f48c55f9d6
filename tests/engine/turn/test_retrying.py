"""Asking a provider again by itself: when, after how long, and how it is stopped."""

from typing import Any

import pytest
from engine_driving import Watched, ask, texts, until

from tui_sessions import (
    ProviderError,
    ReplyDone,
    ReplyFailed,
    ReplyStopped,
    ReplyWaiting,
    RetrySettings,
    SessionManager,
    Settings,
    StoreError,
)
from tui_sessions.engine.turn.retrying import wait_before_retry


def busy(times: int, wait: float | None = 0, kind: str = "rate_limited") -> dict[str, Any]:
    """A step of a script: the provider takes no request."""
    return {"error": "Too many.", "kind": kind, "retry_after": wait, "times": times}


async def scripted_chat(manager: SessionManager, *steps: Any) -> str:
    session = await manager.create_session()
    await manager.create_chat(
        session.id, overrides={"provider": "scripted", "parameters": {"script": [list(steps)]}}
    )
    return session.id


@pytest.mark.parametrize("kind", ["rate_limited", "unavailable"])
async def test_a_provider_that_asks_to_wait_is_asked_again(
    manager: SessionManager, kind: str
) -> None:
    session = await scripted_chat(manager, busy(2, 0.01, kind), "Here I am.")
    turn = Watched(manager.send(session, "Hello"))
    assert isinstance(await turn.end(), ReplyDone)
    waits = [event for event in turn.events if isinstance(event, ReplyWaiting)]
    assert [(w.seconds, w.attempt, w.reason) for w in waits] == [
        (0.01, 2, "Too many."), (0.01, 3, "Too many."),
    ]  # fmt: skip
    assert waits[0].until.tzinfo is not None
    assert {w.message_id for w in waits} == {turn.events[-1].message_id}
    assert texts(await manager.history(session)) == ["Hello", "Here I am."]


async def test_it_is_asked_so_often_and_no_oftener(open_manager: Any) -> None:
    for attempts in (0, 2):
        settings = Settings(retry=RetrySettings(attempts=attempts))
        async with open_manager(settings=settings) as manager:
            session = await scripted_chat(manager, busy(99, 0.01))
            turn = Watched(manager.send(session, "Hello"))
            end = await turn.end()
            assert isinstance(end, ReplyFailed)
            assert isinstance(end.error, ProviderError)
            assert end.error.kind == "rate_limited"
            waits = [event.name for event in turn.events].count("reply_waiting")
            assert waits == attempts
            [_, reply] = await manager.history(session)
            assert (reply.status, reply.error) == ("failed", "Too many.")


async def test_a_reply_that_has_begun_is_not_asked_for_again(manager: SessionManager) -> None:
    session = await scripted_chat(manager, "Hel", busy(1))
    turn = Watched(manager.send(session, "Hello"))
    assert isinstance(await turn.end(), ReplyFailed)
    assert "reply_waiting" not in [event.name for event in turn.events]
    assert texts(await manager.history(session)) == ["Hello", "Hel"]


async def test_stop_ends_a_wait(manager: SessionManager) -> None:
    session = await scripted_chat(manager, busy(9, 100))
    turn = Watched(manager.send(session, "Hello"))
    await turn.until("reply_waiting")
    assert manager.running()
    await manager.stop(session)
    assert isinstance(await turn.end(), ReplyStopped)
    assert manager.running() == []
    assert texts(await manager.history(session))[0] == "Hello"


async def test_the_agent_that_is_chosen_during_a_wait_answers(manager: SessionManager) -> None:
    session = await scripted_chat(manager, busy(9, 0.05))
    turn = Watched(manager.send(session, "Hello"))
    await turn.until("reply_waiting")
    chat = (await manager.get_session(session)).chats[0]
    other = {"provider": "scripted", "parameters": {"script": [["Me then."]]}}
    made = await manager.create_chat(session, overrides=other)
    await manager.set_agent(session, chat.id, made.agent)
    assert isinstance(await turn.end(), ReplyDone)
    await until(lambda: not manager.running())
    assert texts(await manager.history(session, chat.id))[-1] == "Me then."


async def test_a_wait_after_the_results_of_tools_keeps_them(open_manager: Any) -> None:
    async with open_manager(approve=lambda *_: True) as manager:
        manager.tools.register(lambda: "12:00", name="now")
        script = [[{"tool_call": {"name": "now"}}, {"next": True}, busy(1), "Noon."]]
        session = await manager.create_session()
        await manager.create_chat(
            session.id,
            overrides={
                "provider": "scripted", "parameters": {"script": script}, "tools": ["now"],
            },
        )  # fmt: skip
        assert isinstance(await ask(manager, session.id, "When?"), ReplyDone)
        assert [m.role for m in await manager.history(session.id)] == [
            "user", "assistant", "tool", "assistant",
        ]  # fmt: skip


@pytest.mark.parametrize(
    ("kind", "retry_after", "tries", "wait"),
    [
        ("rate_limited", 7, 1, 7),
        ("rate_limited", 120, 1, 120),
        ("rate_limited", 121, 1, None),
        ("rate_limited", None, 1, 1),
        ("rate_limited", None, 2, 2),
        ("rate_limited", None, 3, 4),
        ("rate_limited", None, 4, None),
        ("rate_limited", float("nan"), 1, 1),
        ("rate_limited", -5, 1, 1),
        ("rate_limited", 0, 1, 0),
        ("rate_limited", 0, 2, 1),
        ("unavailable", 0, 3, 2),
        ("unavailable", 3, 1, 3),
        ("unavailable", None, 1, None),
        ("auth", 3, 1, None),
        ("timeout", 3, 1, None),
    ],
)
def test_how_long_the_wait_is(
    kind: str, retry_after: float | None, tries: int, wait: float | None
) -> None:
    error = ProviderError("No.", kind, retry_after)
    assert wait_before_retry(error, tries, RetrySettings()) == wait


def test_only_providers_are_asked_again() -> None:
    assert wait_before_retry(None, 1, RetrySettings()) is None
    assert wait_before_retry(StoreError("full"), 1, RetrySettings()) is None
