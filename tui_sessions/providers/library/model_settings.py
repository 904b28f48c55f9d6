"""An agent's parameters as the library's settings."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, cast

import httpx2
from pydantic_ai.settings import ModelSettings

from tui_sessions.errors import ProviderError

_NUMBERS = {
    "temperature": (0, 2),
    "top_p": (0, 1),
    "frequency_penalty": (-2, 2),
    "presence_penalty": (-2, 2),
}
_WHOLE_NUMBERS = {"max_tokens": 1, "seed": 0, "top_k": 1}
_THINKING = (True, False, "minimal", "low", "medium", "high", "xhigh", "max")


def model_settings(parameters: Mapping[str, Any], timeout: httpx2.Timeout) -> ModelSettings:
    """The settings of one request; a parameter that is none of these is not the library's.

    The library tries nothing again by itself: who waits is told why, and for how long.

    Raises:
        ProviderError: a value is outside what it may be.
    """
    settings: dict[str, Any] = {"timeout": timeout, "max_retries": 0}
    for name, (lowest, highest) in _NUMBERS.items():
        if (value := parameters.get(name)) is not None:
            if not _is_number(value) or not lowest <= value <= highest:
                raise _refused(name, value, f"{lowest} to {highest}")
            settings[name] = value
    for name, lowest in _WHOLE_NUMBERS.items():
        if (value := parameters.get(name)) is not None:
            if not _is_number(value) or int(value) != value or value < lowest:
                raise _refused(name, value, f"a whole number from {lowest}")
            settings[name] = int(value)
    if (stop := parameters.get("stop")) is not None:
        settings["stop_sequences"] = _stop_sequences(stop)
    if (thinking := parameters.get("thinking")) is not None:
        if thinking not in _THINKING:
            raise _refused("thinking", thinking, ", ".join(str(one) for one in _THINKING))
        settings["thinking"] = thinking
    return cast(ModelSettings, settings)


def _stop_sequences(stop: object) -> list[str]:
    sequences = [stop] if isinstance(stop, str) else stop
    if isinstance(sequences, list) and all(isinstance(one, str) and one for one in sequences):
        return sequences
    raise _refused("stop", stop, "a text or a list of texts")


def _is_number(value: object) -> bool:
    return isinstance(value, (int, float)) and not isinstance(value, bool)


def _refused(name: str, value: object, valid: str) -> ProviderError:
    return ProviderError(f"{name} is {value!r:.40}; valid: {valid}.", "bad_request")
