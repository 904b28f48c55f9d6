"""A reply that is on its way: only its unfinished block is drawn again."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import TYPE_CHECKING

import msgspec
from textual.content import Content

from tui_sessions.model.message import Message, Part, TextPart, ThinkingPart
from tui_sessions.model.visible import visible
from tui_sessions.tui.widgets.transcript.growing_paragraph import GrowingParagraph
from tui_sessions.tui.widgets.transcript.header import header_line
from tui_sessions.tui.widgets.transcript.line import DIM, Line, blank_line
from tui_sessions.tui.widgets.transcript.markdown import markdown_lines, parse
from tui_sessions.tui.widgets.transcript.message_lines import Setting, closing_lines, parted
from tui_sessions.tui.widgets.transcript.parts import part_lines
from tui_sessions.tui.widgets.transcript.plain_rows import Drawn, joined
from tui_sessions.tui.widgets.transcript.wait import Wait

if TYPE_CHECKING:
    from markdown_it.token import Token


class GrowingReply:
    """A message and what has arrived of it."""

    def __init__(self, message: Message, *, elsewhere: bool = False) -> None:
        """Begin with what there is; `elsewhere`: another window is writing it."""
        self._doing = "replying in another window" if elsewhere else "replying"
        parts = list(message.content)
        ended = len(parts)
        while ended and type(parts[ended - 1]) in (TextPart, ThinkingPart):
            ended -= 1
        self._message = msgspec.structs.replace(message, content=tuple(parts[:ended]))
        self._texts: list[_GrowingText] = []
        self._setting: Setting | None = None
        self._head: list[Line] = []
        self.wait: Wait | None = None
        """Why nothing arrives for now."""
        for part in parts[ended:]:
            # What is there already goes on in the same paragraph.
            self._take(part)

    def extend(self, text: str, kind: str) -> None:
        """Take in more text, `kind` being `text` or `thinking`."""
        self.wait = None
        if not self._texts or self._texts[-1].kind != kind:
            self._texts.append(_GrowingText(kind))
        self._texts[-1].extend(text)

    def _take(self, part: Part) -> None:
        match part:
            case ThinkingPart(text):
                self.extend(text, "thinking")
            case TextPart(text):
                self.extend(text, "text")

    def message(self) -> Message:
        """The message with all that has arrived."""
        parts = tuple(text.part() for text in self._texts)
        return msgspec.structs.replace(self._message, content=self._message.content + parts)

    def lines(self, setting: Setting, opened: Collection[str]) -> Sequence[Line]:
        """All lines so far; those of finished blocks are the same objects as before."""
        if setting != self._setting:
            self._setting = setting
            head = header_line(
                self._message, setting.agent_name, setting.width, running=self._doing
            )
            self._head = [head]
            for text in self._texts:
                text.start_again()
        lines: list[Drawn] = [*self._head]
        before: Part | None = None
        for place, part in enumerate(self._message.content):
            key = str(place)
            lines += part_lines(part, key, self._message.role, setting.width, key in opened)
            before = part
        for place, text in enumerate(self._texts, len(self._message.content)):
            part = text.part()
            if before is not None and parted(before, part):
                lines.append(blank_line())
            lines += text.lines(str(place), setting.width, str(place) in opened)
            before = part
        if self.wait is not None:
            lines += self.wait.lines(setting.width)
        elif before is None:
            lines.append(Line(Content.styled("…", DIM), source=""))
        return joined([*lines, *closing_lines(self._message, setting, running=True)])


class _GrowingText:
    """One part that grows; its finished blocks keep their lines."""

    def __init__(self, kind: str) -> None:
        self.kind = kind
        self._pieces: list[str] = []
        self._done: list[Drawn] = []
        self._rest = ""
        self._added = ""
        """What has come since the lines were drawn."""
        self._last: GrowingParagraph | None = None
        """What `_rest` is, where it is one plain paragraph."""

    def extend(self, text: str) -> None:
        self._pieces.append(text)
        self._rest += text
        self._added += text

    def part(self) -> TextPart | ThinkingPart:
        text = "".join(self._pieces)
        self._pieces = [text]
        return ThinkingPart(text) if self.kind == "thinking" else TextPart(text)

    def start_again(self) -> None:
        """Draw all of it anew, for another width."""
        self._done = []
        self._last = None
        self._rest = "".join(self._pieces)

    def lines(self, key: str, width: int, opened: bool) -> Sequence[Drawn]:
        if self.kind == "thinking":
            return list(part_lines(self.part(), key, "assistant", width, opened))
        rest = self._rest_lines(width)
        gap = [blank_line()] if self._done and rest else []
        return [*self._done, *gap, *rest]

    def _rest_lines(self, width: int) -> Sequence[Drawn]:
        added, self._added = self._added, ""
        if self._last is None or not self._last.grow(added):
            tokens = self._finish_blocks(width)
            self._last = GrowingParagraph.at_end(tokens, self._rest, width)
            if self._last is None:
                return markdown_lines(tokens, width, growing=True)
        return self._last.lines

    def _finish_blocks(self, width: int) -> Sequence[Token]:
        """Draw the blocks that no further text can change for good; return the rest."""
        held = "\r" if self._rest.endswith("\r") else ""
        text = visible(self._rest.removesuffix("\r"))
        tokens = parse(text)
        starts = [
            place
            for place, token in enumerate(tokens)
            if token.level == 0 and token.nesting >= 0 and token.map
        ]
        rows = text.split("\n")
        if starts and not _is_decided(rows, (tokens[starts[-1]].map or [0])[0]):
            starts.pop()
        if len(starts) < 2:
            return tokens
        last = starts[-1]
        line = (tokens[last].map or [0])[0]
        if self._done:
            self._done.append(blank_line())
        self._done += markdown_lines(tokens[:last], width)
        self._rest = "\n".join(rows[line:]) + held
        return tokens[last:]


def _is_decided(rows: list[str], line: int) -> bool:
    """Whether a line goes on to begin its block whatever comes: `#` may still become `#tag`."""
    return line < len(rows) - 1 or rows[line].lstrip(" ")[:1].isalpha()
