"""Who answers: what is noticed, the list of models, and templates."""

from __future__ import annotations

import asyncio
import tomllib
from pathlib import Path
from typing import Any

import msgspec
import pytest
from running_app import SPACE, OpenApp, Running
from textual.containers import VerticalScroll
from textual.widgets import Input, OptionList, Static, TextArea

from tui_sessions import (
    AgentConfig,
    Detected,
    ProviderRegistry,
    ScriptedProvider,
    SessionManager,
    Settings,
)
from tui_sessions.engine.agents.templates import Templates
from tui_sessions.errors import ProviderError
from tui_sessions.paths import config_dir
from tui_sessions.tui.screens.choice import Choice
from tui_sessions.tui.screens.dialog import DialogBox
from tui_sessions.tui.screens.editor import TextEditor
from tui_sessions.tui.screens.question import Question
from tui_sessions.tui.screens.templates import TemplatesScreen
from tui_sessions.tui.screens.text_prompt import TextPrompt
from tui_sessions.tui.widgets.inspector.requests import EditRequested
from tui_sessions.tui.widgets.key_line import KeyLine


class Noticed(ProviderRegistry):
    """A machine on which a server answers and a key is set."""

    async def detect(self) -> list[Detected]:
        return [
            Detected(name="llama-cpp", reason="server", models=("tiny",)),
            Detected(name="anthropic", reason="key"),
        ]


class SlowToList(ScriptedProvider):
    """Tells its models when it is let."""

    async def models(self) -> list[str]:
        await self._gate("list").wait()
        return ["slow-1"]


class WithoutKey(ScriptedProvider):
    async def models(self) -> list[str]:
        raise ProviderError("There is no key for hosted: set HOSTED_KEY.", "auth")


def settings_file() -> dict[str, Any]:
    return tomllib.loads((config_dir() / "settings.toml").read_text())


def own_template(name: str) -> Path:
    return config_dir() / "templates" / f"{name}.toml"


async def on_screen(app: Running, kind: type[object]) -> None:
    await app.until(lambda: isinstance(app.app.screen, kind))
    await app.pilot.pause()


def options(app: Running) -> list[str]:
    return [str(o.prompt) for o in app.app.screen.query_one(OptionList).options]


def welcome(app: Running) -> str:
    return app.main.transcript.placeholder.plain


async def talked(manager: SessionManager) -> None:
    session = await manager.create_session(workspace=SPACE, label="Old", surface="tty:test")
    async for _ in manager.send(session.id, "Hello"):
        pass


async def test_an_empty_chat_names_who_could_answer(open_app: OpenApp) -> None:
    async with open_app(providers=Noticed()) as app:
        await app.until(lambda: "llama-cpp answers here · anthropic: key set" in welcome(app))
        assert "ctrl+l chooses" in welcome(app)
        assert app.notices == []


class Looking(ProviderRegistry):
    """A machine on which looking around takes its time."""

    def __init__(self) -> None:
        super().__init__()
        self.go = asyncio.Event()

    async def detect(self) -> list[Detected]:
        await self.go.wait()
        return [Detected(name="ollama", reason="server")]


async def test_looking_around_holds_nothing_up(open_app: OpenApp) -> None:
    providers = Looking()
    async with open_app(providers=providers, script=ScriptedProvider([["Hi"]])) as app:
        assert "F1 keys" in welcome(app)
        assert "answers" not in welcome(app)
        await app.type("Hello\r")
        await app.until(lambda: app.shown == ["Hello", "Hi"])
        await app.press("ctrl+n")
        providers.go.set()
        await app.until(lambda: "ollama answers here" in welcome(app))


async def test_nothing_is_offered_where_another_agent_answers(open_app: OpenApp) -> None:
    settings = Settings(default_provider="scripted")
    async with open_app(providers=Noticed(), settings=settings) as app:
        await app.until(lambda: app.main._found is not None)
        await app.until(lambda: SPACE in app.main._templates_read)
        await app.pilot.pause()
        assert "llama-cpp" not in welcome(app)


async def test_a_resumed_chat_of_the_offline_agent_is_told_once(open_app: OpenApp) -> None:
    async with open_app(talked, providers=Noticed()) as app:
        await app.until(lambda: any("llama-cpp answers here" in text for text in app.notices))
        await app.press("ctrl+n", "alt+down")
        await app.until(lambda: len(app.shown) == 2)
        assert sum("llama-cpp" in text for text in app.notices) == 1


