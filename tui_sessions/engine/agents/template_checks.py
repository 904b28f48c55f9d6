"""Whether a template can be used, given as a value or as the text of its file."""

from __future__ import annotations

import msgspec

from tui_sessions.errors import InvalidValue, SettingsError
from tui_sessions.model.agent import AgentTemplate, agent_problems
from tui_sessions.model.identifiers import check_id
from tui_sessions.model.template_text import template_from_text


def template_problems(template: AgentTemplate, providers: tuple[str, ...]) -> list[str]:
    """What is wrong with a template, a sentence each.

    Args:
        template: what was given as one.
        providers: the names of all that may answer.
    """
    problem = _wrong_kind(template)
    return [problem] if problem else agent_problems(template.agent, providers)


def text_problems(name: str, text: str, providers: tuple[str, ...]) -> list[str]:
    """What is wrong with the text of a template's file, a sentence each."""
    try:
        template = template_from_text(name, text).template
    except SettingsError as error:
        return [f"{error.reason[:1].upper()}{error.reason[1:].rstrip('.')}."]
    return template_problems(template, providers)


def check_template(template: AgentTemplate, providers: tuple[str, ...]) -> None:
    """Refuse a template that no agent can be made from.

    Raises:
        InvalidId: its name is not a valid one.
        InvalidValue: it is none, or its agent cannot be used.
    """
    if not isinstance(template, AgentTemplate):
        raise InvalidValue("template", template, "an AgentTemplate")
    check_id(template.name, "template name")
    if problems := template_problems(template, providers):
        said = " ".join(problems)
        sentence = f"Template {template.name} cannot be used: {said}"
        raise InvalidValue(f"template {template.name}", "as given", said, sentence=sentence)


def _wrong_kind(template: object) -> str:
    """Why a value is no template that a file could hold; empty where it is one."""
    if not isinstance(template, AgentTemplate):
        return "It is no AgentTemplate."
    try:
        msgspec.convert(msgspec.to_builtins(template), AgentTemplate)
    except (msgspec.ValidationError, TypeError, ValueError, RecursionError) as error:
        return f"A field is not of its kind: {error}."
    return ""
