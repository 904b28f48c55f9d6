"""A question that one of a list answers, found by typing."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.content import Content
from textual.widgets import Input, OptionList, Static
from textual.widgets.option_list import Option

from tui_sessions.model.visible import visible_line
from tui_sessions.tui.drawing import draw_line
from tui_sessions.tui.remembered.unfinished import Kept
from tui_sessions.tui.screens.dialog import Dialog, DialogBox, DialogInput
from tui_sessions.tui.widgets.changing_list import ChangingList
from tui_sessions.tui.widgets.key_line import KeyLine
from tui_sessions.tui.widgets.line_input import LineInput

_WIDTH = 76
_EDGES = 6
"""Cells of the frame and the space within it."""
_GAP = 2
_DETAIL_LINES = 3
_LEAST_DETAIL = 8


@dataclass(frozen=True)
class ChoiceOption:
    """One of the answers."""

    id: str
    """What the dialog answers with."""
    label: str
    detail: str = ""
    """What else there is to say, set beside the label."""

    def matches(self, words: Sequence[str]) -> bool:
        """Whether every word occurs in it, in either case."""
        text = f"{self.label} {self.detail} {self.id}".casefold()
        return all(word in text for word in words)

    def drawn(self, column: int, width: int) -> Content:
        """The option in so many cells: what there is to say begins in a column of its own."""
        label = draw_line(self.label)
        if not self.detail:
            return label
        label = label.truncate(column, ellipsis=True, pad=True)
        room = max(width - column - _GAP, _LEAST_DETAIL)
        lines = draw_line(self.detail, "$foreground 66%").wrap(room)
        indent = Content(" " * (column + _GAP))
        rows = [line.rstrip() for line in lines[:_DETAIL_LINES]]
        if len(lines) > _DETAIL_LINES:
            rows[-1] = (rows[-1] + Content("…")).truncate(room, ellipsis=True)
        return Content("\n").join(
            Content.assemble(indent if place else label + Content(" " * _GAP), row)
            for place, row in enumerate(rows)
        )


class Choice(Dialog[str | None]):
    """Asks for one of a list; the id of it, or a text of the person's own, or None."""

    MOST_SHOWN: ClassVar[int] = 200
    """Answers that are listed at once; of thousands, nobody finds one but by typing."""
    DEFAULT_CSS = """
    Choice {
        & > DialogBox {
            width: 76;
        }
        & OptionList {
            height: auto;
            text-wrap: nowrap;
            text-overflow: ellipsis;
            & > .option-list--option-highlighted {
                color: $block-cursor-foreground;
                background: $block-cursor-background;
            }
        }
        & .choice--empty, & .choice--more, & .choice--note {
            color: $text-muted;
            padding: 0 1;
            height: auto;
            display: none;
            &.-shown {
                display: block;
            }
        }
    }
    """
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("down,ctrl+n,ctrl+j", "move(1)", "Next", show=False, id="dialog.next"),
        Binding("up,ctrl+p", "move(-1)", "Previous", show=False, id="dialog.previous"),
        Binding("pagedown", "page(1)", "Page down", show=False, id="dialog.page_down"),
        Binding("pageup", "page(-1)", "Page up", show=False, id="dialog.page_up"),
    ]

    def __init__(
        self,
        title: str,
        options: Sequence[ChoiceOption],
        *,
        selected: str | None = None,
        placeholder: str = "type to filter",
        allow_new: bool = False,
        none_yet: str = "Nothing matches.",
        kept: Kept | None = None,
    ) -> None:
        """Ask.

        Args:
            title: the question.
            options: the answers, in the order they are shown.
            selected: the id of the answer to begin on.
            placeholder: what the empty field says.
            allow_new: typed text that no option is chosen for is an answer too.
            none_yet: what is said while there is no option and nothing is typed.
            kept: where what is typed outlives the app's end.
        """
        super().__init__()
        self._title = title
        self._all = tuple(options)
        self._shown: list[ChoiceOption | None] = []
        self._selected = selected
        self._moved = False
        """The person chose where the cursor stands."""
        self._note = ""
        self._width = 0
        self._placeholder = visible_line(placeholder)
        self._allow_new = allow_new
        self._none_yet = none_yet
        self._kept = kept

    def compose(self) -> ComposeResult:
        """The field, the list and the keys."""
        with DialogBox(self._title):
            yield DialogInput(placeholder=self._placeholder)
            yield ChangingList(markup=False)
            yield Static(classes="choice--empty")
            yield Static(classes="choice--more")
            yield Static(classes="choice--note")
            yield KeyLine(("↑↓", "move"), ("dialog.accept", "choose"), ("dialog.cancel", "cancel"))

    def on_mount(self) -> None:
        """Begin in the field, on the answer that is current."""
        self.query_one(OptionList).can_focus = False
        self.query_one(Input).focus()
        self._show("")
        self._draw_note()
        self.query_one(LineInput).go_on_with(self._kept)

    def action_cancel(self) -> None:
        """Close without an answer; what was typed is dropped."""
        self.query_one(LineInput).drop_kept()
        super().action_cancel()

    def on_resize(self) -> None:
        """Lay the answers out in the new width."""
        self.call_after_refresh(self._lay_out)

    def replace(self, options: Sequence[ChoiceOption]) -> None:
        """Offer other answers; what is typed stays, and the cursor where the person put it."""
        self._all = tuple(options)
        if self.is_mounted:
            self._show(self.query_one(Input).value, keep=True)

    def note(self, text: str) -> None:
        """Say something below the answers, or nothing."""
        self._note = text
        if self.is_mounted:
            self._draw_note()

    def action_move(self, step: int) -> None:
        """Go to the next or the previous answer."""
        self._moved = True
        options = self.query_one(OptionList)
        options.action_cursor_down() if step > 0 else options.action_cursor_up()

    async def action_page(self, step: int) -> None:
        """Go a page down or up."""
        self._moved = True
        await self.query_one(OptionList).run_action("page_down" if step > 0 else "page_up")

    @on(Input.Submitted)
    def _accept(self, event: Input.Submitted) -> None:
        event.stop()
        highlighted = self.query_one(OptionList).highlighted
        if highlighted is not None:
            self._answer(highlighted)

    @on(OptionList.OptionSelected)
    def _answer_by_click(self, event: OptionList.OptionSelected) -> None:
        event.stop()
        if event.option in self.query_one(OptionList).options:  # others may have come meanwhile
            self._answer(event.option_index)

    @on(Input.Changed)
    def _filter(self, event: Input.Changed) -> None:
        event.stop()
        self._moved = False
        self._show(event.value)

    def _answer(self, index: int) -> None:
        option = self._shown[index]
        self.query_one(LineInput).drop_kept()
        self.dismiss(self.query_one(Input).value.strip() if option is None else option.id)

    def _show(self, query: str, *, keep: bool = False) -> None:
        current = self._highlighted_id() if keep and (self._moved or query) else None
        words = query.casefold().split()
        found = self._listed([o for o in self._all if o.matches(words)], current, query)
        new = query.strip() if self._allow_new else ""
        self._shown = [*found]
        drawn = self._drawn(found)
        if new and all(new not in (option.id, option.label) for option in found):
            self._shown.append(None)
            drawn.append(Content.assemble(("use ", "$foreground 66%"), "“", draw_line(new), "”"))
        options = self.query_one(OptionList)
        options.set_options(Option(line) for line in drawn)
        options.highlighted = self._start(current, query) if drawn else None
        empty = self.query_one(".choice--empty", Static)
        if not drawn:
            empty.update(Content("Nothing matches." if self._all or query else self._none_yet))
        empty.set_class(not drawn, "-shown")

    def _lay_out(self) -> None:
        if self.query_one(OptionList).size.width != self._width:
            self._show(self.query_one(Input).value, keep=True)

    def _drawn(self, options: Sequence[ChoiceOption]) -> list[Content]:
        """The options, with what there is to say in one column."""
        # Before there is a size, what it will most likely be: nothing jumps then.
        self._width = self.query_one(OptionList).size.width or (
            min(self.app.size.width, _WIDTH) - _EDGES
        )
        width = self._width - 1  # the scrollbar's
        longest = max((draw_line(o.label).cell_length for o in options if o.detail), default=0)
        column = min(longest, max(width // 2, 1))
        return [option.drawn(column, width) for option in options]

    def _draw_note(self) -> None:
        place = self.query_one(".choice--note", Static)
        place.update(draw_line(self._note))
        place.set_class(bool(self._note), "-shown")

    def _highlighted_id(self) -> str | None:
        place = self.query_one(OptionList).highlighted
        option = self._shown[place] if place is not None else None
        return option.id if option else None

    def _start(self, current: str | None, query: str) -> int:
        """Where the cursor stands: on the answer it was on, else on the one that holds now."""
        wanted = self._wanted(current, query)
        ids = [option.id if option else None for option in self._shown]
        return ids.index(wanted) if wanted in ids else 0

    def _wanted(self, current: str | None, query: str) -> str | None:
        return current or (None if query else self._selected)

    def _listed(
        self, found: list[ChoiceOption], current: str | None, query: str
    ) -> list[ChoiceOption]:
        """As many as are listed, with the one that the cursor is to stand on; how many are not."""
        more = max(len(found) - self.MOST_SHOWN, 0)
        place = self.query_one(".choice--more", Static)
        place.update(Content(f"{more:,} more: type to find them"))
        place.set_class(more > 0, "-shown")
        wanted = self._wanted(current, query)
        late = [option for option in found[self.MOST_SHOWN :] if option.id == wanted]
        return [*late, *found[: self.MOST_SHOWN - len(late)]]