async def test_the_list_does_not_wait_for_a_slow_endpoint(open_app: OpenApp) -> None:
    providers, slow = ProviderRegistry(), SlowToList()
    providers.register("slow", lambda: slow)
    providers.register("hosted", WithoutKey)
    async with open_app(providers=providers) as app:
        await app.press("ctrl+l")
        await on_screen(app, Choice)
        await app.until(lambda: any("HOSTED_KEY" in line for line in options(app)))
        assert any("coder" in line for line in options(app))
        assert not any("slow-1" in line for line in options(app))
        assert "asking slow" in str(app.app.screen.query_one(".choice--note", Static).content)
        await app.press("down", "down")
        slow.open("list")
        await app.until(lambda: any("slow / slow-1" in line for line in options(app)))
        lines = options(app)
        place = app.app.screen.query_one(OptionList).highlighted
        assert place is not None
        assert lines[place].startswith("reviewer")
        assert "hosted" in lines[-1]
        assert not app.app.screen.query_one(".choice--note").display


async def test_a_model_can_be_named_where_the_list_fails(open_app: OpenApp) -> None:
    providers = ProviderRegistry()
    providers.register("hosted", WithoutKey)
    async with open_app(providers=providers) as app:
        await app.press("ctrl+l")
        await on_screen(app, Choice)
        await app.until(lambda: any("HOSTED_KEY" in line for line in options(app)))
        await app.type("hosted\r")
        await app.until(lambda: any("HOSTED_KEY" in text for text in app.notices))
        await on_screen(app, TextPrompt)
        await app.type("own/big-2\r")
        await app.until(lambda: any("hosted / own/big-2 answers" in text for text in app.notices))
        session = app.main.current.session
        assert session is not None
        chat = (await app.manager.get_session(session.id)).active_chat
        assert chat is not None
        assert (chat.agent.provider, chat.agent.model) == ("hosted", "own/big-2")
        await app.press("ctrl+l")
        await on_screen(app, Choice)
        await app.until(lambda: any("HOSTED_KEY" in line for line in options(app)))
        await app.type("hosted\r")
        await on_screen(app, TextPrompt)
        await app.press("enter")
        await app.until(lambda: app.app.screen is app.main)
        session = await app.manager.get_session(session.id)
        assert session.active_chat == chat


async def test_a_chosen_model_is_that_of_new_chats_too(open_app: OpenApp) -> None:
    async with open_app(script=ScriptedProvider([["Hi"]]), providers=ProviderRegistry()) as app:
        app.manager.providers.register("mine", lambda: ScriptedProvider([["Mine"]]))
        await app.press("ctrl+l")
        await on_screen(app, Choice)
        await app.until(lambda: any("mine / " in line for line in options(app)))
        await app.type("mine\r")
        await app.until(lambda: any("and in new chats" in text for text in app.notices))
        assert settings_file()["default_provider"] == "mine"
        await app.press("ctrl+n")
        await app.type("Hello\r")
        await app.until(lambda: app.shown == ["Hello", "Mine"])


async def test_the_list_leads_to_the_templates(open_app: OpenApp) -> None:
    async with open_app() as app:
        await app.press("ctrl+l")
        await on_screen(app, Choice)
        await app.type("agent templates\r")
        await on_screen(app, TemplatesScreen)
        await app.press("escape")
        await app.until(lambda: app.app.screen is app.main)


async def in_templates(app: Running, name: str = "") -> None:
    await app.main.run_action("templates")
    await on_screen(app, TemplatesScreen)
    await app.until(lambda: options(app))
    if name:
        await go_to(app, name)


async def go_to(app: Running, name: str) -> None:
    await app.until(lambda: any(line.startswith(name) for line in options(app)))
    rows = app.app.screen.query_one(OptionList)
    rows.highlighted = next(i for i, line in enumerate(options(app)) if line.startswith(name))
    await app.pilot.pause()


def detail(app: Running) -> str:
    return str(app.app.screen.query_one("#template", Static).content)


async def test_everything_about_a_template_can_be_read_and_used(open_app: OpenApp) -> None:
    async with open_app(talked) as app:
        await in_templates(app, "reviewer")
        for part in ("built-in", "code", "temperature", "0.2", "system prompt", "You review"):
            assert part in detail(app)
        await app.press("enter")
        await app.until(lambda: any("reviewer answers" in text for text in app.notices))
        session = app.main.current.session
        assert session is not None
        chat = (await app.manager.get_session(session.id)).active_chat
        assert chat is not None
        assert chat.agent.template == "reviewer"


