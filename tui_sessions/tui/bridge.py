"""From the engine's events to Textual's messages."""

from __future__ import annotations

from textual.message_pump import MessagePump

from tui_sessions.engine.session_manager import SessionManager
from tui_sessions.tui.messages import EngineHappened


async def forward_events(manager: SessionManager, target: MessagePump) -> None:
    """Post every event of the engine to a screen, until the engine is shut down."""
    async for event in manager.events():
        target.post_message(EngineHappened(event))
