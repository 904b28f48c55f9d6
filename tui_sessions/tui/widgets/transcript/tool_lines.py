"""A tool call and what came of it, as one folded line that unfolds to both."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from textual.content import Content

from tui_sessions.model.message import ToolCallPart, ToolResultPart
from tui_sessions.model.visible import visible, visible_line
from tui_sessions.tui.widgets.tool_names import draw_tool_name
from tui_sessions.tui.widgets.transcript.code import code_lines
from tui_sessions.tui.widgets.transcript.line import DIM, Line
from tui_sessions.tui.widgets.transcript.plain_rows import Drawn
from tui_sessions.tui.widgets.transcript.plain_text import SHOWN_LIMIT, counted, shown_lines
from tui_sessions.tui.widgets.transcript.tool_states import CallState

_LEAST = 8
"""Cells that a name keeps, and below which arguments are left out."""
_NAME_WIDEST = 40
_TOLD, _LONGEST = 6, 200
"""Of so many arguments one line tells, and of so many characters of each."""
_RUNNING = "$text-success"
_STATES = {
    CallState.QUEUED: ("·", DIM, "waits its turn"),
    CallState.ASKED: ("?", "bold $text-warning", "waits for you"),
    CallState.RUNNING: ("●", _RUNNING, "running"),
    CallState.DONE: ("✓", "$text-success", ""),
    CallState.FAILED: ("✗", "$text-error", "failed"),
    CallState.REFUSED: ("⊘", "$text-warning", "refused"),
    CallState.LOST: ("◌", DIM, "no result"),
}
"""How a state is marked: a shape of its own, its style, and its word."""


def call_lines(
    call: ToolCallPart, key: str, width: int, opened: bool, state: CallState | None
) -> Iterator[Drawn]:
    """A call that has no result yet, or whose result stands elsewhere (`state` is None)."""
    mark, style, word = _STATES[state] if state is not None else ("", DIM, "")
    yield _fold_line(call, key, width, opened, (mark, style), Content.styled(word, style))
    if opened:
        yield from _argument_lines(call.arguments, width)


def answered_lines(
    call: ToolCallPart, result: ToolResultPart, state: CallState, key: str, width: int, opened: bool
) -> Iterator[Drawn]:
    """A call and its result together."""
    mark, style, word = _STATES[state]
    tail = Content.assemble(
        (word, style), (" · " if word and result.text else "", DIM), (_size(result.text), DIM)
    )
    yield _fold_line(call, key, width, opened, (mark, style), tail)
    if opened:
        yield from _argument_lines(call.arguments, width)
        yield from _result_text(result, width)


def result_lines(part: ToolResultPart, key: str, width: int, opened: bool) -> Iterator[Drawn]:
    """A result whose call stands elsewhere, or is not known."""
    text = part.text.strip("\n")
    first = visible_line(text[:400].split("\n", 1)[0])
    count = _size(text) or counted(0, "line")
    room = max(width - len(count) - 8, 4)
    shown = Content(first).truncate(room, ellipsis=True).plain
    title = f"{'✗ ' if part.is_error else ''}{shown} · {count}" if shown else count
    style = "$text-error" if part.is_error else DIM
    text_line = Content.styled(f"{'▾' if opened else '▸'} {title}", style)
    yield Line(text_line.truncate(width, ellipsis=True), fold=key)
    if opened and text:
        yield from shown_lines(part.text, width, DIM)


def digest(arguments: Any) -> str:
    """The arguments of a call in one line."""
    if isinstance(arguments, dict):
        items = list(arguments.items())[:_TOLD]
        return "  ".join(f"{visible_line(str(name))}={_brief(value)}" for name, value in items)
    return "" if arguments is None else _brief(arguments)


def left_out(arguments: Any) -> Iterator[str]:
    """The texts among the arguments of a call that `digest` leaves out or cuts off."""
    values = arguments.values() if isinstance(arguments, dict) else [arguments]
    waiting = [value for place, value in enumerate(values) if place >= _TOLD or _is_cut(value)]
    if isinstance(arguments, dict):
        waiting += list(arguments)[_TOLD:]
    while waiting:
        value = waiting.pop()
        if isinstance(value, dict):
            waiting += [*value, *value.values()]
        elif isinstance(value, (list, tuple)):
            waiting += value
        else:
            yield str(value)


def _fold_line(
    call: ToolCallPart,
    key: str,
    width: int,
    opened: bool,
    mark: tuple[str, str],
    tail: Content,
) -> Line:
    """The one line; what gives way first is the arguments, so that the state stays in sight."""
    head = Content.assemble(("▾ " if opened else "▸ ", DIM), mark, " " if mark[0] else "")
    end = Content.assemble("  ", tail) if tail else Content("")
    widest = min(max(width - head.cell_length - end.cell_length, _LEAST), _NAME_WIDEST)
    name = draw_tool_name(call.name, "$foreground", DIM, wire=True)
    head = Content.assemble(head, name.truncate(widest, ellipsis=True))
    room = width - head.cell_length - end.cell_length - 2
    between = Content.styled(digest(call.arguments), DIM)
    if between and room >= _LEAST:
        head = Content.assemble(head, "  ", between.truncate(room, ellipsis=True))
    return Line(Content.assemble(head, end).truncate(width, ellipsis=True), fold=key)


def _argument_lines(arguments: Any, width: int) -> Iterator[Drawn]:
    if not arguments:
        return
    import json  # here, as the app's start does without it

    try:
        text = json.dumps(arguments, indent=2, ensure_ascii=False, default=repr)
    except (TypeError, ValueError, RecursionError):
        text = "(arguments that cannot be shown)"
    yield from code_lines(visible(text[:SHOWN_LIMIT]), "json", width, titled=False)


def _result_text(result: ToolResultPart, width: int) -> Iterator[Drawn]:
    if result.text.strip("\n"):
        yield from shown_lines(result.text, width, "$text-error" if result.is_error else DIM)
    else:
        yield Line(Content.styled("(nothing)"[:width], DIM), source="")


def _size(text: str) -> str:
    text = text.strip("\n")
    return counted(text.count("\n") + 1, "line") if text else ""


def _is_cut(value: Any) -> bool:
    return isinstance(value, (list, tuple, dict)) or len(str(value)) > _LONGEST


def _brief(value: Any) -> str:
    if isinstance(value, str):
        return visible_line(value[:_LONGEST])
    if isinstance(value, (list, tuple, dict)):
        return f"[{len(value)}]" if not isinstance(value, dict) else f"{{{len(value)}}}"
    return visible_line(str(value)[:_LONGEST])
