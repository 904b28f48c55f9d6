"""What an endpoint does wrong becomes one typed error, and the chat goes on."""

from __future__ import annotations

import asyncio
import threading
import time
from collections.abc import Iterator
from contextlib import aclosing, contextmanager
from pathlib import Path

import pytest
from endpoint_chats import NAME, PATIENT, SHORT, ask, endpoint_manager, failure, new_chat
from fault_server import FaultServer

from tui_sessions import (
    AgentConfig,
    Message,
    ProviderError,
    ProviderRegistry,
    ProviderSettings,
    ReplyRequest,
    Timeouts,
    Usage,
)
from tui_sessions.providers.endpoint import endpoint


@pytest.mark.parametrize(
    ("scenario", "kind", "kept"),
    [
        ("cut_off", "cut_off", "Hello world"),
        ("reset", "cut_off", "Hello"),
        ("error_inside", "unavailable", "Hello"),
        ("error_line", "cut_off", "Hello"),
        ("bad_json", "cut_off", "Hello"),
        ("no_event", "cut_off", "Hello"),
        ("aborted", "cut_off", "Hello"),
        ("call_reset", "cut_off", ""),
        ("call_stall", "timeout", ""),
        ("filter", "other", "Hello"),
        ("stall", "timeout", "Hello"),
        ("silent", "timeout", ""),
        ("html", "unavailable", ""),
        ("moved", "unavailable", ""),
        ("http_400", "bad_request", ""),
        ("http_401", "auth", ""),
        ("http_402", "auth", ""),
        ("http_404", "not_found", ""),
        ("http_413", "context_too_long", ""),
        ("http_429", "rate_limited", ""),
        ("http_500", "unavailable", ""),
        ("http_503", "unavailable", ""),
        ("context", "context_too_long", ""),
    ],
)
async def test_a_fault_keeps_the_question_and_what_came_and_the_chat_can_be_used(
    faults: FaultServer, tmp_path: Path, scenario: str, kind: str, kept: str
) -> None:
    place = f"file://{tmp_path}"
    async with endpoint_manager(faults.address(scenario), place, timeouts=SHORT) as manager:
        session = await new_chat(manager)
        end = await ask(manager, session.id, "Why?")
        assert end.name == "reply_failed"
        error = failure(end)
        assert error.kind == kind
        assert ": " in str(error), "what happened, and what to do"
    async with endpoint_manager(faults.address(scenario), place) as manager:
        question, *reply = await manager.history(session.id)
        assert (question.text, question.status) == ("Why?", "complete")
        assert [(m.text, m.status, m.error) for m in reply] == [(kept, "failed", str(error))]
        faults.answers_well = True
        again = await ask(manager, session.id, "And now?")
        assert (again.name, (await manager.history(session.id))[-1].text) == (
            "reply_done", "Hello world",
        )  # fmt: skip


@pytest.mark.parametrize("kind", ["openai", "openai-compatible", "anthropic", "google", "mistral"])
@pytest.mark.parametrize(
    ("scenario", "error_kind", "says"),
    [
        ("error_as_json", "unavailable", "(Out of luck with [key])"),
        ("error_of_a_gateway", "auth", "(Pay first)"),
        ("error_as_text", "unavailable", "(upstream is asleep)"),
        ("error_in_a_list", "rate_limited", "(Used up)"),
        ("error_without_kind", "unavailable", "(Nobody is in)"),
        ("error_as_stream", "unavailable", "(Not in the mood)"),
        ("portal", "unavailable", "(Log in to the Wi-Fi & wait)"),
        ("nothing", "unavailable", "(it answers with nothing)"),
        ("whole_reply", "unavailable", "(it does not answer with a stream of events)"),
        ("http_502_page", "unavailable", "(Bad & broken)"),
        ("moved", "unavailable", "(it has moved to http://127.0.0.1:1/)"),
        ("packed_error", "rate_limited", "(Used up)"),
        ("packed_page", "unavailable", "(Log in)"),
        ("packed_space", "unavailable", "(it answers with nothing)"),
    ],
)
async def test_an_answer_that_is_no_stream_is_told_as_what_it_is(
    faults: FaultServer,
    monkeypatch: pytest.MonkeyPatch,
    kind: str,
    scenario: str,
    error_kind: str,
    says: str,
) -> None:
    monkeypatch.setenv("TESTED_KEY", "sk-secret-0123456789")
    address = faults.address(scenario)
    if not kind.startswith("openai"):  # their interfaces add the version
        address = address.removesuffix("/v1")
    async with endpoint_manager(address, kind=kind, api_key_env="TESTED_KEY") as manager:
        error = failure(await ask(manager, (await new_chat(manager)).id, "Hi"))
    assert error.kind == error_kind
    assert says in str(error)
    assert "sk-secret" not in str(error)
    assert len(faults.requests) == 1


