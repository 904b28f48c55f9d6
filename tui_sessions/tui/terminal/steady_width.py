"""Text whose width terminals disagree about, drawn so that all beside it stays in its place."""

from __future__ import annotations

import re
from functools import cache

from rich.cells import cell_len
from rich.console import Console, ConsoleOptions, RenderResult
from textual._compositor import ChopsUpdate, CompositorUpdate, LayoutUpdate

_UNUSUAL = "[^\x00-\u08ff\u2010-\u205f\u2065-\u20df\u2100-\u262f\u2638-\u2689\u2690-{rest}]"
_PERHAPS = re.compile(_UNUSUAL.format(rest="\u28ff"))
"""What nearly every frame is without, found ten times as fast as what is looked for.

To prepare the search takes time for each character, which every start would wait for: so it holds
CJK as well, which `_unusual` leaves out.
"""
_USUAL_CJK = "\u302d\u3030-\u3163\u3165-\u3247\u3250-\ua7ff\uac00-\ud7ff"
_SCRIPTS = (
    "\u0900-\u109f\u1700-\u17ff\u1900-\u1cff\ua800-\uabff\U00010a00-\U00010a5f"
    "\U00011000-\U00011fff\U00016f50-\U00016f9f"
)
"""Those whose letters grow together."""
_NEW = "\u2630-\u2637\u268a-\u268f\u3248-\u324f\U0001d300-\U0001d376\U0001f6dc\U0001fa70-\U0001faff"
"""What older terminals draw narrower or not at all: it came later, or grew wide later."""
_MARKS = "\u20e3\ufe00-\ufe0f\U0001f3fb-\U0001f3ff\U000e0020-\U000e007f"
_UNEVEN = (
    rf"(?:[#*0-9]|[^\x00-\xa0\u200d])?(?:[{_MARKS}]|\u200d[^\x00-\xa0\u200d]?)+"  # joined emoji
    "|[\U0001f1e6-\U0001f1ff]{1,2}"  # flags
    rf"|[{_SCRIPTS}]+|[{_NEW}]"
    "|[\u200b-\u200f\u2060-\u2064\u302e\u302f\u3164\ufeff\uffa0]+"
)
_LONGEST = 16
"""Characters of what is drawn: no emoji is joined of more, and a terminal may draw each of them."""
_EMOJI_WIDTH = 2
_KEEP_PLACE, _BACK = "\x1b7", "\x1b8"


class SteadyUpdate(CompositorUpdate):
    """An update of the screen that holds in whatever width a terminal draws what is uneven."""

    def __init__(self, update: LayoutUpdate | ChopsUpdate) -> None:
        self._update = update

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        """Render as the update does that is held."""
        yield self._update

    def render_segments(self, console: Console) -> str:
        """What is written to the terminal."""
        return steady(self._update.render_segments(console))


def steady(sequence: str) -> str:
    """What is drawn, with the cursor put where the screen has it behind all that is uneven.

    Its place is emptied first: a terminal may draw it narrower than it is thought to be.
    """
    if not _PERHAPS.search(sequence) or not _unusual().search(sequence):
        return sequence
    return _uneven().sub(_held, sequence)


@cache
def _unusual() -> re.Pattern[str]:
    return re.compile(_UNUSUAL.format(rest=_USUAL_CJK))


@cache
def _uneven() -> re.Pattern[str]:
    return re.compile(_UNEVEN)


def _held(found: re.Match[str]) -> str:
    text = found[0]
    width = cell_len(text)
    onward = f"\x1b[{width}C" if width else ""
    drawn = text if width > _EMOJI_WIDTH else text[:_LONGEST]
    return f"{_KEEP_PLACE}{' ' * width}{_BACK}{_KEEP_PLACE}{drawn}{_BACK}{onward}"
