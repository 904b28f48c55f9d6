"""Agent templates: the built-in ones, the person's own, and agents made from them."""

from typing import Any

import pytest

from tui_sessions import (
    AgentConfig,
    AgentTemplate,
    InvalidId,
    InvalidValue,
    ProviderRegistry,
    SessionManager,
    Settings,
    SettingsError,
    TemplateNotFound,
    Templates,
)


@pytest.fixture
def templates() -> Templates:
    return Templates(ProviderRegistry(), {})


def test_templates_are_listed_got_and_found(templates: Templates) -> None:
    assert {"assistant", "coder", "summariser"} <= {t.name for t in templates.list()}
    assert templates.get("coder").category == "code"
    assert {t.name for t in templates.find(category="code")} == {"coder", "reviewer"}
    assert len(templates.find(provider="offline")) == len(templates.list())
    assert templates.find(tag="mine") == []
    templates.register(AgentTemplate(name="mine", tags=("mine",), category="code"))
    assert [t.name for t in templates.find(category="code", tag="mine")] == ["mine"]
    with pytest.raises(TemplateNotFound) as caught:
        templates.get("nobody")
    assert "coder" in caught.value.known


@pytest.mark.parametrize(
    "agent",
    [
        AgentConfig(provider="nobody"),
        AgentConfig(model=" "),
        AgentConfig(parameters={"temperature": 2.1}),
        AgentConfig(parameters={"temperature": -0.1}),
        AgentConfig(parameters={"temperature": "hot"}),
        AgentConfig(parameters={"temperature": True}),
        AgentConfig(parameters={"temperature": float("nan")}),
        AgentConfig(parameters={"max_tokens": 0}),
        AgentConfig(parameters={"max_tokens": "many"}),
    ],
)
def test_an_agent_that_cannot_work_is_told_and_not_registered(
    templates: Templates, agent: AgentConfig
) -> None:
    template = AgentTemplate(name="mine", agent=agent)
    assert len(templates.validate(template)) == 1
    with pytest.raises(InvalidValue):
        templates.register(template)
    with pytest.raises(TemplateNotFound):
        templates.get("mine")


@pytest.mark.parametrize("value", [0, 1, 2, 0.5])
def test_the_bounds_themselves_are_valid(templates: Templates, value: float) -> None:
    agent = AgentConfig(model="m", parameters={"temperature": value, "max_tokens": 1})
    assert templates.validate(AgentTemplate(name="mine", agent=agent)) == []


def test_register_unregister_and_names(templates: Templates) -> None:
    templates.register(AgentTemplate(name="mine"))
    assert templates.unregister("mine") is True
    assert templates.unregister("mine") is False
    with pytest.raises(InvalidId):
        templates.register(AgentTemplate(name="no name"))


def test_apply_merges_overrides_and_warns(templates: Templates) -> None:
    agent, warnings = templates.apply("coder", {"parameters": {"temperature": 9}, "tools": ["ls"]})
    assert (agent.template, agent.tools) == ("coder", ("ls",))
    assert agent.parameters == {"temperature": 9}
    assert warnings == ["temperature is 9; valid: 0 to 2."]
    assert templates.get("coder").agent.parameters == {"temperature": 0.2}
    with pytest.raises(InvalidValue):
        templates.apply("coder", {"nothing": 1})
    with pytest.raises(InvalidValue):
        templates.apply("coder", {"model": 5})
    with pytest.raises(TemplateNotFound):
        templates.apply("nobody")


def test_changing_an_applied_agent_changes_no_template(templates: Templates) -> None:
    agent, _ = templates.apply("coder")
    agent.parameters["temperature"] = 2
    assert templates.apply("coder")[0].parameters == {"temperature": 0.2}


def test_changing_a_template_handed_out_or_in_changes_none_that_is_kept(
    templates: Templates,
) -> None:
    given = AgentTemplate(name="mine", agent=AgentConfig(parameters={"temperature": 1}))
    templates.register(given)
    handed = [*templates.list(), *templates.find(category="general"), templates.get("mine"), given]
    for template in handed:
        template.agent.parameters["temperature"] = 2
    assert templates.get("mine").agent.parameters == {"temperature": 1}
    assert templates.get("assistant").agent.parameters == {"temperature": 0.7}


async def test_the_persons_own_templates_serve_all_workspaces(open_manager: Any) -> None:
    own = {"mine": {"description": "Mine", "agent": {"system_prompt": "Be mine."}}}
    settings = Settings(templates=own, default_template="mine")
    async with open_manager(settings=settings) as manager:
        for workspace in ("one", "two"):
            session = await manager.create_session(workspace=workspace)
            chat = await manager.create_chat(session.id)
            assert chat.agent.system_prompt == "Be mine."


@pytest.mark.parametrize(
    ("fields", "says"),
    [
        ({"agent": 5}, "`agent` is 5; valid: a table"),
        ({"category": 5}, "`category` is 5; valid: a text in quotes"),
        ({"tags": "x"}, "`tags` is 'x'; valid: a list, each a text in quotes"),
        ({"agent": {"provider": 3}}, "`agent.provider` is 3; valid: a text in quotes"),
        ({"agent": {"system_promt": "x"}}, "'agent.system_promt' means nothing"),
        ({"agnt": {}}, "did you mean agent or tags?"),
    ],
)
def test_an_own_template_that_is_wrong_is_named_and_why(fields: dict[str, Any], says: str) -> None:
    with pytest.raises(SettingsError) as caught:
        Templates(ProviderRegistry(), {"mine": fields})
    assert str(caught.value).startswith("templates.mine: ")
    assert says in str(caught.value)


def test_an_own_template_whose_agent_cannot_be_used_is_told_in_a_sentence() -> None:
    with pytest.raises(InvalidValue) as caught:
        Templates(ProviderRegistry(), {"mine": {"agent": {"parameters": {"temperature": 9}}}})
    assert str(caught.value) == "Template mine cannot be used: temperature is 9; valid: 0 to 2."


async def test_an_agent_stays_when_its_template_goes(manager: SessionManager) -> None:
    manager.templates.register(AgentTemplate(name="mine", agent=AgentConfig(system_prompt="x")))
    session = await manager.create_session()
    chat = await manager.create_chat(session.id, template="mine")
    manager.templates.unregister("mine")
    assert (await manager.get_session(session.id)).chats == (chat,)


async def test_a_default_provider_of_the_settings_that_is_none_is_told(open_manager: Any) -> None:
    settings = Settings(default_provider="nobody", default_model="m")
    async with open_manager(settings=settings) as manager:
        [problem] = manager.templates.problems()
        assert "nobody" in problem.reason
        session = await manager.create_session()
        assert (await manager.create_chat(session.id)).agent.provider == "offline"
    async with open_manager(settings=Settings(default_provider="scripted")) as manager:
        assert (await manager.create_chat(session.id)).agent.provider == "scripted"


def test_the_built_in_ones_say_what_to_do(templates: Templates) -> None:
    for template in templates.list():
        assert len(str(template.agent.system_prompt)) > 300
        assert template.description
