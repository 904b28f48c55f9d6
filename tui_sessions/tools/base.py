"""What a tool is: a name, a description, the schema of its arguments, and what runs it."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from typing import Any

import msgspec


class ToolOutcome(msgspec.Struct, frozen=True):
    """What a tool gave back."""

    text: str = ""
    is_error: bool = False
    """The text says what went wrong; the model reads it and goes on."""


class Tool(msgspec.Struct, frozen=True, kw_only=True):
    """Something an agent may have run.

    ```python
    async def add(arguments):
        return ToolOutcome(str(arguments["a"] + arguments["b"]))

    Tool(name="add", description="Adds two numbers.", parameters={…}, call=add)
    ```
    """

    name: str
    """As agents and allowances name it: a plain name, or `server/tool`."""
    description: str = ""
    """For the model and the person; text from outside where a server wrote it."""
    parameters: dict[str, Any] = {}
    """The JSON schema of its arguments, an object."""
    call: Callable[[Mapping[str, Any]], Awaitable[ToolOutcome]]
    """Runs it; an exception is told to the model as a failure of the tool."""
