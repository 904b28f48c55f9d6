"""The pane that shows a session's particulars and lets some of them be changed."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import ClassVar, Self

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.widgets import OptionList, Static

from tui_sessions.model.clock import now
from tui_sessions.model.session import Session, Workspace
from tui_sessions.model.statistics import SessionStats
from tui_sessions.tui.remembered.unfinished import Kept
from tui_sessions.tui.widgets.inspector.field_editor import FieldEditor
from tui_sessions.tui.widgets.inspector.requests import (
    ActRequested,
    CopyRequested,
    EditRequested,
    JumpRequested,
    ValueKept,
)
from tui_sessions.tui.widgets.inspector.row import Act, Copy, Edit, Jump, Row
from tui_sessions.tui.widgets.inspector.row_list import RowList
from tui_sessions.tui.widgets.inspector.sections import Subject, sections

_NAMED = ("metadata", "parameter")
"""The fields that hold several values by name."""


class Inspector(Vertical):
    """Everything known of the open session."""

    DEFAULT_CSS = """
    Inspector {
        & > .inspector--empty {
            padding: 1 2;
            color: $text-muted;
            display: none;
        }
        &.-empty > .inspector--empty {
            display: block;
        }
        &.-empty > RowList {
            padding: 0;
            scrollbar-gutter: auto;
        }
        &.-empty:focus-within > .inspector--empty {
            color: $foreground;
            background: $block-cursor-background;
        }
    }
    """
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("y", "copy", "Copy", id="inspector.copy"),
        Binding("a", "add_metadata", "Add metadata", show=False, id="inspector.add_metadata"),
        Binding("d,delete", "remove", "Remove the value", show=False, id="inspector.remove"),
    ]

    kept_value: Callable[[Session, str], Kept | None] = staticmethod(lambda *_: None)
    """Where a value of a session is kept while it is typed."""

    def __init__(
        self,
        *,
        name: str | None = None,
        id: str | None = None,  # noqa: A002 - the name that all widgets use
        classes: str | None = None,
    ) -> None:
        super().__init__(name=name, id=id, classes=f"{classes or ''} -empty")
        self._subject: Subject | None = None
        self._edited: tuple[str, str | None] | None = None
        self._value_name = ""

    @property
    def session_id(self) -> str | None:
        """The session that is shown."""
        return self._subject.session.id if self._subject else None

    @property
    def typed(self) -> str:
        """What is typed for a value and not accepted yet."""
        return next((editor.typed for editor in self.query(FieldEditor)), "")

    def drop_typed(self) -> None:
        """End what is being typed; it has found another place."""
        for editor in self.query(FieldEditor):
            editor.drop()

    def compose(self) -> ComposeResult:
        """The rows; the place where one is changed comes when one is."""
        yield Static("No session is open.", classes="inspector--empty")
        yield RowList()

    def on_mount(self) -> None:
        """Show what there was to show before there was a place for it."""
        self._draw(afresh=True)

    def focus(self, scroll_visible: bool = True) -> Self:
        """Give the focus to the rows."""
        for rows in self.query(RowList):  # there are none until it has been composed
            rows.focus(scroll_visible)
        return self

    def show(
        self,
        session: Session | None,
        stats: SessionStats | None = None,
        workspace: Workspace | None = None,
        ancestors: Sequence[Session] = (),
        children: Sequence[Session] = (),
        cycle: bool = False,
        child_states: Mapping[str, str] | None = None,
    ) -> None:
        """Show this session; the cursor stays on its row as long as it is the same one."""
        before = self._subject.session.id if self._subject else None
        self._subject = (
            Subject(
                session,
                stats,
                workspace,
                tuple(ancestors),
                tuple(children),
                cycle,
                dict(child_states or {}),
            )
            if session is not None
            else None
        )
        if self.is_mounted and self.query(RowList):  # the rows go first when the app ends
            self._draw(afresh=session is None or session.id != before)

    def action_copy(self) -> None:
        """Ask for the current row's value to be copied."""
        row = self.query_one(RowList).current
        if row is not None and row.text:
            self.post_message(CopyRequested(row.text))

    async def action_add_metadata(self) -> None:
        """Let the person type a new metadata value."""
        if self._subject is not None and self._subject.editable:
            await self._begin("add metadata", Edit("new_metadata"))

    def action_remove(self) -> None:
        """Ask for the current row's metadata value or parameter to be taken away."""
        row = self.query_one(RowList).current
        if row and isinstance(row.action, Edit) and row.action.field in _NAMED:
            self._post_edit(row.action.field, row.action.key, None, self._open_ids())

    @on(OptionList.OptionSelected)
    async def _act(self, event: OptionList.OptionSelected) -> None:
        event.stop()
        row = self.query_one(RowList).row(event.option)
        match row:
            case Row(action=Jump(session_id, chat_id, message_id)):
                self.post_message(JumpRequested(session_id, chat_id, message_id))
            case Row(action=Edit() as edit):
                await self._begin(row.name or "add metadata", edit)
            case Row(action=Act(action)):
                self.post_message(ActRequested(action))
            case Row(action=Copy()):
                self.post_message(CopyRequested(row.text))

    @on(OptionList.OptionHighlighted)
    def _keep_to_itself(self, event: OptionList.OptionHighlighted) -> None:
        event.stop()

    @on(FieldEditor.Accepted)
    def _change(self, event: FieldEditor.Accepted) -> None:
        event.stop()
        self._post_edit(event.field, event.key, event.value, self._edited)

    @on(FieldEditor.Closed)
    def _return_to_rows(self, event: FieldEditor.Closed) -> None:
        event.stop()
        if self.has_focus_within or self.screen.focused is None:
            self.focus()

    async def _begin(self, name: str, edit: Edit) -> None:
        self._edited = self._open_ids()
        if not self.query(FieldEditor):
            await self.mount(FieldEditor())
        self._value_name = name
        kept = None
        if self._subject is not None:
            value = f"{self._subject.session.active_chat_id}:{edit.field}:{edit.key or ''}"
            kept = self.kept_value(self._subject.session, value)
        self.query_one(FieldEditor).open(name, edit, kept)
        self.call_after_refresh(self.query_one(RowList).scroll_to_highlight)

    def _post_edit(
        self, field: str, key: str | None, value: object | None, ids: tuple[str, str | None] | None
    ) -> None:
        if ids is not None:
            self.post_message(EditRequested(ids[0], field, key, value, ids[1]))

    def _open_ids(self) -> tuple[str, str | None] | None:
        if self._subject is None:
            return None
        return self._subject.session.id, self._subject.session.active_chat_id

    def _draw(self, *, afresh: bool) -> None:
        self.set_class(self._subject is None, "-empty")
        found = sections(self._subject, now()) if self._subject else []
        for rows in self.query(RowList):  # none where the app ends before it has been composed
            rows.show(found, afresh=afresh)
        if self._edited is not None and self._open_ids() != self._edited:
            for editor in self.query(FieldEditor):
                if editor.typed:
                    self.post_message(ValueKept(self._value_name))
                editor.close()
            self._edited = None
