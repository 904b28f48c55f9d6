"""The list of rows: the cursor on it, and the keys and the mouse that move and fold."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

from textual import events
from textual.binding import Binding
from textual.geometry import Region, Size
from textual.message import Message

from tui_sessions.tui.field_message import FieldMessage
from tui_sessions.tui.widgets.session_tree.outline import Outline
from tui_sessions.tui.widgets.session_tree.row import Row
from tui_sessions.tui.widgets.session_tree.row_canvas import RowCanvas
from tui_sessions.tui.widgets.session_tree.target import Target


class TreeRows(RowCanvas, can_focus=True):
    """The rows of the tree, with a cursor."""

    BINDINGS = [
        Binding("up,k", "move(-1)", "Up", id="tree.up", show=False),
        Binding("down,j", "move(1)", "Down", id="tree.down", show=False),
        Binding("home,g", "move_to_end(False)", "First", id="tree.first", show=False),
        Binding("end,G", "move_to_end(True)", "Last", id="tree.last", show=False),
        Binding("pageup,ctrl+u", "move_page(-1)", "Page up", id="tree.page_up", show=False),
        Binding("pagedown,ctrl+d", "move_page(1)", "Page down", id="tree.page_down", show=False),
        Binding("left,h", "fold", "Fold, or to the parent", id="tree.fold", show=False),
        Binding("right,l", "unfold", "Unfold, or to the first below", id="tree.unfold", show=False),
        Binding("enter", "open", "Open", id="tree.open"),
        Binding("space", "toggle_fold", "Fold", id="tree.toggle"),
        Binding("escape", "clear_filter", "Show all", id="tree.clear_filter"),
    ]

    class Moved(FieldMessage):
        """The cursor stands for something else now."""

        rows: TreeRows
        target: Target

        @property
        def control(self) -> TreeRows:
            """The sender, as `on` wants it."""
            return self.rows

    class Picked(FieldMessage):
        """A row was opened."""

        rows: TreeRows
        target: Target

        @property
        def control(self) -> TreeRows:
            """The sender, as `on` wants it."""
            return self.rows

    class Unfolded(FieldMessage):
        """A workspace is to be seen whose sessions are not known here yet."""

        workspace_id: str

    class FilterCleared(Message):
        """Everything shall be shown again."""

    class Shifted(Message):
        """The rows have moved below whatever is laid over them."""

    def __init__(self, outline: Outline, clock: Callable[[], datetime]) -> None:
        super().__init__(outline, clock)
        self._target: Target | None = None
        self._stale = False

    @property
    def target(self) -> Target | None:
        """What the cursor is on."""
        if self._stale:
            self.settle()
        return self._target

    def settle_soon(self) -> None:
        """Follow a change of the rows once all of those just made are known."""
        if not self._stale:
            self._stale = True
            self.call_next(self._settle_if_stale)

    def settle(self) -> None:
        """Follow a change of the rows: the cursor stays on what it was on, or else in place."""
        self._stale = False
        region = self.scrollable_content_region
        was_visible = 0 <= self.cursor - self.scroll_offset.y < region.height
        place = self.outline.index_of(self._target)
        self.virtual_size = Size(region.width, len(self.outline))
        wanted = self.cursor if place is None else place
        self.set_reactive(TreeRows.cursor, self.validate_cursor(wanted))
        self._remember_target()
        if was_visible or place is None:
            self.scroll_to_cursor()
        self.refresh()
        self.post_message(self.Shifted())
        for workspace_id in self.outline.take_wanted():
            self.post_message(self.Unfolded(workspace_id))

    def _settle_if_stale(self) -> None:
        if self._stale:
            self.settle()

    def move_to(self, target: Target) -> bool:
        """Put the cursor on a visible target; whether it is visible."""
        self.settle()
        place = self.outline.index_of(target)
        if place is not None:
            self._go(place)
        return place is not None

    def scroll_to_cursor(self) -> None:
        """Bring the cursor on screen."""
        row = Region(0, self.cursor, self.scrollable_content_region.width, 1)
        self.scroll_to_region(row, animate=False, immediate=True, force=True)

    def show_from_top(self) -> None:
        """Scroll to the first row if the cursor stays in sight there."""
        if self.cursor < self.scrollable_content_region.height:
            self.scroll_to(y=0, animate=False, immediate=True, force=True)

    def name_region(self, target: Target) -> Region | None:
        """Where a target's name is drawn within this widget; None where it is out of sight."""
        place = self.outline.index_of(target)
        row = None if place is None else self.outline.row(place)
        region = self.scrollable_content_region
        if row is None or place is None or not 0 <= place - self.scroll_offset.y < region.height:
            return None
        column = self.painter(row).name_column(row)
        return Region(column, place - self.scroll_offset.y, max(region.width - column, 1), 1)

    def validate_cursor(self, cursor: int) -> int:
        """Keep the cursor on a row."""
        return max(min(cursor, len(self.outline) - 1), 0)

    def watch_cursor(self, before: int, after: int) -> None:
        """Draw the two rows that look different now."""
        self.refresh_line(before)
        self.refresh_line(after)
        self._remember_target()

    def watch_scroll_y(self, old_value: float, new_value: float) -> None:
        """Draw what has come on screen."""
        super().watch_scroll_y(old_value, new_value)
        self.post_message(self.Shifted())

    def action_move(self, step: int) -> None:
        """Move the cursor by rows."""
        self._go(self.cursor + step)

    def action_move_page(self, step: int) -> None:
        """Move the cursor by pages."""
        self._go(self.cursor + step * max(self.scrollable_content_region.height - 1, 1))

    def action_move_to_end(self, last: bool) -> None:
        """Move the cursor to the first or last row."""
        self._go(len(self.outline) - 1 if last else 0)

    def action_open(self) -> None:
        """Open what the cursor is on; what only holds others is folded or unfolded."""
        row = self.outline.row(self.cursor)
        if row is None:
            return
        if row.kind in ("workspace", "archive"):
            self.action_toggle_fold()
        else:
            self.post_message(self.Picked(self, row.target))

    def action_toggle_fold(self) -> None:
        """Fold or unfold the row under the cursor."""
        row = self.outline.row(self.cursor)
        if row is not None and row.unfolded is not None:
            self._fold(row, not row.unfolded)

    def action_fold(self) -> None:
        """Fold the row under the cursor, or go to its parent."""
        row = self.outline.row(self.cursor)
        if row is None:
            return
        if row.unfolded or self.outline.has_rows_below(self.cursor):
            self._fold(row, False)
        elif (parent := self.outline.parent_index(self.cursor)) is not None:
            self._go(parent)

    def action_unfold(self) -> None:
        """Unfold the row under the cursor, or go to the first below it."""
        row = self.outline.row(self.cursor)
        if row is not None and row.unfolded is False:
            self._fold(row, True)
        elif row is not None and row.unfolded:
            self.action_move(1)

    def action_clear_filter(self) -> None:
        """Ask for everything to be shown again."""
        self.post_message(self.FilterCleared())

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Escape is only taken while something is filtered."""
        return bool(self.outline.words) if action == "clear_filter" else True

    def on_click(self, event: events.Click) -> None:
        """Go to what is clicked on and open it; on a fold mark, fold it."""
        place = event.y + self.scroll_offset.y
        row = self.outline.row(place)
        if row is None or event.button != 1:
            return
        event.stop()
        self.cursor = place
        column = self.painter(row).fold_column(row)
        if row.unfolded is not None and column - 1 <= event.x <= column:
            self.action_toggle_fold()
        else:
            self.action_open()

    def on_mouse_move(self, event: events.MouseMove) -> None:
        """Show what a click would open."""
        place = event.y + self.scroll_offset.y
        self.hovered = place if self.outline.row(place) else None

    def on_leave(self) -> None:
        """Nothing is under the mouse any more."""
        self.hovered = None

    def on_resize(self) -> None:
        """Fit the rows to the new size."""
        self.settle()

    def _go(self, place: int) -> None:
        self.cursor = place
        self.scroll_to_cursor()

    def _fold(self, row: Row, unfolded: bool) -> None:
        self.outline.fold(row, unfolded)
        self.settle()

    def _remember_target(self) -> None:
        row = self.outline.row(self.cursor)
        target = row.target if row else None
        if target != self._target:
            self._target = target
            if target is not None:
                self.post_message(self.Moved(self, target))
