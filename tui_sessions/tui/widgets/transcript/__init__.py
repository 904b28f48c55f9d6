"""The transcript of a chat."""

from tui_sessions.tui.widgets.transcript.transcript import Transcript
from tui_sessions.tui.widgets.transcript.view_state import ViewState

__all__ = ["Transcript", "ViewState"]
