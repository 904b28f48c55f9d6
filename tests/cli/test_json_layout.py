"""How `--json` lays its documents out."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tui_sessions.cli.output import json_text

_TEXT = st.text(st.characters(min_codepoint=32, max_codepoint=126))
_VALUES = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats(allow_nan=False, allow_infinity=False)
    | _TEXT,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(_TEXT, inner, max_size=3),
    max_leaves=10,
)


@given(_VALUES)
def test_documents_are_laid_out_as_pythons_json_does(value: object) -> None:
    assert json_text(value, 2) == json.dumps(value, indent=2)


@given(_VALUES)
def test_plain_values_that_are_written_sooner_are_the_same(value: object) -> None:
    sooner, usual = (json_text(value, 2, plain=plain) for plain in (True, False))
    assert json.loads(sooner) == value
    assert sooner.count("\n") == usual.count("\n")


@pytest.mark.parametrize("plain", [True, False])
@pytest.mark.parametrize("text", ["\x9b31m", "\u202e", "\ud800", "\x7f", "\u2028"])
def test_what_a_terminal_would_obey_is_escaped_and_read_back(text: str, plain: bool) -> None:
    written = json_text({"label": text, text: [text]}, 2, plain=plain)
    assert text not in written
    assert json.loads(written) == {"label": text, text: [text]}
