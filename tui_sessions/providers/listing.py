"""Asks an endpoint for its list of models."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from functools import partial
from typing import Any

from tui_sessions.daemon_thread import in_daemon_thread
from tui_sessions.errors import ProviderError
from tui_sessions.model.visible import visible_line
from tui_sessions.providers.endpoint import Endpoint
from tui_sessions.providers.json_get import MOVED, NoAnswerError, get_json
from tui_sessions.providers.keys import Key
from tui_sessions.providers.model_list import ListedModel, chatting_models, listed_models

LIST_TIMEOUT_S = 5.0
"""Seconds for the list of a hosted endpoint; one on this machine answers or it is not there."""
LOCAL_TIMEOUT_S = 1.0
_LISTS = {
    "anthropic": "/v1/models?limit=1000",
    "google": "/v1beta/models?pageSize=1000",
    "mistral": "/v1/models",
}
"""Where the list is, by kind; below the base URL, as its interface is."""


async def list_models(endpoint: Endpoint, key: Key | None) -> list[ListedModel]:
    """The models of an endpoint, as it orders them.

    Raises:
        ProviderError: it does not list them.
    """
    try:
        answer = await ask(endpoint, endpoint.base_url + _LISTS.get(endpoint.kind, "/models"), key)
    except NoAnswerError as failure:
        raise _listing_error(endpoint, failure) from None
    models = listed_models(answer)
    return chatting_models(models) if endpoint.kind == "openai" else models


async def ask(
    endpoint: Endpoint, url: str, key: Key | None, body: Mapping[str, Any] | None = None
) -> Any:
    """What an endpoint answers at an address of its own, as JSON.

    Raises:
        NoAnswerError: there is no answer in time, or none that is JSON.
    """
    timeout = LOCAL_TIMEOUT_S if endpoint.local else LIST_TIMEOUT_S
    headers = _headers(endpoint, key)
    asking = partial(get_json, url, headers, timeout, proxy=not endpoint.local, body=body)
    try:
        return await asyncio.wait_for(in_daemon_thread(asking), timeout)
    except TimeoutError:
        raise NoAnswerError(f"nothing within {timeout:g} s") from None


def _headers(endpoint: Endpoint, key: Key | None) -> Mapping[str, str]:
    headers = {"accept": "application/json", "user-agent": "sessions-tui"}
    if endpoint.kind == "anthropic":
        headers["anthropic-version"] = "2026-10-21"
    if key is not None and endpoint.kind == "google":
        headers["x-goog-api-key"] = key.reveal()
    elif key is not None:
        headers["authorization"] = f"Bearer {key.reveal()}"
    return headers


def _listing_error(endpoint: Endpoint, failure: NoAnswerError) -> ProviderError:
    name, reason = endpoint.name, visible_line(str(failure))
    match failure.status:
        case 401 | 403:
            return ProviderError(f"{name} refused the key: check it. ({reason})", "auth")
        case 404:
            hint = f"check that {endpoint.base_url} is its address"
            return ProviderError(f"{name} lists no models: {hint}. ({reason})", "not_found")
        case 429:
            return ProviderError(
                f"{name} takes no more requests for now: try again later. ({reason})",
                "rate_limited",
                failure.retry_after,
            )
    if failure.status in MOVED:
        hint = f"put the new one in place of {endpoint.base_url} into the settings"
        return ProviderError(f"{name} has another address: {hint}. ({reason})", "unavailable")
    hint = "start it" if endpoint.local else "check the network"
    return ProviderError(
        f"{name} does not answer at {endpoint.base_url}: {hint}. ({reason})", "unavailable"
    )
