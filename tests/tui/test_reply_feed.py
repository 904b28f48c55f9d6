"""Replies on their way in the open chat: waits, steps, going on, and coming back in the middle."""

from __future__ import annotations

from running_app import SPACE, OpenApp, Running

from tui_sessions import AgentConfig, ScriptedProvider, SessionManager, Settings

NEXT = {"next": True}
BUSY = {"error": "Too many requests.", "kind": "rate_limited", "retry_after": 60}
STEP = {"tool_call": {"id": "c1", "name": "look_up", "arguments": {}}}


def screen(app: Running) -> str:
    transcript = app.main.transcript
    return "\n".join(transcript.render_line(y).text for y in range(transcript.size.height))


def look_up() -> str:
    """Looks something up."""
    return "found"


async def with_a_tool(manager: SessionManager) -> None:
    """A session whose agent may use a tool without asking."""
    manager.tools.register(look_up)
    session = await manager.create_session(workspace=SPACE, label="Free")
    await manager.create_chat(session.id, agent=AgentConfig(tools=("look_up",)))
    manager.allow_tool(session.id, "look_up")


async def test_a_wait_is_told_in_the_replys_place_and_escape_ends_it(open_app: OpenApp) -> None:
    async with open_app(script=ScriptedProvider([["Late "], [BUSY]])) as app:
        await app.type("one\r")
        await app.until(lambda: app.shown == ["one", "Late "] and not app.manager.running())
        await app.type("two\r")
        await app.until(lambda: "Too many requests: trying again in" in screen(app))
        await app.press("escape")
        await app.until(lambda: not app.manager.running())
        await app.until(lambda: "trying again" not in screen(app))
        assert "stopped" in screen(app)


async def test_the_old_reply_stays_in_sight_while_the_new_one_waits(open_app: OpenApp) -> None:
    script = ScriptedProvider([["Old"]])
    async with open_app(script=script) as app:
        await app.type("q\r")
        await app.until(lambda: app.shown == ["q", "Old"] and not app.manager.running())
        script._replies = [[{**BUSY, "retry_after": 0.05, "times": 2}, "New"]]
        await app.main.run_action("regenerate")
        await app.until(lambda: "trying again" in screen(app) and "Old" in screen(app))
        await app.until(lambda: app.shown == ["q", "New"] and not app.manager.running())


async def test_a_turn_with_tools_that_is_made_again_replaces_all_of_the_old_one(
    open_app: OpenApp,
) -> None:
    script = ScriptedProvider([["First ", STEP, NEXT, "Second ", STEP, NEXT, "Third"]])
    async with open_app(with_a_tool, script=script) as app:
        whole = ["q", "First ", "", "Second ", "", "Third"]
        await app.type("q\r")
        await app.until(lambda: app.shown == whole and not app.manager.running())
        before = {message.id for message in app.main.transcript.chat.messages}
        await app.main.run_action("regenerate")
        await app.until(lambda: not app.manager.running())
        await app.until(lambda: app.shown == whole)
        after = {message.id for message in app.main.transcript.chat.messages}
        assert len(before & after) == 1
        history = await app.manager.history(app.main.current.session_id or "")
        assert [message.id for message in history] == [
            message.id for message in app.main.transcript.chat.messages
        ]


async def test_coming_back_between_the_steps_of_a_turn_shows_all_of_it(open_app: OpenApp) -> None:
    script = ScriptedProvider(
        [["First ", STEP, NEXT, {"gate": "a"}, "Second ", {"gate": "b"}, "end"]]
    )
    async with open_app(with_a_tool, script=script) as app:
        await app.type("q\r")
        await app.until(lambda: app.shown == ["q", "First ", "", ""])
        session_id = app.main.current.session_id or ""
        await app.press("ctrl+n")
        await app.until(lambda: app.shown == [])
        app.main.open_chat(session_id)
        await app.until(lambda: app.shown == ["q", "First ", "", ""])
        assert "replying" in screen(app)
        await app.press("ctrl+n")
        script.open("a")
        app.main.open_chat(session_id)
        await app.until(lambda: app.shown == ["q", "First ", "", "Second "])
        script.open("b")
        await app.until(lambda: app.shown == ["q", "First ", "", "Second end"])
        await app.until(lambda: not app.manager.running())


