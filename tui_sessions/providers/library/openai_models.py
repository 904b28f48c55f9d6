"""OpenAI and whatever speaks as it does: Ollama, llama.cpp, vLLM, LM Studio, OpenRouter."""

from __future__ import annotations

import httpx2
from pydantic_ai.profiles.openai import OpenAIModelProfile
from pydantic_ai.providers.openai import OpenAIProvider
from pydantic_ai.providers.openai_compatible import OpenAICompatibleProvider

from tui_sessions.providers.endpoint import Endpoint
from tui_sessions.providers.keys import Key
from tui_sessions.providers.library.model_call import ModelCall
from tui_sessions.providers.library.openai_client import PlainClient
from tui_sessions.providers.library.openai_replies import CompatibleModel

OPENROUTER = "openrouter"
"""The endpoint whose thoughts have details of their own, which go back while tools are used."""
_NO_KEY = "none"
"""Sent to an endpoint without a key: the library would send another endpoint's key otherwise."""

_COUNTED = {
    "openai_continuous_usage_stats": True,
    "extra_body": {"stream_options": {"include_usage": True}},
}


def make_call(
    endpoint: Endpoint, key: Key | None, model: str, client: httpx2.AsyncClient
) -> ModelCall:
    """A model of the Chat Completions interface, the one that all of them have.

    A reply without a finish reason was cut off. Usage that comes with every chunk is a sum so far,
    not a share. Asking for it with every chunk is not understood everywhere: the body says what
    hosted endpoints accept too.
    """
    secret = key.reveal() if key else _NO_KEY
    if endpoint.name == OPENROUTER:
        return _openrouter_call(endpoint, secret, model, client)
    hosted = endpoint.kind == "openai"
    plain = PlainClient(base_url=endpoint.base_url, api_key=secret, http_client=client)
    provider = (
        OpenAIProvider(openai_client=plain)
        if hosted
        else OpenAICompatibleProvider(name=endpoint.name, openai_client=plain)
    )
    profile = _profile()
    if not hosted:
        profile["openai_chat_supports_max_completion_tokens"] = False
        # Templates of local models often take one system message only, and a summary is another.
        profile["openai_chat_supports_multiple_system_messages"] = False
    return ModelCall(
        CompatibleModel(model, provider=provider, profile=profile),
        settings=dict(_COUNTED),
        thinking_field=None if hosted else "reasoning_content",
    )


def _openrouter_call(
    endpoint: Endpoint, secret: str, model: str, client: httpx2.AsyncClient
) -> ModelCall:
    from openai import AsyncOpenAI
    from pydantic_ai.models.openrouter import OpenRouterModel
    from pydantic_ai.providers.openrouter import OpenRouterProvider

    sdk = AsyncOpenAI(base_url=endpoint.base_url, api_key=secret, http_client=client)
    profile = _profile()
    profile["openai_chat_supports_max_completion_tokens"] = False
    provider = OpenRouterProvider(openai_client=sdk)
    return ModelCall(
        OpenRouterModel(model, provider=provider, profile=profile), settings=dict(_COUNTED)
    )


def _profile() -> OpenAIModelProfile:
    # The library finds tags of thinking only where one is a chunk of its own; ours are found by us.
    return OpenAIModelProfile(
        openai_chat_streaming_requires_finish_reason=True, thinking_tags=("", "")
    )
