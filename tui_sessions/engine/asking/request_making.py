"""The requests of a turn: what the chat is at that moment, made to fit."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from functools import partial

from tui_sessions.engine.checkpoints.summary_making import SummaryMaking
from tui_sessions.engine.documents.chats import decoded
from tui_sessions.engine.engine import Engine
from tui_sessions.engine.long_chats import of_many
from tui_sessions.engine.turn.fitting import LEAST, READABLE, fitted, room_for, too_long, uses_tools
from tui_sessions.engine.turn.requests import sent_messages
from tui_sessions.engine.turn.sent_files import with_files
from tui_sessions.engine.turn.turn_host import Step
from tui_sessions.errors import ChatNotFound
from tui_sessions.model.agent import AgentConfig
from tui_sessions.providers.base import ReplyRequest
from tui_sessions.tools.registry import OfferedTools


class RequestMaking:
    """Makes what is sent to a provider, with the tools of the chat's agent."""

    def __init__(self, engine: Engine, summaries: SummaryMaking) -> None:
        self._engine = engine
        self._summaries = summaries
        self._reports = engine.reports

    async def prepare(
        self,
        session_id: str,
        chat_id: str,
        old: frozenset[str],
        continues: str | None,
        cut: int,
    ) -> Step:
        """A request of what the chat is now, made to fit where tools have filled the window."""
        make = partial(self._request, session_id, chat_id, old, continues)
        request, offered = await make()
        if uses_tools(request):
            agent = request.agent
            window = await self._engine.windows.window(agent.provider, agent.model)
            room = room_for(request, window, cut)
            if room is not None:
                request = await self._fitted(session_id, chat_id, request, make, room)
        provider = self._engine.providers.get(request.agent.provider)
        return Step(request, provider, offered.tools)

    async def make_room(self, session_id: str, chat_id: str, *, full: bool = False) -> None:
        """Make room; where that fails, the turn goes on with what there is."""
        try:
            await self._summaries.make_room(session_id, chat_id, full=full)
        except Exception as error:
            self._reports.report(session_id, error, "make room for a question", chat_id=chat_id)

    async def _fitted(
        self,
        session_id: str,
        chat_id: str,
        request: ReplyRequest,
        make: Callable[[], Awaitable[tuple[ReplyRequest, OfferedTools]]],
        room: int,
    ) -> ReplyRequest:
        """A request whose tools' results are cut so that all fits into so many tokens.

        Raises:
            ProviderError: it does not, even with a summary of what was said before.
        """
        fit = fitted(request, room, READABLE)
        if fit is None:
            await self.make_room(session_id, chat_id, full=True)
            request, _ = await make()
            fit = fitted(request, room, LEAST)
        if fit is None:
            raise too_long(request)
        return fit

    async def _request(
        self, session_id: str, chat_id: str, old: frozenset[str], continues: str | None
    ) -> tuple[ReplyRequest, OfferedTools]:
        """A request of the chat's own agent and messages and nothing else, and its tools."""
        document = await self._engine.documents.read(session_id)
        chat = document.session().chat(chat_id)
        if chat is None:
            raise ChatNotFound(session_id, chat_id)
        history = await decoded(self._engine.documents, document, chat_id)
        offered = await self._offered(session_id, chat_id, chat.agent)
        choose = partial(
            sent_messages,
            history,
            max_messages=chat.max_messages,
            longest_result=self._engine.settings.tools.longest_result,
            without=old,
            continues=continues,
        )
        messages = await of_many(len(history), choose)
        messages = await with_files(self._engine.store, session_id, messages)
        request = ReplyRequest(agent=chat.agent, messages=messages, tools=offered.specs())
        return request, offered

    async def _offered(self, session_id: str, chat_id: str, agent: AgentConfig) -> OfferedTools:
        """The tools of an agent; what cannot be had is told when it begins to be missing."""
        offered = await self._engine.tools.offer(agent.tools) if agent.tools else OfferedTools()
        note = self._engine.approvals.note_missing
        for problem in note(session_id, chat_id, offered.problems):
            self._reports.report(session_id, problem, "offer a tool", chat_id=chat_id)
        return offered
