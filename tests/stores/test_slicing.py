"""A huge document is decoded in slices, to the same as otherwise."""

from __future__ import annotations

import json
from typing import Any

import msgspec
import pytest

from tui_sessions.stores import slicing


@pytest.fixture(autouse=True)
def _all_are_huge(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(slicing, "_HUGE", 0)


@pytest.mark.parametrize(
    "value",
    [
        {"a": 1, "chats": [{"id": "c", "messages": [{"id": n} for n in range(250)], "z": [2]}, {}]},
        {"chats": []},
        {"chats": {"messages": 1}},
        {"chats": [{"messages": {"not": "a list"}}]},
        {"chats": [1, None]},
        {"no": "chats"},
        [1, 2],
        "text",
    ],
)
def test_the_value_and_the_order_of_its_keys_are_the_same(value: Any) -> None:
    text = json.dumps(value).encode()
    assert json.dumps(slicing.decoded(text)) == json.dumps(msgspec.json.decode(text))


@pytest.mark.parametrize(
    "text",
    [
        b'{"chats": [{"messages": [{"id": "\xff"}]}]}',
        b'{"chats": [{"messages": [{"id": 1}]}]',
        b'{"chats": [{"messages": [{"id": nul}]}]}',
    ],
)
def test_what_is_wrong_with_a_text_is_told_as_for_the_whole(text: bytes) -> None:
    with pytest.raises((msgspec.DecodeError, ValueError)) as whole:
        msgspec.json.decode(text)
    with pytest.raises(type(whole.value)) as sliced:
        slicing.decoded(text)
    assert str(sliced.value) == str(whole.value)
