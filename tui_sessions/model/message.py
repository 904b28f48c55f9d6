"""Messages and the parts they are made of."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Annotated, Any

import msgspec

from tui_sessions.model.clock import now
from tui_sessions.model.identifiers import new_id
from tui_sessions.model.usage import Usage

ROLES = ("system", "user", "assistant", "tool")
Elapsed = Annotated[float, msgspec.Meta(ge=0, le=1e10)]


class _Part(msgspec.Struct, frozen=True, gc=False, tag_field="type"):
    """What all parts have in common: the key `type` tells them apart in a file."""


class TextPart(_Part, frozen=True, tag="text"):
    """Text for a person, in Markdown where the agent writes Markdown."""

    text: str


class Signature(msgspec.Struct, frozen=True, gc=False, kw_only=True, omit_defaults=True):
    """What a provider wants back unchanged with a thought while tools are used; never shown."""

    provider: str
    """Who signed; nobody else can make use of it."""
    model: str
    """The model that was asked for."""
    data: str
    redacted: bool = False
    """The provider keeps the thought to itself: the data is the thought, and the text is empty."""
    details: dict[str, Any] = {}
    """What else goes back with the thought; `{"of": "text"}`: it signs the text before it."""


class ThinkingPart(_Part, frozen=True, tag="thinking", omit_defaults=True):
    """What the model thought before it answered."""

    text: str
    signature: Signature | None = msgspec.field(default=None, name="signed")
    """None where the provider does not sign; the text may be empty where it does."""


class ToolCallPart(_Part, frozen=True, tag="tool_call"):
    """The model's wish to have a tool run."""

    id: str
    name: str
    arguments: Any = None


class ToolResultPart(_Part, frozen=True, tag="tool_result"):
    """What a tool gave back."""

    call_id: str
    text: str = ""
    is_error: bool = False


_Size = Annotated[int, msgspec.Meta(ge=0, le=2**53)]


class ImagePart(_Part, frozen=True, tag="image", omit_defaults=True):
    """A picture, as base64 data or as a path."""

    media_type: str
    data: str | None = None
    path: str | None = None
    """`files/<name>` is a file beside the session: `SessionManager.read_file` reads it."""
    size: _Size | None = None
    """Bytes of that file."""


class FilePart(_Part, frozen=True, tag="file", omit_defaults=True):
    """A file that goes with the message."""

    name: str
    media_type: str | None = None
    path: str | None = None
    """`files/<name>` is a file beside the session, any other only says where it came from."""
    data: str | None = None
    """Its content in base64, where it is not beside the session."""
    size: _Size | None = None


class SummaryPart(_Part, frozen=True, tag="summary"):
    """What stands for an earlier stretch of the conversation."""

    text: str


class OpaquePart(_Part, frozen=True, tag="opaque"):
    """A part of a type this version does not know; it is kept as it came."""

    data: dict[str, Any]


KnownPart = (
    TextPart | ThinkingPart | ToolCallPart | ToolResultPart | ImagePart | FilePart | SummaryPart
)
Part = KnownPart | OpaquePart


class Message(msgspec.Struct, frozen=True, gc=False, kw_only=True):
    """One entry of a chat; a frozen value.

    ```python
    Message.from_text("user", "Hello")
    ```
    """

    id: str
    role: str = "user"
    """`system`, `user`, `assistant` or `tool`."""
    content: tuple[Part, ...] = ()
    created_at: datetime | None = None
    """None where the source of an imported message does not say."""
    status: str = "complete"
    """`complete`, `partial` (cut off by a crash), `stopped` or `failed`."""
    hidden: bool = False
    """Kept and searchable, but neither a prompt nor a reply nor a label."""
    model: str | None = None
    elapsed_s: Elapsed | None = None
    """Seconds from the request to the end of the reply."""
    usage: Usage | None = None
    error: str | None = None
    """Why a failed reply failed, as a sentence."""
    metadata: dict[str, Any] = {}

    @classmethod
    def from_text(cls, role: str, text: str, **fields: Any) -> Message:
        """A new message of one text part, with a new id and the present time."""
        fields.setdefault("id", new_id())
        fields.setdefault("created_at", now())
        return cls(role=role, content=(TextPart(text),), **fields)

    @property
    def text(self) -> str:
        """The text parts as one text: what a person reads and copies."""
        return text_of(self.content)


def text_of(parts: Iterable[Part]) -> str:
    """The text and summary parts as one text, a blank line between two."""
    return "\n\n".join(part.text for part in parts if isinstance(part, (TextPart, SummaryPart)))
