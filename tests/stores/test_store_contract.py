"""What every store must do, put to each of them."""

from __future__ import annotations

import asyncio
from datetime import timedelta

import pytest
from store_samples import BAD_IDS, LATER, MOMENT, DictStore, data, document, ids, message, put

from tui_sessions.errors import InvalidId, SessionExists, SessionNotFound, StoreError
from tui_sessions.model.changes import MergeField, SetFields
from tui_sessions.model.clock import format_time
from tui_sessions.model.document import SessionDocument
from tui_sessions.model.session import Workspace
from tui_sessions.stores.base import CheckingStore, Store
from tui_sessions.stores.file import FileStore
from tui_sessions.stores.memory import MemoryStore
from tui_sessions.stores.overlay import OverlayStore

KINDS = ["file", "memory", "overlay", "overlay-temporary", "third-party"]


@pytest.fixture(params=KINDS)
def kind(request):
    return request.param


@pytest.fixture
async def store(kind, tmp_path):
    made: Store = {
        "file": lambda: FileStore(tmp_path / "data"),
        "memory": MemoryStore,
        "overlay": lambda: OverlayStore(FileStore(tmp_path / "data")),
        "overlay-temporary": lambda: OverlayStore(FileStore(tmp_path / "data")),
        "third-party": DictStore,
    }[kind]()
    yield made
    await made.close()


@pytest.fixture
def make(kind):
    """Makes the sessions of a test; of an overlay's also such as it keeps in memory."""
    if kind == "overlay-temporary":
        return lambda *args, **fields: document(*args, temporary=True, **fields)
    return document


async def test_an_empty_store_lists_nothing(store):
    assert await store.scan() == []
    assert await store.trash() == []
    assert await store.problems() == []
    assert await store.workspaces() == []


async def test_what_was_saved_is_loaded_equal_with_tools_images_and_empty_chats(store, make):
    parts = [
        {"type": "text", "text": "a\u2028b\0c \U0001f600 e\u0301"},
        {"type": "tool_call", "id": "t", "name": "ls", "arguments": {"path": ["a", 1, None]}},
        {"type": "tool_result", "call_id": "t", "text": "", "is_error": True},
        {"type": "image", "media_type": "image/png", "data": "aGk="},
        {"type": "unheard-of", "value": {"deep": [[[1.5]]]}},
    ]
    made = make(chats=[{"id": "c1", "messages": [message(1, content=parts)]}, *data()["chats"][1:]])
    await store.save(made, create=True)
    assert (await store.load("s1")).document.data == made.data


async def test_an_unknown_session_is_not_there(store):
    assert await store.version("nobody") is None
    assert await store.delete("nobody") is False
    assert await store.purge("nobody") is False
    with pytest.raises(SessionNotFound):
        await store.load("nobody")
    with pytest.raises(SessionNotFound):
        await store.append("nobody", [put(1)], MOMENT)
    with pytest.raises(SessionNotFound):
        await store.save(document("nobody"))
    with pytest.raises(SessionNotFound):
        await store.undelete("nobody")
    with pytest.raises(SessionNotFound):
        await store.move("nobody", "dev")
    assert await store.scan() == []


@pytest.mark.parametrize("bad", BAD_IDS)
async def test_an_id_that_is_none_is_refused_by_every_method(store, bad):
    for call in (store.version, store.load, store.fold, store.delete, store.undelete, store.purge):
        with pytest.raises(InvalidId):
            await call(bad)
    with pytest.raises(InvalidId):
        await store.append(bad, [put(1)], MOMENT)
    with pytest.raises(InvalidId):
        await store.move(bad, "dev")
    with pytest.raises(InvalidId):
        await store.save_workspace(Workspace(id=bad))


@pytest.mark.parametrize("bad", ["..", "a/b", ""])
async def test_a_session_is_not_moved_to_a_place_that_is_none(store, make, bad):
    await store.save(make(), create=True)
    with pytest.raises(InvalidId):
        await store.move("s1", bad)
    assert [stamp.workspace_id for stamp in await store.scan()] == ["dev"]


