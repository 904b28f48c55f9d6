"""What one kind of provider adds to a request: its model, and its settings."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import httpx2
from pydantic_ai.models import Model

from tui_sessions.providers.endpoint import Endpoint
from tui_sessions.providers.keys import Key


@dataclass(frozen=True)
class ModelCall:
    """A model that is ready to be asked."""

    model: Model[Any]
    settings: dict[str, Any] = field(default_factory=dict)
    """What has to be set for the endpoint to tell the truth."""
    thinking_field: str | None = None
    """Where thinking without a signature goes back while tools are used; None: it does not."""


MakeCall = Callable[[Endpoint, Key | None, str, httpx2.AsyncClient], ModelCall]