async def test_a_stream_that_is_not_called_one_is_read(faults: FaultServer) -> None:
    async with endpoint_manager(faults.address("stream_without_kind")) as manager:
        session = await new_chat(manager)
        assert (await ask(manager, session.id, "Hi")).name == "reply_done"
        assert (await manager.history(session.id))[-1].text == "Hello world"


async def test_the_wait_that_an_endpoint_asks_for_is_told(faults: FaultServer) -> None:
    async with endpoint_manager(faults.address("http_429")) as manager:
        error = failure(await ask(manager, (await new_chat(manager)).id, "Hi"))
        assert error.retry_after == 7
        assert "7 s" in str(error)
    assert len(faults.requests) == 1, "nothing is tried again behind the person's back"


@pytest.mark.parametrize("kind", ["openai", "openai-compatible", "anthropic", "mistral"])
@pytest.mark.parametrize(
    ("scenario", "error_kind", "wait"),
    [
        ("http_429", "rate_limited", (7, 7)),
        ("http_429_date", "rate_limited", (1, 3600)),
        ("http_429_ms", "rate_limited", (1.5, 1.5)),
        ("http_429_never", "rate_limited", None),
        ("http_503", "unavailable", (2, 2)),
        ("http_529", "unavailable", (3, 3)),
    ],
)
async def test_the_wait_is_understood_in_every_way_of_saying_it(
    faults: FaultServer,
    monkeypatch: pytest.MonkeyPatch,
    kind: str,
    scenario: str,
    error_kind: str,
    wait: tuple[float, float] | None,
) -> None:
    monkeypatch.setenv("TESTED_KEY", "sk-secret-0123456789")
    address = faults.address(scenario)
    async with endpoint_manager(address, kind=kind, api_key_env="TESTED_KEY") as manager:
        error = failure(await ask(manager, (await new_chat(manager)).id, "Hi"))
    assert error.kind == error_kind
    if wait is None:
        assert error.retry_after is None
    else:
        assert error.retry_after is not None
        assert wait[0] <= error.retry_after <= wait[1]


async def test_a_list_of_models_tells_the_wait_too(faults: FaultServer) -> None:
    for scenario, longest in {"http_429": 7, "http_429_date": 3600}.items():
        async with endpoint_manager(faults.address(scenario)) as manager:
            with pytest.raises(ProviderError) as caught:
                await manager.providers.get(NAME).models()
        assert caught.value.retry_after is not None
        assert 0 < caught.value.retry_after <= longest


async def test_a_wait_that_no_calendar_holds_is_none(faults: FaultServer) -> None:
    async with endpoint_manager(faults.address("http_429_far")) as manager:
        with pytest.raises(ProviderError) as caught:
            await manager.providers.get(NAME).models()
    assert (caught.value.kind, caught.value.retry_after) == ("rate_limited", None)


async def test_an_account_without_credit_is_not_asked_to_wait(faults: FaultServer) -> None:
    async with endpoint_manager(faults.address("http_429_quota")) as manager:
        error = failure(await ask(manager, (await new_chat(manager)).id, "Hi"))
    assert error.kind == "auth"
    assert "credit" in str(error)


async def test_an_endpoint_that_is_not_there_is_unavailable(faults: FaultServer) -> None:
    address = faults.address("ok")
    await faults.__aexit__(None, None, None)
    async with endpoint_manager(address) as manager:
        error = failure(await ask(manager, (await new_chat(manager)).id, "Hi"))
    assert error.kind == "unavailable"
    assert address in str(error)


async def test_the_whole_reply_has_a_limit_too(faults: FaultServer) -> None:
    limit = Timeouts(connect_s=2, first_reply_s=9, stall_s=9, whole_reply_s=0.3)
    async with endpoint_manager(faults.address("slow"), timeouts=limit) as manager:
        session = await new_chat(manager)
        end = await ask(manager, session.id, "Hi")
        assert failure(end).kind == "timeout"
        assert "longer than 0.3 s" in str(failure(end))
        assert "whole_reply_s" in str(failure(end))
        assert (await manager.history(session.id))[-1].text.startswith(" w1 w2")
    await faults.left.wait()


