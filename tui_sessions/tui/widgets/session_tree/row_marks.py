"""What a row is drawn with: shapes, and the names of the styles that colour them.

Every state has a shape of its own, so that it can be told without colours; all are one cell wide.
"""

from __future__ import annotations

from types import MappingProxyType

from tui_sessions.model.lifecycle import SessionState

STATES = MappingProxyType(
    {
        SessionState.CREATED: ("○", "faded"),
        SessionState.ACTIVE: ("●", "active"),
        SessionState.PAUSED: ("‖", "waiting"),
        SessionState.SUSPENDED: ("◌", "beside"),
        SessionState.ARCHIVED: ("▣", "faded"),
        SessionState.EXPIRED: ("✕", "problem"),
    }
)
RUNNING = "⠋⠙⠹⠸⠼⠴⠦⠧⠇⠏"
RUNNING_STILL = "◉"
"""The mark of a running session where nothing shall move."""
WAITING = "?"
"""The mark of a session in which a tool waits for the person."""
LINEAGE = MappingProxyType({"fork": "↳ ", "checkpoint": "≡ ", "spawn": "» "})
FADED = frozenset({SessionState.ARCHIVED, SessionState.EXPIRED})
FOLDED, UNFOLDED = "▸", "▾"
OPEN, UNREAD = "▌", "•"
ACTIVE_CHAT, CHAT = "◆", "◇"
PROBLEM = "!"
TEMPORARY = "~"
TIMES = "\N{MULTIPLICATION SIGN}"
