"""Finding in the open chat."""

from __future__ import annotations

from textual import on, work

from tui_sessions.tui.screens.main.areas import ChatArea
from tui_sessions.tui.screens.main.ground import Ground
from tui_sessions.tui.widgets.find_bar import FindBar
from tui_sessions.tui.widgets.transcript import Transcript


class Finding(Ground):
    """Brings the bar to find with, and shows the places."""

    def action_find(self) -> None:
        """Find in the chat."""
        self.query_one(ChatArea).bring(self.find_bar)
        self.find_bar.open(kept=self.drafting.kept("find"))

    @on(FindBar.QueryChanged)
    @work(exclusive=True, group="find")
    async def find(self, event: FindBar.QueryChanged) -> None:
        """Find as it is typed."""
        if not await self.read_whole():
            return
        if event.text:
            await self.transcript.find(event.text)
        else:
            self.transcript.clear_find()

    @on(FindBar.NextRequested)
    def find_next(self) -> None:
        """Show the next place."""
        self.transcript.find_next()

    @on(FindBar.PreviousRequested)
    def find_previous(self) -> None:
        """Show the place before."""
        self.transcript.find_previous()

    @on(FindBar.Closed)
    def end_find(self) -> None:
        """Go on reading; the marks go with the next chat."""
        if not self.find_bar.query_text:
            self.transcript.clear_find()
        if self.find_bar.has_focus_within:
            self.transcript.focus()

    @on(Transcript.Found)
    def show_found(self, event: Transcript.Found) -> None:
        """Say which place is shown."""
        self.find_bar.show_count(event.index - 1, event.total, searching=event.searching)
