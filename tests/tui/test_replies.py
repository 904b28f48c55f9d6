"""Replies on the main screen: followed, failed, made again, and unread."""

from __future__ import annotations

import pytest
from running_app import OpenApp
from two_sessions import ids

from tui_sessions import AgentConfig, ScriptedProvider
from tui_sessions.engine.documents.open_documents import OpenDocuments
from tui_sessions.errors import StoreError


async def test_a_failed_reply_is_told_as_it_is_and_the_question_stays(open_app: OpenApp) -> None:
    script = ScriptedProvider([["Some", {"error": "No [/key] for \x1b[2J this."}]])
    async with open_app(script=script) as app:
        await app.type("hello\r")
        await app.until(lambda: any("[/key]" in notice for notice in app.notices))
        assert app.shown == ["hello", "Some"]


async def test_a_reply_is_followed_unless_one_has_scrolled_away(open_app: OpenApp) -> None:
    lines = [f"line {n}\n\n" for n in range(60)]
    script = ScriptedProvider([[*lines, {"gate": "on"}, *lines, {"gate": "end"}, "last"]])
    async with open_app(script=script, size=(100, 24)) as app:
        await app.type("go\r")
        await app.until(lambda: app.shown[-1:] and app.shown[-1].count("line 59") == 1)
        assert app.main.transcript.at_end
        await app.press("escape")
        assert app.shown[-1].count("line 59") == 1
        await app.until(lambda: not app.manager.running())
        assert app.main.transcript.at_end


async def test_reading_further_up_is_not_disturbed_by_a_reply(open_app: OpenApp) -> None:
    lines = [f"line {n}\n\n" for n in range(60)]
    script = ScriptedProvider([lines, [*lines, {"gate": "on"}, *lines]])
    async with open_app(script=script, size=(100, 24)) as app:
        await app.type("one\r")
        await app.until(lambda: len(app.shown) == 2 and not app.manager.running())
        await app.type("two\r")
        await app.until(lambda: len(app.shown) == 4 and "line 59" in app.shown[-1])
        app.main.transcript.focus()
        await app.press("g")
        top = app.main.transcript.viewport.top
        script.open("on")
        await app.until(lambda: not app.manager.running() and app.shown[-1].count("line 59") == 2)
        assert app.main.transcript.viewport.top == top
        assert not app.main.transcript.following


async def test_the_old_reply_stays_until_something_of_the_new_has_come(open_app: OpenApp) -> None:
    script = ScriptedProvider([[{"gate": "first"}, "New"]])
    async with open_app(script=script) as app:
        script.open("first")
        await app.type("q\r")
        await app.until(lambda: app.shown == ["q", "New"] and not app.manager.running())
        script._gates.clear()
        await app.main.run_action("regenerate")
        await app.until(app.manager.running)
        await app.pilot.pause()
        assert app.shown == ["q", "New"]
        assert app.main.status.info.replying == 1
        await app.press("ctrl+n", "alt+down")
        await app.until(lambda: app.shown == ["q", "New"])
        script.open("first")
        await app.until(lambda: not app.manager.running())
        await app.until(lambda: app.shown == ["q", "New"])


async def test_a_regenerated_reply_that_fails_leaves_the_old_one(open_app: OpenApp) -> None:
    script = ScriptedProvider([["Old"]])
    async with open_app(script=script) as app:
        await app.type("q\r")
        await app.until(lambda: app.shown == ["q", "Old"] and not app.manager.running())
        script._replies = [[{"error": "No."}]]
        await app.main.run_action("regenerate")
        await app.until(lambda: any("No." in notice for notice in app.notices))
        await app.until(lambda: app.shown == ["q", "Old"])


async def test_two_messages_at_once_make_one_session(open_app: OpenApp) -> None:
    script = ScriptedProvider([["a", {"gate": "go"}]])
    async with open_app(script=script) as app:
        await app.type("one\rtwo\r")
        await app.until(lambda: any("Not sent" in notice for notice in app.notices))
        assert app.main.composer.draft == "two"
        assert len(app.sessions()) == 1
        script.open("go")


async def test_deleting_the_open_session_while_it_replies(open_app: OpenApp) -> None:
    script = ScriptedProvider([["Some ", {"gate": "never"}]])
    async with open_app(script=script) as app:
        await app.type("go on\r")
        await app.until(lambda: app.shown[-1:] == ["Some "])
        await app.press("f3", "d")
        await app.until(lambda: app.main.current.session is None)
        await app.until(lambda: not app.manager.running())
        assert app.main.session_tree.has_focus_within
        assert app.main.unread == set()
        assert not any("reply in" in notice.lower() for notice in app.notices)
        await app.press("u")
        await app.until(lambda: "go on" in ids(app))


async def test_an_unread_reply_is_marked_until_it_is_opened(open_app: OpenApp) -> None:
    script = ScriptedProvider([["Some ", {"gate": "go"}, "more"]])
    async with open_app(script=script) as app:
        await app.type("question\r")
        await app.until(lambda: app.shown[-1:] == ["Some "])
        await app.press("ctrl+n")
        assert app.main.status.info.replying == 1
        script.open("go")
        await app.until(lambda: app.main.unread)
        await app.until(lambda: any("is done" in notice for notice in app.notices))
        await app.press("alt+down")
        await app.until(lambda: app.shown == ["question", "Some more"])
        assert app.main.unread == set()


async def test_a_chat_that_is_busy_is_told_without_its_id(open_app: OpenApp) -> None:
    script = ScriptedProvider([["More ", {"gate": "go"}]])
    async with open_app(script=script) as app:
        await app.type("one\r")
        await app.until(lambda: app.shown[-1:] == ["More "])
        app.main.transcript.focus()
        await app.press("r")
        await app.until(lambda: any("still answering" in notice for notice in app.notices))
        session = app.main.current.session_id or ""
        assert not any(session in notice for notice in app.notices)
        script.open("go")
        await app.until(lambda: not app.manager.running())


async def test_another_agent_names_the_replies_at_once(open_app: OpenApp) -> None:
    async with open_app(script=ScriptedProvider([["Hi"]])) as app:
        await app.type("one\r")
        await app.until(lambda: app.shown == ["one", "Hi"] and not app.manager.running())
        opened = app.main.current
        agent = AgentConfig(provider="offline", template="coder")
        await app.manager.set_agent(opened.session_id or "", opened.chat_id or "", agent)
        await app.until(lambda: app.main.transcript.chat.setting.agent_name == "coder")


async def test_a_disk_that_takes_nothing_is_told_of_once(
    open_app: OpenApp, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def refused(*_: object, **__: object) -> None:
        raise StoreError("the disk is read-only", "/data/one.journal.jsonl")

    async with open_app(script=ScriptedProvider([["a"]])) as app:
        await app.type("one\r")
        await app.until(lambda: app.shown == ["one", "a"] and not app.manager.running())
        monkeypatch.setattr(OpenDocuments, "commit", refused)
        monkeypatch.setattr(OpenDocuments, "commit_if_current", refused)
        await app.type("two\r")
        await app.until(lambda: any("Not sent" in notice for notice in app.notices))
        await app.pilot.pause()
        assert len([notice for notice in app.notices if "read-only" in notice]) == 1
        async with app.main.telling():
            await app.manager.rename(app.sessions()[0].id, "Other")
        said = "That was not done: the disk is read-only (/data/one.journal.jsonl)."
        await app.until(lambda: said in app.notices)
        monkeypatch.undo()
