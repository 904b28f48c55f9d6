"""What a person can choose from: the models of all providers, asked at the same time."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterable

import msgspec

from tui_sessions.errors import ProviderError
from tui_sessions.providers.base import Providers
from tui_sessions.providers.model_list import no_model

_SILENT = ("scripted",)
"""Providers that nobody is offered: a person never chooses them, but may name them."""


class Offer(msgspec.Struct, frozen=True, kw_only=True):
    """What one provider has."""

    provider: str
    models: tuple[str, ...] = ()
    problem: ProviderError | None = None
    """Why it has none for now."""


def offering(providers: Providers) -> tuple[str, ...]:
    """The names of the providers that a person may choose from, in their order."""
    return tuple(name for name in providers.names() if name not in _SILENT)


async def offers(providers: Providers) -> list[Offer]:
    """What each of these has, in their order; one that fails holds up no other."""
    return await offers_of(providers, offering(providers))


async def offers_of(providers: Providers, names: Iterable[str]) -> list[Offer]:
    """What the providers that are named have, in the order of their names.

    Raises:
        UnknownProvider: there is none of such a name.
    """
    return list(await asyncio.gather(*(_offer(providers, name) for name in names)))


async def arriving_offers(providers: Providers) -> AsyncIterator[Offer]:
    """The same, each as soon as its provider has answered; who stops reading asks no further."""
    asked = [asyncio.create_task(_offer(providers, name)) for name in offering(providers)]
    try:
        for answered in asyncio.as_completed(asked):
            yield await answered
    finally:
        for task in asked:
            task.cancel()


async def _offer(providers: Providers, name: str) -> Offer:
    try:
        models = tuple(await providers.get(name).models())
    except ProviderError as problem:
        return Offer(provider=name, problem=problem)
    return Offer(provider=name, models=models, problem=None if models else no_model(name))
