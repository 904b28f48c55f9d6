"""Starts the app over a store, and leaves it properly."""

from __future__ import annotations

import asyncio
import contextlib
import os
import signal
import sys
import threading
from collections.abc import AsyncIterator, Iterator
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from functools import partial
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING

from tui_sessions.daemon_thread import ASIDE, in_daemon_thread
from tui_sessions.model.collecting import keep_for_good
from tui_sessions.model.visible import visible_line
from tui_sessions.paths import config_dir, state_dir, tree_path
from tui_sessions.paths import data_dir as user_data_dir
from tui_sessions.settings import Settings, read_settings
from tui_sessions.tui.remembered.drafts import Drafts
from tui_sessions.tui.remembered.known_tree import ask_known_tree, read_known_tree
from tui_sessions.tui.start import Start
from tui_sessions.tui.starting_point import Asked, start_among_remembered, starting_point
from tui_sessions.tui.undisturbed import undisturbed

if TYPE_CHECKING:
    from tui_sessions.engine.session_manager import SessionManager
    from tui_sessions.model.events import LifecycleError
    from tui_sessions.tui.app import SessionsApp

_ENDING = (signal.SIGTERM, signal.SIGHUP, signal.SIGINT)
"""The signals of a process manager, of a terminal that is closed, and of `kill -INT`."""
_PATIENCE_S = 8.0
"""Seconds after such a signal until SIGALRM ends the process, whatever it waits for: a terminal
that is gone may keep any of its threads."""
_STEPS_AHEAD = 3
"""Turns of the loop after which threads look the tree up, and go on while the screen is loaded."""
_PAINT_S = 2.0
"""Seconds that the engine waits at most for the first paint."""
_READER = "textual-input"
"""The thread that reads the terminal; where that is gone, it may miss that it is to end."""


def run_app(
    *,
    data_dir: Path | None = None,
    store: str | None = None,
    workspace: str | None = None,
    user_id: str | None = None,
    session: str | None = None,
) -> int:
    """Run the app until the person quits.

    Args:
        data_dir: the folder that holds `workspaces/`.
        store: the URL of any store, instead.
        workspace: the id or name of a workspace, instead of the current directory's.
        user_id: who owns what is created; by default the operating system's user.
        session: the id of a session to open.

    Returns:
        The process's exit code.

    Raises:
        SettingsError: the settings cannot be used as they stand.
        InvalidValue: several workspaces have that name.
    """
    settings = read_settings(config_dir() / "settings.toml")
    asked = Asked(Path.cwd(), workspace, session)
    directory = (data_dir or user_data_dir()).absolute()
    engine = _engine(store or directory.as_uri(), settings, user_id)
    tree_file = None if store else tree_path(directory)
    return _ended(asyncio.run(_run(engine, settings, asked, tree_file)))


def _ended(code: int) -> int:
    """Give the exit code, unless threads are left that the interpreter would not end with."""
    for thread in threading.enumerate():
        if thread.name == _READER:
            thread.join(1.0)
    if {_READER, ASIDE} & {thread.name for thread in threading.enumerate()}:
        # Everything is saved. The reader would be waited for; one that is within a compiled
        # library, as one that is being loaded, would abort the process instead of ending with it.
        with contextlib.suppress(OSError, ValueError):
            sys.stdout.flush()
            sys.stderr.flush()
        os._exit(code)
    return code


async def _run(
    engine: AbstractAsyncContextManager[SessionManager],
    settings: Settings,
    asked: Asked,
    tree_file: Path | None,
) -> int:
    """Run the app: at once where it is known what the tree shows, else when the engine tells it."""
    known = read_known_tree(tree_file) if tree_file else None
    start = start_among_remembered(asked, known.workspaces) if known else None
    if known is not None and start is not None:
        app = _made(settings, start, tree_file)
        app.main.begin_with(known)
        return await _run_at_once(app, engine)
    async with engine as manager:
        start = starting_point(asked, await manager.workspaces() if asked.workspace else ())
        ahead = asyncio.create_task(ask_known_tree(manager))
        for _ in range(_STEPS_AHEAD):
            await asyncio.sleep(0)
        app = _made(settings, start, tree_file)
        app.use(manager)
        await app.main.look_ahead(ahead)
        return await _on_screen(app)


async def _run_at_once(
    app: SessionsApp, engine: AbstractAsyncContextManager[SessionManager]
) -> int:
    """Have the app on the screen while its engine is loaded."""
    shown = asyncio.create_task(_on_screen(app))
    painted = asyncio.create_task(app.painted.wait())
    first = asyncio.FIRST_COMPLETED
    await asyncio.wait({shown, painted}, timeout=_PAINT_S, return_when=first)
    painted.cancel()
    if shown.done():
        return shown.result()
    try:
        async with engine as manager:
            app.use(manager)
            return await shown
    finally:
        if not shown.done():
            # The engine could not be opened: that is told once the terminal is as it was.
            app.exit()
            await shown


@asynccontextmanager
async def _engine(
    url: str, settings: Settings, user_id: str | None
) -> AsyncIterator[SessionManager]:
    """The engine; what it is made of is loaded in a thread, as the screen may be there already."""
    await in_daemon_thread(partial(import_module, "tui_sessions.wiring"))
    from tui_sessions.wiring import open_sessions

    async with open_sessions(url, settings=settings, user_id=user_id) as manager:
        manager.on("lifecycle_error", _tell_at_end)
        yield manager


def _tell_at_end(event: LifecycleError) -> None:
    """Say on the terminal what could not be saved when the screen had gone already."""
    if event.operation == "shutdown":
        with contextlib.suppress(AttributeError, OSError):
            sys.stderr.write(f"{visible_line(str(event.error))}\n")


def _made(settings: Settings, start: Start, tree_file: Path | None) -> SessionsApp:
    from tui_sessions.tui.lean_classes import make_classes_leaner

    make_classes_leaner()  # before there is any but the one that all others come from
    from tui_sessions.tui.app import SessionsApp

    app = SessionsApp(start, settings, Drafts(state_dir() / "drafts.json"))
    app.main.tree_file = tree_file
    undisturbed()
    return app


async def _on_screen(app: SessionsApp) -> int:
    """Have the app on the screen until it ends; gives the exit code."""
    keep_for_good(collected=False)
    with _leaving_by_signal(app):
        await app.run_async(mouse=app.settings.app.mouse)
    return app.return_code or 0


@contextlib.contextmanager
def _leaving_by_signal(app: SessionsApp) -> Iterator[None]:
    """Leave properly when the terminal is closed or the process is told to end."""
    loop = asyncio.get_running_loop()
    leaving: set[asyncio.Task[None]] = set()

    def leave(number: int) -> None:
        leaving.add(asyncio.ensure_future(app.leave(128 + number)))

    def told(number: int, _frame: object) -> None:
        # Not the loop's own handler: the loop may be what waits, and this runs all the same.
        signal.setitimer(signal.ITIMER_REAL, _PATIENCE_S)
        loop.call_soon_threadsafe(leave, number)

    before = {number: signal.signal(number, told) for number in _ENDING}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
