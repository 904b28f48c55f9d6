"""What went wrong on the provider's side, as one kind of error with a sentence that helps."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping

from pydantic_ai import exceptions as library

from tui_sessions.errors import ProviderError
from tui_sessions.model.visible import visible_line
from tui_sessions.providers.endpoint import Endpoint
from tui_sessions.providers.keys import Key

_LONGEST_REASON = 200
_TOO_LONG = re.compile(
    r"exceed_context_size|context_length_exceeded|exceeds? the (available )?context|"
    r"context (size|window|length)|maximum context|prompt is too long|too many tokens",
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
    if kind in ("rate_limited", "unavailable") and wait is not None:
        sentence += f" It asks to wait {round(wait, 1):g} s."
    return ProviderError(f"{sentence} ({reason})" if reason else sentence, kind, wait)


def stalled(endpoint: Endpoint, patience_s: float, *, begun: bool) -> ProviderError:
    """The endpoint kept silent, or took longer than a reply may take."""
    what = "its reply is not complete" if begun else "no reply has begun"
    return ProviderError(
        f"{endpoint.name} sent nothing for {patience_s:g} s, or the whole time for a reply is up: "
        f"{what}. Try again, or raise `timeouts` in the settings.",
        "timeout",
    )


def filtered(endpoint: Endpoint) -> ProviderError:
    """The endpoint would not let the model say it."""
    return ProviderError(
        f"The content filter of {endpoint.name} ended the reply: put the question another way.",
        "other",
    )


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
    if isinstance(failure, library.ModelAPIError | library.UnexpectedModelBehavior):
        return "cut_off" if begun else "unavailable"
    return "other"


def _reason(failure: Exception, key: Key | None) -> str:
    """What the endpoint itself says, on one short line, without the key."""
    text = _message(getattr(failure, "body", None)) or getattr(failure, "message", "")
    if not text and not isinstance(failure, TimeoutError):
        text = str(failure) or type(failure).__name__
    line = visible_line(text if key is None else key.hidden(text))
    return line if len(line) <= _LONGEST_REASON else line[: _LONGEST_REASON - 1] + "…"


def _message(body: object) -> str:
    """The message in an error's body, wherever endpoints put it."""
    if isinstance(body, str):
        return body
    return next(_texts(body), "")


def _texts(body: object) -> Iterator[str]:
    if not isinstance(body, dict):
        return
    for name in ("message", "detail", "error"):
        value = body.get(name)
        if isinstance(value, str) and value:
            yield value
        yield from _texts(value)
