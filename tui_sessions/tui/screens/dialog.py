"""What all dialogs share: a box in the middle, a title, a line of keys, escape."""

from __future__ import annotations

from typing import ClassVar, TypeVar

from textual import events, on
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.screen import ModalScreen
from textual.widgets import Static

from tui_sessions.tui.answered_once import AnsweredOnce
from tui_sessions.tui.drawing import draw_line
from tui_sessions.tui.terminal.lean_paint import LeanPaint
from tui_sessions.tui.terminal.true_size import TrueSize
from tui_sessions.tui.widgets.line_input import LineInput

Answer = TypeVar("Answer")

_LOW = 20
"""With fewer rows than this, frames and space go."""
_TINY = 8
"""With fewer rows than this, the lower edge of the box goes too."""


class DialogBox(Vertical):
    """The frame of a dialog, with its title in the upper edge."""

    def __init__(self, title: str) -> None:
        super().__init__()
        self.border_title = draw_line(title)


class DialogInput(LineInput):
    """A field that enter sends off."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("enter", "submit", "OK", id="dialog.accept"),
    ]


class Dialog(AnsweredOnce, TrueSize, LeanPaint, ModalScreen[Answer]):
    """A modal screen that escape or a click beside its box closes without an answer."""

    DEFAULT_CSS = """
    Dialog {
        align: center middle;
        background: $background 60%;
        & > DialogBox {
            width: 64;
            max-width: 100%;
            height: auto;
            max-height: 100%;
            overflow-y: auto;
            scrollbar-size-vertical: 1;
            padding: 1 2 0 2;
            border: round $primary;
            border-title-color: $text;
            border-title-style: bold;
            background: $surface;
        }
        & KeyLine {
            margin: 1 0 0 0;
        }
        & .dialog--text {
            height: auto;
            width: 1fr;
        }
        & .dialog--error {
            height: auto;
            color: $text-error;
            display: none;
            &.-shown {
                display: block;
            }
        }
        & Input {
            width: 1fr;
            height: 3;
            padding: 0 1;
            border: round $foreground 25%;
            background: transparent;
            &:focus {
                border: round $primary;
                background-tint: $foreground 0%;
            }
            &.-invalid, &.-invalid:focus {
                border: round $error;
            }
        }
        &.-low > DialogBox {
            padding: 0 1;
        }
        &.-tiny > DialogBox {
            border-bottom: none;
        }
        &.-low KeyLine {
            margin: 0;
        }
        &.-low Input, &.-low Input:focus {
            height: 1;
            padding: 0;
            border: none;
            &.-invalid {
                color: $text-error;
            }
        }
        & OptionList {
            padding: 0;
            border: none;
            background: transparent;
            scrollbar-size-vertical: 1;
            &:focus {
                border: none;
                background-tint: $foreground 0%;
            }
        }
    }
    """
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape", "cancel", "Close", id="dialog.cancel"),
    ]
    LISTS: ClassVar[str] = "OptionList"
    """What may grow with what there is to show, as a selector."""
    SHARE: ClassVar[int] = 45
    """How much of the screen's height that may take, in percent."""
    BESIDE: ClassVar[int] = 5
    """The rows of all the rest, which decide where the screen is low."""

    @on(events.Mount)
    def _fit_at_first(self) -> None:
        """Be painted for the first time as it is to be."""
        self._fit_rows(self.app.size.height)

    @on(events.Resize)
    def _fit(self, event: events.Resize) -> None:
        """Follow the terminal's height."""
        self._fit_rows(event.size.height)

    def _fit_rows(self, height: int) -> None:
        """Do without frames on a low screen, and give lists the rows that they may have.

        In rows: a box that is as high as its content is laid out without heeding `vh`.
        """
        low = height < _LOW
        self.set_class(low, "-low")
        self.set_class(height < _TINY, "-tiny")
        rows = height * self.SHARE // 100
        for grown in self.query(self.LISTS):
            grown.styles.max_height = max(rows, height - self.BESIDE if low else 0, 2)

    def action_cancel(self) -> None:
        """Close without an answer."""
        self.dismiss(None)

    def on_click(self, event: events.Click) -> None:
        """A click beside the box closes it."""
        if event.widget is self:
            self.action_cancel()

    def show_error(self, error: str | None) -> None:
        """Say what is wrong with what was entered, or nothing."""
        place = self.query_one(".dialog--error", Static)
        place.update(draw_line(error or ""))
        place.set_class(bool(error), "-shown")
