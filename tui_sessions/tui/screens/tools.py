"""Which tools the agent of a chat may use."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from typing import ClassVar

from textual import on, work
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.widgets import OptionList, Static

from tui_sessions.errors import SessionsError
from tui_sessions.tui.drawing import draw, draw_line
from tui_sessions.tui.screens.dialog import Dialog, DialogBox
from tui_sessions.tui.widgets.key_line import KeyLine
from tui_sessions.tui.widgets.tick_list import TickList, TickRow

NO_TOOLS = """\
There are no tools here yet.

Servers of tools (MCP) are named in the settings, in
{path}
as

[mcp.files]
command = "npx"
args = ["-y", "@modelcontextprotocol/server-filesystem", "/home/me/notes"]

[mcp.tracker]
url = "https://tracker.example.org/mcp"

and are here after the next start. They need the extra: pip install 'sessions-tui[mcp]'.
Programs that use the library register functions of their own."""
ListTools = Callable[[str], Awaitable[Sequence[TickRow]]]
"""Asks a server for its tools; raises `SessionsError` where it cannot be had."""


class ToolsScreen(Dialog[tuple[str, ...] | None]):
    """Asks which tools are to be used; the names of those that are ticked, or None."""

    DEFAULT_CSS = """
    ToolsScreen {
        & > DialogBox {
            width: 84;
        }
        & .tools--said {
            height: auto;
            color: $foreground 66%;
            &.-error {
                color: $text-error;
            }
        }
    }
    """
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("enter", "accept", "Save", id="dialog.accept", priority=True),
    ]

    def __init__(
        self,
        rows: Sequence[TickRow],
        ticked: Sequence[str],
        list_tools: ListTools,
        *,
        settings_path: str,
    ) -> None:
        """Ask.

        Args:
            rows: the tools there are, those of a server below it.
            ticked: the names that are used now.
            list_tools: asks a server for its tools.
            settings_path: where servers are named, for who has none.
        """
        super().__init__()
        self._rows = tuple(rows)
        self._ticked = tuple(ticked)
        self._list_tools = list_tools
        self._settings_path = settings_path
        self._asking: dict[str, None] = {}
        """The servers that have not answered yet."""

    def compose(self) -> ComposeResult:
        """The list and the keys, or what to do where there is nothing to choose from."""
        with DialogBox("Tools of this chat"):
            if not self._rows:
                yield Static(draw(NO_TOOLS.format(path=self._settings_path)), classes="tools--said")
                yield KeyLine(("dialog.cancel", "close"))
                return
            yield TickList(self._rows, self._ticked)
            yield Static("Each call asks you first.", classes="tools--said")
            opens = [("dialog.open_row", "its tools")] if any(r.opens for r in self._rows) else []
            yield KeyLine(
                ("dialog.tick", "tick"),
                *opens,
                ("dialog.accept", "save"),
                ("dialog.cancel", "cancel"),
            )

    def on_mount(self) -> None:
        """Begin in the list."""
        for found in self.query(TickList):
            found.focus()

    def action_accept(self) -> None:
        """Answer with what is ticked."""
        found = self.query(TickList)
        self.dismiss(found.first().ticked if found else None)

    @on(OptionList.OptionSelected)
    def tick_by_click(self, event: OptionList.OptionSelected) -> None:
        """Tick what is clicked on."""
        event.stop()
        self.query_one(TickList).action_tick()

    @on(TickList.OpenRequested)
    @work(group="list")
    async def list_server(self, event: TickList.OpenRequested) -> None:
        """Show the tools of a server; several may be asked at once."""
        if event.name in self._asking:
            return
        self._asking[event.name] = None
        self._say_asking()
        try:
            rows = await self._list_tools(event.name)
        except SessionsError as error:
            self._say(str(error), error=True)
            return
        finally:
            del self._asking[event.name]
        self.query_one(TickList).insert_below(event.name, rows)
        if self._asking:
            self._say_asking()
        else:
            self._say("Each call asks you first." if rows else f"{event.name} has no tools.")

    def _say_asking(self) -> None:
        self._say(f"Asking {', '.join(self._asking)} for tools…")

    def _say(self, text: str, *, error: bool = False) -> None:
        said = self.query_one(".tools--said", Static)
        said.update(draw_line(text))
        said.set_class(error, "-error")
