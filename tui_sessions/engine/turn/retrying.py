"""When a provider is asked again by itself, and after how long a wait."""

from __future__ import annotations

import math

from tui_sessions.errors import ProviderError, SessionsError
from tui_sessions.settings import RetrySettings

_PASSING = ("rate_limited", "unavailable")
"""Kinds of failure that may be over once the provider's own wait is."""


def wait_before_retry(
    error: SessionsError | None, tries: int, settings: RetrySettings
) -> float | None:
    """Seconds to wait before a request is made again; None where it is not.

    Args:
        error: why the request failed.
        tries: how often it was made.
        settings: how often and how long at most.
    """
    if not isinstance(error, ProviderError) or error.kind not in _PASSING:
        return None
    if tries > settings.attempts:
        return None
    wait = error.retry_after
    if wait is None or not math.isfinite(wait) or wait < 0:
        wait = 2.0 ** (tries - 1) if error.kind == "rate_limited" else math.inf
    elif wait == 0 and tries > 1:
        # "At once" was not true: what is asked again and again without a pause is not answered.
        wait = 2.0 ** (tries - 2)
    return wait if wait <= settings.longest_wait_s else None
