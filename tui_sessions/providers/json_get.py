"""A small HTTP reader for lists of models, so that looking around loads no HTTP library."""

from __future__ import annotations

import contextlib
import http.client
import json
import ssl
import urllib.error
import urllib.parse
import urllib.request
import zlib
from collections.abc import Mapping
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Any

LARGEST = 8 * 1024 * 1024
"""Bytes of an answer; a list of models is far below it."""
MOVED = (301, 302, 303, 307, 308)
"""Statuses that say where else it is."""
_LONGEST_PLACE = 200
_GZIP = 31
"""What zlib calls the format of gzip."""


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


def get_json(
    url: str,
    headers: Mapping[str, str],
    timeout_s: float,
    *,
    proxy: bool,
    body: Mapping[str, Any] | None = None,
) -> Any:
    """What an address answers, as JSON; blocks, so it is meant for a thread.

    Args:
        url: the address.
        headers: what goes with the request.
        timeout_s: seconds of silence at most.
        proxy: whether the person's proxy is used.
        body: asked by POST with this as JSON, where it is given.

    Raises:
        NoAnswerError: there is no answer, or none that is JSON.
    """
    handlers: list[urllib.request.BaseHandler] = [_NoRedirect()]
    if not proxy:
        handlers.append(urllib.request.ProxyHandler({}))
    data = None if body is None else json.dumps(body).encode()
    sent = dict(headers) if data is None else {**headers, "content-type": "application/json"}
    request = urllib.request.Request(url, data, sent)  # noqa: S310  checked as http(s)
    try:
        with urllib.request.build_opener(*handlers).open(request, timeout=timeout_s) as answer:
            answered = _read(answer)
    except urllib.error.HTTPError as error:
        with error:
            wait = waiting_time(error.headers.get("retry-after", ""))
            raise NoAnswerError(_said(error), error.code, wait) from None
    except (OSError, http.client.HTTPException, ssl.SSLError, ValueError, zlib.error) as error:
        reason = getattr(error, "reason", None) or error
        raise NoAnswerError(str(reason) or type(error).__name__) from None
    if len(answered) > LARGEST:
        raise NoAnswerError("it is too large")
    try:
        return json.loads(answered)
    except (ValueError, RecursionError):
        raise NoAnswerError("it is not JSON") from None


def _read(answer: http.client.HTTPResponse) -> bytes:
    """The whole answer, or just more than may be; some gateways pack what nobody asked them to."""
    answered = answer.read(LARGEST + 1)
    if answer.headers.get("content-encoding", "").strip().lower() in ("gzip", "x-gzip"):
        return zlib.decompressobj(_GZIP).decompress(answered, LARGEST + 1)
    return answered


def _said(error: urllib.error.HTTPError) -> str:
    """What a status means here."""
    place = error.headers.get("location", "")
    if error.code not in MOVED or not place:
        return f"HTTP {error.code}"
    with contextlib.suppress(ValueError):
        place = urllib.parse.urljoin(error.url or "", place)
    return f"it has moved to {place[:_LONGEST_PLACE]}"


def waiting_time(retry_after: str) -> float | None:
    """The seconds that a `retry-after` header asks to wait: a number, or a date."""
    if retry_after.strip().isdecimal():
        return float(retry_after)
    try:
        until = parsedate_to_datetime(retry_after)
    except (ValueError, OverflowError):
        return None
    aware = until if until.tzinfo else until.replace(tzinfo=UTC)
    return max((aware - datetime.now(UTC)).total_seconds(), 0.0)
