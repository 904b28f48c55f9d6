"""Queries: what is typed, taken apart; nothing that is typed makes it fail."""

import contextlib
import time
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from tui_sessions.errors import InvalidValue
from tui_sessions.model.query import Filter, SearchQuery, Word, parse_query

NOON = datetime(2026, 11, 20, 12, tzinfo=UTC)


def words(text: str, **options: bool) -> list[tuple[str, bool, bool]]:
    return [(w.text, w.phrase, w.prefix) for w in parse_query(text, **options).words]


def test_words_phrases_beginnings_and_what_may_not_be_there_are_told_apart() -> None:
    query = parse_query('parser "off by one" lex* -lexer -"two words"')
    assert query.words == (
        Word("parser"),
        Word("off by one", phrase=True),
        Word("lex", prefix=True),
    )
    assert query.without == (Word("lexer"), Word("two words", phrase=True))


def test_the_last_word_may_go_on_while_it_is_typed() -> None:
    assert words("fix pars", as_typed=True) == [("fix", False, False), ("pars", False, True)]
    assert words("fix pars ", as_typed=True)[-1] == ("pars", False, False)
    assert words('fix "pars"', as_typed=True)[-1] == ("pars", True, False)
    assert words("fix pars")[-1] == ("pars", False, False)


def test_filters_are_values_of_their_fields_and_may_be_quoted_or_turned_around() -> None:
    query = parse_query('x role:User workspace:"my lab" -has:code tag:Work')
    assert query.words == (Word("x"),)
    assert query.filters == (
        Filter("role", "user"),
        Filter("workspace", "my lab"),
        Filter("has", "code", negated=True),
        Filter("tag", "Work"),
    )
    assert query.values("has", negated=True) == ["code"]
    assert query.values("has") == []


@pytest.mark.parametrize(
    ("text", "moment"),
    [
        ("7d", NOON - timedelta(days=7)),
        ("12h", NOON - timedelta(hours=12)),
        ("2w", NOON - timedelta(weeks=2)),
        ("2026-11-01", datetime(2026, 11, 1).astimezone()),
        ("2026-11", datetime(2026, 11, 1).astimezone()),
        ("2026", datetime(2026, 1, 1).astimezone()),
        ("2026-11-01T10:00:00Z", datetime(2026, 11, 1, 10, tzinfo=UTC)),
        ("2026-11-01T10:30", datetime(2026, 11, 1, 10, 30).astimezone()),
        ('"2026-11-01 10:30"', datetime(2026, 11, 1, 10, 30).astimezone()),
        ("2026/11/01", datetime(2026, 11, 1).astimezone()),
    ],
)
def test_moments_are_dates_or_ages(text: str, moment: datetime) -> None:
    assert parse_query(f"after:{text}", clock=lambda: NOON).after == moment
    assert parse_query(f"-after:{text}", clock=lambda: NOON).before == moment


def test_an_hour_without_a_zone_is_one_of_the_place_where_the_person_is(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    with monkeypatch.context() as patched:
        patched.setenv("TZ", "Asia/Tokyo")
        time.tzset()
        query = parse_query("after:2026-11-01T10:30 before:2026-11-02T10:30Z")
    time.tzset()
    assert query.after == datetime(2026, 11, 1, 1, 30, tzinfo=UTC)
    assert query.before == datetime(2026, 11, 2, 10, 30, tzinfo=UTC)


def test_today_begins_at_midnight_and_yesterday_a_day_before() -> None:
    query = parse_query("after:yesterday before:today")
    assert query.before is not None
    assert query.after is not None
    assert query.before.astimezone().hour == 0
    assert timedelta(hours=22) < query.before - query.after < timedelta(hours=26)


@pytest.mark.parametrize("text", ["before:2026-11-01 before:2026-10-01", "before:2026-10-01"])
def test_of_several_moments_the_narrowest_counts(text: str) -> None:
    assert parse_query(text).before == datetime(2026, 10, 1).astimezone()


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("role:me", "role cannot be 'me'; valid: system, user, assistant, tool."),
        ("has:", "has cannot be ''; valid: code, tool, image, file, thinking."),
        ("state:gone", "valid: created, active, paused, suspended, archived, expired."),
        ("after:soon", "a date as 2026-11-01"),
        ("after:2026-13-01", "a date as 2026-11-01"),
        ("before:999999y", "a date as 2026-11-01"),
        ("tag:", "as in tag:name"),
    ],
)
def test_a_filter_with_a_bad_value_says_what_would_be_valid(text: str, said: str) -> None:
    with pytest.raises(InvalidValue) as raised:
        parse_query(text)
    assert said in str(raised.value)


@pytest.mark.parametrize("text", ["http://a.b/c", "std::vector", "--verbose", "->", "a-b", "foo:"])
def test_what_only_looks_like_a_filter_or_a_minus_is_a_word(text: str) -> None:
    assert words(text) == [(text, False, False)]


def test_where_there_are_no_filters_they_are_words() -> None:
    assert words("role:user", filters=False) == [("role:user", False, False)]


def test_nothing_is_an_empty_query() -> None:
    assert not parse_query("  ")
    assert parse_query("-x")
    assert parse_query("role:user")
    assert not SearchQuery()


def test_an_endless_query_is_cut() -> None:
    assert len(parse_query(" ".join(f"w{n}" for n in range(10_000))).words) < 100


_PIECES = st.sampled_from(
    ['"', "-", "*", ":", " ", "role:", "has:code", "after:7d", "before:", "\x00", "\ud800", "東"]
)


@given(st.lists(st.one_of(_PIECES, st.text(max_size=8)), max_size=30).map("".join))
@example('-"-"-*:"')
@example("after:" + "9" * 5000 + "d")
def test_any_text_is_a_query_or_a_clear_error(text: str) -> None:
    query = SearchQuery()
    with contextlib.suppress(InvalidValue):
        query = parse_query(text, as_typed=True)
    assert all(word.text for word in (*query.words, *query.without))
