"""A question that one line of text answers."""

from __future__ import annotations

from collections.abc import Callable

from textual import on
from textual.app import ComposeResult
from textual.widgets import Input, Static

from tui_sessions.model.visible import visible_line
from tui_sessions.tui.remembered.unfinished import Kept
from tui_sessions.tui.screens.dialog import Dialog, DialogBox, DialogInput
from tui_sessions.tui.widgets.key_line import KeyLine
from tui_sessions.tui.widgets.line_input import LineInput


class TextPrompt(Dialog[str | None]):
    """Asks for one line; None when the person does not want to answer."""

    def __init__(
        self,
        title: str,
        value: str = "",
        placeholder: str = "",
        validate: Callable[[str], str | None] | None = None,
        *,
        kept: Kept | None = None,
    ) -> None:
        """Ask.

        Args:
            title: the question.
            value: what is there to begin with, all of it selected.
            placeholder: what an empty field says.
            validate: returns a sentence when an answer will not do, else None.
            kept: where what is typed outlives the app's end.
        """
        super().__init__()
        self._title = title
        self._value = value
        self._placeholder = visible_line(placeholder)
        self._validate_answer = validate or (lambda _answer: None)
        self._kept = kept

    def compose(self) -> ComposeResult:
        """The field, a place for what is wrong, and the keys."""
        with DialogBox(self._title):
            yield DialogInput(visible_line(self._value), placeholder=self._placeholder)
            yield Static("", classes="dialog--error")
            yield KeyLine(("dialog.accept", "accept"), ("dialog.cancel", "cancel"))

    def on_mount(self) -> None:
        """Begin in the field."""
        field = self.query_one(LineInput)
        field.focus()
        field.go_on_with(self._kept)

    def action_cancel(self) -> None:
        """Close without an answer; what was typed is dropped."""
        self.query_one(LineInput).drop_kept()
        super().action_cancel()

    @on(Input.Submitted)
    def _accept(self, event: Input.Submitted) -> None:
        event.stop()
        field = self.query_one(Input)
        error = self._validate_answer(field.value)
        field.set_class(error is not None, "-invalid")
        self.show_error(error)
        if error is None:
            self.query_one(LineInput).drop_kept()
            self.dismiss(field.value)

    @on(Input.Changed)
    def _forget_error(self) -> None:
        self.query_one(Input).remove_class("-invalid")
        self.show_error(None)
