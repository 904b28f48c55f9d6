"""Agents of which some fields differ."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import msgspec

from tui_sessions.errors import InvalidValue
from tui_sessions.model.agent import AgentConfig
from tui_sessions.model.codec import json_object


def with_overrides(agent: AgentConfig, overrides: Mapping[str, Any]) -> AgentConfig:
    """The agent with some fields replaced; parameters are merged key by key.

    Raises:
        InvalidValue: an override names no field, or has a value of another kind.
    """
    if not isinstance(overrides, Mapping):
        raise InvalidValue("overrides", overrides, "an object with fields of an agent")
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
