"""Labels, states, lineage, usage, visible text, selection, times and ids."""

import sys
import time
import unicodedata
from collections.abc import Callable
from datetime import UTC, datetime, timedelta, timezone, tzinfo
from itertools import pairwise
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tui_sessions import (
    InvalidId,
    Message,
    ParentLink,
    Session,
    SessionState,
    SessionStateError,
    Usage,
)
from tui_sessions.model.clock import as_local, as_utc, format_time, from_epoch, now, parse_time
from tui_sessions.model.identifiers import check_id, id_from_name, is_id, new_id
from tui_sessions.model.label import MAX_LABEL, label_from
from tui_sessions.model.lifecycle import TRANSITIONS, next_state, swept_state
from tui_sessions.model.lineage import ancestors, roots_and_children
from tui_sessions.model.selection import messages_to_send
from tui_sessions.model.usage import total_usage
from tui_sessions.model.visible import visible, visible_line

MOMENT = datetime(2026, 11, 20, 22, 14, 0, 123000, UTC)


@pytest.mark.parametrize(
    ("text", "label"),
    [
        ("Hello world", "Hello world"),
        ("Hello world\nmore", "Hello world"),
        ("\n \n  Hello\t world \nmore", "Hello world"),
        ("", ""),
        (" \n\t", ""),
        ("x" * 50, "x" * 50),
        ("x" * 51, "x" * 50),
        ("word " * 10, "word word word word word word word word word word"),
        ("a" * 49 + " tail", "a" * 49),
        ("a" * 50 + " tail", "a" * 50),
        ("日本" * 30, "日本" * 25),
        ("a\u2028b", "a"),
        ("\u200b\ufeff\nwords", "words"),
        ("x" * 49 + "e\u0301e", "x" * 49),
        ("x" * 48 + "👩\u200d👧!", "x" * 48),
        ("x" * 49 + "👍\U0001f3fd!", "x" * 49),
        ("```\nx = 1\n```", "x = 1"),
        ("???", "???"),
    ],
)
def test_a_label_is_the_first_line_cut_at_a_word_only_when_cut(text: str, label: str) -> None:
    assert label_from(text) == label


@given(st.text())
def test_a_label_is_one_short_line(text: str) -> None:
    label = label_from(text)
    assert len(label) <= MAX_LABEL
    assert label == label.strip()
    assert len(label.splitlines()) <= 1
    assert bool(label) == bool(text.strip())


TABLE = {
    "touch": "active active error active error error",
    "send": "active active error active error error",
    "pause": "paused paused same paused error error",
    "resume": "active active active active error error",
    "archive": "archived archived archived archived same error",
    "unarchive": "same same same same active error",
    "expire": "expired expired expired expired expired same",
}


@pytest.mark.parametrize("operation", TABLE)
@pytest.mark.parametrize("column", range(6))
def test_every_cell_of_the_lifecycle(operation: str, column: int) -> None:
    assert set(TABLE) == set(TRANSITIONS)
    state = list(SessionState)[column]
    cell = TABLE[operation].split()[column]
    if cell != "error":
        assert next_state("s", state, operation) == (state if cell == "same" else cell)
        return
    with pytest.raises(SessionStateError) as caught:
        next_state("s", state, operation)
    assert (caught.value.session_id, caught.value.state, caught.value.operation) == (
        "s", state.value, operation,
    )  # fmt: skip


@pytest.mark.parametrize("state", list(SessionState))
def test_a_sweep_suspends_only_the_active_strictly_after_the_ttl(state: SessionState) -> None:
    def swept(idle_s: float, expires_in_s: float | None = None) -> SessionState:
        idle_since = MOMENT - timedelta(seconds=idle_s)
        expiry = None if expires_in_s is None else MOMENT + timedelta(seconds=expires_in_s)
        return swept_state(state, idle_since, expiry, 3600, MOMENT)

    assert swept(3600) is state
    assert swept(3600.001) == ("suspended" if state == "active" else state)
    final = state in ("archived", "expired")
    assert swept(0, 0) == (state if final else "expired")
    assert swept(0, -5) == (state if final else "expired")
    assert swept(0, 0.001) is state


def session(session_id: str, parent: str | None = None) -> Session:
    link = ParentLink(session_id=parent) if parent else None
    times = dict.fromkeys(
        ("created_at", "updated_at", "last_active_at", "state_changed_at"), MOMENT
    )
    return Session(id=session_id, workspace_id="w", parent=link, **times)


