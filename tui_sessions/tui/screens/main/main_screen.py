"""The main screen: tree, chat and inspector side by side."""

from __future__ import annotations

from textual import work
from textual.app import ComposeResult
from textual.containers import Horizontal
from textual.widgets import Footer

from tui_sessions.tui.keys import ANYWHERE
from tui_sessions.tui.screens.main.areas import ChatArea, InspectorArea, TreeArea
from tui_sessions.tui.screens.main.panes import Panes
from tui_sessions.tui.widgets.status_line import StatusLine


class MainScreen(Panes):
    """Where a person works."""

    AUTO_FOCUS = "#composer"
    BINDINGS = ANYWHERE

    def compose(self) -> ComposeResult:
        """Three panes, a status line and the keys."""
        with Horizontal(id="panes"):
            yield TreeArea()
            yield ChatArea()
            yield InspectorArea()
        yield StatusLine(id="status")
        yield Footer(show_command_palette=False, compact=True)

    def on_mount(self) -> None:
        """Start where a person types."""
        self.session_tree.current_workspace = self.start.workspace_id
        self.composer.focus()

    @work
    async def action_help(self) -> None:
        """Show every key that works right now."""
        from tui_sessions.tui.screens.help import HelpScreen
        from tui_sessions.tui.screens.help_groups import help_groups

        await self.app.push_screen_wait(HelpScreen(help_groups(self.active_bindings)))
