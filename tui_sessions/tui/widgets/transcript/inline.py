"""Inline Markdown as styled content."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from textual.content import Content, Span

from tui_sessions.model.visible import visible, visible_line
from tui_sessions.tui.widgets.transcript.line import DIM

if TYPE_CHECKING:
    from markdown_it.token import Token

_STYLES = {"strong": "bold", "em": "italic", "s": "strike", "link": "underline"}
CODE_STYLE = "$text-warning on $panel 60%"


def inline_content(tokens: Sequence[Token]) -> Content:
    """The tokens of one paragraph, heading or cell; line breaks stay."""
    builder = _Builder()
    for token in tokens:
        builder.add(token)
    return builder.content()


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
            self._write(visible(token.content).replace("\t", "    "))

    def content(self) -> Content:
        """What has been collected."""
        return Content("".join(self._text), self._spans)

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
