"""Pictures of a history that is gone on with: sent where they are taken, else told."""

from __future__ import annotations

import base64
import json
from typing import Any

import pytest
from endpoint_chats import ask, endpoint_manager, failure, new_chat
from fault_server import FaultServer

from tui_sessions import FilePart, ImagePart, SessionManager, TextPart

PNG = b"\x89PNG\r\n\x1a\n" + bytes(range(256)) * 40


def kept(data: bytes) -> dict[str, str]:
    return {"data": base64.b64encode(data).decode()}


async def with_history(manager: SessionManager, *parts: Any) -> str:
    session = await new_chat(manager)
    await manager.add_message(session.id, [TextPart("Look"), *parts])
    await manager.add_message(session.id, "I see", role="assistant")
    return session.id


def pictures_in(request: dict[str, Any]) -> int:
    return json.dumps(request["messages"]).count('"image_url": {')


async def test_pictures_of_earlier_turns_go_along_from_the_files_beside_the_session(
    faults: FaultServer, tmp_path
) -> None:
    async with endpoint_manager(faults.address("ok"), f"file://{tmp_path}") as manager:
        parts = [ImagePart("image/png", **kept(PNG)), FilePart("b", "image/png", **kept(PNG[:-1]))]
        session = await with_history(manager, *parts)
        assert (await ask(manager, session, "And?")).name == "reply_done"
    assert pictures_in(faults.requests[-1]) == 2
    assert base64.b64encode(PNG).decode() in str(faults.requests[-1])


async def test_other_files_and_those_of_replies_are_named(faults: FaultServer) -> None:
    async with endpoint_manager(faults.address("ok")) as manager:
        given = FilePart("a.pdf", "application/pdf", **kept(b"%PDF PRIVATE"))
        session = await with_history(manager, given)
        await manager.add_message(session, [ImagePart("image/png", **kept(PNG))], role="assistant")
        await ask(manager, session, "And?")
    sent = json.dumps(faults.requests[-1]["messages"])
    assert "(A file goes with this message: a.pdf, application/pdf.)" in sent
    assert "(I gave a picture here.)" in sent
    assert base64.b64encode(b"%PDF PRIVATE").decode() not in sent


async def test_only_the_latest_of_very_many_pictures_go_along(faults: FaultServer) -> None:
    async with endpoint_manager(faults.address("ok")) as manager:
        many = [ImagePart("image/png", **kept(PNG + bytes([n]))) for n in range(25)]
        session = await with_history(manager, *many)
        await ask(manager, session, "And?")
    assert pictures_in(faults.requests[-1]) == 20
    assert base64.b64encode(PNG + bytes([24])).decode() in str(faults.requests[-1])
    assert str(faults.requests[-1]).count("only the latest ones are sent") == 5


async def test_pictures_that_take_too_much_leave_marks(faults: FaultServer) -> None:
    async with endpoint_manager(faults.address("ok")) as manager:
        large = PNG + bytes(9 * 1024 * 1024)
        parts = [ImagePart("image/png", **kept(large + bytes([n]))) for n in range(2)]
        session = await with_history(manager, *parts)
        await ask(manager, session, "And?")
    assert pictures_in(faults.requests[-1]) == 1


async def test_a_model_that_takes_no_pictures_is_told_that_there_were_some(
    faults: FaultServer,
) -> None:
    async with endpoint_manager(faults.address("blind")) as manager:
        session = await with_history(manager, ImagePart("image/png", **kept(PNG)))
        assert (await ask(manager, session, "And?")).name == "reply_done"
        assert [pictures_in(request) for request in faults.requests] == [1, 0]
        assert "which you cannot look at" in str(faults.requests[-1])
        await ask(manager, session, "More")
        assert len(faults.requests) == 3, "it is known by now"


async def test_one_picture_that_is_not_taken_does_not_make_a_model_blind(
    faults: FaultServer,
) -> None:
    async with endpoint_manager(faults.address("large_picture")) as manager:
        session = await with_history(manager, ImagePart("image/png", **kept(PNG)))
        assert (await ask(manager, session, "And?")).name == "reply_done"
        faults.answers_well = True
        await ask(manager, session, "More")
    assert [pictures_in(request) for request in faults.requests] == [1, 0, 1]


async def test_a_picture_in_the_question_is_never_left_out(faults: FaultServer) -> None:
    async with endpoint_manager(faults.address("blind")) as manager:
        session = await new_chat(manager)
        content = [TextPart("What is this?"), ImagePart("image/png", **kept(PNG))]
        events = [event async for event in manager.send(session.id, content)]
    assert failure(events[-1]).kind == "bad_request"
    assert len(faults.requests) == 1


@pytest.mark.parametrize("scenario", ["http_400", "http_500"])
async def test_any_other_refusal_is_no_reason_to_ask_again(
    faults: FaultServer, scenario: str
) -> None:
    async with endpoint_manager(faults.address(scenario)) as manager:
        session = await with_history(manager, ImagePart("image/png", **kept(PNG)))
        failure(await ask(manager, session, "And?"))
    assert len(faults.requests) == 1
