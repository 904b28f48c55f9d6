"""The workspace tree: workspaces, their sessions, and the sessions' chats and children."""

from tui_sessions.tui.widgets.session_tree.session_tree import SessionTree
from tui_sessions.tui.widgets.session_tree.target import ProblemRow, Target

__all__ = ["ProblemRow", "SessionTree", "Target"]
