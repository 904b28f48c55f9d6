"""Arguments of a wrong kind: a clear error or an answer, and never one of Python's own."""

import inspect
from itertools import product
from pathlib import Path
from typing import Any

import pytest

from tui_sessions import Message, SessionManager, SessionsError, TextPart, open_sessions

WRONG = (None, 1, [], {}, "\0", object())
LASTING = {"close", "shutdown", "start_indexing", "start_sweeping"}
"""What ends or starts something for good."""
METHODS = [
    method
    for method, function in inspect.getmembers(SessionManager, inspect.isfunction)
    if not method.startswith("_")
    and method not in LASTING
    and len(inspect.signature(function).parameters) > 1
]


async def done(answer: Any) -> None:
    """Wait for an answer, or follow it to its end."""
    if inspect.isasyncgen(answer):
        async for _ in answer:
            pass
    elif inspect.isawaitable(answer):
        await answer


async def right_arguments(manager: SessionManager) -> dict[str, Any]:
    session = await manager.create_session(label="Right")
    message = await manager.add_message(session.id, "Hello")
    chat_id = (await manager.get_session(session.id)).active_chat_id
    return {
        "session_id": session.id,
        "session_ids": [session.id],
        "chat_id": chat_id,
        "message_id": message.id,
        "event": "saved",
        "callback": print,
        "source": "json",
        "messages": [],
        "tasks": [],
        "values": {},
        "tags": [],
        "older_than_days": 9_999,
    }


@pytest.mark.parametrize("method", METHODS)
async def test_an_argument_of_a_wrong_kind_is_refused_by_an_error_of_ours(
    tmp_path: Path, method: str
) -> None:
    async with open_sessions("memory:") as manager:
        await every_wrong_argument_is_refused(manager, tmp_path, method)


async def every_wrong_argument_is_refused(
    manager: SessionManager, tmp_path: Path, method: str
) -> None:
    call = getattr(manager, method)
    parameters = inspect.signature(call).parameters
    required = [
        name
        for name, parameter in parameters.items()
        if parameter.default is inspect.Parameter.empty
    ]
    for argument, wrong in product(parameters, WRONG):
        right = await right_arguments(manager)
        arguments = {name: right.get(name, "right") for name in required}
        if method == "import_sessions":
            arguments["paths"] = [tmp_path / "none"]
        try:
            await done(call(**arguments | {argument: wrong}))
        except SessionsError:
            continue


@pytest.mark.parametrize("paths", [[None], [1], ["\0"], 1])
async def test_what_is_no_path_is_not_imported(manager: SessionManager, paths: Any) -> None:
    with pytest.raises(SessionsError, match="path"):
        await done(manager.import_sessions("json", paths))


async def test_a_message_that_is_handed_out_says_what_is_kept(manager: SessionManager) -> None:
    session = await manager.create_session()
    given = Message(id="own", role="user", content=(TextPart("b\udce9"),))
    for content in ("a\udce9", [TextPart("a\udce9")], given):
        added = await manager.add_message(session.id, content)
        assert added.text[1:] == "\ufffd"
        assert (await manager.history(session.id))[-1] == added
