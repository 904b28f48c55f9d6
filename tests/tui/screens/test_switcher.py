import asyncio
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from rich.cells import cell_len
from textual.app import App
from textual.pilot import Pilot

from tui_sessions.errors import StoreError
from tui_sessions.model.search import Snippet
from tui_sessions.model.session import Chat, Session, Workspace
from tui_sessions.tui.screens import switcher_messages
from tui_sessions.tui.screens.switcher import FoundTexts, QuickSwitcher, SwitchTarget, TextHit
from tui_sessions.tui.widgets.switcher_results import Entry

NOON = datetime(2026, 11, 20, 12, tzinfo=UTC)
DEV, HOME = Workspace(id="dev", name="Parser lab"), Workspace(id="home", name="Home")
SALT = Snippet("…pass the [b]salt[/b]…", ((13, 17),))
HIT = TextHit("far", "far-c", "m7", "Dinner", SALT, "Home", "user", NOON - timedelta(days=2))

Search = Callable[[str, int], Awaitable[FoundTexts]]


def found(*hits: TextHit, **fields: Any) -> FoundTexts:
    return FoundTexts(hits, **{"total": len(hits), **fields})


def place(session_id: str, label: str, hours: float, *names: str) -> Session:
    moment = NOON - timedelta(hours=hours)
    chats = tuple(
        Chat(id=f"{session_id}-{name}", name=name, message_count=3, preview=f"{name} says")
        for name in names or ("Chat",)
    )
    return Session(
        id=session_id,
        workspace_id="home" if session_id == "far" else "dev",
        label=label,
        created_at=moment,
        updated_at=moment,
        last_active_at=moment,
        state_changed_at=moment,
        chats=chats,
    )


SESSIONS = (
    place("old", "Release notes", 50),
    place("open", "Fix the lexer", 1),
    place("last", "Grammar", 2, "Coder", "Reviewer"),
    place("far", "Dinner", 9),
)


class SwitcherApp(App[None]):
    def __init__(
        self,
        sessions: Sequence[Session] = SESSIONS,
        search: Search | None = None,
        more: Callable[[Sequence[str]], Awaitable[Sequence[Session]]] | None = None,
    ) -> None:
        super().__init__()
        self.switcher = QuickSwitcher(
            sessions, [DEV, HOME], "open", search, more, clock=lambda: NOON
        )
        self.answers: list[SwitchTarget | None] = []

    def on_mount(self) -> None:
        self.push_screen(self.switcher, self.answers.append)


async def settled(pilot: Pilot[None]) -> None:
    await pilot.app.workers.wait_for_complete()
    await pilot.pause()


def lines_of(app: SwitcherApp) -> list[str]:
    results = app.switcher.results
    lines = [results.render_line(y).text.rstrip() for y in range(results.size.height)]
    return [line for line in lines if line]


async def test_with_nothing_typed_the_last_other_session_is_first_and_the_open_one_second():
    app = SwitcherApp()
    async with app.run_test(size=(80, 30)) as pilot:
        await settled(pilot)
        titles = [line.split("  ")[0].strip() for line in lines_of(app)[::2]]
        assert titles == [
            "○ Grammar › Coder",
            "▌○ Fix the lexer",
            "○ Grammar › Reviewer",
            "○ Dinner",
            "○ Release notes",
        ]
        await pilot.press("enter")
        await pilot.pause()
        assert app.answers == [SwitchTarget("last", "last-Coder")]


async def test_each_place_shows_where_it_is_and_how_it_ends():
    app = SwitcherApp()
    async with app.run_test(size=(80, 30)) as pilot:
        await settled(pilot)
        assert lines_of(app)[1] == "   Parser lab · 3 msg · Coder says"


async def test_what_is_found_after_it_was_closed_is_let_be():
    app = SwitcherApp()
    async with app.run_test(size=(80, 30)) as pilot:
        await settled(pilot)
        await pilot.press("escape")
        await pilot.pause()
        assert app.answers == [None]
        app.switcher._show_found(found(HIT))
        await QuickSwitcher._rank.__wrapped__(app.switcher, "gram")


