"""The providers that agents may name, made when they are first asked for."""

from __future__ import annotations

from collections.abc import Callable

from tui_sessions.errors import UnknownProvider
from tui_sessions.model.identifiers import check_id
from tui_sessions.providers.base import Provider
from tui_sessions.providers.offline import OfflineProvider
from tui_sessions.providers.scripted import ScriptedProvider


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
        self.register("offline", OfflineProvider)
        self.register("scripted", ScriptedProvider)

    def register(self, name: str, factory: Callable[[], Provider]) -> None:
        """Offer a provider; one of the same name is replaced."""
        self._factories[check_id(name, "provider name")] = factory
        self._made.pop(name, None)

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
