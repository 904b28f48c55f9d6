"""The command palette: everything that can be done, with the keys that do it too."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Coroutine, Iterable
from functools import partial
from typing import Any, NamedTuple

from textual import events, on
from textual.app import ComposeResult
from textual.binding import ActiveBinding, Binding
from textual.command import (
    CommandInput,
    CommandList,
    CommandPalette,
    DiscoveryHit,
    Hit,
    Hits,
    Provider,
)
from textual.theme import ThemeProvider
from textual.widgets import Input, OptionList
from textual.worker import WorkerError

from tui_sessions.tui.answered_once import AnsweredOnce
from tui_sessions.tui.terminal.lean_paint import LeanPaint
from tui_sessions.tui.terminal.true_size import TrueSize
from tui_sessions.tui.themes import THEMES
from tui_sessions.tui.widgets.changing_list import ChangingList
from tui_sessions.tui.widgets.key_line import key_name
from tui_sessions.tui.widgets.line_input import LineInput


class Command(NamedTuple):
    """One line of the palette."""

    title: str
    action: str
    """What the screen does."""
    help: str
    binding: str = ""
    """The id of the key that does it too."""


COMMANDS = (
    Command("New session", "new_session", "Begin with the first message", "app.new_session"),
    Command("New temporary session", "new_temporary_session", "Kept in memory, gone at the end"),
    Command("New chat", "new_chat", "Another agent in this session", "app.new_chat"),
    Command("Go to…", "go_to", "Any session or chat, in all workspaces", "app.go_to"),
    Command("Find in chat", "find", "Look for words in the open chat", "app.find"),
    Command("Model or agent", "choose_agent", "Who answers from now on", "app.choose_agent"),
    Command("Agent templates…", "templates", "Look at them, use, edit, copy, delete"),
    Command("Save agent as template", "save_template", "The open chat's agent, to use again"),
    Command("Ask another agent", "ask_agent", "Several at once, too", "transcript.ask_agent"),
    Command(
        "Summarise (checkpoint)", "checkpoint", "Makes room in the context", "transcript.checkpoint"
    ),
    Command("Fork session", "fork", "A copy of its own that goes its own way", "app.fork"),
    Command("Fork here", "fork_here", "At the message under the cursor", "transcript.fork_here"),
    Command("Fork without messages", "fork_detached", "The same agents, an empty chat"),
    Command("To the parent", "to_parent", "Where this was forked from", "transcript.to_parent"),
    Command("Rename session", "rename", "Give it a label of your own", "app.rename"),
    Command("Rename chat", "rename_chat", "Give the open chat another name"),
    Command("Delete session", "delete", "Into the trash; it can be undone", "tree.delete"),
    Command("Delete chat", "delete_chat", "The open chat; it can be undone"),
    Command("Undo", "undo", "Take the last deletion or change back", "tree.undo"),
    Command("Trash", "trash", "Bring back what was deleted", "tree.trash"),
    Command("Pause or resume", "pause", "Put the session aside, or go on", "tree.pause"),
    Command("Archive or take back", "archive", "Out of the way, still whole", "tree.archive"),
    Command("Tags", "tags", "Words to find the session by", "tree.tags"),
    Command("Move session", "move", "To another workspace", "tree.move"),
    Command("Export session", "export", "As Markdown, HTML, JSON or messages", "tree.export"),
    Command("Copy id", "copy_id", "Of the session or chat", "tree.copy_id"),
    Command("Edit and resend", "edit_message", "The message under the cursor", "transcript.edit"),
    Command("Regenerate", "regenerate", "Answer the last prompt again", "transcript.regenerate"),
    Command("Continue the reply", "continue_reply", "Where it was cut off", "transcript.continue"),
    Command("Answer a tool call", "answer_tool", "Allow it or refuse it", "app.answer_tool"),
    Command("Tools…", "choose_tools", "What the agent of this chat may use"),
    Command("Stop the reply", "stop", "What has come is kept", "composer.escape"),
    Command("Copy message", "copy_message", "As it was written", "transcript.copy"),
    Command("Copy last reply", "copy_last_reply", "As it was written", "app.copy_last_reply"),
    Command("Copy code block", "copy_code", "Again for the next", "transcript.copy_code"),
    Command("Delete message", "delete_message", "It can be undone", "transcript.delete"),
    Command("Clear chat", "clear_history", "All its messages; it can be undone"),
    Command("Filter the tree", "filter_tree", "As you type", "tree.filter"),
    Command("Import sessions", "import_sessions", "From other tools on this machine"),
    Command("Usage", "usage", "Tokens and cost by user, workspace and model"),
    Command("Search earlier prompts", "search_prompts", "To send again", "composer.search_history"),
    Command("Write in $EDITOR", "open_editor", "Go on with what is typed", "composer.editor"),
    Command("Previous session", "beside(-1)", "The one above in the tree", "app.previous_session"),
    Command("Next session", "beside(1)", "The one below in the tree", "app.next_session"),
    Command("Previous chat", "chat_beside(-1)", "Of this session", "app.previous_chat"),
    Command("Next chat", "chat_beside(1)", "Of this session", "app.next_chat"),
    Command("Chat", "pane('chat')", "Go on writing", "app.chat"),
    Command("Tree", "pane('tree')", "Focus; again: fold away", "app.tree"),
    Command("Inspector", "pane('inspector')", "Focus; again: fold away", "app.inspector"),
    Command("Notices", "notices", "What was told, to be read again"),
    Command("Theme", "app.change_theme", "Choose how it looks"),
    Command("Keys", "app.help", "Every key that works right now", "app.help"),
    Command("Quit", "app.quit", "Everything is saved", "app.quit"),
)


class PaletteInput(CommandInput, LineInput):
    """The field of the palette."""

    BINDINGS = [Binding("enter", "submit", "Choose", show=False, id="dialog.accept")]


class PaletteList(CommandList, ChangingList, can_focus=False):
    """The list of the palette."""


class Palette(AnsweredOnce, TrueSize, LeanPaint, CommandPalette):
    """Textual's palette with the other dialogs' keys; a low screen has room for its hits too."""

    DEFAULT_CSS = """
    Palette {
        & > Vertical, &:dark > Vertical {
            width: 90%;
            max-width: 100;
            height: 80%;
            margin-top: 2;
            visibility: visible;
            background: $surface;
            border: round $primary;
        }
        &.-low > Vertical {
            height: 100%;
            margin-top: 0;
        }
        & #--input, & #--input.--list-visible {
            border: none;
        }
        & #--input SearchIcon {
            display: none;
        }
        & CommandInput {
            margin: 0 1;
        }
        &.-low CommandInput, &.-low CommandInput:focus {
            height: 1;
            border: none;
        }
        & LoadingIndicator {
            display: none;
        }
        & #--results {
            height: 1fr;
            overlay: none;
        }
        & CommandList, & CommandList:focus {
            max-height: 100%;
            height: 1fr;
            border: none;
            background: transparent;
            scrollbar-size-vertical: 1;
        }
        & CommandList > .option-list--option-highlighted {
            background: $block-cursor-background;
        }
    }
    """
    BINDINGS = [
        Binding("escape", "escape", "Close", id="dialog.cancel"),
        Binding("down,ctrl+n", "cursor_down", "Next", show=False, id="dialog.next"),
        Binding(
            "up,ctrl+p", "command_list('cursor_up')", "Previous", show=False, id="dialog.previous"
        ),
        Binding(
            "pagedown", "command_list('page_down')", "Page down", show=False, id="dialog.page_down"
        ),
        Binding("pageup", "command_list('page_up')", "Page up", show=False, id="dialog.page_up"),
    ]
    VERTICAL_BREAKPOINTS = [(0, "-low"), (20, "-high")]

    def compose(self) -> ComposeResult:
        """Put another field where Textual puts its own."""
        for widget in super().compose():
            if isinstance(widget, CommandInput):
                yield PaletteInput(placeholder=self._placeholder, select_on_focus=False)
            elif isinstance(widget, CommandList):
                yield PaletteList()
            else:
                yield widget

    def _on_mount(self, event: events.Mount) -> None:
        """Look for no commands where it was closed before it had begun."""
        if self not in self.app.screen_stack:
            event.prevent_default()  # Textual looks for the screen that the palette stands on

    @on(Input.Submitted)
    async def wait_for_what_fits(self) -> None:
        """Have enter choose from what fits all that is typed, not from what was listed before."""
        for worker in list(self.workers):
            if worker.group == self._GATHER_COMMANDS_GROUP and not worker.is_cancelled:
                with contextlib.suppress(WorkerError):
                    await worker.wait()

    @on(Input.Submitted)
    @on(OptionList.OptionSelected)
    def run_one_command(self, event: Input.Submitted | OptionList.OptionSelected) -> None:
        """Run none again for a second click or enter, which comes when one has been chosen."""
        if self.app.screen is not self:
            event.prevent_default()


class Themes(ThemeProvider):
    """Offers the themes, those of this app first."""

    @property
    def commands(self) -> list[tuple[str, Callable[[], None]]]:
        """Each theme and what takes it."""
        own = {theme.name for theme in THEMES}
        return sorted(super().commands, key=lambda command: command[0] not in own)


class SessionCommands(Provider):
    """Offers the commands on the main screen."""

    async def discover(self) -> Hits:
        """All of them."""
        for command in COMMANDS:
            yield DiscoveryHit(command.title, self._run(command), help=self._help(command))

    async def search(self, query: str) -> Hits:
        """Those that fit; what is called so comes before what only tells of it."""
        matcher = self.matcher(query)
        for command in COMMANDS:
            score = matcher.match(f"{command.title} {command.help}")
            if score > 0:
                yield Hit(
                    score + matcher.match(command.title),
                    matcher.highlight(command.title),
                    self._run(command),
                    help=self._help(command),
                )

    def _run(self, command: Command) -> partial[Coroutine[Any, Any, None]]:
        return partial(self.screen.run_action, command.action)

    def _help(self, command: Command) -> str:
        keys = _keys(self.screen.active_bindings.values(), command.binding)
        shown = [key_name(active.binding.key) for active in keys]
        return f"{command.help}  ({', '.join(shown)})" if shown else command.help


def _keys(bindings: Iterable[ActiveBinding], binding_id: str) -> list[ActiveBinding]:
    return [active for active in bindings if binding_id and active.binding.id == binding_id][:1]