async def test_where_messages_fit_nothing_says_that_nothing_does():
    async def search(text: str, start: int) -> FoundTexts:
        return found(HIT)

    app = SwitcherApp(search=search)
    async with app.run_test(size=(80, 30)) as pilot:
        await pilot.press(*"salt")
        await settled(pilot)
        assert "1 found" in " ".join(lines_of(app))
        hint = str(app.switcher.query_one("#switcher-hint").render())
        assert hint.startswith("No session fits")


async def test_typing_finds_and_enter_goes_there():
    app = SwitcherApp()
    async with app.run_test(size=(80, 30)) as pilot:
        await pilot.press(*"revi")
        await settled(pilot)
        assert len(lines_of(app)) == 2
        await pilot.press("enter")
        await pilot.pause()
        assert app.answers == [SwitchTarget("last", "last-Reviewer")]


async def test_enter_waits_for_what_fits_all_that_was_typed():
    app = SwitcherApp()
    async with app.run_test(size=(80, 30)) as pilot:
        await settled(pilot)
        app.switcher.field.value = "release"
        await app.switcher.field.action_submit()
        await settled(pilot)
        await pilot.pause()
        assert app.answers == [SwitchTarget("old")]


async def test_taking_letters_back_finds_more_again():
    app = SwitcherApp()
    async with app.run_test(size=(80, 30)) as pilot:
        await pilot.press(*"dinn")
        await settled(pilot)
        await pilot.press("backspace", "backspace", "backspace", "backspace")
        await settled(pilot)
        assert len(lines_of(app)) == 10


@pytest.mark.parametrize("down", ["down", "ctrl+j"])
@pytest.mark.parametrize("up", ["up", "ctrl+k"])
async def test_keys_move_between_the_first_and_the_last(down: str, up: str):
    app = SwitcherApp()
    async with app.run_test(size=(80, 30)) as pilot:
        await settled(pilot)
        await pilot.press(up, down, down, up)
        assert app.switcher.results.cursor == 1
        await pilot.press(*[down] * 9)
        assert app.switcher.results.cursor == 4
        await pilot.press("enter")
        await pilot.pause()
        assert app.answers == [SwitchTarget("old")]


async def test_escape_goes_nowhere():
    app = SwitcherApp()
    async with app.run_test() as pilot:
        await pilot.press("x", "escape")
        await pilot.pause()
        assert app.answers == [None]


async def test_a_click_goes_there_and_a_click_beside_closes():
    app = SwitcherApp()
    async with app.run_test(size=(80, 30)) as pilot:
        await settled(pilot)
        await pilot.click("ResultList", offset=(5, 7))
        await pilot.pause()
        assert app.answers == [SwitchTarget("far")]
    app = SwitcherApp()
    async with app.run_test(size=(80, 30)) as pilot:
        await pilot.click(offset=(0, 29))
        await pilot.pause()
        assert app.answers == [None]


async def test_with_nothing_that_fits_enter_stays():
    app = SwitcherApp()
    async with app.run_test() as pilot:
        await pilot.press(*"zzzz")
        await settled(pilot)
        await pilot.press("enter", "down", "up")
        await pilot.pause()
        assert app.answers == []
        assert lines_of(app) == []


async def test_messages_are_found_by_their_text_below_a_heading():
    async def search(query: str, offset: int) -> FoundTexts:
        return found(HIT) if query == "salt" else found()

    app = SwitcherApp(search=search)
    async with app.run_test(size=(80, 30)) as pilot:
        await pilot.press(*"salt")
        await settled(pilot)
        heading, title, text = lines_of(app)
        assert heading == " in messages · 1 found"
        assert title.split() == ["❯", "Dinner", "2d"]
        assert text == "   Home · user · …pass the [b]salt[/b]…"
        await pilot.press("enter")
        await pilot.pause()
        assert app.answers == [SwitchTarget("far", "far-c", "m7", "salt")]


