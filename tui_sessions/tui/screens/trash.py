"""What was deleted and can be brought back."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import ClassVar

from textual import events, on, work
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.content import Content
from textual.widgets import Input, OptionList, Static
from textual.widgets.option_list import Option

from tui_sessions.model.clock import now
from tui_sessions.model.session import UNTITLED
from tui_sessions.tui.drawing import draw_line, relative_time
from tui_sessions.tui.screens.dialog import Dialog, DialogBox
from tui_sessions.tui.screens.question import Question
from tui_sessions.tui.widgets.changing_list import ChangingList
from tui_sessions.tui.widgets.key_line import KeyLine
from tui_sessions.tui.widgets.line_input import LineInput

_PLACE_WIDTH = 12


@dataclass(frozen=True)
class TrashRow:
    """A deleted session."""

    session_id: str
    workspace: str
    """The name of the workspace it was in."""
    label: str
    deleted_at: datetime

    def matches(self, words: Sequence[str]) -> bool:
        """Whether every word occurs in it, in either case."""
        text = f"{self.label} {self.workspace} {self.session_id}".casefold()
        return all(word in text for word in words)

    def drawn(self, present: datetime, width: int) -> Content:
        """The session as a line."""
        age = draw_line(f"{relative_time(self.deleted_at, present):>7}", "$foreground 66%")
        place = draw_line(self.workspace, "$foreground 66%")
        place = place.truncate(_PLACE_WIDTH, ellipsis=True, pad=True)
        room = max(width - age.cell_length - place.cell_length - 3, 8)
        label = draw_line(self.label or UNTITLED).truncate(room, ellipsis=True, pad=True)
        return Content.assemble(label, "  ", place, " ", age)


Deed = Callable[[str], Awaitable[bool]]
"""Does something with the session of an id; whether it could be done."""


class TrashScreen(Dialog[str | None]):
    """The trash; answers with the session that is to be opened again."""

    DEFAULT_CSS = """
    TrashScreen {
        & > DialogBox {
            width: 76;
            height: auto;
        }
        & OptionList {
            height: auto;
        }
        & Input {
            display: none;
            &.-shown {
                display: block;
            }
        }
        & .trash--empty {
            color: $text-muted;
            display: none;
            &.-shown {
                display: block;
            }
        }
    }
    """
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("u", "restore", "Bring back", id="dialog.restore"),
        Binding("D", "purge", "Delete for good", id="dialog.purge"),
        Binding("slash", "filter", "Filter", id="dialog.filter"),
        Binding("j", "move(1)", "Next", show=False, id="dialog.next"),
        Binding("k", "move(-1)", "Previous", show=False, id="dialog.previous"),
        Binding("g", "end(-1)", "First", show=False, id="dialog.first"),
        Binding("G", "end(1)", "Last", show=False, id="dialog.last"),
    ]

    def __init__(self, rows: Sequence[TrashRow], restore: Deed, purge: Deed) -> None:
        """Show what was deleted.

        Args:
            rows: the sessions, the one that was deleted last first.
            restore: brings one back.
            purge: deletes one for good.
        """
        super().__init__()
        self._all = tuple(rows)
        self._restore = restore
        self._purge = purge
        self._shown: list[TrashRow] = []

    def compose(self) -> ComposeResult:
        """The filter, the list and the keys."""
        with DialogBox("Trash"):
            yield LineInput(placeholder="filter")
            yield ChangingList(markup=False)
            yield Static(classes="trash--empty")
            yield KeyLine(*self._keys())

    def on_mount(self) -> None:
        """Begin on the session that was deleted last."""
        self.query_one(OptionList).focus()
        self._show()  # also before there is a width: a key may come first

    def on_resize(self) -> None:
        """Cut the lines to the new width."""
        self.call_after_refresh(self._show)

    @work
    async def action_restore(self) -> None:
        """Bring the highlighted session back, and go on in the trash."""
        if row := self._current():
            await self._take_out(row, self._restore)

    @work
    async def action_purge(self) -> None:
        """Delete the highlighted session for good, if the person is sure."""
        if row := self._current():
            question = Question(
                "Delete for good?",
                f"“{row.label or UNTITLED}” cannot be brought back after that.",
                yes="Delete",
                no="Keep",
                dangerous=True,
            )
            if await self.app.push_screen_wait(question):
                await self._take_out(row, self._purge)

    def action_filter(self) -> None:
        """Go to the filter."""
        field = self.query_one(Input)
        field.add_class("-shown")
        field.focus()

    def action_cancel(self) -> None:
        """Leave the filter, or close."""
        field = self.query_one(Input)
        if not field.has_class("-shown"):
            self.dismiss(None)
            return
        field.value = ""
        field.remove_class("-shown")
        self.query_one(OptionList).focus()

    def action_move(self, step: int) -> None:
        """Go to the next or the previous session."""
        rows = self.query_one(OptionList)
        rows.action_cursor_down() if step > 0 else rows.action_cursor_up()

    def action_end(self, side: int) -> None:
        """Go to the last or the first session."""
        rows = self.query_one(OptionList)
        rows.action_last() if side > 0 else rows.action_first()

    def on_key(self, event: events.Key) -> None:
        """Down leaves the filter for the list."""
        if event.key == "down" and self.query_one(Input).has_focus:
            event.stop()
            self.query_one(OptionList).focus()

    @on(OptionList.OptionSelected)
    @work
    async def _open_selected(self, event: OptionList.OptionSelected) -> None:
        event.stop()
        row = self._current()
        if row and await self._restore(row.session_id):
            self.dismiss(row.session_id)

    @on(Input.Submitted)
    def _to_list(self, event: Input.Submitted) -> None:
        event.stop()
        self.query_one(OptionList).focus()

    @on(Input.Changed)
    def _filter(self, event: Input.Changed) -> None:
        event.stop()
        self._show()

    def _keys(self) -> list[tuple[str, str]]:
        """The keys that have something to act on."""
        acting = [
            ("enter", "open"),
            ("dialog.restore", "bring back"),
            ("dialog.purge", "delete"),
            ("dialog.filter", "filter"),
        ]
        return [*(acting if self._all else []), ("dialog.cancel", "close")]

    async def _take_out(self, row: TrashRow, deed: Deed) -> None:
        """Do something with a session that leaves the trash; the cursor stays in place."""
        if await deed(row.session_id):
            place = self.query_one(OptionList).highlighted or 0
            self._all = tuple(other for other in self._all if other is not row)
            self._show(place)
            self.query_one(KeyLine).show(*self._keys())

    def _current(self) -> TrashRow | None:
        highlighted = self.query_one(OptionList).highlighted
        return None if highlighted is None else self._shown[highlighted]

    def _show(self, place: int = 0) -> None:
        rows = self.query_one(OptionList)
        current = self._current()
        words = self.query_one(Input).value.casefold().split()
        self._shown = [row for row in self._all if row.matches(words)]
        present = now()
        width = max(self.query_one(DialogBox).content_size.width - 1, 10)
        rows.set_options(Option(row.drawn(present, width)) for row in self._shown)
        if self._shown:
            if current in self._shown:
                place = self._shown.index(current)
            rows.highlighted = min(place, len(self._shown) - 1)
        empty = self.query_one(".trash--empty", Static)
        empty.update("Nothing matches." if self._all else "The trash is empty.")
        empty.set_class(not self._shown, "-shown")
        rows.display = bool(self._shown)
