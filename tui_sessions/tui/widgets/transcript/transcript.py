"""The transcript: a chat's messages, drawn only as far as they are on screen."""

from __future__ import annotations

from textual import events
from textual.binding import Binding
from textual.geometry import Offset
from textual.selection import Selection
from textual.style import Style

from tui_sessions.tui.field_message import FieldMessage
from tui_sessions.tui.widgets.transcript.selected_text import line_number
from tui_sessions.tui.widgets.transcript.viewport import Row
from tui_sessions.tui.widgets.transcript.walked_view import WalkedView

_WHEEL_LINES = 3


class Transcript(WalkedView):
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
        searching: bool
        """There may be more: not all messages were looked at yet."""

    class JumpToParent(Event):
        """The person asks for the session that this one was forked from."""

    def cursor_moved(self) -> None:
        """Tell that the cursor stands on another message."""
        self.post_message(self.CursorMoved(self, self.cursor_message_id))

    def folds_toggled(self, message_id: str, opened: bool) -> None:
        """Tell that folds were opened or closed."""
        self.post_message(self.FoldToggled(self, message_id, opened))

    def matches_counted(self, current: int, total: int, searching: bool) -> None:
        """Tell what a search has found."""
        self.post_message(self.Found(self, current, total, searching))

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
