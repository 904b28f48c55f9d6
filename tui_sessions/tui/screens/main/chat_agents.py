"""Giving a chat the agent that answers in it."""

from __future__ import annotations

from tui_sessions.model.agent import AgentConfig
from tui_sessions.tui.screens.main.base import OpenChat
from tui_sessions.tui.screens.main.beginnings import Beginnings
from tui_sessions.tui.screens.main.noticing import Noticing


class ChatAgents:
    """Has others answer in a chat, which begins with that where it is not there yet."""

    def __init__(self, screen: Noticing, beginnings: Beginnings) -> None:
        self._screen = screen
        self._beginnings = beginnings

    async def use_template(self, opened: OpenChat, name: str) -> None:
        """Have a template's agent answer from the next message on."""
        screen = self._screen
        async with screen.telling():
            agent, _ = screen.templates_here().apply(name)
            await self.give(opened, agent)
            screen.say(f"{name} answers from the next message on.")
            await screen.manager.providers.warm_up(agent.provider)

    async def give(self, opened: OpenChat, agent: AgentConfig) -> None:
        """Have an agent answer from the next message on."""
        session, chat = await self._beginnings.chat_of(opened)
        await self._screen.manager.set_agent(session.id, chat.id, agent)
