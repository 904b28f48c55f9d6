"""The line above the tree that filters it as one types, and counts what is left."""

from __future__ import annotations

from functools import cached_property

from textual import on
from textual.binding import Binding
from textual.containers import Horizontal
from textual.content import Content
from textual.widgets import Input, Static

from tui_sessions.tui.field_message import FieldMessage
from tui_sessions.tui.widgets.line_input import LineInput


class FilterInput(LineInput):
    """The field of the bar."""

    BINDINGS = [Binding("enter", "submit", "To the tree", id="tree.filter_done")]


class FilterBar(Horizontal):
    """A field with a count; hidden while nothing is filtered."""

    BINDINGS = [
        Binding("escape", "close(True)", "Show all", id="tree.filter_clear"),
        Binding("down,up", "close(False)", "To the tree", show=False),
    ]
    DEFAULT_CSS = """
    FilterBar {
        height: 1;
        display: none;
        background: $boost;

        &.-shown { display: block; }
        & > Label, & > Static { width: auto; color: $foreground 66%; padding: 0 1; }
        & > Input { width: 1fr; background: transparent; }
        & > Input:focus { background: transparent; }
    }
    """

    class Typed(FieldMessage):
        """The words have changed."""

        bar: FilterBar
        text: str

        @property
        def control(self) -> FilterBar:
            """The sender, as `on` wants it."""
            return self.bar

    class Closed(FieldMessage):
        """The field is left; with `clear`, the filter goes as well."""

        bar: FilterBar
        clear: bool

        @property
        def control(self) -> FilterBar:
            """The sender, as `on` wants it."""
            return self.bar

    @cached_property
    def field(self) -> FilterInput:
        """Where the words are typed."""
        return FilterInput(compact=True, placeholder="filter")

    @cached_property
    def _count(self) -> Static:
        return Static(id="tree-filter-count")

    def show(self, text: str, count: int | None) -> None:
        """Follow a filter that was set elsewhere; `count` is None while nothing is filtered."""
        self._furnish()
        self.set_class(bool(text) or self.field.has_focus, "-shown")
        if self.field.value != text:
            with self.prevent(Input.Changed):
                self.field.value = text
        self._count.update(Content("" if count is None else f"{count:,}"))

    def open(self) -> None:
        """Show the field and put the cursor into it."""
        self._furnish()
        self.add_class("-shown")
        self.field.focus()

    def _furnish(self) -> None:
        """Put the field there when it is first needed; the start does without it."""
        if self.is_attached and not self.children:  # the tree that it is put into may be closing
            self.mount(Static(Content("/")), self.field, self._count)

    @on(Input.Changed)
    def type(self, event: Input.Changed) -> None:
        """Filter as one types."""
        event.stop()
        self.post_message(self.Typed(self, event.value))

    @on(Input.Submitted)
    def submit(self, event: Input.Submitted) -> None:
        """Go on in the tree with what is left of it."""
        event.stop()
        self.action_close(False)

    def action_close(self, clear: bool) -> None:
        """Leave the field."""
        self.post_message(self.Closed(self, clear))
