"""Keys of providers: from the environment or the system keyring, and never shown or written."""

from __future__ import annotations

import importlib
import os
from collections.abc import Mapping

KEYRING_SERVICE = "sessions-tui"
_SHORTEST_SECRET = 6


class Key:
    """A secret that does not tell itself by being printed, logged or encoded."""

    __slots__ = ("_value",)

    def __init__(self, value: str) -> None:
        self._value = value

    def reveal(self) -> str:
        """The key itself, for the request that needs it and nothing else."""
        return self._value

    def hidden(self, text: str) -> str:
        """The same text without the key: endpoints repeat it in what they say about it."""
        if len(self._value) < _SHORTEST_SECRET:
            return text
        return text.replace(self._value, "[key]")

    def __repr__(self) -> str:
        return "Key(hidden)"

    def __reduce__(self) -> str:
        raise TypeError("A key cannot be pickled or copied into a file.")


def find_key(
    name: str, variable: str | None, environment: Mapping[str, str] | None = None
) -> Key | None:
    """The key of a provider: from the environment variable, else from the keyring by its name.

    Args:
        name: the provider's, under which the keyring holds the key.
        variable: the environment variable's.
        environment: instead of the process's own.
    """
    found = (os.environ if environment is None else environment).get(variable or "", "").strip()
    value = found or keyring_value(name)
    return Key(value) if value else None


def keyring_value(name: str) -> str | None:
    """What the system keyring holds for a provider; None without a keyring that can be asked."""
    try:
        keyring = importlib.import_module("keyring")
    except ImportError:
        return None
    try:
        value = keyring.get_password(KEYRING_SERVICE, name)
    except Exception:
        # A machine without a keyring, or a locked one: each backend fails in a way of its own.
        return None
    return value.strip() or None if isinstance(value, str) else None
