"""Notices leave the screen to the person, and can be read again."""

from __future__ import annotations

import pytest
from running_app import OpenApp
from textual.geometry import Size

from tui_sessions.tui.app import SessionsApp
from tui_sessions.tui.remembered.notices import Notices
from tui_sessions.tui.screens.notices import NoticesScreen, draw_notices
from tui_sessions.tui.widgets.composer import Composer

LONG = "No key has the id 'x'; did you mean " + ", ".join(["app.quit"] * 60) + "?"


@pytest.mark.parametrize("size", [(20, 5), (40, 10), (120, 12)])
def test_where_there_are_few_rows_one_notice_is_shown_in_one_line(size: tuple[int, int]) -> None:
    notices = Notices()
    first, last = (notices.make(LONG, "Settings", Size(*size), severe=s) for s in (True, False))
    assert first.has_expired
    assert not last.has_expired
    assert last.title == ""
    assert last.message.startswith("Settings: No key"[: size[0] - 4])
    assert last.message.endswith("…")
    assert len(last.message) <= size[0] - 2


def test_many_long_notices_leave_room_for_the_chat() -> None:
    notices = Notices()
    made = [notices.make(LONG, "", Size(80, 24), severe=False) for _ in range(6)]
    assert sum(not notice.has_expired for notice in made) == 3
    assert all(len(notice.message) <= 5 * 52 for notice in made)


def test_what_a_notice_leaves_out_can_be_read_later() -> None:
    notices = Notices()
    notices.make("First", "", Size(20, 5), severe=False)
    notices.make(LONG, "Settings", Size(20, 5), severe=True)
    lines = draw_notices(notices.told).plain.splitlines()
    assert lines[0].endswith(f"Settings: {LONG}")
    assert lines[1].endswith("First")


@pytest.mark.parametrize("size", [(20, 5), (40, 10)])
async def test_no_notice_lies_over_where_one_types(
    open_app: OpenApp, monkeypatch: pytest.MonkeyPatch, size: tuple[int, int]
) -> None:
    shown_anyway = property(lambda _: False, lambda _, disabled: None)
    monkeypatch.setattr(SessionsApp, "_disable_notifications", shown_anyway, raising=False)
    async with open_app(size=size) as app:
        for _ in range(3):
            app.main.say(LONG, title="Settings", severe=True)
        await app.until(lambda: app.app.screen.query("Toast"))
        await app.until(lambda: [t for t in app.app.screen.query("Toast") if t.region])
        composer = app.main.query_one(Composer).region
        shown = [toast.region for toast in app.app.screen.query("Toast") if toast.region]
        assert [region.height for region in shown] == [1]
        assert not any(region.overlaps(composer) for region in shown)


async def test_the_palette_leads_to_all_notices(open_app: OpenApp) -> None:
    async with open_app() as app:
        app.main.say("Something happened")
        await app.main.run_action("notices")
        await app.until(lambda: isinstance(app.app.screen, NoticesScreen))
        assert "Something happened" in draw_notices(app.main.notices.told).plain
        await app.press("escape")
        await app.until(lambda: app.app.screen is app.main)
