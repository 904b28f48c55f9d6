"""Opening long chats in the app, and moving about in them, each time until it is painted."""

from __future__ import annotations

import statistics
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path

from tests.bench.figures import Figure
from tests.bench.pane import COLUMNS, ROWS, Pane
from tests.bench.person import BARE_APP
from tests.bench.run import Run
from tests.bench.stores import KB_WORDS, mark, workspace_id, write_session
from tests.bench.switcher import open_switcher

_SHORT = 20
_HOME, _END, _PAGE_UP = "g", "G", "\x1b[5~"
_ESCAPE = "\x1b"
_RESIZE = "a resize"
_PAINTED_MS = 50.0
_AFTER_KEY_S = 0.15
"""Seconds in which nothing is drawn when all that follows from a key is there."""

Times = defaultdict[str, list[float]]
"""Milliseconds, by what was done."""


def opening(run: Run) -> Iterator[Figure]:
    """Go from chat to chat by their names; the app is started anew each time."""
    sizes = run.sizes
    chats = [_SHORT, _SHORT, sizes.longer, _SHORT, sizes.longest]
    data = run.store(f"open-{sizes.longer}-{sizes.longest}", lambda data: _write(data, chats))
    person = run.person("opening", data)
    person.run("list")
    opened: defaultdict[int, list[float]] = defaultdict(list)
    moved: dict[int, Times] = {_SHORT: defaultdict(list), sizes.longer: defaultdict(list)}
    for _ in range(sizes.times):
        with person.open_app("--workspace", workspace_id(0), "--session", _label(0)) as pane:
            pane.until(mark(0, _SHORT - 1))
            pane.until_calm()
            # Two short ones: what the first of all has to do once is not what is compared.
            for number, messages in enumerate(chats[1:], start=1):
                opened[messages].append(_open(pane, number, messages))
                if number in (1, 2):
                    _move_about(pane, number, messages, moved[messages])
    yield from _opened(run, {size: statistics.median(taken) for size, taken in opened.items()})
    bare_ms = _bare_resize_ms(run)
    for name, taken in moved[sizes.longer].items():
        beside = f"in a chat of {_SHORT}: {statistics.median(moved[_SHORT][name]):.0f} ms"
        if name == _RESIZE:
            beside += f"; a bare app: {bare_ms:.0f} ms"
        what = f"{name} in a chat of {sizes.longer:,}, to painted"
        yield Figure(what, statistics.median(taken), "ms", beside, goal=_PAINTED_MS)


def _opened(run: Run, taken: dict[int, float]) -> Iterator[Figure]:
    beside = f"a chat of {_SHORT}: {taken[_SHORT]:.0f} ms"
    for messages, ratio in ((run.sizes.longer, 1.2), (run.sizes.longest, 2.0)):
        own = taken[messages]
        what = f"open a chat of {messages:,} messages, to painted"
        yield Figure(what, own, "ms", beside, goal=150.0 if ratio < 2 else None)
        yield Figure("the same against a short chat", own / taken[_SHORT], "x", beside, goal=ratio)


def _open(pane: Pane, number: int, messages: int) -> float:
    """Choose a chat by its name; the time from the last key until its end is painted."""
    open_switcher(pane)
    pane.until_calm(0.1)
    pane.send(_label(number))
    pane.until(_label(number))
    pane.until_calm(0.1)
    sent = pane.send("\r")
    taken = pane.until(mark(number, messages - 1)) - sent
    pane.until_calm()
    return taken * 1000


def _move_about(pane: Pane, number: int, messages: int, moved: Times) -> None:
    """Jump, turn pages and resize in the open chat."""
    pane.send(_ESCAPE)
    pane.until_calm()
    for name, key, text in (
        ("a jump to the first message", _HOME, mark(number, 0)),
        ("a jump to the last message", _END, mark(number, messages - 1)),
    ):
        sent = pane.send(key)
        moved[name].append((pane.until(text) - sent) * 1000)
        pane.until_calm()
    for _ in range(3):
        moved["a page key"].append(_to_frame(pane, pane.send(_PAGE_UP)))
    moved[_RESIZE] += _resized(pane)


def _resized(pane: Pane) -> list[float]:
    """Make the window narrower and wide again."""
    return [_to_frame(pane, pane.resize(width, ROWS)) for width in (COLUMNS - 20, COLUMNS)]


def _bare_resize_ms(run: Run) -> float:
    """The same in an app with a tree and an input."""
    with run.person("opening-bare", run.scratch).pane(BARE_APP, "100") as pane:
        pane.until("Project")
        pane.until_calm()
        return statistics.median(each for _ in range(run.sizes.times) for each in _resized(pane))


def _to_frame(pane: Pane, began: float) -> float:
    """Until the last frame that follows from a key."""
    return (pane.until_calm(_AFTER_KEY_S) - began) * 1000


def _write(data: Path, chats: list[int]) -> None:
    for number, messages in enumerate(chats):
        write_session(data, number, messages, words=KB_WORDS, label=_label(number))


def _label(number: int) -> str:
    return f"Openchat{number:02d}"
