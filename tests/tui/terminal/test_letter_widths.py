import pytest
from rich.cells import cell_len
from rich.segment import Segment
from textual.strip import Strip

from tui_sessions.tui.terminal.letter_widths import give_room

HEART = "\u2764\ufe0f"
FAMILY = "\U0001f468\u200d\U0001f469\u200d\U0001f467"


@pytest.mark.parametrize("text", [f"a{HEART}b", HEART * 4, f"a{FAMILY}b", FAMILY * 3, "a漢b"])
def test_what_a_dialog_cuts_off_of_a_row_is_as_wide_as_it_was(text: str) -> None:
    give_room()
    strip = Strip([Segment(text)])
    width = cell_len(text)
    for cut in range(1, width):
        left, right = strip.divide([cut, width])
        assert (cell_len(left.text), cell_len(right.text)) == (cut, width - cut)
        assert not right.text.startswith(("\ufe0f", "\u200d"))
