"""Agent templates: the built-in ones, the person's own, and agents made from them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import msgspec

from tui_sessions.errors import InvalidValue, SettingsError, TemplateNotFound
from tui_sessions.model.agent import AgentConfig, AgentTemplate, agent_problems
from tui_sessions.model.codec import json_object, own_agent
from tui_sessions.model.identifiers import check_id
from tui_sessions.providers.base import Providers

_BUILT_IN = (
    ("assistant", "general", "Answers questions", "You are a helpful, honest assistant.", 0.7),
    (
        "coder",
        "code",
        "Writes and explains code",
        "You are a careful programmer. Answer with working code and say what it assumes.",
        0.2,
    ),
    (
        "reviewer",
        "code",
        "Reads code and finds what is wrong",
        "You review code. Name each problem with its place, why it matters, and a mend.",
        0.2,
    ),
    (
        "writer",
        "text",
        "Writes and edits prose",
        "You are an editor. Write plainly, keep the author's voice, and say what you changed.",
        0.9,
    ),
    (
        "researcher",
        "text",
        "Weighs evidence",
        "You research questions. Tell what is known, how well, and what speaks against it.",
        0.4,
    ),
    (
        "summariser",
        "text",
        "Makes long things short",
        "You summarise. Keep names, numbers and decisions; leave out the rest.",
        0.3,
    ),
)


class Templates:
    """The templates that new chats can be made from, shared by all workspaces.

    ```python
    agent, warnings = manager.templates.apply("coder", {"parameters": {"temperature": 0}})
    ```
    """

    def __init__(self, providers: Providers, own: Mapping[str, Mapping[str, Any]]) -> None:
        self._providers = providers
        self._templates: dict[str, AgentTemplate] = {}
        for name, category, description, prompt, temperature in _BUILT_IN:
            agent = AgentConfig(system_prompt=prompt, parameters={"temperature": temperature})
            self.register(
                AgentTemplate(name=name, category=category, description=description, agent=agent)
            )
        for name, fields in own.items():
            self.register(_own_template(name, fields))

    def list(self) -> Sequence[AgentTemplate]:
        """All templates, in the order they were registered."""
        return [_own(template) for template in self._templates.values()]

    def get(self, name: str) -> AgentTemplate:
        """The template of that name.

        Raises:
            TemplateNotFound: there is none.
        """
        if name not in self._templates:
            raise TemplateNotFound(name, tuple(self._templates))
        return _own(self._templates[name])

    def find(
        self,
        *,
        category: str | None = None,
        tag: str | None = None,
        provider: str | None = None,
    ) -> Sequence[AgentTemplate]:
        """The templates that fit everything asked for."""
        return [
            _own(template)
            for template in self._templates.values()
            if (category is None or template.category == category)
            and (tag is None or tag in template.tags)
            and (provider is None or template.agent.provider == provider)
        ]

    def validate(self, template: AgentTemplate) -> Sequence[str]:
        """What is wrong with a template, a sentence each."""
        return agent_problems(template.agent, self._providers.names())

    def register(self, template: AgentTemplate) -> None:
        """Offer a template; one of the same name is replaced.

        Raises:
            InvalidId: its name is not a valid one.
            InvalidValue: its agent cannot be used.
        """
        check_id(template.name, "template name")
        if problems := self.validate(template):
            raise InvalidValue(f"template {template.name}", "as given", " ".join(problems))
        self._templates[template.name] = _own(template)

    def unregister(self, name: str) -> bool:
        """Take a template away.

        Returns:
            Whether there was one; agents made from it stay as they are.
        """
        return self._templates.pop(name, None) is not None

    def apply(
        self, name: str, overrides: Mapping[str, Any] | None = None
    ) -> tuple[AgentConfig, Sequence[str]]:
        """An agent made from a template.

        Args:
            name: the template's.
            overrides: fields of `AgentConfig` that differ; parameters are merged key by key.

        Returns:
            The agent, and what may be wrong with it.

        Raises:
            TemplateNotFound: there is none of that name.
            InvalidValue: an override names no field.
        """
        agent = msgspec.structs.replace(self.get(name).agent, template=name)
        agent = with_overrides(agent, overrides or {})
        return agent, agent_problems(agent, self._providers.names())


def with_overrides(agent: AgentConfig, overrides: Mapping[str, Any]) -> AgentConfig:
    """The agent with some fields replaced; parameters are merged key by key.

    Raises:
        InvalidValue: an override names no field, or has a value of another kind.
    """
    fields = dict(overrides)
    for field in fields:
        if field not in AgentConfig.__struct_fields__:
            raise InvalidValue("agent field", field, AgentConfig.__struct_fields__)
    if "parameters" in fields:
        fields["parameters"] = agent.parameters | json_object("parameters", fields["parameters"])
    own = json_object("agent", msgspec.structs.asdict(agent) | fields)
    try:
        return msgspec.convert(own, AgentConfig)
    except msgspec.ValidationError as error:
        raise InvalidValue(
            "agent", overrides, f"fields of an agent of their kinds: {error}"
        ) from error


def set_fields(agent: AgentConfig) -> dict[str, Any]:
    """The fields in which an agent differs from one made without any."""
    plain = AgentConfig()
    return {
        field: getattr(agent, field)
        for field in AgentConfig.__struct_fields__
        if getattr(agent, field) != getattr(plain, field)
    }


def _own(template: AgentTemplate) -> AgentTemplate:
    """The same template, sharing nothing that a caller could change."""
    return msgspec.structs.replace(template, agent=own_agent(template.agent))


def _own_template(name: str, fields: Mapping[str, Any]) -> AgentTemplate:
    try:
        return msgspec.convert({"name": name, **fields}, AgentTemplate)
    except msgspec.ValidationError as error:
        raise SettingsError(f"templates.{name}", str(error)) from error
