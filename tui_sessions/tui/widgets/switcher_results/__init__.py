"""What the quick switcher lists: sessions and chats by rank, and messages found by their text."""

from tui_sessions.tui.widgets.switcher_results.entries import (
    Entry,
    FoundTexts,
    TextHit,
    entries_of,
)
from tui_sessions.tui.widgets.switcher_results.ranking import Query, Ranked
from tui_sessions.tui.widgets.switcher_results.result_list import ResultList

__all__ = ["Entry", "FoundTexts", "Query", "Ranked", "ResultList", "TextHit", "entries_of"]