async def test_a_session_is_not_created_in_a_place_that_is_none(store, make, kind):
    if kind == "third-party":
        pytest.skip("what a foreign store does with it is its own affair")
    for bad in ("..", "../../x", "", "a b"):
        with pytest.raises(InvalidId):
            await store.save(make(workspace_id=bad), create=True)
    assert await store.scan() == []


async def test_all_calls_agree_on_the_version(store, make):
    saved = await store.save(make(), create=True)
    appended = await store.append("s1", [put(1)], LATER)
    assert appended.before == saved != appended.after
    [stamp] = await store.scan()
    assert stamp.version == await store.version("s1") == appended.after
    assert (await store.load("s1")).version == appended.after
    again = await store.save((await store.load("s1")).document)
    assert again == await store.version("s1") == (await store.scan())[0].version


async def test_every_change_makes_another_version(store, make):
    versions = [await store.save(make(), create=True)]
    versions += [(await store.append("s1", [put(n)], LATER)).after for n in range(20)]
    versions += [await store.save(make()) for _ in range(20)]
    assert len(set(versions)) == len(versions)


async def test_appended_messages_follow_in_order_before_and_after_a_fold(store, make):
    await store.save(make(), create=True)
    made = [await store.append("s1", [put(n)], LATER) for n in range(5)]
    assert [each.revision for each in made] == [1, 2, 3, 4, 5]
    assert ids(await store.load("s1")) == ["m0", "m1", "m2", "m3", "m4"]
    await store.fold("s1")
    await store.fold("s1")
    stored = await store.load("s1")
    assert ids(stored) == ["m0", "m1", "m2", "m3", "m4"]
    assert stored.document.revision == 5
    assert (await store.append("s1", [put(5)], LATER)).revision == 6


async def test_a_change_for_one_version_is_not_made_to_another(store, make):
    if not isinstance(store, CheckingStore):
        pytest.skip("it does without")
    version = await store.save(make(), create=True)
    made = await store.append_if("s1", version, [put(1)], LATER)
    assert (made.before, made.revision) == (version, 1)
    assert await store.version("s1") == made.after
    assert await store.append_if("s1", version, [put(2)], LATER) is None
    assert (ids(await store.load("s1")), await store.version("s1")) == (["m1"], made.after)
    again = await store.append_if("s1", made.after, [put(2)], LATER)
    assert (again.before, ids(await store.load("s1"))) == (made.after, ["m1", "m2"])
    await store.delete("s1")
    with pytest.raises(SessionNotFound):
        await store.append_if("s1", again.after, [put(3)], LATER)


async def test_created_at_stays_and_updated_at_grows(store, make):
    await store.save(make(), create=True)
    await store.append("s1", [put(1)], LATER)
    await store.append("s1", [put(2)], MOMENT - timedelta(days=1))
    session = (await store.load("s1")).document.session()
    grown = LATER + timedelta(microseconds=1)  # the clock was set back in between
    assert (session.created_at, session.updated_at) == (MOMENT, grown)
    assert session.message_count == 2


async def test_touching_an_old_session_shows_in_its_time(store, make):
    await store.save(make("old"), create=True)
    await store.save(make("new", last_active_at=format_time(LATER)), create=True)
    touched = LATER + timedelta(seconds=1)
    await store.append("old", [SetFields(fields={"last_active_at": format_time(touched)})], touched)
    sessions = [(await store.load(key)).document.session() for key in ("old", "new")]
    assert max(sessions, key=lambda session: session.last_active_at).id == "old"


async def test_metadata_merges_key_by_key(store, make):
    await store.save(make(metadata={"a": 1, "b": {"x": 1}}), create=True)
    await store.append("s1", [MergeField(field="metadata", values={"c": 3}, remove=("a",))], LATER)
    assert (await store.load("s1")).document.data["metadata"] == {"b": {"x": 1}, "c": 3}


async def test_unknown_keys_survive_append_fold_and_save(store, make):
    chat = {"id": "c1", "messages": [message(0, x_message=1)], "x_chat": {"y": [1]}}
    chat["messages"][0]["content"][0]["x_part"] = True
    await store.save(make(chats=[chat], x_session=[1, {"z": None}]), create=True)
    await store.append("s1", [put(1, x_late="yes")], LATER)
    await store.fold("s1")
    await store.save((await store.load("s1")).document)
    kept = (await store.load("s1")).document.data
    first, second = kept["chats"][0]["messages"]
    assert kept["x_session"] == [1, {"z": None}]
    assert kept["chats"][0]["x_chat"] == {"y": [1]}
    assert (first["x_message"], first["content"][0]["x_part"], second["x_late"]) == (1, True, "yes")


