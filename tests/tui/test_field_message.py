"""Messages that only say which fields they have."""

from __future__ import annotations

from typing import Any, cast

import pytest

from tui_sessions.tui.field_message import FieldMessage


class Said(FieldMessage):
    text: str
    loud: bool = False


class SaidTwice(Said):
    again: str = ""


def test_the_fields_come_in_their_order_or_by_name():
    said = Said("hello")
    assert (said.text, said.loud) == ("hello", False)
    assert Said(text="hello", loud=True).loud
    twice = SaidTwice("a", True, "b")
    assert (twice.text, twice.loud, twice.again) == ("a", True, "b")
    assert said.handler_name == "on_said"
    assert not said.is_forwarded


@pytest.mark.parametrize(
    ("values", "named"),
    [((), {}), (("a", True, "b"), {}), (("a",), {"text": "b"}), (("a",), {"other": 1})],
)
def test_fields_that_are_missing_or_too_many_are_refused(values, named):
    with pytest.raises(TypeError, match="Said takes text, loud"):
        cast(Any, Said)(*values, **named)
