"""A message as lines: header, parts, error, and the space below."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import dataclass

from tui_sessions.model.message import (
    Message,
    Part,
    SummaryPart,
    TextPart,
    ThinkingPart,
    ToolResultPart,
)
from tui_sessions.model.visible import visible
from tui_sessions.tui.widgets.transcript.header import forked_line, header_line
from tui_sessions.tui.widgets.transcript.line import DIM, Line, blank_line
from tui_sessions.tui.widgets.transcript.parts import fold_keys, fold_line, part_lines
from tui_sessions.tui.widgets.transcript.wrapping import plain_lines

WHOLE = "message"
"""The fold of a hidden message."""


@dataclass(frozen=True, slots=True)
class Setting:
    """What all messages of a chat are drawn with."""

    width: int = 80
    agent_name: str = ""


def message_lines(
    message: Message, setting: Setting, opened: Collection[str], *, forked_below: bool = False
) -> list[Line]:
    """All lines of a message; `opened` holds the folds that are unfolded."""
    lines: list[Line] = []
    if message.hidden:
        lines.append(_hidden_line(message, setting.width, WHOLE in opened))
    if not message.hidden or WHOLE in opened:
        if not message.hidden:
            lines.append(header_line(message, setting.agent_name, setting.width))
        lines += body_lines(message, setting.width, opened)
    return lines + closing_lines(message, setting, forked_below=forked_below)


def body_lines(message: Message, width: int, opened: Collection[str]) -> Iterator[Line]:
    """The parts of a message, text set off by blank lines."""
    before: Part | None = None
    for place, part in enumerate(message.content):
        if isinstance(part, (TextPart, ThinkingPart)) and not part.text.strip():
            continue
        if before is not None and parted(before, part):
            yield blank_line()
        key = str(place)
        yield from part_lines(part, key, message.role, width, key in opened)
        before = part


def parted(before: Part, part: Part) -> bool:
    """Whether a blank line stands between two parts: folds stand close together."""
    prose = (TextPart, SummaryPart)
    return isinstance(before, prose) or isinstance(part, prose)


def closing_lines(message: Message, setting: Setting, *, forked_below: bool = False) -> list[Line]:
    """What ends a message: why it failed, the space below, and the rule of a fork."""
    lines: list[Line] = []
    if message.error:
        lines += plain_lines(f"✗ {visible(message.error)}", setting.width, "$text-error")
    lines.append(Line(blank_line().content, marked=False))
    if forked_below:
        lines += [forked_line(setting.width), Line(blank_line().content, marked=False)]
    return lines


def all_folds(message: Message) -> list[str]:
    """The folds of a message."""
    return ([WHOLE] if message.hidden else []) + fold_keys(message.content)


def _hidden_line(message: Message, width: int, opened: bool) -> Line:
    texts = [part.text for part in message.content if isinstance(part, (TextPart, ToolResultPart))]
    count = sum(text.strip("\n").count("\n") + 1 for text in texts)
    title = f"context · {count:,} line{'' if count == 1 else 's'}"
    return fold_line(title, WHOLE, width, opened, f"{DIM} italic")
