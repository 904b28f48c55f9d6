"""The providers that agents may name, made when they are first asked for."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial

from tui_sessions.errors import UnknownProvider
from tui_sessions.model.identifiers import check_id
from tui_sessions.providers.base import ClosableProvider, Provider
from tui_sessions.providers.detection import Detected, detect
from tui_sessions.providers.endpoint import Endpoint, endpoints
from tui_sessions.providers.offers import Offer, offers
from tui_sessions.providers.offline import OfflineProvider
from tui_sessions.providers.remote import RemoteProvider
from tui_sessions.providers.scripted import ScriptedProvider
from tui_sessions.settings import Settings


class ProviderRegistry:
    """Providers by name; the first registered is the default.

    ```python
    registry = ProviderRegistry()
    registry.register("mine", MyProvider)
    ```
    """

    def __init__(self) -> None:
        self._factories: dict[str, Callable[[], Provider]] = {}
        self._made: dict[str, Provider] = {}
        self._endpoints: list[Endpoint] = []
        self.register("offline", OfflineProvider)
        self.register("scripted", ScriptedProvider)

    def register(self, name: str, factory: Callable[[], Provider]) -> None:
        """Offer a provider; one of the same name is replaced."""
        self._factories[check_id(name, "provider name")] = factory
        self._made.pop(name, None)

    def register_endpoints(self, found: Sequence[Endpoint]) -> None:
        """Offer what answers at these endpoints."""
        for one in found:
            self.register(one.name, partial(RemoteProvider, one))
            self._endpoints = [*(e for e in self._endpoints if e.name != one.name), one]

    async def detect(self) -> list[Detected]:
        """Which of the endpoints could answer here and now, found in less than 300 ms."""
        return await detect(self._endpoints)

    async def offers(self) -> list[Offer]:
        """The models of all providers that are offered, as far as these can be asked now."""
        return await offers(self)

    async def warm_up(self, name: str) -> None:
        """Load what the first request to a provider would wait for, in a thread.

        Raises:
            UnknownProvider: there is none of that name.
        """
        made = self.get(name)
        if isinstance(made, RemoteProvider):
            await made.warm_up()

    async def close(self) -> None:
        """Let go of all connections."""
        for made in list(self._made.values()):
            if isinstance(made, ClosableProvider):
                await made.close()

    def names(self) -> tuple[str, ...]:
        """Their names, in the order they were registered."""
        return tuple(self._factories)

    def get(self, name: str) -> Provider:
        """The provider of that name.

        Raises:
            UnknownProvider: there is none.
        """
        if name not in self._made:
            if name not in self._factories:
                raise UnknownProvider(name, self.names())
            self._made[name] = self._factories[name]()
        return self._made[name]


def registry_of(settings: Settings) -> ProviderRegistry:
    """The providers of the package, the endpoints that are known, and those of the settings.

    Raises:
        InvalidId: a name in the settings cannot be one.
        InvalidValue: an address in the settings is none.
    """
    registry = ProviderRegistry()
    registry.register_endpoints(endpoints(settings.providers, settings.timeouts))
    return registry
