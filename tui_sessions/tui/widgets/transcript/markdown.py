"""Markdown as lines of a width."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from functools import cache
from typing import TYPE_CHECKING

import msgspec
from textual.content import Content

from tui_sessions.model.visible import visible
from tui_sessions.tui.widgets.transcript.code import code_lines
from tui_sessions.tui.widgets.transcript.inline import inline_content
from tui_sessions.tui.widgets.transcript.latest import Latest
from tui_sessions.tui.widgets.transcript.line import DIM, FAINT, Line
from tui_sessions.tui.widgets.transcript.table import Table, table_lines
from tui_sessions.tui.widgets.transcript.wrapping import wrap

if TYPE_CHECKING:
    from markdown_it import MarkdownIt
    from markdown_it.token import Token

_INLINE_LIMIT = 10_000
"""Longer paragraphs are shown as they stand: parsing them would hold up the screen."""
_LONG = 5_000
_REMEMBERED = 100_000
"""The blocks of texts that are long, of so many characters in all, are kept for another width."""
_GROWING_CODE_LIMIT = 8_000
_MARKED = re.compile(r"[\\`*_~!&<\[\]]| \n").search
"""Finds what may be inline Markdown; without it there is nothing to parse."""
_QUOTE = "▎ "
_HEADINGS = {"h1": "bold underline $text-primary", "h2": "bold $text-primary", "h3": "bold"}
_TASKS = {"[ ] ": "☐ ", "[x] ": "☑ ", "[X] ": "☑ "}
_NARROWEST = 8


@cache
def parser() -> MarkdownIt:
    """The parser of blocks; it takes long to load, and the app starts without it."""
    from markdown_it import MarkdownIt

    made = MarkdownIt("commonmark", {"html": False}).enable(["table", "strikethrough"])
    # Addresses and notes that stand below a text are words of it: as definitions they would vanish.
    return made.disable(["inline", "reference"])


def _parse(text: str) -> Sequence[Token]:
    return parser().parse(text)


parse = Latest(_parse, most=_REMEMBERED, least=_LONG)
"""The blocks of a text; what is inside a paragraph is parsed when it is drawn."""


def markdown_lines(tokens: Sequence[Token], width: int, *, growing: bool = False) -> list[Line]:
    """The blocks as lines; while a text is growing, its long code stays in one colour."""
    drawing = _Drawing(width, growing)
    for place, token in enumerate(tokens):
        drawing.take(token, tokens[place + 1] if place + 1 < len(tokens) else None)
    return drawing.lines


def code_blocks(text: str) -> list[str]:
    """The code of the blocks in a text, as it was written."""
    return [token.content for token in parse(text) if token.type in ("fence", "code_block")]


def is_plain(text: str) -> bool:
    """Whether there is no inline markup in a text of a paragraph."""
    return _MARKED(text) is None


def plain_paragraph_lines(text: str, width: int) -> Iterator[Line]:
    """The lines of a paragraph without markup."""
    return _wrapped(_plain(text), width)


class _Prefix(msgspec.Struct):
    """What stands before the lines of a list item or quote."""

    rest: str
    style: str = ""
    bullet: str | None = None
    """What stands before the next line instead, once."""


class _Drawing:
    """Walks the tokens of a text and collects lines."""

    def __init__(self, width: int, growing: bool) -> None:
        self.lines: list[Line] = []
        self._growing = growing
        self._width = width
        self._prefixes: list[_Prefix] = []
        self._numbers: list[int | None] = []
        self._gap = False
        self._heading = ""
        self._table: Table | None = None
        self._tight = False

    def take(self, token: Token, following: Token | None) -> None:
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
        elif kind.startswith(("table", "thead", "tbody", "tr", "th", "td")):
            self._table_token(token)
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
            lead, size = self._lead(fresh=False)
            self.lines.append(Line(lead.rstrip(), lead=size))
        self._gap = False

    def _lead(self, *, fresh: bool = True) -> tuple[Content, int]:
        """What stands before the next line, and how much of it is not copied."""
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
        return Content.assemble(*parts), quoted if bulleted else size

    def _emit(self, lines: Iterable[Line]) -> None:
        self._flush_gap()
        for line in lines:
            if self._prefixes:
                lead, size = self._lead()
                line.fill_at += len(lead)
                line.lead = line.lead + len(lead) if size == len(lead) else size
                line.content = Content.assemble(lead, line.content, strip_control_codes=False)
            self.lines.append(line)
        self._gap = True

    def _inline(self, token: Token) -> None:
        text = token.content
        if self._prefixes and text[:4] in _TASKS and (self._prefixes[-1].bullet or "")[:1] in "•◦":
            self._prefixes[-1].bullet = _TASKS[text[:4]]
            text = text[4:]
        content = _inline(text)
        if self._table is not None:
            self._table.rows[-1].append(content)
            return
        if self._heading:
            content = content.stylize(self._heading)
        self._emit(_wrapped(content, self._room))
        self._gap = not self._tight
        self._tight = False

    def _table_token(self, token: Token) -> None:
        kind = token.type
        if kind == "table_open":
            self._table = Table()
        elif self._table is None:
            return
        elif kind == "tr_open":
            self._table.rows.append([])
        elif kind == "th_open":
            style = str(token.attrs.get("style", ""))
            self._table.aligns.append(style.removeprefix("text-align:") or "left")
        elif kind == "table_close":
            table, self._table = self._table, None
            self._emit(table_lines(table, self._room))


def _inline(text: str) -> Content:
    if len(text) > _INLINE_LIMIT or is_plain(text):
        return _plain(text)
    tokens: list[Token] = []
    parser().inline.parse(text, parser(), {}, tokens)
    return inline_content(tokens)


def _plain(text: str) -> Content:
    return Content(visible(text).replace("\t", "    "), strip_control_codes=False)


def _wrapped(content: Content, width: int) -> Iterator[Line]:
    for row in content.split("\n", allow_blank=True):
        for piece, joint in wrap(row, width):
            yield Line(piece, joint=joint)
