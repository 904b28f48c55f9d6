"""Google's Gemini models."""

from __future__ import annotations

import httpx2
from pydantic_ai.models.google import GoogleModel
from pydantic_ai.providers.google import GoogleProvider

from tui_sessions.providers.endpoint import Endpoint
from tui_sessions.providers.keys import Key
from tui_sessions.providers.library.model_call import ModelCall


def make_call(
    endpoint: Endpoint, key: Key | None, model: str, client: httpx2.AsyncClient
) -> ModelCall:
    """A model of the Gemini interface, which takes one number for all of a request's timeouts."""
    provider = GoogleProvider(
        api_key=key.reveal() if key else "none", base_url=endpoint.base_url, http_client=client
    )
    return ModelCall(
        GoogleModel(model, provider=provider), settings={"timeout": client.timeout.read}
    )
