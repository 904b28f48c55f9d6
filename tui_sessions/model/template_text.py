"""Agent templates as the text of a TOML file, one template a file."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import msgspec

from tui_sessions.errors import InvalidValue, SettingsError
from tui_sessions.model.agent import AgentConfig, AgentTemplate
from tui_sessions.model.codec import json_object

_FILE_FIELDS = ("description", "category", "tags")
_AGENT_FIELDS = ("provider", "model", "system_prompt", "tools", "parameters")
_OWN_NAMES = ("name", "template")
"""Fields that the file's own name stands for."""


class WrittenTemplate(msgspec.Struct, frozen=True, kw_only=True):
    """A template as somebody wrote it down."""

    template: AgentTemplate
    names_provider: bool
    """It says who answers, be it the one that would answer anyway."""


def template_from_text(name: str, text: str) -> WrittenTemplate:
    """The template that a file's text describes; keys that mean nothing here are passed over.

    ```toml
    description = "Answers like a pirate"

    [agent]
    system_prompt = "Talk like a pirate."
    parameters = {temperature = 0.9}
    ```

    Raises:
        SettingsError: it is no TOML, or a field is not of its kind.
    """
    return template_from_fields(name, _fields(name, text))


def template_from_fields(name: str, fields: Mapping[str, Any], where: str = "") -> WrittenTemplate:
    """The template of values that were read already.

    Args:
        name: the template's.
        fields: what was read.
        where: what errors name; by default the template.

    Raises:
        SettingsError: a field is not of its kind.
    """
    where = where or f"template {name}"
    try:
        own = json_object("a template", fields)
        template = msgspec.convert({**own, "name": name}, AgentTemplate)
    except InvalidValue as error:
        raise SettingsError(where, f"it may only hold {error.valid}") from error
    except msgspec.ValidationError as error:
        from tui_sessions.toml_problems import wrong_value

        said = wrong_value("", own, AgentTemplate, str(error))
        raise SettingsError(where, said) from error
    agent = own.get("agent", {})
    return WrittenTemplate(template=template, names_provider="provider" in agent)


def text_of_template(
    template: AgentTemplate, before: str = "", *, names_provider: bool = False
) -> str:
    """A template as a file's text.

    Args:
        template: what is written.
        before: the file's text until now; comments, order, and keys in it that are none of a
            template's stay.
        names_provider: say who answers, even where it is the one that would answer anyway.

    Raises:
        SettingsError: a value has no word in TOML, or the text until now is no TOML.
    """
    from tui_sessions.toml_changes import changed_toml

    old = _fields(template.name, before)
    old_agent = old.get("agent", {})
    fields = _changed(old, template, AgentTemplate(name=""), _FILE_FIELDS)
    kept_agent = old_agent if isinstance(old_agent, dict) else {}
    agent = _changed(kept_agent, template.agent, AgentConfig(), _AGENT_FIELDS)
    if names_provider:
        agent = {"provider": template.agent.provider} | agent
    try:
        return changed_toml(before, fields | {"agent": agent})
    except (TypeError, ValueError) as error:
        raise SettingsError(
            f"template {template.name}", f"it cannot be written: {error}"
        ) from error


def _fields(name: str, text: str) -> dict[str, Any]:
    import tomllib

    try:
        return tomllib.loads(text)
    except (tomllib.TOMLDecodeError, RecursionError) as error:
        reason = "too deeply nested" if isinstance(error, RecursionError) else str(error)
        raise SettingsError(f"template {name}", f"it is not TOML: {reason}") from error


def _changed(
    old: Mapping[str, Any], value: Any, plain: Any, names: tuple[str, ...]
) -> dict[str, Any]:
    """What a file held, with the fields of a value that say something in place of its own."""
    new = {name: msgspec.to_builtins(getattr(value, name)) for name in names}
    kept = {
        key: one
        for key, one in old.items()
        if key not in _OWN_NAMES and (key not in new or new[key] == one)
    }
    said = {name: new[name] for name in names if getattr(value, name) != getattr(plain, name)}
    return kept | said
