"""The full-text search as the quick switcher asks for it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from tui_sessions.engine.session_manager import SessionManager
from tui_sessions.model.query import parse_query
from tui_sessions.model.search import SearchHit
from tui_sessions.model.session import Workspace

if TYPE_CHECKING:
    from tui_sessions.tui.widgets.switcher_results import FoundTexts, TextHit

_PAGE = 50
_PATIENCE_S = 0.1
"""How long the index may take to catch up with what has just changed."""


class TextSearch:
    """Searches messages, and sessions where a filter asks for them."""

    def __init__(self, manager: SessionManager, workspaces: Sequence[Workspace]) -> None:
        self._manager = manager
        self._names = {workspace.id: workspace.name for workspace in workspaces}

    async def search(self, text: str, offset: int) -> FoundTexts:
        """Find what fits all that was typed so far; `offset` of the best are left out."""
        from tui_sessions.tui.widgets.switcher_results import FoundTexts

        found = await self._manager.search(
            text,
            limit=_PAGE,
            offset=offset,
            as_typed=True,
            messages_only=not parse_query(text).has_filters,
            wait_s=_PATIENCE_S,
        )
        return FoundTexts(
            hits=[self._hit(hit) for hit in found.hits],
            total=found.total,
            percent=100 if found.complete else min(found.progress.percent, 99),
            to_go=found.progress.to_go,
            similar=found.similar,
            notice=found.notice,
        )

    def _hit(self, hit: SearchHit) -> TextHit:
        from tui_sessions.tui.widgets.switcher_results import TextHit

        return TextHit(
            session_id=hit.session_id,
            chat_id=hit.chat_id,
            message_id=hit.message_id,
            label=hit.label,
            snippet=hit.snippet,
            workspace=self._names.get(hit.workspace_id) or hit.workspace_id,
            role=hit.role,
            time=hit.time,
        )
