"""What was shown and is not any more takes no memory, once the screen is at rest."""

from __future__ import annotations

import gc
import weakref

import pytest
from running_app import SPACE, OpenApp, Running
from textual._styles_cache import StylesCache
from textual.screen import Screen

from tui_sessions.model import collecting
from tui_sessions.tui.preloading import preload
from tui_sessions.tui.screens.switcher import QuickSwitcher


@pytest.fixture(autouse=True)
def all_is_loaded() -> None:
    """What is shown while the app still loads its dialogs is kept for good with them."""
    preload()


async def opened(app: Running, session_id: str) -> None:
    """Show a session's chat."""
    app.main.open_chat(session_id)
    await app.until(lambda: app.main.current.session_id == session_id)
    await app.until(lambda: app.shown == [f"Text of {session_id}"])


async def made(app: Running, *session_ids: str) -> None:
    """Sessions of one message each."""
    for session_id in session_ids:
        await app.manager.create_session(id=session_id, workspace=SPACE)
        await app.manager.add_message(session_id, f"Text of {session_id}")


async def switched(app: Running) -> weakref.ref[Screen[object]]:
    """Open the quick switcher and close it again."""
    await app.press("ctrl+s")
    await app.until(lambda: isinstance(app.app.screen, QuickSwitcher))
    closed = weakref.ref(app.app.screen)
    await app.until(lambda: app.app.screen.results.result)
    await app.press("escape")
    await app.until(lambda: app.app.screen is app.main)
    return closed


async def test_a_dialog_that_was_closed_goes_with_all_its_widgets(open_app: OpenApp) -> None:
    async with open_app() as app:
        await made(app, "one")
        await app.until(gc.isenabled)
        closed = await switched(app)
        await app.until(lambda: closed() is None)


async def test_a_dialog_that_work_under_way_still_held_goes_when_that_has_ended(
    open_app: OpenApp, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with open_app() as app:
        await made(app, "one")
        await app.until(gc.isenabled)
        tidied: list[object] = []
        forget = app.main.tidying.forget_painted
        await app.press("ctrl+s")
        await app.until(lambda: isinstance(app.app.screen, QuickSwitcher))
        held: list[object] = [app.app.screen]
        closed = weakref.ref(app.app.screen)
        await app.press("escape")
        monkeypatch.setattr(
            app.main.tidying, "forget_painted", lambda: (forget(), tidied.append(1))
        )
        await app.until(lambda: tidied)
        assert closed() is not None
        held.clear()
        await app.until(lambda: closed() is None)


async def test_a_switcher_lets_go_of_what_it_listed_as_soon_as_it_is_closed(
    open_app: OpenApp,
) -> None:
    async with open_app() as app:
        await made(app, "one", "two")
        await app.press("ctrl+s")
        await app.until(lambda: isinstance(app.app.screen, QuickSwitcher))
        switcher = app.app.screen
        assert isinstance(switcher, QuickSwitcher)
        results = switcher.results
        await app.until(lambda: results.result)
        await app.press("escape")
        await app.until(lambda: not switcher.is_attached)
        await app.until(lambda: not len(results) and not switcher._places.entries)


async def test_the_messages_of_a_chat_that_was_left_are_not_kept_by_the_screen(
    open_app: OpenApp,
) -> None:
    async with open_app() as app:
        await made(app, "one", "two")
        await opened(app, "one")
        left = weakref.ref(app.main.transcript.chat.messages)
        assert left() is not None
        await opened(app, "two")
        await app.until(lambda: left() is None)


async def test_what_was_only_kept_for_searching_goes_with_the_dialog_that_searched(
    open_app: OpenApp, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with open_app() as app:
        await made(app, "one")
        await app.until(gc.isenabled)
        told: list[Screen[object]] = []
        rest = app.manager.rest

        async def noted() -> None:
            told.append(app.app.screen)
            await rest()

        monkeypatch.setattr(app.main.manager, "rest", noted)
        closed = await switched(app)
        await app.until(lambda: closed() is None and told)
        assert set(told) == {app.main}


async def test_nothing_painted_is_kept_for_dialogs_of_the_past(open_app: OpenApp) -> None:
    async with open_app() as app:
        await made(app, "one")
        await app.until(gc.isenabled)
        closed = await switched(app)
        await app.until(lambda: closed() is None)
        widgets = [*app.main.walk_children(with_self=True)]
        assert StylesCache.get_inner_outer.cache_info().currsize <= len(widgets)


@pytest.mark.usefixtures("thawing")
def test_what_nobody_can_reach_is_not_kept_for_good() -> None:
    class Circle:
        def __init__(self) -> None:
            self.itself = self

    gc.disable()
    try:
        lost = weakref.ref(Circle())
        assert lost() is not None
        collecting.keep_for_good()
        assert lost() is None
    finally:
        gc.unfreeze()
        gc.enable()
        collecting._kept.clear()
