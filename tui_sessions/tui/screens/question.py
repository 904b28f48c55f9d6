"""A question that yes or no answers."""

from __future__ import annotations

from typing import ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal, VerticalScroll
from textual.geometry import Size
from textual.widgets import Button, Static

from tui_sessions.tui.drawing import draw, draw_line
from tui_sessions.tui.screens.dialog import Dialog, DialogBox
from tui_sessions.tui.widgets.key_line import KeyLine


class AnswerButton(Button):
    """A button of one row, in however little room."""

    def on_mount(self) -> None:
        """Leave the space beside the label to the padding, which gives way."""
        self.styles.line_pad = 0

    def get_content_height(self, container: Size, viewport: Size, width: int) -> int:
        """One row; Textual would break the label to a width that may be none."""
        return 1


class Question(Dialog[bool]):
    """Asks yes or no; escape is no."""

    DEFAULT_CSS = """
    Question {
        & VerticalScroll {
            height: auto;
            max-height: 12;
            &:focus {
                background-tint: $foreground 0%;
            }
        }
        & Horizontal {
            height: 1;
            margin: 1 0 0 0;
            align-horizontal: right;
        }
        & Button {
            margin: 0 0 0 2;
            min-width: 10;
            width: auto;
            max-width: 50%;
            padding: 0 3;
        }
    }
    """
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("y", "answer(True)", "Yes", id="dialog.yes"),
        Binding("n", "answer(False)", "No", id="dialog.no"),
        Binding("left,up,h", "app.focus_previous", "Other", show=False, id="dialog.previous"),
        Binding("right,down,l", "app.focus_next", "Other", show=False, id="dialog.next"),
    ]

    def __init__(
        self,
        title: str,
        text: str = "",
        *,
        yes: str = "Yes",
        no: str = "No",
        dangerous: bool = False,
    ) -> None:
        """Ask.

        Args:
            title: the question.
            text: what is worth knowing before answering.
            yes: the name of the answer that does it.
            no: the name of the other one.
            dangerous: it cannot be undone; enter alone answers no.
        """
        super().__init__()
        self._title = title
        self._text = text
        self._names = (yes, no)
        self._dangerous = dangerous

    def compose(self) -> ComposeResult:
        """The text, the two answers and the keys."""
        yes, no = self._names
        with DialogBox(self._title):
            if self._text:
                with VerticalScroll(can_focus=False):
                    yield Static(draw(self._text), classes="dialog--text")
            with Horizontal():
                yield AnswerButton(
                    draw_line(yes),
                    variant="error" if self._dangerous else "primary",
                    id="yes",
                    compact=True,
                )
                yield AnswerButton(draw_line(no), id="no", compact=True)
            yield KeyLine(
                ("dialog.yes", yes.lower()), ("dialog.no", no.lower()), ("dialog.cancel", "cancel")
            )

    def on_mount(self) -> None:
        """Begin on the answer that does no harm, or else on yes."""
        self.query_one("#no" if self._dangerous else "#yes").focus()

    def action_cancel(self) -> None:
        """Answer no."""
        self.dismiss(False)

    def action_answer(self, answer: bool) -> None:
        """Answer."""
        self.dismiss(answer)

    @on(Button.Pressed)
    def _answer_by_button(self, event: Button.Pressed) -> None:
        event.stop()
        self.dismiss(event.button.id == "yes")
