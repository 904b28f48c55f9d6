"""Objects that are packed come back as they were."""

import pytest

from tui_sessions.transfer import packed_values
from tui_sessions.transfer.packed_values import PackedValues


@pytest.mark.parametrize("size", [0, packed_values.LONG])
@pytest.mark.parametrize("block", [1, 100, 1_000_000])
def test_every_object_comes_back_by_its_number(
    monkeypatch: pytest.MonkeyPatch, block: int, size: int
) -> None:
    monkeypatch.setattr(packed_values, "BLOCK_SIZE", block)
    values = PackedValues(size)
    given = [{"n": n, "text": "x" * n, "big": 10**n, "list": [None, True, 0.5]} for n in range(150)]
    numbers = [values.add(each) for each in given]
    assert len(set(numbers)) == len(given)
    assert [values.get(number) for number in numbers] == given
    assert [values.get(number) for number in reversed(numbers)] == given[::-1]
