"""The parts of the main screen that have keys of their own."""

from __future__ import annotations

from textual import events, on
from textual.app import ComposeResult
from textual.containers import Vertical
from textual.widget import Widget

from tui_sessions.tui.keys import INSPECTOR, TRANSCRIPT, TREE
from tui_sessions.tui.widgets.approval_bar import ApprovalBar
from tui_sessions.tui.widgets.chat_tabs import ChatTabs
from tui_sessions.tui.widgets.composer import Composer
from tui_sessions.tui.widgets.session_tree import SessionTree
from tui_sessions.tui.widgets.transcript import Transcript

_LOW = 20
"""With fewer rows than this a chat and a bar with frames have no room together."""


class TreeArea(Vertical):
    """The left pane."""

    BINDINGS = TREE

    def compose(self) -> ComposeResult:
        """The tree."""
        yield SessionTree(id="tree")


class TranscriptArea(Vertical):
    """The part of the chat pane that is read."""

    BINDINGS = TRANSCRIPT

    def compose(self) -> ComposeResult:
        """The transcript."""
        yield Transcript(id="transcript")


class ChatArea(Vertical):
    """The middle pane."""

    def compose(self) -> ComposeResult:
        """Tabs above, the transcript, and where a person types."""
        yield ChatTabs(id="chat-tabs")
        yield TranscriptArea()
        yield Composer(id="composer", placeholder="Write…  enter sends, / commands")

    def on_resize(self, event: events.Resize) -> None:
        """Say where there is little height: what asks something does without frames there."""
        self.set_class(event.size.height < _LOW, "-low")

    @on(events.DescendantFocus)
    @on(events.DescendantBlur)
    def tell_answering(self) -> None:
        """Say that a tool call is being answered: where there is little height it gets it all."""
        if self.app.app_focus:  # else it is the terminal that was left
            self.set_class(isinstance(self.screen.focused, ApprovalBar), "-answering")

    def bring(self, bar: Widget, *, lowest: bool = False) -> None:
        """Put a bar between the transcript and the composer, unless it is there already."""
        if bar.is_attached:
            return
        if lowest:
            self.mount(bar, before=self.query_one(Composer))
        else:
            self.mount(bar, after=self.query_one(TranscriptArea))


class InspectorArea(Vertical):
    """The right pane; what it shows comes after the first paint."""

    BINDINGS = INSPECTOR
