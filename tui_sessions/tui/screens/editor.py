"""A place to write a text of many lines."""

from __future__ import annotations

from collections.abc import Callable
from typing import ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.widgets import Static, TextArea

from tui_sessions.tui.screens.dialog import Dialog, DialogBox
from tui_sessions.tui.screens.question import Question
from tui_sessions.tui.widgets.key_line import KeyLine
from tui_sessions.tui.widgets.plain_text_area import PlainTextArea


class TextEditor(Dialog[str | None]):
    """Edits a text; None when it is to stay as it was."""

    DEFAULT_CSS = """
    TextEditor {
        & > DialogBox {
            width: 90%;
            max-width: 120;
            height: 80%;
            min-height: 10;
        }
        & TextArea {
            height: 1fr;
            padding: 0;
            border: none;
            background: transparent;
            scrollbar-size-vertical: 1;
            &:focus {
                border: none;
            }
        }
    }
    """
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("ctrl+s", "save", "Save", id="dialog.save"),
    ]

    def __init__(
        self,
        title: str,
        text: str = "",
        *,
        validate: Callable[[str], str | None] | None = None,
        at_start: bool = False,
    ) -> None:
        """Edit.

        Args:
            title: what the text is.
            text: what is there to begin with.
            validate: returns a sentence when a text will not do, else None.
            at_start: begin at the start of the text instead of its end.
        """
        super().__init__()
        self._title = title
        self._text = text
        self._validate_text = validate or (lambda _text: None)
        self._at_start = at_start

    @property
    def typed(self) -> str:
        """What is written here and not saved yet."""
        text = next((area.text for area in self.query(TextArea)), self._text)
        return "" if text == self._text else text

    def compose(self) -> ComposeResult:
        """The text, a place for what is wrong with it, and the keys."""
        with DialogBox(self._title):
            yield PlainTextArea(self._text)
            yield Static("", classes="dialog--error")
            yield KeyLine(("dialog.save", "save"), ("dialog.cancel", "cancel"))

    def on_mount(self) -> None:
        """Begin in the text."""
        area = self.query_one(TextArea)
        # What the text area makes of line ends is no change by the person.
        self._text = area.text
        area.focus()
        area.move_cursor((0, 0) if self._at_start else area.document.end)

    def action_save(self) -> None:
        """Answer with the text as it is now; one that will not do stays to be mended."""
        text = self.query_one(TextArea).text
        error = self._validate_text(text)
        self.show_error(error)
        if error is None:
            self.dismiss(text)

    def action_cancel(self) -> None:
        """Close; if the text has changed, only when the person is sure."""
        if self.query_one(TextArea).text == self._text:
            self.dismiss(None)
        else:
            question = Question("Drop the changes?", "They are lost then.", yes="Drop", no="Go on")
            self.app.push_screen(question, self._drop)

    @on(TextArea.Changed)
    def _forget_error(self) -> None:
        self.show_error(None)

    def _drop(self, sure: bool | None) -> None:
        if sure:
            self.dismiss(None)
