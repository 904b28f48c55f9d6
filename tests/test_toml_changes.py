"""TOML texts that get other values."""

from __future__ import annotations

import tomllib
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tui_sessions.toml_changes import changed_toml

WRITTEN = '''\
# A pirate.
description = "Talks"  # of treasure

[agent]
# The captain said so.
model = "m"
system_prompt = """
Talk like
a pirate.
"""
parameters = {temperature = 0.7}  # hot
'''
BEFORE = (
    "",
    WRITTEN,
    "agent.model = 'x' # dotted\nagent.parameters.top_p = 1\n",
    "[agent]\nmodel = 'x'\n[other]\na = 1\n[agent.parameters]\nb = 2\n",
    "[agent.parameters]\n# deep\na = 1\n",
    "agent = {model = 'x'}\r\n# end",
)
values = st.recursive(
    st.text(st.sampled_from('a"\\\n\r\té日\x00\x1b\u2028')) | st.integers(0, 9) | st.booleans(),
    lambda inner: st.lists(inner, max_size=2) | st.dictionaries(st.text(max_size=3), inner),
    max_leaves=5,
)


def test_comments_order_and_manner_stay() -> None:
    wanted: dict[str, Any] = tomllib.loads(WRITTEN)
    assert changed_toml(WRITTEN, wanted) == WRITTEN
    wanted["agent"] |= {"model": "n", "parameters": {"temperature": 0.9}}
    new = changed_toml(WRITTEN, wanted)
    assert new == WRITTEN.replace('"m"', '"n"').replace("0.7", "0.9")


def test_lines_stay_lines() -> None:
    new = changed_toml("", {"agent": {"system_prompt": "One\nTwo\n"}})
    assert new == '[agent]\nsystem_prompt = """\nOne\nTwo\n"""\n'


@given(st.sampled_from(BEFORE), st.dictionaries(st.sampled_from(("agent", "a b", "c")), values))
def test_whatever_is_written_is_read_again(before: str, wanted: dict[str, Any]) -> None:
    new = changed_toml(before, wanted)
    assert tomllib.loads(new) == wanted
    assert changed_toml(new, wanted) == new


def test_what_has_no_word_is_refused() -> None:
    with pytest.raises((TypeError, ValueError)):
        changed_toml("a = 1", {"a": None})
