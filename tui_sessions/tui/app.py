"""The app: settings, themes, keys, and the main screen over an engine."""

from __future__ import annotations

import asyncio
import contextlib
import logging
from collections.abc import Collection
from typing import TYPE_CHECKING, Any, ClassVar

from textual import work
from textual.app import App
from textual.binding import Binding, BindingType
from textual.command import Provider
from textual.content import Content
from textual.events import Event, Key, Mount, Resize
from textual.theme import BUILTIN_THEMES, Theme
from textual.worker import Worker, WorkerFailed

from tui_sessions.daemon_thread import in_daemon_thread
from tui_sessions.errors import SessionsError
from tui_sessions.model.visible import visible_line
from tui_sessions.paths import config_dir, log_file
from tui_sessions.settings import Settings, write_setting
from tui_sessions.tui.bridge import forward_events
from tui_sessions.tui.drawing import draw
from tui_sessions.tui.keys import names_of_keys
from tui_sessions.tui.preloading import preload, stay_small
from tui_sessions.tui.remembered.drafts import Drafts
from tui_sessions.tui.remembered.notices import FEW_ROWS
from tui_sessions.tui.screens.main.main_screen import MainScreen
from tui_sessions.tui.settings_problems import keymap_problems, theme_problems
from tui_sessions.tui.start import Start
from tui_sessions.tui.terminal.letter_widths import give_room
from tui_sessions.tui.terminal.type_ahead import TypeAheadApp
from tui_sessions.tui.themes import THEMES

if TYPE_CHECKING:
    from tui_sessions.engine.session_manager import SessionManager

log = logging.getLogger(__name__)

_HELP = "help"
"""The id of the dialog that shows the keys, which the same key closes."""
_OWN_THEMES = {theme.name: theme for theme in THEMES}


def _session_commands() -> type[Provider]:
    from tui_sessions.tui.commands import SessionCommands

    return SessionCommands


_OF_A_DIALOG = ("default", "read")
"""The groups of a dialog's workers that change what its next key acts on."""


