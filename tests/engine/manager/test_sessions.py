"""Creating, naming, describing, moving and deleting sessions."""

import asyncio
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from engine_driving import ask

from tui_sessions import (
    InvalidId,
    InvalidValue,
    Message,
    SessionExists,
    SessionManager,
    SessionNotFound,
    StoreError,
    TextPart,
    open_sessions,
)
from tui_sessions.model.clock import now


async def test_a_new_session_has_everything_it_was_given(manager: SessionManager) -> None:
    expiry = now() + timedelta(days=1)
    session = await manager.create_session(
        workspace="dev",
        label="Parser",
        user_id="bob",
        tags=["work", "work", " "],
        metadata={"a": 1},
        preferences={"b": [2]},
        ttl=60,
        expires_at=expiry,
        surface="tty:1",
        id="mine",
    )
    assert session == await manager.get_session("mine")
    assert (session.workspace_id, session.label, session.user_id) == ("dev", "Parser", "bob")
    assert (session.tags, session.metadata, session.preferences) == (
        ("work",),
        {"a": 1},
        {"b": [2]},
    )
    assert (session.ttl_s, session.expires_at, session.surfaces) == (60, expiry, ("tty:1",))
    assert session.created_at == session.last_active_at
    assert session.state == "created"


async def test_defaults_are_the_users_own_in_the_default_workspace(manager: SessionManager) -> None:
    one, other = await manager.create_session(), await manager.create_session()
    assert one.id != other.id
    assert (one.user_id, one.workspace_id, one.label, one.chats) == ("ana", "default", "", ())


async def test_a_taken_id_is_refused_also_from_the_trash(manager: SessionManager) -> None:
    await manager.create_session(id="mine", label="First")
    with pytest.raises(SessionExists):
        await manager.create_session(id="mine", workspace="new")
    assert [w.id for w in await manager.workspaces()] == ["default"]
    await manager.delete("mine")
    with pytest.raises(SessionExists):
        await manager.create_session(id="mine")


async def test_an_empty_user_is_a_user_of_its_own(manager: SessionManager) -> None:
    session = await manager.create_session(user_id="")
    await manager.create_session()
    assert session.user_id == ""
    assert [s.id for s in await manager.list_sessions(user_id="")] == [session.id]
    assert (await manager.resolve_session(user_id="")).id == session.id


@pytest.mark.parametrize("bad", ["", ".", "..", "a/b", "../x", "a\0b", "x" * 260, "-a", "ä", "a "])
async def test_ids_that_no_path_may_be_made_of_are_refused_everywhere(
    manager: SessionManager, tmp_path: Path, bad: str
) -> None:
    with pytest.raises(InvalidId):
        await manager.create_session(id=bad)
    with pytest.raises(InvalidId):
        await manager.create_session(workspace=bad)
    for method in ("get_session", "load", "delete", "undelete", "purge", "touch", "fork", "stats"):
        with pytest.raises(InvalidId):
            await getattr(manager, method)(bad)
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize(
    "fields",
    [
        {"label": "  \n"},
        {"label": "\x00\x1b\u200b"},
        {"label": "x" * 201},
        {"label": 5},
        {"user_id": 5},
        {"tags": "work"},
        {"tags": [1]},
        {"tags": 5},
        {"metadata": [1]},
        {"metadata": {"a": object()}},
        {"metadata": {1: 2}},
        {"preferences": "x"},
        {"metadata": {"deep": [float("nan")]}},
        {"preferences": {"x": float("inf")}},
        {"ttl": 0},
        {"ttl": -1},
        {"ttl": float("nan")},
        {"ttl": float("inf")},
        {"ttl": "60"},
        {"ttl": True},
        {"expires_at": "tomorrow"},
        {"surface": ""},
        {"surface": 5},
    ],
)
async def test_arguments_of_a_wrong_kind_are_refused_and_create_nothing(
    manager: SessionManager, fields: dict[str, object]
) -> None:
    with pytest.raises(InvalidValue):
        await manager.create_session(workspace="new", **fields)  # type: ignore[arg-type]
    assert await manager.list_sessions() == []
    assert await manager.workspaces() == []


async def test_a_value_that_holds_itself_is_refused(manager: SessionManager) -> None:
    endless: dict[str, object] = {}
    endless["self"] = endless
    with pytest.raises(InvalidValue):
        await manager.create_session(metadata=endless)


async def test_hostile_text_in_a_label_is_kept_and_lone_surrogates_do_no_harm(
    manager: SessionManager,
) -> None:
    session = await manager.create_session(label="\x1b[31mred\ud800")
    loaded = await manager.get_session(session.id)
    assert loaded.label.startswith("\x1b[31mred")
    await ask(manager, session.id, "Tell me \ud800 now")
    assert "Tell me" in (await manager.history(session.id))[0].text


