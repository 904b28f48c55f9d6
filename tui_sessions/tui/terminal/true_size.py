"""Screens that are laid out for the size the terminal has, and for no earlier one."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from textual.geometry import Size
from textual.screen import Screen

if TYPE_CHECKING:
    _Screen = Screen[Any]
else:
    _Screen = object  # Textual takes a screen's styles from its first base that is one


class TrueSize(_Screen):
    """What makes a screen leave sizes alone which have passed by the time it hears of them.

    A layout in another size makes Textual tell the screen of that size again. With two sizes on
    their way at once, as while a window is dragged, each would bring back the other for ever.
    """

    def _screen_resized(self, size: Size) -> None:
        if size == self.app.size:
            self.lay_out_anew(size)

    def lay_out_anew(self, size: Size) -> None:
        """Lay out and paint everything in the size that the terminal has now."""
        super()._screen_resized(size)
