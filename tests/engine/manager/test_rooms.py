"""The rooms that the manager's face is made of stand side by side."""

from collections import Counter

from tui_sessions import SessionManager
from tui_sessions.engine.manager.room import Room


def test_every_room_stands_on_the_base_and_on_no_other_room() -> None:
    assert {room.__bases__ for room in SessionManager.__bases__} == {(Room,)}


def test_no_room_hides_what_another_defines() -> None:
    places = [*SessionManager.__bases__, SessionManager, Room]
    names = Counter(name for place in places for name in vars(place) if not name.startswith("__"))
    assert [name for name, count in names.items() if count > 1] == []
