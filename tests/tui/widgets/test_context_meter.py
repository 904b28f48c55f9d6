"""What the meter of the context window says, and in which colour."""

from __future__ import annotations

import pytest

from tui_sessions.tui.widgets.context_meter import ContextInfo, draw_meter, short_number


@pytest.mark.parametrize(
    ("context", "said"),
    [
        (ContextInfo(12_000, 128_000), "12k/128k 9% ╸─────"),
        (ContextInfo(12_000, 128_000, estimated=True), "~12k/128k 9% ╸─────"),
        (ContextInfo(0, 4096), "0/4.1k 0% ──────"),
        (ContextInfo(4096, 4096), "4.1k/4.1k 100% ━━━━━━"),
        (ContextInfo(9_000, 4096), "9.0k/4.1k 220% ━━━━━━"),
        (ContextInfo(950, None, estimated=True), "~950 tokens"),
    ],
)
def test_the_meter_says_how_full_it_is(context: ContextInfo, said: str) -> None:
    assert draw_meter(context, bar=True).plain == said


@pytest.mark.parametrize(
    ("tokens", "style"), [(10, "$text-success"), (80, "$text-warning"), (96, "$text-error")]
)
def test_the_colour_warns_where_room_is_short(tokens: int, style: str) -> None:
    drawn = draw_meter(ContextInfo(tokens, 100, warning_share=0.8), bar=False)
    assert [span.style for span in drawn.spans] == [style]


@pytest.mark.parametrize(
    ("number", "text"),
    [
        (0, "0"),
        (999, "999"),
        (1000, "1.0k"),
        (9949, "9.9k"),
        (34_400, "34k"),
        (999_999, "1.0M"),
        (1_200_000, "1.2M"),
        (2_500_000_000, "2.5G"),
    ],
)
def test_counts_are_short(number: int, text: str) -> None:
    assert short_number(number) == text