async def test_templates_that_are_read_late_begin_on_the_one_that_answers(
    open_app: OpenApp, monkeypatch: pytest.MonkeyPatch
) -> None:
    may_read = asyncio.Event()
    read = Templates.refresh

    async with open_app(talked) as app:

        async def read_late(self: Templates) -> None:
            if isinstance(app.app.screen, TemplatesScreen):
                await may_read.wait()
            await read(self)

        await in_templates(app, "reviewer")
        await app.press("enter")
        await app.until(lambda: any("reviewer answers" in text for text in app.notices))
        monkeypatch.setattr(Templates, "refresh", read_late)
        await app.main.run_action("templates")
        await on_screen(app, TemplatesScreen)
        await app.pilot.resize_terminal(60, 24)
        await app.until(lambda: app.app.screen.has_class("-stacked"))
        await app.pilot.pause()
        may_read.set()
        await app.until(lambda: "You review" in detail(app))


async def test_a_built_in_template_that_is_edited_becomes_an_own_one(open_app: OpenApp) -> None:
    async with open_app() as app:
        await in_templates(app, "coder")
        await app.press("e")
        await on_screen(app, TextEditor)
        area = app.app.screen.query_one(TextArea)
        area.text = 'descripton = "Mine"\n[agent]\nsystem_prompt = "Be mine."\n'
        await app.press("ctrl+s")
        await app.pilot.pause()
        assert "description" in str(app.app.screen.query_one(".dialog--error", Static).content)
        area.text = 'description = "Mine"\n[agent]\nsystem_prompt = "Be mine."\n'
        await app.press("ctrl+s")
        await on_screen(app, TemplatesScreen)
        await app.until(lambda: "Be mine." in detail(app))
        assert "Be mine." in own_template("coder").read_text()
        await app.press("d")
        await app.until(lambda: "built-in" in detail(app))
        assert not own_template("coder").exists()
        await app.press("u")
        await app.until(lambda: "Be mine." in detail(app))
        assert own_template("coder").exists()


async def test_a_text_that_is_no_template_is_not_saved_and_stays(open_app: OpenApp) -> None:
    async with open_app() as app:
        await in_templates(app)
        await app.press("n")
        await on_screen(app, TextPrompt)
        await app.type("not a name\r")
        assert isinstance(app.app.screen, TextPrompt)
        app.app.screen.query_one(Input).value = "mine"
        await app.press("enter")
        await on_screen(app, TextEditor)
        area = app.app.screen.query_one(TextArea)
        for wrong in (
            "[agent",
            '[agent]\nprovider = "nobody"',
            "[agent.parameters]\ntemperature=9",
        ):
            area.text = wrong
            await app.press("ctrl+s")
            await app.pilot.pause()
            assert app.app.screen.query_one(".dialog--error").display
            assert area.text == wrong
        assert not own_template("mine").exists()


async def test_only_own_templates_are_deleted(open_app: OpenApp) -> None:
    async with open_app() as app:
        await in_templates(app, "writer")
        await app.press("d")
        await app.until(lambda: any("only those can be deleted" in text for text in app.notices))
        assert any(line.startswith("writer") for line in options(app))


async def test_a_template_is_copied_and_kept_for_a_workspace(
    open_app: OpenApp, tmp_path: Path
) -> None:
    async with open_app(store=(tmp_path / "data").as_uri()) as app:
        await in_templates(app, "writer")
        await app.press("c")
        await on_screen(app, TextPrompt)
        await app.press("enter")
        await on_screen(app, TextEditor)
        await app.press("ctrl+s")
        await on_screen(app, TemplatesScreen)
        await app.until(lambda: any(line.startswith("writer-copy") for line in options(app)))
        await app.press("w")
        await app.until(lambda: "workspace" in detail(app))
        kept = tmp_path / "data" / "workspaces" / SPACE / "templates" / "writer-copy.toml"
        assert kept.exists()
        await app.press("d")
        await app.until(lambda: not kept.exists())
        assert own_template("writer-copy").exists()


async def test_a_file_that_cannot_be_used_is_listed_with_its_reason(open_app: OpenApp) -> None:
    own_template("broken").parent.mkdir(parents=True)
    own_template("broken").write_text("[agent\n")
    async with open_app() as app:
        await in_templates(app, "✗ broken")
        assert "cannot be used" in detail(app)
        await app.press("enter")
        assert isinstance(app.app.screen, TemplatesScreen)
        await app.press("e")
        await on_screen(app, TextEditor)
        app.app.screen.query_one(TextArea).text = '[agent]\nsystem_prompt = "Whole"\n'
        await app.press("ctrl+s")
        await on_screen(app, TemplatesScreen)
        await app.until(lambda: "Whole" in detail(app))