async def test_what_is_read_belongs_to_the_caller(store, make):
    mine = make(metadata={"a": [1]}, messages=1)
    await store.save(mine, create=True)
    mine.data["metadata"]["a"].append(2)
    read = (await store.load("s1")).document
    read.data["metadata"]["a"].append(3)
    read.data["chats"].clear()
    again = (await store.load("s1")).document.data
    assert again["metadata"] == {"a": [1]}
    assert len(again["chats"]) == 2


async def test_a_taken_id_is_not_created_again(store, make):
    await store.save(make(label="first"), create=True)
    with pytest.raises(SessionExists):
        await store.save(make(label="second"), create=True)
    with pytest.raises(SessionExists):
        await store.save(make(label="second", workspace_id="other"), create=True)
    assert (await store.load("s1")).document.session().label == "first"


async def test_an_id_in_the_trash_is_taken(store, make):
    await store.save(make(), create=True)
    await store.delete("s1")
    with pytest.raises(SessionExists):
        await store.save(make(), create=True)


async def test_a_deleted_session_stays_deleted(store, make):
    await store.save(make(), create=True)
    assert await store.delete("s1") is True
    assert await store.delete("s1") is False
    with pytest.raises(SessionNotFound):
        await store.append("s1", [put(1)], LATER)
    with pytest.raises(SessionNotFound):
        await store.save(make())
    await store.fold("s1")
    assert await store.scan() == []
    assert await store.version("s1") is None


async def test_a_session_deleted_under_saves_stays_deleted(store, make):
    for number in range(20):
        key = f"s{number}"
        await store.save(make(key), create=True)
        calls = [store.save(make(key)) for _ in range(3)]
        calls += [store.append(key, [put(n)], LATER) for n in range(3)]
        calls.insert(3, store.delete(key))
        answers = await asyncio.gather(*calls, return_exceptions=True)
        assert not [
            a for a in answers if isinstance(a, Exception) and type(a) is not SessionNotFound
        ]
        await store.fold(key)
        assert await store.version(key) is None
    assert await store.scan() == []


async def test_a_deleted_session_comes_back_whole(store, make):
    await store.save(make(), create=True)
    await store.append("s1", [put(1)], LATER)
    before = (await store.load("s1")).document.data
    await store.delete("s1")
    [trashed] = await store.trash()
    assert (trashed.session_id, trashed.workspace_id) == ("s1", "dev")
    assert trashed.label == "Fix the parser"
    await store.undelete("s1")
    assert (await store.load("s1")).document.data == before
    assert await store.trash() == []
    assert (await store.append("s1", [put(2)], LATER)).revision == 2


async def test_the_trash_shows_the_latest_first(store, make):
    for key in ("a", "b", "c"):
        await store.save(make(key), create=True)
    for key in ("b", "a", "c"):
        await store.delete(key)
    assert [trashed.session_id for trashed in await store.trash()] == ["c", "a", "b"]


async def test_purged_is_gone_from_trash_and_place_and_frees_the_id(store, make):
    await store.save(make("a"), create=True)
    await store.save(make("b"), create=True)
    await store.append("b", [put(1)], LATER)
    await store.delete("a")
    assert await store.purge("a") is True
    assert await store.purge("b") is True
    assert await store.purge("a") is False
    assert await store.trash() == []
    assert await store.scan() == []
    await store.save(make("b"), create=True)
    assert ids(await store.load("b")) == []


async def test_a_moved_session_has_its_messages_in_the_other_workspace(store, make):
    await store.save(make(messages=1), create=True)
    await store.append("s1", [put(1)], LATER)
    await store.move("s1", "other")
    await store.move("s1", "other")
    assert [stamp.workspace_id for stamp in await store.scan()] == ["other"]
    await store.append("s1", [put(2)], LATER)
    stored = await store.load("s1")
    assert stored.document.workspace_id == "other"
    assert ids(stored) == ["m0", "m1", "m2"]
    assert stored.version == await store.version("s1")