async def test_many_sessions_do_not_keep_messages_far_away():
    async def search(query: str, offset: int) -> FoundTexts:
        return found(HIT)

    app = SwitcherApp([place(f"s{n}", f"Salt {n}", n) for n in range(40)], search)
    async with app.run_test(size=(80, 60)) as pilot:
        await pilot.press(*"salt")
        await settled(pilot)
        assert lines_of(app)[16].startswith(" in messages")
        await pilot.press(*["down"] * 8)
        await pilot.press("enter")
        await pilot.pause()
        assert app.answers == [SwitchTarget("far", "far-c", "m7", "salt")]


async def test_while_the_index_is_built_the_search_goes_on():
    asked: list[str] = []
    seen = asyncio.Event()

    async def search(query: str, offset: int) -> FoundTexts:
        asked.append(query)
        if asked.count("salt") < 2:
            return found(percent=43, to_go=1234)
        await seen.wait()
        return found(HIT, similar=True, notice="All is [b]read[/b].")

    app = SwitcherApp(search=search)
    async with app.run_test(size=(100, 30)) as pilot:
        await pilot.press(*"salt")
        while "43 %: 1,234 sessions to go" not in app.switcher.results._heading:
            await pilot.pause()
        seen.set()
        await settled(pilot)
        assert lines_of(app)[0] == " in messages · 1 found · spelt nearly so · All is [b]read[/b]."


async def test_what_the_index_still_brings_comes_below_what_was_scrolled_to(
    monkeypatch: pytest.MonkeyPatch,
):
    monkeypatch.setattr(switcher_messages, "_AGAIN_S", 0.1)
    hits = [replace(HIT, message_id=f"m{number}") for number in range(5)]
    built = asyncio.Event()

    async def search(query: str, offset: int) -> FoundTexts:
        if built.is_set():
            return FoundTexts(hits=[hits[4], *hits[:2]], total=5)
        return FoundTexts(hits=hits[offset : offset + 2], total=4, percent=99)

    app = SwitcherApp([], search)
    async with app.run_test(size=(100, 30)) as pilot:
        await pilot.press(*"salt")
        while "found · looking for what is new…" not in app.switcher.results._heading:
            await pilot.pause()
        await pilot.press("down")
        while len(app.switcher.results) < 4:
            await pilot.pause()
        built.set()
        await settled(pilot)
        assert lines_of(app)[0] == " in messages · 5 found"
        assert app.switcher.results._hits == hits


async def test_enter_waits_for_a_message_while_the_index_is_looking(
    monkeypatch: pytest.MonkeyPatch,
):
    monkeypatch.setattr(switcher_messages, "_AGAIN_S", 0.1)
    asked: list[str] = []

    async def search(query: str, offset: int) -> FoundTexts:
        asked.append(query)
        return FoundTexts(percent=99) if len(asked) < 3 else FoundTexts(hits=[HIT], total=1)

    app = SwitcherApp([], search)
    async with app.run_test(size=(100, 30)) as pilot:
        await pilot.press(*"salt", "enter")
        await settled(pilot)
        assert [answer.message_id for answer in app.answers if answer] == [HIT.message_id]


async def test_sessions_that_are_too_old_to_be_listed_are_found_by_their_words():
    asked: list[list[str]] = []

    async def more(words: Sequence[str]) -> list[Session]:
        asked.append(list(words))
        return [place("ancient", "Lexer of old", 9999), SESSIONS[1]]

    app = SwitcherApp(more=more)
    async with app.run_test(size=(80, 30)) as pilot:
        await pilot.press(*"lexer parser")
        await settled(pilot)
        assert asked[-1] == ["lexer"]  # the other word is in a workspace's name
        assert [line.split("  ")[0].strip(" ▌○") for line in lines_of(app)[::2]] == [
            "Lexer of old",
            "Fix the lexer",
        ]


async def test_the_next_key_cancels_the_search_before():
    begun: list[str] = []
    cancelled: list[str] = []

    async def search(query: str, offset: int) -> FoundTexts:
        begun.append(query)
        try:
            if len(query) < 4:
                await asyncio.Event().wait()
        except asyncio.CancelledError:
            cancelled.append(query)
            raise
        return found(HIT)

    app = SwitcherApp(search=search)
    async with app.run_test(size=(80, 30)) as pilot:
        await pilot.press(*"sal")
        while begun[-1:] != ["sal"]:  # on a slow machine, fewer letters were searched as well
            await pilot.pause()
        await pilot.press("t")
        await settled(pilot)
        assert cancelled == begun[:-1]
        assert begun[-2:] == ["sal", "salt"]
        assert any(line.startswith(" ❯ Dinner") for line in lines_of(app))


