"""The quick switcher, as one who uses the app opens it."""

from __future__ import annotations

from tests.bench.pane import Pane

_CTRL_S = "\x13"
_TITLE_END = "anything"
"""The last word of its title, which stands nowhere else."""


def open_switcher(pane: Pane) -> None:
    """Open it and wait until it is seen: what is typed before goes into the message."""
    pane.send(_CTRL_S)
    pane.until(_TITLE_END)
