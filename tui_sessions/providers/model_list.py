"""What an endpoint's list says about its models: their names, and how much they read at once."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any

import msgspec

from tui_sessions.errors import ProviderError

_CONTEXT_FIELDS = (
    "loaded_context_length",
    "max_model_len",
    "context_length",
    "context_window",
    "max_input_tokens",
    "max_context_length",
    "inputTokenLimit",
)
_CANNOT_CHAT = re.compile(
    r"embedding|moderation|whisper|transcribe|(^|-)tts(-|$)|dall-e|image|audio|realtime|sora"
    r"|(^|-)search-api|babbage|davinci|-instruct"
)


class ListedModel(msgspec.Struct, frozen=True):
    """One model of an endpoint."""

    name: str
    context_window: int | None = None
    """None where the endpoint does not say."""
    created: int = 0
    """Seconds since 1970; 0 where the endpoint does not say."""


def listed_models(answer: object) -> list[ListedModel]:
    """The models in an endpoint's answer, each once; what is none, or cannot chat, is left out."""
    found: dict[str, ListedModel] = {}
    for entry in _entries(answer):
        if (name := _name(entry)) and _chats(entry):
            created = _whole(entry.get("created")) or 0
            found.setdefault(name, ListedModel(name, context_window(entry), created))
    return list(found.values())


def chatting_models(models: Sequence[ListedModel]) -> list[ListedModel]:
    """Those whose names are not of models for something else, the newest first.

    OpenAI lists all it has in no order, and says of none what it is for.
    """
    fitting = [model for model in models if not _CANNOT_CHAT.search(model.name)]
    return sorted(fitting, key=lambda model: -model.created)


def no_model(provider: str) -> ProviderError:
    """What is said of a provider that lists none."""
    return ProviderError(
        f"{provider} lists no model: load one there, or name one yourself.", "not_found"
    )


def context_window(entry: Mapping[str, Any]) -> int | None:
    """How many tokens a listed model reads at once; what it is loaded with before what it could."""
    meta = entry.get("meta")
    given = [entry.get(name) for name in _CONTEXT_FIELDS]
    given.append(meta.get("n_ctx") if isinstance(meta, dict) else None)
    return next((window for one in given if (window := _whole(one)) is not None), None)


def _entries(answer: object) -> list[dict[str, Any]]:
    """The list, wherever an endpoint has it: OpenAI's below `data`, Google's below `models`."""
    found = answer
    if isinstance(answer, dict):
        found = answer.get("data", answer.get("models"))
    return [one for one in found if isinstance(one, dict)] if isinstance(found, list) else []


def _name(entry: Mapping[str, Any]) -> str:
    name = entry.get("id", entry.get("name"))
    return name.strip().removeprefix("models/") if isinstance(name, str) else ""


def _chats(entry: Mapping[str, Any]) -> bool:
    """Whether nothing in a model's entry says that it is for something else."""
    methods = entry.get("supportedGenerationMethods")
    if isinstance(methods, list) and "generateContent" not in methods:
        return False
    abilities = entry.get("capabilities")
    return not isinstance(abilities, dict) or abilities.get("completion_chat") is not False


def _whole(value: object) -> int | None:
    fits = isinstance(value, int) and not isinstance(value, bool) and value > 0
    return value if fits and isinstance(value, int) else None
