"""Checkpoints and questions to other agents, from a chat and back to it."""

from __future__ import annotations

from pathlib import Path

from running_app import SPACE, OpenApp, Running
from textual.widgets import Input, Static

from tui_sessions import ProviderRegistry, ScriptedProvider, SessionManager, SummaryPart
from tui_sessions.tui.screens.ask_agent import AskAgentScreen
from tui_sessions.tui.screens.usage import UsageScreen

ANSWER = "Use a table."


async def talked(manager: SessionManager) -> None:
    session = await manager.create_session(workspace=SPACE, label="Talk", surface="tty:test")
    await manager.create_chat(session.id)
    for text in ("One", "Two"):
        await manager.add_message(session.id, text, role="user")
        await manager.add_message(session.id, f"Answer {text}", role="assistant")


async def asking(app: Running) -> AskAgentScreen:
    await app.press("escape", "a")
    await app.until(lambda: isinstance(app.app.screen, AskAgentScreen))
    await app.pilot.pause()
    screen = app.app.screen
    assert isinstance(screen, AskAgentScreen)
    return screen


def children(app: Running) -> list[str]:
    return [s.id for s in app.sessions() if s.parent is not None]


def inspected(app: Running) -> str:
    rows = app.main.inspector.query_one("RowList")
    return "\n".join(str(option.prompt) for option in rows.options)  # type: ignore[attr-defined]


async def test_three_agents_answer_at_once_each_in_its_own_session(open_app: OpenApp) -> None:
    script = ScriptedProvider([["It is ", {"gate": "go"}, "so"]])
    async with open_app(talked, script=script) as app:
        await asking(app)
        await app.press("space", "j", "space", "j", "space", "enter")
        await app.until(lambda: len(app.manager.running()) == 3)
        await app.until(lambda: inspected(app).count("running") == 3)
        parent = app.main.current.session_id
        script.open("go")
        await app.until(lambda: not app.manager.running())
        await app.until(lambda: inspected(app).count("completed") == 3)
        await app.until(lambda: sum("is done" in text for text in app.notices) == 3)
        agents = set()
        for child_id in children(app):
            history = await app.manager.history(child_id)
            assert [m.text for m in history] == ["Answer Two", "It is so"]
            child = await app.manager.get_session(child_id)
            agents.add(child.chats[0].agent.template)
        assert agents == {"assistant", "coder", "reviewer"}
        assert [m.text for m in await app.manager.history(parent or "")][-1] == "Answer Two"


async def test_the_way_back_leads_to_the_message_asked_about(open_app: OpenApp) -> None:
    async with open_app(talked, script=ScriptedProvider([[ANSWER]])) as app:
        parent = app.main.current.session_id
        await app.press("escape", "g", "j")
        asked_about = app.main.transcript.cursor_message_id
        await app.press("a")
        await app.until(lambda: isinstance(app.app.screen, AskAgentScreen))
        await app.pilot.pause()
        await app.press("enter")
        await app.until(lambda: children(app) and not app.manager.running())
        app.main.open_chat(children(app)[0])
        await app.until(lambda: app.shown == ["Answer One", ANSWER])
        await app.press("escape", "circumflex_accent")
        await app.until(lambda: app.main.current.session_id == parent)
        await app.until(lambda: app.main.transcript.cursor_message_id == asked_about)


async def test_the_whole_chat_can_go_along_with_a_question(open_app: OpenApp) -> None:
    async with open_app(talked, script=ScriptedProvider([[ANSWER]])) as app:
        screen = await asking(app)
        await app.press("tab", "j", "space")
        screen.query_one(Input).value = "What is missing?"
        await app.press("tab", "enter")
        await app.until(lambda: children(app) and not app.manager.running())
        history = await app.manager.history(children(app)[0])
        assert [m.text for m in history] == [
            "One", "Answer One", "Two", "Answer Two", "What is missing?", ANSWER,
        ]  # fmt: skip


async def test_leaving_the_question_asks_nobody(open_app: OpenApp) -> None:
    async with open_app(talked) as app:
        await asking(app)
        await app.press("space", "escape")
        await app.until(lambda: app.app.screen is app.main)
        assert children(app) == []


