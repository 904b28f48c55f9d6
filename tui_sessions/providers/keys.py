"""Keys of providers: from the environment or the system keyring, and never shown or written."""

from __future__ import annotations

import importlib
import os
import threading
import time
from collections.abc import Mapping, Sequence
from queue import Empty, SimpleQueue

from tui_sessions.model.visible import visible_line

KEYRING_SERVICE = "sessions-tui"
KEYRING_PATIENCE_S = 60.0
"""Seconds for the keyring: a locked one asks the person for its password."""
REMEMBERED_S = 30.0
"""Seconds that a keyring which failed is left alone."""
_LONGEST_REASON = 120
_SHORTEST_SECRET = 6


class Key:
    """A secret that does not tell itself by being printed, logged or encoded."""

    __slots__ = ("_value",)

    def __init__(self, value: str) -> None:
        self._value = value

    def reveal(self) -> str:
        """The key itself, for the request that needs it and nothing else."""
        return self._value

    @property
    def can_be_sent(self) -> bool:
        """Whether it can go into a header; what refuses one that cannot quotes it."""
        return self._value.isascii() and self._value.isprintable()

    def hidden(self, text: str) -> str:
        """The same text without the key: endpoints repeat it in what they say about it."""
        if len(self._value) < _SHORTEST_SECRET:
            return text
        return text.replace(self._value, "[key]")

    def __repr__(self) -> str:
        return "Key(hidden)"

    def __reduce__(self) -> str:
        raise TypeError("A key cannot be pickled or copied into a file.")


class KeyringError(Exception):
    """The system keyring is there and cannot be read; its text is half a sentence."""


def find_key(
    name: str, variables: Sequence[str], environment: Mapping[str, str] | None = None
) -> Key | None:
    """The key of a provider: from an environment variable, else from the keyring by its name.

    Args:
        name: the provider's, under which the keyring holds the key.
        variables: the environment variables that may hold it; the first that is set counts.
        environment: instead of the process's own.

    Raises:
        KeyringError: the keyring is locked, broken or silent.
    """
    value = environment_value(variables, environment) or keyring_value(name)
    return Key(value) if value else None


def environment_value(
    variables: Sequence[str], environment: Mapping[str, str] | None = None
) -> str | None:
    """What the first of these variables that is set holds."""
    held = os.environ if environment is None else environment
    return next((value for one in variables if (value := held.get(one, "").strip())), None)


def keyring_value(name: str, patience_s: float = KEYRING_PATIENCE_S) -> str | None:
    """What the system keyring holds for a provider; None without a keyring that can be asked.

    A keyring may ask the person to unlock it, or hang: it is asked in a thread that holds up
    neither the caller for longer than this nor the end of the program. It is asked one thing at a
    time, and left alone for a while when it failed: a person who refuses it is not asked for every
    provider anew.

    Raises:
        KeyringError: it is locked, broken or silent.
    """
    answers: SimpleQueue[str | Exception | None] = SimpleQueue()
    threading.Thread(target=_ask, args=(name, answers), name="keyring", daemon=True).start()
    try:
        answer = answers.get(timeout=patience_s)
    except Empty:
        raise KeyringError(f"the system keyring did not answer for {patience_s:g} s") from None
    if isinstance(answer, Exception):
        reason = visible_line(str(answer) or type(answer).__name__)[:_LONGEST_REASON]
        raise KeyringError(f"the system keyring failed ({reason})")
    return answer


def _ask(name: str, answers: SimpleQueue[str | Exception | None]) -> None:
    with _asking:
        answer = failures.latest()
        answers.put(_answer(name) if answer is None else answer)


def _answer(name: str) -> str | Exception | None:
    try:
        keyring = importlib.import_module("keyring")
    except ImportError:
        return None
    try:
        value = keyring.get_password(KEYRING_SERVICE, name)
    except Exception as error:
        # Each backend fails in a way of its own; the library's own error is that there is none.
        if type(error).__name__ == "NoKeyringError":
            return None
        failures.remember(error)
        return error
    return value.strip() or None if isinstance(value, str) else None


class KeyringFailures:
    """Remembers for a while that the keyring could not be read, so that it is left alone."""

    def __init__(self) -> None:
        self._error: Exception | None = None
        self._until = 0.0

    def remember(self, error: Exception) -> None:
        """It failed just now."""
        self._error, self._until = error, time.monotonic() + REMEMBERED_S

    def latest(self) -> Exception | None:
        """How it failed, where that is not long ago."""
        return self._error if time.monotonic() < self._until else None

    def forget(self) -> None:
        """It may be asked again at once."""
        self._until = 0.0


failures = KeyringFailures()
_asking = threading.Lock()