async def test_two_hundred_overlapping_saves_leave_the_last(store, make):
    await store.save(make(), create=True)
    documents = [make(messages=number % 7, label=f"save {number}") for number in range(200)]
    await asyncio.gather(*(store.save(each) for each in documents))
    assert (await store.load("s1")).document.session().label == "save 199"


async def test_loads_between_overlapping_changes_are_always_whole(store, make):
    await store.save(make(), create=True)
    calls = []
    for number in range(30):
        calls += [store.append("s1", [put(number)], LATER), store.load("s1")]
        if number % 10 == 9:
            calls.append(store.fold("s1"))
    answers = await asyncio.gather(*calls)
    assert len(answers) == 63
    assert ids(await store.load("s1")) == [f"m{number}" for number in range(30)]


async def test_changes_of_one_append_come_together(store, make):
    await store.save(make(), create=True)
    appended = await store.append("s1", [put(1), put(2), SetFields(fields={"label": "x"})], LATER)
    stored = await store.load("s1")
    assert appended.revision == stored.document.revision == 1
    assert ids(stored) == ["m1", "m2"]
    assert stored.document.session().label == "x"


async def test_a_save_over_appended_changes_wins(store, make):
    await store.save(make(), create=True)
    await store.append("s1", [put(1)], LATER)
    await store.save(make(label="whole"))
    stored = await store.load("s1")
    assert ids(stored) == []
    assert stored.document.session().label == "whole"
    await store.append("s1", [put(2)], LATER)
    assert ids(await store.load("s1")) == ["m2"]


async def test_half_characters_break_no_save(store, make, kind):
    if kind == "third-party":
        pytest.skip("what a foreign store does with them is its own affair")
    await store.save(make(label="a\ud800b"), create=True)
    await store.append("s1", [put(1, "x\udfffy"), put(2, "\ud83d\ude00")], LATER)
    stored = await store.load("s1")
    assert stored.document.session().label == "a\ufffdb"
    assert [each.text for each in stored.document.messages("c1")] == ["x\ufffdy", "\U0001f600"]


async def test_what_json_cannot_hold_is_refused_and_changes_nothing(store, make, kind):
    if kind == "third-party":
        pytest.skip("what a foreign store does with it is its own affair")
    version = await store.save(make(), create=True)
    deep: list[object] = []
    for _ in range(500):
        deep = [deep]
    for value in (object(), deep):
        with pytest.raises(StoreError):
            await store.append("s1", [SetFields(fields={"x": value})], LATER)
    bad = make()
    bad.data["x"] = object()
    with pytest.raises(StoreError):
        await store.save(bad)
    assert await store.version("s1") == version
    assert "x" not in (await store.load("s1")).document.data


async def test_workspaces_are_kept_by_name(store, make):
    await store.save(make(), create=True)
    kept = Workspace(
        id="zoo",
        name="A zoo",
        directory="/home/ana/zoo",
        created_at=MOMENT,
        defaults={"template": "coder"},
        metadata={"a": 1},
    )
    await store.save_workspace(kept)
    assert await store.workspaces() == [kept, Workspace(id="dev", name="dev")]
    await store.save_workspace(Workspace(id="zoo", name="z", metadata={"b": 1}))
    assert [each.name for each in await store.workspaces()] == ["dev", "z"]


async def test_three_hundred_sessions_are_all_listed(store, make):
    for number in range(300):
        await store.save(make(f"s{number}", workspace_id=f"w{number % 3}"), create=True)
    stamps = await store.scan()
    assert {stamp.session_id for stamp in stamps} == {f"s{number}" for number in range(300)}
    assert {stamp.workspace_id for stamp in stamps} == {"w0", "w1", "w2"}


async def test_closing_twice_is_fine(store, make):
    await store.save(make(), create=True)
    await store.close()
    await store.close()


async def test_a_document_is_not_kept_by_the_store(store, make):
    mine = make()
    before = SessionDocument.copy(mine).data
    await store.save(mine, create=True)
    await store.append("s1", [put(1)], LATER)
    assert mine.data == before
