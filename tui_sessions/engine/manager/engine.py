"""The state that one manager and all its workspace-bound faces share."""

from __future__ import annotations

import asyncio
import getpass
from pathlib import Path
from typing import TYPE_CHECKING

from tui_sessions.engine.agents.template_sources import FolderOf
from tui_sessions.engine.agents.templates import Templates
from tui_sessions.engine.bus import EventBus
from tui_sessions.engine.documents.open_documents import OpenDocuments
from tui_sessions.engine.full_text.indexed_text import TextSource
from tui_sessions.engine.full_text.indexing import Indexer
from tui_sessions.engine.full_text.search_scope import ChosenSessions
from tui_sessions.engine.importing.journal_pace import JournalPace
from tui_sessions.engine.turn.approvals import Approvals, Approve
from tui_sessions.engine.turn.context_windows import ContextWindows
from tui_sessions.engine.turn.turn_claims import TurnClaims
from tui_sessions.index.base import FullTextIndex, NoIndex
from tui_sessions.index.catalog import Catalog
from tui_sessions.providers.base import Providers
from tui_sessions.settings import Settings
from tui_sessions.stores.base import Store
from tui_sessions.stores.unsaved_changes import UnsavedChanges
from tui_sessions.tools.registry import ToolRegistry

if TYPE_CHECKING:
    from tui_sessions.engine.summary.running_summary import RunningSummary
    from tui_sessions.engine.turn.running_turn import RunningTurn
    from tui_sessions.transfer.import_memory import ImportMemory


class Engine:
    """The state that one manager and all its workspace-bound faces share."""

    def __init__(
        self,
        store: Store,
        providers: Providers,
        *,
        settings: Settings,
        catalog: Catalog | None = None,
        index: FullTextIndex | None = None,
        user_id: str | None = None,
        tools: ToolRegistry | None = None,
        approve: Approve | None = None,
        template_folder: FolderOf | None = None,
        import_memory: Path | None = None,
        unsaved: UnsavedChanges | None = None,
    ) -> None:
        self.store = store
        self.providers = providers
        self.settings = settings
        self.catalog = catalog or Catalog()
        self.user_id = user_id or system_user()
        self.tools = tools or ToolRegistry(settings.mcp)
        self.approvals = Approvals(approve)
        self.import_memory = import_memory
        """The file that remembers what was imported; None: only as long as the program runs."""
        self.unsaved = unsaved
        """Where the end keeps what the store did not take; None: nowhere."""
        self.imported: ImportMemory | None = None
        """What is remembered of imports, once there was one."""
        self.journals = JournalPace()
        """The journals that are there still."""
        self.bus = EventBus()
        for event in ("deleted", "disposed"):
            self.bus.on(event, lambda gone: self.approvals.forget(gone.session_id))
        self.turns: dict[tuple[str, str], RunningTurn | RunningSummary] = {}
        """What keeps chats busy, by session and chat id."""
        self.saving_late: dict[str, asyncio.Task[None]] = {}
        """What tries again to save a session that the disk did not take, by its id."""
        self.documents = OpenDocuments(store, autosave=settings.autosave, turns=self.turns.keys())
        self.templates = Templates(providers, settings.templates, template_folder)
        self.templates.use_default(settings.default_provider, settings.default_model)
        self.windows = ContextWindows(providers)
        self.claims = TurnClaims(store)
        source = TextSource(store, self.catalog, self.documents, self.turns.keys())
        self.indexer = Indexer(index or NoIndex(), self.catalog, source)
        self.chosen = ChosenSessions(self.catalog)
        self.creation = asyncio.Lock()
        """Held while something is created that a limit or a unique place may refuse."""
        self.resolving = asyncio.Lock()
        """Held while affinity chooses."""
        self.listing = asyncio.Lock()
        """Held while the catalog is brought up to date."""
        self.workspaces_made: set[str] = set()
        """Workspaces that are known to be there."""
        self.sweeper: asyncio.Task[None] | None = None
        self.thorough_look: asyncio.Task[None] | None = None
        """A look at every file that goes on in the background."""
        self.writing_catalog: asyncio.Task[None] | None = None
        """What was found new in the store is about to be written into the catalog."""
        self.thorough_look_due = 0.0
        """When the next one may begin, by the clock of `monotonic`."""
        self.indexing = False
        """The full-text index is kept up to date."""
        self.looking: asyncio.Task[None] | None = None
        """A look at what other processes did, for a search."""
        self.looked_at = 0.0
        """When the last one ended, by the clock of `monotonic`."""
        self.closed = False
        """Nothing is changed any more."""
        self.let_go = False
        """The store is let go of: nothing is read any more."""
        self.shut_down = False
        """All of that has come to its end."""
        self.closing = asyncio.Lock()
        """Held while everything is saved and let go of."""


def system_user() -> str:
    """The name of the operating system's user."""
    try:
        return getpass.getuser()
    except (OSError, KeyError, ImportError):
        return "user"
