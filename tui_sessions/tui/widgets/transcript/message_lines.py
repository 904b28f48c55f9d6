"""A message as lines: header, parts, how it ended, and the space below."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence

import msgspec

from tui_sessions.model.message import (
    Message,
    Part,
    SummaryPart,
    TextPart,
    ThinkingPart,
    ToolCallPart,
    ToolResultPart,
)
from tui_sessions.model.visible import visible
from tui_sessions.tui.widgets.transcript.cut_off import NextKeys
from tui_sessions.tui.widgets.transcript.header import forked_line, header_line
from tui_sessions.tui.widgets.transcript.line import DIM, Line, blank_line
from tui_sessions.tui.widgets.transcript.parts import fold_keys, fold_line, part_lines
from tui_sessions.tui.widgets.transcript.plain_rows import Drawn, PlainRows, joined
from tui_sessions.tui.widgets.transcript.tool_lines import answered_lines, call_lines
from tui_sessions.tui.widgets.transcript.tool_pairs import is_answer
from tui_sessions.tui.widgets.transcript.tool_states import CallStates, result_state

WHOLE = "message"
"""The fold of a hidden message."""
_BELOW = "below-{}"
"""The folds of calls that stand below a message."""


class Setting(msgspec.Struct, frozen=True):
    """What all messages of a chat are drawn with."""

    width: int = 80
    agent_name: str = ""
    keys: NextKeys = msgspec.field(default_factory=NextKeys)


class AroundMessage(msgspec.Struct, frozen=True):
    """What a message's look depends on besides itself."""

    calls: Mapping[str, ToolCallPart] = msgspec.field(default_factory=dict)
    """The calls of the reply above, which results are shown with."""
    answered: Collection[str] = ()
    """The message's own calls that are shown below, with their results or after them."""
    unanswered: Sequence[ToolCallPart] = ()
    """The calls of the reply above that have no result, where this is its last result."""
    states: CallStates = msgspec.field(default_factory=dict)
    """How far the calls are that have no result yet."""
    results_follow: bool = False
    """Whether the next message is drawn right below, as a part of this one."""
    next_steps: str = ""
    """What can be done about it, where it is the last and was cut off."""
    forked_below: bool = False


ALONE = AroundMessage()
"""A message with nothing around it."""


def message_lines(
    message: Message, setting: Setting, opened: Collection[str], around: AroundMessage = ALONE
) -> Sequence[Line]:
    """All lines of a message; `opened` holds the folds that are unfolded."""
    lines: list[Drawn] = []
    if message.hidden:
        lines.append(_hidden_line(message, setting.width, WHOLE in opened))
    elif not is_answer(message, dict(around.calls)):
        lines.append(header_line(message, setting.agent_name, setting.width))
    if not message.hidden or WHOLE in opened:
        lines += body_lines(message, setting.width, opened, around)
    return joined([*lines, *closing_lines(message, setting, around)])


def body_lines(
    message: Message, width: int, opened: Collection[str], around: AroundMessage = ALONE
) -> Iterator[Drawn]:
    """The parts of a message, text set off by blank lines."""
    before: Part | None = None
    for place, part in enumerate(message.content):
        if isinstance(part, (TextPart, ThinkingPart)) and not part.text.strip():
            continue
        if isinstance(part, ToolCallPart) and part.id in around.answered:
            continue
        if before is not None and parted(before, part):
            yield blank_line()
        key = str(place)
        yield from _part_lines(message, part, key, width, key in opened, around)
        before = part
    if around.results_follow and isinstance(before, (TextPart, SummaryPart)):
        yield blank_line()
    for place, call in enumerate(around.unanswered):
        key = _BELOW.format(place)
        yield from call_lines(call, key, width, key in opened, around.states.get(call.id))


def _part_lines(
    message: Message, part: Part, key: str, width: int, opened: bool, around: AroundMessage
) -> Iterator[Drawn]:
    if isinstance(part, ToolCallPart):
        return call_lines(part, key, width, opened, around.states.get(part.id))
    if isinstance(part, ToolResultPart) and part.call_id in around.calls:
        call, state = around.calls[part.call_id], result_state(message, part)
        return answered_lines(call, part, state, key, width, opened)
    return part_lines(part, key, message.role, width, opened)


def parted(before: Part, part: Part) -> bool:
    """Whether a blank line stands between two parts: folds stand close together."""
    prose = (TextPart, SummaryPart)
    return isinstance(before, prose) or isinstance(part, prose)


def closing_lines(
    message: Message, setting: Setting, around: AroundMessage = ALONE, *, running: bool = False
) -> list[Line]:
    """What ends a message: why it failed, what can be done, the space below, a fork's rule."""
    lines: list[Line] = []
    if message.error and not running:
        lines += PlainRows(f"✗ {visible(message.error)}", setting.width, "$text-error")
    if around.next_steps:
        lines += PlainRows(around.next_steps, setting.width, f"{DIM} italic")
    if not around.results_follow:
        lines.append(Line(blank_line().content, marked=False))
    if around.forked_below:
        lines += [forked_line(setting.width), Line(blank_line().content, marked=False)]
    return lines


def all_folds(message: Message, around: AroundMessage = ALONE) -> list[str]:
    """The folds of a message, without those of calls that are shown elsewhere."""
    shown = fold_keys(message.content)
    shown = [key for key in shown if not _is_elsewhere(message.content[int(key)], around)]
    below = [_BELOW.format(place) for place in range(len(around.unanswered))]
    return [*([WHOLE] if message.hidden else []), *shown, *below]


def _is_elsewhere(part: Part, around: AroundMessage) -> bool:
    return isinstance(part, ToolCallPart) and part.id in around.answered


def _hidden_line(message: Message, width: int, opened: bool) -> Line:
    texts = [part.text for part in message.content if isinstance(part, (TextPart, ToolResultPart))]
    count = sum(text.strip("\n").count("\n") + 1 for text in texts)
    title = f"context · {count:,} line{'' if count == 1 else 's'}"
    return fold_line(title, WHOLE, width, opened, f"{DIM} italic")
