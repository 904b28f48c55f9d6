"""Draws one result in two lines; styles are named, not chosen, here."""

from __future__ import annotations

import re
from datetime import datetime

from textual.content import Content

from tui_sessions.model.session import UNTITLED
from tui_sessions.tui.drawing import draw_line, relative_time
from tui_sessions.tui.widgets.session_tree import row_marks as marks
from tui_sessions.tui.widgets.session_tree.lines import fitted
from tui_sessions.tui.widgets.switcher_results.entries import Entry, TextHit
from tui_sessions.tui.widgets.switcher_results.ranking import Query

_MARKUP = re.compile(
    r"^\s*\|[-:| ]+\|?\s*$|^\s*(?:#{1,6}|[-+*>])\s+|`+|\*+(?=\S)|(?<=\S)\*+|^\s*\|\s*", re.MULTILINE
)
_BETWEEN = re.compile(r"\s*\|\s*|\s+")


class ResultPainter:
    """Draws results, with what was looked for marked in them."""

    def __init__(
        self, query: Query, open_session_id: str | None, present: datetime, width: int
    ) -> None:
        self._query = query
        self._open_session_id = open_session_id
        self._present = present
        self._width = width

    def paint(self, result: Entry | TextHit, *, second: bool) -> Content:
        """The first line of a result, or its second."""
        if isinstance(result, TextHit):
            return self._hit_details(result) if second else self._hit(result)
        return self._place_details(result) if second else self._place(result)

    def _place(self, entry: Entry) -> Content:
        here = entry.chat_id in (None, entry.session.active_chat_id)
        is_open = here and entry.session.id == self._open_session_id
        gutter = (marks.OPEN, "open-mark") if is_open else (" ", "")
        left = Content.assemble(gutter, marks.STATES[entry.session.state], " ")
        age = relative_time(entry.session.last_active_at, self._present)
        right = Content.assemble("  ", (age, "detail"), " ")
        room = max(self._width - left.cell_length - right.cell_length, 0)
        title = self._matched(entry.name).stylize_before("title")
        return Content.assemble(left, fitted(title, room), right)

    def _place_details(self, entry: Entry) -> Content:
        number = f" · {entry.message_count:,} msg" if entry.message_count else ""
        preview = draw_line(_without_markup(self._cut(entry.preview)))
        return self._details(entry.workspace, number, preview)

    def _hit(self, hit: TextHit) -> Content:
        age = relative_time(hit.time, self._present) if hit.time else ""
        right = Content.assemble("  ", (age, "detail"), " ")
        title = draw_line(self._cut(hit.label or UNTITLED)).stylize_before("title")
        room = max(self._width - right.cell_length, 0)
        return Content.assemble(fitted(Content.assemble(" ❯ ", title), room), right)

    def _hit_details(self, hit: TextHit) -> Content:
        role = f" · {hit.role}" if hit.role else ""
        snippet = draw_line(self._cut(hit.snippet.text))
        for start, end in hit.snippet.marks:
            snippet = snippet.stylize("match", start, end)
        return self._details(hit.workspace, role, snippet)

    def _details(self, workspace: str, number: str, text: Content) -> Content:
        """The second line: where it is, how much, and what it says."""
        place = self._matched(workspace).stylize_before("place")
        place = fitted(place, min(place.cell_length, 24))
        dot = " · " if text.plain.strip() else ""
        parts = ("   ", place, (number + dot, "detail"), text.stylize_before("detail"), " ")
        return fitted(Content.assemble(*parts), self._width - 1)

    def _matched(self, text: str) -> Content:
        line = draw_line(self._cut(text))
        for start, end in self._query.spans(line.plain):
            line = line.stylize("match", start, end)
        return line

    def _cut(self, text: str) -> str:
        """As much of a text as could be seen, and some more: the rest need not be drawn."""
        return text[: self._width * 8]


def _without_markup(text: str) -> str:
    """The words of a Markdown text in one line, nearly as a person would read them out."""
    return _BETWEEN.sub(" ", _MARKUP.sub("", text)).strip()