async def test_values_handed_out_belong_to_the_caller(manager: SessionManager) -> None:
    given = {"list": [1]}
    session = await manager.create_session(metadata=given)
    given["list"].append(2)
    session.metadata["list"].append(3)
    (await manager.get_session(session.id)).metadata["list"].append(4)
    assert (await manager.get_session(session.id)).metadata == {"list": [1]}


async def test_an_explicit_label_always_wins_over_the_automatic_one(
    manager: SessionManager,
) -> None:
    session = await manager.create_session(label="Chosen")
    await ask(manager, session.id, "Hello world")
    assert (await manager.get_session(session.id)).label == "Chosen"
    renamed = await manager.create_session()
    await manager.rename(renamed.id, "  Also\n chosen ")
    await ask(manager, renamed.id, "Hello world")
    assert (await manager.get_session(renamed.id)).label == "Also chosen"


async def test_the_automatic_label_is_the_first_prompt_once(manager: SessionManager) -> None:
    session = await manager.create_session()
    await manager.add_message(session.id, "context", hidden=True)
    await manager.add_message(session.id, "rules", role="system")
    assert (await manager.get_session(session.id)).label == ""
    await ask(manager, session.id, "Hello world\nmore")
    await ask(manager, session.id, "Another question")
    labelled = await manager.get_session(session.id)
    assert (labelled.label, labelled.auto_label) == ("Hello world", True)


async def test_rename_refuses_nothing_to_read_and_changes_nothing(manager: SessionManager) -> None:
    session = await manager.create_session(label="Parser")
    for bad in ("", " \t", "\x07", "x" * 201):
        with pytest.raises(InvalidValue):
            await manager.rename(session.id, bad)
    assert (await manager.get_session(session.id)).label == "Parser"


async def test_metadata_merges_key_by_key_and_keys_can_be_removed(manager: SessionManager) -> None:
    session = await manager.create_session(metadata={"a": 1, "b": 2})
    await manager.update_metadata(session.id, {"b": 3, "c": None})
    changed = await manager.update_metadata(session.id, {}, remove=["a", "zz"])
    assert changed.metadata == {"b": 3, "c": None}
    changed = await manager.update_preferences(session.id, {"theme": "dark"})
    assert changed.preferences == {"theme": "dark"}
    with pytest.raises(InvalidValue):
        await manager.update_metadata(session.id, {}, remove="abc")
    with pytest.raises(InvalidValue):
        await manager.update_metadata(session.id, {"x": b"\x00".join})  # type: ignore[dict-item]


async def test_surfaces_are_idempotent_keep_their_order_and_move_no_activity(
    manager: SessionManager,
) -> None:
    session = await manager.create_session(surface="b")
    for surface in ("a", "b", "a"):
        changed = await manager.attach_surface(session.id, surface)
    assert changed.surfaces == ("b", "a")
    await manager.detach_surface(session.id, "b")
    changed = await manager.detach_surface(session.id, "b")
    assert changed.surfaces == ("a",)
    assert changed.last_active_at == session.last_active_at
    with pytest.raises(InvalidValue):
        await manager.attach_surface(session.id, "")


async def test_ttl_expiry_and_tags_can_be_changed(manager: SessionManager) -> None:
    session = await manager.create_session()
    moment = now()
    assert (await manager.set_ttl(session.id, 5)).ttl_s == 5
    assert (await manager.set_ttl(session.id, None)).ttl_s is None
    assert (await manager.set_expiry(session.id, moment)).expires_at == moment
    assert (await manager.set_expiry(session.id, None)).expires_at is None
    assert (await manager.set_tags(session.id, ["b", "a", "b"])).tags == ("b", "a")
    for bad in (0, "5", float("nan")):
        with pytest.raises(InvalidValue):
            await manager.set_ttl(session.id, bad)  # type: ignore[arg-type]


async def test_tags_that_two_programs_change_at_once_are_all_kept(tmp_path: Path) -> None:
    store = f"file://{tmp_path}"
    async with open_sessions(store) as here, open_sessions(store) as there:
        made = await here.create_session(tags=["old", "kept"])
        await here.save(made.id)
        first, second = [(await manager.get_session(made.id), manager) for manager in (here, there)]
        assert first[0].tags == second[0].tags
        await asyncio.gather(
            here.update_tags(made.id, ["one"], remove=["old", "unknown"]),
            there.update_tags(made.id, ["two", "kept"]),
        )
        await here.save(made.id)
        await there.save(made.id)
    async with open_sessions(store) as later:
        tags = (await later.get_session(made.id)).tags
        assert sorted(tags) == ["kept", "one", "two"]
        assert (await later.update_tags(made.id, ["one"])).tags == tags


