"""What the full-text index is told, takes and remembers that it holds."""

import shutil
import stat
from pathlib import Path

import pytest
from indexed_samples import TALK, found, message, opened, put, session, stale_in

from tui_sessions.index.base import CaughtUp, IndexBusy, IndexLost
from tui_sessions.index.full_text import TantivyIndex


def test_it_says_in_which_sessions_messages_have_changed(index: TantivyIndex) -> None:
    one, two = message("one", "first"), message("two", "second")
    assert not index.write([session("s", one)], [])
    index.settle()
    assert not index.write([session("s", one, two, stamp="2")], [])
    index.settle()
    assert set(index.write([session("s", two, stamp="3")], [])) == {"s"}
    index.settle()
    changed = message("two", "another")
    assert set(index.write([session("s", changed, stamp="4")], [])) == {"s"}
    index.settle()


def test_only_what_differs_is_written_and_what_is_gone_vanishes(index: TantivyIndex) -> None:
    kept, changed, gone = message("k", "kept"), message("c", "before"), message("g", "gone")
    first = session("s", kept, changed, gone, title="Old")
    put(index, [first, session("t", message("x", "other"))], [])
    after = (kept, message("c", "after"), message("n", "new"))
    for written in (None, first.chats):
        put(index, [session("s", *after, stamp=f"2{written}", title="New", written=written)], [])
        assert [found(index, word) for word in ("kept", "before", "after", "gone", "new")] == [
            ["k"],
            [],
            ["c"],
            [],
            ["n", "s"],
        ]
    put(index, [], ["s"])
    assert found(index, "kept") == []
    assert found(index, "other") == ["x"]


def test_it_says_what_is_not_in_as_it_should_be(index: TantivyIndex) -> None:
    put(index, [session("a"), session("b")], [])
    compared = index.compare("w", {"a": "1", "b": "2", "c": "1"})
    assert (compared.stale, compared.unknown) == (["b", "c"], [])
    assert index.compare("w", {"a": "1", "c": "1"}).unknown == ["b"]
    assert index.compare("v", {"a": "1"}).stale == ["a"]
    assert index.strangers({"w"}) == []
    assert sorted(index.strangers({"v"})) == ["a", "b"]


def test_what_is_in_already_is_not_written_again(index: TantivyIndex) -> None:
    put(index, [session("a", message("m", "first"))], [])
    put(index, [session("a", message("m", "second"))], [])  # the stamp says that it is the same
    assert found(index, "first") == ["m"]


def test_it_is_kept_for_its_owners_eyes(folder: Path) -> None:
    put(opened(folder), [TALK], [])
    assert found(opened(folder), "hello") == ["hello"]
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700


def test_one_that_writes_does_not_keep_others_from_reading(folder: Path) -> None:
    writer, reader = opened(folder), opened(folder)
    assert found(reader, "hello") == []
    put(writer, [TALK], [])
    assert found(reader, "hello") == ["hello"]


def test_while_one_writes_another_is_told_to_wait(folder: Path) -> None:
    first, second = opened(folder), opened(folder)
    first.write([], [])
    with pytest.raises(IndexBusy):
        put(second, [TALK], [])
    first.settle()
    put(second, [TALK], [])
    assert found(first, "hello") == ["hello"]
    second.write([TALK], [])
    second.close()
    put(first, [], ["s"])


def held_up_to(write: str) -> CaughtUp:
    return CaughtUp(write=write, names={"w": "W"})


def known_of(folder: Path) -> str:
    """Up to which write an index is known to hold everything."""
    held = TantivyIndex(folder).resume(lambda _: True)
    return held.write if held else ""


def test_what_it_holds_is_known_later_until_it_is_written_again(folder: Path) -> None:
    index = opened(folder)
    index.watch()
    put(index, [session("s", message("m", "needle"))], ())
    index.keep(held_up_to("first"))
    assert known_of(folder) == "first"
    put(index, [session("t", message("m", "needle"))], ())
    assert known_of(folder) == ""
    index.keep(held_up_to("second"))
    assert known_of(folder) == "second"
    again = TantivyIndex(folder)
    assert again.resume(lambda held: held.write == "first") is None
    assert again.resume(lambda held: held.write == "second") == held_up_to("second")
    assert len(found(again, "needle")) == 2
    assert again.resume(lambda _: True) is None  # known already
    again.close()
    index.close()


def test_what_it_holds_is_not_told_by_one_between_whose_writes_another_wrote(folder: Path) -> None:
    one, other = opened(folder), opened(folder)
    one.watch()
    put(one, [session("s", message("m", "needle"))], ())
    put(other, [], ["s"])
    one.keep(held_up_to("first"))
    assert known_of(folder) == ""
    put(one, [session("t", message("m", "needle"))], ())
    one.keep(held_up_to("second"))
    assert known_of(folder) == ""
    one.close()
    other.close()


def test_what_is_in_already_makes_no_other_index_of_it(folder: Path) -> None:
    one, other = opened(folder), opened(folder)
    one.watch()
    same = session("s", message("m", "needle"))
    put(one, [same], ())
    one.keep(held_up_to("first"))
    put(other, [same], ["never there"])
    assert known_of(folder) == "first"
    one.close()
    other.close()


def test_after_a_rest_it_is_searched_and_written_as_before(index: TantivyIndex) -> None:
    put(index, [TALK], [])
    index.rest()
    assert found(index, "hello") == ["hello"]
    index.rest()
    index.rest()
    put(index, [session("s2", message("again", "hello again"))], [])
    assert sorted(found(index, "hello")) == ["again", "hello"]


def test_what_was_made_anew_while_it_rested_is_noticed(folder: Path) -> None:
    index, other = opened(folder), opened(folder)
    put(index, [TALK], [])
    index.rest()
    shutil.rmtree(folder)
    with pytest.raises(IndexLost):
        found(other, "hello")
    with pytest.raises(IndexLost):
        found(index, "hello")
    put(index, [TALK], [])
    assert found(index, "hello") == ["hello"]


def test_one_that_was_closed_while_it_rested_stays_closed(folder: Path) -> None:
    index = opened(folder)
    index.rest()
    index.close()
    with pytest.raises(IndexLost):
        found(index, "hello")


def test_writing_ends_early_when_everything_ends(folder: Path) -> None:
    index = opened(folder)
    put(index, [TALK], [])
    index._stopped.set()
    put(index, [session("t", message("m", "late"))], [])
    assert found(opened(folder), "late") == []
    assert stale_in(opened(folder), {"s": "1", "t": "1"}) == ["t"]
