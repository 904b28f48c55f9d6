"""The inspector's rows: names and values in two columns, with a cursor over what can be used."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar

from textual import events
from textual.binding import Binding, BindingType
from textual.content import Content
from textual.widgets import OptionList
from textual.widgets.option_list import Option

from tui_sessions.tui.drawing import draw_line
from tui_sessions.tui.widgets.changing_list import ChangingList
from tui_sessions.tui.widgets.inspector.row import Act, Edit, Jump, Row, Section

_NAME_WIDTH = 12
_LONGEST = 2000
_STACKED_BELOW = 30


class RowList(ChangingList):
    """Sections of rows; those that nothing can be done with are passed over."""

    DEFAULT_CSS = """
    RowList {
        height: 1fr;
        padding: 0 0 0 1;
        border: none;
        background: transparent;
        scrollbar-size-vertical: 1;
        scrollbar-gutter: stable;
        &:focus {
            border: none;
            background-tint: $foreground 0%;
        }
        & > .option-list--option-disabled {
            color: $foreground;
        }
        & > .option-list--option-highlighted {
            color: $foreground;
            background: transparent;
            text-style: none;
        }
        &:focus > .option-list--option-highlighted {
            color: $foreground;
            background: $block-cursor-background;
            text-style: none;
        }
        & > .option-list--option-hover {
            background: $boost;
        }
    }
    """
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("enter", "select", "Change or go to", id="inspector.act"),
        Binding("j,down", "cursor_down", "Next", show=False, id="inspector.next"),
        Binding("k,up", "cursor_up", "Previous", show=False, id="inspector.previous"),
        Binding("g,home", "first", "First", show=False, id="inspector.first"),
        Binding("G,end", "last", "Last", show=False, id="inspector.last"),
        Binding("pagedown", "page_down", "Page down", show=False, id="inspector.page_down"),
        Binding("pageup", "page_up", "Page up", show=False, id="inspector.page_up"),
    ]

    def __init__(self) -> None:
        super().__init__(markup=False)
        self._sections: tuple[Section, ...] = ()
        self._rows: dict[str, Row] = {}
        self._width = 0

    @property
    def current(self) -> Row | None:
        """The row under the cursor."""
        option = self.highlighted_option
        return self._rows.get(option.id or "") if option else None

    def row(self, option: Option) -> Row | None:
        """The row that an option stands for."""
        return self._rows.get(option.id or "")

    def show(self, sections: Sequence[Section], *, afresh: bool) -> None:
        """Show these sections.

        Args:
            sections: what to show.
            afresh: they are about something else than before: begin at the top.
        """
        before, self._sections = self._sections, tuple(sections)
        if afresh or _looks(self._sections) != _looks(before):
            self._fill(afresh=afresh)

    def on_resize(self, event: events.Resize) -> None:
        """Wrap the values anew, and keep the cursor in sight."""
        if self._row_width() != self._width:
            self._fill(afresh=False)
        else:
            self.call_after_refresh(self.scroll_to_highlight)

    def _row_width(self) -> int:
        return self.scrollable_content_region.width

    def _fill(self, *, afresh: bool) -> None:
        current = None if afresh else self.current
        place = 0.0 if afresh else self.scroll_y
        self._width = self._row_width()
        self._rows = {row.id: row for section in self._sections for row in section.rows}
        options: list[Option] = []
        for section in self._sections:
            options.append(Option(draw_heading(section.title, not options), disabled=True))
            for row in section.rows:
                drawn = draw_row(row, max(self._width, 16))
                options.append(Option(drawn, id=row.id, disabled=row.action is None))
        with self.prevent(OptionList.OptionHighlighted):
            self.set_options(options)
            if current is not None and current.id in self._rows:
                self.highlighted = self.get_option_index(current.id)
            elif options:
                self.action_first()
        self.scroll_to(y=place, animate=False, immediate=True)


def _looks(sections: Sequence[Section]) -> list[object]:
    """All that can be seen of sections; contents are equal by their text alone."""
    return [(section, [row.value.spans for row in section.rows]) for section in sections]


def draw_heading(title: str, first: bool) -> Content:
    """A section's title, with a line of space above all but the first."""
    heading = draw_line(title, "bold $text-primary")
    return heading if first else Content("\n") + heading


def draw_row(row: Row, width: int) -> Content:
    """A row in so many cells: the name, the value wrapped beside it, and a mark at the edge."""
    leads = isinstance(row.action, Jump | Act)
    mark = "✎" if isinstance(row.action, Edit) else "→" if leads else ""
    name_width = min(_NAME_WIDTH, width // 2)
    room = max(width - name_width - 2, 4)
    value = row.value[:_LONGEST]
    lines = value.wrap(room) or [Content("")]
    if width < _STACKED_BELOW and len(lines) > 1 and row.name:
        return _stacked(row, mark, width)
    names = draw_line(row.name, "$foreground 66%").wrap(name_width - 1) if row.name else []
    drawn = []
    for index in range(max(len(lines), len(names))):
        name = names[index] if index < len(names) else Content("")
        line = lines[index].rstrip() if index < len(lines) else Content("")
        shown = Content.assemble(_padded(name, name_width), _padded(line, room))
        drawn.append(
            Content.assemble(shown, " ", (mark, "$foreground 66%")) if not index else shown
        )
    return Content("\n").join(drawn)


def _stacked(row: Row, mark: str, width: int) -> Content:
    """A row of a narrow pane: the value below the name, a little to the right."""
    name = _padded(draw_line(row.name, "$foreground 66%"), width - 1)
    lines = row.value[:_LONGEST].wrap(max(width - 2, 4))
    below = [Content("  ") + line.rstrip() for line in lines]
    head = Content.assemble(name, (mark, "$foreground 66%"))
    return Content("\n").join([head, *below])


def _padded(content: Content, width: int) -> Content:
    return content.truncate(width, pad=True)
