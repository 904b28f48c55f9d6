"""Values that are changed in the inspector."""

from __future__ import annotations

from typing import Any

import pytest
from inspector_app import InspectorApp, begin_edit, full_session, session, stats
from textual.widgets import Static

from tui_sessions.model.lifecycle import SessionState
from tui_sessions.model.usage import Usage
from tui_sessions.tui.widgets.inspector.requests import EditRequested


async def test_a_label_is_edited_in_place() -> None:
    app = InspectorApp()
    async with app.run_test() as pilot:
        app.inspector.show(session())
        await pilot.pause()
        await begin_edit(app, pilot, "label")
        await pilot.press(*"New", "enter")
        await pilot.pause()
        assert app.edits == [("label", None, "New")]
        assert app.focused is app.rows


async def test_a_value_that_is_not_allowed_changes_nothing_and_says_why() -> None:
    app = InspectorApp()
    async with app.run_test(size=(40, 30)) as pilot:
        app.inspector.show(full_session())
        await pilot.pause()
        await begin_edit(app, pilot, "temperature")
        await pilot.press("7", "enter")
        await pilot.pause()
        error = app.query_one(".field-editor--error", Static)
        assert app.edits == []
        assert error.display
        assert "0 to 2" in str(error.content)
        await pilot.press("backspace", "1", "enter")
        assert app.edits == [("temperature", None, 1.0)]


async def test_escape_and_an_unchanged_value_change_nothing() -> None:
    app = InspectorApp()
    async with app.run_test() as pilot:
        app.inspector.show(full_session())
        await pilot.pause()
        await begin_edit(app, pilot, "tags")
        await pilot.press("x", "escape")
        await begin_edit(app, pilot, "tags")
        await pilot.press("enter")
        assert app.edits == []


async def test_metadata_is_added_changed_and_removed() -> None:
    app = InspectorApp()
    async with app.run_test() as pilot:
        app.inspector.show(full_session())
        await pilot.pause()
        app.inspector.focus()
        await pilot.press("a")
        await pilot.pause()
        await pilot.press(*"n=3", "enter")
        await begin_edit(app, pilot, "metadata.ticket")
        await pilot.press(*"new", "enter")
        await pilot.pause()
        await pilot.press("d")
        assert app.edits == [
            ("metadata", "n", 3),
            ("metadata", "ticket", "new"),
            ("metadata", "ticket", None),
        ]


async def test_parameters_are_added_changed_and_removed() -> None:
    app = InspectorApp()
    async with app.run_test(size=(60, 40)) as pilot:
        app.inspector.show(full_session())
        await pilot.pause()
        await begin_edit(app, pilot, "new_parameter")
        await pilot.press(*"seed=7", "enter")
        await begin_edit(app, pilot, "parameter.top_p")
        await pilot.press(*"0.95", "enter")
        await pilot.pause()
        await pilot.press("d")
        assert app.edits == [
            ("parameter", "seed", 7),
            ("parameter", "top_p", 0.95),
            ("parameter", "top_p", None),
        ]


async def test_only_metadata_is_removed_by_a_key() -> None:
    app = InspectorApp()
    async with app.run_test() as pilot:
        app.inspector.show(full_session())
        app.inspector.focus()
        await pilot.pause()
        await pilot.press("d", "delete")
        assert app.said == []


async def test_an_edit_names_the_session_and_the_chat_it_was_begun_in() -> None:
    app = InspectorApp()
    async with app.run_test() as pilot:
        app.inspector.show(full_session())
        await pilot.pause()
        await begin_edit(app, pilot, "model")
        await pilot.press(*"opus", "enter")
        edited = app.said[0]
        assert isinstance(edited, EditRequested)
        assert (edited.session_id, edited.chat_id) == ("s1", "c1")


async def test_an_edit_ends_when_another_session_is_shown() -> None:
    app = InspectorApp()
    async with app.run_test() as pilot:
        app.inspector.show(full_session())
        await pilot.pause()
        await begin_edit(app, pilot, "label")
        app.inspector.show(session("other"))
        await pilot.pause()
        await pilot.press("x", "enter")
        assert app.edits == []


async def test_an_edit_goes_on_when_the_same_session_is_shown_again() -> None:
    app = InspectorApp()
    async with app.run_test() as pilot:
        app.inspector.show(full_session())
        await pilot.pause()
        await begin_edit(app, pilot, "label")
        await pilot.press("N")
        app.inspector.show(full_session(), stats(Usage(), 1.0))
        await pilot.pause()
        await pilot.press("o", "enter")
        assert app.edits == [("label", None, "No")]


@pytest.mark.parametrize("fields", [{"read_only": True}, {"state": SessionState.EXPIRED}])
async def test_what_is_read_only_offers_no_edits(fields: dict[str, Any]) -> None:
    app = InspectorApp()
    async with app.run_test(size=(60, 60)) as pilot:
        app.inspector.show(full_session(**fields))
        app.inspector.focus()
        await pilot.pause()
        assert "✎" not in app.text
        await pilot.press("a", "g", "enter")
        assert app.edits == []
        assert app.focused is app.rows
