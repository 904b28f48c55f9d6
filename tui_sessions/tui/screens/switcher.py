"""Go to anything: sessions and chats of all workspaces by name, and messages by their text."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TypeVar

from textual import on, work
from textual.app import ComposeResult
from textual.binding import Binding
from textual.containers import Vertical
from textual.content import Content
from textual.events import Click
from textual.getters import query_one
from textual.screen import ModalScreen
from textual.widgets import Input, Static

from tui_sessions.errors import SessionsError
from tui_sessions.model.clock import now
from tui_sessions.model.session import Session, Workspace
from tui_sessions.tui.drawing import draw_line
from tui_sessions.tui.widgets.switcher_results import (
    Entry,
    Query,
    Ranked,
    ResultList,
    TextHit,
    entries_of,
)

__all__ = ["QuickSwitcher", "SwitchTarget", "TextHit"]

TextSearch = Callable[[str], Awaitable[Sequence[TextHit]]]

_Step = TypeVar("_Step")

_SLICE_S = 0.008
"""How long ranking keeps the screen waiting at a time."""
_PAUSE_S = 0.2
"""How long nothing is typed before messages are searched."""
_LEAST = 2
"""Letters that have to be typed before messages are searched."""


@dataclass(frozen=True)
class SwitchTarget:
    """Where the person wants to go."""

    session_id: str
    chat_id: str | None = None
    """None: the session's active chat."""
    message_id: str | None = None


