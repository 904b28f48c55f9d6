"""An app with the inspector, and sessions to show in it."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from textual import on
from textual.app import App, ComposeResult
from textual.message import Message
from textual.pilot import Pilot
from textual.widgets import Input

from tui_sessions.model.agent import AgentConfig
from tui_sessions.model.clock import now
from tui_sessions.model.message import Message as ChatMessage
from tui_sessions.model.message import TextPart
from tui_sessions.model.session import Chat, Origin, Session
from tui_sessions.model.statistics import ChatStats, SessionStats
from tui_sessions.model.tally import tally
from tui_sessions.model.usage import Usage
from tui_sessions.tui.widgets.inspector.inspector import Inspector
from tui_sessions.tui.widgets.inspector.requests import (
    ActRequested,
    CopyRequested,
    EditRequested,
    JumpRequested,
)
from tui_sessions.tui.widgets.inspector.row_list import RowList

AGENT = AgentConfig(
    provider="anthropic",
    model="sonnet",
    template="coder",
    system_prompt="One\nTwo",
    parameters={"temperature": 0.2, "top_p": 0.9},
)
CHAT = Chat(id="c1", name="Coder", agent=AGENT, message_count=12, inherited=3)


def session(session_id: str = "s1", **fields: Any) -> Session:
    moment = now() - timedelta(days=40)
    times = dict.fromkeys(("created_at", "updated_at", "state_changed_at"), moment)
    known: dict[str, Any] = {"label": "Parser", "workspace_id": "dev", "last_active_at": now()}
    return Session(id=session_id, **(times | known | fields))


def full_session(**fields: Any) -> Session:
    known: dict[str, Any] = {
        "user_id": "ana",
        "tags": ("work", "urgent"),
        "metadata": {"ticket": "AB-12", "evil\x1b": "[red]\x07"},
        "preferences": {"theme": "nord"},
        "surfaces": ("tty:%3",),
        "origin": Origin(format="claude-code", path="/home/ana/x.jsonl", id="abc"),
        "ttl_s": 7200,
        "expires_at": now() + timedelta(days=3, minutes=1),
        "chats": (CHAT,),
        "active_chat_id": "c1",
    }
    return session(**(known | fields))


def stats(usage: Usage | None, average: float | None) -> SessionStats:
    used = tally([ChatMessage(id="m", role="assistant", content=(TextPart("Hi"),), usage=usage)])
    usage = used.usage
    counted = ChatStats(
        chat_id="c1",
        messages=12,
        turns=6,
        usage=usage,
        inherited_usage=Usage(),
        average_response_s=average,
        last_activity=None,
        tally=used,
        last_turn=used,
    )
    return SessionStats(
        session_id="s1",
        chats=1,
        messages=12,
        created_at=now(),
        last_activity=now(),
        active=True,
        paused=False,
        uptime_s=1,
        usage=usage,
        inherited_usage=Usage(),
        by_chat=(counted,),
        tally=used,
    )


class InspectorApp(App[None]):
    def __init__(self) -> None:
        super().__init__()
        self.said: list[Message] = []

    def compose(self) -> ComposeResult:
        yield Input()
        yield Inspector()

    @property
    def inspector(self) -> Inspector:
        return self.query_one(Inspector)

    @property
    def rows(self) -> RowList:
        return self.query_one(RowList)

    @property
    def text(self) -> str:
        return "\n".join(str(option.prompt) for option in self.rows.options)

    @on(ActRequested)
    @on(CopyRequested)
    @on(EditRequested)
    @on(JumpRequested)
    def note(self, event: Message) -> None:
        self.said.append(event)

    @property
    def edits(self) -> list[tuple[str, str | None, object | None]]:
        return [
            (event.field, event.key, event.value)
            for event in self.said
            if isinstance(event, EditRequested)
        ]


async def begin_edit(app: InspectorApp, pilot: Pilot[None], row_id: str) -> None:
    app.inspector.focus()
    app.rows.highlighted = app.rows.get_option_index(row_id)
    await pilot.press("enter")
    await pilot.pause()
