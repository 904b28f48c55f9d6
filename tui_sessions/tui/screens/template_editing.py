"""What is done to agent templates: made, copied, changed, deleted, kept for a workspace."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Awaitable, Callable

from textual import work

from tui_sessions.engine.agents.templates import Templates
from tui_sessions.errors import SessionsError
from tui_sessions.model.identifiers import is_id
from tui_sessions.model.template_keys import unknown_keys
from tui_sessions.tui.drawing import draw_line
from tui_sessions.tui.screens.dialog import Dialog
from tui_sessions.tui.screens.editor import TextEditor
from tui_sessions.tui.screens.template_view import NEW_TEXT, TemplateRow
from tui_sessions.tui.screens.text_prompt import TextPrompt


class TemplateEditing(Dialog[str | None]):
    """The verbs of the templates' screen, which says what stands under the cursor.

    The type checker keeps it abstract: Textual's metaclass leaves no place for that of `abc`.
    """

    def __init__(
        self,
        templates: Templates,
        workspace_id: str,
        make_workspace: Callable[[], Awaitable[object]],
    ) -> None:
        """Begin.

        Args:
            templates: those of the open workspace.
            workspace_id: the open workspace.
            make_workspace: sees to it that the workspace is there, before a file is kept in it.
        """
        super().__init__()
        self.templates = templates
        self._workspace_id = workspace_id
        self._make_workspace = make_workspace
        self._deleted: list[tuple[TemplateRow, str]] = []
        """What was deleted here, with the text of its file."""

    @abstractmethod
    def current(self) -> TemplateRow | None:
        """The template under the cursor."""

    @abstractmethod
    def names(self) -> set[str]:
        """The names that are taken."""

    @abstractmethod
    def show_again(self, name: str | None = None) -> None:
        """Show what there is now, with the cursor on a template if one is named."""

    @work
    async def action_new(self) -> None:
        """Write a new template."""
        name = await self._new_name("")
        if name is not None:
            await self._edit(name, NEW_TEXT, None)

    @work
    async def action_copy(self) -> None:
        """Write a new template that begins as this one."""
        row = self.current()
        text = await self._text(row)
        if row is None or text is None:
            return
        name = await self._new_name(f"{row.name}-copy")
        if name is not None:
            await self._edit(name, text, None)

    @work
    async def action_edit(self) -> None:
        """Change the template; of one that is not a file, an own one is made."""
        row = self.current()
        text = await self._text(row)
        if row is not None and text is not None:
            await self._edit(row.name, text, self._place(row))

    @work
    async def action_delete(self) -> None:
        """Delete the template's file, at once; it can be taken back."""
        row = self.current()
        if row is not None and not row.own:
            self.say(f"{row.name} is not a file of yours: only those can be deleted.")
            return
        text = await self._text(row)
        if row is None or text is None:
            return
        try:
            await self.templates.remove(row.name, workspace=self._place(row))
        except SessionsError as error:
            self.say(str(error), severe=True)
            return
        self._deleted.append((row, text))
        self.say(f"Deleted {row.name}  ·  u takes it back")
        self.show_again()

    @work
    async def action_undo(self) -> None:
        """Bring back what was deleted last."""
        if not self._deleted:
            self.say("Nothing was deleted here.")
            return
        row, text = self._deleted[-1]
        if await self._save(row.name, text, self._place(row)):
            self._deleted.pop()

    @work
    async def action_to_workspace(self) -> None:
        """Keep the template, as it is now, for this workspace."""
        row = self.current()
        if row is not None and row.source == "workspace":
            self.say(f"{row.name} belongs to this workspace already.")
            return
        text = await self._text(row)
        if row is None or text is None:
            return
        if await self._save(row.name, text, self._workspace_id):
            self.say(f"{row.name} is kept for this workspace; changes to it hold here only.")

    async def _text(self, row: TemplateRow | None) -> str | None:
        """The text of a template's file; None where it cannot be read, which is told."""
        if row is None:
            return None
        try:
            return await self.templates.text(row.name)
        except SessionsError as error:
            self.say(str(error), severe=True)
            return None

    async def _new_name(self, proposed: str) -> str | None:
        taken = self.names()

        def problem(name: str) -> str | None:
            if not is_id(name):
                return "A name is letters, digits, - and _, and begins with a letter or digit."
            return f"{name} is there already." if name in taken else None

        return await self.app.push_screen_wait(
            TextPrompt("Name of the template", proposed, "letters, digits, - and _", problem)
        )

    async def _edit(self, name: str, text: str, workspace: str | None) -> None:
        """Have the text edited until it can be used, and keep it."""

        def problem(changed: str) -> str | None:
            wrong = [*self.templates.check_text(name, changed), *unknown_keys(changed, text)]
            return " ".join(wrong) or None

        changed = await self.app.push_screen_wait(
            TextEditor(f"{name}.toml", text, validate=problem, at_start=True)
        )
        if changed is not None and await self._save(name, changed, workspace):
            self.say(f"{name} is saved; chats that were made from it stay as they are.")

    async def _save(self, name: str, text: str, workspace: str | None) -> bool:
        try:
            if workspace is not None:
                await self._make_workspace()
            await self.templates.save_text(name, text, workspace=workspace)
        except SessionsError as error:
            self.say(str(error), severe=True)
            return False
        self.show_again(name)
        return True

    def _place(self, row: TemplateRow) -> str | None:
        """The workspace whose file a row is; None: the person's own."""
        return self._workspace_id if row.source == "workspace" else None

    def say(self, text: str, *, severe: bool = False) -> None:
        """Tell the person something for a moment."""
        self.notify(
            draw_line(text).plain, severity="error" if severe else "information", markup=False
        )
