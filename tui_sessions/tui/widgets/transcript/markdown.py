"""Markdown as lines of a width."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from functools import partial
from typing import TYPE_CHECKING

import msgspec
from textual.content import Content

from tui_sessions.model.visible import visible
from tui_sessions.tui.widgets.transcript.code import code_lines
from tui_sessions.tui.widgets.transcript.inline import inline_content, inline_text, parser
from tui_sessions.tui.widgets.transcript.latest import Latest
from tui_sessions.tui.widgets.transcript.line import DIM, FAINT, Line, blank_line
from tui_sessions.tui.widgets.transcript.plain_rows import Drawn, LazyLines
from tui_sessions.tui.widgets.transcript.styled_rows import Lead, LedGap, LedRows, StyledRows
from tui_sessions.tui.widgets.transcript.table import table_lines, with_tables

if TYPE_CHECKING:
    from markdown_it.token import Token

_LONG = 5_000
_REMEMBERED = 100_000
"""The blocks of texts that are long, of so many characters in all, are kept for another width."""
_GROWING_CODE_LIMIT = 8_000
_QUOTE = "▎ "
_HEADINGS = {"h1": "bold underline $text-primary", "h2": "bold $text-primary", "h3": "bold"}
_TASKS = {"[ ] ": "☐ ", "[x] ": "☑ ", "[X] ": "☑ "}
_NARROWEST = 8


def _parse(text: str) -> Sequence[Token]:
    return with_tables(parser().parse(text))


parse = Latest(_parse, most=_REMEMBERED, least=_LONG)
"""The blocks of a text; what is inside a paragraph is parsed when it is drawn."""


def markdown_lines(tokens: Sequence[Token], width: int, *, growing: bool = False) -> list[Drawn]:
    """The blocks as lines; while a text is growing, its long code stays in one colour."""
    drawing = _Drawing(width, growing)
    for token in tokens:
        drawing.take(token)
    return drawing.lines


def code_blocks(text: str) -> list[str]:
    """The code of the blocks in a text, as it was written."""
    return [token.content for token in parse(text) if token.type in ("fence", "code_block")]


class _Prefix(msgspec.Struct):
    """What stands before the lines of a list item or quote."""

    rest: str
    style: str = ""
    bullet: str | None = None
    """What stands before the next line instead, once."""


class _Drawing:
    """Walks the tokens of a text and collects lines."""

    def __init__(self, width: int, growing: bool) -> None:
        self.lines: list[Drawn] = []
        self._growing = growing
        self._width = width
        self._prefixes: list[_Prefix] = []
        self._numbers: list[int | None] = []
        self._gap = False
        self._heading = ""
        self._tight = False

    def take(self, token: Token) -> None:
        """Draw the next token."""
        kind = token.type
        if kind in ("fence", "code_block"):
            code = visible(token.content)
            language = token.info.split(maxsplit=1)[0] if token.info.strip() else ""
            bright = not self._growing or len(code) < _GROWING_CODE_LIMIT
            self._emit(code_lines(code, language, self._room, bright=bright))
        elif kind == "hr":
            self._emit([Line(Content.styled("─" * self._room, FAINT), source="---")])
        elif kind == "inline":
            self._inline(token)
        elif kind == "table_open":
            self._emit(table_lines(token.meta["table"], self._room))
        elif kind == "paragraph_open":
            self._tight = token.hidden
        elif kind == "heading_open":
            self._heading = _HEADINGS.get(token.tag, f"bold {DIM}")
        elif kind == "heading_close":
            self._heading = ""
        else:
            self._container(token)

    @property
    def _room(self) -> int:
        return max(self._width - sum(len(prefix.rest) for prefix in self._prefixes), 1)

    def _container(self, token: Token) -> None:
        kind = token.type
        if kind == "blockquote_open":
            self._flush_gap()
            self._push(_Prefix(_QUOTE, DIM))
        elif kind in ("bullet_list_open", "ordered_list_open"):
            self._flush_gap()
            ordered = kind == "ordered_list_open"
            self._numbers.append(int(token.attrs.get("start", 1)) if ordered else None)
        elif kind == "list_item_open":
            self._flush_gap()
            self._push(self._item_prefix())
        elif kind in ("blockquote_close", "list_item_close"):
            self._pop()
            self._gap = self._gap or kind == "blockquote_close"
        elif kind in ("bullet_list_close", "ordered_list_close"):
            self._numbers.pop()
            self._gap = not self._numbers or self._gap

    def _item_prefix(self) -> _Prefix:
        number = self._numbers[-1]
        if number is None:
            return _Prefix("  ", DIM, "• " if len(self._numbers) % 2 else "◦ ")
        self._numbers[-1] = number + 1
        return _Prefix(" " * len(f"{number}. "), DIM, f"{number}. ")

    def _push(self, prefix: _Prefix) -> None:
        """Indent what follows, as far as the width allows."""
        if self._room - len(prefix.rest) < _NARROWEST:
            prefix = msgspec.structs.replace(prefix, rest="")
        self._prefixes.append(prefix)

    def _pop(self) -> None:
        if self._prefixes[-1].bullet is not None:
            self._emit([Line(Content(""))])
            self._gap = False
        self._prefixes.pop()

    def _flush_gap(self) -> None:
        if self._gap and self.lines:
            gap = LedGap(self._lead(fresh=False)) if self._prefixes else blank_line()
            self.lines.append(gap)
        self._gap = False

    def _lead(self, *, fresh: bool = True) -> Lead:
        """What stands before the next line."""
        parts: list[tuple[str, str]] = []
        quoted = size = 0
        bulleted = False
        for prefix in self._prefixes:
            text = prefix.rest
            if fresh and prefix.bullet is not None:
                text, prefix.bullet, bulleted = prefix.bullet, None, True
            if size == quoted and prefix.rest == _QUOTE:
                quoted += len(text)
            size += len(text)
            parts.append((text, prefix.style))
        return Lead(tuple(parts), quoted if bulleted else size)

    def _emit(self, drawn: Iterable[Drawn]) -> None:
        self._flush_gap()
        for each in drawn:
            if self._prefixes:
                lines = each if isinstance(each, LazyLines) else [each]
                self.lines.append(LedRows(lines, self._lead(), self._lead()))
            else:
                self.lines.append(each)
        self._gap = True

    def _inline(self, token: Token) -> None:
        text = token.content
        if self._prefixes and text[:4] in _TASKS and (self._prefixes[-1].bullet or "")[:1] in "•◦":
            self._prefixes[-1].bullet = _TASKS[text[:4]]
            text = text[4:]
        style = self._heading
        self._emit([StyledRows(inline_text(text), self._room, partial(_styled, text, style))])
        self._gap = not self._tight
        self._tight = False


def _styled(text: str, style: str) -> Content:
    content = inline_content(text)
    return content.stylize(style) if style else content
