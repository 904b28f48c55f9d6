"""The table of where sessions are, beside an ordinary dictionary."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from tui_sessions.stores import place_table
from tui_sessions.stores.place_table import PlaceTable

KEYS = st.sampled_from([f"s{number}" for number in range(30)])
STEPS = st.lists(st.tuples(KEYS, st.sampled_from(["", "dev", "other", "third"])), max_size=60)


@given(STEPS)
def test_it_knows_what_a_dictionary_would_know(steps):
    table, places = PlaceTable(), {}
    for session_id, workspace_id in steps:
        if workspace_id:
            table.put([(session_id, workspace_id)])
            places[session_id] = workspace_id
        else:
            table.forget(session_id)
            places.pop(session_id, None)
    assert {f"s{n}": table.get(f"s{n}") for n in range(30) if table.get(f"s{n}")} == places


def test_it_grows_and_loses_nothing():
    table = PlaceTable()
    table.put((f"s{number}", f"w{number % 70}") for number in range(5000))
    assert all(table.get(f"s{number}") == f"w{number % 70}" for number in range(5000))
    assert table.get("s5000") is None


def test_of_more_workspaces_than_it_can_tell_apart_it_knows_the_first(monkeypatch):
    monkeypatch.setattr(place_table, "_MOST_WORKSPACES", 2)
    table = PlaceTable()
    table.put((f"in-{name}", name) for name in ("a", "b", "c"))
    assert [table.get(f"in-{name}") for name in ("a", "b", "c")] == ["a", "b", None]
