"""Anthropic's models."""

from __future__ import annotations

import httpx2
from pydantic_ai.models.anthropic import AnthropicModel
from pydantic_ai.providers.anthropic import AnthropicProvider

from tui_sessions.providers.endpoint import Endpoint
from tui_sessions.providers.keys import Key
from tui_sessions.providers.library.model_call import ModelCall


def make_call(
    endpoint: Endpoint, key: Key | None, model: str, client: httpx2.AsyncClient
) -> ModelCall:
    """A model of the Messages interface; what can be read again from its cache is kept there."""
    provider = AnthropicProvider(
        api_key=key.reveal() if key else "none", base_url=endpoint.base_url, http_client=client
    )
    return ModelCall(AnthropicModel(model, provider=provider), settings={"anthropic_cache": True})
