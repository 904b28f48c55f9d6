"""Indexes and catalogs of the tests' own, in memory and in files."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tui_sessions.index.catalog import Catalog
from tui_sessions.index.full_text import TantivyIndex


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "cache" / "search" / "place"


@pytest.fixture(params=["memory", "folder"])
def index(request: pytest.FixtureRequest, folder: Path) -> Iterator[TantivyIndex]:
    made = TantivyIndex(folder if request.param == "folder" else None)
    made.open()
    yield made
    made.close()


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "cache" / "catalog.sqlite"


@pytest.fixture(params=["in memory", "in a file"])
def catalog(request: pytest.FixtureRequest, path: Path) -> Iterator[Catalog]:
    made = Catalog(path if request.param == "in a file" else None)
    yield made
    made.close()
