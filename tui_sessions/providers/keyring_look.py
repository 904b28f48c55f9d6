"""Looks for keys in the system keyring, but only where that asks the person for nothing."""

from __future__ import annotations

import importlib
import importlib.util
import os
import sys
from collections.abc import Sequence
from contextlib import closing
from pathlib import Path
from typing import Any

from tui_sessions.providers.keys import KEYRING_SERVICE

_SILENT = frozenset(
    {
        "keyring.backends.Windows.WinVaultKeyring",
        "keyring.backends.macOS.Keyring",
        "keyrings.alt.file.PlaintextKeyring",
    }
)
"""Backends that answer without asking: others may want a password, by a window or a terminal."""
_CHAINER = "keyring.backends.chainer.ChainerBackend"
_SERVICE = "keyring.backends.SecretService.Keyring"
_TO_BE_LOOKED_AT = frozenset({_CHAINER, _SERVICE})
"""Backends that answer without asking in some cases."""


def held_in_keyring(names: Sequence[str]) -> frozenset[str]:
    """The providers that the keyring holds a key for; blocks, so it is meant for a thread.

    Where the keyring is locked, or might ask, it holds nothing as far as this can tell.
    """
    if not names or not _may_be_silent() or importlib.util.find_spec("keyring") is None:
        return frozenset()
    try:
        keyring = importlib.import_module("keyring")
        if not _asks_nobody(keyring.get_keyring()):
            return frozenset()
        return frozenset(name for name in names if keyring.get_password(KEYRING_SERVICE, name))
    except Exception:
        # Each backend fails in a way of its own; who asks for the key itself is told about it.
        return frozenset()


def _may_be_silent() -> bool:
    """Whether it is worth loading the library, which takes some megabytes."""
    if "keyring" in sys.modules:
        return True
    if chosen := os.environ.get("PYTHON_KEYRING_BACKEND"):
        return chosen in _SILENT | _TO_BE_LOOKED_AT
    if sys.platform in ("darwin", "win32") or importlib.util.find_spec("keyrings") is not None:
        return True
    return _has_message_bus()


def _has_message_bus() -> bool:
    """Whether the bus is there by which the secrets of a Linux desktop are asked for."""
    if "DBUS_SESSION_BUS_ADDRESS" in os.environ:
        return True
    folder = os.environ.get("XDG_RUNTIME_DIR")
    return folder is not None and Path(folder, "bus").exists()


def _asks_nobody(backend: Any) -> bool:
    name = f"{type(backend).__module__}.{type(backend).__qualname__}"
    if name == _CHAINER:
        return all(_asks_nobody(one) for one in backend.backends)
    if name == _SERVICE:
        return _secret_service_is_open()
    return name in _SILENT


def _secret_service_is_open() -> bool:
    secretstorage = importlib.import_module("secretstorage")
    with closing(secretstorage.dbus_init()) as connection:
        return not secretstorage.get_default_collection(connection).is_locked()
