from __future__ import annotations

from itertools import pairwise

from example_counts import examples
from hypothesis import given
from hypothesis import strategies as st
from transcript_samples import message

from tui_sessions.model.message import ThinkingPart
from tui_sessions.model.visible import visible
from tui_sessions.tui.widgets.transcript import code, plain_rows, styled_rows, table
from tui_sessions.tui.widgets.transcript.message_lines import Setting, message_lines
from tui_sessions.tui.widgets.transcript.plain_rows import PlainRows
from tui_sessions.tui.widgets.transcript.tabs import TabbedRow
from tui_sessions.tui.widgets.transcript.wrapping import break_offsets

_texts = st.text(alphabet="ab é漢\t\n\x1b", max_size=200)


def _expected(text: str, width: int) -> list[str]:
    """What is drawn of each row."""
    rows = []
    for line in text.split("\n"):
        expanded = line.expandtabs(4)
        cuts = [0, *break_offsets(expanded, width), len(expanded)]
        rows += [expanded[start:end].rstrip() for start, end in pairwise(cuts)]
    return rows


@given(_texts, st.integers(4, 40))
def test_rows_are_those_of_the_text_whatever_the_order_they_are_asked_for_in(text, width):
    text = visible(text)
    rows = PlainRows(text, width)
    backwards = [rows[place] for place in reversed(range(len(rows)))]
    assert [*rows] == [*reversed(backwards)]
    assert [line.content.plain for line in rows] == _expected(text, width)


@examples(60)
@given(_texts, st.integers(4, 40))
def test_what_is_copied_is_what_was_written(text, width):
    text = visible(text)
    rows = PlainRows(text, width)
    copied = "".join((line.source or line.content.plain) + line.joint for line in rows)
    written = [line.rstrip() for line in text.split("\n")]
    assert [line.rstrip() for line in copied.removesuffix("\n").split("\n")] == written


@examples(60)
@given(st.text(alphabet="ab é\t", max_size=80), st.integers(0, 90), st.integers(0, 90))
def test_a_part_of_a_row_with_tabs_is_the_part_that_is_drawn_there(row, one, other):
    start, end = sorted((one, other))
    part = TabbedRow(row).written(start, end)
    assert part in row
    drawn = row.expandtabs(4)[start:end]
    assert "".join(part.split()) == "".join(drawn.split())


def test_of_long_markdown_only_the_lines_that_are_asked_for_are_made(monkeypatch):
    made = []

    class Counted(plain_rows.Line):
        def __post_init__(self):
            made.append(self)

    words = "Many words of *it*, " * 20
    table_text = "| a | b |\n|--|--|\n" + "| one | `two` |\n" * 100
    code_text = "```py\n" + "x = 1\n" * 100 + "```"
    blocks = [words, f"- {words}\n- {words}", f"> {words}", table_text, f"## {words}", code_text]
    value = message(0, "\n\n".join(blocks * 5))
    whole = [line.content for line in message_lines(value, Setting(50), ())]
    for module in (code, plain_rows, styled_rows, table):
        monkeypatch.setattr(module, "Line", Counted)
    lines = message_lines(value, Setting(50), ())
    assert len(made) <= 5  # the languages of the code
    assert [line.content for line in lines] == whole
    assert len(made) > 1000


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
