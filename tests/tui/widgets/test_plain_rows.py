from __future__ import annotations

from itertools import pairwise

from hypothesis import given, settings
from hypothesis import strategies as st
from transcript_samples import message

from tui_sessions.model.message import ThinkingPart
from tui_sessions.model.visible import visible
from tui_sessions.tui.widgets.transcript import plain_rows
from tui_sessions.tui.widgets.transcript.message_lines import Setting, message_lines
from tui_sessions.tui.widgets.transcript.plain_rows import PlainRows
from tui_sessions.tui.widgets.transcript.wrapping import break_offsets

_texts = st.text(alphabet="ab é漢\t\n\x1b", max_size=200)


def _expected(text: str, width: int) -> list[tuple[str, str, str | None]]:
    """What is drawn of each row, what joins it to the next, and what is copied instead."""
    rows = []
    for line in text.split("\n"):
        expanded = line.expandtabs(4)
        cuts = [0, *break_offsets(expanded, width), len(expanded)]
        for start, end in pairwise(cuts):
            drawn = expanded[start:end].rstrip()
            ends = end == len(expanded)
            joint = "\n" if ends else expanded[start + len(drawn) : end]
            source = line if ends and not start and "\t" in line else None
            rows.append((drawn, joint, source))
    return rows


@settings(max_examples=200, deadline=None)
@given(_texts, st.integers(4, 40))
def test_rows_are_those_of_the_text_whatever_the_order_they_are_asked_for_in(text, width):
    text = visible(text)
    rows = PlainRows(text, width)
    backwards = [rows[place] for place in reversed(range(len(rows)))]
    assert [*rows] == [*reversed(backwards)]
    assert [(line.content.plain, line.joint, line.source) for line in rows] == _expected(
        text, width
    )


def test_of_a_long_message_only_the_lines_that_are_asked_for_are_made(monkeypatch):
    made = []

    class Counted(plain_rows.Line):
        def __post_init__(self):
            made.append(self)

    value = message(0, ThinkingPart("short"), "Many words é of it. " * 20_000)
    whole = [line.content.plain for line in message_lines(value, Setting(50), ())]
    monkeypatch.setattr(plain_rows, "Line", Counted)
    lines = message_lines(value, Setting(50), ())
    assert not made
    assert len(lines) == len(whole) > 5000
    assert [line.content.plain for line in lines[-30:]] == whole[-30:]
    assert lines[-1] is lines[len(lines) - 1]
    assert lines[2000] is lines[2000]
    assert lines[2000].content.plain == whole[2000]
    assert 0 < len(made) <= 31
