"""Stores by kind and URL."""

from __future__ import annotations

from pathlib import Path

import pytest
from store_samples import DictStore, document

from tui_sessions.errors import InvalidId, InvalidValue
from tui_sessions.paths import data_dir
from tui_sessions.stores import registry
from tui_sessions.stores.file import FileStore
from tui_sessions.stores.memory import MemoryStore
from tui_sessions.stores.registry import create_store, register_store


@pytest.fixture(autouse=True)
def _kinds_as_shipped(monkeypatch):
    monkeypatch.setattr(registry, "_factories", dict(registry._factories))


@pytest.mark.parametrize(
    ("url", "directory"),
    [
        ("file:///home/ana/my%20sessions", "/home/ana/my sessions"),
        ("file://localhost/srv/x", "/srv/x"),
        ("file:///srv/%23a%3Fb/", "/srv/#a?b"),
        ("file:///srv/ä", "/srv/ä"),
    ],
)
def test_a_file_url_names_a_folder(url, directory):
    store = create_store(url)
    assert isinstance(store, FileStore)
    assert store.directory == Path(directory)


def test_a_kind_takes_options(tmp_path):
    assert create_store("file", directory=str(tmp_path)).directory == tmp_path
    assert create_store("file", directory=tmp_path).directory == tmp_path
    assert create_store("file").directory == data_dir()
    assert isinstance(create_store("memory"), MemoryStore)
    assert isinstance(create_store("memory:"), MemoryStore)


@pytest.mark.parametrize(
    "kind", ["", "redis", "redis://host/0", "FILE", "/some/folder", "C:\\x", 5]
)
def test_an_unknown_kind_is_refused_with_those_there_are(kind):
    with pytest.raises(InvalidValue, match=r"file, memory"):
        create_store(kind)


def test_an_unknown_option_is_refused_with_those_there_are():
    with pytest.raises(InvalidValue, match="directory"):
        create_store("file", path="/x")
    with pytest.raises(InvalidValue, match="none"):
        create_store("memory", directory="/x")
    with pytest.raises(InvalidValue, match="directory"):
        create_store("file:///x", size=3)
    with pytest.raises(InvalidValue, match="directory"):
        create_store("file", directory=5)


@pytest.mark.parametrize(
    "url",
    [
        "file:",
        "file:x",
        "file:/x",
        "file://",
        "file:///",
        "file://host/x",
        "file:///x?a=b",
        "file:///x#y",
        "file:///a%00b",
        "file://[bad/x",
        "memory:x",
        "memory://",
    ],
)
def test_a_url_that_names_nothing_is_refused(url):
    with pytest.raises(InvalidValue):
        create_store(url)


async def test_a_kind_of_somebody_else_is_made_from_its_url():
    made = {}

    def factory(url: str = "", shelf: int = 1) -> DictStore:
        made.update(url=url, shelf=shelf)
        return DictStore()

    register_store("dict", factory)
    store = create_store("dict://box/2", shelf=3)
    assert made == {"url": "dict://box/2", "shelf": 3}
    await store.save(document(), create=True)
    assert len(await store.scan()) == 1
    with pytest.raises(InvalidValue, match="url, shelf"):
        create_store("dict", depth=1)
    with pytest.raises(InvalidId):
        register_store("a b", factory)
