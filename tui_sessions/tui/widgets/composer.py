"""Where a person types: many lines, a history, and keys that send."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar

from textual import events
from textual.binding import Binding, BindingType
from textual.document._document import Selection
from textual.message import Message

from tui_sessions.tui.field_message import FieldMessage
from tui_sessions.tui.widgets.composer_history import ComposerHistory
from tui_sessions.tui.widgets.plain_text_area import PlainTextArea, clean_text

REST_AFTER_S = 8.0
"""Seconds without a key after which the cursor stays lit: to blink costs more than all the rest."""


class Composer(PlainTextArea):
    """A text area that grows with its text, sends with enter and remembers what was sent."""

    DEFAULT_CSS = """
    Composer {
        height: auto;
        min-height: 3;
        max-height: 12;
        padding: 0 1;
        border: round $foreground 25%;
        background: transparent;
        scrollbar-size-vertical: 1;
        &:focus {
            border: round $primary;
        }
        & .text-area--cursor-line {
            background: transparent;
        }
        & .text-area--placeholder {
            color: $text-disabled;
        }
    }
    """
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("enter", "send", "Send", id="composer.send"),
        Binding(
            "ctrl+j,shift+enter",
            "new_line",
            "New line",
            show=False,
            id="composer.new_line",
        ),
        Binding("up", "earlier", "Earlier prompt", show=False, id="composer.earlier"),
        Binding("down", "later", "Later prompt", show=False, id="composer.later"),
        Binding(
            "ctrl+r",
            "search_history",
            "Search history",
            show=False,
            id="composer.search_history",
        ),
        Binding("ctrl+g", "open_editor", "In $EDITOR", show=False, id="composer.editor"),
        Binding("escape", "leave", "Stop / transcript", id="composer.escape"),
        Binding(
            "ctrl+c,super+c", "interrupt", "Copy, or stop", show=False, id="composer.interrupt"
        ),
    ]

    class Submitted(FieldMessage):
        """A text is to be sent; the composer is empty again."""

        composer: Composer
        text: str

        @property
        def control(self) -> Composer:
            """The composer it comes from."""
            return self.composer

    class HistorySearchRequested(Message):
        """The person wants to search what was sent before."""

    class EditorRequested(Message):
        """The person wants to go on writing in their own editor."""

    class CommandsRequested(Message):
        """A slash was typed into the empty composer; it is there as text."""

    class EscapePressed(FieldMessage):
        """Escape, which stops a reply or leaves."""

        empty: bool
        """Nothing was typed: a second escape asks to edit the last message."""

    class EditLastRequested(Message):
        """Escape was pressed twice with nothing typed."""

    class InterruptPressed(Message):
        """Control-C, with nothing selected that it could copy."""

    def __init__(
        self,
        *,
        placeholder: str = "",
        name: str | None = None,
        id: str | None = None,  # noqa: A002 - the name that all widgets use
        classes: str | None = None,
    ) -> None:
        super().__init__(placeholder=placeholder, name=name, id=id, classes=classes)
        self._walk = ComposerHistory()
        self._escaped = False
        self._second_key = False
        """The key before this one was escape, in the empty composer."""

    def on_mount(self) -> None:
        """Let the cursor rest as long as nobody types."""
        self._rest = self.set_interval(REST_AFTER_S, self._rest_cursor)

    @property
    def draft(self) -> str:
        """What is typed and not sent."""
        return self.text

    @draft.setter
    def draft(self, text: str) -> None:
        self._walk.reset()
        self.load_text(clean_text(text))
        self.move_cursor(self.document.end)

    @property
    def past_prompts(self) -> list[str]:
        """What up and down walk through, the oldest first."""
        return self._walk.entries

    @past_prompts.setter
    def past_prompts(self, prompts: Sequence[str]) -> None:
        if list(prompts) != self._walk.entries:
            self._walk.replace(prompts)

    def give_back(self, text: str) -> None:
        """Put a text that could not be sent before what has been typed since."""
        rest = self.text
        self.draft = f"{text}\n{rest}" if rest else text

    def recall(self, prompt: str) -> None:
        """Put an earlier prompt in place of what is typed; down leads back to that."""
        self._put(self._walk.recall(prompt, self.text))

    def take_back_slash(self) -> None:
        """Empty the composer again if all it holds is the slash that asked for commands."""
        if self.text == "/":
            self.draft = ""

    def only_writes(self, event: events.Event) -> bool:
        """Whether an event does no more here than add to the text, or take back the last of it."""
        if not isinstance(event, events.Key):
            return isinstance(event, events.Paste)
        if event.key == "backspace":
            return bool(self.text)
        return event.is_printable and (bool(self.text) or event.character != "/")

    def forget_escape(self) -> None:
        """Take the next escape for the first: the last one was for something else."""
        self._escaped = False

    def action_send(self) -> None:
        """Send what is typed, or break the line after a backslash."""
        if self._backslash_before_cursor():
            row, column = self.cursor_location
            self.replace("\n", (row, column - 1), (row, column), maintain_selection_offset=False)
            return
        text = self.text.strip("\n").rstrip()
        if not text.strip():
            return
        self._put("")
        self._walk.reset()
        self.post_message(self.Submitted(self, text))

    def action_earlier(self) -> None:
        """Go a line up, or to the prompt sent before."""
        if not self.selection.is_empty or self._cursor_row() > 0:
            self.action_cursor_up()
        elif (text := self._walk.move(-1, self.text)) is not None:
            self._put(text)
            self.move_cursor((0, len(self.document[0])))

    def action_later(self) -> None:
        """Go a line down, or to the prompt sent after."""
        if not self.selection.is_empty or self._cursor_row() < self.wrapped_document.height - 1:
            self.action_cursor_down()
        elif (text := self._walk.move(1, self.text)) is not None:
            self._put(text)

    def action_search_history(self) -> None:
        """Ask for a search in what was sent before."""
        self.post_message(self.HistorySearchRequested())

    def action_open_editor(self) -> None:
        """Ask for the person's own editor."""
        self.post_message(self.EditorRequested())

    def action_leave(self) -> None:
        """Say that escape was pressed, and whether it was the second time."""
        if self.text:
            self.post_message(self.EscapePressed(empty=False))
        elif self._second_key:
            self.post_message(self.EditLastRequested())
        else:
            self._escaped = True
            self.post_message(self.EscapePressed(empty=True))

    def action_interrupt(self) -> None:
        """Copy what is selected here or on the screen, or say that nothing was."""
        selected = self.selected_text or self.screen.get_selected_text()
        if selected:
            self.app.copy_to_clipboard(selected)
        else:
            self.post_message(self.InterruptPressed())

    async def _on_key(self, event: events.Key) -> None:
        self._wake_cursor()
        self._second_key, self._escaped = self._escaped, False
        if event.character == "/" and not self.text:
            self.post_message(self.CommandsRequested())

    def _on_focus(self, event: events.Focus) -> None:
        self._wake_cursor()

    def _wake_cursor(self) -> None:
        self.cursor_blink = True
        self._rest.reset()

    def _rest_cursor(self) -> None:
        self.cursor_blink = False

    def _on_blur(self, event: events.Blur) -> None:
        self._escaped = False

    async def _on_paste(self, event: events.Paste) -> None:
        self._escaped = False

    def _backslash_before_cursor(self) -> bool:
        row, column = self.cursor_location
        line = self.document[row]
        return self.selection.is_empty and column == len(line) and line.endswith("\\")

    def _cursor_row(self) -> int:
        return self.wrapped_document.location_to_offset(self.cursor_location).y

    def _put(self, text: str) -> None:
        """Replace all text in a way that can be undone."""
        self.replace(clean_text(text), (0, 0), self.document.end, maintain_selection_offset=False)
        self.selection = Selection.cursor(self.document.end)
