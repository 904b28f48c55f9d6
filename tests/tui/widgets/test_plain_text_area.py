from __future__ import annotations

import random

import pytest
from example_counts import examples
from hypothesis import example, given
from hypothesis import strategies as st
from textual.app import App, ComposeResult
from textual.document._document import Document
from textual.document._wrapped_document import WrappedDocument
from textual.widgets import TextArea

from tui_sessions.tui.widgets import line_breaks, tabbed_breaks
from tui_sessions.tui.widgets.plain_text_area import PlainTextArea
from tui_sessions.tui.widgets.wrapped_text import WrappedText

_PIECES = ["a", "bc", "word", "a-very-long-word" * 3, "x" * 40, "(", ")", "\t", "\x07"]
_PIECES += [" ", "  ", " " * 15, "\u3000", "\xa0", "é", "e\u0301", "漢字"]
_PIECES += ["\u2764\ufe0f", "\U0001f469\u200d\U0001f680"]
_PIECES += ["\u26a0\ufe0f ", "\u2764\ufe0f" * 9, "\U0001f469\u200d\U0001f680" * 12]
_PIECES += ["\u200d", "\ufe0f", "\u0301"]
_texts = st.lists(st.sampled_from([*_PIECES, "\n"]), max_size=30).map("".join)
_edits = st.lists(st.tuples(st.floats(0, 1), st.integers(0, 12), _texts), max_size=6)


class AreaApp(App[None]):
    def compose(self) -> ComposeResult:
        yield PlainTextArea()

    @property
    def area(self) -> PlainTextArea:
        return self.query_one(PlainTextArea)


def _same(own: WrappedText, textual: WrappedDocument) -> None:
    assert own._wrap_offsets == textual._wrap_offsets
    assert own._tab_width_cache == textual._tab_width_cache
    assert own._offset_to_line_info == textual._offset_to_line_info
    assert own._line_index_to_offsets == textual._line_index_to_offsets
    assert own.height == textual.height


@examples(60)
@given(_texts, _edits, st.integers(2, 20))
@example("a" * 90, [(0.5, 0, " ")], 10)
@example("\t" + 48 * "w" + 15 * " " + 12 * "👩\u200d🚀", [(0.875, 0, "\t")], 20)
@example("word " * 30, [(0.5, 0, "x"), (0.2, 3, "")], 10)
def test_lines_are_broken_as_by_textual_at_first_and_after_each_edit(text, edits, width):
    document = Document(text)
    own = WrappedText(document, width)
    _same(own, WrappedDocument(document, width))
    for where, removed, inserted in edits:
        index = int(where * len(document.text))
        start = _location(document, index)
        end = _location(document, min(index + removed, len(document.text)))
        done = document.replace_range(start, end, inserted)
        own.wrap_range(start, end, done.end_location)
        _same(own, WrappedDocument(document, width))


@examples(80)
@given(
    st.lists(st.sampled_from(["\t", "\t", " ", "ab", "word", "é", "漢", "\u093e"]), max_size=400),
    st.lists(
        st.tuples(st.floats(0, 1), st.integers(0, 3), st.sampled_from(["", "x", "\t", " \t"]))
    ),
    st.integers(12, 40),
)
def test_a_line_with_tabs_is_broken_as_by_textual_after_each_edit(pieces, edits, width):
    document = Document("".join(pieces))
    own = WrappedText(document, width)
    for where, removed, inserted in edits:
        index = int(where * len(document.text))
        start, end = (0, index), (0, min(index + removed, len(document.text)))
        done = document.replace_range(start, end, inserted)
        own.wrap_range(start, end, done.end_location)
        _same(own, WrappedDocument(document, width))


async def test_a_key_in_a_long_line_with_tabs_looks_only_at_what_is_around(monkeypatch):
    read: list[int] = []
    compute = tabbed_breaks.compute_wrap_offsets

    def noted(text: str, *arguments, **options):
        read.append(len(text))
        return compute(text, *arguments, **options)

    app = AreaApp()
    async with app.run_test(size=(60, 14)) as pilot:
        app.area.focus()
        words = ["word ", "other\t", "and ", "\t", "several more ", "a\t"]
        app.area.load_text("".join(random.Random(3).choices(words, k=20_000)))
        await pilot.press("x", "pagedown")
        for module in (tabbed_breaks, line_breaks):
            monkeypatch.setattr(module, "compute_wrap_offsets", noted)
        monkeypatch.setattr(TextArea, "_render_line", None)  # it would draw the whole line
        await pilot.press("y", "tab", "backspace", "left", "home", "z")
        assert app.area.text.count("y") == app.area.text.count("z") == 1
        assert len(read) >= 4
        assert max(read) < len(app.area.text) / 4


async def test_lines_are_joined_once_for_all_rows_that_are_drawn(monkeypatch):
    joined: list[None] = []
    join = Document.text.fget

    def noted(document):
        joined.append(None)
        return join(document)

    app = AreaApp()
    async with app.run_test(size=(60, 14)) as pilot:
        app.area.focus()
        app.area.load_text("a line\n" * 1000)
        await pilot.pause()
        monkeypatch.setattr(Document, "text", property(noted))
        await pilot.press("x")
        await pilot.pause()
        assert app.area.text.startswith("xa line")
        assert len(joined) == 1


def _location(document: Document, index: int) -> tuple[int, int]:
    before = document.text[:index].split("\n")
    return len(before) - 1, len(before[-1])


@pytest.mark.parametrize("seed", range(12))
async def test_long_lines_are_drawn_as_textual_draws_them(seed: int):
    chance = random.Random(seed)
    app = AreaApp()
    async with app.run_test(size=(30, 14)) as pilot:
        area = app.area
        area.focus()
        area.load_text("".join(chance.choices([*_PIECES, "word ", "and ", "\n"], k=150)))
        await pilot.pause()
        for _ in range(12):
            places = [_location(area.document, chance.randrange(len(area.text))) for _ in "ab"]
            area.move_cursor(places[0])
            area.move_cursor(places[1], select=chance.random() < 0.5)
            if chance.random() < 0.3:
                area.insert("(more words) ")
            for y in range(area.size.height):
                assert area._render_line(y) == TextArea._render_line(area, y)


async def test_the_partner_of_a_bracket_in_a_long_line_is_marked():
    app = AreaApp()
    async with app.run_test(size=(30, 14)):
        area = app.area
        area.load_text("(" + "word " * 12 + ") and more words")
        area.move_cursor((0, 61))
        drawn = [area._render_line(y) for y in range(5)]
        assert drawn == [TextArea._render_line(area, y) for y in range(5)]
        assert area.matching_bracket_location == (0, 0)