class SessionsApp(TypeAheadApp):
    """The terminal home of a person's conversations.

    It can be on the screen before its engine is there: `use` brings that then. Text typed until
    then is shown, and waits for the chat that it is for; anything else waits for the engine.
    """

    TITLE = "sessions-tui"
    CSS_PATH = "screens/main/main_screen.tcss"
    COMMANDS = {_session_commands}
    CSS = """
    ToastRack {
        dock: top;
        align: right top;
        margin: 1 0 0 0;
    }
    Toast {
        width: auto;
        max-width: 56;
        padding: 0 1;
        margin: 0 1 0 0;
    }
    .-slim Toast {
        max-width: 100%;
    }
    SessionsApp.-few-rows ToastRack {
        margin: 0;
    }
    SessionsApp.-few-rows ToastHolder {
        display: none;
        &:last-child {
            display: block;
        }
    }
    SessionsApp.-few-rows Toast {
        height: 1;
        margin: 0;
        text-wrap: nowrap;
        text-overflow: ellipsis;
    }
    """
    HORIZONTAL_BREAKPOINTS = [(0, "-slim"), (60, "-roomy")]
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("ctrl+q", "quit", "Quit", id="app.quit", priority=True),
        Binding("ctrl+p", "command_palette", "Commands", id="app.commands", priority=True),
        Binding("f1", "help", "Help", id="app.help", priority=True),
        Binding("question_mark", "help", "Help", show=False, id="app.help_letter"),
    ]

    def __init__(self, start: Start, settings: Settings, drafts: Drafts) -> None:
        give_room()  # before anything is measured
        # Known before anything is styled: a theme that is set later styles everything once more.
        known = settings.app.theme in {*BUILTIN_THEMES, *_OWN_THEMES}
        self.set_reactive(App.theme, settings.app.theme if known else THEMES[0].name)
        super().__init__()
        self.start_at = start
        self.settings = settings
        self.drafts = drafts
        self.main = MainScreen(start, drafts, settings)
        self.painted = asyncio.Event()
        """Set once the person sees the screen."""
        for theme in THEMES:
            self.register_theme(theme)
        keymap = {name: ",".join(names_of_keys(keys)) for name, keys in settings.keymap.items()}
        self.set_keymap(keymap)

    def use(self, manager: SessionManager) -> None:
        """Go on over an engine that is open now."""
        self.main.manager = manager
        self.main.opened.set()

    def goes_ahead(self, event: Event) -> bool:
        """Text for the composer, which has the focus at the start, needs no engine."""
        if self.screen is not self.main or self.focused is not self.main.composer:
            return False
        active = self.main.active_bindings.get(event.key) if isinstance(event, Key) else None
        if active is not None and active.binding.priority:
            return False
        return self.main.composer.only_writes(event)

    async def ready(self) -> None:
        """Wait for the engine."""
        await self.main.opened.wait()

    def get_theme(self, theme_name: str) -> Theme | None:
        """A theme by its name, also before there is an app to register it with."""
        return _OWN_THEMES.get(theme_name) or super().get_theme(theme_name)

    def get_default_screen(self) -> MainScreen:
        """The main screen is the only one at the start; none lies below it."""
        return self.main

    def on_mount(self, event: Mount) -> None:
        """Follow the engine, and keep the choice of theme from now on."""
        self.run_worker(self._follow_engine(), group="events")
        self.theme_changed_signal.subscribe(self, self._keep_theme)
        self.call_after_refresh(self._load_the_rest)

    def on_resize(self, event: Resize) -> None:
        """Have notices keep to the first row where there are few."""
        few = event.size.height < FEW_ROWS
        if few != self.has_class("-few-rows"):
            # Nothing but notices looks different: all else need not be styled for it.
            self.set_class(few, "-few-rows", update=False)

    async def _follow_engine(self) -> None:
        await self.main.opened.wait()
        await forward_events(self.main.manager, self.main)

    @work(group="preload")
    async def _load_the_rest(self) -> None:
        """Load what can only be needed once the screen is there."""
        self.painted.set()
        await in_daemon_thread(stay_small)
        await self.main.arrived.wait()
        await in_daemon_thread(preload)
        self.main.tidy_soon()
        self._tell_unknown_settings()

    def _tell_unknown_settings(self) -> None:
        """Name the themes, providers and keys of the settings that there are not."""
        provider = self.main.manager.templates.default_problem
        for problem in (
            *theme_problems(self.settings.app.theme, self.available_themes),
            *([provider] if provider else ()),
            *keymap_problems(self.settings.keymap),
        ):
            self.main.say(problem, title="Settings", severe=True)

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """The commands are the main screen's: a dialog is answered or closed first."""
        if action == "help":
            return self.screen.id != _HELP
        return action != "command_palette" or self.screen is self.main

    def followed_up(self) -> Collection[Worker[Any]]:
        """What the last key began on the screen in front, and the next one may concern."""
        screen = self.screen
        if screen is self.main:
            searches = self.main.session_tree.searches_under_way()
            return [*self.main.verbs_under_way(), *searches, *self.main.rows_under_way()]
        own = (w for w in self.workers if w.node is screen and w.group in _OF_A_DIALOG)
        return [worker for worker in own if not worker.is_finished]

    def action_command_palette(self) -> None:
        """Show every command."""
        from tui_sessions.tui.commands import Palette

        if not isinstance(self.screen, Palette):
            self.push_screen(Palette())

    def search_themes(self) -> None:
        """Show every theme."""
        from tui_sessions.tui.commands import Palette, Themes

        self.push_screen(Palette(providers=[Themes], placeholder="Search for themes…"))

    def action_help(self) -> None:
        """Show every key that works right now, in a dialog as well."""
        from tui_sessions.tui.screens.help import HelpScreen
        from tui_sessions.tui.screens.help_groups import help_groups

        self.push_screen(HelpScreen(help_groups(self.screen.active_bindings)))

    async def action_quit(self) -> None:
        """Keep what is typed, then leave; replies that run are stopped and kept."""
        await self.leave(0)

    async def leave(self, return_code: int) -> None:
        """Keep what is typed, then leave with an exit code."""
        try:
            await self.main.finish_writing()
        except OSError as error:
            log.error("The draft could not be kept: %s", error)
            self.exit(return_code=1, message=draw(self._unkept(error)))
            return
        self.exit(return_code=return_code)

    def _unkept(self, error: OSError) -> str:
        """What to say of a draft that is written nowhere: it is there to be copied at least."""
        from tui_sessions.stores.single_files import explain

        said = f"The draft could not be kept: {explain(error)}"
        typed = self.main.composer.draft
        return f"{said}\nThis is what you typed:\n\n{typed}\n" if typed.strip() else said

    async def _close_all(self) -> None:
        """End the work in the background before the widgets go that it draws on."""
        self.workers.cancel_all()
        await super()._close_all()

    def _handle_exception(self, error: Exception) -> None:
        """Write an unexpected error down; a person gets a sentence, and loses nothing.

        What failed in the background ends there. What failed in a widget has stopped that widget,
        so the app ends as well. Tests see the error itself.
        """
        log.error("Unexpected error", exc_info=error)
        if self.is_headless:
            super()._handle_exception(error)
        elif isinstance(error, WorkerFailed):
            text = f"That did not work: {error.error!r}. Details are in {log_file()}."
            self.main.say(text, severe=True)
        else:
            self._end_with(error)

    def _end_with(self, error: Exception) -> None:
        with contextlib.suppress(Exception):
            self.main.drafting.take_over_unfinished()
            self.main.drafting.keep()
            self.drafts.save()
        self.exit(
            return_code=1,
            message=Content(
                f"sessions-tui had to stop: {visible_line(repr(error))}\n"
                f"What was sent and typed is kept. Details are in {log_file()}."
            ),
        )

    def _keep_theme(self, theme: Any) -> None:
        self.run_worker(self._write_theme(theme.name), group="theme", exclusive=True)

    async def _write_theme(self, name: str) -> None:
        path = config_dir() / "settings.toml"
        try:
            await asyncio.to_thread(write_setting, path, "app", "theme", name)
        except SessionsError as error:
            self.main.say(str(error), severe=True)
