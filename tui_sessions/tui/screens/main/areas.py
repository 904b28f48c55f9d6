"""The parts of the main screen that have keys of their own."""

from __future__ import annotations

from textual.app import ComposeResult
from textual.containers import Vertical

from tui_sessions.tui.keys import TRANSCRIPT, TREE
from tui_sessions.tui.widgets.approval_bar import ApprovalBar
from tui_sessions.tui.widgets.chat_tabs import ChatTabs
from tui_sessions.tui.widgets.composer import Composer
from tui_sessions.tui.widgets.find_bar import FindBar
from tui_sessions.tui.widgets.inspector.inspector import Inspector
from tui_sessions.tui.widgets.session_tree import SessionTree
from tui_sessions.tui.widgets.transcript import Transcript


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
        yield FindBar(id="find-bar")
        yield ApprovalBar(id="approval-bar")
        yield Composer(id="composer", placeholder="Write…  enter sends, / commands")


class InspectorArea(Vertical):
    """The right pane."""

    def compose(self) -> ComposeResult:
        """The inspector."""
        yield Inspector(id="inspector")
