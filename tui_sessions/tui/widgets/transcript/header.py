"""The line above a message: who speaks, how it ended, and when."""

from __future__ import annotations

from datetime import datetime

from textual.content import Content

from tui_sessions.model.clock import as_local, now
from tui_sessions.model.message import Message, SummaryPart
from tui_sessions.model.visible import visible_line
from tui_sessions.tui.widgets.transcript.cut_off import AT_LIMIT, hit_limit
from tui_sessions.tui.widgets.transcript.line import DIM, FAINT, Line

_ROLES = {
    "user": ("❯", "You", "bold $text-primary"),
    "assistant": ("◆", "Agent", "bold $text-accent"),
    "system": ("■", "System", "bold $text-secondary"),
    "tool": ("◇", "Tool", f"bold {DIM}"),
}
_SUMMARY = ("≡", "Summary of what was said before")
_STATUSES = {
    "stopped": ("◼ stopped", "$text-warning"),
    "failed": ("✗ failed", "bold $text-error"),
    "partial": ("… cut off", "$text-warning"),
}


def header_line(message: Message, agent_name: str, width: int, *, running: str = "") -> Line:
    """The header of a message; `running` says how one is on its way that still is."""
    mark, name, style = _ROLES.get(message.role, ("?", visible_line(message.role)[:40], "bold"))
    if is_summary(message):
        mark, name = _SUMMARY
    model = visible_line(message.model or "")
    if message.role == "assistant":
        name = visible_line(agent_name) or model or name
    left = Content.assemble((f"{mark} ", style), (name, style))
    if running and message.status == "partial":
        left = Content.assemble(left, (f"  {running}", "$text-success"))
    elif message.status in _STATUSES:
        left = Content.assemble(left, "  ", _STATUSES[message.status])
    elif hit_limit(message):
        left = Content.assemble(left, "  ", (f"… {AT_LIMIT}", "$text-warning"))
    time = Content.styled(clock_text(message.created_at), DIM)
    if message.role == "assistant" and model and model != name:
        longer = Content.assemble(left, (f"  {model}", DIM))
        left = longer if longer.cell_length + time.cell_length + 2 <= width else left
    return Line(_spread(left, time, width), source=name)


def is_summary(message: Message) -> bool:
    """Whether a message stands for all that was said before it."""
    return message.role == "system" and any(isinstance(p, SummaryPart) for p in message.content)


def clock_text(moment: datetime | None, today: datetime | None = None) -> str:
    """The local time, with the day where it is not today."""
    if moment is None:
        return ""
    local = as_local(moment)
    present = today or as_local(now())
    if local.date() == present.date():
        return local.strftime("%H:%M")
    return local.strftime("%b %d %H:%M" if local.year == present.year else "%Y-%m-%d")


def forked_line(width: int) -> Line:
    """The rule between what was inherited and what came since."""
    text = " forked here · to the parent ↑ "
    text = text if len(text) + 4 <= width else " forked here "
    side = max((width - len(text)) // 2, 0)
    rule = Content.assemble(
        ("─" * side, FAINT),
        (text, "$text-secondary"),
        ("─" * max(width - side - len(text), 0), FAINT),
    )
    return Line(rule, source="", marked=False, leads_to_parent=True)


def _spread(left: Content, right: Content, width: int) -> Content:
    """One text at each edge; the right one goes first where both do not fit."""
    if left.cell_length + right.cell_length + 1 > width or not right:
        return left.truncate(width, ellipsis=True)
    gap = width - left.cell_length - right.cell_length
    return Content.assemble(left, " " * gap, right)