async def test_stopping_closes_the_connection_and_keeps_what_came(faults: FaultServer) -> None:
    async with endpoint_manager(faults.address("slow")) as manager:
        session = await new_chat(manager)
        async for event in manager.send(session.id, "Hi"):
            if event.name == "reply_delta" and not faults.left.is_set():
                await manager.stop(session.id)
                await faults.left.wait()
        assert event.name == "reply_stopped"
        assert (await manager.history(session.id))[-1].text.startswith(" w1")


@pytest.mark.parametrize(
    ("scenario", "told"), [("key_refused", "(Not for [key].)"), ("key_as_model", "[key]")]
)
async def test_a_key_that_comes_back_beside_the_words_of_a_reply_is_not_kept(
    faults: FaultServer, monkeypatch: pytest.MonkeyPatch, scenario: str, told: str
) -> None:
    monkeypatch.setenv("TESTED_KEY", "sk-secret-0123456789")
    address = faults.address(scenario)
    async with endpoint_manager(address, kind="openai", api_key_env="TESTED_KEY") as manager:
        session = await new_chat(manager)
        await ask(manager, session.id, "Hi")
        [_, reply] = await manager.history(session.id)
    assert told in f"{reply.model} {reply.error}"
    assert "sk-secret" not in repr(reply)


@pytest.mark.parametrize(
    ("variable", "value"),
    [("HTTPS_PROXY", "nothing::://"), ("SSL_CERT_FILE", "/nowhere/at/all.pem")],
)
async def test_an_environment_that_no_connection_can_be_made_with_is_told(
    monkeypatch: pytest.MonkeyPatch, variable: str, value: str
) -> None:
    monkeypatch.setenv(variable, value)
    async with endpoint_manager("https://models.invalid/v1") as manager:
        error = failure(await ask(manager, (await new_chat(manager)).id, "Hi"))
    assert error.kind == "bad_request"
    assert variable in str(error)


