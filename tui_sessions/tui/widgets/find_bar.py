"""The line in which a person looks for something in the transcript."""

from __future__ import annotations

from functools import cached_property
from typing import ClassVar

from textual import on
from textual.binding import Binding, BindingType
from textual.containers import Horizontal
from textual.content import Content
from textual.message import Message
from textual.widgets import Input, Static

from tui_sessions.tui.field_message import FieldMessage
from tui_sessions.tui.remembered.unfinished import Kept
from tui_sessions.tui.widgets.line_input import LineInput


class FindInput(LineInput):
    """The field of the bar."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("enter", "submit", "Next", id="find.next"),
        Binding("down", "submit", "Next", show=False, id="find.next"),
        Binding("up,shift+enter", "previous", "Previous", id="find.previous"),
    ]

    def action_previous(self) -> None:
        """Ask for the place before."""
        self.post_message(FindBar.PreviousRequested())


class FindBar(Horizontal):
    """One line: what is looked for, and which of how many places is shown."""

    DEFAULT_CSS = """
    FindBar {
        height: 1;
        padding: 0 1;
        background: $panel;
        display: none;
        &.-open {
            display: block;
        }
        & > .find-bar--name {
            width: auto;
            padding: 0 1 0 0;
            color: $text-muted;
        }
        & > Input {
            width: 1fr;
            background: transparent;
            &:focus {
                background-tint: $foreground 0%;
            }
        }
        & > .find-bar--count {
            width: auto;
            padding: 0 0 0 1;
            color: $text-muted;
            &.-none {
                color: $text-error;
            }
        }
    }
    """
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape", "close", "Close", id="find.close"),
    ]

    class QueryChanged(FieldMessage):
        """Another text is looked for; an empty one looks for nothing."""

        text: str

    class NextRequested(Message):
        """Show the next place."""

    class PreviousRequested(Message):
        """Show the place before."""

    class Closed(Message):
        """The bar went away."""

    @property
    def is_open(self) -> bool:
        """Whether it is there to be seen."""
        return self.has_class("-open")

    @property
    def query_text(self) -> str:
        """What is looked for."""
        return self._input.value

    @cached_property
    def _input(self) -> FindInput:
        return FindInput(compact=True, placeholder="in this chat")

    @cached_property
    def _count(self) -> Static:
        return Static(classes="find-bar--count")

    def open(self, text: str | None = None, kept: Kept | None = None) -> None:
        """Appear with the focus, with the last query selected, or with another one.

        Args:
            text: another query.
            kept: where a query outlives the app's end.
        """
        self.add_class("-open")
        if not self.children:  # what nobody has asked for yet costs nothing at the start
            self.mount(Static("Find", classes="find-bar--name"), self._input, self._count)
        if text is not None:
            self._input.value = text
        if not self._input.value:
            self._input.go_on_with(kept)
        self._input.focus()
        self._input.action_select_all()

    def keep(self, text: str) -> None:
        """Take what was looked for elsewhere as the last query, without appearing."""
        with self.prevent(Input.Changed):
            self._input.value = text

    def show_count(self, index: int, total: int, *, searching: bool = False) -> None:
        """Say which place is shown, counted from 0, of how many; below 0 for none yet."""
        count = self._count
        count.set_class(total == 0 and bool(self.query_text) and not searching, "-none")
        if not self.query_text:
            count.update("")
        elif searching:
            count.update(Content(f"{total:,} so far …" if total else "searching …"))
        elif total == 0:
            count.update("not found")
        elif index < 0:
            count.update(Content(f"{total:,} found"))
        else:
            count.update(Content(f"{index + 1:,} of {total:,}"))

    def action_close(self) -> None:
        """Go away."""
        if self.is_open:
            self.remove_class("-open")
            self._input.drop_kept()
            self.post_message(self.Closed())

    @on(Input.Submitted)
    def _ask_for_next(self, event: Input.Submitted) -> None:
        event.stop()
        self.post_message(self.NextRequested())

    @on(Input.Changed)
    def _report_query(self, event: Input.Changed) -> None:
        event.stop()
        if not event.value:
            self.show_count(0, 0)
        self.post_message(self.QueryChanged(event.value))
