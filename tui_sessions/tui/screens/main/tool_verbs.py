"""Choosing the tools that the agent of a chat may use."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import msgspec
from textual import work

from tui_sessions.paths import config_dir
from tui_sessions.tui.screens.main.ground import Ground

if TYPE_CHECKING:
    from tui_sessions.tui.widgets.tick_list import TickRow

_GONE = "not here now"


class ToolVerbs(Ground):
    """What an agent may reach for."""

    @work
    async def action_choose_tools(self) -> None:
        """Tick the tools that the open chat's agent may use from the next message on."""
        from tui_sessions.tui.screens.tools import ToolsScreen

        opened = self.current
        async with self.telling():
            used = (await self.agent_of(opened)).tools
            screen = ToolsScreen(
                await self._tool_rows(used),
                used,
                self._tools_of_server,
                settings_path=_from_home(config_dir() / "settings.toml"),
            )
            chosen = await self.app.push_screen_wait(screen)
            if chosen is None or chosen == used:
                return
            session, chat = await self.beginnings.chat_of(opened)
            agent = msgspec.structs.replace(chat.agent, tools=chosen)
            await self.manager.set_agent(session.id, chat.id, agent)
            self.say(f"Tools from the next message on: {', '.join(chosen) or 'none'}.")

    async def _tool_rows(self, used: Sequence[str]) -> list[TickRow]:
        """Functions, then servers with what is known of their tools, then what is not here."""
        from tui_sessions.tui.widgets.tick_list import TickRow

        servers = self.settings.mcp
        names = self.manager.tools.names()
        functions = [name for name in names if "/" not in name and name not in servers]
        offered = await self.manager.tools.offer(functions)
        about = {tool.name: tool.description for tool in offered.tools.values()}
        rows = [TickRow(name, _first_line(about.get(name, ""))) for name in functions]
        for server in servers:
            where = servers[server].url or " ".join(
                [servers[server].command or "", *servers[server].args]
            )
            rows.append(TickRow(server, f"MCP server · {where}", opens=True))
            below = [name for name in (*names, *used) if name.startswith(f"{server}/")]
            rows += [TickRow(name, parent=server) for name in dict.fromkeys(below)]
        known = {row.name for row in rows}
        return rows + [TickRow(name, _GONE) for name in used if name not in known]

    async def _tools_of_server(self, server: str) -> list[TickRow]:
        from tui_sessions.tui.widgets.tick_list import TickRow

        offered = await self.manager.tools.offer((server,))
        for problem in offered.problems:
            if not offered.tools:
                raise problem
            self.say(str(problem), severe=True)
        return [
            TickRow(tool.name, _first_line(tool.description), parent=server)
            for tool in offered.tools.values()
        ]


def _from_home(path: Path) -> str:
    """A path as a person writes it."""
    home = Path.home()
    return str(Path("~") / path.relative_to(home)) if path.is_relative_to(home) else str(path)


def _first_line(text: str) -> str:
    return text.strip().partition("\n")[0]
