"""Markdown as HTML in which nothing of the text is markup, and nothing is loaded from anywhere."""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import cache
from html import escape
from typing import Any

from markdown_it import MarkdownIt
from markdown_it.renderer import RendererHTML
from markdown_it.token import Token

from tui_sessions.model.visible import visible, without_escapes

_SAFE_LINK = re.compile(r"(?:https?://|mailto:)", re.IGNORECASE)
_MAX_MARKDOWN = 200_000
"""Characters; a longer text is shown as it is written."""
_MAX_HIGHLIGHTED = 20_000
_LOWEST_HEADING = 6
_HEADINGS_OF_THE_PAGE = 2


class _Renderer(RendererHTML):
    """Headings below those of the page, code in colour, pictures as links, no inline styles."""

    def heading_open(self, tokens: Sequence[Token], place: int, _options: Any, _env: Any) -> str:
        return f"<{_lowered(tokens[place].tag)}>"

    def heading_close(self, tokens: Sequence[Token], place: int, _options: Any, _env: Any) -> str:
        return f"</{_lowered(tokens[place].tag)}>\n"

    def link_open(self, tokens: Sequence[Token], place: int, _options: Any, _env: Any) -> str:
        return _link(str(tokens[place].attrGet("href") or ""))

    def image(self, tokens: Sequence[Token], place: int, _options: Any, _env: Any) -> str:
        token = tokens[place]
        return f"{_link(str(token.attrGet('src') or ''))}🖼 {escape(token.content)}</a>"

    def td_open(self, _tokens: Sequence[Token], _place: int, _options: Any, _env: Any) -> str:
        return "<td>"

    def th_open(self, _tokens: Sequence[Token], _place: int, _options: Any, _env: Any) -> str:
        return "<th>"

    def fence(self, tokens: Sequence[Token], place: int, _options: Any, _env: Any) -> str:
        token = tokens[place]
        language = token.info.split(maxsplit=1)[0] if token.info.strip() else ""
        return code_html(token.content, language)


def rich_html(text: str) -> str:
    """Markdown as HTML; a line break stays one."""
    if len(text) > _MAX_MARKDOWN:
        return plain_html(text)
    return str(_markdown().render(readable(text)))


def plain_html(text: str) -> str:
    """Text as it is written."""
    return f'<pre class="wrap">{escape(readable(text))}</pre>\n'


def code_html(text: str, language: str = "") -> str:
    """A code block, in colour where the language is known."""
    text = readable(text)
    return f"<pre><code>{_highlighted(text, language) or escape(text)}</code></pre>\n"


def readable(text: str) -> str:
    """The text without the codes that colour a terminal; other controls become pictures."""
    return visible(without_escapes(text))


def _highlighted(text: str, language: str) -> str | None:
    if not language or len(text) > _MAX_HIGHLIGHTED:
        return None
    # Loaded only where there is code: it takes its time.
    from pygments import highlight  # type: ignore[import-untyped]
    from pygments.lexers import get_lexer_by_name  # type: ignore[import-untyped]
    from pygments.util import ClassNotFound  # type: ignore[import-untyped]

    try:
        lexer = get_lexer_by_name(language, stripnl=False)
    except ClassNotFound:
        return None
    return str(highlight(text, lexer, _formatter()))


@cache
def _formatter() -> Any:
    """What writes highlighted code; to make one takes longer than to use it."""
    from pygments.formatters import HtmlFormatter  # type: ignore[import-untyped]

    return HtmlFormatter(nowrap=True)


def _link(url: str) -> str:
    return f'<a href="{escape(url)}" rel="noopener noreferrer nofollow">'


def _lowered(tag: str) -> str:
    return f"h{min(int(tag[1]) + _HEADINGS_OF_THE_PAGE, _LOWEST_HEADING)}"


def _is_safe(url: str) -> bool:
    return _SAFE_LINK.match(url) is not None


@cache
def _markdown() -> MarkdownIt:
    options = {"html": False, "breaks": True, "linkify": False, "typographer": False}
    made = MarkdownIt("commonmark", options, renderer_cls=_Renderer)
    made.enable(["table", "strikethrough"])
    made.validateLink = _is_safe  # type: ignore[method-assign]  # the documented way to set it
    return made
