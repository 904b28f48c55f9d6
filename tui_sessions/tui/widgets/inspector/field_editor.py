"""The place at the inspector's foot where a value is changed."""

from __future__ import annotations

from typing import ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.message import Message
from textual.widgets import Input, Static, TextArea

from tui_sessions.errors import InvalidValue
from tui_sessions.model.visible import visible_line
from tui_sessions.tui.drawing import draw_line
from tui_sessions.tui.field_message import FieldMessage
from tui_sessions.tui.remembered.unfinished import Kept
from tui_sessions.tui.widgets.inspector.field import (
    HINTS,
    MANY_LINES,
    parse_field,
    parse_named,
)
from tui_sessions.tui.widgets.inspector.row import Edit
from tui_sessions.tui.widgets.key_line import KeyLine
from tui_sessions.tui.widgets.line_input import LineInput
from tui_sessions.tui.widgets.plain_text_area import PlainTextArea


class ValueInput(LineInput):
    """A value of one line."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("enter", "submit", "Change", id="inspector.accept"),
    ]


class ValueArea(PlainTextArea):
    """A value of several lines; enter is done with it, as in the composer."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("enter", "submit", "Change", id="inspector.accept"),
        Binding("ctrl+j,shift+enter", "new_line", "New line", show=False, id="inspector.new_line"),
    ]

    class Submitted(Message):
        """The value is as it should be."""

    def action_submit(self) -> None:
        """Be done."""
        self.post_message(self.Submitted())


class FieldEditor(Vertical):
    """One value, typed in a line or, where it may have several, in an area."""

    DEFAULT_CSS = """
    FieldEditor {
        height: auto;
        padding: 0 1;
        border-top: solid $primary;
        display: none;
        &.-open {
            display: block;
        }
        & Static {
            height: auto;
        }
        & .field-editor--hint {
            color: $text-muted;
        }
        & .field-editor--error {
            color: $text-error;
            display: none;
        }
        & Input, & ValueArea {
            display: none;
            width: 1fr;
            padding: 0;
            border: none;
            background: $boost;
            &:focus {
                border: none;
                background-tint: $foreground 0%;
            }
        }
        & ValueArea {
            height: auto;
            min-height: 3;
            max-height: 10;
            scrollbar-size-vertical: 1;
        }
        &.-line Input, &.-lines ValueArea, &.-wrong .field-editor--error {
            display: block;
        }
    }
    """
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape", "cancel", "Cancel", id="inspector.cancel"),
    ]

    class Accepted(FieldMessage):
        """A value is to change."""

        field: str
        key: str | None
        value: object | None

    class Closed(Message):
        """Nothing is being changed any more."""

    def __init__(self) -> None:
        super().__init__()
        self._edit: Edit | None = None
        self._kept: Kept | None = None

    def compose(self) -> ComposeResult:
        """The value's name, the two ways to type it, what is wrong with it, and the keys."""
        yield Static(classes="field-editor--name")
        yield ValueInput(compact=True)
        yield ValueArea()
        yield Static(classes="field-editor--error")
        yield Static(classes="field-editor--hint")
        yield KeyLine()

    @property
    def is_open(self) -> bool:
        """Whether a value is being changed."""
        return self._edit is not None

    @property
    def typed(self) -> str:
        """What stands here and is another text than before."""
        if self._edit is None:
            return ""
        text, before = self._texts(self._edit)
        return "" if text == before else text

    def open(self, name: str, edit: Edit, kept: Kept | None = None) -> None:
        """Let the person change a value, beginning with what they left of it the last time."""
        self._edit, self._kept = edit, kept
        text = kept.text if kept is not None and kept.text else edit.text
        many = edit.field in MANY_LINES
        self.add_class("-open")
        self.set_class(many, "-lines")
        self.set_class(not many, "-line")
        self.remove_class("-wrong")
        self.query_one(".field-editor--name", Static).update(draw_line(name, "bold"))
        self.query_one(".field-editor--hint", Static).update(HINTS[edit.field])
        more = (("inspector.new_line", "new line"),) if many else ()
        keys = (("inspector.accept", "change"), *more, ("inspector.cancel", "cancel"))
        self.query_one(KeyLine).show(*keys)
        if many:
            area = self.query_one(ValueArea)
            area.load_text(text)
            area.move_cursor(area.document.end)
            area.focus()
        else:
            line = self.query_one(Input)
            line.value = visible_line(text)
            line.cursor_position = len(line.value)
            line.focus()

    def close(self) -> None:
        """Go away; what was typed is kept for the next time."""
        if self._edit is not None:
            self._edit = None
            self.remove_class("-open", "-wrong")
            self.post_message(self.Closed())

    @on(Input.Submitted)
    @on(ValueArea.Submitted)
    def _accept(self, event: Message) -> None:
        event.stop()
        if self._edit is None:
            return
        try:
            accepted = self._typed(self._edit)
        except InvalidValue as error:
            self.query_one(".field-editor--error", Static).update(draw_line(str(error)))
            self.add_class("-wrong")
            return
        if accepted is not None:
            self.post_message(accepted)
        self.drop()

    def action_cancel(self) -> None:
        """Leave the value as it is."""
        self.drop()

    def drop(self) -> None:
        """Go away, and keep nothing of what was typed."""
        if self._kept is not None:
            self._kept.keep("")
        self._kept = None
        self.close()

    @on(Input.Changed)
    @on(TextArea.Changed)
    def _forget_error(self, event: Message) -> None:
        event.stop()
        self.remove_class("-wrong")
        if self._edit is not None and self._kept is not None:
            self._kept.keep(self.typed)

    def _typed(self, edit: Edit) -> Accepted | None:
        """The change that was typed; None when the value is as it was."""
        text, before = self._texts(edit)
        if text == before:
            return None
        if edit.field.startswith("new_"):
            field = edit.field.removeprefix("new_")
            key, value = parse_named(field, text)
            return self.Accepted(field, key, value)
        return self.Accepted(edit.field, edit.key, parse_field(edit.field, text))

    def _texts(self, edit: Edit) -> tuple[str, str]:
        """What stands here, and what did before."""
        if edit.field in MANY_LINES:
            return self.query_one(ValueArea).text, edit.text
        return self.query_one(Input).value, visible_line(edit.text)
