from __future__ import annotations

import re

import pytest
from example_counts import examples
from hypothesis import example, given
from hypothesis import strategies as st
from rich._wrap import divide_line
from rich.cells import get_character_cell_size

from tui_sessions.tui.widgets.row_reach import NARROW, WIDE, row_reach
from tui_sessions.tui.widgets.transcript.row_breaks import row_breaks
from tui_sessions.tui.widgets.transcript.wrapping import break_offsets

_JOINED = "\U0001f469\u200d\U0001f680"
_PIECES = ["a", "bc", "word", "a-very-long-word" * 3, "x" * 40, "-", " ", "  ", " " * 15]
_PIECES += ["\u3000", "\xa0", "é", "e\u0301", "漢字", "漢" * 30, "、", "かな" * 9, "שלום", "😀"]
_PIECES += ["\u0301", " \u0301 ", "\u2764\ufe0f", "\u26a0\ufe0f ", "\u200d", "\ufe0f", "a\u200db"]
_PIECES += [_JOINED, _JOINED * 12]
_lines = st.lists(st.sampled_from(_PIECES), max_size=40).map("".join)


@examples(200)
@given(_lines, st.integers(2, 60))
@example(" " * 20 + "漢字" * 20, 10)
@example("é " + _JOINED * 40 + " é", 7)
@example("été " * 2000, 60)
def test_a_line_is_broken_as_by_rich(line, width):
    assert row_breaks(line, width) == divide_line(line, width)


@given(_lines, st.integers(0, 60), st.integers(0, 10))
def test_a_row_is_filled_as_character_by_character(line, width, row):
    row, room = min(row, len(line)), width
    for place in range(row, len(line)):
        room -= get_character_cell_size(line[place])
        if room < 0:
            assert row_reach(line, row, width) == place
            return
    assert row_reach(line, row, width) == len(line)


@pytest.mark.parametrize(("characters", "cells"), [(NARROW, 1), (WIDE, 2)], ids=["one", "two"])
def test_what_is_taken_for_even_takes_so_many_cells(characters, cells):
    taken = [char for char in map(chr, range(0x110000)) if re.fullmatch(characters, char)]
    assert len(taken) > 200
    assert {get_character_cell_size(char) for char in taken} == {cells}


def test_words_of_a_very_long_line_stay_whole():
    line = "überaus lange Zeilen " * 1000
    starts = [0, *break_offsets(line, 50)]
    assert all(line[start - 1 : start] in ("", " ") for start in starts)
