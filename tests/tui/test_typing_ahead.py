"""Keys that come in one burst: what enter chooses is what was typed before it."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any

import pytest
from running_app import OpenApp, Running
from textual import events
from textual.widgets import OptionList

from tui_sessions import SessionManager
from tui_sessions.tui.commands import Palette
from tui_sessions.tui.screens.trash import TrashScreen
from tui_sessions.tui.slices import Slices

_KEYS = {"\r": "enter", " ": "space", "/": "slash", "↓": "down"}


async def two_places(manager: SessionManager) -> None:
    await manager.create_workspace("alpha")
    await manager.create_session(workspace="alpha", label="Pears")
    await manager.create_session(workspace="dev", label="Apples")


def burst(app: Running, *keys: str) -> None:
    """Have keys come faster than the app follows, as when they are pasted or typed under load."""
    for key in keys:
        name = _KEYS.get(key, key)
        app.app.post_message(events.Key(name, key if len(key) == 1 and key not in "\r↓" else None))


async def fruit(manager: SessionManager) -> None:
    for label in ("apple", "banana", "cherry", "damson"):
        await manager.create_session(workspace="dev", label=label)


async def deleted_fruit(manager: SessionManager) -> None:
    await fruit(manager)
    for session in await manager.list_sessions(workspace="dev"):
        await manager.delete(session.id)


def labels(app: Running) -> set[str]:
    return {session.label for session in app.sessions()}


def slowly(method: Callable[..., Awaitable[Any]]) -> Callable[..., Awaitable[Any]]:
    """The same after a while that is long beside what comes between two keys."""

    async def late(*arguments: Any, **options: Any) -> Any:
        for _ in range(50):
            await asyncio.sleep(0)
        return await method(*arguments, **options)

    return late


@pytest.mark.parametrize("keys", ["/ban\rd", "/ban\x1bOd"])
async def test_what_is_deleted_is_what_the_filter_leaves(
    open_app: OpenApp, monkeypatch: pytest.MonkeyPatch, keys: str
) -> None:
    async with open_app(fruit) as app:
        await app.press("f3")
        monkeypatch.setattr(Slices, "rest", slowly(Slices.rest))
        burst(app, *keys.replace("\x1bO", "↓"))
        await app.until(lambda: len(app.sessions()) == 3)
        assert labels(app) == {"apple", "cherry", "damson"}


async def test_each_key_in_the_trash_acts_on_a_session_of_its_own(
    open_app: OpenApp, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with open_app(deleted_fruit) as app:
        monkeypatch.setattr(SessionManager, "undelete", slowly(SessionManager.undelete))
        await app.press("f3")
        burst(app, *"TuuDyu")
        await app.until(lambda: len(app.sessions()) == 3)
        await app.until(lambda: isinstance(app.app.screen, TrashScreen))
        await app.until(lambda: "Deleted for good" in app.notices)
        assert not await app.manager.trash()


async def test_enter_and_escape_in_the_trash_bring_the_session_back(
    open_app: OpenApp, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with open_app(deleted_fruit) as app:
        monkeypatch.setattr(SessionManager, "undelete", slowly(SessionManager.undelete))
        await app.press("f3")
        burst(app, *"Tu", "escape")
        await app.until(lambda: app.app.screen is app.main and len(app.sessions()) == 1)


@pytest.mark.parametrize("size", [(80, 24), (200, 40)])
async def test_the_inspector_changes_the_session_that_was_opened_just_before(
    open_app: OpenApp, size: tuple[int, int]
) -> None:
    async with open_app(fruit, size=size) as app:
        for label in ("apple", "banana"):
            [one] = [each for each in app.sessions() if each.label == label]
            app.main.open_chat(one.id)
            await app.until(lambda one=one: app.main.current.session_id == one.id)
        burst(app, "f5", "\r", "ctrl+u", *"plum\r")
        await app.until(lambda: labels(app) == {"apple", "plum", "cherry", "damson"})


async def test_a_session_moves_to_the_place_that_was_typed(open_app: OpenApp) -> None:
    async with open_app(two_places) as app:
        await app.press("f3")
        burst(app, *"mGarden\r")
        await app.until(
            lambda: {s.label: s.workspace_id for s in app.sessions()}["Apples"] == "Garden"
        )


async def test_the_palette_runs_what_fits_all_that_was_typed(open_app: OpenApp) -> None:
    async with open_app(two_places) as app:
        burst(app, "ctrl+p", *"fork without\r")
        await app.until(lambda: len(app.sessions()) == 3)


async def test_a_command_that_is_called_so_comes_before_one_that_tells_of_it(
    open_app: OpenApp,
) -> None:
    async with open_app(two_places) as app:
        await app.press("ctrl+p")
        burst(app, *"trash\r")
        await app.until(lambda: isinstance(app.app.screen, TrashScreen))
        assert len(app.sessions()) == 2


async def test_the_switcher_goes_to_what_was_typed(open_app: OpenApp) -> None:
    async with open_app(two_places) as app:
        burst(app, "ctrl+s", *"pears\r")
        await app.until(lambda: app.main.current.workspace_id == "alpha")


async def test_the_switcher_goes_to_the_message_that_was_typed(open_app: OpenApp) -> None:
    async def fill(manager: SessionManager) -> None:
        await two_places(manager)
        [pears] = await manager.list_sessions(workspace="alpha")
        await manager.create_chat(pears.id)
        await manager.add_message(pears.id, "the quetzal sings")

    async with open_app(fill) as app:
        burst(app, "ctrl+s", *"quetzal\r")
        await app.until(lambda: app.main.current.workspace_id == "alpha")


async def test_a_template_is_chosen_by_what_was_typed(open_app: OpenApp) -> None:
    async with open_app(two_places) as app:
        burst(app, "ctrl+l", *"reviewer\r")
        await app.until(lambda: any("reviewer answers" in notice for notice in app.notices))


async def test_a_palette_that_is_closed_before_it_has_begun_ends_nothing(
    open_app: OpenApp,
) -> None:
    async with open_app(two_places) as app:
        app.app.action_command_palette()
        app.app.pop_screen()
        await app.press("ctrl+p")
        await app.until(lambda: isinstance(app.app.screen, Palette))
        commands = app.app.screen.query_one(OptionList)
        await app.until(lambda: commands.option_count)


async def test_the_trash_brings_back_what_a_key_typed_at_once_is_meant_for(
    open_app: OpenApp,
) -> None:
    async def fill(manager: SessionManager) -> None:
        await two_places(manager)
        [apples] = await manager.list_sessions(workspace="dev")
        await manager.delete(apples.id)

    async with open_app(fill) as app:
        await app.press("f3")
        burst(app, *"Tu")
        await app.until(lambda: "Apples" in {one.label for one in app.sessions()})
