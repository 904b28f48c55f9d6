"""Pasted text is text, whatever it holds and however it arrives."""

from __future__ import annotations

from collections.abc import Iterable

import pytest
from textual.events import Key, Paste

from tui_sessions.tui.terminal.paste_parser import PasteParser

START, END = "\x1b[200~", "\x1b[201~"


def read(pieces: Iterable[str]) -> list[str]:
    """What a parser makes of what comes piece by piece: keys by name, pastes in quotes."""
    parser = PasteParser()
    events = [event for piece in [*pieces, ""] for event in parser.feed(piece)]
    return [
        repr(event.text) if isinstance(event, Paste) else event.key
        for event in events
        if isinstance(event, Key | Paste)
    ]


def test_escape_sequences_within_a_paste_press_no_keys() -> None:
    pasted = "one\x1b[31mred\r\x1b]52;c;x\x07 and more\x1b"
    assert read(["a", START, pasted, END, "b", "\x1b[A"]) == [
        "a",
        repr(pasted.replace("\x1b", "")),
        "b",
        "up",
    ]


@pytest.mark.parametrize("cut", range(1, 27))
def test_a_paste_that_comes_in_two_pieces_is_the_same(cut: int) -> None:
    sent = f"a{START}x\x1b[3{START}1m\r{END}b"
    assert read([sent[:cut], sent[cut:]]) == ["a", repr("x[3[200~1m\r"), "b"]


def test_two_pastes_and_an_empty_one() -> None:
    sent = f"{START}x{END}{START}{END}{START}y\nz{END}"
    assert read(sent) == [repr("x"), repr(""), repr("y\nz")]


def test_alt_with_a_letter_is_one_key_however_soon_another_follows() -> None:
    assert read("\x1bj") == ["alt+j"]
    assert read("\x1bj\x1bj\x1b[A\x1b\x1b[B") == ["alt+j", "alt+j", "up", "escape", "down"]
    assert read(["\x1bj\x1b[Ba"]) == ["alt+j", "down", "a"]


def test_escape_alone_is_told_as_soon_as_nothing_has_followed_it() -> None:
    parser = PasteParser()
    assert parser.patience(10) == 10
    assert not list(parser.feed("\x1b"))
    assert parser.patience(10) <= 0.05
    events: list[object] = []
    while not events:
        events = list(parser.tick())
    assert [event.key for event in events if isinstance(event, Key)] == ["escape"]
    assert parser.patience(10) == 10
