"""A list of things that can be ticked, some of them below others."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import ClassVar

from textual.binding import Binding, BindingType
from textual.content import Content
from textual.widgets.option_list import Option

from tui_sessions.tui.drawing import draw_line
from tui_sessions.tui.field_message import FieldMessage
from tui_sessions.tui.widgets.changing_list import ChangingList

_MUTED = "$foreground 66%"
_NAME_WIDEST = 34


@dataclass(frozen=True)
class TickRow:
    """Something that can be ticked."""

    name: str
    detail: str = ""
    """What else there is to say, beside the name; text from outside as well."""
    parent: str | None = None
    """The row that it is part of: who ticks that has ticked this too."""
    opens: bool = False
    """More rows belong to it that can be asked for."""


class TickList(ChangingList):
    """Shows rows with ticks; the ticks are kept by name, in the order they were made."""

    DEFAULT_CSS = """
    TickList {
        height: auto;
        text-wrap: nowrap;
        text-overflow: ellipsis;
        & > .option-list--option-highlighted {
            color: $block-cursor-foreground;
            background: $block-cursor-background;
        }
    }
    """
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("space", "tick", "Tick", id="dialog.tick"),
        Binding("right,l", "open_row", "Show its tools", show=False, id="dialog.open_row"),
        Binding("down,j", "cursor_down", "Next", show=False, id="dialog.next"),
        Binding("up,k", "cursor_up", "Previous", show=False, id="dialog.previous"),
    ]

    class OpenRequested(FieldMessage):
        """What belongs to a row is asked for."""

        name: str

    def __init__(self, rows: Sequence[TickRow], ticked: Iterable[str]) -> None:
        super().__init__(markup=False)
        self._rows = list(rows)
        self._ticked = dict.fromkeys(ticked)
        self._listed: set[str] = set()
        """The rows all of whose parts are here."""
        self._left_out: dict[str, set[str]] = {}
        """The parts that have no tick of rows that are ticked but for them."""

    @property
    def ticked(self) -> tuple[str, ...]:
        """The names that are ticked; without one of its parts, a row is all the others."""
        names: dict[str, None] = {}
        for name in self._ticked:
            without = self._left_out.get(name)
            parts = (row.name for row in self._rows if row.parent == name)
            names |= (
                dict.fromkeys(p for p in parts if p not in without) if without else {name: None}
            )
        return tuple(names)

    def on_mount(self) -> None:
        """Draw the rows, the cursor on the first."""
        self._draw(0)

    def insert_below(self, name: str, rows: Sequence[TickRow]) -> None:
        """Show what belongs to a row below it, in place of what was known of it.

        The cursor stays on the row it is on.
        """
        place = next((at for at, row in enumerate(self._rows) if row.name == name), None)
        if place is None:
            return
        self._listed.add(name)
        known = {row.name for row in rows}
        rest = [row for row in self._rows if row.name not in known]
        place = next(at for at, row in enumerate(rest) if row.name == name)
        current = self._row()
        self._rows = [*rest[: place + 1], *rows, *rest[place + 1 :]]
        names = [row.name for row in self._rows]
        self._draw(names.index(current.name) if current and current.name in names else place)

    def action_tick(self) -> None:
        """Tick the row under the cursor, or take its tick away."""
        row = self._row()
        if row is None:
            return
        if row.parent is not None and row.parent in self._ticked:
            self._left_out.setdefault(row.parent, set()).symmetric_difference_update({row.name})
            if row.parent not in self._listed:  # the others have to be known to stay ticked
                self.post_message(self.OpenRequested(row.parent))
        elif self._is_ticked(row):
            del self._ticked[row.name]
        else:
            self._left_out.pop(row.name, None)
            for part in [one.name for one in self._rows if one.parent == row.name]:
                self._ticked.pop(part, None)
            self._ticked[row.name] = None
        self._draw(self.highlighted or 0)

    def action_open_row(self) -> None:
        """Ask for what belongs to the row under the cursor."""
        row = self._row()
        if row is not None and row.opens:
            self.post_message(self.OpenRequested(row.name))

    def _is_ticked(self, row: TickRow) -> bool:
        if row.parent is not None and row.parent in self._ticked:
            return row.name not in self._left_out.get(row.parent, ())
        return row.name in self._ticked and not self._left_out.get(row.name)

    def _row(self) -> TickRow | None:
        return self._rows[self.highlighted] if self.highlighted is not None else None

    def _draw(self, cursor: int) -> None:
        self.set_options(Option(self._line(row)) for row in self._rows)
        self.highlighted = min(cursor, len(self._rows) - 1) if self._rows else None

    def _line(self, row: TickRow) -> Content:
        tick = ("[x] ", "bold $text-success") if self._is_ticked(row) else ("[ ] ", _MUTED)
        name = row.name.removeprefix(f"{row.parent}/") if row.parent else row.name
        shown = draw_line(name).truncate(_NAME_WIDEST, ellipsis=True)
        parts = ["  " if row.parent else "", tick, shown]
        detail = draw_line(row.detail[:400], _MUTED)
        return Content.assemble(*parts, *(("  ", detail) if row.detail else ()))