def test_lines_of_parents_end_where_a_parent_is_gone() -> None:
    known = {s.id: s for s in (session("a", "gone"), session("b", "a"), session("c", "b"))}
    assert ([s.id for s in ancestors(known["c"], known.get)[0]], False) == (["b", "a"], False)
    assert ancestors(known["a"], known.get) == ([], False)


def test_loops_are_cut_and_told() -> None:
    known = {s.id: s for s in (session("a", "b"), session("b", "a"), session("c", "c"))}
    line, cycle = ancestors(known["a"], known.get)
    assert ([s.id for s in line], cycle) == (["b"], True)
    assert ancestors(known["c"], known.get) == ([], True)


_families = st.integers(1, 12).flatmap(
    lambda size: st.lists(
        st.one_of(st.none(), st.integers(0, size + 1)), min_size=size, max_size=size
    )
)


@given(_families)
def test_every_session_is_reached_exactly_once_however_parents_point(
    parents: list[int | None],
) -> None:
    sessions = [
        session(f"s{i}", None if parent is None else f"s{parent}")
        for i, parent in enumerate(parents)
    ]
    roots, children = roots_and_children(sessions)
    waiting, reached = list(roots), []
    while waiting:
        reached.append(waiting.pop().id)
        waiting += children.get(reached[-1], ())
    assert sorted(reached) == sorted(s.id for s in sessions)
    known = {s.id: s for s in sessions}
    for each in sessions:
        line, cycle = ancestors(each, known.get)
        assert len({s.id for s in line}) == len(line) <= len(sessions)
        assert cycle or each not in line
    assert sum(map(len, children.values())) + len(roots) == len(sessions)


def test_usage_adds_up_and_an_unknown_cost_is_not_nothing() -> None:
    one = Usage(input_tokens=1, output_tokens=2, cache_read_tokens=3, cache_write_tokens=4)
    assert (one + one).total_tokens == 20
    assert (one + one).cost_usd is None
    assert (one + Usage(cost_usd=0.5)).cost_usd == 0.5
    assert (Usage(cost_usd=0.0) + Usage()).cost_usd == 0.0
    assert total_usage([None, one, None, one]) == one + one
    assert total_usage([]) == Usage()


def _is_dangerous(character: str) -> bool:
    bidi = unicodedata.bidirectional(character) in {
        "LRE", "RLE", "LRO", "RLO", "PDF", "LRI", "RLI", "FSI", "PDI",
    }  # fmt: skip
    marks = character in "\u200e\u200f\u061c\u2028\u2029"
    return unicodedata.category(character) in ("Cc", "Cs") or bidi or marks


def test_no_code_point_moves_a_terminal() -> None:
    for code in range(sys.maxunicode + 1):
        character = chr(code)
        shown, on_a_line = visible(character), visible_line(character)
        if not _is_dangerous(character):
            joins_nothing = character == "\u200d"
            assert shown == on_a_line == ("\u200c" if joins_nothing else character)
            continue
        assert shown in "\t\n" or not any(map(_is_dangerous, shown)), hex(code)
        assert not any(map(_is_dangerous, on_a_line)), hex(code)


def test_a_long_text_is_drawn_as_its_parts_are() -> None:
    before = "é \n" * 1000
    assert visible(before) == before
    for character in map(chr, range(sys.maxunicode + 1)):
        if (shown := visible(character)) != character:
            assert visible(before + character) == before + shown, hex(ord(character))


@pytest.mark.parametrize("shown", [visible, visible_line])
def test_a_joiner_joins_emoji_and_hides_nothing_else(shown: Callable[[str], str]) -> None:
    family = "👨‍👩‍👧‍👦 👩🏽‍🚀 ❤️‍🔥"
    assert shown(family) == family
    for text in ("rm\u200d-\u200dr", "\u200da", "a\u200d", "😀\u200da", "a\u200d😀", "א\u200dב"):
        assert "\u200d" not in shown(text)
        assert len(shown(text)) == len(text)


@given(st.text())
def test_visible_text_stays_so(text: str) -> None:
    assert visible(visible(text)) == visible(text)
    assert visible_line(visible_line(text)) == visible_line(text)
    assert len(visible_line(text).splitlines()) <= 1


def test_line_ends_and_tabs() -> None:
    assert visible("a\r\nb\tc\rd") == "a\nb\tc\u240dd"
    assert visible_line("a\nb\tc") == "a b c"


