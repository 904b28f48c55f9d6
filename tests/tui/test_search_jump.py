"""From the quick switcher to a message that was found by its text."""

from __future__ import annotations

import asyncio

import pytest
from running_app import SPACE, OpenApp, Running
from textual.widgets import Static

from tui_sessions import Message, Session, SessionManager
from tui_sessions.tui.screens.switcher import QuickSwitcher


async def full(manager: SessionManager) -> None:
    """Two sessions; a message about salt lies deep in the second chat of the older one."""
    older = await manager.create_session(workspace=SPACE, label="Older")
    await manager.create_chat(older.id, name="Left")
    right = await manager.create_chat(older.id, name="Right")
    for number in range(60):
        text = "Season it with Café salt" if number == 20 else f"Line {number} of the recipe"
        await manager.add_message(
            older.id, Message.from_text("user", text, id=f"m{number}"), chat_id=right.id
        )
    await manager.create_session(workspace=SPACE, label="Newer", tags=["urgent"])


async def searched(app: Running, query: str, heading: str) -> QuickSwitcher:
    """Open the switcher and wait for what it says of the messages."""
    await app.press("ctrl+s")
    await app.until(lambda: isinstance(app.app.screen, QuickSwitcher))
    switcher = app.app.screen
    assert isinstance(switcher, QuickSwitcher)
    await app.type(query)
    await app.until(lambda: heading in switcher.results._heading)
    return switcher


async def test_what_was_found_stays_marked_when_the_chat_is_read_again(open_app: OpenApp) -> None:
    async with open_app(full) as app:
        await searched(app, "cafe sal", "1 found")
        await app.press("enter")
        transcript = app.main.transcript
        await app.until(lambda: transcript.found_text and transcript._finder.total)
        offset = transcript.viewport.top
        await app.main.reload().wait()
        assert transcript.found_text == '"Café sal"'
        assert transcript._finder.total == 1
        assert transcript.viewport.top == offset


async def test_enter_goes_to_the_message_and_its_words_are_marked(open_app: OpenApp) -> None:
    async with open_app(full) as app:
        switcher = await searched(app, "cafe sal", "1 found")
        [hit] = switcher.results._hits
        assert hit.snippet.text == "Season it with Café salt"
        assert hit.snippet.words == ("Café sal",)
        await app.press("enter")
        transcript = app.main.transcript
        await app.until(lambda: transcript.cursor_message_id == "m20")
        await app.until(lambda: transcript._finder is not None and transcript._finder.total)
        assert app.main.status.info.chat == "Right"
        assert transcript.has_focus
        assert not app.main.find_bar.is_open
        await app.press("ctrl+f")
        await app.until(lambda: app.main.find_bar.is_open)
        assert app.main.find_bar.query_text == '"Café sal"'


async def test_what_was_just_said_is_found(open_app: OpenApp) -> None:
    async with open_app() as app:
        await app.type("Where is the pepper?")
        await app.press("enter")
        await app.until(lambda: len(app.shown) == 2)
        await app.until(lambda: not app.manager.running())
        switcher = await searched(app, "pepper role:user", "1 found")
        assert switcher.results._hits[0].role == "user"


async def test_a_filter_finds_sessions_too(open_app: OpenApp) -> None:
    async with open_app(full) as app:
        await searched(app, "tag:urgent", "1 found")
        await app.press("enter")
        await app.until(lambda: app.main.status.info.label == "Newer")


async def test_a_bad_filter_is_told_while_it_is_typed(open_app: OpenApp) -> None:
    async with open_app(full) as app:
        switcher = await searched(app, "salt role:me", "valid: system, user")
        await app.press("backspace", "backspace")
        await app.type("user")
        await app.until(lambda: "1 found" in switcher.results._heading)


@pytest.mark.parametrize(("size", "rows"), [((140, 40), 1), ((60, 20), 2)])
async def test_all_filters_are_named(open_app: OpenApp, size: tuple[int, int], rows: int) -> None:
    async with open_app(full, size=size) as app:
        switcher = await searched(app, "salt", "1 found")
        line = switcher.query_one("#switcher-filters", Static)
        assert line.size.height == rows
        shown = " ".join(line.render_line(row).text for row in range(rows))
        for name in (
            "role:",
            "has:",
            "workspace:",
            "tag:",
            "model:",
            "state:",
            "after:",
            "before:",
        ):
            assert name in shown


async def test_more_messages_come_when_the_cursor_reaches_the_last(open_app: OpenApp) -> None:
    async with open_app(full) as app:
        switcher = await searched(app, "recipe", "59 found")
        assert len(switcher.results._hits) == 50
        await app.press(*["pagedown"] * 10)
        await app.until(lambda: len(switcher.results._hits) == 59)
        assert len({hit.message_id for hit in switcher.results._hits}) == 59


async def test_what_was_typed_over_is_not_looked_for_among_all_sessions(
    open_app: OpenApp, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Each look goes through every session there is."""
    async with open_app() as app:
        going, asked, go_on = app.main, list[object](), asyncio.Event()

        async def known_sessions(**wanted: object) -> list[Session]:
            asked.append(wanted["words"])
            await go_on.wait()
            return []

        monkeypatch.setattr(app.manager, "known_sessions", known_sessions)
        looks = [asyncio.create_task(going._older_sessions([word])) for word in ("a", "ab", "abc")]
        await app.until(lambda: asked)
        for typed_over in looks[:2]:
            typed_over.cancel()
        await asyncio.wait(looks[:2])
        assert asked == [["a"]]
        go_on.set()
        assert await looks[2] == []
        assert asked == [["a"], ["abc"]]
