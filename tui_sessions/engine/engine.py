"""What one manager and all its workspace-bound faces share."""

from __future__ import annotations

import asyncio
import getpass
from contextlib import AbstractAsyncContextManager, nullcontext
from pathlib import Path
from typing import TYPE_CHECKING

from tui_sessions.engine.agents.template_sources import FolderOf
from tui_sessions.engine.agents.templates import Templates
from tui_sessions.engine.bus import EventBus
from tui_sessions.engine.cataloguing.catalog_upkeep import CatalogUpkeep
from tui_sessions.engine.documents.journal_pace import JournalPace
from tui_sessions.engine.documents.open_documents import OpenDocuments
from tui_sessions.engine.failure_reports import FailureReports
from tui_sessions.engine.full_text.catching_up import CatchingUp
from tui_sessions.engine.full_text.indexed_text import TextSource
from tui_sessions.engine.full_text.indexing import Indexer
from tui_sessions.engine.full_text.search_scope import ChosenSessions
from tui_sessions.engine.saving.aside import Aside
from tui_sessions.engine.saving.late_saves import LateSaves
from tui_sessions.engine.saving.left_over import LeftOver
from tui_sessions.engine.saving.saving import Saving
from tui_sessions.engine.sweeper import Sweeper
from tui_sessions.engine.turn.approvals import Approvals, Approve
from tui_sessions.engine.turn.context_windows import ContextWindows
from tui_sessions.engine.turn.turn_claims import TurnClaims
from tui_sessions.errors import StoreError
from tui_sessions.index.base import FullTextIndex, NoIndex
from tui_sessions.index.catalog import Catalog
from tui_sessions.providers.base import Providers
from tui_sessions.settings import Settings
from tui_sessions.stores.base import CountingStore, Store
from tui_sessions.stores.unsaved_changes import UnsavedChanges
from tui_sessions.tools.registry import ToolRegistry

if TYPE_CHECKING:
    from tui_sessions.engine.summary.running_summary import RunningSummary
    from tui_sessions.engine.turn.running_turn import RunningTurn
    from tui_sessions.transfer.import_memory import ImportMemory

_CLOSED = "The sessions are closed; open them again."


class Engine:
    """The parts that one manager and all its workspace-bound faces share, and their state."""

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
        self.imported: ImportMemory | None = None
        """What is remembered of imports, once there was one."""
        self.journals = JournalPace()
        """The journals that are there still."""
        self.bus = EventBus()
        for event in ("deleted", "disposed"):
            self.bus.on(event, lambda gone: self.approvals.forget(gone.session_id))
        self.turns: dict[tuple[str, str], RunningTurn | RunningSummary] = {}
        """What keeps chats busy, by session and chat id."""
        self.documents = OpenDocuments(store, autosave=settings.autosave, turns=self.turns.keys())
        self.templates = Templates(providers, settings.templates, template_folder)
        self.templates.use_default(settings.default_provider, settings.default_model)
        self.windows = ContextWindows(providers)
        self.claims = TurnClaims(store)
        source = TextSource(store, self.catalog, self.documents, self.turns.keys())
        self.indexer = Indexer(index or NoIndex(), self.catalog, source)
        self.reports = FailureReports(self.catalog, self.bus)
        self.aside = Aside(self.documents, unsaved)
        self.saving = Saving(
            store,
            self.documents,
            journals=self.journals,
            catalog=self.catalog,
            indexer=self.indexer,
            bus=self.bus,
            reports=self.reports,
            aside=self.aside,
        )
        self.late_saves = LateSaves(self.documents, self.saving, self.aside)
        self.left_over: LeftOver | None = None
        """What an earlier end could not save; None: it had nowhere to keep that."""
        if unsaved is not None:
            self.left_over = LeftOver(store, self.documents, self.saving, unsaved)
        self.upkeep = CatalogUpkeep(store, self.documents, self.catalog, self.reports)
        self.catching_up = CatchingUp(self.indexer, self.upkeep, self.bus, self.reports)
        self.chosen = ChosenSessions(self.catalog)
        self.creation = asyncio.Lock()
        """Held while something is created that a limit or a unique place may refuse."""
        self.resolving = asyncio.Lock()
        """Held while affinity chooses."""
        self.workspaces_made: set[str] = set()
        """Workspaces that are known to be there."""
        self.sweeper = Sweeper()
        self.closed = False
        """Nothing is changed any more."""
        self.let_go = False
        """The store is let go of: nothing is read any more."""
        self.shut_down = False
        """All of that has come to its end."""
        self.closing = asyncio.Lock()
        """Held while everything is saved and let go of."""

    def alone(self) -> AbstractAsyncContextManager[object]:
        """What keeps other processes from making anything meanwhile, where the store can."""
        store = self.store
        return store.creating() if isinstance(store, CountingStore) else nullcontext()

    def check_open(self) -> None:
        """Refuse changes once everything is saved: nobody would save them any more.

        Raises:
            StoreError: everything is.
        """
        if self.closed:
            raise StoreError(_CLOSED)

    def check_there(self) -> None:
        """Refuse to read once the store is let go of; until then a shutdown reads as well.

        Raises:
            StoreError: it is.
        """
        if self.let_go:
            raise StoreError(_CLOSED)


def system_user() -> str:
    """The name of the operating system's user."""
    try:
        return getpass.getuser()
    except (OSError, KeyError, ImportError):
        return "user"
