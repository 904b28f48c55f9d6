"""What a reply of another window has gained since it was shown."""

from __future__ import annotations

import pytest

from tui_sessions import Message, Part, TextPart, ThinkingPart, ToolCallPart
from tui_sessions.tui.screens.main.other_windows import growth

CALL = ToolCallPart("c1", "add", {})


def reply(*parts: Part) -> Message:
    return Message(id="m1", role="assistant", status="partial", content=parts)


@pytest.mark.parametrize(
    ("before", "after", "gained"),
    [
        ((), (), []),
        ((), (TextPart("One"),), [("One", "text")]),
        ((TextPart("One"),), (TextPart("One"),), []),
        ((TextPart("One"),), (TextPart("One two"),), [(" two", "text")]),
        (
            (ThinkingPart("Hm"),),
            (ThinkingPart("Hmm"), TextPart("Yes")),
            [("m", "thinking"), ("Yes", "text")],
        ),
        ((CALL, TextPart("a")), (CALL, TextPart("ab")), [("b", "text")]),
    ],
)
def test_more_of_a_reply_is_told_piece_by_piece(
    before: tuple[Part, ...], after: tuple[Part, ...], gained: list[tuple[str, str]]
) -> None:
    assert growth(reply(*before), reply(*after)) == gained


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ((TextPart("One"),), ()),
        ((TextPart("One"),), (TextPart("Another"),)),
        ((TextPart("One"),), (ThinkingPart("One more"),)),
        ((TextPart("One"),), (TextPart("One"), CALL)),
        ((TextPart("One"), TextPart("Two")), (TextPart("One more"), TextPart("Two"))),
    ],
)
def test_whatever_else_has_changed_is_not_told_as_more(
    before: tuple[Part, ...], after: tuple[Part, ...]
) -> None:
    assert growth(reply(*before), reply(*after)) is None
