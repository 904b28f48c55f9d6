"""Pictures and files beside the sessions, put to every store that keeps them."""

from __future__ import annotations

import pytest
from store_samples import BAD_IDS, DictStore, document

from tui_sessions.errors import FileNotKept, InvalidId, SessionExists, SessionNotFound
from tui_sessions.model.changes import SetFields
from tui_sessions.model.clock import now
from tui_sessions.model.kept_files import file_name
from tui_sessions.stores.base import FileKeeping
from tui_sessions.stores.file import FileStore
from tui_sessions.stores.memory import MemoryStore
from tui_sessions.stores.overlay import OverlayStore

ONE, TWO = b"\x89PNG one", b"\x89PNG two"
NAME, OTHER = file_name(ONE, "image/png"), file_name(TWO, "image/png")
BAD_NAMES = ["", "..", "../s2.json", "a.png", f"/{NAME}", f"x/{NAME}", f"{NAME}\0", NAME.upper()]


@pytest.fixture(params=["file", "memory", "overlay", "overlay-temporary"])
def kind(request):
    return request.param


@pytest.fixture
async def store(kind, tmp_path):
    files = FileStore(tmp_path / "data")
    made = {"file": files, "memory": MemoryStore()}.get(kind) or OverlayStore(files)
    yield made
    await made.close()


@pytest.fixture
def make(kind):
    fields = {"temporary": True} if kind == "overlay-temporary" else {}
    return lambda *args, **more: document(*args, **fields, **more)


@pytest.fixture
async def kept(store, make):
    """The store with one session that keeps one file."""
    await store.save(make(), create=True)
    assert await store.put_file("s1", NAME, ONE)
    return store


def test_the_stores_say_that_they_keep_files():
    assert isinstance(MemoryStore(), FileKeeping)
    assert not isinstance(DictStore(), FileKeeping)


async def test_a_file_is_read_as_it_was_put_and_another_is_not_there(kept):
    assert await kept.read_file("s1", NAME) == ONE
    assert await kept.list_files("s1") == [NAME]
    with pytest.raises(FileNotKept):
        await kept.read_file("s1", OTHER)


async def test_what_is_there_is_never_overwritten(kept):
    await kept.put_file("s1", NAME, TWO)
    assert await kept.read_file("s1", NAME) == ONE


async def test_a_session_that_is_not_there_keeps_nothing(store):
    for call in (store.put_file("s1", NAME, ONE), store.read_file("s1", NAME)):
        with pytest.raises(SessionNotFound):
            await call


async def test_files_come_before_the_session_that_they_are_of(store, make):
    made = make()
    await store.put_file("s1", NAME, ONE, new=made)
    assert await store.version("s1") is None
    await store.save(made, create=True)
    assert await store.read_file("s1", NAME) == ONE
    assert await store.problems() == []


async def test_no_files_are_put_under_an_id_that_is_taken(kept, make):
    with pytest.raises(SessionExists):
        await kept.put_file("s1", OTHER, TWO, new=make())
    await kept.delete("s1")
    with pytest.raises(SessionExists):
        await kept.put_file("s1", OTHER, TWO, new=make())
    await kept.undelete("s1")
    assert await kept.list_files("s1") == [NAME]


async def test_files_go_where_their_session_goes(kept):
    await kept.move("s1", "work")
    assert await kept.read_file("s1", NAME) == ONE
    await kept.delete("s1")
    with pytest.raises(SessionNotFound):
        await kept.read_file("s1", NAME)
    await kept.undelete("s1")
    assert await kept.read_file("s1", NAME) == ONE


@pytest.mark.parametrize("trashed", [False, True])
async def test_files_are_gone_with_a_purge(kept, make, trashed):
    if trashed:
        await kept.delete("s1")
    await kept.purge("s1")
    await kept.save(make(), create=True)
    assert await kept.list_files("s1") == []


async def test_a_copy_needs_its_source_no_more(kept, make):
    child = make("s2")
    await kept.copy_files("s1", child, [NAME, OTHER])
    await kept.save(child, create=True)
    await kept.purge("s1")
    assert await kept.list_files("s2") == [NAME]
    assert await kept.read_file("s2", NAME) == ONE


async def test_a_copy_of_what_is_gone_is_refused(store, make):
    with pytest.raises(SessionNotFound):
        await store.copy_files("s1", make("s2"), [NAME])


@pytest.mark.parametrize("bad", BAD_NAMES)
async def test_a_name_that_is_none_is_refused(kept, make, bad):
    for call in (
        kept.put_file("s1", bad, ONE),
        kept.put_file("s3", bad, ONE, new=make("s3")),
        kept.read_file("s1", bad),
    ):
        with pytest.raises(FileNotKept):
            await call
    assert await kept.list_files("s1") == [NAME]


@pytest.mark.parametrize("bad", BAD_IDS)
async def test_an_id_that_is_none_is_refused(store, bad):
    for call in (store.put_file(bad, NAME, ONE), store.read_file(bad, NAME), store.list_files(bad)):
        with pytest.raises(InvalidId):
            await call


async def test_a_temporary_session_takes_its_files_along_when_it_is_kept(tmp_path):
    async def turned(temporary: bool) -> None:
        await store.append("s1", [SetFields(fields={"temporary": temporary})], now())
        assert await store.read_file("s1", NAME) == ONE
        assert (files / "s1.files").exists() is not temporary

    store = OverlayStore(FileStore(tmp_path))
    files = tmp_path / "workspaces" / "dev" / "sessions"
    await store.save(document(temporary=True), create=True)
    await store.put_file("s1", NAME, ONE)
    await turned(temporary=False)
    await turned(temporary=True)
    await store.close()


async def test_a_fork_of_a_temporary_session_is_given_files_of_its_own(tmp_path):
    store = OverlayStore(FileStore(tmp_path))
    await store.save(document(temporary=True), create=True)
    await store.put_file("s1", NAME, ONE)
    child = document("s2")
    await store.copy_files("s1", child, [NAME])
    await store.save(child, create=True)
    await store.close()
    again = FileStore(tmp_path)
    assert await again.read_file("s2", NAME) == ONE
    await again.close()


async def test_an_overlay_over_a_store_without_files_keeps_none():
    store = OverlayStore(DictStore())
    await store.save(document(), create=True)
    assert await store.put_file("s1", NAME, ONE) is False
    assert await store.list_files("s1") == []
    with pytest.raises(FileNotKept):
        await store.read_file("s1", NAME)
    await store.copy_files("s1", document("s2"), [NAME])


def test_a_name_says_what_is_in_it_and_nothing_else():
    assert file_name(ONE, "IMAGE/PNG") == NAME
    assert file_name(ONE, "image/svg+xml").endswith(".bin")
    assert file_name(ONE, "../../x").endswith(".bin")
    assert file_name(ONE, None).endswith(".bin")
    assert NAME != OTHER
