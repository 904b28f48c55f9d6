"""The thumb of the transcript's scroll bar: drawn again only when it looks different."""

from __future__ import annotations

from textual.scrollbar import ScrollBar

_STEPS = 8
"""The places in one cell where a thumb can begin."""


class ScrollThumb:
    """Tells a scroll bar where it is; in a long chat that hardly ever moves its thumb."""

    def __init__(self) -> None:
        self._drawn: object = None

    def move(self, bar: ScrollBar, total: int, top: int) -> None:
        """The window begins at the line `top` of so many lines."""
        height = bar.size.height
        bar.set_reactive(ScrollBar.window_virtual_size, total)
        bar.set_reactive(ScrollBar.window_size, height)
        bar.set_reactive(ScrollBar.position, float(top))
        drawn = (height, *_thumb(height, total, top))
        if drawn != self._drawn:
            self._drawn = drawn
            bar.refresh()


def _thumb(height: int, total: int, top: int) -> tuple[int, int]:
    """Where the thumb begins and how long it is, in the steps that can be seen."""
    if not height or total <= height:
        return 0, 0
    size = max(1.0, height * height / total)
    begin = (height - size) * top / (total - height)
    return int(begin * _STEPS), int(-(-size * _STEPS // 1))