async def test_a_summary_is_a_message_of_its_own_and_a_child(open_app: OpenApp) -> None:
    script = ScriptedProvider([["They talked ", {"gate": "go"}, "of tables."]])
    async with open_app(talked, script=script) as app:
        await app.press("escape", "s")
        await app.until(lambda: app.main.status.info.doing == "summarising")
        assert app.manager.running()
        script.open("go")
        await app.until(lambda: any("goes on from the summary" in t for t in app.notices))
        await app.until(lambda: app.main.status.info.doing == "")
        await app.until(lambda: len(app.shown) == 5)
        assert isinstance(app.main.transcript.chat.messages[-1].content[0], SummaryPart)
        child = await app.manager.get_session(children(app)[0])
        assert child.parent is not None
        assert child.parent.kind == "checkpoint"
        await app.press("s")
        await app.until(lambda: any("nothing new" in text for text in app.notices))


async def test_escape_stops_a_summary_and_changes_nothing(open_app: OpenApp) -> None:
    script = ScriptedProvider([["They ", {"gate": "never"}]])
    async with open_app(talked, script=script) as app:
        await app.press("escape", "s")
        await app.until(app.manager.running)
        await app.press("escape")
        await app.until(lambda: any("was stopped" in text for text in app.notices))
        assert children(app) == []
        assert len(app.shown) == 4
        assert app.main.status.info.doing == ""


async def test_a_chat_that_answers_is_not_summarised(open_app: OpenApp) -> None:
    script = ScriptedProvider([["Wait ", {"gate": "go"}, "done"]])
    async with open_app(talked, script=script) as app:
        await app.type("Question\r")
        await app.until(lambda: app.shown[-1] == "Wait ")
        await app.main.run_action("checkpoint")
        await app.until(lambda: app.notices)
        await app.until(lambda: app.main.status.info.doing == "")
        assert app.manager.running()
        script.open("go")
        await app.until(lambda: app.shown[-1] == "Wait done")
        assert children(app) == []


async def test_a_summary_that_fails_says_why_and_changes_nothing(open_app: OpenApp) -> None:
    async with open_app(talked, script=ScriptedProvider([[{"error": "No room here."}]])) as app:
        await app.press("escape", "s")
        await app.until(lambda: any("No room here." in text for text in app.notices))
        assert children(app) == []
        assert len(app.shown) == 4


class Sized(ScriptedProvider):
    """A model that reads little at once."""

    async def context_window(self, model: str | None) -> int | None:
        return 1000


async def test_the_meter_follows_the_chat(open_app: OpenApp, tmp_path: Path) -> None:
    providers = ProviderRegistry()
    providers.register("offline", lambda: Sized([["A longer answer " * 40]]))
    async with open_app(providers=providers) as app:
        assert app.main.status.info.context is None
        await app.type("Question\r")
        await app.until(lambda: len(app.shown) == 2 and not app.manager.running())
        await app.until(lambda: app.main.status.info.context is not None)
        context = app.main.status.info.context
        assert context is not None
        assert context.window == 1000
        assert context.tokens > 50
        await app.type("More\r")
        await app.until(lambda: len(app.shown) == 4 and not app.manager.running())
        await app.until(lambda: (app.main.status.info.context or context).tokens > context.tokens)
        await app.press("ctrl+n")
        await app.until(lambda: app.main.status.info.context is None)


async def test_a_chat_that_grows_too_long_is_summarised_by_itself(open_app: OpenApp) -> None:
    long = "A long answer. " * 400
    providers = ProviderRegistry()
    providers.register("offline", lambda: Sized([[long]]))
    async with open_app(providers=providers) as app:
        await app.type("First\r")
        await app.until(lambda: len(app.shown) == 2 and not app.manager.running())
        await app.type("Second\r")
        await app.until(lambda: any("to make room" in text for text in app.notices))
        await app.until(lambda: app.shown == ["First", long, long.strip(), "Second", long])
        assert [m.role for m in app.main.transcript.chat.messages][2] == "system"


async def test_use_is_shown_by_user_workspace_and_model(open_app: OpenApp) -> None:
    async with open_app(talked) as app:
        await app.main.run_action("usage")
        await app.until(lambda: isinstance(app.app.screen, UsageScreen))
        await app.until(
            lambda: "By model" in str(app.app.screen.query_one("#usage", Static).content)
        )
        text = str(app.app.screen.query_one("#usage", Static).content)
        assert "unknown" in text
        assert "0" not in text.replace("dev", "")
