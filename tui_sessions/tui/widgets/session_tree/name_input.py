"""The field that is laid over a row while its name is edited."""

from __future__ import annotations

from textual import on
from textual.binding import Binding
from textual.widgets import Input

from tui_sessions.model.visible import visible_line
from tui_sessions.tui.field_message import FieldMessage
from tui_sessions.tui.widgets.line_input import LineInput
from tui_sessions.tui.widgets.session_tree.target import Target


class NameInput(LineInput):
    """Edits one name in place."""

    BINDINGS = [
        Binding("enter", "submit", "Rename", id="tree.name_accept"),
        Binding("escape", "give_up", "Keep the name", id="tree.name_keep"),
    ]
    DEFAULT_CSS = """
    NameInput {
        position: absolute;
        layer: edit;
        background: $surface;
        color: $foreground;
    }
    NameInput:focus { background: $boost; }
    """

    class Done(FieldMessage):
        """Editing has ended; `text` is None where the name stays as it was."""

        field: NameInput
        target: Target
        text: str | None

        @property
        def control(self) -> NameInput:
            """The sender, as `on` wants it."""
            return self.field

    def __init__(self, target: Target, name: str, *, start_empty: bool) -> None:
        self._target = target
        self._before = visible_line(name).strip()
        value = "" if start_empty else self._before
        super().__init__(value, placeholder=self._before or "Name", compact=True)
        self._is_done = False

    @property
    def target(self) -> Target:
        """What is being named."""
        return self._target

    @on(Input.Submitted)
    def confirm(self, event: Input.Submitted) -> None:
        """Hand the new name up; an empty or unchanged one changes nothing."""
        event.stop()
        text = event.value.strip()
        self.drop_kept()
        self._finish(text if text and text != self._before else None)

    def on_blur(self) -> None:
        """Leaving the field keeps the name as it was; leaving the terminal for a while does not.

        What was typed is there again when the name is changed the next time.
        """
        if self.app.app_focus:
            self._finish(None)

    def action_give_up(self) -> None:
        """Keep the name as it was."""
        self.drop_kept()
        self._finish(None)

    def _finish(self, text: str | None) -> None:
        if not self._is_done:
            self._is_done = True
            self.post_message(self.Done(self, self._target, text))