async def test_a_reply_that_failed_halfway_goes_on_in_the_same_message(open_app: OpenApp) -> None:
    script = ScriptedProvider([["Half a ", {"error": "Gone."}, NEXT, {"gate": "go"}, "whole."]])
    async with open_app(script=script, size=(140, 40)) as app:
        await app.type("q\r")
        await app.until(lambda: "C goes on · r asks again · ctrl+l another model" in screen(app))
        before = app.main.transcript.chat.messages[-1].id
        app.main.transcript.focus()
        await app.press("C")
        await app.until(app.manager.running)
        await app.until(lambda: "✗ Gone." not in screen(app))
        session_id = app.main.current.session_id or ""
        await app.press("ctrl+n")
        app.main.open_chat(session_id)
        await app.until(lambda: app.shown == ["q", "Half a "])
        script.open("go")
        await app.until(lambda: app.shown == ["q", "Half a whole."])
        await app.until(lambda: not app.manager.running())
        await app.until(lambda: "goes on" not in screen(app))
        assert app.main.transcript.chat.messages[-1].id == before
        app.main.transcript.focus()
        await app.press("C")
        await app.until(lambda: "The last reply here is not cut off." in app.notices)


async def test_going_on_that_fails_at_once_leaves_what_there_was(open_app: OpenApp) -> None:
    script = ScriptedProvider([["Half a ", {"error": "Gone."}, NEXT, {"error": "Still gone."}]])
    async with open_app(script=script) as app:
        await app.type("q\r")
        await app.until(lambda: "goes on" in screen(app))
        await app.main.run_action("continue_reply")
        await app.until(lambda: any("Still gone." in notice for notice in app.notices))
        await app.until(lambda: not app.manager.running() and "goes on" in screen(app))
        assert app.shown == ["q", "Half a "]


async def test_a_question_that_was_never_answered_says_so(open_app: OpenApp) -> None:
    async def fill(manager: SessionManager) -> None:
        session = await manager.create_session(workspace=SPACE, label="Open question")
        await manager.create_chat(session.id)
        await manager.add_message(session.id, "anyone?")

    async with open_app(fill, script=ScriptedProvider([["Yes."]])) as app:
        await app.until(lambda: "no reply came · r asks for one" in screen(app))
        app.main.transcript.focus()
        await app.press("C")
        await app.until(lambda: app.shown == ["anyone?", "Yes."])


async def test_sending_brings_the_end_into_view(open_app: OpenApp) -> None:
    lines = [f"line {n}\n\n" for n in range(60)]
    async with open_app(script=ScriptedProvider([lines, ["Short."]]), size=(100, 24)) as app:
        await app.type("one\r")
        await app.until(lambda: "line 59" in "".join(app.shown) and not app.manager.running())
        app.main.transcript.focus()
        await app.press("g", "enter")
        await app.type("two\r")
        await app.until(lambda: "Short." in screen(app))


async def test_a_chat_that_is_too_long_names_the_keys_that_help(open_app: OpenApp) -> None:
    failing = {"error": "The chat is longer than m can read.", "kind": "context_too_long"}
    script = ScriptedProvider([["One"], [failing]])
    settings = Settings(keymap={"transcript.checkpoint": "k"})
    async with open_app(script=script, settings=settings) as app:
        await app.type("q\r")
        await app.until(lambda: app.shown == ["q", "One"] and not app.manager.running())
        await app.type("too long\r")
        await app.until(lambda: "k makes a checkpoint" in screen(app))
        assert "ctrl+l a model that reads more" in " ".join(screen(app).replace("▌", " ").split())
        [said] = [text for text in app.notices if "longer than m" in text]
        assert "In the transcript k makes a checkpoint; ctrl+l chooses another model." in said
