"""Keys as a person reads them, and the line that says which keys do what."""

from __future__ import annotations

from collections.abc import Sequence

from textual import events
from textual.content import Content
from textual.keys import format_key
from textual.widgets import Static

_NAMES = {
    "up": "↑",
    "down": "↓",
    "left": "←",
    "right": "→",
    "delete": "Delete",
    "backspace": "Backspace",
    "escape": "escape",
    "enter": "enter",
    "space": "space",
    "tab": "tab",
    "home": "Home",
    "end": "End",
    "pageup": "PageUp",
    "pagedown": "PageDown",
    "insert": "Insert",
}
_SHORT = {"escape": "esc", "enter": "⏎", "Delete": "del", "Backspace": "⌫"}


def key_name(key: str) -> str:
    """A key as a person reads it: `ctrl+s`, `F2`, `alt+↑`, `Delete`, `?`."""
    *modifiers, name = key.split("+") if key != "+" else ["+"]
    return "+".join([*modifiers, _base_name(name, bool(modifiers))])


def short_key_name(key: str) -> str:
    """A key where there is little room: `^s`, `F2`, `⏎`, `esc`."""
    name = key_name(key)
    return _SHORT.get(name) or name.replace("ctrl+", "^")


def _base_name(name: str, modified: bool) -> str:
    if name in _NAMES:
        return _NAMES[name]
    if len(name) > 1 and name[0] == "f" and name[1:].isdigit():
        return name.upper()
    return name if modified and len(name) == 1 else format_key(name)


class KeyLine(Static):
    """One muted line such as `enter save  escape cancel`, with the keys as they are now."""

    DEFAULT_CSS = """
    KeyLine {
        height: auto;
        color: $foreground 66%;
    }
    """

    def __init__(self, *keys: tuple[str, str]) -> None:
        """Say which keys do what.

        Args:
            keys: the id of a binding, or a key's name where it has none, and what it does.
        """
        super().__init__()
        self._keys = keys
        self._names: dict[str, str] = {}
        """The keys of bindings by id; also of those that wait while the focus is elsewhere."""
        self._width = 0

    def on_mount(self) -> None:
        """Draw the keys as soon as the bindings are known."""
        self.show(*self._keys)

    def show(self, *keys: tuple[str, str]) -> None:
        """Say something else."""
        self._keys = keys
        self.call_after_refresh(self._draw)

    def on_resize(self, event: events.Resize) -> None:
        """Break the line anew, where it has to be."""
        if event.size.width != self._width:
            self._draw()

    def _draw(self) -> None:
        bound: dict[str, str] = {}
        for key, active in self.screen.active_bindings.items():
            if active.binding.id:
                bound.setdefault(active.binding.id, key_name(key))
        self._names |= bound
        parts = [
            Content.assemble((self._names.get(key, key), "bold $text-accent"), f" {what}")
            for key, what in self._keys
        ]
        self._width = self.content_size.width
        self.update(Content("\n").join(_lines(parts, self._width)))


def _lines(parts: Sequence[Content], width: int) -> list[Content]:
    """As many lines as it takes; a key stands in one with what it does."""
    lines: list[Content] = []
    for part in parts:
        longer = Content.assemble(lines[-1], "  ", part) if lines else part
        if lines and longer.cell_length <= width:
            lines[-1] = longer
        else:
            lines.append(part)
    return lines
