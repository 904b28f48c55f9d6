"""What stands behind text of a doubtful width stays in its place, however wide a terminal draws."""

from __future__ import annotations

from unicodedata import category

import pyte
import pytest
from rich.cells import cell_len
from rich.console import Console
from running_app import SPACE, OpenApp
from textual._compositor import CompositorUpdate
from wcwidth import wcwidth

from tui_sessions import SessionManager
from tui_sessions.tui.terminal.steady_width import steady

_UNEVEN = {
    "family": "👨‍👩‍👧‍👦",
    "astronaut": "👩🏽‍🚀",
    "flag": "🇩🇪",
    "heart": "❤️",
    "keycap": "1️⃣",
    "England": "🏴󠁧󠁢󠁥󠁮󠁧󠁿",
    "Hindi": "क्षत्रिय",
    "Javanese": "ꦧꦱꦗꦮꦫꦶꦱꦩꦺꦴꦪ",
    "zero width": "a\u200bb\u2060c\ufeffd",
    "heart in Japanese": "日本❤️語",
}


@pytest.mark.parametrize("name", _UNEVEN)
def test_what_follows_stands_where_the_screen_has_it(name: str) -> None:
    text = _UNEVEN[name]
    screen = pyte.Screen(60, 2)
    pyte.Stream(screen).feed(steady(f"{text}│{text}│"))
    width = cell_len(text)
    assert [column for column in range(60) if screen.buffer[0][column].data == "│"] == [
        width,
        2 * width + 1,
    ]


@pytest.mark.parametrize("name", _UNEVEN)
def test_nothing_of_what_was_there_before_shows_through(name: str) -> None:
    text = _UNEVEN[name]
    screen = pyte.Screen(60, 2)
    stream = pyte.Stream(screen)
    stream.feed("Z" * 60 + "\x1b[1;1H")
    width = cell_len(text)
    stream.feed(steady(text))
    assert all(screen.buffer[0][column].data != "Z" for column in range(width))


@pytest.mark.parametrize("char", ["☰", "㉈", "🫩"])
def test_what_older_terminals_draw_narrower_moves_nothing(
    char: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(pyte.screens, "wcwidth", lambda one: int(one != char and wcwidth(one)))
    screen = pyte.Screen(60, 2)
    pyte.Stream(screen).feed(steady(f"a{char}│"))
    assert screen.buffer[0][1 + cell_len(char)].data == "│"


@pytest.mark.parametrize(
    "text", ["plain", "\x1b[1;31mred\x1b[0m ─│╭ ● … “é” – 日本語 한국어 🙂", "שלום العربية", ""]
)
def test_what_is_drawn_alike_everywhere_is_left_as_it_is(text: str) -> None:
    assert steady(text) == text


async def test_what_stands_beside_joined_emoji_is_aligned(open_app: OpenApp) -> None:
    async def fill(manager: SessionManager) -> None:
        for label in ("👨‍👩‍👧‍👦 a family", "nobody"):
            await manager.create_session(workspace=SPACE, label=label)

    screen = pyte.Screen(100, 12)
    async with open_app(fill, size=(100, 12)) as app:
        update = app.app.screen._compositor.render_update(full=True)
        assert isinstance(update, CompositorUpdate)
        pyte.Stream(screen).feed(update.render_segments(Console()))
    rows = [[screen.buffer[y][x].data for x in range(100)] for y in range(12)]
    ages = ["".join(row[31:36]) for row in rows if {"●", "○"}.intersection(row)]
    assert ages == [" now ", " now "]


async def test_letters_with_signs_beside_them_are_drawn_whole(
    open_app: OpenApp, monkeypatch: pytest.MonkeyPatch
) -> None:
    words = ["पाठ लिखता", "மொழி கொடா", "কাথাায যাও", "മലയാളം"]

    async def fill(manager: SessionManager) -> None:
        for word in words:
            await manager.create_session(workspace=SPACE, label=f"{word} end")

    # As tmux and most others count: a sign beside a letter fills a cell of its own.
    monkeypatch.setattr(pyte.screens, "wcwidth", lambda one: wcwidth(one) or category(one) == "Mc")
    screen = pyte.Screen(100, 12)
    async with open_app(fill, size=(100, 12)) as app:
        update = app.app.screen._compositor.render_update(full=True)
        assert isinstance(update, CompositorUpdate)
        pyte.Stream(screen).feed(update.render_segments(Console()))
    shown = "\n".join("".join(row[x].data for x in range(100)) for row in screen.buffer.values())
    assert [word for word in words if f"{word} end" not in shown] == []
