"""What is done in the background rests while a key is on its way."""

from __future__ import annotations

import threading
import time
from types import SimpleNamespace

import pytest

from tui_sessions import giving_way
from tui_sessions.giving_way import give_way, is_key_on_its_way, key_done, key_typed


@pytest.fixture(autouse=True)
def no_key_yet(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(giving_way._Key, "until", 0.0)
    monkeypatch.setattr(giving_way._Key, "next_from", 0.0)


@pytest.fixture
def naps(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """Every nap that anybody took."""
    taken: list[float] = []

    def sleep(seconds: float) -> None:
        taken.append(seconds)
        time.sleep(seconds)

    monkeypatch.setattr(giving_way, "time", SimpleNamespace(sleep=sleep))
    return taken


def a_step() -> threading.Thread:
    """A step of work in the background, which has been begun."""
    step = threading.Thread(target=give_way)
    step.start()
    return step


def test_work_rests_until_the_key_is_through(
    naps: list[float], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(giving_way, "LONGEST_S", 3600.0)
    key_typed()
    step = a_step()
    while len(naps) < 3:
        time.sleep(0.001)
    assert step.is_alive()
    key_done()
    step.join()
    assert not is_key_on_its_way()


def test_work_goes_on_at_once_while_nobody_types(naps: list[float]) -> None:
    give_way()
    a_step().join()
    key_typed()
    giving_way._Key.until = time.perf_counter()
    a_step().join()
    assert naps == []


def test_the_thread_that_handles_the_key_never_rests(naps: list[float]) -> None:
    key_typed()
    give_way()
    assert naps == []


def test_keys_without_end_do_not_hold_work_up_for_good(
    naps: list[float], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(giving_way, "LONGEST_S", 0.02)
    monkeypatch.setattr(giving_way, "is_key_on_its_way", lambda: True)
    giving_way._Key.until = time.perf_counter() + 3600
    a_step().join()
    assert naps
    naps.clear()
    giving_way._Key.next_from = time.perf_counter() + 3600
    a_step().join()
    assert naps == []
