"""Draws one row of the tree into a number of cells; styles are named, not chosen, here."""

from __future__ import annotations

from collections.abc import Set as AbstractSet
from datetime import datetime
from pathlib import Path, PurePath

import msgspec
from rich.cells import cell_len
from textual.content import Content

from tui_sessions.model.lifecycle import SessionState
from tui_sessions.model.session import Chat, Session
from tui_sessions.tui.drawing import draw_line, relative_time
from tui_sessions.tui.widgets.session_tree import row_marks as marks
from tui_sessions.tui.widgets.session_tree.branch import Branch
from tui_sessions.tui.widgets.session_tree.filter_words import FilterWords
from tui_sessions.tui.widgets.session_tree.lines import fitted
from tui_sessions.tui.widgets.session_tree.row import Row
from tui_sessions.tui.widgets.session_tree.target import ProblemRow

_LEAST = 8
"""Cells that a label keeps before what stands to its right gives way."""
_UNCOUNTED = "…"
_WAITS = "waits for you"

ChatKey = tuple[str, str | None]


class AroundRow(msgspec.Struct):
    """What a row's look depends on besides its own data."""

    present: datetime
    words: FilterWords
    open: ChatKey | None = None
    running: AbstractSet[ChatKey] = msgspec.field(default_factory=set)
    unread: AbstractSet[ChatKey] = msgspec.field(default_factory=set)
    waiting: AbstractSet[ChatKey] = msgspec.field(default_factory=set)
    """Where a tool call waits for the person."""
    running_mark: str = marks.RUNNING_STILL


