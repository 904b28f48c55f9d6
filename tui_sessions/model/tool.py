"""What a model is told of a tool."""

from __future__ import annotations

from typing import Any

import msgspec


class ToolSpec(msgspec.Struct, frozen=True, kw_only=True):
    """A tool that the model may wish to have run."""

    name: str
    """Of the form `[A-Za-z0-9_-]{1,64}`: what every endpoint takes."""
    description: str = ""
    parameters: dict[str, Any] = {}
    """The JSON schema of its arguments."""