class QuickSwitcher(ModalScreen[SwitchTarget | None]):
    """A field and what fits it, best first; with nothing typed, the most recent.

    The session that is open stands second then, so that enter goes back and forth.
    """

    BINDINGS = [
        Binding("escape", "close", "Close", id="switcher.close"),
        Binding("up,ctrl+k", "move(-1)", "Up", id="switcher.up", priority=True, show=False),
        Binding("down,ctrl+j", "move(1)", "Down", id="switcher.down", priority=True, show=False),
        Binding("pageup", "move_page(-1)", "Page up", id="switcher.page_up", show=False),
        Binding("pagedown", "move_page(1)", "Page down", id="switcher.page_down", show=False),
    ]
    DEFAULT_CSS = """
    QuickSwitcher {
        align: center top;
        background: $background 60%;

        #switcher {
            width: 90%;
            max-width: 100;
            height: 80%;
            margin-top: 2;
            background: $surface;
            border: round $primary;
            border-title-color: $text-primary;
        }
        Input, Input:focus { background: $surface; border: none; height: 1; padding: 0 1; }
        #switcher-hint { height: 1; padding: 0 1; color: $foreground 66%; }
    }
    """

    field = query_one(Input)
    results = query_one(ResultList)
    _hint = query_one("#switcher-hint", Static)

    def __init__(
        self,
        sessions: Sequence[Session],
        workspaces: Sequence[Workspace],
        open_session_id: str | None,
        search: TextSearch | None = None,
        *,
        clock: Callable[[], datetime] = now,
    ) -> None:
        super().__init__()
        self._sessions = sessions
        self._names = {workspace.id: workspace.name or workspace.id for workspace in workspaces}
        self._open_session_id = open_session_id
        self._search = search
        self._clock = clock
        self._entries: list[Entry] = []
        self._collected = asyncio.Event()
        self._ranked_text: str | None = None
        self._pick_when_ranked = False
        self._fitting: tuple[Query, list[Entry]] | None = None

    def compose(self) -> ComposeResult:
        """A field, the results, and a line that says how many."""
        with Vertical(id="switcher") as box:
            box.border_title = Content("Go to anything")
            words = ", or words of a message" if self._search else ""
            yield Input(placeholder=f"session, chat, tag, workspace{words}")
            yield ResultList(self._open_session_id, self._clock)
            yield Static(id="switcher-hint")

    def on_mount(self) -> None:
        """List the most recent."""
        self.field.focus()
        self._collect()
        self._rank("")

    @on(Input.Changed)
    def follow_typing(self, event: Input.Changed) -> None:
        """List what fits now; the search for older words ends."""
        self._pick_when_ranked = False
        self._rank(event.value)
        self.workers.cancel_group(self, "messages")
        self.results.show_hits((), "")
        if self._search is not None and len(event.value.strip()) >= _LEAST:
            self._search_messages(self._search, event.value.strip())

    @on(Input.Submitted)
    def pick_current(self) -> None:
        """Go to what is under the cursor, once it is what fits all that is typed."""
        self._pick_when_ranked = self._ranked_text != self.field.value
        if not self._pick_when_ranked and self.results.result is not None:
            self._go_to(self.results.result)

    @on(ResultList.Picked)
    def pick_clicked(self, event: ResultList.Picked) -> None:
        """Go to what was clicked on."""
        self._go_to(event.result)

    def on_click(self, event: Click) -> None:
        """Close when clicked beside."""
        if event.widget is self:
            self.action_close()

    def action_close(self) -> None:
        """Go nowhere."""
        self.dismiss(None)

    def action_move(self, step: int) -> None:
        """Move the cursor by results."""
        self.results.move(step)

    def action_move_page(self, step: int) -> None:
        """Move the cursor by pages."""
        self.results.move_page(step)

    @work(exclusive=True, group="rank")
    async def _rank(self, text: str) -> None:
        """Rank in slices, so that the next key is never kept waiting."""
        query = Query(text)
        await self._collected.wait()
        shown = self._entries
        if query:
            narrowed = self._fitting and query.narrows(self._fitting[0])
            among = self._fitting[1] if self._fitting and narrowed else self._entries
            ranked = await _in_slices(query.rank(among), Ranked([], []))
            shown = ranked.best_first
            self._fitting = (query, ranked.as_given)
        self.results.show(shown, query)
        self._hint.update(self._hint_text(len(shown)))
        self._ranked_text = text
        if self._pick_when_ranked:
            self.pick_current()

    @work(group="collect")
    async def _collect(self) -> None:
        """List all places once; it goes on while the person types."""
        self._entries = await _in_slices(self._places(), [])
        self._collected.set()

    def _places(self) -> Iterator[list[Entry]]:
        """All places, the most recent first, but the open session's after the first other."""
        recent = sorted(self._sessions, key=lambda session: session.last_active_at, reverse=True)
        own: list[Entry] = []
        others: list[Entry] = []
        for session in recent:
            places = own if session.id == self._open_session_id else others
            places.extend(entries_of(session, self._names))
            yield others
        yield [*others[:1], *own, *others[1:]]

    @work(exclusive=True, group="messages")
    async def _search_messages(self, search: TextSearch, text: str) -> None:
        """Search the messages once nothing more is typed."""
        await asyncio.sleep(_PAUSE_S)
        self.results.show_hits((), "in messages: searching…")
        try:
            hits = await search(text)
        except SessionsError as error:
            self.results.show_hits((), f"in messages: {draw_line(str(error)).plain}")
            return
        self.results.show_hits(hits, "in messages" if hits else "in messages: nothing found")

    def _hint_text(self, found: int) -> Content:
        keys = "enter go · ↑↓ move · esc close"
        if not found:
            return Content(f"Nothing fits.  {keys}" if self._sessions else f"No sessions.  {keys}")
        return Content(f"{found:,} of {len(self._entries):,}  {keys}")

    def _go_to(self, result: Entry | TextHit) -> None:
        if isinstance(result, TextHit):
            target = SwitchTarget(result.session_id, result.chat_id, result.message_id)
        else:
            target = SwitchTarget(result.session.id, result.chat_id)
        self.dismiss(target)


async def _in_slices(steps: Iterator[_Step], last: _Step) -> _Step:
    """The last of the steps; others run in between."""
    started = time.monotonic()
    for step in steps:
        last = step
        if time.monotonic() - started > _SLICE_S:
            await asyncio.sleep(0)
            started = time.monotonic()
    return last
