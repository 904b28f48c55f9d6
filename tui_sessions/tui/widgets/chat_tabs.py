"""The chats of a session as one row of tabs."""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from typing import ClassVar

from textual import events, on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal
from textual.message import Message
from textual.timer import Timer
from textual.widgets import Input

from tui_sessions.model.session import Chat
from tui_sessions.model.visible import visible_line
from tui_sessions.tui.field_message import FieldMessage
from tui_sessions.tui.remembered.unfinished import Kept
from tui_sessions.tui.widgets.line_input import LineInput
from tui_sessions.tui.widgets.tab_row import Tab, TabRow

_FRAME_S = 0.1


class NameInput(LineInput):
    """The field in which a chat's name is changed."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("enter", "submit", "Rename", id="chat_tabs.accept"),
    ]


class ChatTabs(Horizontal):
    """A line that shows which chats there are, which is open, and which are at work."""

    DEFAULT_CSS = """
    ChatTabs {
        height: 1;
        display: none;
        &.-several, &.-renaming {
            display: block;
        }
        & > TabRow {
            width: 1fr;
        }
        & > Input {
            width: 1fr;
            display: none;
            padding: 0 1;
            background: $boost;
        }
        &.-renaming > Input {
            display: block;
        }
        &.-renaming > TabRow {
            display: none;
        }
    }
    """
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape", "drop_name", "Cancel", id="chat_tabs.cancel"),
    ]

    class Picked(FieldMessage):
        """A tab was clicked."""

        chat_id: str

    class Renamed(FieldMessage):
        """A chat is to have another name."""

        chat_id: str
        text: str

    class RenameEnded(Message):
        """The name field went away by a key, and the focus that it had is free."""

    def __init__(
        self,
        *,
        name: str | None = None,
        id: str | None = None,  # noqa: A002 - the name that all widgets use
        classes: str | None = None,
    ) -> None:
        super().__init__(name=name, id=id, classes=classes)
        self._chats: tuple[Chat, ...] = ()
        self._active: str | None = None
        self._renaming: str | None = None
        self._spinner: Timer | None = None

    def compose(self) -> ComposeResult:
        """The tabs; the field for a name comes when one is changed."""
        yield TabRow()

    def on_mount(self) -> None:
        """Have a clock for the marks that turn, and stop it until one does."""
        row = self.query_one(TabRow)
        self._spinner = self.set_interval(_FRAME_S, row.turn, pause=True)

    def show(
        self,
        chats: Sequence[Chat],
        active_chat_id: str | None,
        running: Collection[str] = (),
        unread: Collection[str] = (),
        waiting: Collection[str] = (),
    ) -> None:
        """Show these chats.

        Args:
            chats: in the order of the tabs.
            active_chat_id: the open one.
            running: the ids of those that are answering.
            unread: the ids of those with replies that nobody has seen.
            waiting: the ids of those in which a tool waits for the person.
        """
        self._chats = tuple(chats)
        self._active = active_chat_id
        self.set_class(len(chats) > 1, "-several")
        tabs = [
            Tab(chat.id, chat.name, chat.id in running, chat.id in unread, chat.id in waiting)
            for chat in self._chats
        ]
        self.query_one(TabRow).show(tabs, active_chat_id)
        if self._renaming is not None and all(chat.id != self._renaming for chat in chats):
            self.action_drop_name()
        if self._spinner is not None:
            turning = any(tab.running and not tab.waiting for tab in tabs)
            self._spinner.resume() if turning else self._spinner.pause()

    kept_name: Callable[[str], Kept | None] = staticmethod(lambda _: None)
    """Where the name of a chat is kept while it is typed."""

    def begin_rename(self) -> None:
        """Let the person change the open chat's name in place."""
        chat = next((chat for chat in self._chats if chat.id == self._active), None)
        if chat is None:
            return
        self._renaming = chat.id
        self.add_class("-renaming")
        if not self.query(NameInput):
            self.mount(NameInput(compact=True, placeholder="the chat's name"))
        field = self.query_one(NameInput)
        field.go_on_with(None)
        field.value = visible_line(chat.name)
        field.focus()
        field.action_select_all()
        field.go_on_with(self.kept_name(chat.id))

    @on(Input.Submitted)
    def _accept_name(self, event: Input.Submitted) -> None:
        event.stop()
        chat = next((chat for chat in self._chats if chat.id == self._renaming), None)
        name = event.value.strip()
        if chat is not None and name and name != visible_line(chat.name):
            self.post_message(self.Renamed(chat.id, name))
        self.action_drop_name()

    def action_drop_name(self) -> None:
        """Leave the name as it is."""
        for field in self.query(NameInput):
            field.drop_kept()
        if self._renaming is not None:
            self._end_rename()
            self.post_message(self.RenameEnded())

    @on(TabRow.Clicked)
    def _pick(self, event: TabRow.Clicked) -> None:
        event.stop()
        self.post_message(self.Picked(event.tab_id))

    @on(Input.Changed)
    def _keep_to_itself(self, event: Input.Changed) -> None:
        event.stop()

    def on_descendant_blur(self, event: events.DescendantBlur) -> None:
        """Leaving the field leaves the name as it is, unless it is the terminal that was left."""
        if self.app.app_focus and self._renaming is not None:
            self._end_rename()

    def _end_rename(self) -> None:
        self._renaming = None
        self.remove_class("-renaming")
