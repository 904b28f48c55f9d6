"""Sessions in less memory."""

from __future__ import annotations

from datetime import UTC, datetime

import msgspec

from tui_sessions.model.agent import AgentConfig
from tui_sessions.model.session import Chat, Session
from tui_sessions.model.shared_parts import with_shared_parts


def session(number: int, agent: AgentConfig) -> Session:
    """One as the catalog gives it: nothing in it is shared with another."""
    moment = datetime(2026, 11, 20, 12, tzinfo=UTC)
    chat = Chat(
        id="c1",
        name="".join(("Chat ", "1")),
        created_at=moment,
        tags=("work",),
        metadata={"n": number},
        agent=agent,
    )
    made = Session(
        id=f"s{number}",
        workspace_id="".join(("de", "v")),
        created_at=moment,
        updated_at=moment,
        last_active_at=moment,
        state_changed_at=moment,
        label=f"Session {number}",
        tags=("a", "b"),
        active_chat_id="c1",
        chats=(chat,),
    )
    return msgspec.msgpack.decode(msgspec.msgpack.encode(made), type=Session)


def test_sessions_that_share_their_parts_are_the_same_sessions():
    plain, warm = AgentConfig(template="coder"), AgentConfig(parameters={"temperature": 1})
    sessions = [session(number, agent) for number, agent in enumerate((plain, warm, plain))]
    shared = with_shared_parts(sessions)
    assert shared == sessions
    first, second, third = shared
    assert first.workspace_id is second.workspace_id is third.workspace_id
    assert first.created_at is first.last_active_at is third.chats[0].created_at
    assert first.chats[0].agent is third.chats[0].agent
    assert second.chats[0].agent is not first.chats[0].agent
    assert first.metadata is second.preferences
    assert [each.chats[0].metadata for each in shared] == [{"n": 0}, {"n": 1}, {"n": 2}]


def test_what_only_looks_alike_is_not_shared():
    one, other = session(1, AgentConfig(tools=("read",))), session(2, AgentConfig())
    shared = with_shared_parts([one, other])
    assert [each.chats[0].agent.tools for each in shared] == [("read",), ()]
