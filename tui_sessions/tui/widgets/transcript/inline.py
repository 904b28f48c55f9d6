"""Inline Markdown as styled content."""

from __future__ import annotations

import re
from functools import cache
from typing import TYPE_CHECKING

from textual.content import Content, Span

from tui_sessions.model.visible import visible, visible_line
from tui_sessions.tui.widgets.transcript.latest import Latest
from tui_sessions.tui.widgets.transcript.line import DIM

if TYPE_CHECKING:
    from markdown_it import MarkdownIt
    from markdown_it.token import Token

_LIMIT = 10_000
"""Longer paragraphs are shown as they stand: parsing them would hold up the screen."""
_REMEMBERED = 100_000
"""So many characters of what was drawn last are kept for another width."""
_MARKED = re.compile(r"[\\`*_~!&<\[\]]| \n").search
"""Finds what may be inline Markdown; without it there is nothing to parse."""

_STYLES = {"strong": "bold", "em": "italic", "s": "strike", "link": "underline"}
CODE_STYLE = "$text-warning on $panel 60%"


@cache
def parser() -> MarkdownIt:
    """The parser of blocks; it takes long to load, and the app starts without it."""
    from markdown_it import MarkdownIt

    made = MarkdownIt("commonmark", {"html": False}).enable(["table", "strikethrough"])
    # Addresses and notes that stand below a text are words of it: as definitions they would vanish.
    return made.disable(["inline", "reference"])


def is_plain(text: str) -> bool:
    """Whether there is no inline markup in a text of a paragraph."""
    return _MARKED(text) is None


def inline_text(text: str) -> str:
    """What a person reads of a paragraph, heading or cell; line breaks and tabs stay."""
    return visible(text) if _is_shown_as_it_stands(text) else _marked(text).plain


def inline_content(text: str) -> Content:
    """The same with its styles."""
    if _is_shown_as_it_stands(text):
        return Content(visible(text), strip_control_codes=False)
    return _marked(text)


def _is_shown_as_it_stands(text: str) -> bool:
    return len(text) > _LIMIT or is_plain(text)


def _parsed(text: str) -> Content:
    tokens: list[Token] = []
    parser().inline.parse(text, parser(), {}, tokens)
    builder = _Builder()
    for token in tokens:
        builder.add(token)
    return builder.content()


_marked = Latest(_parsed, most=_REMEMBERED)


class _Builder:
    """Collects text and spans; open styles wait on a stack for their end."""

    def __init__(self) -> None:
        self._text: list[str] = []
        self._size = 0
        self._spans: list[Span] = []
        self._open: list[tuple[int, str, str]] = []

    def add(self, token: Token) -> None:
        """Take in the next token."""
        kind = token.type
        if kind in ("softbreak", "hardbreak"):
            self._write("\n")
        elif kind == "code_inline":
            self._write(visible_line(token.content), CODE_STYLE)
        elif kind == "image":
            self._image(token)
        elif kind.endswith("_open"):
            href = str(token.attrs.get("href", ""))
            self._open.append((self._size, kind.removesuffix("_open"), href))
        elif kind.endswith("_close"):
            self._close()
        else:
            self._write(visible(token.content))

    def content(self) -> Content:
        """What has been collected."""
        return Content("".join(self._text), self._spans, strip_control_codes=False)

    def _write(self, text: str, style: str = "") -> None:
        if style and text:
            self._spans.append(Span(self._size, self._size + len(text), style))
        self._text.append(text)
        self._size += len(text)

    def _close(self) -> None:
        if not self._open:
            return
        start, kind, href = self._open.pop()
        if self._size > start and kind in _STYLES:
            self._spans.append(Span(start, self._size, _STYLES[kind]))
        if kind == "link":
            self._address(href, "".join(self._text)[start:])

    def _address(self, href: str, shown: str) -> None:
        """The address after a link, unless the link shows it already: nothing hides behind text."""
        address = visible_line(href)
        if address.removeprefix("mailto:") != shown and address:
            self._write(f" ({address})", DIM)

    def _image(self, token: Token) -> None:
        name = visible_line(token.content) or "image"
        self._write(f"▣ {name}")
        self._address(str(token.attrs.get("src", "")), name)
