"""What the inspector asks for; whoever answers needs nothing of what it is made of."""

from __future__ import annotations

from tui_sessions.tui.field_message import FieldMessage


class CopyRequested(FieldMessage):
    """A text is to go to the clipboard."""

    text: str


class JumpRequested(FieldMessage):
    """Another session is to be opened, at a message if one is named."""

    session_id: str
    chat_id: str | None = None
    message_id: str | None = None


class ActRequested(FieldMessage):
    """Something is to be done that needs more than a row."""

    action: str
    """The name of the screen's action."""


class EditRequested(FieldMessage):
    """A value is to change: of the session, of its active chat or of that chat's agent."""

    session_id: str
    field: str
    """`label`, `tags`, `metadata`, `ttl_s`; `provider`, `model`, `system_prompt`,
    `temperature`, `max_tokens`, `parameter` of the agent; `max_messages` of the chat."""
    key: str | None
    """The name of a metadata value or a parameter, else None."""
    value: object | None
    """The value, checked; None takes it away."""
    chat_id: str | None = None
    """The chat that was active when the change was begun."""


class ValueKept(FieldMessage):
    """What was being typed for a value ended with the sight of its session; it is kept."""

    name: str
