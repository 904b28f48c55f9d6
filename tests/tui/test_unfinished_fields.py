"""What is typed in a field and not accepted is there again when the field is."""

from __future__ import annotations

from pathlib import Path

import pytest
from running_app import OpenApp, Running
from textual.widgets import Input
from two_sessions import full, ids, open_session

from tui_sessions.errors import StoreError
from tui_sessions.tui.remembered.drafts import Drafts
from tui_sessions.tui.screens.switcher import QuickSwitcher
from tui_sessions.tui.screens.text_prompt import TextPrompt
from tui_sessions.tui.widgets.inspector.field_editor import FieldEditor
from tui_sessions.tui.widgets.inspector.row_list import RowList
from tui_sessions.tui.widgets.session_tree.name_input import NameInput


def field(app: Running, kind: type[Input]) -> str:
    return "".join(one.value for one in app.app.screen.query(kind))


async def begin_value(app: Running) -> None:
    await app.press("f5")
    await app.until(lambda: app.main.inspector.query_one(RowList).highlighted is not None)
    await app.press("enter")
    await app.until(lambda: any(e.is_open for e in app.main.inspector.query(FieldEditor)))


async def test_a_value_in_the_inspector_waits_while_another_session_is_open(
    open_app: OpenApp,
) -> None:
    async with open_app(full) as app:
        first, second = ids(app)["First"], ids(app)["Second"]
        await open_session(app, "First")
        await app.until(lambda: app.main.inspector.session_id == first)
        await begin_value(app)
        await app.type("half")
        await open_session(app, "Second")
        await app.until(lambda: any("is kept" in told for told in app.notices))
        await app.until(lambda: app.main.inspector.session_id == second)
        await begin_value(app)
        assert app.main.inspector.typed == ""
        await app.press("escape")
        await open_session(app, "First")
        await app.until(lambda: app.main.inspector.session_id == first)
        await begin_value(app)
        assert app.main.inspector.typed.endswith("half")


async def test_a_name_that_is_typed_half_outlives_the_app(
    open_app: OpenApp, tmp_path: Path
) -> None:
    async with open_app(full, store=(tmp_path / "data").as_uri()) as app:
        await open_session(app, "First")
        await app.press("f2")
        await app.until(lambda: app.app.screen.query(NameInput))
        await app.type("half a name")
        await app.app.leave(0)
    drafts = Drafts(tmp_path / "drafts.json")
    drafts.load()
    assert [drafts.get(key) for key in drafts.noted() if key.endswith("#label")] == ["half a name"]
    async with open_app(store=(tmp_path / "data").as_uri()) as app:
        await open_session(app, "First")
        await app.press("f2")
        await app.until(lambda: field(app, NameInput) == "half a name")
        await app.type("!")
        assert field(app, NameInput) == "half a name!"
        await app.press("escape", "f2")
        await app.until(lambda: app.app.screen.query(NameInput))
        assert "half" not in field(app, NameInput)


async def test_a_name_that_was_given_is_no_unfinished_one(open_app: OpenApp) -> None:
    async with open_app(full) as app:
        await open_session(app, "First")
        await app.press("f2")
        await app.until(lambda: app.app.screen.query(NameInput))
        await app.type("New name\r")
        await app.until(lambda: "New name" in ids(app))
        assert not [
            key for key in app.main.drafts.noted() if "#" in key and app.main.drafts.get(key)
        ]


async def test_a_name_that_the_disk_does_not_take_stands_in_the_field_again(
    open_app: OpenApp, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def no_room(*_arguments: object, **_options: object) -> str:
        raise StoreError("the disk is full")

    async with open_app(full) as app:
        await open_session(app, "First")
        monkeypatch.setattr(app.manager._engine.store, "append", no_room)
        await app.press("f2")
        await app.until(lambda: app.app.screen.query(NameInput))
        await app.type("New name\r")
        await app.until(lambda: "the disk is full" in app.notices)
        await app.press("f2")
        await app.until(lambda: field(app, NameInput) == "New name")


async def test_what_is_looked_for_is_there_again(open_app: OpenApp) -> None:
    async with open_app(full) as app:
        await app.press("ctrl+s")
        await app.until(lambda: isinstance(app.app.screen, QuickSwitcher))
        await app.type("pars")
        await app.until(lambda: app.main.drafts.get("/#go-to") == "pars")
        await app.press("escape")
        await app.until(lambda: app.main.drafts.get("/#go-to") == "")
        app.main.drafts.put("/#go-to", "left")
        await app.press("ctrl+s")
        await app.until(lambda: field(app, Input) == "left")


async def test_tags_that_were_typed_half_stand_in_the_field_again(open_app: OpenApp) -> None:
    async with open_app(full) as app:
        session_id = ids(app)["First"]
        await open_session(app, "First")
        app.main.drafts.put(f"{session_id}/#tags", "one, tw")
        await app.main.run_action("tags")
        await app.until(lambda: isinstance(app.app.screen, TextPrompt))
        await app.type("o\r")
        await app.until(lambda: any(s.tags == ("one", "two") for s in app.sessions()))
        assert app.main.drafts.get(f"{session_id}/#tags") == ""
