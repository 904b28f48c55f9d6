"""The kinds of providers whose library comes with an extra of this package."""

from __future__ import annotations

import importlib.util
from collections.abc import Mapping

from tui_sessions.errors import ProviderError

_LIBRARIES: Mapping[str, str] = {"google": "google.genai", "mistral": "mistralai"}
"""What has to be there, by the kind, which is the extra's name too."""


def missing_extra(kind: str) -> str | None:
    """The extra that a kind of provider needs and that is not installed."""
    library = _LIBRARIES.get(kind)
    if library is None:
        return None
    try:
        found = importlib.util.find_spec(library)
    except ModuleNotFoundError:
        found = None
    return kind if found is None else None


def require_extra(name: str, kind: str) -> None:
    """Go on only where the library of a kind of provider is installed.

    Raises:
        ProviderError: it is not.
    """
    if (extra := missing_extra(kind)) is not None:
        raise ProviderError(
            f"{name} needs a library that is not installed: "
            f"pip install 'sessions-tui[{extra}]', and start again.",
            "bad_request",
        )
