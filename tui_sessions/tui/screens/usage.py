"""What all replies used: in all, by user, by workspace and by model."""

from __future__ import annotations

from collections.abc import Mapping
from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import VerticalScroll
from textual.content import Content
from textual.widgets import Static

from tui_sessions.model.tally import Tally, UsageReport
from tui_sessions.tui.drawing import draw_line
from tui_sessions.tui.screens.dialog import Dialog, DialogBox
from tui_sessions.tui.widgets.context_meter import short_number
from tui_sessions.tui.widgets.key_line import KeyLine
from tui_sessions.tui.widgets.use_texts import UNKNOWN, cost_text, tokens_text

_MUTED = "$foreground 66%"
_NUMBERS = 8
_COST = 9
_NAME = 20
_ROOM = 64
"""Columns from which all numbers stand in a line of their own."""
_SHORTEST_NAME = 8


class UsageScreen(Dialog[None]):
    """Tokens and cost of everything; counting may take a while, so it opens before that is done."""

    DEFAULT_CSS = """
    UsageScreen {
        & > DialogBox {
            width: 92%;
            max-width: 96;
            height: auto;
        }
        &.-low > DialogBox {
            width: 100%;
        }
        & VerticalScroll {
            height: auto;
            scrollbar-size-vertical: 1;
            scrollbar-gutter: stable;
        }
        & #usage {
            height: auto;
        }
    }
    """
    LISTS = "VerticalScroll"
    SHARE = 70
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("down,j", "scroll(1)", "Down", show=False, id="dialog.next"),
        Binding("up,k", "scroll(-1)", "Up", show=False, id="dialog.previous"),
        Binding("pagedown", "page(1)", "Page down", show=False, id="dialog.page_down"),
        Binding("pageup", "page(-1)", "Page up", show=False, id="dialog.page_up"),
    ]

    def __init__(self, workspaces: Mapping[str, str]) -> None:
        """Show that it is being counted.

        Args:
            workspaces: names of workspaces by id.
        """
        super().__init__()
        self._workspaces = workspaces
        self._report: UsageReport | None = None

    def compose(self) -> ComposeResult:
        """The numbers and the keys."""
        with DialogBox("Usage"):
            with VerticalScroll(can_focus=False):
                yield Static("Counting…", id="usage")
            yield KeyLine(("↑↓", "scroll"), ("dialog.cancel", "close"))

    def show(self, report: UsageReport) -> None:
        """Show what was counted."""
        self._report = report
        self.call_after_refresh(self._draw)

    def on_resize(self) -> None:
        """Fit the lines to the new width."""
        self.call_after_refresh(self._draw)

    def action_scroll(self, step: int) -> None:
        """Scroll by a line."""
        self.query_one(VerticalScroll).scroll_relative(y=step, animate=False)

    def action_page(self, step: int) -> None:
        """Scroll by a page."""
        area = self.query_one(VerticalScroll)
        area.scroll_relative(y=step * max(area.size.height - 1, 1), animate=False)

    def _draw(self) -> None:
        if self._report is not None:
            width = self.query_one(VerticalScroll).scrollable_content_region.width
            text = draw_report(self._report, self._workspaces, width)
            self.query_one("#usage", Static).update(text)


def draw_report(report: UsageReport, workspaces: Mapping[str, str], width: int) -> Content:
    """The report in so many columns; the costliest first."""
    named = {workspaces.get(key, key): one for key, one in report.by_workspace.items()}
    models = {key or "model not told": one for key, one in report.by_model.items()}
    parts = [_table("In all", {"everything": report.total}, width)]
    for title, tallies in (
        ("By user", report.by_user),
        ("By workspace", named),
        ("By model", models),
    ):
        if tallies:
            parts.append(_table(title, tallies, width))
    if report.total.unpriced:
        said = "unknown: the provider told no tokens, or no price is known. Nothing is guessed."
        parts.append(Content.styled(said, _MUTED))
    return Content("\n\n").join(parts)


def _table(title: str, tallies: Mapping[str, Tally], width: int) -> Content:
    ordered = sorted(tallies.items(), key=lambda item: _weight(item[1]), reverse=True)
    wide = width >= _ROOM
    columns = "".join(f"{name:>{_NUMBERS}}" for name in _columns(wide))
    room = min(_NAME, max(width - len(columns) - _COST, _SHORTEST_NAME))
    head = draw_line(title, "bold $text-primary").truncate(room, ellipsis=True, pad=True)
    titles = Content.assemble(head, (f"{columns}  cost", _MUTED))
    lines = [titles.truncate(max(width, 1), ellipsis=True)]
    lines += [
        _row(draw_line(name or "nobody").truncate(room, ellipsis=True, pad=True), one, wide, width)
        for name, one in ordered
    ]
    return Content("\n").join(lines)


def _columns(wide: bool) -> tuple[str, ...]:
    return ("replies", "in", "out", "cached") if wide else ("replies", "tokens")


def _row(name: Content, tally: Tally, wide: bool, width: int) -> Content:
    usage = tally.usage
    cached = usage.cache_read_tokens + usage.cache_write_tokens
    counts = (usage.input_tokens, usage.output_tokens, cached) if wide else (usage.total_tokens,)
    numbers = [f"{tally.replies:,}", *(_short(number, tally) for number in counts)]
    cost = cost_text(tally)
    line = Content.assemble(
        name,
        "".join(f"{number:>{_NUMBERS}}" for number in numbers),
        "  ",
        draw_line(cost, _MUTED if cost == UNKNOWN else ""),
    )
    return line.truncate(max(width, 1), ellipsis=True)


def _short(number: int, tally: Tally) -> str:
    return UNKNOWN if tokens_text(number, tally) == UNKNOWN else short_number(number)


def _weight(tally: Tally) -> tuple[float, int]:
    return tally.usage.cost_usd or 0.0, tally.usage.total_tokens
