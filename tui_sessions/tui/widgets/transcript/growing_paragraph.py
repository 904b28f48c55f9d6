"""A paragraph at the end of a reply: when words join it, only its last line is wrapped again."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Self

from tui_sessions.tui.widgets.transcript.inline import is_plain
from tui_sessions.tui.widgets.transcript.line import Line
from tui_sessions.tui.widgets.transcript.plain_rows import PlainRows
from tui_sessions.tui.widgets.transcript.wrapping import break_offsets

if TYPE_CHECKING:
    from markdown_it.token import Token


class GrowingParagraph:
    """A paragraph without markup, whose last line begins with a letter.

    Whatever else joins such a line, as long as it is no markup and no newline, the text stays this
    paragraph.
    """

    def __init__(self, text: str, width: int) -> None:
        self._width = width
        self._text = text
        self._start = 0
        """Where the last line begins."""
        self.lines: list[Line] = []
        self._wrap()

    @classmethod
    def at_end(cls, tokens: Sequence[Token], source: str, width: int) -> Self | None:
        """The paragraph that the blocks of a text consist of; None where there is more or else."""
        if [token.type for token in tokens] != ["paragraph_open", "inline", "paragraph_close"]:
            return None
        content = tokens[1].content
        ended = source.rstrip(" ")
        plain = content.isascii() and "\t" not in content and is_plain(content)
        if not plain or not ended.endswith(content):
            return None
        begins = content.rpartition("\n")[2].lstrip(" ")[:1]
        if not begins.isalpha():
            return None
        return cls(content + source[len(ended) :], width)

    def grow(self, added: str) -> bool:
        """Let a text join it; False where the paragraph may become something else by it."""
        if not (added.isascii() and added.isprintable() and is_plain(added)):
            return False
        self._text += added
        self._wrap()
        return True

    def _wrap(self) -> None:
        """Wrap from the beginning of what was the last line."""
        tail = self._text[self._start :].rstrip(" ")
        del self.lines[-1:]
        self.lines += PlainRows(tail, self._width)
        row = tail.rfind("\n") + 1
        offsets = break_offsets(tail[row:], self._width)
        self._start += row + (offsets[-1] if offsets else 0)
