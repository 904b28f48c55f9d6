"""A long chat is shown by its end first; all of it is there before anything is done with it."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
from running_app import SPACE, Running, open_app_over

from tui_sessions import Message, SessionManager, Settings, open_sessions
from tui_sessions.tui.terminal import type_ahead

LONG = 800
WORDS = "with some words that make it long enough " * 5


def texts() -> list[str]:
    found = [f"Message {number} {WORDS}".strip() for number in range(LONG)]
    found[7] += " pepper"
    return found


async def _fill(manager: SessionManager) -> None:
    await manager.create_session(id="long", workspace=SPACE, label="Long")
    chat = await manager.create_chat("long")
    messages = [
        Message.from_text("assistant" if number % 2 else "user", text, id=f"m{number}")
        for number, text in enumerate(texts())
    ]
    await manager.replace_history("long", chat.id, messages)
    await manager.close("long")
    # The app starts where the person was last.
    await manager.create_session(id="short", workspace=SPACE, label="Short")
    await manager.list_sessions()


@pytest.fixture
async def data(tmp_path: Path) -> str:
    url = (tmp_path / "data").as_uri()
    async with open_sessions(url) as manager:
        await _fill(manager)
    return url


class Gate:
    """Keeps the rest of the chat from being read until it is opened."""

    def __init__(self, manager: SessionManager, patch: pytest.MonkeyPatch) -> None:
        self.opened = asyncio.Event()
        load = manager.load

        async def later(session_id: str | None = None) -> object:
            await self.opened.wait()
            return await load(session_id)

        patch.setattr(manager, "load", later)


@asynccontextmanager
async def half_open(
    data: str, tmp_path: Path, patch: pytest.MonkeyPatch
) -> AsyncIterator[tuple[Running, Gate]]:
    """The app with the end of the long chat shown, and no more of it."""
    drafts = tmp_path / "drafts.json"
    patch.setattr(type_ahead, "FOLLOW_UP_LOOKS", 5)  # how long keys wait for what is read
    async with open_app_over(drafts, settings=Settings(), store=data) as app:
        await app.until(lambda: app.main.session_tree.total)
        gate = Gate(app.manager, patch)
        app.main.open_chat("long")
        await app.until(lambda: app.main.current.session_id == "long")
        assert app.main.current.reading is not None
        assert not app.main.current.reading.done()
        yield app, gate
        gate.opened.set()


def screen_text(app: Running) -> str:
    return "\n".join(row.line.content.plain for row in app.main.transcript._rows)


async def test_the_end_is_there_before_the_rest_is_read(data, tmp_path, monkeypatch):
    async with half_open(data, tmp_path, monkeypatch) as (app, gate):
        transcript = app.main.transcript
        await app.until(lambda: f"Message {LONG - 1}" in screen_text(app))
        assert len(transcript.chat.messages) == LONG
        before = [row.line for row in transcript._rows]
        gate.opened.set()
        await app.until(lambda: app.shown == texts())
        assert [row.line for row in transcript._rows] == before
        assert transcript.at_end


async def test_who_goes_to_the_first_message_sees_it_as_soon_as_it_is_read(
    data, tmp_path, monkeypatch
):
    async with half_open(data, tmp_path, monkeypatch) as (app, gate):
        app.main.transcript.focus()
        await app.press("g")
        await app.until(lambda: screen_text(app).startswith("…"))
        gate.opened.set()
        await app.until(lambda: "Message 0 " in screen_text(app))
        assert app.main.transcript.cursor_message_id == "m0"


async def test_a_search_finds_what_was_not_read_yet(data, tmp_path, monkeypatch):
    async with half_open(data, tmp_path, monkeypatch) as (app, gate):
        await app.press("ctrl+f")
        await app.until(lambda: app.main.find_bar.is_open)
        await app.type("pepper")
        gate.opened.set()
        await app.until(lambda: app.main.transcript.cursor_message_id == "m7")


async def test_a_fork_at_a_message_waits_for_it(data, tmp_path, monkeypatch):
    async with half_open(data, tmp_path, monkeypatch) as (app, gate):
        app.main.transcript.focus()
        await app.press("g", "f")
        await app.pilot.pause()
        assert app.main.current.session_id == "long"
        gate.opened.set()
        await app.until(lambda: app.main.current.session_id != "long")
        await app.until(lambda: app.shown == texts()[:1])


async def test_what_is_sent_meanwhile_is_answered_at_the_end(data, tmp_path, monkeypatch):
    async with half_open(data, tmp_path, monkeypatch) as (app, gate):
        await app.type("And now?")
        await app.press("enter")
        await app.pilot.pause()
        gate.opened.set()
        await app.until(lambda: len(app.shown) == LONG + 2 and not app.manager.running())
        assert app.shown[: LONG + 1] == [*texts(), "And now?"]
        assert app.main.transcript.at_end


async def test_who_goes_elsewhere_stays_there(data, tmp_path, monkeypatch):
    async with half_open(data, tmp_path, monkeypatch) as (app, gate):
        app.main.open_chat("short")
        gate.opened.set()
        await app.until(lambda: app.main.current.session_id == "short" and app.shown == [])
        app.main.open_chat("long")
        await app.until(lambda: app.shown == texts())


async def test_a_change_made_elsewhere_meanwhile_is_shown(data, tmp_path, monkeypatch):
    async with half_open(data, tmp_path, monkeypatch) as (app, gate):
        async with open_sessions(data) as other:
            await other.add_message("long", "From another window")
        gate.opened.set()
        await app.until(lambda: app.shown == [*texts(), "From another window"])
        assert app.main.transcript.at_end
