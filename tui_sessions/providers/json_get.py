"""A small HTTP reader for lists of models, so that looking around loads no HTTP library."""

from __future__ import annotations

import http.client
import json
import ssl
import urllib.error
import urllib.request
from collections.abc import Mapping
from typing import Any

LARGEST = 8 * 1024 * 1024
"""Bytes of an answer; a list of models is far below it."""


class NoAnswerError(Exception):
    """Nothing that can be used came back.

    Attributes:
        status: the HTTP status, where there was one.
        retry_after: the seconds that the endpoint asks to wait.
    """

    def __init__(self, reason: str, status: int | None = None, retry_after: float | None = None):
        self.status = status
        self.retry_after = retry_after
        super().__init__(reason)


class _NoRedirect(urllib.request.HTTPRedirectHandler):
    """A key goes to the address of the settings and nowhere else."""

    def redirect_request(self, *_: Any) -> None:
        return None


def get_json(url: str, headers: Mapping[str, str], timeout_s: float, *, proxy: bool) -> Any:
    """What an address answers, as JSON; blocks, so it is meant for a thread.

    Raises:
        NoAnswerError: there is no answer, or none that is JSON.
    """
    handlers: list[urllib.request.BaseHandler] = [_NoRedirect()]
    if not proxy:
        handlers.append(urllib.request.ProxyHandler({}))
    request = urllib.request.Request(url, headers=dict(headers))  # noqa: S310  checked as http(s)
    try:
        with urllib.request.build_opener(*handlers).open(request, timeout=timeout_s) as answer:
            data = answer.read(LARGEST + 1)
    except urllib.error.HTTPError as error:
        with error:
            wait = error.headers.get("retry-after", "")
            raise NoAnswerError(
                f"HTTP {error.code}", error.code, float(wait) if wait.isdecimal() else None
            ) from None
    except (OSError, http.client.HTTPException, ssl.SSLError, ValueError) as error:
        reason = getattr(error, "reason", None) or error
        raise NoAnswerError(str(reason) or type(error).__name__) from None
    if len(data) > LARGEST:
        raise NoAnswerError("it is too large")
    try:
        return json.loads(data)
    except ValueError:
        raise NoAnswerError("it is not JSON") from None
