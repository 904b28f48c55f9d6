"""What every room of the manager has at hand."""

from __future__ import annotations

from tui_sessions.engine.asking.request_making import RequestMaking
from tui_sessions.engine.asking.turn_beginnings import TurnBeginnings
from tui_sessions.engine.asking.turn_hosting import TurnHosting
from tui_sessions.engine.boundary import Boundary
from tui_sessions.engine.checkpoints.context_uses import ContextUses
from tui_sessions.engine.checkpoints.summary_making import SummaryMaking
from tui_sessions.engine.children.child_making import ChildMaking
from tui_sessions.engine.children.inherited_chats import InheritedChats
from tui_sessions.engine.engine import Engine
from tui_sessions.engine.sessions.agent_choice import AgentChoice
from tui_sessions.engine.sessions.busy_chats import BusyChats
from tui_sessions.engine.sessions.catalog_questions import CatalogQuestions
from tui_sessions.engine.sessions.scoped_sessions import ScopedSessions
from tui_sessions.engine.sessions.scoped_workspaces import ScopedWorkspaces
from tui_sessions.engine.sessions.session_limits import SessionLimits
from tui_sessions.engine.sessions.session_making import SessionMaking
from tui_sessions.engine.sessions.transitions import Transitions


class Room:
    """One subject of the manager's face; what its methods share stands in collaborators.

    A room knows no other room, and what only one of them needs it makes itself.
    """

    def __init__(self, engine: Engine, workspace_id: str | None = None) -> None:
        self._engine = engine
        self._reports = engine.reports
        self._saving = engine.saving
        self._late_saves = engine.late_saves
        self._upkeep = engine.upkeep
        # What depends on the scope is made for this face, each of what stands above it.
        self._boundary = Boundary(workspace_id)
        self._catalog = CatalogQuestions(engine, self._boundary)
        self._sessions = ScopedSessions(engine, self._boundary)
        self._workspaces = ScopedWorkspaces(engine, self._boundary)
        self._limits = SessionLimits(engine, self._catalog)
        self._busy = BusyChats(engine, self._boundary, self._sessions)
        self._making = SessionMaking(engine, self._limits, self._workspaces)
        self._transitions = Transitions(engine, self._sessions, self._limits)
        self._agents = AgentChoice(engine, self._sessions, self._workspaces)
        self._inherited = InheritedChats(engine)
        self._children = ChildMaking(engine, self._catalog, self._making)
        self._contexts = ContextUses(engine)
        self._summaries = SummaryMaking(
            engine, self._limits, self._making, self._children, self._contexts
        )
        requests = RequestMaking(engine, self._summaries)
        self._hosting = TurnHosting(engine, self._limits, self._busy, requests)
        self._beginnings = TurnBeginnings(
            engine, self._sessions, self._limits, self._busy, self._agents, self._hosting
        )