def message(text: str, role: str = "user", **fields: Any) -> Message:
    return Message.from_text(role, text, **fields)


def test_selection_keeps_system_messages_and_the_newest_others_in_order() -> None:
    chat = [
        message("s1", "system"),
        message("a"),
        message("b"),
        message("s2", "system"),
        message("c"),
    ]

    def sent(most: int | None) -> list[str]:
        return [m.text for m in messages_to_send(chat, most)]

    assert sent(None) == sent(5) == sent(9) == ["s1", "a", "b", "s2", "c"]
    assert sent(4) == ["s1", "b", "s2", "c"]
    assert sent(3) == ["s1", "s2", "c"]
    assert sent(1) == ["s1", "s2", "c"]


def test_what_failed_or_is_empty_is_not_sent_but_hidden_context_is() -> None:
    chat = [
        message("failed", status="failed"),
        Message(id="e"),
        message("context", hidden=True),
        message("stopped", "assistant", status="stopped"),
        message("q"),
    ]
    assert [m.text for m in messages_to_send(chat, None)] == ["context", "stopped", "q"]


@pytest.mark.parametrize(
    ("value", "moment"),
    [
        ("2026-11-20T22:14:00.123Z", MOMENT),
        ("2026-11-20T23:14:00.123+01:00", MOMENT),
        ("2026-11-20T22:14:00.123", MOMENT),
        (MOMENT.timestamp(), MOMENT),
        (MOMENT.timestamp() * 1000, MOMENT),
        (None, None),
        (True, None),
        ("yesterday", None),
        ("", None),
        (1e300, None),
        (float("nan"), None),
        ("0001-01-01T00:00:00+23:00", None),
        ([], None),
    ],
)
def test_times_are_read_or_are_none(value: object, moment: datetime | None) -> None:
    assert parse_time(value) == moment


@given(st.datetimes(timezones=st.just(UTC)))
def test_times_survive_writing(moment: datetime) -> None:
    assert parse_time(format_time(moment)) == moment


@pytest.mark.parametrize("zone", ["Asia/Tokyo", "America/New_York"])
def test_the_ends_of_the_calendar_have_a_local_time_everywhere(
    monkeypatch: pytest.MonkeyPatch, zone: str
) -> None:
    with monkeypatch.context() as patched:
        patched.setenv("TZ", zone)
        time.tzset()
        for moment in (datetime.min, datetime.max):
            assert as_local(moment.replace(tzinfo=UTC)).year in (1, 9999)
        assert as_local(datetime(2026, 11, 20, tzinfo=UTC)).utcoffset()
    time.tzset()


class OtherMoment(datetime):
    """As other libraries have."""


@pytest.mark.parametrize("zone", [UTC, None, timezone(timedelta(hours=2))])
def test_moments_of_other_classes_are_written_as_well(zone: tzinfo | None) -> None:
    moment = OtherMoment(2026, 11, 20, 22, 14, 0, 123000, zone)
    hour = 20 if zone not in (UTC, None) else 22
    assert format_time(moment) == f"2026-11-20T{hour}:14:00.123Z"


def test_each_moment_is_later_than_the_one_before() -> None:
    moments = [now() for _ in range(2000)]
    assert all(before < after for before, after in pairwise(moments))


def test_times_are_written_in_utc_with_as_few_digits_as_they_need() -> None:
    assert format_time(MOMENT) == "2026-11-20T22:14:00.123Z"
    exact = MOMENT + timedelta(microseconds=456)
    assert format_time(exact) == "2026-11-20T22:14:00.123456Z"
    assert as_utc(MOMENT.astimezone(timezone(timedelta(hours=5)))) == MOMENT
    assert now().tzinfo is UTC
    assert from_epoch(0) == datetime(1970, 1, 1, tzinfo=UTC)


@pytest.mark.parametrize(
    "bad", ["", ".", "..", "a/b", "a b", "-a", "_a", "ä", "a\n", "a" * 129, 5, None]
)
def test_what_is_no_id_is_refused(bad: object) -> None:
    assert not is_id(bad)
    with pytest.raises(InvalidId):
        check_id(bad)


def test_new_ids_are_unique_valid_and_sort_as_they_were_made() -> None:
    ids = [new_id() for _ in range(2000)]
    assert len(set(ids)) == 2000
    assert all(map(is_id, ids))
    assert ids == sorted(ids)


@given(st.text())
def test_any_name_makes_an_id(name: str) -> None:
    assert is_id(id_from_name(name))
