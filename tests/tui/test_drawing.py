from datetime import UTC, datetime, timedelta

import pytest

from tui_sessions.tui.drawing import relative_time

PRESENT = datetime(2026, 11, 20, 12, tzinfo=UTC)


@pytest.mark.parametrize(
    ("ahead", "shown"),
    [
        (timedelta(minutes=5), "now"),
        (timedelta(days=3), "Nov 23"),
        (timedelta(days=400), "2027-12"),
    ],
)
def test_what_a_wrong_clock_dated_ahead_is_not_now(ahead: timedelta, shown: str) -> None:
    assert relative_time(PRESENT + ahead, PRESENT) == shown