async def test_the_agent_of_a_chat_is_saved_as_a_template(open_app: OpenApp) -> None:
    async with open_app(talked) as app:
        session = app.main.current.session
        assert session is not None
        agent = AgentConfig(system_prompt="Sing.", parameters={"temperature": 1.5})
        await app.manager.set_agent(session.id, session.chats[0].id, agent)
        await app.until(lambda: "Sing." in str(app.main.current.session))
        await app.main.run_action("save_template")
        await on_screen(app, TextPrompt)
        app.app.screen.query_one(Input).value = "singer"
        await app.press("enter")
        await app.until(lambda: any("template singer" in text for text in app.notices))
        written = tomllib.loads(own_template("singer").read_text())
        assert written["agent"]["system_prompt"] == "Sing."
        assert written["agent"]["parameters"] == {"temperature": 1.5}
        assert "singer" in [one.name for one in app.manager.templates.list()]


@pytest.mark.parametrize(
    ("field", "key", "value", "changed"),
    [
        ("provider", None, "scripted", {"provider": "scripted", "model": None}),
        ("tools", None, ("read", "files/list"), {"tools": ("read", "files/list")}),
        ("parameter", "top_p", 0.9, {"parameters": {"temperature": 0.5, "top_p": 0.9}}),
        ("temperature", None, None, {"parameters": {}}),
        ("system_prompt", None, "Sing.", {"system_prompt": "Sing."}),
    ],
)
async def test_all_of_an_agent_is_changed_in_the_inspector(
    open_app: OpenApp, field: str, key: str | None, value: Any, changed: dict[str, Any]
) -> None:
    async with open_app(talked) as app:
        session = app.main.current.session
        assert session is not None
        chat_id = session.chats[0].id
        before = AgentConfig(model="offline-1", parameters={"temperature": 0.5})
        await app.manager.set_agent(session.id, chat_id, before)
        edited = EditRequested(session.id, field, key, value, chat_id)
        app.main.inspector.post_message(edited)
        after = msgspec.structs.replace(before, **changed)
        await app.until(lambda: shown_agent(app) == after)


async def test_a_provider_that_there_is_not_changes_nothing(open_app: OpenApp) -> None:
    async with open_app(talked) as app:
        session = app.main.current.session
        assert session is not None
        edited = EditRequested(session.id, "provider", None, "nobody", session.chats[0].id)
        app.main.inspector.post_message(edited)
        await app.until(lambda: any("nobody" in text for text in app.notices))
        assert shown_agent(app).provider == "offline"


def shown_agent(app: Running) -> AgentConfig:
    session = app.main.current.session
    assert session is not None
    return session.chats[0].agent


@pytest.mark.parametrize(("width", "stacked"), [(60, True), (80, False), (120, False)])
async def test_the_templates_fit_the_screen(open_app: OpenApp, width: int, stacked: bool) -> None:
    async with open_app(size=(width, 24)) as app:
        await in_templates(app, "coder")
        assert app.app.screen.has_class("-stacked") is stacked
        for line in options(app):
            assert len(line) <= app.app.screen.query_one(OptionList).content_size.width
        box = app.app.screen.query_one(DialogBox).region
        for part in (OptionList, VerticalScroll, KeyLine):
            assert box.contains_region(app.app.screen.query_one(part).region)


async def test_a_template_that_is_saved_over_keeps_what_the_agent_does_not_say(
    open_app: OpenApp,
) -> None:
    own_template("singer").parent.mkdir(parents=True, exist_ok=True)
    own_template("singer").write_text(
        'description = "Sings"\ncategory = "music"\ntags = ["loud", "late"]\n[agent]\n'
    )
    async with open_app(talked) as app:
        await app.main.run_action("save_template")
        await on_screen(app, TextPrompt)
        app.app.screen.query_one(Input).value = "singer"
        await app.press("enter")
        await on_screen(app, Question)
        await app.press("y")
        await app.until(lambda: any("template singer" in text for text in app.notices))
        written = tomllib.loads(own_template("singer").read_text())
        kept = written["description"], written["category"], written["tags"]
        assert kept == ("Sings", "music", ["loud", "late"])
