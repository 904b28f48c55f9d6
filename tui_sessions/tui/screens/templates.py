"""The agent templates: to look at, use, make, change and delete."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import ClassVar

from textual import events, on, work
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal, VerticalScroll
from textual.widgets import OptionList, Static
from textual.widgets.option_list import Option

from tui_sessions.engine.agents.templates import Templates
from tui_sessions.tui.drawing import draw
from tui_sessions.tui.screens.dialog import DialogBox
from tui_sessions.tui.screens.template_editing import TemplateEditing
from tui_sessions.tui.screens.template_view import TemplateRow, draw_template, source_of
from tui_sessions.tui.widgets.changing_list import ChangingList
from tui_sessions.tui.widgets.key_line import KeyLine

_STACKED_BELOW = 76
"""Columns below which the template stands under the list."""


class TemplatesScreen(TemplateEditing):
    """All templates that count here; answers with the name of the one to use."""

    DEFAULT_CSS = """
    TemplatesScreen {
        & > DialogBox {
            width: 94%;
            max-width: 120;
            height: 88%;
        }
        & Horizontal {
            height: 1fr;
        }
        & OptionList {
            width: 30;
            height: 1fr;
            & > .option-list--option-highlighted {
                color: $block-cursor-foreground;
                background: $block-cursor-background;
            }
        }
        & VerticalScroll {
            width: 1fr;
            height: 1fr;
            padding: 0 0 0 2;
            scrollbar-size-vertical: 1;
        }
        & #template {
            height: auto;
        }
        &.-stacked Horizontal {
            layout: vertical;
        }
        &.-stacked OptionList {
            width: 1fr;
            height: auto;
            max-height: 40%;
        }
        &.-stacked VerticalScroll {
            padding: 1 0 0 0;
        }
        &.-low > DialogBox {
            width: 100%;
            height: 100%;
        }
        &.-low VerticalScroll {
            padding: 0;
        }
        &.-tiny OptionList {
            max-height: 2;
        }
        &.-tiny KeyLine {
            max-height: 1;
        }
    }
    """
    LISTS = ".templates--none"
    """None: the list and the template share what height the box has."""
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("n", "new", "New", id="dialog.new"),
        Binding("c", "copy", "Copy", id="dialog.copy"),
        Binding("e", "edit", "Edit", id="dialog.edit"),
        Binding("d,delete", "delete", "Delete", id="dialog.delete"),
        Binding("u", "undo", "Undo", id="dialog.undo"),
        Binding("w", "to_workspace", "Save for this workspace", id="dialog.to_workspace"),
        Binding("j", "move(1)", "Next", show=False, id="dialog.next"),
        Binding("k", "move(-1)", "Previous", show=False, id="dialog.previous"),
        Binding("pagedown", "page(1)", "Page down", show=False, id="dialog.page_down"),
        Binding("pageup", "page(-1)", "Page up", show=False, id="dialog.page_up"),
    ]

    def __init__(
        self,
        templates: Templates,
        own_folder: Path,
        workspace_id: str,
        make_workspace: Callable[[], Awaitable[object]],
        *,
        selected: str | None = None,
    ) -> None:
        """Show them.

        Args:
            templates: those of the open workspace.
            own_folder: where the person's files are kept.
            workspace_id: the open workspace.
            make_workspace: sees to it that the workspace is there, before a file is kept in it.
            selected: the name of the template to begin on.
        """
        super().__init__(templates, workspace_id, make_workspace)
        self._own_folder = own_folder
        self._selected = selected
        self._rows: list[TemplateRow] = []

    def compose(self) -> ComposeResult:
        """The list, the template and the keys."""
        with DialogBox("Agent templates"):
            with Horizontal():
                yield ChangingList(markup=False)
                with VerticalScroll(can_focus=False):
                    yield Static(id="template")
            yield KeyLine(
                ("enter", "use"),
                ("dialog.new", "new"),
                ("dialog.copy", "copy"),
                ("dialog.edit", "edit"),
                ("dialog.delete", "delete"),
                ("dialog.undo", "undo"),
                ("dialog.to_workspace", "keep for workspace"),
                ("dialog.cancel", "close"),
            )

    def on_mount(self) -> None:
        """Begin in the list."""
        self.query_one(OptionList).focus()
        self._read()

    def on_resize(self, event: events.Resize) -> None:
        """Put list and template side by side where there is room."""
        self.set_class(event.size.width < _STACKED_BELOW, "-stacked")
        self.call_after_refresh(self._draw)

    def action_move(self, step: int) -> None:
        """Go to the next or the previous template."""
        options = self.query_one(OptionList)
        options.action_cursor_down() if step > 0 else options.action_cursor_up()

    def action_page(self, step: int) -> None:
        """Scroll the template."""
        area = self.query_one(VerticalScroll)
        area.scroll_relative(y=step * max(area.size.height - 1, 1), animate=False)

    @on(OptionList.OptionSelected)
    def _use(self, event: OptionList.OptionSelected) -> None:
        event.stop()
        row = self._rows[event.option_index]
        if row.template is None:
            self.say(f"{row.path} cannot be used: {row.problem}", severe=True)
        else:
            self.dismiss(row.name)

    @on(OptionList.OptionHighlighted)
    def _show_highlighted(self, event: OptionList.OptionHighlighted) -> None:
        event.stop()
        self._show_current()

    def names(self) -> set[str]:
        """The names that are taken."""
        return {row.name for row in self._rows}

    def show_again(self, name: str | None = None) -> None:
        """Show what there is now, with the cursor on a template if one is named."""
        self._selected = name
        self._read()

    @work(exclusive=True, group="read")
    async def _read(self) -> None:
        """Read the files again, and show what there is now."""
        await self.templates.refresh()
        self._rows = self._found_rows()
        self._draw()

    def _found_rows(self) -> list[TemplateRow]:
        rows = []
        for template in self.templates.list():
            source, path = source_of(self.templates.source(template.name), self._own_folder)
            rows.append(TemplateRow(template.name, source, path, template))
        for problem in self.templates.problems():
            source = "workspace" if problem.workspace_id else "file"
            name = Path(problem.path).stem
            rows.append(TemplateRow(name, source, problem.path, problem=problem.reason))
        return rows

    def _draw(self) -> None:
        if not self._rows:
            return  # not read yet: the one to begin on is still to be found
        options = self.query_one(OptionList)
        current = self._selected or (row.name if (row := self.current()) else None)
        self._selected = None
        width = max(options.scrollable_content_region.width, 10)
        options.set_options(Option(row.drawn(width)) for row in self._rows)
        names = [row.name for row in self._rows]
        options.highlighted = names.index(current) if current in names else 0
        self._show_current()

    def _show_current(self) -> None:
        row = self.current()
        self.query_one("#template", Static).update(draw_template(row) if row else draw(""))
        self.query_one(VerticalScroll).scroll_home(animate=False)

    def current(self) -> TemplateRow | None:
        """The template under the cursor."""
        place = self.query_one(OptionList).highlighted
        return self._rows[place] if place is not None and place < len(self._rows) else None
