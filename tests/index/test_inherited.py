"""What forks inherited, where their parents may not be found."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime

import pytest
from example_counts import examples
from hypothesis import HealthCheck, given
from hypothesis import strategies as st

from tui_sessions import Message, TextPart
from tui_sessions.index.base import ChatText, InheritedText, Scope, SessionText
from tui_sessions.index.full_text import TantivyIndex
from tui_sessions.model.query import parse_query

NOON = datetime(2026, 11, 20, 12, tzinfo=UTC)
NAMES = "abcdef"
IDS = st.lists(st.sampled_from(["m1", "m2", "m3", "m4"]), max_size=4, unique=True)


@pytest.fixture
def index() -> Iterator[TantivyIndex]:
    made = TantivyIndex()
    made.open()
    yield made
    made.close()


@st.composite
def families(draw: st.DrawFn) -> list[SessionText]:
    """Sessions of which some are forks of others, be it in a circle."""
    return [
        SessionText(
            session_id=name,
            workspace_id="w",
            stamp=str(draw(st.integers())),
            title="",
            time=NOON,
            chats=[
                ChatText(
                    chat_id=chat,
                    messages=[
                        Message(id=each, role="user", content=(TextPart("needle"),))
                        for each in draw(IDS)
                    ],
                )
                for chat in ("c1", "c2")
            ],
            parent_id=draw(st.sampled_from([None, *NAMES])),
            inherited=[
                InheritedText(chat_id=chat, shared=draw(IDS), own=draw(IDS))
                for chat in ("c1", "c2")
            ],
        )
        for name in NAMES
    ]


@given(families(), st.frozensets(st.sampled_from(NAMES)))
@examples(30, HealthCheck.function_scoped_fixture)
def test_what_is_not_on_the_page_is_counted_as_if_it_were(
    index: TantivyIndex, family: list[SessionText], hidden: frozenset[str]
) -> None:
    index.write(family, [])
    index.settle()
    query, scope = parse_query("needle"), Scope(not_sessions=hidden)

    shown = index.find(query, scope, 500, 0)
    page = index.find(query, scope, 2, 1)

    assert len(shown.passages) == shown.total == page.total
    assert [passage for _, passage in page.passages] == [
        passage for _, passage in shown.passages[1:3]
    ]