async def test_delete_tells_whether_there_was_one_and_undelete_brings_all_back(
    manager: SessionManager,
) -> None:
    session = await manager.create_session(label="Parser", tags=["x"])
    await ask(manager, session.id, "Hello")
    before = await manager.history(session.id)
    assert await manager.delete(session.id) is True
    assert await manager.delete(session.id) is False
    with pytest.raises(SessionNotFound):
        await manager.get_session(session.id)
    assert [t.label for t in await manager.trash()] == ["Parser"]
    back = await manager.undelete(session.id)
    assert (back.label, back.tags) == ("Parser", ("x",))
    assert await manager.history(session.id) == before
    with pytest.raises(SessionNotFound):
        await manager.undelete(session.id)


async def test_purge_is_final_from_the_trash_and_from_its_place(manager: SessionManager) -> None:
    one, two = await manager.create_session(), await manager.create_session()
    await manager.delete(one.id)
    assert await manager.purge(one.id) is True
    assert await manager.purge(two.id) is True
    assert await manager.purge(two.id) is False
    with pytest.raises(SessionNotFound):
        await manager.undelete(one.id)
    assert await manager.list_sessions() == []


async def test_move_gives_a_session_to_another_workspace(manager: SessionManager) -> None:
    session = await manager.create_session(workspace="one")
    await ask(manager, session.id, "Hello")
    moved = await manager.move(session.id, "two")
    assert moved.workspace_id == "two"
    assert len(await manager.history(session.id)) == 2
    with pytest.raises(SessionNotFound):
        await manager.move("nobody", "three")
    assert [w.id for w in await manager.workspaces()] == ["one", "two"]


async def test_changes_side_by_side_on_one_session_lose_nothing(manager: SessionManager) -> None:
    session = await manager.create_session()
    await asyncio.gather(
        *(manager.update_metadata(session.id, {f"k{i}": i}) for i in range(20)),
        *(manager.attach_surface(session.id, f"s{i}") for i in range(20)),
        *(manager.create_chat(session.id) for _ in range(5)),
    )
    after = await manager.get_session(session.id)
    assert (len(after.metadata), len(after.surfaces), len(after.chats)) == (20, 20, 5)


async def test_nothing_is_changed_after_the_end(open_manager) -> None:  # type: ignore[no-untyped-def]
    async with open_manager() as manager:
        session = await manager.create_session()
    for change in (
        manager.rename(session.id, "x"),
        manager.create_session(),
        manager.delete(session.id),
        manager.fork(session.id),
        ask(manager, session.id, "Hello"),
    ):
        with pytest.raises(StoreError, match="closed"):
            await change


async def test_changes_in_quick_succession_show_in_times_and_order() -> None:
    async with open_sessions("memory:") as manager:
        sessions = [await manager.create_session() for _ in range(20)]
        updated = sessions[0].updated_at
        for number in range(20):
            session = await manager.update_metadata(sessions[0].id, {"number": number})
            assert session.updated_at > updated
            updated = session.updated_at
        for session in sessions:
            await manager.touch(session.id)
            assert (await manager.list_sessions())[0].id == session.id


@pytest.mark.parametrize("depth", [150, 900])
async def test_metadata_that_is_nested_too_deep_is_refused(
    manager: SessionManager, depth: int
) -> None:
    session = await manager.create_session()
    deep: Any = []
    for _ in range(depth):
        deep = [deep]
    with pytest.raises((InvalidValue, StoreError)):
        await manager.update_metadata(session.id, {"deep": deep})
    with pytest.raises((InvalidValue, StoreError)):
        await manager.add_message(
            session.id, Message(id="m", content=(TextPart("x"),), metadata={"deep": deep})
        )
    assert (await manager.get_session(session.id)).metadata == {}
    assert await manager.history(session.id) == []


@pytest.mark.parametrize("kind", ["memory", "file"])
async def test_after_the_shutdown_everything_is_refused_alike(kind: str, tmp_path: Path) -> None:
    async with open_sessions("memory:" if kind == "memory" else f"file://{tmp_path}") as manager:
        session = (await manager.create_session(label="Parser")).id
    for refused in (
        manager.create_session(),
        manager.rename(session, "Lexer"),
        manager.search("parser"),
        manager.get_session(session),
        manager.load(),
        manager.list_sessions(),
        manager.known_sessions(),
        manager.history(session),
        manager.children(session),
        manager.stats(session),
        manager.system_stats(),
        manager.workspaces(),
        manager.trash(),
        manager.problems(),
    ):
        with pytest.raises(StoreError, match="The sessions are closed; open them again"):
            await refused
    await manager.close(session)
    await manager.shutdown()
