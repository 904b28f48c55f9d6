"""Markdown whose HTML is text: what a session says cannot close or open anything around it."""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import cache

from markdown_it import MarkdownIt

_TAG = re.compile(r"<(?=[A-Za-z/!?])(?!(?:https?://|mailto:)[^\s<>]*>)")
_CODE_OR_TAG = re.compile(rf"(`+)(?!`)[^\n]*?(?<!`)\1(?!`)|{_TAG.pattern}")
_FENCED = re.compile(r"^( {0,3}(`{3,}|~{3,})[^\n]*\n(?:.*?\n)?? {0,3}\2[`~]*[ \t]*)$", re.M | re.S)
_MAX_PARSED = 200_000
"""Characters; in a longer text every tag is escaped, also in code."""


def harmless(text: str) -> str:
    """The same Markdown with its HTML escaped; code stays as it is wherever that is safe."""
    if not _TAG.search(text):
        return text
    if len(text) <= _MAX_PARSED:
        for escaped in (lambda same: same, _outside_code, _outside_fences):
            tried = escaped(text)
            if not _has_html(tried):
                return tried
    return _everywhere(text)


def _outside_code(text: str) -> str:
    return _between_fences(
        text, lambda part: _CODE_OR_TAG.sub(lambda m: m[0] if m[1] else "&lt;", part)
    )


def _outside_fences(text: str) -> str:
    return _between_fences(text, _everywhere)


def _everywhere(text: str) -> str:
    return _TAG.sub("&lt;", text)


def _between_fences(text: str, change: Callable[[str], str]) -> str:
    made, place = [], 0
    for fenced in _FENCED.finditer(text):
        made += [change(text[place : fenced.start()]), fenced[0]]
        place = fenced.end()
    return "".join((*made, change(text[place:])))


def _has_html(text: str) -> bool:
    for token in _parser().parse(text):
        if token.type == "html_block":
            return True
        if any(child.type == "html_inline" for child in token.children or ()):
            return True
    return False


@cache
def _parser() -> MarkdownIt:
    return MarkdownIt("commonmark", {"html": True}).enable("table")
