"""Mistral's models."""

from __future__ import annotations

import httpx2
from pydantic_ai.models.mistral import MistralModel
from pydantic_ai.providers.mistral import MistralProvider

from tui_sessions.providers.endpoint import Endpoint
from tui_sessions.providers.keys import Key
from tui_sessions.providers.library.model_call import ModelCall


def make_call(
    endpoint: Endpoint, key: Key | None, model: str, client: httpx2.AsyncClient
) -> ModelCall:
    """A model of Mistral's interface, which takes one number for all of a request's timeouts."""
    provider = MistralProvider(
        api_key=key.reveal() if key else "none", base_url=endpoint.base_url, http_client=client
    )
    return ModelCall(
        MistralModel(model, provider=provider),
        settings={"timeout": client.timeout.read},
        thinking_field="thinking",
    )
