"""The app in the test's own process."""

from __future__ import annotations

from functools import partial
from pathlib import Path

import pytest
from running_app import OpenApp, open_app_over


@pytest.fixture
def open_app(tmp_path: Path) -> OpenApp:
    """Opens the app over sessions in memory; the script is what agents answer."""
    return partial(open_app_over, tmp_path / "drafts.json")
