"""Go to anything: sessions and chats of all workspaces by name, and messages by their text."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime

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
from tui_sessions.tui.answered_once import AnsweredOnce
from tui_sessions.tui.drawing import draw_line
from tui_sessions.tui.remembered.unfinished import Kept
from tui_sessions.tui.screens.switcher_messages import (
    ALL,
    TextSearch,
    heading_of,
    searched,
    searched_further,
)
from tui_sessions.tui.screens.switcher_places import Places, SessionSearch, query_of
from tui_sessions.tui.terminal.lean_paint import LeanPaint
from tui_sessions.tui.terminal.true_size import TrueSize
from tui_sessions.tui.widgets.line_input import LineInput
from tui_sessions.tui.widgets.switcher_results import (
    Entry,
    FoundTexts,
    ResultList,
    TextHit,
)

__all__ = ["FoundTexts", "QuickSwitcher", "SwitchTarget", "TextHit"]

_PAUSE_S = 0.1
"""How long nothing is typed before messages are searched."""
_FILTERS = (
    '"a phrase" begin* -not · role: has: workspace: tag: model: state: after:7d before:2026-11-01'
)
_LEAST = 2
"""Letters that have to be typed before messages are searched."""


@dataclass(frozen=True)
class SwitchTarget:
    """Where the person wants to go."""

    session_id: str
    chat_id: str | None = None
    """None: the session's active chat."""
    message_id: str | None = None
    find_text: str = ""
    """What to mark there."""


class _Field(LineInput):
    """What is looked for; enter goes there."""

    BINDINGS = [Binding("enter", "submit", "Go there", show=False, id="switcher.go")]


