"""What there is to say of the active chat's agent: who answers, and how."""

from __future__ import annotations

from textual.content import Content

from tui_sessions.model.agent import AgentConfig
from tui_sessions.model.session import Chat
from tui_sessions.tui.drawing import draw, draw_line
from tui_sessions.tui.widgets.inspector.field import metadata_text
from tui_sessions.tui.widgets.inspector.row import Act, Edit, Row, Section

_PROMPT_LINES = 4
_EDITED_PARAMETERS = ("temperature", "max_tokens")
_MUTED = "$foreground 66%"


def agent_section(chat: Chat, editable: bool) -> Section:
    """Who answers in the chat, and how."""
    agent = chat.agent
    template = agent.template or ""
    rows = [
        _edited("provider", "provider", agent.provider, "none", editable),
        Row("template", "template", _or(template, "none"), template, Act("templates")),
        _edited("model", "model", agent.model, "default", editable),
        _prompt(agent.system_prompt or "", editable),
        *_parameters(agent, editable),
        _tools(agent, editable),
        _edited("max_messages", "sends last", chat.max_messages, "all", editable),
        _way("save_template", "save as a template…"),
    ]
    return Section(f"Agent · {chat.name}", tuple(rows))


def _tools(agent: AgentConfig, editable: bool) -> Row:
    names = ", ".join(agent.tools)
    action = Act("choose_tools") if editable else None
    return Row("tools", "tools", _or(names, "none"), names, action)


def _prompt(prompt: str, editable: bool) -> Row:
    value = _first_lines(prompt) if prompt else Content.styled("none", _MUTED)
    action = Edit("system_prompt", None, prompt) if editable else None
    return Row("system_prompt", "prompt", value, prompt, action)


def _parameters(agent: AgentConfig, editable: bool) -> list[Row]:
    parameters = agent.parameters
    rows = [
        _edited(name, name, parameters.get(name), "default", editable)
        for name in _EDITED_PARAMETERS
    ]
    for name, value in parameters.items():
        if name not in _EDITED_PARAMETERS:
            text = metadata_text(value)
            action = Edit("parameter", name, text) if editable else None
            rows.append(Row(f"parameter.{name}", name, draw(text), text, action))
    if editable:
        add = Content.styled("+ add parameter", _MUTED)
        rows.append(Row("new_parameter", "", add, "", Edit("new_parameter")))
    return rows


def _edited(field: str, name: str, value: object | None, without: str, editable: bool) -> Row:
    text = value if isinstance(value, str) else "" if value is None else metadata_text(value)
    action = Edit(field, None, text) if editable else None
    return Row(field, name, _or(text, without), text, action)


def _way(action: str, text: str) -> Row:
    return Row(action, "", Content.styled(text, _MUTED), "", Act(action))


def _or(text: str, without: str) -> Content:
    return draw_line(text) if text else Content.styled(without, _MUTED)


def _first_lines(text: str) -> Content:
    lines = text.strip().splitlines()
    more = len(lines) - _PROMPT_LINES
    first = draw("\n".join(line[:400] for line in lines[:_PROMPT_LINES]))
    if more <= 0:
        return first
    noun = "line" if more == 1 else "lines"
    return Content.assemble(first, (f"\n… {more} more {noun}", _MUTED))