class RowPainter:
    """Draws rows, each exactly as wide as there is room."""

    def __init__(self, branch: Branch, around: AroundRow, width: int) -> None:
        self._branch = branch
        self._around = around
        self._width = width

    def paint(self, row: Row) -> Content:
        """The row's line."""
        session = self._branch.sessions.get(row.session_id) if row.session_id else None
        if row.kind == "session" and session is not None:
            return self._session(row, session)
        if row.kind == "chat" and session is not None:
            chat = session.chat(row.chat_id or "")
            return self._chat(row, session, chat) if chat else self._blank()
        if row.kind == "problem":
            return self._problem(row)
        return self._archive(row) if row.kind == "archive" else self._workspace(row)

    def name_column(self, row: Row) -> int:
        """Where the row's name begins."""
        return 3 if row.kind == "workspace" else len(self._guides(row)) + 5

    def fold_column(self, row: Row) -> int:
        """Where the row's fold mark stands."""
        return self.name_column(row) - (2 if row.kind == "workspace" else 3)

    def _workspace(self, row: Row) -> Content:
        label = self._matched(self._branch.name).stylize_before("strong")
        found = self._branch.hits
        number = str(len(self._branch if found is None else found.sessions))
        where = _directory_tail(self._branch.workspace.directory, self._branch.name)
        unread, running, waiting = (
            not row.unfolded and any(owner in self._branch.sessions for owner, _ in marked)
            for marked in (self._around.unread, self._around.running, self._around.waiting)
        )
        gutter = (marks.UNREAD, "unread-mark") if unread else (" ", "")
        left = Content.assemble(gutter, (_fold_mark(row) or " ", "faded"), " ")
        right = [_right(self._around.running_mark, "running")] if running else []
        if waiting:
            right = [_right(_WAITS, "waiting")]
        shown = number if self._branch.counted else _UNCOUNTED
        return self._line(left, label, [*right, _right(shown)], where)

    def _archive(self, row: Row) -> Content:
        sessions = self._branch.sessions if self._branch.hits is None else self._branch.hits.kept
        number = sum(s.state is SessionState.ARCHIVED for s in sessions.values())
        left = self._left(row, (marks.STATES[SessionState.ARCHIVED][0], "faded"))
        return self._line(left, Content.styled(f"Archive ({number})", "faded"), [])

    def _problem(self, row: Row) -> Content:
        problem = next((p for p in self._branch.problems if p.path == row.path), None)
        if problem is None:
            return self._blank()
        left = self._left(row, (marks.PROBLEM, "problem"))
        return self._line(left, self._problem_text(problem), [])

    def _problem_text(self, problem: ProblemRow) -> Content:
        name = PurePath(problem.path).name or problem.path
        reason = draw_line(problem.reason, "faded")
        return Content.assemble(self._matched(name).stylize_before("problem"), "  ", reason)

    def _session(self, row: Row, session: Session) -> Content:
        keys = {(session.id, chat.id) for chat in session.chats} | {(session.id, None)}
        unread = not keys.isdisjoint(self._around.unread)
        is_open = bool(self._around.open and self._around.open[0] == session.id)
        running = not keys.isdisjoint(self._around.running)
        mark = (self._around.running_mark, "running") if running else marks.STATES[session.state]
        waiting = not keys.isdisjoint(self._around.waiting)
        if waiting:
            mark = (marks.WAITING, "waiting")
        left = self._left(row, mark, is_open=is_open, unread=unread)
        if session.parent is not None:
            left = left.append_text(marks.LINEAGE.get(session.parent.kind, "↳ "), "beside")
        label = self._label(session, unread, is_open)
        right = self._right_of(session)
        if waiting:
            right[-1] = _right(_WAITS, "waiting")
        return self._line(left, label, right, "", session.tags)

    def _chat(self, row: Row, session: Session, chat: Chat) -> Content:
        key = (session.id, chat.id)
        is_active = chat.id == session.active_chat_id
        is_open = self._around.open == key
        unread = key in self._around.unread
        mark = (marks.ACTIVE_CHAT if is_active else marks.CHAT, "beside")
        if key in self._around.running:
            mark = (self._around.running_mark, "running")
        if waiting := key in self._around.waiting:
            mark = (marks.WAITING, "waiting")
        left = self._left(row, mark, is_open=is_open, unread=unread)
        label = self._matched(chat.name or "Chat")
        if unread or is_open:
            label = label.stylize_before("strong")
        number = f"{chat.message_count} msg" if self._width >= 36 else str(chat.message_count)
        right = [_right(number)] if chat.message_count else []
        return self._line(left, label, [_right(_WAITS, "waiting")] if waiting else right)

    def _left(
        self, row: Row, mark: tuple[str, str], *, is_open: bool = False, unread: bool = False
    ) -> Content:
        """All that stands before a row's name."""
        gutter = (marks.UNREAD, "unread-mark") if unread else (" ", "")
        if is_open:
            gutter = (marks.OPEN, "open-mark")
        guides, fold = "  " + self._guides(row), _fold_mark(row)
        if fold:
            guides = guides[:-1]
        return Content.assemble(gutter, (guides, "guide"), (fold, "faded"), mark, " ")

    def _label(self, session: Session, unread: bool, is_open: bool) -> Content:
        if not session.label.strip():
            return Content.styled(session.title, "untitled")
        label = self._matched(session.label)
        if unread or is_open:
            return label.stylize_before("strong")
        return label.stylize_before("faded") if session.state in marks.FADED else label

    def _right_of(self, session: Session) -> list[Content]:
        """What stands at the right, what gives way first at the left."""
        parts = []
        if len(session.chats) > 1:
            parts.append(_right(f"{marks.TIMES}{len(session.chats)}"))
        if session.temporary:
            parts.append(_right("temp" if self._width >= 36 else marks.TEMPORARY, "temporary"))
        parts.append(_right(relative_time(session.last_active_at, self._around.present), "faded"))
        return parts

    def _line(
        self,
        left: Content,
        label: Content,
        right: list[Content],
        aside: str = "",
        tags: tuple[str, ...] = (),
    ) -> Content:
        """Put the parts together: the label is cut, and what does not fit is left out."""
        room = self._width - left.cell_length - 1
        while right and room - sum(part.cell_length for part in right) < _LEAST:
            right = right[1:]
        room = max(room - sum(part.cell_length for part in right), 0)
        label = self._with_tags(label, tags, room)
        if aside and (spare := room - label.cell_length - 2) >= _LEAST:
            label = Content.assemble(label, "  ", draw_line(_cut_left(aside, spare), "faded"))
        line = Content.assemble(left, fitted(label, room), *right, " ")
        return line.truncate(self._width, pad=True)

    def _with_tags(self, label: Content, tags: tuple[str, ...], room: int) -> Content:
        for tag in tags:
            more = Content.assemble(label, " ", self._matched(f"#{tag}").stylize_before("faded"))
            if more.cell_length > room:
                break
            label = more
        return label

    def _matched(self, text: str) -> Content:
        """The text with the filter's words marked, cut to what a line can hold at all."""
        line = draw_line(text[: self._width * 8])
        for start, end in self._around.words.spans(line.plain):
            line = line.stylize("match", start, end)
        return line

    def _guides(self, row: Row) -> str:
        """The lines to the row; in a narrow pane only those of its nearest parents."""
        most = max(self._width // 3 // 2 * 2, 2)
        return row.guides if len(row.guides) <= most else "…" + row.guides[1 - most :]

    def _blank(self) -> Content:
        return Content(" " * self._width)


def _right(text: str, style: str = "faded") -> Content:
    return Content.assemble(" ", (text, style))


def _fold_mark(row: Row) -> str:
    if row.unfolded is None:
        return ""
    return marks.UNFOLDED if row.unfolded else marks.FOLDED


def _directory_tail(directory: str | None, name: str) -> str:
    """The directory with the home folder shortened, without the last part if that is the name."""
    if not directory:
        return ""
    path = PurePath(directory)
    home = Path.home()
    if path.is_relative_to(home):
        path = PurePath("~") / path.relative_to(home)
    return str(path.parent if path.name == name else path)


def _cut_left(text: str, width: int) -> str:
    """The end of a text, as much of it as fits."""
    if cell_len(text) <= width:
        return text
    tail = text[-width:]
    while cell_len(tail) >= width:
        tail = tail[1:]
    return "…" + tail
