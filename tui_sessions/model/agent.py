"""Agents: the configuration behind a chat, and the templates they are made from."""

from __future__ import annotations

from typing import Any

import msgspec

from tui_sessions.errors import shown
from tui_sessions.model.nesting import nests_deeper

MOST_LEVELS = 50
"""So deep parameters may be nested; a session's file takes twice as much in all."""


class AgentConfig(msgspec.Struct, frozen=True, gc=False, kw_only=True):
    """Who answers in a chat, and how.

    ```python
    AgentConfig(provider="offline", system_prompt="Be brief.", parameters={"temperature": 0.2})
    ```
    """

    provider: str = "offline"
    model: str | None = None
    """None: the provider's default."""
    system_prompt: str | None = None
    template: str | None = None
    """The name of the template it was made from."""
    parameters: dict[str, Any] = {}
    """Such as `temperature` (0 to 2) and `max_tokens` (above 0)."""
    tools: tuple[str, ...] = ()


class AgentTemplate(msgspec.Struct, frozen=True, kw_only=True):
    """A named starting point for agents."""

    name: str
    description: str = ""
    category: str = "general"
    tags: tuple[str, ...] = ()
    agent: AgentConfig = AgentConfig()


def agent_problems(agent: AgentConfig, providers: tuple[str, ...]) -> list[str]:
    """What is wrong with a configuration, a sentence each; none when it can be used."""
    problems = []
    if agent.provider not in providers:
        problems.append(f"No provider {agent.provider!r}; valid: {', '.join(providers)}.")
    if agent.model is not None and not agent.model.strip():
        problems.append("The model is empty; name one, or leave it out for the default.")
    if nests_deeper(agent.parameters, MOST_LEVELS):
        problems.append(f"The parameters are nested deeper than {MOST_LEVELS} levels.")
    temperature = agent.parameters.get("temperature")
    if temperature is not None and not (_is_number(temperature) and 0 <= temperature <= 2):
        problems.append(f"temperature is {shown(temperature)}; valid: 0 to 2.")
    max_tokens = agent.parameters.get("max_tokens")
    if max_tokens is not None and not (_is_whole(max_tokens) and max_tokens > 0):
        problems.append(f"max_tokens is {shown(max_tokens)}; valid: a whole number above 0.")
    return problems


def _is_number(value: object) -> bool:
    return isinstance(value, (int, float)) and not isinstance(value, bool)


def _is_whole(value: object) -> bool:
    return _is_number(value) and (not isinstance(value, float) or value.is_integer())