async def test_why_a_connection_cannot_be_made_is_told(faults: FaultServer) -> None:
    async def speak_plainly(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(b"HTTP/1.0 400 Bad Request\r\n\r\n")
        writer.close()

    plain = await asyncio.start_server(speak_plainly, "127.0.0.1", 0)
    port = plain.sockets[0].getsockname()[1]
    async with plain, endpoint_manager(f"https://127.0.0.1:{port}/v1") as manager:
        error = failure(await ask(manager, (await new_chat(manager)).id, "Hi"))
    assert "SSL" in str(error)
    address = faults.address("ok")
    await faults.__aexit__(None, None, None)
    async with endpoint_manager(address) as manager:
        error = failure(await ask(manager, (await new_chat(manager)).id, "Hi"))
    assert "(Connection refused)" in str(error)


@pytest.mark.parametrize(
    ("scenario", "says"),
    [
        ("http_502_page", "(Bad & broken)"),
        ("http_500_silent", "(HTTP 500)"),
        ("http_400_list", "(too high)"),
        ("http_429_year", "asks to wait 365 days."),
        ("refused", "(I would rather not.)"),
        ("no_event", "(unexpected AttributeError)"),
    ],
)
async def test_what_an_endpoint_says_is_told_as_a_person_reads_it(
    faults: FaultServer, scenario: str, says: str
) -> None:
    async with endpoint_manager(faults.address(scenario)) as manager:
        error = failure(await ask(manager, (await new_chat(manager)).id, "Hi"))
    assert says in str(error)
    assert "<" not in str(error)


async def test_usage_that_cannot_be_is_unknown_and_nothing_is_written_over_the_screen(
    faults: FaultServer,
) -> None:
    async with endpoint_manager(faults.address("usage_in_halves")) as manager:
        session = await new_chat(manager)
        end = await ask(manager, session.id, "Hi")
        assert end.name == "reply_done"
        assert (await manager.history(session.id))[-1].usage is None


async def test_a_process_that_stood_still_reads_what_came_meanwhile() -> None:
    short = Timeouts(connect_s=2, first_reply_s=9, stall_s=0.2, whole_reply_s=60)
    with served_elsewhere() as faults:
        async with endpoint_manager(faults.address("slow"), timeouts=short) as manager:
            session = await new_chat(manager)
            pieces = 0
            async for event in manager.send(session.id, "Hi"):
                pieces += event.name == "reply_delta"
                if pieces == 3:
                    time.sleep(1.5)  # noqa: ASYNC251  held up, as by a terminal that takes nothing
                elif pieces == 300:
                    stopping = asyncio.create_task(manager.stop(session.id))
            await stopping
    assert event.name == "reply_stopped"


@contextmanager
def served_elsewhere() -> Iterator[FaultServer]:
    """The server in a thread of its own: it goes on whatever this one does."""
    loop = asyncio.new_event_loop()
    thread = threading.Thread(target=loop.run_forever)
    thread.start()
    server = FaultServer()
    try:
        asyncio.run_coroutine_threadsafe(server.__aenter__(), loop).result()
        yield server
    finally:
        asyncio.run_coroutine_threadsafe(server.__aexit__(None, None, None), loop).result()
        loop.call_soon_threadsafe(loop.stop)
        thread.join()
        loop.close()


async def test_usage_that_nobody_told_is_unknown_and_sums_are_not_added_up(
    faults: FaultServer,
) -> None:
    for scenario, usage in {
        "no_usage": None,
        "usage_each": Usage(input_tokens=7, output_tokens=3),
    }.items():
        async with endpoint_manager(faults.address(scenario)) as manager:
            session = await new_chat(manager)
            await ask(manager, session.id, "Hi")
            assert (await manager.history(session.id))[-1].usage == usage


async def test_a_reply_that_ran_into_its_limit_says_so(faults: FaultServer) -> None:
    for scenario, metadata in {"length": {"finish_reason": "length"}, "ok": {}}.items():
        async with endpoint_manager(faults.address(scenario)) as manager:
            session = await new_chat(manager)
            await ask(manager, session.id, "Hi")
            assert (await manager.history(session.id))[-1].metadata == metadata


async def test_leaving_a_stream_closes_its_connection(faults: FaultServer) -> None:
    async with endpoint_manager(faults.address("slow")) as manager:
        asked = ReplyRequest(
            agent=AgentConfig(provider=NAME, model="m"), messages=[Message.from_text("user", "Hi")]
        )
        async with aclosing(manager.providers.get(NAME).stream(asked)) as parts:
            async for _ in parts:
                break
        await faults.left.wait()


def test_one_provider_serves_one_event_loop_after_the_other() -> None:
    async def turn(registry: ProviderRegistry) -> str:
        async with FaultServer() as faults:
            settings = ProviderSettings(base_url=faults.address("ok"))
            registry.register_endpoints([endpoint(NAME, settings, PATIENT)])
            asked = ReplyRequest(
                agent=AgentConfig(provider=NAME, model="m"),
                messages=[Message.from_text("user", "Hi")],
            )
            parts = [part async for part in registry.get(NAME).stream(asked)]
            await registry.close()
            return "".join(getattr(part, "text", "") for part in parts)

    registry = ProviderRegistry()
    assert [asyncio.run(turn(registry)) for _ in range(2)] == ["Hello world", "Hello world"]


async def test_what_is_asked_is_the_chat_with_its_parameters_and_no_more(
    faults: FaultServer,
) -> None:
    async with endpoint_manager(faults.address("ok")) as manager:
        session = await new_chat(
            manager, system_prompt="Be brief.", parameters={"temperature": 0.2, "max_tokens": 5}
        )
        await ask(manager, session.id, "One")
        await ask(manager, session.id, "Two")
    body = faults.requests[-1]
    assert [(m["role"], m["content"]) for m in body["messages"]] == [
        ("system", "Be brief."), ("user", "One"), ("assistant", "Hello world"), ("user", "Two"),
    ]  # fmt: skip
    assert (body["temperature"], body["max_tokens"], body["model"]) == (0.2, 5, "m")
    assert body["stream_options"] == {"include_usage": True}


async def test_a_parameter_that_cannot_be_is_a_bad_request(faults: FaultServer) -> None:
    async with endpoint_manager(faults.address("ok")) as manager:
        session = await new_chat(manager, parameters={"top_p": 3})
        assert failure(await ask(manager, session.id, "Hi")).kind == "bad_request"
    assert faults.requests == []
