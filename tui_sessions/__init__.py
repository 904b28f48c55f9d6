"""Sessions of AI conversations as a library: create, fork, search and continue them.

```python
import asyncio
from tui_sessions import open_sessions

async def main():
    async with open_sessions("memory:") as manager:
        session = await manager.create_session(label="Parser")
        async for event in manager.send(session.id, "Hello"):
            print(event.name)

asyncio.run(main())
```
"""

from __future__ import annotations

# Nothing is loaded here: until `__main__` watches for it, ctrl+c would be told as a fault.
TYPE_CHECKING = False
if TYPE_CHECKING:
    from types import ModuleType
    from typing import Any

    from tui_sessions.public import *  # noqa: F403  exactly the names of its `__all__`
    from tui_sessions.public import __all__ as __all__

__version__ = "0.1.0"


def _public() -> ModuleType:
    from importlib import import_module

    return import_module("tui_sessions.public")


def __getattr__(name: str) -> Any:
    """A public name; all of them are loaded when the first is asked for, and not by the app."""
    if name == "__all__" or not name.startswith("_"):
        public = _public()
        if name == "__all__" or name in public.__all__:
            return getattr(public, name)
        if name in globals():  # a module of the package, which is loaded now
            return globals()[name]
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")


def __dir__() -> list[str]:
    """What can be asked for."""
    return [*globals(), *_public().__all__]
