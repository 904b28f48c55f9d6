from __future__ import annotations

from datetime import UTC, datetime

import pytest
from example_counts import examples
from hypothesis import example, given
from hypothesis import strategies as st
from transcript_samples import TranscriptApp, message, screen_rows, screen_text

from tui_sessions.model.message import (
    FilePart,
    ImagePart,
    OpaquePart,
    SummaryPart,
    ThinkingPart,
    ToolCallPart,
    ToolResultPart,
)
from tui_sessions.tui.widgets.transcript.header import clock_text
from tui_sessions.tui.widgets.transcript.message_lines import Setting, all_folds, message_lines

_HOSTILE = {
    "controls": "\x1b]52;c;aGk=\x07 \x1b[2J \x9b31m \x85 \u202eabc\u2066 \0 \x7f",
    "markup": "[/foo] [red]x [@click=app.quit]y[/]",
    "surrogates": "\ud800 \udfff",
    "entities": "&#27;[2J &#x9b; [a](http://x/&#27;y) ![i](\x1bu)",
    "fence": "```\x1b]52;\x07 py\ncode\x1b[2J\n```",
    "quotes": ">" * 100_000,
    "long line": "x" * 200_000,
    "wide line": "漢" * 50_000,
    "deep list": "\n".join("  " * depth + "- a" for depth in range(200)),
    "brackets": "[" * 20_000,
    "emoji": "👩‍👩‍👧‍👦 e\u0301 🇩🇪 " * 200,
    "table": "|a" * 60 + "|\n" + "|-" * 60 + "|\n" + "|b" * 60 + "|",
}


def _drawn(text: str, width: int = 40, role: str = "assistant") -> list[str]:
    lines = message_lines(message(0, text, role=role), Setting(width), ())
    return [line.content.plain for line in lines[1:-1]]


def _is_safe(char: str) -> bool:
    code = ord(char)
    return not (
        code < 32
        or 0x7F <= code < 0xA0
        or 0xD800 <= code < 0xE000
        or 0x202A <= code <= 0x202E
        or 0x2066 <= code <= 0x2069
    )


@pytest.mark.parametrize("name", _HOSTILE)
@pytest.mark.parametrize("role", ["assistant", "user", "tool"])
def test_hostile_text_draws_only_characters_within_the_width(name, role):
    text = _HOSTILE[name]
    value = message(
        0,
        text,
        ThinkingPart(text),
        ToolCallPart("1", text[:200], {text[:200]: text[:2000]}),
        ToolResultPart("1", text),
        OpaquePart({"type": text[:500]}),
        FilePart(text[:500], text[:500]),
        role=role,
        error=text[:500],
        model=text[:500],
    )
    for line in message_lines(value, Setting(24, text[:200]), all_folds(value)):
        assert all(map(_is_safe, line.content.plain))
        assert line.content.cell_length <= 24


async def test_hostile_text_never_reaches_the_strips_as_control_bytes():
    app = TranscriptApp([message(0, "\n\n".join(list(_HOSTILE.values())[:5]))])
    async with app.run_test(size=(60, 40)):
        for y in range(40):
            for segment in app.transcript.render_line(y):
                assert all(map(_is_safe, segment.text))
                assert not (segment.style and segment.style.link)
                assert not (segment.style and "@click" in segment.style.meta)
        assert "[red]x" in screen_text(app.transcript)


@examples(20)
@given(st.text(alphabet="ab `*_#->|\n\t[]()~1.漢😀\x1b", max_size=120), st.integers(10, 60))
@example("\t1111111111漢漢", 14)
def test_any_text_fits_any_width(text, width):
    for role in ("assistant", "user"):
        for line in message_lines(message(0, text, role=role), Setting(width), ()):
            assert line.content.cell_length <= width
            assert "\n" not in line.content.plain


def test_lists_nest_and_number():
    text = "1. a\n2. b\n   - c\n   - [x] d\n\nend"
    assert _drawn(text) == ["1. a", "2. b", "   ◦ c", "   ☑ d", "", "end"]


def test_links_show_where_they_lead():
    assert _drawn("[a](http://b.c) <http://d.e>", 60) == ["a (http://b.c) http://d.e"]


def test_addresses_and_notes_below_a_text_are_shown():
    text = "See [1] and [docs][2].[^n]\n\n[1]: https://a.b/c\n[2]: https://d.e\n\n[^n]: A note."
    assert _drawn(text, 60) == [
        "See [1] and [docs][2].[^n]",
        "",
        "[1]: https://a.b/c",
        "[2]: https://d.e",
        "",
        "[^n]: A note.",
    ]


