from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from tui_sessions.tui.widgets.transcript.heights import Heights

_heights = st.lists(st.integers(1, 50), min_size=1, max_size=600)


@given(_heights, st.lists(st.tuples(st.integers(0, 599), st.integers(1, 90)), max_size=20))
def test_sums_stay_right_under_corrections(heights, corrections):
    sums = Heights()
    for height in heights:
        sums.append(height)
    for place, height in corrections:
        if place < len(heights):
            sums[place] = heights[place] = height
    assert sums.total == sum(heights)
    assert [sums.top(place) for place in range(0, len(heights), 97)] == [
        sum(heights[:place]) for place in range(0, len(heights), 97)
    ]


@given(_heights, st.integers(0, 30_000))
def test_a_line_is_found_in_its_message(heights, line):
    sums = Heights(heights)
    index, offset = sums.find(line)
    assert 0 <= offset < heights[index]
    if line < sums.total:
        assert sums.top(index) + offset == line
    else:
        assert (index, offset) == (len(heights) - 1, heights[-1] - 1)
