"""What was deleted and can be brought back."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import ClassVar, Literal

from textual import events, on
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
from tui_sessions.tui.widgets.key_line import KeyLine

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


@dataclass(frozen=True)
class TrashAction:
    """What is to be done with a deleted session."""

    kind: Literal["restore", "purge"]
    session_id: str


class TrashScreen(Dialog[TrashAction | None]):
    """The trash; answers with what the person wants done."""

    DEFAULT_CSS = """
    TrashScreen {
        & > DialogBox {
            width: 76;
            height: auto;
        }
        & OptionList {
            height: auto;
            max-height: 45vh;
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

    def __init__(self, rows: Sequence[TrashRow]) -> None:
        super().__init__()
        self._all = tuple(rows)
        self._shown: list[TrashRow] = []

    def compose(self) -> ComposeResult:
        """The filter, the list and the keys."""
        with DialogBox("Trash"):
            yield Input(placeholder="filter")
            yield OptionList(markup=False)
            yield Static(classes="trash--empty")
            yield KeyLine(*self._keys())

    def on_mount(self) -> None:
        """Begin on the session that was deleted last."""
        self.query_one(OptionList).focus()
        self.call_after_refresh(self._show)

    def on_resize(self) -> None:
        """Cut the lines to the new width."""
        self.call_after_refresh(self._show)

    def action_restore(self) -> None:
        """Bring the highlighted session back."""
        if row := self._current():
            self.dismiss(TrashAction("restore", row.session_id))

    def action_purge(self) -> None:
        """Delete the highlighted session for good, if the person is sure."""
        if row := self._current():
            question = Question(
                "Delete for good?",
                f"“{row.label or UNTITLED}” cannot be brought back after that.",
                yes="Delete",
                no="Keep",
                dangerous=True,
            )
            self.app.push_screen(question, lambda sure: self._purge(row, sure))

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
    def _restore_selected(self, event: OptionList.OptionSelected) -> None:
        event.stop()
        self.action_restore()

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
            ("enter", "bring back"),
            ("dialog.purge", "delete"),
            ("dialog.filter", "filter"),
        ]
        return [*(acting if self._all else []), ("dialog.cancel", "close")]

    def _purge(self, row: TrashRow, sure: bool | None) -> None:
        if sure:
            self.dismiss(TrashAction("purge", row.session_id))

    def _current(self) -> TrashRow | None:
        highlighted = self.query_one(OptionList).highlighted
        return None if highlighted is None else self._shown[highlighted]

    def _show(self) -> None:
        rows = self.query_one(OptionList)
        current = self._current()
        words = self.query_one(Input).value.casefold().split()
        self._shown = [row for row in self._all if row.matches(words)]
        present = now()
        width = max(self.query_one(DialogBox).content_size.width - 1, 10)
        rows.set_options(Option(row.drawn(present, width)) for row in self._shown)
        if self._shown:
            rows.highlighted = self._shown.index(current) if current in self._shown else 0
        empty = self.query_one(".trash--empty", Static)
        empty.update("Nothing matches." if self._all else "The trash is empty.")
        empty.set_class(not self._shown, "-shown")
        rows.display = bool(self._shown)
