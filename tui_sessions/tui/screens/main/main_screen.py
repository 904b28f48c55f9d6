"""The main screen: tree, chat and inspector side by side."""

from __future__ import annotations

from functools import partial
from importlib import import_module

from textual import work
from textual.app import ComposeResult
from textual.containers import Horizontal
from textual.geometry import Size
from textual.screen import Screen
from textual.widget import Widget

from tui_sessions.daemon_thread import in_daemon_thread
from tui_sessions.tui.keys import ANYWHERE
from tui_sessions.tui.screens.main.agent_verbs import AgentVerbs
from tui_sessions.tui.screens.main.approvals import Approvals
from tui_sessions.tui.screens.main.areas import ChatArea, InspectorArea, TreeArea
from tui_sessions.tui.screens.main.chat_verbs import ChatVerbs
from tui_sessions.tui.screens.main.child_verbs import ChildVerbs
from tui_sessions.tui.screens.main.deleting import Deleting
from tui_sessions.tui.screens.main.engine_feed import EngineFeed
from tui_sessions.tui.screens.main.exporting import Exporting
from tui_sessions.tui.screens.main.finding import Finding
from tui_sessions.tui.screens.main.going import Going
from tui_sessions.tui.screens.main.importing import Importing
from tui_sessions.tui.screens.main.message_verbs import MessageVerbs
from tui_sessions.tui.screens.main.naming import Naming
from tui_sessions.tui.screens.main.panes import Panes
from tui_sessions.tui.screens.main.reply_feed import ReplyFeed
from tui_sessions.tui.screens.main.sending import Sending
from tui_sessions.tui.screens.main.session_verbs import SessionVerbs
from tui_sessions.tui.screens.main.template_verbs import TemplateVerbs
from tui_sessions.tui.screens.main.tool_verbs import ToolVerbs
from tui_sessions.tui.terminal.lean_paint import LeanPaint
from tui_sessions.tui.terminal.true_size import TrueSize
from tui_sessions.tui.widgets.key_bar import KeyBar
from tui_sessions.tui.widgets.status_line import StatusLine

_INSPECTOR = "tui_sessions.tui.widgets.inspector.inspector"


class MainScreen(
    Panes,
    EngineFeed,
    ReplyFeed,
    Approvals,
    ToolVerbs,
    Importing,
    Finding,
    MessageVerbs,
    ChatVerbs,
    ChildVerbs,
    TemplateVerbs,
    AgentVerbs,
    Exporting,
    SessionVerbs,
    Naming,
    Deleting,
    Sending,
    Going,
    TrueSize,
    LeanPaint,
    Screen[None],
):
    """Where a person works."""

    AUTO_FOCUS = "#composer"
    BINDINGS = ANYWHERE
    VERTICAL_BREAKPOINTS = [(0, "-tiny"), (8, "-high")]
    _styled = False
    """Whether Textual has asked for it once, as it does when a screen appears."""

    def compose(self) -> ComposeResult:
        """Three panes, a status line and the keys."""
        with Horizontal(id="panes"):
            yield TreeArea()
            yield ChatArea()
            yield InspectorArea()
        yield StatusLine(id="status")
        yield KeyBar(always=("app.help", "app.commands"))

    def on_mount(self) -> None:
        """Start where a person types."""
        self.session_tree.current_workspace = self.start.workspace_id
        if self.focused is None:  # a key that was typed early may have led elsewhere by now
            self.composer.focus()
        self.call_after_refresh(self._furnish)

    @work(group="furnish")
    async def _furnish(self) -> None:
        """Bring what the first paint does without: there is room for it already."""
        self.refresh_bindings()  # the bar of keys shows nothing before it is told of some
        await in_daemon_thread(partial(import_module, _INSPECTOR))
        self.inspector.kept_value = lambda session, value: self.drafting.kept(value, session)
        await self.query_one(InspectorArea).mount(self.inspector)
        self.furnished = True
        self.call_after_refresh(self.refresh_inspector)

    def update_node_styles(self, animate: bool = True) -> None:
        """Style everything on the screen, except when that has just been done by mounting it."""
        if self._styled:
            super().update_node_styles(animate)
        self._styled = True

    def lay_out_anew(self, size: Size) -> None:
        """Lay out and paint everything, but not again because of what that has changed.

        Every widget that learns its new size asks for a layout, and that has just been made.
        """
        bars, before = self._bars_shown(), self._to_be_painted()
        super().lay_out_anew(size)
        if self.is_current and self._bars_shown() == bars:
            for widget in self._shown_widgets():
                widget._layout_required, widget._repaint_required = False, widget in before

    def _bars_shown(self) -> list[tuple[Widget, bool, bool]]:
        """Which widgets have scroll bars: where these come or go, what is beside them moves."""
        shown = filter(lambda widget: widget.is_scrollable, self._shown_widgets())
        return [(one, one.show_vertical_scrollbar, one.show_horizontal_scrollbar) for one in shown]

    def _to_be_painted(self) -> set[Widget]:
        return {widget for widget in self._shown_widgets() if widget._repaint_required}

    def _shown_widgets(self) -> list[Widget]:
        return [widget for widget, _ in self._compositor.layers]
