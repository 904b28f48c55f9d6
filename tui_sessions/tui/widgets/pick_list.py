"""A list in which one or several entries are marked; the marks show without any colour."""

from __future__ import annotations

from collections.abc import Mapping
from typing import ClassVar

from textual import on
from textual.binding import Binding, BindingType
from textual.content import Content
from textual.widgets import OptionList
from textual.widgets.option_list import Option

from tui_sessions.tui.widgets.changing_list import ChangingList


class PickList(ChangingList):
    """Entries with marks; space marks the one under the cursor, enter is the screen's."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("enter", "screen.accept", "Accept", id="dialog.accept"),
        Binding("space", "select", "Choose", id="dialog.choose"),
        Binding("down,j", "cursor_down", "Next", show=False, id="dialog.next"),
        Binding("up,k", "cursor_up", "Previous", show=False, id="dialog.previous"),
    ]

    def __init__(self, entries: Mapping[str, Content], *, several: bool) -> None:
        """Offer entries.

        Args:
            entries: what each shows, by id.
            several: any number can be marked, none to begin with; otherwise always one.
        """
        super().__init__(markup=False)
        self._entries = dict(entries)
        self._several = several
        self._marked: set[str] = set() if several else set(list(self._entries)[:1])

    @property
    def picked(self) -> tuple[str, ...]:
        """The ids of what is marked, in the order of the list."""
        return tuple(one for one in self._entries if one in self._marked)

    @property
    def current(self) -> str | None:
        """The id of the entry under the cursor."""
        return None if self.highlighted is None else list(self._entries)[self.highlighted]

    def on_mount(self) -> None:
        """Begin on the first entry."""
        self._fill()
        self.highlighted = 0 if self._entries else None

    @on(OptionList.OptionSelected)
    def _mark(self, event: OptionList.OptionSelected) -> None:
        event.stop()
        chosen = list(self._entries)[event.option_index]
        self._marked = self._marked ^ {chosen} if self._several else {chosen}
        self._fill()

    def _fill(self) -> None:
        place = self.highlighted
        options = [Option(self._drawn(one)) for one in self._entries]
        with self.prevent(OptionList.OptionHighlighted):
            self.set_options(options)
            self.highlighted = place

    def _drawn(self, one: str) -> Content:
        marked = one in self._marked
        on_mark, off_mark = ("[x]", "[ ]") if self._several else ("(•)", "( )")
        mark = (on_mark, "bold $text-success") if marked else (off_mark, "$foreground 66%")
        return Content.assemble(mark, " ", self._entries[one])
