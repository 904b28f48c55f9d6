"""What a person can choose from: the models of all providers, asked at the same time."""

from __future__ import annotations

import asyncio

import msgspec

from tui_sessions.errors import ProviderError
from tui_sessions.providers.base import Providers


class Offer(msgspec.Struct, frozen=True, kw_only=True):
    """What one provider has."""

    provider: str
    models: tuple[str, ...] = ()
    problem: ProviderError | None = None
    """Why it has none for now."""


async def offers(providers: Providers) -> list[Offer]:
    """What every provider has, in their order; one that fails holds up no other."""
    return list(await asyncio.gather(*(_offer(providers, name) for name in providers.names())))


async def _offer(providers: Providers, name: str) -> Offer:
    try:
        return Offer(provider=name, models=tuple(await providers.get(name).models()))
    except ProviderError as problem:
        return Offer(provider=name, problem=problem)
