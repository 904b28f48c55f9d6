"""The transcript: a chat's messages, drawn only as far as they are on screen."""

from __future__ import annotations

from asyncio import sleep
from typing import TYPE_CHECKING

from textual import events
from textual.binding import Binding
from textual.geometry import Offset
from textual.selection import Selection
from textual.style import Style

from tui_sessions.tui.field_message import FieldMessage
from tui_sessions.tui.widgets.transcript.message_view import MessageView
from tui_sessions.tui.widgets.transcript.selected_text import line_number
from tui_sessions.tui.widgets.transcript.viewport import Row

if TYPE_CHECKING:
    from tui_sessions.tui.widgets.transcript.finder import Finder

_WHEEL_LINES = 3


class Transcript(MessageView):
    """Shows a chat, with a cursor on one of its messages.

    It takes messages from its owner and never changes them; what a person does goes up as
    `CursorMoved`, `FoldToggled`, `Found` and `JumpToParent`.
    """

    COMPONENT_CLASSES = {
        "transcript--bar",
        "transcript--bar-focused",
        "transcript--match",
        "transcript--match-current",
    }
    DEFAULT_CSS = """
    Transcript {
        background: $background;
        color: $foreground;
        overflow-x: hidden;
        overflow-y: scroll;
        scrollbar-size-vertical: 1;
        scrollbar-background: $background;
        scrollbar-background-hover: $background;
        scrollbar-background-active: $background;
        scrollbar-color: $foreground 20%;
        scrollbar-color-hover: $foreground 40%;
        scrollbar-color-active: $primary;
        height: 1fr;
    }
    Transcript > .transcript--bar { color: $foreground 35%; }
    Transcript > .transcript--bar-focused { color: $primary; }
    Transcript > .transcript--match { background: $warning 35%; color: $foreground; }
    Transcript > .transcript--match-current {
        background: $foreground;
        color: $background;
        text-style: bold;
    }
    """
    BINDINGS = [
        Binding("j", "next_message", "Next message", id="transcript.next", show=False),
        Binding("k", "previous_message", "Previous message", id="transcript.previous", show=False),
        Binding("g,home", "first_message", "First message", id="transcript.first", show=False),
        Binding("G,end", "last_message", "Last message", id="transcript.last", show=False),
        Binding("up", "line_up", "Line up", id="transcript.line_up", show=False),
        Binding("down", "line_down", "Line down", id="transcript.line_down", show=False),
        Binding("pageup", "scroll_page_up", "Page up", id="transcript.page_up", show=False),
        Binding("pagedown", "scroll_page_down", "Page down", id="transcript.page_down", show=False),
        Binding("space", "toggle_folds", "Fold", id="transcript.fold", show=False),
        Binding("n", "find_next", "Next match", id="transcript.find_next", show=False),
        Binding("N", "find_previous", "Previous match", id="transcript.find_previous", show=False),
    ]

    class Event(FieldMessage):
        """Something that happened in a transcript."""

        transcript: Transcript

        @property
        def control(self) -> Transcript:
            """The transcript it happened in."""
            return self.transcript

    class CursorMoved(Event):
        """The cursor stands on another message."""

        message_id: str | None

    class FoldToggled(Event):
        """Folds of a message were opened or closed."""

        message_id: str
        opened: bool

    class Found(Event):
        """The current match, counted from one (0 for none), and how many there are."""

        index: int
        total: int

    class JumpToParent(Event):
        """The person asks for the session that this one was forked from."""

    def __init__(self, *, id: str | None = None) -> None:  # noqa: A002 - Textual's name for it
        super().__init__(id=id)
        self._finder: Finder | None = None

    def cursor_moved(self) -> None:
        """Tell that the cursor stands on another message."""
        self.post_message(self.CursorMoved(self, self.cursor_message_id))

    def messages_changed(self) -> None:
        """Forget what was found in other messages."""
        self.clear_find()

    def action_next_message(self) -> None:
        """Go to the next message, its top first where it does not fit."""
        start = self._visible_cursor(1)
        if start + 1 >= len(self.chat.messages):
            self.action_last_message()
        else:
            self._go(start + 1)

    def action_previous_message(self) -> None:
        """Go to the message before."""
        self._go(self._visible_cursor(-1) - 1)

    def action_first_message(self) -> None:
        """Go to the first message."""
        self._put_cursor(0)
        self.viewport.jump(0)
        self.update_view()

    def action_last_message(self) -> None:
        """Go to the end and follow it."""
        self._put_cursor(len(self.chat.messages) - 1)
        self.viewport.follow()
        self.update_view()

    def action_line_up(self) -> None:
        """Scroll one line up."""
        self.scroll_by(-1)

    def action_line_down(self) -> None:
        """Scroll one line down."""
        self.scroll_by(1)

    def action_scroll_page_up(self) -> None:
        """Scroll a screenful up; the cursor comes along."""
        self.scroll_by(-max(self.size.height - 2, 1))
        self._bring_cursor()

    def action_scroll_page_down(self) -> None:
        """Scroll a screenful down; the cursor comes along."""
        self.scroll_by(max(self.size.height - 2, 1))
        self._bring_cursor()

    def action_toggle_folds(self) -> None:
        """Unfold what is folded in the message under the cursor, or fold all of it."""
        folds = self.chat.folds(self._cursor) if self.chat.messages else []
        if folds:
            opened = self.chat.opened.get(self.chat.messages[self._cursor].id, set())
            self._set_folds(self._cursor, set() if opened.issuperset(folds) else set(folds))
            self.viewport.reveal(self._cursor)
            self.update_view()

    def _set_folds(self, place: int, opened: set[str]) -> None:
        message_id = self.chat.messages[place].id
        more = len(opened) > len(self.chat.opened.get(message_id, ()))
        self.chat.opened[message_id] = opened
        self.viewport.following = False
        self.chat.forget(place)
        self.update_view()
        self.viewport.following = self.at_end
        self.post_message(self.FoldToggled(self, message_id, more))

    def _visible_cursor(self, direction: int) -> int:
        """Where the cursor starts from: at the edge of the screen if it is not on it."""
        rows = self._rows
        if not rows or rows[0].index <= self._cursor <= rows[-1].index:
            return self._cursor
        return rows[0].index - 1 if direction > 0 else rows[-1].index + 1

    def _bring_cursor(self) -> None:
        rows = self._rows
        if rows:
            self._put_cursor(max(rows[0].index, min(self._cursor, rows[-1].index)))
            self.refresh()

    def on_mouse_scroll_down(self, event: events.MouseScrollDown) -> None:
        """Scroll with the wheel."""
        event.prevent_default().stop()
        self.scroll_by(_WHEEL_LINES)

    def on_mouse_scroll_up(self, event: events.MouseScrollUp) -> None:
        """Scroll with the wheel."""
        event.prevent_default().stop()
        self.scroll_by(-_WHEEL_LINES)

    def on_click(self, event: events.Click) -> None:
        """Put the cursor on the message that was clicked, and do what the line is there for."""
        row = self.row_at(event.y)
        if event.chain > 1:
            event.prevent_default()
            self._select_message(row)
        if row is None or event.chain > 1 or self.text_selection is not None:
            return
        self._put_cursor(row.index)
        if row.line.leads_to_parent:
            self.post_message(self.JumpToParent(self))
        elif row.line.fold is not None:
            opened = self.chat.opened.get(self.chat.messages[row.index].id, set())
            self._set_folds(row.index, opened ^ {row.line.fold})
        self.refresh()

    def _select_message(self, row: Row | None) -> None:
        """Select the whole message, where Textual would select the whole chat."""
        if row is not None:
            last = len(self.chat.lines(row.index)) - 1
            start = Offset(0, line_number(row.index, 0))
            self.screen.selections = {
                self: Selection(start, Offset(0, line_number(row.index, last)))
            }

    async def find(self, query: str, *, stay: bool = False) -> int:
        """Mark a text everywhere and say how often it is there; another search ends this one.

        The first match from the cursor on is brought into view, unless it is to stay as it is.
        """
        self.clear_find()
        if not query:
            return 0
        from tui_sessions.tui.widgets.transcript.finder import Finder

        finder = self._finder = Finder(query)
        async for _ in finder.search(self.chat):
            await sleep(0)
            if self._finder is not finder:
                return finder.total
        finder.start_at(self._cursor)
        self._show_match(stay=stay)
        return finder.total

    @property
    def found_text(self) -> str:
        """What is marked now, or still looked for."""
        return self._finder.query if self._finder else ""

    def find_next(self) -> None:
        """Go to the next match."""
        self._step_match(1)

    def find_previous(self) -> None:
        """Go to the match before."""
        self._step_match(-1)

    def clear_find(self) -> None:
        """Mark nothing any more."""
        self._finder = None
        self.refresh()

    def action_find_next(self) -> None:
        """Go to the next match."""
        self.find_next()

    def action_find_previous(self) -> None:
        """Go to the match before."""
        self.find_previous()

    def _step_match(self, by: int) -> None:
        if self._finder is not None:
            self._finder.step(by)
            self._show_match()

    def _show_match(self, *, stay: bool = False) -> None:
        finder = self._finder
        if finder is None:
            return
        where = None if stay else finder.place()
        if where is not None and where[0] < len(self.chat.messages):
            self._reveal_match(finder, *where)
        self.update_view()
        self.post_message(self.Found(self, finder.current + 1, finder.total))

    def _reveal_match(self, finder: Finder, index: int, number: int) -> None:
        self._put_cursor(index)
        places = finder.starts(index, self.chat.lines(index))
        if number >= len(places) and (folds := self.chat.folds(index)):
            self._set_folds(index, set(folds))
            places = finder.starts(index, self.chat.lines(index))
        if places:
            self.viewport.reveal_line(index, places[min(number, len(places) - 1)][0])
        else:
            self.viewport.reveal(index)

    def update_lines(self) -> None:
        """Paint the lines that have changed; while a search is shown, its marks may have too."""
        if self._finder is None:
            super().update_lines()
        else:
            self.update_view()

    def row_overlays(self, row: Row) -> list[tuple[int, int, Style]]:
        """The matches of a search."""
        if self._finder is None:
            return []
        lines = self.chat.lines(row.index)
        spans = self._finder.spans(row.index, lines).get(row.place, [])
        if not spans:
            return []
        style = self.look_of("transcript--match")
        current = self.look_of("transcript--match-current")
        chosen = self._finder.current_span(row.index, lines)
        return [
            (start, end, current if (row.place, start) == chosen else style) for start, end in spans
        ]

    def row_bar(self, row: Row) -> Style | None:
        """The bar beside the message under the cursor."""
        if row.index != self._cursor:
            return None
        return self.look_of("transcript--bar-focused" if self.has_focus else "transcript--bar")

    def on_focus(self) -> None:
        """Show where the keys go."""
        self.refresh()

    def on_blur(self) -> None:
        """Show that the keys go elsewhere."""
        self.refresh()
