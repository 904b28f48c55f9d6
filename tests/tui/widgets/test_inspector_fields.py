from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tui_sessions.errors import InvalidValue
from tui_sessions.tui.widgets.inspector.field import (
    duration_text,
    metadata_text,
    parse_field,
    parse_named,
)


@pytest.mark.parametrize(
    ("field", "text", "value"),
    [
        ("label", " A name ", "A name"),
        ("tags", "a, b,,a , c", ("a", "b", "c")),
        ("tags", "", ()),
        ("model", "  ", None),
        ("model", "sonnet", "sonnet"),
        ("system_prompt", "Be\nbrief.\n", "Be\nbrief."),
        ("temperature", "0", 0.0),
        ("temperature", " 2.0 ", 2.0),
        ("temperature", "", None),
        ("max_tokens", "4_000", 4000),
        ("max_tokens", "", None),
        ("max_messages", "1", 1),
        ("ttl_s", "90", 90.0),
        ("ttl_s", "1.5h", 5400.0),
        ("ttl_s", "7 D", 604_800.0),
        ("ttl_s", "", None),
        ("metadata", "plain text", "plain text"),
        ("metadata", "3", 3),
        ("metadata", '{"a": [1]}', {"a": [1]}),
        ("metadata", "NaN", "NaN"),
        ("provider", " openai ", "openai"),
        ("parameter", "0.9", 0.9),
    ],
)
def test_what_is_typed_becomes_a_value(field: str, text: str, value: object) -> None:
    assert parse_field(field, text) == value


@pytest.mark.parametrize(
    ("field", "text"),
    [
        ("label", "  "),
        ("provider", ""),
        ("temperature", "2.1"),
        ("temperature", "-0.1"),
        ("temperature", "nan"),
        ("temperature", "warm"),
        ("max_tokens", "0"),
        ("max_tokens", "-3"),
        ("max_tokens", "1.5"),
        ("max_tokens", "9" * 5000),
        ("max_messages", "²"),
        ("ttl_s", "0"),
        ("ttl_s", "soon"),
        ("ttl_s", "9" * 400 + "d"),
    ],
)
def test_what_is_not_allowed_is_refused(field: str, text: str) -> None:
    with pytest.raises(InvalidValue):
        parse_field(field, text)


def test_new_metadata_has_a_name_and_a_value() -> None:
    assert parse_named("metadata", " ticket = AB=12 ") == ("ticket", "AB=12")
    for text in ("ticket", "= 3", "ticket =", ""):
        with pytest.raises(InvalidValue):
            parse_named("metadata", text)


def json_values() -> st.SearchStrategy[object]:
    leaves = st.none() | st.booleans() | st.integers() | st.text()
    return st.recursive(
        leaves, lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner), max_leaves=8
    )


@given(json_values())
def test_a_metadata_value_is_read_as_it_was_written(value: object) -> None:
    assert parse_field("metadata", metadata_text(value)) == value


@given(st.floats(min_value=0.01, max_value=1e9).map(lambda seconds: round(seconds, 2)))
def test_a_time_is_read_about_as_it_was_written(seconds: float) -> None:
    assert parse_field("ttl_s", duration_text(seconds)) == pytest.approx(seconds, rel=1e-5)


@pytest.mark.parametrize(
    ("seconds", "text"), [(3600, "1h"), (5400, "90m"), (90, "90s"), (86_400, "1d"), (0.5, "0.5s")]
)
def test_times_are_written_short(seconds: float, text: str) -> None:
    assert duration_text(seconds) == text
