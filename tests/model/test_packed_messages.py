"""Messages that are packed are the same when they are gone through."""

import pytest

from tui_sessions import Message, TextPart
from tui_sessions.model import packed_messages
from tui_sessions.model.codec import message_data
from tui_sessions.model.packed_messages import PackedMessages


@pytest.mark.parametrize("block", [1, 300, 1_000_000])
def test_they_are_a_sequence_of_the_same_messages(
    monkeypatch: pytest.MonkeyPatch, block: int
) -> None:
    monkeypatch.setattr(packed_messages, "BLOCK_SIZE", block)
    messages = [
        Message(id=f"m{n}", role="user", content=(TextPart(f"café 東京 {n}"),)) for n in range(10)
    ]
    packed = PackedMessages()
    for message in messages:
        packed.add(message_data(message))
    assert (len(packed), list(packed), list(packed)) == (10, messages, messages)
    assert (packed[0], packed[9], packed[-1], packed[-10]) == (
        messages[0],
        messages[9],
        messages[9],
        messages[0],
    )
    for part in (slice(3), slice(3, None), slice(2, -2), slice(8, 2), slice(-3, None)):
        assert list(packed[part]) == messages[part]
        assert len(packed[part]) == len(messages[part])
    assert list(packed[2:][3:5]) == messages[5:7]
    assert packed[2:][-1] == messages[-1]
    assert list(packed[::-3]) == messages[::-3]
    for place in (10, -11):
        with pytest.raises(IndexError):
            packed[place]
    assert list(PackedMessages()) == []
