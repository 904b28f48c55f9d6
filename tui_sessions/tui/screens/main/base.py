"""What all parts of the main screen share: the engine, the widgets, and what is open."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine, Iterator
from contextlib import contextmanager
from functools import cached_property
from types import TracebackType
from typing import TYPE_CHECKING, Any, TypeAlias
from weakref import ref

import msgspec
from textual.getters import query_one
from textual.message_pump import MessagePump
from textual.notifications import Notification, Notify
from textual.screen import Screen
from textual.widget import Widget
from textual.widgets._toast import Toast
from textual.worker import Worker

from tui_sessions.errors import (
    ChatNotFound,
    MessageNotFound,
    ReadOnlySession,
    SessionBusy,
    SessionNotFound,
    SessionsError,
    SessionStateError,
    StoreError,
)
from tui_sessions.model.session import Session
from tui_sessions.settings import Settings
from tui_sessions.tui.drawing import draw
from tui_sessions.tui.remembered.drafts import Drafts
from tui_sessions.tui.remembered.notices import Notices
from tui_sessions.tui.remembered.unread import UnreadMarks
from tui_sessions.tui.screens.main.turn_calls import TurnCalls
from tui_sessions.tui.start import Start
from tui_sessions.tui.widgets.approval_bar import ApprovalBar
from tui_sessions.tui.widgets.chat_tabs import ChatTabs
from tui_sessions.tui.widgets.composer import Composer
from tui_sessions.tui.widgets.find_bar import FindBar
from tui_sessions.tui.widgets.session_tree import SessionTree, Target
from tui_sessions.tui.widgets.status_line import StatusLine
from tui_sessions.tui.widgets.transcript import Transcript

if TYPE_CHECKING:
    from tui_sessions.engine.session_manager import SessionManager
    from tui_sessions.tui.widgets.inspector.inspector import Inspector

_VERB_GROUPS = ("default", "open", "send")
"""The groups of workers that change where the next key goes."""
_LONG_S = 2.0
"""Seconds after which the person hears what is waited for."""
NO_SESSION = "There is no session here yet: it begins with the first message."
NO_CHAT = "There is no chat here yet: it begins with the first message."
STILL_ANSWERING = "The chat is still answering: wait for the reply, or stop it with escape."
ANSWERED_ELSEWHERE = (
    "The chat is being answered in another window: wait for that reply, or stop it there; "
    "the command Stop the reply does so from here."
)
_GONE = {
    SessionNotFound: "The session is not there any more; T in the tree shows what was deleted.",
    ChatNotFound: "The chat is not there any more.",
    MessageNotFound: "The message is not there any more.",
}


class OpenChat(msgspec.Struct, eq=False):
    """What the chat pane shows; without a session, one that begins with the next message."""

    workspace_id: str
    session: Session | None = None
    chat_id: str | None = None
    temporary: bool = False
    live_length: int = 0
    """Characters of the running reply that the transcript shows already."""
    live_id: str | None = None
    """The running reply that the transcript shows."""
    shown_at: str = ""
    """The session's version that is shown, by its last change."""
    seen: tuple[str, str] | None = None
    """The same beside what the store called its version then."""
    beginning: asyncio.Lock = msgspec.field(default_factory=asyncio.Lock)
    """Held while the session is made, so that it is made once."""
    reading: asyncio.Future[None] | None = None
    """Done once all of a long chat is read; only its end is shown until then."""

    @property
    def session_id(self) -> str | None:
        """The open session's id."""
        return self.session.id if self.session else None

    @property
    def key(self) -> str:
        """What drafts and positions are kept under."""
        if self.session is None:
            return f"new:{self.workspace_id}"
        return f"{self.session.id}/{self.chat_id or ''}"


if TYPE_CHECKING:
    _ScreenPart: TypeAlias = Screen[None]
else:
    # Textual prepares every class of a screen to be one by itself, which takes its time at the
    # start: the parts only take messages, and `MainScreen` alone is a screen.
    _ScreenPart = MessagePump