async def test_a_search_that_fails_says_why_and_names_are_still_found():
    async def search(query: str, offset: int) -> FoundTexts:
        raise StoreError("The index cannot be read.")

    app = SwitcherApp(search=search)
    async with app.run_test(size=(80, 30)) as pilot:
        await pilot.press(*"lexer")
        await settled(pilot)
        lines = lines_of(app)
        assert "Fix the lexer" in lines[0]
        assert lines[-1] == " in messages: The index cannot be read."


@pytest.mark.parametrize("size", [(60, 20), (33, 12), (140, 50)])
async def test_no_line_is_wider_than_the_list(size: tuple[int, int]):
    async def search(query: str, offset: int) -> FoundTexts:
        wide = Snippet("\x1b[2J長い\n" * 99, ((0, 9), (300, 999)))
        return found(TextHit("a", "c", "m", "長い" * 99, wide, "W" * 99, "user", NOON))

    wide = place("w", "日本語のラベル 🎉👩‍👩‍👧 " * 20, 3, "名前" * 40, "[b]\x1b[31m")
    app = SwitcherApp([wide, *SESSIONS], search)
    async with app.run_test(size=size) as pilot:
        await pilot.press("日", "本")
        await settled(pilot)
        results = app.switcher.results
        drawn = [results.render_line(y) for y in range(results.size.height)]
        width = results.scrollable_content_region.width
        assert {strip.cell_length for strip in drawn} == {width}
        assert {cell_len(strip.text) for strip in drawn} == {
            results.scrollable_content_region.width
        }
        assert "\x1b" not in "".join(strip.text for strip in drawn)


async def test_no_sessions_is_said():
    app = SwitcherApp([])
    async with app.run_test() as pilot:
        await settled(pilot)
        await pilot.press("enter", "down")
        assert "No sessions" in str(app.switcher.query_one("#switcher-hint").render())


async def test_the_cursor_stays_on_what_it_was_moved_to_when_older_sessions_come() -> None:
    may_come = asyncio.Event()

    async def older(words: Sequence[str]) -> Sequence[Session]:
        await may_come.wait()
        return [place("better", "gr", 900), place("older", "Older graph", 999)]

    app = SwitcherApp(more=older)
    async with app.run_test(size=(100, 30)) as pilot:
        await pilot.press("g", "r")
        await pilot.pause()
        await pilot.press("down")
        under = app.switcher.results.result
        assert isinstance(under, Entry)
        may_come.set()
        await settled(pilot)
        assert any("Older graph" in line for line in lines_of(app))
        await pilot.press("enter")
        assert app.answers == [SwitchTarget(under.session.id, under.chat_id)]


async def test_the_cursor_stays_on_its_message_while_better_ones_are_found(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(switcher_messages, "_AGAIN_S", 0.001)
    has_all = False
    hits = [replace(HIT, message_id=f"m{number}") for number in range(4)]

    async def search(text: str, left_out: int) -> FoundTexts:
        return found(*hits) if has_all else found(*hits[2:], percent=50)

    app = SwitcherApp(search=search)
    async with app.run_test(size=(100, 30)) as pilot:
        await pilot.press(*"salt")
        results = app.switcher.results
        while len(results) < 2:
            await pilot.pause()
        await pilot.press("down")
        has_all = True
        await settled(pilot)
        assert len(results) == len(hits)
        assert results.result == hits[3]


async def test_arrows_that_come_before_the_results_move_among_them() -> None:
    app = SwitcherApp()
    async with app.run_test(size=(100, 30)) as pilot:
        app.switcher._places._collected.clear()
        await pilot.press("g", "r", "down")
        app.switcher._places._collected.set()
        await settled(pilot)
        assert app.switcher.results.cursor == 1
