from __future__ import annotations

import pytest

from tui_sessions.model.tally import Tally, UsageReport
from tui_sessions.model.usage import Usage
from tui_sessions.tui.screens.usage import draw_report
from tui_sessions.tui.widgets.use_texts import cost_text, tokens_text

PAID = Tally(replies=2, usage=Usage(input_tokens=1_500, output_tokens=20, cost_usd=0.25))
SILENT = Tally(replies=3, unmeasured=3, unpriced=3)
REPORT = UsageReport(
    total=PAID + SILENT,
    by_user={"ana[red]\x1b": PAID, "bob": SILENT},
    by_workspace={"w1": PAID + SILENT},
    by_model={"large": PAID, "": SILENT},
)


@pytest.mark.parametrize(
    ("tally", "cost", "tokens"),
    [
        (Tally(), "$0.00", "5"),
        (PAID, "$0.2500", "5"),
        (SILENT, "unknown", "unknown"),
        (PAID + SILENT, "$0.2500 + 3 unknown", "5 + 3 unknown"),
        (Tally(replies=1, unpriced=1, usage=Usage(input_tokens=5)), "unknown", "5"),
        (Tally(replies=1, usage=Usage(cost_usd=0.0)), "$0.00", "5"),
    ],
)
def test_what_is_not_known_is_never_nothing(tally: Tally, cost: str, tokens: str) -> None:
    assert cost_text(tally) == cost
    assert tokens_text(5, tally) == tokens


@pytest.mark.parametrize("width", [30, 48, 64, 90])
def test_the_report_fits_and_moves_no_cursor(width: int) -> None:
    drawn = draw_report(REPORT, {"w1": "Home"}, width)
    assert "\x1b" not in drawn.plain
    tables = [line for line in drawn.split("\n") if "unknown:" not in line.plain]
    assert all(line.cell_length <= width for line in tables)


def test_every_number_is_there_where_it_is_narrow() -> None:
    lines = draw_report(REPORT, {"w1": "Home"}, 34).plain.splitlines()
    [bob] = [line for line in lines if line.startswith("bob")]
    assert bob.split() == ["bob", "3", "unknown", "unknown"]


def test_the_costliest_stands_first_under_its_name() -> None:
    lines = draw_report(REPORT, {"w1": "Home"}, 90).plain.splitlines()
    users = lines.index(next(line for line in lines if line.startswith("By user")))
    assert lines[users + 1].startswith("ana[red]")
    assert lines[users + 2].startswith("bob")
    assert "unknown" in lines[users + 2]
    assert any(line.startswith("Home") for line in lines)
    assert any(line.startswith("model not told") for line in lines)
