"""Every key that works right now."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar

from textual import events, on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import VerticalScroll
from textual.content import Content
from textual.widgets import Input, Static

from tui_sessions.tui.drawing import draw_line
from tui_sessions.tui.screens.dialog import Dialog, DialogBox
from tui_sessions.tui.screens.help_groups import HelpGroup
from tui_sessions.tui.widgets.key_line import KeyLine
from tui_sessions.tui.widgets.line_input import LineInput

_KEYS_WIDEST = 22
_SIDE_BY_SIDE = 44
"""Columns from which keys and what they do stand beside each other."""


class HelpScreen(Dialog[None]):
    """The keys by area; typing narrows them down."""

    DEFAULT_CSS = """
    HelpScreen {
        & > DialogBox {
            width: 72;
            height: 90%;
        }
        &.-tiny > DialogBox {
            height: 100%;
        }
        & VerticalScroll {
            height: 1fr;
            scrollbar-size-vertical: 1;
        }
        & #keys {
            height: auto;
        }
    }
    """
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("f1", "cancel", "Close", show=False, id="dialog.close_help"),
        Binding("down,ctrl+n,ctrl+j", "scroll(1)", "Down", show=False, id="dialog.next"),
        Binding("up,ctrl+p", "scroll(-1)", "Up", show=False, id="dialog.previous"),
        Binding("pagedown", "page(1)", "Page down", show=False, id="dialog.page_down"),
        Binding("pageup", "page(-1)", "Page up", show=False, id="dialog.page_up"),
    ]

    def __init__(self, groups: Sequence[HelpGroup]) -> None:
        super().__init__(id="help")
        self._groups = tuple(groups)
        self._query = ""

    def compose(self) -> ComposeResult:
        """The field, the keys and the way out."""
        with DialogBox("Keys"):
            yield LineInput(placeholder="type to filter")
            with VerticalScroll(can_focus=False):
                yield Static(id="keys")
            yield KeyLine(("↑↓", "scroll"), ("dialog.cancel", "close"))

    def on_mount(self) -> None:
        """Begin with all keys, in the field."""
        self.query_one(Input).focus()
        self._show("")

    @on(events.Resize)
    def _fit_keys(self) -> None:
        self._show(self._query)

    def action_scroll(self, step: int) -> None:
        """Scroll by a line."""
        self.query_one(VerticalScroll).scroll_relative(y=step, animate=False)

    def action_page(self, step: int) -> None:
        """Scroll by a page."""
        area = self.query_one(VerticalScroll)
        area.scroll_relative(y=step * max(area.size.height - 1, 1), animate=False)

    @on(Input.Changed)
    def _filter(self, event: Input.Changed) -> None:
        event.stop()
        # The field takes every letter before a binding could: a q that begins a filter leaves.
        if event.value == "q" and not self._query:
            self.dismiss(None)
        else:
            self._show(event.value)

    def _show(self, query: str) -> None:
        self._query = query
        words = query.casefold().split()
        narrow = self.size.width < _SIDE_BY_SIDE
        groups = [draw_group(group, words, narrow=narrow) for group in self._groups]
        found = [group for group in groups if group]
        text = Content("\n\n").join(found) if found else Content("No key does that.")
        self.query_one("#keys", Static).update(text)
        self.query_one(VerticalScroll).scroll_home(animate=False)


def draw_group(group: HelpGroup, words: Sequence[str], *, narrow: bool = False) -> Content:
    """The area's keys in which all words occur; empty when there are none.

    Where it is narrow, what they do stands below them.
    """
    rows = [
        (keys, what)
        for keys, what in group.rows
        if all(word in f"{group.title} {keys} {what}".casefold() for word in words)
    ]
    if not rows:
        return Content("")
    lines = [draw_line(group.title, "bold $text-accent")]
    for keys, what in rows:
        drawn = draw_line(keys, "bold $foreground")
        gap = "\n    " if narrow else " " * max(_KEYS_WIDEST - drawn.cell_length, 2)
        lines.append(Content.assemble("  ", drawn, gap, draw_line(what, "$foreground 66%")))
    return Content("\n").join(lines)