class MainBase(_ScreenPart):
    """The state of the main screen, and how its parts reach it."""

    session_tree = query_one("#tree", SessionTree)
    transcript = query_one("#transcript", Transcript)
    chat_tabs = query_one("#chat-tabs", ChatTabs)
    composer = query_one("#composer", Composer)
    status = query_one("#status", StatusLine)
    manager: SessionManager
    """The engine, from when it has `opened`."""
    told: ref[Exception] | None = None
    """The error that the person was told of last: the engine may report it as well."""
    furnished = False
    """Whether all is there that the first paint does without."""

    def __init__(
        self,
        start: Start,
        drafts: Drafts,
        settings: Settings,
    ) -> None:
        super().__init__()
        self.approval_bar = ApprovalBar(id="approval-bar")
        self.find_bar = FindBar(id="find-bar")
        self.settings = settings
        self.start = start
        self.drafts = drafts
        self.current = OpenChat(start.workspace_id)
        self.unread = UnreadMarks(drafts.folder / "unread.json")
        self.regenerating: dict[tuple[str, str], str] = {}
        """By session and chat: the reply that takes the last one's place as soon as it comes."""
        self.continuing: set[tuple[str, str]] = set()
        """The chats whose last reply is gone on with, by session and chat."""
        self.elsewhere: frozenset[tuple[str, str]] = frozenset()
        """The chats that other windows and programs answer in, by session and chat."""
        self.calls = TurnCalls()
        self.notices = Notices()
        self.workspace_names: dict[str, str] = {}
        self.return_to_composer_after_rename = False
        self.opened = asyncio.Event()
        """Set once the engine is there: the screen may be seen before."""
        self.arrived = asyncio.Event()
        """Set once it is known what the person goes on with."""

    @cached_property
    def inspector(self) -> Inspector:
        """What the right pane shows, once the screen is `furnished`."""
        from tui_sessions.tui.widgets.inspector.inspector import Inspector

        return Inspector(id="inspector")

    def say(
        self,
        text: str,
        *,
        title: str = "",
        severe: bool = False,
        instead: Notification | None = None,
    ) -> Notification:
        """Tell the person something for a moment; nothing in the text is markup.

        Args:
            text: what.
            title: what stands above it.
            severe: something went wrong.
            instead: the notice that is not true any more, and goes.
        """
        if instead is not None:
            instead.timeout = 0
        notice = self.notices.make(
            draw(text).plain, draw(title).plain, self.app.size, severe=severe
        )
        front = self.app.screen_stack[-1:]  # there is none any more where the app ends
        for toast in (toast for screen in front for toast in screen.query(Toast)):
            if toast._notification.has_expired and isinstance(toast.parent, Widget):
                toast.parent.remove()  # Textual would leave its place empty
        self.app.post_message(Notify(notice))
        return notice

    def in_background(
        self, work: Callable[[], Coroutine[None, None, None]], group: str, *, exclusive: bool = True
    ) -> Worker[None]:
        """Begin something that goes on beside what the person does.

        Args:
            work: what is begun.
            group: what it belongs to.
            exclusive: what else of the group goes on is given up.
        """
        return self.run_worker(work, group=group, exclusive=exclusive)

    def verbs_under_way(self) -> list[Worker[Any]]:
        """What the person asked for and is not done yet; replies and imports go on beside it."""
        return [w for w in self.workers if w.group in _VERB_GROUPS and not w.is_finished]

    @property
    def gone(self) -> bool:
        """Whether the app ends and its widgets are gone, while work in the background goes on."""
        return not self.query(StatusLine)

    async def read_whole(self) -> bool:
        """Wait until all of the open chat is read; False where another is open by then."""
        opened = self.current
        if opened.reading is not None:
            await asyncio.wait({opened.reading})
        return self.current is opened

    def telling(self) -> Telling:
        """Turn an error of the engine or the disk within the block into a notice."""
        return Telling(self)

    @contextmanager
    def explaining(self, text: str) -> Iterator[None]:
        """Say why nothing is to be seen yet, where what is in the block takes long."""
        timer = self.set_timer(_LONG_S, lambda: self.say(text))
        try:
            yield
        finally:
            timer.stop()

    def target(self) -> Target | None:
        """What a verb is about: the row under the cursor in the tree, else what is open."""
        if self.session_tree.has_focus_within and self.session_tree.cursor_target is not None:
            return self.session_tree.cursor_target
        session_id = self.current.session_id
        if session_id is None:
            return None
        return Target("session", self.current.workspace_id, session_id)

    def target_session(self) -> str | None:
        """The session that a verb is about; the person is told when there is none."""
        target = self.target()
        if target is None:
            self.say(NO_SESSION)
            return None
        if target.session_id is None or target.kind == "problem":
            self.say("That is no session: put the cursor on one first.")
            return None
        return target.session_id

    def target_workspace(self) -> str:
        """The workspace that something new goes to."""
        if self.session_tree.has_focus_within and self.session_tree.cursor_target is not None:
            return self.session_tree.cursor_target.workspace_id
        return self.current.workspace_id


class Telling:
    """Tells of an error of the engine or the disk, and goes on after the block."""

    def __init__(self, screen: MainBase) -> None:
        self._screen = screen

    async def __aenter__(self) -> None:
        return None

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> bool:
        if isinstance(error, SessionsError):
            self._screen.told = ref(error)
            said = sentence_of(error)
            if isinstance(error, StoreError) and error.path is not None:
                said = f"That was not done: {error.reason.rstrip('.')} ({error.path})."
            self._screen.say(said, severe=True)
            return True
        if isinstance(error, OSError):
            from tui_sessions.stores.single_files import explain

            where = f" ({error.filename})" if error.filename else ""
            self._screen.say(f"That was not done: {explain(error)}{where}.", severe=True)
            return True
        return False


def sentence_of(error: Exception) -> str:
    """An error as the person gets it told: in the app nothing is called by its id."""
    if isinstance(error, SessionBusy):
        return ANSWERED_ELSEWHERE if error.elsewhere else STILL_ANSWERING
    if isinstance(error, SessionStateError):
        return str(error).replace(f"session {error.session_id!r}", "this session")
    if isinstance(error, ReadOnlySession):
        return str(error).replace(f"Session {error.session_id!r}", "This session")
    gone = next((said for kind, said in _GONE.items() if isinstance(error, kind)), None)
    return gone or str(error)
