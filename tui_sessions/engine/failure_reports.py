"""Failures that no caller may be waiting for, told to whoever listens."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager

from tui_sessions.engine.bus import EventBus
from tui_sessions.index.catalog import Catalog
from tui_sessions.model.events import LifecycleError


class FailureReports:
    """Tells of failures as events."""

    def __init__(self, catalog: Catalog, bus: EventBus) -> None:
        self._catalog = catalog
        self._bus = bus

    def report(self, session_id: str, error: Exception, operation: str, **context: str) -> None:
        """Tell of a failure; one of a sub-agent's session is told of its parent too."""
        known = self._catalog.get(session_id)
        workspace_id = known.workspace_id if known else ""
        self._tell(session_id, workspace_id, error, operation, context)
        if known is not None and known.parent is not None and known.parent.kind == "spawn":
            context = {**context, "child_id": session_id}
            self._tell(known.parent.session_id, workspace_id, error, operation, context)

    @contextmanager
    def telling(self, session_id: str, operation: str, **context: str) -> Iterator[None]:
        """Tell of what fails meanwhile; the caller hears of it all the same."""
        try:
            yield
        except Exception as error:
            self.report(session_id, error, operation, **context)
            raise

    def _tell(
        self,
        session_id: str,
        workspace_id: str,
        error: Exception,
        operation: str,
        context: Mapping[str, str],
    ) -> None:
        self._bus.emit(
            LifecycleError(
                session_id=session_id,
                workspace_id=workspace_id,
                error=error,
                operation=operation,
                context=dict(context),
            )
        )