class QuickSwitcher(AnsweredOnce, TrueSize, LeanPaint, ModalScreen[SwitchTarget | None]):
    """A field and what fits it, best first; with nothing typed, the most recent.

    The session that is open stands second then, so that enter goes back and forth.
    """

    BINDINGS = [
        Binding("escape", "close", "Close", id="switcher.close"),
        Binding("up,ctrl+p,ctrl+k", "move(-1)", "Up", id="switcher.up", priority=True, show=False),
        Binding(
            "down,ctrl+n,ctrl+j", "move(1)", "Down", id="switcher.down", priority=True, show=False
        ),
        Binding("pageup", "move_page(-1)", "Page up", id="switcher.page_up", show=False),
        Binding("pagedown", "move_page(1)", "Page down", id="switcher.page_down", show=False),
    ]
    VERTICAL_BREAKPOINTS = [(0, "-low"), (20, "-high")]
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
        #switcher-hint, #switcher-filters { height: 1; padding: 0 1; color: $foreground 66%; }
        #switcher-filters { height: auto; }
        &.-low #switcher { width: 100%; height: 100%; margin: 0; }
        &.-low #switcher-filters { display: none; }
    }
    """

    field = query_one(LineInput)
    results = query_one(ResultList)
    _hint = query_one("#switcher-hint", Static)

    def __init__(
        self,
        sessions: Sequence[Session],
        workspaces: Sequence[Workspace],
        open_session_id: str | None,
        search: TextSearch | None = None,
        more: SessionSearch | None = None,
        *,
        clock: Callable[[], datetime] = now,
        kept: Kept | None = None,
    ) -> None:
        super().__init__()
        self._kept = kept
        self._places = Places(sessions, workspaces, open_session_id, more)
        self._open_session_id = open_session_id
        self._search = search
        self._counts_all = more is None
        self._found = FoundTexts()
        self._clock = clock
        self._ranked_text: str | None = None
        self._pick_when_there = False
        self._steps_when_there = 0
        """How far the cursor is to move once what fits all that is typed is there."""
        self._listed_text: str | None = None
        """What was typed when the places were found that are there; older ones may still come."""
        self._searching = False
        """Messages are looked for that nothing is known of yet."""

    def compose(self) -> ComposeResult:
        """A field, the results, and a line that says how many."""
        with Vertical(id="switcher") as box:
            box.border_title = Content("Go to anything")
            words = ", or words of a message" if self._search else ""
            yield _Field(placeholder=f"session, chat, tag, workspace{words}")
            yield ResultList(self._open_session_id, self._clock)
            if self._search:
                yield Static(Content(_FILTERS), id="switcher-filters")
            yield Static(id="switcher-hint")

    def on_mount(self) -> None:
        """List the most recent."""
        self.field.focus()
        self.run_worker(self._places.collect(), group="collect")
        self._rank("")
        self.field.go_on_with(self._kept)

    @on(Input.Changed)
    def follow_typing(self, event: Input.Changed) -> None:
        """List what fits now; the search for older words ends."""
        self._pick_when_there = False
        self._steps_when_there = 0
        self._rank(event.value)
        self.workers.cancel_group(self, "messages")
        self._found = FoundTexts()
        self.results.show_hits((), "")
        self._searching = self._search is not None and len(event.value.strip()) >= _LEAST
        if self._search is not None and self._searching:
            self._search_messages(self._search, event.value.lstrip())

    @on(Input.Submitted)
    def pick_current(self) -> None:
        """Go to what is under the cursor, once it is what fits all that is typed.

        Where no session does, that is the first message that is found.
        """
        ranked = self._ranked_text == self.field.value
        if ranked and self.results.result is not None:
            self._go_to(self.results.result)
            return
        self._pick_when_there = not ranked or self._searching

    @on(ResultList.Picked)
    def pick_clicked(self, event: ResultList.Picked) -> None:
        """Go to what was clicked on."""
        self._go_to(event.result)

    @on(ResultList.EndReached)
    def search_further(self) -> None:
        """Bring the next messages, if there are more."""
        if self._search is not None and len(self._found.hits) < self._found.total:
            self._search_next(self._search, self.field.value.lstrip())

    def on_unmount(self) -> None:
        """Let go of thousands of places; the screen itself is kept until the collector comes by."""
        self._places.forget()
        self._found = FoundTexts()

    def on_click(self, event: Click) -> None:
        """Close when clicked beside."""
        if event.widget is self:
            self.action_close()

    def action_close(self) -> None:
        """Go nowhere."""
        self.field.drop_kept()
        self.dismiss(None)

    def action_move(self, step: int) -> None:
        """Move the cursor by results; those to come, where what fits is not there yet."""
        if self._listed_text == self.field.value:
            self.results.move(step)
        else:
            self._steps_when_there += step

    def action_move_page(self, step: int) -> None:
        """Move the cursor by pages."""
        self.results.move_page(step)

    def _is_closed(self) -> bool:
        """What is shown goes before the work in the background that draws on it."""
        return self not in self.app.screen_stack

    @work(exclusive=True, group="rank")
    async def _rank(self, text: str) -> None:
        """List what fits, first of the recent sessions, then of the older ones too."""
        query = query_of(text)
        shown = await self._places.fitting(query, everything=not text.strip())
        if self._is_closed():
            return
        self.results.show(shown, query)
        self._listed_text = text
        steps, self._steps_when_there = self._steps_when_there, 0
        if steps:
            self.results.move(steps)
        wider = await self._places.with_older(query, shown)
        if self._is_closed():
            return
        if wider is not shown:
            self.results.show(wider, query, keep=True)
        self._hint.update(self._hint_text(len(wider)))
        self._ranked_text = text
        if self._pick_when_there:
            self.pick_current()

    @work(exclusive=True, group="messages")
    async def _search_messages(self, search: TextSearch, text: str) -> None:
        """Search the messages once nothing more is typed, and again while the index is built."""
        await asyncio.sleep(_PAUSE_S)
        if self._is_closed():
            return
        self.results.show_hits((), "in messages: searching…")
        try:
            async for found in searched(search, text):
                self._show_found(found)
        except SessionsError as error:
            self._searching = False
            if not self._is_closed():
                self.results.show_hits((), f"in messages: {draw_line(str(error)).plain}")

    @work(exclusive=True, group="messages")
    async def _search_next(self, search: TextSearch, text: str) -> None:
        """Add the next messages to those that are shown, and what the index still brings."""
        with contextlib.suppress(SessionsError):
            async for found in searched_further(search, text, self._found.hits):
                self._show_found(found)

    def _show_found(self, found: FoundTexts) -> None:
        if self._is_closed():
            return
        self._found = found
        self._searching = not found.hits and found.percent < ALL
        self.results.show_hits(found.hits, heading_of(found))
        if self._pick_when_there:
            self.pick_current()

    def _hint_text(self, found: int) -> Content:
        keys = "enter go · ↑↓ move · esc close"
        listed = len(self._places.entries)
        if not found:
            return Content(f"{'No session fits' if listed else 'No sessions'}.  {keys}")
        number = f"{found:,} of {listed:,}" if self._counts_all else f"{found:,}"
        return Content(f"{number}  {keys}")

    def _go_to(self, result: Entry | TextHit) -> None:
        if isinstance(result, TextHit):
            target = SwitchTarget(
                result.session_id, result.chat_id, result.message_id, result.find_text
            )
        else:
            target = SwitchTarget(result.session.id, result.chat_id)
        self.field.drop_kept()
        self.dismiss(target)
