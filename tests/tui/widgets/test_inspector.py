"""What the inspector shows, and what its rows lead to."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from inspector_app import InspectorApp, begin_edit, full_session, session, stats
from rich.cells import cell_len
from textual.widgets import Static

from tui_sessions.model.clock import now
from tui_sessions.model.session import ParentLink, Workspace
from tui_sessions.model.usage import Usage
from tui_sessions.tui.widgets.inspector.requests import (
    ActRequested,
    CopyRequested,
    JumpRequested,
)
from tui_sessions.tui.widgets.inspector.row_list import RowList
from tui_sessions.tui.widgets.inspector.sections import Subject, sections


async def test_it_shows_all_there_is_to_know() -> None:
    app = InspectorApp()
    async with app.run_test(size=(60, 90)) as pilot:
        usage = Usage(input_tokens=12_345, output_tokens=67, cache_read_tokens=8, cost_usd=0.0421)
        place = Workspace(id="dev", name="Dev", directory="/home/ana/dev")
        app.inspector.show(full_session(), stats(usage, 3.21), place)
        await pilot.pause()
        for known in (
            "Parser",
            "s1",
            "created",
            "ana",
            "/home/ana/dev",
            "in 3d",
            "2h",
            "tty:%3",
            "claude-code",
            "work, urgent",
            "AB-12",
            "nord",
            "anthropic",
            "coder",
            "sonnet",
            "Two",
            "0.2",
            "top_p",
            "3 from its parent",
            "12,345 tokens",
            "$0.0421",
            "3.2 s",
        ):
            assert known in app.text, known
        assert "\x1b" not in app.text
        assert "[red]\u2407" in app.text


async def test_what_is_not_known_is_called_unknown() -> None:
    app = InspectorApp()
    async with app.run_test(size=(60, 60)) as pilot:
        app.inspector.show(full_session(), stats(Usage(input_tokens=5), None))
        await pilot.pause()
        assert app.text.count("unknown") == 3
        app.inspector.show(full_session(), stats(None, None))
        await pilot.pause()
        assert app.text.count("unknown") == 7
        assert "0 tokens" not in app.text


async def test_without_a_session_it_says_so() -> None:
    app = InspectorApp()
    async with app.run_test() as pilot:
        app.inspector.show(None)
        await pilot.pause()
        assert app.query_one(".inspector--empty", Static).display
        app.inspector.show(session())
        await pilot.pause()
        assert not app.query_one(".inspector--empty", Static).display


@pytest.mark.parametrize("width", [24, 30, 38, 80])
async def test_no_row_is_wider_than_the_pane(width: int) -> None:
    app = InspectorApp()
    async with app.run_test(size=(width, 40)) as pilot:
        label = "日本語のとても長い名前" * 5 + " word " * 30 + "x" * 300
        app.inspector.show(full_session(label=label, metadata={"k" * 60: "v" * 90}))
        await pilot.pause()
        for option in app.rows.options:
            for line in str(option.prompt).splitlines():
                assert cell_len(line) <= app.rows.scrollable_content_region.width


async def test_the_id_can_be_copied() -> None:
    app = InspectorApp()
    async with app.run_test() as pilot:
        app.inspector.show(session())
        app.inspector.focus()
        await pilot.pause()
        await pilot.press("j", "y", "enter")
        copied = [event.text for event in app.said if isinstance(event, CopyRequested)]
        assert copied == ["s1", "s1"]


@pytest.mark.parametrize("row", ["template", "save_template", "usage"])
async def test_a_row_may_lead_to_a_screen(row: str) -> None:
    app = InspectorApp()
    async with app.run_test(size=(60, 40)) as pilot:
        app.inspector.show(full_session())
        await pilot.pause()
        app.inspector.focus()
        app.rows.highlighted = app.rows.get_option_index(row)
        await pilot.press("enter")
        assert [e.action for e in app.said if isinstance(e, ActRequested)] == [
            "templates" if row == "template" else row
        ]


async def test_children_are_listed_with_how_far_they_have_come() -> None:
    app = InspectorApp()
    async with app.run_test(size=(60, 40)) as pilot:
        kids = [
            session(name, label=name, parent=ParentLink(session_id="s1", kind=kind))
            for name, kind in (("Asked", "spawn"), ("Forked", "fork"))
        ]
        app.inspector.show(session(), children=kids, child_states={"Asked": "running"})
        await pilot.pause()
        assert "running" in app.text
        app.inspector.show(session(), children=kids, child_states={"Asked": "completed"})
        await pilot.pause()
        assert "completed" in app.text
        assert "running" not in app.text


async def test_the_system_prompt_keeps_its_lines() -> None:
    app = InspectorApp()
    async with app.run_test(size=(60, 60)) as pilot:
        app.inspector.show(full_session())
        await pilot.pause()
        await begin_edit(app, pilot, "system_prompt")
        await pilot.press("ctrl+j", *"new", "enter")
        assert app.edits == [("system_prompt", None, "One\nTwo\nnew")]


async def test_the_cursor_stays_on_its_row_when_values_change() -> None:
    app = InspectorApp()
    async with app.run_test(size=(60, 20)) as pilot:
        app.inspector.show(full_session())
        app.inspector.focus()
        await pilot.pause()
        await pilot.press("G")
        await pilot.pause()
        place = app.rows.scroll_offset.y
        app.inspector.show(full_session(tags=("a", "b")))
        await pilot.pause()
        assert app.rows.current is not None
        assert app.rows.current.id == "usage"
        assert app.rows.scroll_offset.y == place


async def test_relatives_are_jumped_to() -> None:
    app = InspectorApp()
    async with app.run_test(size=(60, 60)) as pilot:
        link = ParentLink(session_id="p1", chat_id="pc", message_id="m9")
        parent = session("p1", label="The parent", parent=ParentLink(session_id="gone"))
        child = session(
            "k1", label="The child", parent=ParentLink(session_id="s1", kind="checkpoint")
        )
        app.inspector.show(session(parent=link), None, None, [parent], [child])
        await pilot.pause()
        assert "gone (gone)" in app.text
        for row_id in ("ancestor.0", "child.k1"):
            app.inspector.focus()
            app.rows.highlighted = app.rows.get_option_index(row_id)
            await pilot.press("enter")
        jumps = [event for event in app.said if isinstance(event, JumpRequested)]
        assert [(jump.session_id, jump.chat_id, jump.message_id) for jump in jumps] == [
            ("p1", "pc", "m9"),
            ("k1", None, None),
        ]


async def test_a_click_acts_on_a_row() -> None:
    app = InspectorApp()
    async with app.run_test(size=(60, 60)) as pilot:
        app.inspector.show(session(), children=[session("k1", label="The child")])
        await pilot.pause()
        index = app.rows.get_option_index("child.k1")
        line = sum(len(str(option.prompt).split("\n")) for option in app.rows.options[:index])
        await pilot.click(RowList, offset=(15, line))
        assert [type(event) for event in app.said] == [JumpRequested]


def test_a_loop_of_parents_is_said() -> None:
    looped = Subject(session(parent=ParentLink(session_id="s1")), cycle=True)
    rows = sections(looped, now())[-1].rows
    assert "loops" in rows[-1].value.plain


def test_a_time_of_another_year_says_which() -> None:
    present = datetime(2026, 6, 1, 12, tzinfo=UTC)
    old = session(created_at=datetime(2021, 3, 14, 12, tzinfo=UTC))
    created = next(row for row in sections(Subject(old), present)[0].rows if row.id == "created")
    assert created.value.plain.startswith("2021-03-14")
