"""The main screen: tree, chat and inspector side by side."""

from __future__ import annotations

from textual import work
from textual.app import ComposeResult
from textual.containers import Horizontal
from textual.screen import Screen
from textual.widgets import Footer

from tui_sessions.tui.keys import ANYWHERE
from tui_sessions.tui.screens.main.areas import ChatArea, FooterArea, InspectorArea, TreeArea
from tui_sessions.tui.screens.main.panes import Panes
from tui_sessions.tui.widgets.status_line import StatusLine


class MainScreen(Panes, Screen[None]):
    """Where a person works."""

    AUTO_FOCUS = "#composer"
    BINDINGS = ANYWHERE
    _styled = False
    """Whether Textual has asked for it once, as it does when a screen appears."""

    def compose(self) -> ComposeResult:
        """Three panes, a status line and the keys."""
        with Horizontal(id="panes"):
            yield TreeArea()
            yield ChatArea()
            yield InspectorArea()
        yield StatusLine(id="status")
        yield FooterArea()

    def on_mount(self) -> None:
        """Start where a person types."""
        self.session_tree.current_workspace = self.start.workspace_id
        self.composer.focus()
        self.call_after_refresh(self._furnish)

    async def _furnish(self) -> None:
        """Bring what the first paint does without: there is room for it already."""
        footer = Footer(show_command_palette=False, compact=True)
        await self.query_one(FooterArea).mount(footer)
        self.refresh_bindings()  # the footer shows nothing before it is told of some
        await self.query_one(InspectorArea).mount(self.inspector)
        self.call_after_refresh(self.refresh_inspector)

    def update_node_styles(self, animate: bool = True) -> None:
        """Style everything on the screen, except when that has just been done by mounting it."""
        if self._styled:
            super().update_node_styles(animate)
        self._styled = True

    @work
    async def action_help(self) -> None:
        """Show every key that works right now."""
        from tui_sessions.tui.screens.help import HelpScreen
        from tui_sessions.tui.screens.help_groups import help_groups

        await self.app.push_screen_wait(HelpScreen(help_groups(self.active_bindings)))
