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
from tui_sessions.tui.screens.dialog import Dialog, DialogBox, DialogInput
from tui_sessions.tui.widgets.key_line import KeyLine


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

    def drawn(self) -> Content:
        """The option as a line."""
        label = draw_line(self.label)
        return (
            label + Content("  ") + draw_line(self.detail, "$foreground 66%")
            if self.detail
            else label
        )


class Choice(Dialog[str | None]):
    """Asks for one of a list; the id of it, or a text of the person's own, or None."""

    DEFAULT_CSS = """
    Choice {
        & OptionList {
            height: auto;
            max-height: 45vh;
            text-wrap: nowrap;
            text-overflow: ellipsis;
            & > .option-list--option-highlighted {
                color: $block-cursor-foreground;
                background: $block-cursor-background;
            }
        }
        & .choice--empty {
            color: $text-muted;
            padding: 0 1;
            display: none;
            &.-shown {
                display: block;
            }
        }
    }
    """
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("down", "move(1)", "Next", show=False, id="dialog.next"),
        Binding("up", "move(-1)", "Previous", show=False, id="dialog.previous"),
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
    ) -> None:
        """Ask.

        Args:
            title: the question.
            options: the answers, in the order they are shown.
            selected: the id of the answer to begin on.
            placeholder: what the empty field says.
            allow_new: typed text that no option is chosen for is an answer too.
        """
        super().__init__()
        self._title = title
        self._all = tuple(options)
        self._shown: list[ChoiceOption | None] = []
        self._selected = selected
        self._placeholder = visible_line(placeholder)
        self._allow_new = allow_new

    def compose(self) -> ComposeResult:
        """The field, the list and the keys."""
        with DialogBox(self._title):
            yield DialogInput(placeholder=self._placeholder)
            yield OptionList(markup=False)
            yield Static("Nothing matches.", classes="choice--empty")
            yield KeyLine(("↑↓", "move"), ("dialog.accept", "choose"), ("dialog.cancel", "cancel"))

    def on_mount(self) -> None:
        """Begin in the field, on the answer that is current."""
        self.query_one(OptionList).can_focus = False
        self.query_one(Input).focus()
        self._show("")
        ids = [option.id for option in self._all]
        if self._selected in ids:
            self.query_one(OptionList).highlighted = ids.index(self._selected)

    def action_move(self, step: int) -> None:
        """Go to the next or the previous answer."""
        options = self.query_one(OptionList)
        options.action_cursor_down() if step > 0 else options.action_cursor_up()

    async def action_page(self, step: int) -> None:
        """Go a page down or up."""
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
        self._answer(event.option_index)

    @on(Input.Changed)
    def _filter(self, event: Input.Changed) -> None:
        event.stop()
        self._show(event.value)

    def _answer(self, index: int) -> None:
        option = self._shown[index]
        self.dismiss(self.query_one(Input).value.strip() if option is None else option.id)

    def _show(self, query: str) -> None:
        words = query.casefold().split()
        found = [option for option in self._all if option.matches(words)]
        new = query.strip() if self._allow_new else ""
        self._shown = [*found]
        drawn = [option.drawn() for option in found]
        if new and all(new not in (option.id, option.label) for option in found):
            self._shown.append(None)
            drawn.append(Content.assemble(("use ", "$foreground 66%"), "“", draw_line(new), "”"))
        options = self.query_one(OptionList)
        options.set_options(Option(line) for line in drawn)
        options.highlighted = 0 if drawn else None
        self.query_one(".choice--empty").set_class(not drawn, "-shown")