def test_tables_are_aligned_and_fit():
    rows = _drawn("| a | n |\n|---|--:|\n| 漢字 | 1 |\n| " + "long " * 20 + "| 22 |", 30)
    assert rows[0].startswith("a ")
    assert rows[2].endswith("│  1")
    assert all(len(row) <= 30 for row in rows)
    assert " ".join(" ".join(row.split("│")[0].strip() for row in rows[3:]).split()) == " ".join(
        ["long"] * 20
    )


def test_what_a_person_typed_stands_as_typed_but_for_code():
    text = "# not a title\n  __init__ *x*\n\n\n```py\nx = 1\n```\nafter"
    rows = _drawn(text, role="user")
    assert rows[:4] == ["# not a title", "  __init__ *x*", "", ""]
    assert [row.strip() for row in rows[4:]] == ["py", "x = 1", "after"]


def test_long_texts_are_shown_as_they_stand_and_cut():
    rows = _drawn("**word** " * 70_000, 100)
    assert rows[0].startswith("**word**")
    assert "more characters" in rows[-1]


def test_html_is_shown_as_text():
    assert _drawn("<b>x</b> <script>") == ["<b>x</b> <script>"]


def test_parts_of_other_kinds_are_one_line_each():
    value = message(
        0,
        ImagePart("image/png", data="A" * 4000),
        FilePart("a.py", "text/x-python"),
        OpaquePart({"type": "hologram"}),
        SummaryPart("what *was*"),
    )
    rows = [line.content.plain for line in message_lines(value, Setting(50), ())]
    assert rows[1:] == [
        "▣ image · image/png · 3 kB",
        "▤ a.py · text/x-python",
        "◌ hologram (not shown)",
        "",
        "≡ summary",
        "what was",
        "",
    ]


def test_pictures_and_files_beside_the_session_tell_their_size_and_place():
    name = "files/" + "0" * 32
    value = message(
        0,
        ImagePart("image/png", path=f"{name}.png", size=68_200),
        FilePart("a.pdf", "application/pdf", path=f"{name}.pdf", size=12),
        FilePart("b.py", path="/home/ana/b.py"),
        ImagePart("image/\x1b[31mpng", path="x\x1b[2J\n" * 9),
    )
    rows = [line.content.plain for line in message_lines(value, Setting(100), ())]
    assert rows[1:4] == [
        f"▣ image · image/png · 68 kB · {name}.png",
        f"▤ a.pdf · application/pdf · 12 B · {name}.pdf",
        "▤ b.py",
    ]
    assert "\x1b" not in rows[4]


def test_a_summary_says_what_it_is_in_its_header():
    value = message(0, SummaryPart("what *was*"), role="system")
    rows = [line.content.plain for line in message_lines(value, Setting(60), ())]
    assert rows[0].startswith("≡ Summary of what was said before")
    assert rows[1:] == ["what was", ""]


async def test_headers_say_who_and_how_it_ended():
    app = TranscriptApp(
        [
            message(0, "q", role="user"),
            message(1, "a", model="model-1", status="failed", error="No [more] credit."),
            message(2, "a", status="partial"),
            message(3, "s", role="system"),
            message(4, "x", role="oracle\x1b"),
        ],
        agent_name="Coder",
    )
    async with app.run_test(size=(60, 30)):
        text = screen_text(app.transcript)
        assert "❯ You" in text
        assert "◆ Coder  ✗ failed  model-1" in text
        assert "✗ No [more] credit." in text
        assert "… cut off" in text
        assert "■ System" in text
        assert "? oracle␛" in text


def test_times_say_the_day_where_it_is_not_today():
    today = datetime(2026, 11, 21, 12, tzinfo=UTC).astimezone()
    assert clock_text(None) == ""
    assert len(clock_text(today, today)) == 5
    assert clock_text(datetime(2026, 3, 2, 12, tzinfo=UTC), today).startswith("Mar 02")
    assert clock_text(datetime(2024, 3, 2, 12, tzinfo=UTC), today) == "2024-03-02"
    assert clock_text(datetime.max.replace(tzinfo=UTC)) == "9999-12-31"


@pytest.mark.parametrize("width", [1, 5, 12, 30, 200])
async def test_every_row_is_as_wide_as_the_pane(width):
    app = TranscriptApp([message(0, *list(_HOSTILE.values())[:6], "漢字 " * 30)])
    async with app.run_test(size=(width, 30)) as pilot:
        await pilot.press("g")
        pane = app.transcript.size.width
        assert {app.transcript.render_line(y).cell_length for y in range(30)} == {pane}
        assert screen_rows(app.transcript)
