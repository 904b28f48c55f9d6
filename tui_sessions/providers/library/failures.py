"""What went wrong on the provider's side, as one kind of error with a sentence that helps."""

from __future__ import annotations

import contextlib
import html
import json
import os
import re
import ssl
from collections.abc import Iterator, Mapping

from pydantic_ai import exceptions as library

from tui_sessions.errors import ProviderError
from tui_sessions.model.visible import visible_line
from tui_sessions.providers.endpoint import Endpoint
from tui_sessions.providers.keys import Key

_LONGEST_REASON = 200
_WAITS = (TimeoutError, ssl.SSLWantReadError, ssl.SSLWantWriteError)
_LONGEST_PAGE = 20_000
"""Characters of a page that are looked at."""
_PAGE = re.compile(r"\s*<(!doctype|html|head|body|title|h1|p|b|center)\b", re.IGNORECASE)
_TITLE = re.compile(r"<title[^>]*>\s*([^<]+?)\s*</title", re.IGNORECASE)
_TAG = re.compile(r"<[^>]{0,1000}>")
_TOO_LONG = re.compile(
    r"exceed_context_size|context_length_exceeded|exceeds? the (available )?context|"
    r"context (size|window|length|limit)|maximum context|prompt is too long|too many tokens|"
    r"max(imum)? (input|prompt) length|input (is|was) too long|"
    r"maximum number of (input )?tokens|reduce the length of|max_new_tokens` must be",
    re.IGNORECASE,
)
_MISSING_MODEL = re.compile(r"model\b.{0,80}\b(not found|does not exist)", re.IGNORECASE)


def provider_error(
    failure: Exception, endpoint: Endpoint, model: str, key: Key | None, *, begun: bool
) -> ProviderError:
    """The error to raise instead of the library's.

    Args:
        failure: the library's.
        endpoint: who was asked.
        model: the model asked for.
        key: which must not be in the sentence.
        begun: something of the reply had come.
    """
    reason = _reason(failure, key)
    kind = _kind(failure, reason, begun)
    sentence = _SENTENCES[kind].format(
        name=endpoint.name, model=visible_line(model)[:80], address=endpoint.base_url
    )
    if isinstance(failure, library.ModelQuotaExceededError):
        sentence = f"The account at {endpoint.name} has no credit or quota left: see to it there."
    if kind == "unavailable" and isinstance(failure, library.ModelUnavailableError):
        sentence = f"{endpoint.name} is overloaded or not ready yet: try again in a while."
    wait = getattr(failure, "retry_after", None)
    if kind in ("rate_limited", "unavailable") and wait:
        sentence += f" It asks to wait {_duration(wait)}."
    return ProviderError(f"{sentence} ({reason})" if reason else sentence, kind, wait)


def stalled(endpoint: Endpoint, patience_s: float, *, begun: bool, overdue: bool) -> ProviderError:
    """The endpoint kept silent for as long as it may, or took longer than a whole reply may."""
    if overdue:
        what, limit = f"took longer than {endpoint.timeouts.whole_reply_s:g} s", "whole_reply_s"
    else:
        what, limit = f"sent nothing for {patience_s:g} s", "stall_s" if begun else "first_reply_s"
    state = "its reply is not complete" if begun else "no reply has begun"
    return ProviderError(
        f"{endpoint.name} {what}: {state}. Try again, or raise `timeouts.{limit}` in the settings.",
        "timeout",
    )


def filtered(endpoint: Endpoint, key: Key | None, said: object = None) -> ProviderError:
    """The endpoint would not let the model say it; `said` is what the model says instead."""
    sentence = (
        f"The content filter of {endpoint.name} ended the reply: put the question another way."
    )
    words = said if isinstance(said, str) else ""
    told = f" ({_shortened(_shown(words, key))})" if words else ""
    return ProviderError(sentence + told, "other")


