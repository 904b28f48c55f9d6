"""Numbers too large, values too deep to be shown, and text and numbers of other classes."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from datetime import UTC, datetime, timedelta, timezone
from typing import Any

import pytest

from tui_sessions import (
    AgentConfig,
    InvalidId,
    InvalidValue,
    Message,
    SessionManager,
    SettingsError,
    open_sessions,
)
from tui_sessions.settings import Settings, SweepSettings

NO_FLOAT = 10**400
NOT_SHOWN = 10**5000
"""More digits than Python writes."""


class Text(str):
    """Such as a template engine's, or NumPy's."""


class Whole(int):
    """Such as a database's."""


class Real(float):
    """Such as NumPy's."""


def deep() -> dict[str, Any]:
    value: dict[str, Any] = {}
    for _ in range(5_000):
        value = {"deeper": value}
    return value


WRONG: dict[str, Callable[[SessionManager, str, Any], Awaitable[Any]]] = {
    "ttl": lambda manager, _, value: manager.create_session(ttl=value),
    "set_ttl": lambda manager, session_id, value: manager.set_ttl(session_id, value),
    "sweep": lambda manager, _, value: manager.sweep_stale(value),
    "cleanup": lambda manager, _, value: manager.cleanup(value),
    "wait": lambda manager, _, value: manager.search("x", wait_s=value),
    "label": lambda manager, _, value: manager.create_session(label=value),
    "id": lambda manager, _, value: manager.get_session(value),
    "content": lambda manager, session_id, value: manager.add_message(session_id, value),
    "temperature": lambda manager, session_id, value: manager.create_chat(
        session_id, agent=AgentConfig(parameters={"temperature": value})
    ),
}


@pytest.mark.parametrize("value", [NO_FLOAT, NOT_SHOWN, deep()], ids=["no float", "huge", "deep"])
@pytest.mark.parametrize("field", WRONG)
async def test_what_cannot_be_reckoned_with_or_shown_is_refused(field: str, value: Any) -> None:
    async with open_sessions("memory:") as manager:
        session = await manager.create_session()
        with pytest.raises((InvalidValue, InvalidId)) as refused:
            await WRONG[field](manager, session.id, value)
        assert len(str(refused.value)) < 400
        assert await manager.list_sessions() == [session]


@pytest.mark.parametrize("value", [NOT_SHOWN, deep()], ids=["huge", "deep"])
async def test_metadata_that_no_file_takes_is_refused(value: Any) -> None:
    async with open_sessions("memory:") as manager:
        session = await manager.create_session()
        with pytest.raises(InvalidValue):
            await manager.update_metadata(session.id, {"value": value})
        assert (await manager.get_session(session.id)).metadata == {}


async def test_seconds_that_no_float_holds_are_no_settings() -> None:
    settings = Settings(sweep=SweepSettings(ttl_s=NO_FLOAT))
    with pytest.raises((InvalidValue, SettingsError)):
        async with open_sessions("memory:", settings=settings):
            pass


@pytest.mark.parametrize(
    "moment",
    [
        datetime.max.replace(tzinfo=timezone(timedelta(hours=-23))),
        datetime.min.replace(tzinfo=timezone(timedelta(hours=23))),
    ],
)
async def test_a_message_of_a_time_that_is_none_in_utc_is_refused(moment: datetime) -> None:
    async with open_sessions("memory:") as manager:
        session = await manager.create_session()
        with pytest.raises(InvalidValue, match="created_at"):
            await manager.add_message(session.id, Message(id="m1", created_at=moment))
        first = Message(id="m1", created_at=datetime.min.replace(tzinfo=UTC))
        assert await manager.add_message(session.id, first) == first


async def test_text_and_numbers_of_other_classes_become_plain_ones(tmp_path: Any) -> None:
    fields: dict[str, Any] = {
        "id": Text("session-1"),
        "user_id": Text("ana"),
        "label": Text("Label"),
        "tags": [Text("tag")],
        "surface": Text("tty:%1"),
        "metadata": {Text("key"): [Text("value"), Whole(1), Real(1.5)]},
    }
    async with open_sessions(tmp_path.as_uri()) as manager:
        session = await manager.create_session(**fields)
        await manager.close(session.id)
        kept = await manager.get_session(Text("session-1"))
        assert (kept.id, kept.user_id, kept.label) == ("session-1", "ana", "Label")
        assert kept.metadata == {"key": ["value", 1, 1.5]}
        assert [type(value) for value in kept.metadata["key"]] == [str, int, float]
