"""Making sessions to be searched, and searching them once the index knows everything."""

from collections.abc import Callable

from tui_sessions import SearchHit, SessionManager

Opened = Callable[..., object]


async def found(manager: SessionManager, query: str, **options: object) -> list[SearchHit]:
    """What is found once the index knows everything."""
    results = await manager.search(query, wait_s=None, **options)
    assert results.complete
    assert not results.notice
    return list(results.hits)


async def texts(manager: SessionManager, query: str, **options: object) -> set[str]:
    """The messages that are found, by what is shown of them."""
    hits = await found(manager, query, messages_only=True, **options)
    return {hit.snippet.text for hit in hits}


async def talk(manager: SessionManager, *said: str, **fields: object) -> str:
    """A session in which that was said; gives its id."""
    session = await manager.create_session(**fields)
    for text in said:
        await manager.add_message(session.id, text)
    return session.id