_SENTENCES: Mapping[str, str] = {
    "auth": "{name} refused the key: check it, and that it may use {model}.",
    "not_found": "{name} has no model {model}: choose another one, and check {address}.",
    "context_too_long": (
        "The chat is longer than {model} can read: make a checkpoint, send fewer messages, "
        "or choose a model with a larger context window."
    ),
    "rate_limited": "{name} takes no more requests for now: try again later.",
    "unavailable": "{name} does not answer as it should: see that {address} is right and up.",
    "cut_off": (
        "The reply of {name} was cut off before its end: what came is kept, continue it or try "
        "again."
    ),
    "timeout": "{name} sent nothing for too long: try again, or raise `timeouts` in the settings.",
    "bad_request": "{name} refused the request: change the agent's parameters or the message.",
    "other": "{name} failed: try again.",
}
_KINDS: tuple[tuple[type[Exception], str], ...] = (
    (library.ModelContextWindowExceededError, "context_too_long"),
    (library.ModelAuthenticationError, "auth"),
    (library.ModelNotFoundError, "not_found"),
    (library.ModelRateLimitError, "rate_limited"),
    (library.ModelQuotaExceededError, "auth"),
    (library.ModelTimeoutError, "timeout"),
    (library.ModelRequestTimeout, "timeout"),
    (TimeoutError, "timeout"),
    (library.ModelUnavailableError, "unavailable"),
    (library.ModelServerError, "unavailable"),
    (library.ModelRequestRejectedError, "bad_request"),
    (library.UserError, "bad_request"),
    (NotImplementedError, "bad_request"),
)


def _kind(failure: Exception, reason: str, begun: bool) -> str:
    known = next((kind for error, kind in _KINDS if isinstance(failure, error)), None)
    if known == "timeout" and getattr(failure, "phase", None) == "connect":
        return "unavailable"
    if known in ("bad_request", "unavailable", None) and _TOO_LONG.search(reason):
        # llama.cpp, vLLM and others each have a word of their own for it.
        return "context_too_long"
    if known == "bad_request" and _MISSING_MODEL.search(reason):
        return "not_found"
    if known is not None:
        return known
    if getattr(failure, "status_code", 0) == 413:
        return "context_too_long"
    if begun:
        return "cut_off"
    return "unavailable" if isinstance(failure, library.AgentRunError) else "other"


def _reason(failure: Exception, key: Key | None) -> str:
    """What the endpoint itself says, on one short line, without the key."""
    text = message_in(getattr(failure, "body", None)) or _own_words(failure)
    return _shortened(_shown(text, key))


def _shown(text: str, key: Key | None) -> str:
    """Text of an endpoint on one line, without the key."""
    return visible_line(text if key is None else key.hidden(text))


def _own_words(failure: Exception) -> str:
    """What a failure says where the endpoint says nothing."""
    if isinstance(failure, library.ModelHTTPError):
        return f"HTTP {failure.status_code}"
    if (cause := _system_error(failure)) is not None:
        refused = isinstance(cause, ConnectionError) and cause.errno
        return os.strerror(refused) if refused else cause.strerror or str(cause)
    if isinstance(failure, library.AgentRunError | library.UserError | NotImplementedError):
        return str(getattr(failure, "message", "") or failure)
    if isinstance(failure, TimeoutError):
        return ""
    # Whatever else fails speaks of code, and may quote a header with the key in it.
    return f"unexpected {type(failure).__name__}"


def _system_error(failure: BaseException | None) -> OSError | None:
    """What the machine said of a connection, the first of it: libraries call all of it the same."""
    found, seen = None, set[int]()
    while failure is not None and id(failure) not in seen:
        seen.add(id(failure))
        if isinstance(failure, OSError) and not isinstance(failure, _WAITS):
            found = failure
        failure = failure.__cause__ or failure.__context__
    return found


def message_in(body: object) -> str:
    """The message in an error's body, wherever endpoints put it; of a page, its title."""
    if not isinstance(body, str):
        return _title(next(_texts(body), ""))
    with contextlib.suppress(ValueError, RecursionError):
        return next(_texts(json.loads(body)), "") or body
    return _title(body)


def _title(text: str) -> str:
    """The title of a page; a text that is none as it is."""
    page = text[:_LONGEST_PAGE]
    if not _PAGE.match(page):
        return page
    title = _TITLE.search(page)
    return html.unescape(title[1] if title else " ".join(_TAG.sub(" ", page).split()))


def _texts(body: object) -> Iterator[str]:
    if isinstance(body, list):
        for one in body:
            yield from _texts(one)
    if not isinstance(body, dict):
        return
    for name in ("message", "detail", "msg", "error"):
        value = body.get(name)
        if isinstance(value, str) and value:
            yield value
        yield from _texts(value)


def _shortened(line: str) -> str:
    return line if len(line) <= _LONGEST_REASON else line[: _LONGEST_REASON - 1] + "…"


def _duration(seconds: float) -> str:
    """A wait as a person reads it."""
    for length, unit in ((86_400, "days"), (3600, "hours"), (60, "minutes")):
        if seconds >= 2 * length:
            return f"{seconds / length:,.0f} {unit}"
    return f"{round(seconds, 1):g} s"
