"""The transcript of a chat."""

from tui_sessions.tui.widgets.transcript.cut_off import NextKeys, is_too_long
from tui_sessions.tui.widgets.transcript.tool_pairs import has_open_calls
from tui_sessions.tui.widgets.transcript.tool_states import CallState, CallStates
from tui_sessions.tui.widgets.transcript.transcript import Transcript
from tui_sessions.tui.widgets.transcript.view_state import ViewState

__all__ = [
    "CallState",
    "CallStates",
    "NextKeys",
    "Transcript",
    "ViewState",
    "has_open_calls",
    "is_too_long",
]
