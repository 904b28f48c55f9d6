"""Searching what forks inherited: found once, and in the fork where only that fits the filters."""

import pytest

from tui_sessions import Session, SessionManager


async def talk(manager: SessionManager, *said: str, **fields: object) -> Session:
    """A session in which that was said."""
    session = await manager.create_session(**fields)
    for text in said:
        await manager.add_message(session.id, text)
    return await manager.get_session(session.id)


async def found(manager: SessionManager, query: str, **options: object) -> list[tuple[str, str]]:
    """The messages that are found, by their sessions and what is shown of them."""
    results = await manager.search(query, wait_s=None, messages_only=True, **options)
    assert results.complete
    assert not results.notice
    assert results.total == len(results.hits)
    for hit in results.hits:  # where it is said to be there it is
        there = await manager.history(hit.session_id, hit.chat_id)
        assert hit.message_id in {message.id for message in there}
    return sorted((hit.session_id, hit.snippet.text) for hit in results.hits)


async def fork(manager: SessionManager, session: Session, **fields: object) -> Session:
    """A fork with tags of its own."""
    tags = fields.pop("tags", ())
    made = await manager.fork(session.id, **fields)
    return await manager.set_tags(made.id, tags)


async def test_what_only_a_fork_fits_is_found_in_the_fork(manager: SessionManager) -> None:
    parent = await talk(manager, "needle one", "needle two", tags=["old"])
    child = await fork(manager, parent, tags=["new"])
    await manager.add_message(parent.id, "needle later")
    inherited = [(child.id, "needle one"), (child.id, "needle two")]
    assert await found(manager, "needle tag:new") == inherited
    assert await found(manager, "tag:new") == inherited
    assert await found(manager, "needle -tag:old") == inherited
    assert await found(manager, '"needle one" tag:new') == inherited[:1]
    assert await found(manager, "needel tag:new") == inherited
    assert len(await found(manager, "needle")) == 3
    await manager.archive(parent.id)
    assert await found(manager, "needle -state:archived") == inherited
    assert len(await found(manager, "needle state:archived")) == 3


async def test_what_both_fit_is_found_once_with_the_parent(manager: SessionManager) -> None:
    parent = await talk(manager, "needle", tags=["red"])
    await fork(manager, parent, tags=["red"])
    assert await found(manager, "needle tag:red") == [(parent.id, "needle")]
    assert await found(manager, "needle") == [(parent.id, "needle")]


async def test_what_lies_behind_the_fork_point_is_not_found_in_the_fork(
    manager: SessionManager,
) -> None:
    parent = await talk(manager, "needle one", "needle two")
    first = (await manager.history(parent.id))[0]
    child = await fork(manager, parent, at=first.id, tags=["new"])
    assert await found(manager, "needle tag:new") == [(child.id, "needle one")]
    await fork(manager, parent, detached=True, tags=["bare"])
    assert await found(manager, "needle tag:bare") == []


async def test_of_nested_forks_the_nearest_that_fits_is_offered(manager: SessionManager) -> None:
    parent = await talk(manager, "needle one")
    child = await fork(manager, parent, tags=["child", "both"])
    await manager.add_message(child.id, "needle two")
    grandchild = await fork(manager, child, tags=["grandchild", "both"])
    both = [(grandchild.id, "needle one"), (grandchild.id, "needle two")]
    assert await found(manager, "needle tag:grandchild") == both
    either = [(child.id, "needle one"), (child.id, "needle two")]
    assert await found(manager, "needle tag:both") == either
    assert await found(manager, "needle tag:child") == either


async def test_once_the_parent_is_deleted_its_forks_are_found_as_they_are(
    manager: SessionManager,
) -> None:
    parent = await talk(manager, "needle", tags=["old"])
    child = await fork(manager, parent, tags=["new"])
    grandchild = await fork(manager, child, tags=["newer"])
    await manager.delete(parent.id)
    assert await found(manager, "needle") == [(child.id, "needle")]
    assert await found(manager, "needle tag:new") == [(child.id, "needle")]
    assert await found(manager, "needle tag:newer") == [(grandchild.id, "needle")]
    assert await found(manager, "needle tag:old") == []
    await manager.undelete(parent.id)
    assert await found(manager, "needle") == [(parent.id, "needle")]
    assert await found(manager, "needle tag:newer") == [(grandchild.id, "needle")]


async def test_what_was_changed_since_is_found_as_each_of_them_has_it(
    manager: SessionManager,
) -> None:
    parent = await talk(manager, "needle one", "needle two", "needle three")
    child = await fork(manager, parent, tags=["new"])
    grandchild = await fork(manager, child, tags=["newer"])
    one, two, three = await manager.history(parent.id)
    await manager.edit_message(parent.id, one.id, "pin one")
    await manager.edit_message(child.id, two.id, "pin two")
    await manager.delete_message(child.id, three.id)
    assert await found(manager, "needle tag:new") == [(child.id, "needle one")]
    assert await found(manager, "pin tag:new") == [(child.id, "pin two")]
    assert await found(manager, "needle tag:newer") == [
        (grandchild.id, "needle one"),
        (grandchild.id, "needle three"),
        (grandchild.id, "needle two"),
    ]
    assert await found(manager, "pin tag:newer") == []
    later = await fork(manager, child, tags=["latest"])
    assert await found(manager, "pin tag:latest") == [(later.id, "pin two")]
    assert await found(manager, "two tag:latest") == [(later.id, "pin two")]


async def test_every_chat_of_a_fork_is_found_as_its_own(manager: SessionManager) -> None:
    parent = await talk(manager, "needle one")
    second = await manager.create_chat(parent.id, name="Second")
    await manager.add_message(parent.id, "needle two", chat_id=second.id)
    child = await fork(manager, parent, tags=["new"])
    chats = {chat.id for chat in (await manager.get_session(child.id)).chats}
    assert len(chats) == 2
    results = await manager.search("needle tag:new", wait_s=None, messages_only=True)
    assert {(hit.session_id, hit.chat_id) for hit in results.hits} == {
        (child.id, chat) for chat in chats
    }


async def test_a_parent_that_moved_away_does_not_take_along_what_is_found_in_its_fork(
    manager: SessionManager,
) -> None:
    parent = await talk(manager, "needle", workspace="one")
    child = await fork(manager, parent, tags=["new"])
    await manager.create_workspace("two")
    await manager.move(parent.id, "two")
    assert await found(manager, "needle workspace:one") == [(child.id, "needle")]
    assert await found(manager, "needle tag:new") == [(child.id, "needle")]
    assert await found(manager, "needle workspace:two") == [(parent.id, "needle")]


@pytest.mark.parametrize("query", ["needle -tag:old", "-tag:old"])
async def test_pages_of_both_kinds_of_hits_follow_each_other(
    manager: SessionManager, query: str
) -> None:
    parent = await talk(manager, *(f"needle {n}" for n in range(9)), tags=["old"])
    child = await fork(manager, parent)
    for number in range(9, 15):
        await manager.add_message(child.id, f"needle {number}")
    await talk(manager, "needle 15")
    whole = await manager.search(query, wait_s=None, messages_only=True)
    assert whole.total == len(whole.hits) == 16
    assert len({hit.message_id for hit in whole.hits}) == 16
    pages = [
        await manager.search(query, limit=4, offset=n, wait_s=None, messages_only=True)
        for n in range(0, 20, 4)
    ]
    assert sorted(hit.message_id for page in pages for hit in page.hits) == sorted(
        hit.message_id for hit in whole.hits
    )
    assert {page.total for page in pages} == {16}
