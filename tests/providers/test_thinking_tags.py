"""Thinking between tags is told apart, however the stream is cut."""

from __future__ import annotations

from itertools import groupby

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tui_sessions import ThinkingDelta
from tui_sessions.providers.library.thinking_tags import ThinkingTags


def read(pieces: list[str]) -> list[tuple[bool, str]]:
    """What comes out: whether it is thinking, and the text that belongs together."""
    tags = ThinkingTags()
    parts = [part for piece in pieces for part in tags.read(piece)] + list(tags.rest())
    assert all(part.text for part in parts)
    kinds = groupby(parts, key=lambda part: isinstance(part, ThinkingDelta))
    return [(thinks, "".join(part.text for part in group)) for thinks, group in kinds]


WHOLE = [
    ("<think>hm</think>\n\nYes.", [(True, "hm"), (False, "Yes.")]),
    ("\n <think>a < b</think>c</think>", [(True, "a < b"), (False, "c</think>")]),
    ("Write <think>x</think>.", [(False, "Write <think>x</think>.")]),
    ("<thin", [(False, "<thin")]),
    ("<think>never ends </thi", [(True, "never ends </thi")]),
    ("<think></think>", []),
    ("  indented", [(False, "  indented")]),
    (" \n ", [(False, " \n ")]),
    ("", []),
]


@pytest.mark.parametrize(("text", "expected"), WHOLE)
def test_one_character_after_the_other_reads_as_the_whole(
    text: str, expected: list[tuple[bool, str]]
) -> None:
    assert read([text]) == expected
    assert read(list(text)) == expected


@given(st.lists(st.sampled_from(["<", "<think>", "</", "think>", "</think>", "a", " ", "\n"])))
def test_every_way_of_cutting_reads_the_same(pieces: list[str]) -> None:
    assert read(pieces) == read(["".join(pieces)])
