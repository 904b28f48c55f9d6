"""The last line: what the keys do where the person is."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import msgspec
from textual import events
from textual.binding import ActiveBinding
from textual.content import Content
from textual.screen import Screen
from textual.widget import Widget

from tui_sessions.tui.drawing import draw_line
from tui_sessions.tui.widgets.key_line import short_key_name

_GAP = 2


class KeyHint(msgspec.Struct, frozen=True):
    """A key and what it does."""

    key: str
    """As bindings name it."""
    what: str

    def drawn(self) -> Content:
        """The hint as it stands in the line."""
        return Content.assemble(
            draw_line(short_key_name(self.key), "bold $footer-key-foreground"),
            " ",
            draw_line(self.what, "$footer-description-foreground"),
        )


class KeyBar(Widget):
    """The keys of what has the focus, then those of the screen, as far as there is room.

    None is cut; a click on one presses it.
    """

    ALLOW_SELECT = False
    DEFAULT_CSS = """
    KeyBar {
        height: 1;
        padding: 0 1;
        background: $footer-background;
    }
    """

    def __init__(self, always: Sequence[str]) -> None:
        """Begin with an empty line.

        Args:
            always: the ids of the keys at the right edge, which stay longest where it is narrow.
        """
        super().__init__()
        self._always = always
        self._hints: tuple[list[KeyHint], list[KeyHint]] = ([], [])

    def on_mount(self) -> None:
        """Follow the focus."""
        self.screen.bindings_updated_signal.subscribe(self, self._follow)

    def render(self) -> Content:
        """The line, as wide as it is."""
        parts = placed(*self._hints, self.content_size.width)
        return Content("").join(part for _, part in parts)

    def on_click(self, event: events.Click) -> None:
        """Press the key that is clicked on."""
        column = 0
        for hint, part in placed(*self._hints, self.content_size.width):
            column += part.cell_length
            if event.x - self.gutter.left < column:
                if hint is not None:
                    self.app.simulate_key(hint.key)
                return

    def _follow(self, screen: Screen[object]) -> None:
        if screen is self.screen and self.app.app_focus:
            hints = key_hints(screen.active_bindings, self._always)
            if hints != self._hints:
                self._hints = hints
                self.refresh()


def key_hints(
    bindings: Mapping[str, ActiveBinding], always: Sequence[str]
) -> tuple[list[KeyHint], list[KeyHint]]:
    """The keys that are to be shown: those that may go, the nearest first, and those that stay.

    What two keys do alike is shown once, with the key that is nearer. Enter comes before all
    others.
    """
    shown: dict[str, KeyHint] = {}
    staying: dict[str, KeyHint] = {}
    for key, active in bindings.items():
        binding = active.binding
        if not (binding.show and active.enabled):
            continue
        hint = KeyHint(key, binding.description)
        if binding.id in always:
            staying[binding.id or ""] = hint
        else:
            shown.setdefault(binding.description, hint)
    hints = sorted(shown.values(), key=lambda hint: hint.key != "enter")
    return hints, [staying[name] for name in always if name in staying]


def placed(
    hints: Sequence[KeyHint], staying: Sequence[KeyHint], width: int
) -> list[tuple[KeyHint | None, Content]]:
    """The hints that there is room for and the space between them, from left to right."""
    kept: list[KeyHint] = []
    room = width
    # The first of all goes before those that stay, which go before the rest.
    for hint in [*hints[:1], *staying, *hints[1:]]:
        room -= hint.drawn().cell_length + (_GAP if kept else 0)
        if room < 0:
            break
        kept.append(hint)
    left = _in_a_row([hint for hint in kept if hint not in staying])
    right = _in_a_row([hint for hint in kept if hint in staying])
    space = width - sum(part.cell_length for _, part in [*left, *right])
    return [*left, (None, Content(" " * space)), *right]


def _in_a_row(hints: Sequence[KeyHint]) -> list[tuple[KeyHint | None, Content]]:
    row: list[tuple[KeyHint | None, Content]] = []
    for hint in hints:
        row += [(None, Content(" " * _GAP))] if row else []
        row.append((hint, hint.drawn()))
    return row
