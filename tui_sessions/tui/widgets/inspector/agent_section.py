"""What there is to say of the active chat: who answers, and what that has used."""

from __future__ import annotations

from textual.content import Content

from tui_sessions.model.session import Chat
from tui_sessions.model.statistics import ChatStats, SessionStats
from tui_sessions.tui.drawing import draw, draw_line
from tui_sessions.tui.widgets.inspector.field import metadata_text
from tui_sessions.tui.widgets.inspector.row import Edit, Row, Section

_PROMPT_LINES = 4
_EDITED_PARAMETERS = ("temperature", "max_tokens")


def agent_section(chat: Chat, editable: bool) -> Section:
    """Who answers in the chat, and how."""
    agent = chat.agent
    rows = [_said("provider", agent.provider)]
    if agent.template:
        rows.append(_said("template", agent.template))
    rows.append(_edited("model", "model", agent.model, "default", editable))
    prompt = agent.system_prompt or ""
    rows.append(
        Row(
            "system_prompt",
            "prompt",
            _first_lines(prompt) if prompt else Content.styled("none", "$foreground 66%"),
            prompt,
            Edit("system_prompt", None, prompt) if editable else None,
        )
    )
    rows += [
        _edited(name, name, agent.parameters.get(name), "default", editable)
        for name in _EDITED_PARAMETERS
    ]
    rows += [
        _said(f"parameter.{name}", metadata_text(value), name)
        for name, value in agent.parameters.items()
        if name not in _EDITED_PARAMETERS
    ]
    if agent.tools:
        rows.append(_said("tools", ", ".join(agent.tools)))
    rows.append(_edited("max_messages", "sends last", chat.max_messages, "all", editable))
    return Section(f"Agent · {chat.name}", tuple(rows))


def use_section(
    chat: Chat, stats: ChatStats | None, session: SessionStats | None, chats: int
) -> Section:
    """What the chat has used, and with several chats, what the session has."""
    rows = [_said("messages", str(stats.messages if stats else chat.message_count))]
    if chat.inherited:
        rows.append(_said("inherited", f"{chat.inherited} from its parent"))
    if stats is not None:
        usage = stats.usage
        cached = usage.cache_read_tokens + usage.cache_write_tokens
        rows += [
            _said("turns", str(stats.turns)),
            _said("in", f"{usage.input_tokens:,} tokens"),
            _said("out", f"{usage.output_tokens:,} tokens"),
            _said("cached", f"{cached:,} tokens"),
            _known("cost", _money(usage.cost_usd)),
            _known("average_reply", _seconds(stats.average_response_s), "avg. reply"),
        ]
    if session is not None and chats > 1:
        tokens = f"{session.usage.total_tokens:,} tokens"
        rows.append(_said("session", f"{chats} chats, {session.messages} messages, {tokens}"))
        rows.append(_known("session_cost", _money(session.usage.cost_usd), "cost of all"))
    return Section("Use", tuple(rows))


def _said(row_id: str, text: str, name: str | None = None) -> Row:
    return Row(row_id, row_id if name is None else name, draw(text), text)


def _known(row_id: str, text: str | None, name: str | None = None) -> Row:
    """A row for what may be unknown, which is not the same as nothing."""
    value = Content.styled("unknown", "$foreground 66%") if text is None else draw_line(text)
    return Row(row_id, row_id if name is None else name, value, text or "unknown")


def _edited(field: str, name: str, value: object | None, without: str, editable: bool) -> Row:
    text = "" if value is None else metadata_text(value)
    shown = draw_line(text) if text else Content.styled(without, "$foreground 66%")
    return Row(field, name, shown, text, Edit(field, None, text) if editable else None)


def _first_lines(text: str) -> Content:
    lines = text.strip().splitlines()
    more = len(lines) - _PROMPT_LINES
    first = draw("\n".join(line[:400] for line in lines[:_PROMPT_LINES]))
    if more <= 0:
        return first
    noun = "line" if more == 1 else "lines"
    return Content.assemble(first, (f"\n… {more} more {noun}", "$foreground 66%"))


def _money(cost: float | None) -> str | None:
    if cost is None:
        return None
    return f"${cost:.4f}" if 0 < cost < 1 else f"${cost:,.2f}"


def _seconds(seconds: float | None) -> str | None:
    return None if seconds is None else f"{seconds:.1f} s"
