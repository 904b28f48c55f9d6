"""What is noted of the index while a test runs."""

import pytest
from noted_indexes import Used


@pytest.fixture
def used(monkeypatch: pytest.MonkeyPatch) -> Used:
    return Used(monkeypatch)
