"""MCP servers as real processes: their tools, their failures, and their end."""

import asyncio
import math
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from tui_sessions import (
    McpSettings,
    ReplyDone,
    Settings,
    SettingsError,
    ToolAsked,
    ToolOutcome,
    ToolRegistry,
)
from tui_sessions.paths import log_file
from tui_sessions.settings import read_settings
from tui_sessions.tools import mcp_complaints, mcp_connection, mcp_servers

pytestmark = pytest.mark.usefixtures("mcp_extra")

SERVER = str(Path(__file__).with_name("plain_mcp_server.py"))
BY_THE_LIBRARY = str(Path(__file__).with_name("mcp_demo_server.py"))
"""Takes a second to start: for what the library of servers has a part in."""


@pytest.fixture
async def registry() -> AsyncIterator[ToolRegistry]:
    made = ToolRegistry({"demo": McpSettings(command=sys.executable, args=(SERVER,))})
    yield made
    await made.close()


@pytest.fixture
async def by_the_library(monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[ToolRegistry]:
    monkeypatch.setenv("DEMO_SECRET", "hush")
    env = {"PLAIN": "seen", "SECRET": "$DEMO_SECRET"}
    demo = McpSettings(command=sys.executable, args=(BY_THE_LIBRARY,), env=env)
    made = ToolRegistry({"demo": demo})
    yield made
    await made.close()


async def called(registry: ToolRegistry, tool: str, **arguments: Any) -> ToolOutcome:
    offered = await registry.offer([f"demo/{tool}"])
    [one] = offered.tools.values()
    return await one.call(arguments)


async def test_the_tools_of_a_server_are_offered_under_its_name(
    by_the_library: ToolRegistry,
) -> None:
    assert by_the_library.names() == ("demo",)
    offered = await by_the_library.offer(["demo"])
    add = offered.tools["demo__add"]
    assert (add.name, add.description) == ("demo/add", "Adds two numbers.")
    assert add.parameters["required"] == ["a", "b"]
    assert "demo/add" in by_the_library.names()
    assert "demo/odd name!" in by_the_library.names()
    assert not any("xxx" in name for name in by_the_library.names()), (
        "a name without end is left out"
    )
    [problem] = offered.problems
    assert "its name is not of 1 to 200 characters" in str(problem)
    assert all(len(name) <= 64 for name in offered.tools)
    assert [tool.name for tool in await by_the_library.specs(["demo/add"])] == ["demo__add"]


async def test_what_a_tool_gives_back_is_text(by_the_library: ToolRegistry) -> None:
    outcomes: list[tuple[str, dict[str, Any], str]] = [
        ("add", {"a": 1, "b": 2}, "3"),
        ("shapes", {}, '{"sizes": [1, 2]}'),
        ("draw", {}, "(image/png, 13 bytes, not shown)"),
        ("tell", {"name": "PLAIN"}, "seen"),
        ("tell", {"name": "SECRET"}, "hush"),
        ("tell", {"name": "DEMO_SECRET"}, "(not set)"),
    ]
    for tool, arguments, text in outcomes:
        assert await called(by_the_library, tool, **arguments) == ToolOutcome(text), tool


async def test_a_failing_tool_and_wrong_arguments_are_outcomes(
    by_the_library: ToolRegistry,
) -> None:
    failed = await called(by_the_library, "fail")
    assert failed.is_error
    assert "fail" in failed.text
    wrong = await called(by_the_library, "add", a="x")
    assert wrong.is_error
    assert "\n" in wrong.text, "the model gets it as it was"


async def test_a_server_that_ends_is_told_and_started_again(registry: ToolRegistry) -> None:
    ended = await called(registry, "end")
    assert ended.is_error
    assert "'demo' was lost" in ended.text
    assert await called(registry, "add", a=2, b=2) == ToolOutcome("4")


async def test_a_server_that_was_killed_between_two_calls_is_started_again(
    registry: ToolRegistry,
) -> None:
    before = children()
    assert await called(registry, "add", a=1, b=2) == ToolOutcome("3")
    offered = await registry.offer(["demo/add"])
    kill(children() - before)
    [add] = offered.tools.values()
    assert await add.call({"a": 2, "b": 2}) == ToolOutcome("4")
    kill(children() - before)
    assert await called(registry, "add", a=3, b=3) == ToolOutcome("6")


async def test_a_server_that_hangs_is_started_again_once_nobody_waits_for_it(
    registry: ToolRegistry, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(mcp_connection, "PING_S", 0.2)
    before = children()
    [hang] = (await registry.offer(["demo/hang"])).tools.values()
    first = children() - before
    hanging = asyncio.create_task(hang.call({}))
    complaints = log_file().with_name("mcp.log")
    while "it hangs now" not in complaints.read_text():
        await asyncio.sleep(0.01)
    asking = asyncio.create_task(registry.offer(["demo/add"]))
    await asyncio.wait([asking], timeout=1)
    assert children() - before == first, "it is at work: nobody ends it"
    asking.cancel()
    hanging.cancel()
    await asyncio.wait([hanging])
    assert await called(registry, "add", a=2, b=3) == ToolOutcome("5")
    assert not children() & first


def kill(servers: set[str]) -> None:
    assert servers
    for pid in servers:
        os.kill(int(pid), signal.SIGKILL)
    while children() & servers:
        time.sleep(0.01)


async def test_a_server_that_is_killed_is_told_as_missing_until_it_is_back(
    open_manager: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(mcp_servers, "PAUSE_S", 0.0)
    program, plain = tmp_path / "server", str(Path(SERVER).with_name("plain_mcp_server.py"))
    told = []
    settings = Settings(mcp={"late": McpSettings(command=str(program), args=(plain,))})
    async with open_manager(settings=settings) as manager:
        manager.on("lifecycle_error", lambda event: told.append(str(event.error)))
        session = await manager.create_session()
        chat = await manager.create_chat(session.id, overrides={"tools": ["late"]})
        for count in (1, 1):
            assert isinstance([e async for e in manager.send(session.id, "Go")][-1], ReplyDone)
            assert len(told) == count
            [missing] = manager.missing_tools(session.id, chat.id)
            assert missing.tool == "late"
        program.write_text(f'#!/bin/sh\nexec "{sys.executable}" "$@"\n')
        program.chmod(0o700)
        assert isinstance([e async for e in manager.send(session.id, "Go")][-1], ReplyDone)
        assert manager.missing_tools(session.id, chat.id) == ()


async def test_the_file_of_complaints_does_not_grow_without_end(
    registry: ToolRegistry, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(mcp_complaints, "LONGEST_LOG", 1000)
    path = log_file().with_name("mcp.log")
    path.parent.mkdir(parents=True)
    path.write_text("".join(f"line {number}\n" for number in range(1000)))
    await called(registry, "complain")
    kept = path.read_text()
    assert kept.startswith("line 9")
    assert "line 800\n" not in kept
    assert "line 999\n" in kept
    assert "a complaint" in kept


async def test_nothing_that_a_server_says_by_the_way_gets_on_the_terminal(tmp_path: Path) -> None:
    program = """
import asyncio, sys
from tui_sessions import McpSettings, ToolRegistry

async def main():
    tools = ToolRegistry({"it": McpSettings(command=sys.executable, args=(sys.argv[1],))})
    [chatter] = (await tools.offer(["it/chatter"])).tools.values()
    print((await chatter.call({})).is_error)
    await tools.close()

asyncio.run(main())
"""
    ran = await asyncio.to_thread(
        subprocess.run,
        [sys.executable, "-c", program, SERVER],
        capture_output=True,
        text=True,
        check=False,
    )
    assert (ran.stdout, ran.stderr) == ("False\n", "")


async def test_a_result_that_is_none_does_not_cost_the_server() -> None:
    tools = ToolRegistry({"it": McpSettings(command=sys.executable, args=(SERVER,))})
    try:
        offered = (await tools.offer(["it"])).tools
        before = await offered["it__chatter"].call({})
        odd = await offered["it__odd_result"].call({})
        assert odd.is_error
        assert "no result of a tool" in odd.text
        assert await offered["it__chatter"].call({}) == before, "the same process"
    finally:
        await tools.close()


async def test_a_tool_that_is_described_badly_costs_none_of_the_others() -> None:
    plain = str(Path(SERVER).with_name("plain_mcp_server.py"))
    odd = McpSettings(command=sys.executable, args=(plain, "badly-described"))
    tools = ToolRegistry({"it": odd})
    try:
        offered = await tools.offer(["it"])
        assert "it/add" in tools.names()
        assert await offered.tools["it__add"].call({"a": 1, "b": 2}) == ToolOutcome("3")
        told = {one.tool: str(one) for one in offered.problems}
        assert set(told) == {"it/no_object", "it/(number 2 of its list)", "it/nonsense"} | {
            "it/(number 4 of its list)"
        }
        assert "`inputSchema.type`: " in told["it/no_object"]
        assert "`name`: Field required" in told["it/(number 2 of its list)"]
        assert "`inputSchema.properties.a.type`: 'nonsense'" in told["it/nonsense"]
        named = await tools.offer(["it/add", "it/no_object"])
        assert [*named.tools] == ["it__add"]
        assert [str(one) for one in named.problems] == [told["it/no_object"]]
    finally:
        await tools.close()


async def test_what_a_server_complains_of_goes_into_a_file(
    registry: ToolRegistry, capfd: pytest.CaptureFixture[str]
) -> None:
    await called(registry, "complain")
    assert "a complaint" in log_file().with_name("mcp.log").read_text()
    assert capfd.readouterr() == ("", "")


@pytest.mark.parametrize(
    ("server", "says"),
    [
        (McpSettings(command="no-such-program"), "No such file"),
        (McpSettings(command=sys.executable, args=("-c", "pass")), "could not be started"),
        (McpSettings(command=sys.executable, args=("-c", "print('hello')")), "could not be"),
        (McpSettings(command="x", env={"A": "$NOT_SET"}), "NOT_SET is not set"),
        (McpSettings(url="http://127.0.0.1:9/mcp"), "could not be started or reached"),
        (McpSettings(url="http://127.0.0.1:9/", headers_env={"X": "NOT_SET"}), "NOT_SET is"),
    ],
)
async def test_a_server_that_cannot_be_had_is_a_sentence(server: McpSettings, says: str) -> None:
    registry = ToolRegistry({"bad": server})
    offered = await registry.offer(["bad", "bad/tool"])
    assert offered.tools == {}
    assert len(offered.problems) == 2
    assert all(says in str(problem) and "\n" not in str(problem) for problem in offered.problems)
    await registry.close()


@pytest.mark.parametrize("ending", ["\nx", "\u20ac"])
async def test_a_secret_that_cannot_be_sent_is_not_told(
    monkeypatch: pytest.MonkeyPatch, ending: str
) -> None:
    monkeypatch.setenv("TRACKER_TOKEN", "tok-0123456789" + ending)
    headers = {"Authorization": "TRACKER_TOKEN"}
    registry = ToolRegistry({"it": McpSettings(url="http://127.0.0.1:9/", headers_env=headers)})
    [problem] = (await registry.offer(["it"])).problems
    await registry.close()
    assert "TRACKER_TOKEN" in str(problem)
    assert "tok-0123" not in str(problem)


async def test_a_secret_that_a_server_repeats_is_not_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TRACKER_TOKEN", "tok-0123456789")
    program = """
import json, os, sys
error = {"code": -1, "message": "no licence for " + os.environ["TOKEN"]}
for line in sys.stdin:
    asked = json.loads(line).get("id")
    print(json.dumps({"jsonrpc": "2.0", "id": asked, "error": error}), flush=True)
"""
    settings = McpSettings(
        command=sys.executable, args=("-c", program), env={"TOKEN": "$TRACKER_TOKEN"}
    )
    registry = ToolRegistry({"it": settings})
    [problem] = (await registry.offer(["it"])).problems
    await registry.close()
    assert "no licence for [secret] (see" in str(problem)


async def test_a_server_that_says_nothing_is_given_up(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(mcp_connection, "START_S", 0.5)
    silent = McpSettings(command=sys.executable, args=("-c", "import time; time.sleep(600)"))
    registry = ToolRegistry({"silent": silent})
    offered = await registry.offer(["silent"])
    assert len(offered.problems) == 1
    await registry.close()


async def test_no_server_is_left_behind(registry: ToolRegistry) -> None:
    before = children()
    await registry.offer(["demo"])
    started = children() - before
    assert started
    await registry.close()
    while children() & started:
        await asyncio.sleep(0.01)


def children() -> set[str]:
    """The demo servers that this process started: another test's worker has its own."""
    listed = subprocess.run(
        ["ps", "-ww", "-eo", "pid,ppid,stat,args"], capture_output=True, text=True, check=True
    ).stdout
    lines = [line.split(None, 3) for line in listed.splitlines() if SERVER in line]
    mine = str(os.getpid())
    return {pid for pid, of, state, _ in lines if of == mine and not state.startswith("Z")}


async def test_a_server_that_failed_is_left_alone_for_a_while(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(mcp_servers, "PAUSE_S", math.inf)
    monkeypatch.setattr(mcp_connection, "START_S", 3600.0)
    program = tmp_path / "server"
    registry = ToolRegistry({"late": McpSettings(command=str(program), args=(SERVER,))})
    first = await registry.offer(["late"])
    assert len(first.problems) == 1
    program.symlink_to(sys.executable)
    again = await registry.offer(["late"])
    assert [str(one) for one in again.problems] == [str(one) for one in first.problems]
    monkeypatch.setattr(mcp_servers, "PAUSE_S", 0.0)
    program.unlink()
    program.write_text(f'#!/bin/sh\nexec "{sys.executable}" "$@"\n')
    program.chmod(0o700)
    assert (await registry.offer(["late/add"])).tools
    await registry.close()


async def test_a_server_reached_by_http_has_tools_too(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(mcp_servers, "PAUSE_S", 0.0)
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        BY_THE_LIBRARY,
        str(port),
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    registry = ToolRegistry({"demo": McpSettings(url=f"http://127.0.0.1:{port}/mcp")})
    try:
        while not (offered := await registry.offer(["demo/add"])).tools:
            assert process.returncode is None
            await asyncio.sleep(0.05)
        assert await offered.tools["demo__add"].call({"a": 1, "b": 2}) == ToolOutcome("3")
    finally:
        await registry.close()
        process.terminate()
        await process.wait()


async def test_an_agent_uses_a_server_of_the_settings(open_manager: Any) -> None:
    settings = Settings(mcp={"demo": McpSettings(command=sys.executable, args=(BY_THE_LIBRARY,))})
    script = [[
        {"tool_call": {"name": "demo__add", "arguments": {"a": 20, "b": 3}}}, {"next": True}, "23.",
    ]]  # fmt: skip
    async with open_manager(settings=settings) as manager:
        session = await manager.create_session()
        await manager.create_chat(
            session.id,
            overrides={
                "provider": "scripted", "parameters": {"script": script}, "tools": ["demo"],
            },
        )  # fmt: skip
        manager.allow_tool(session.id, "demo")
        events = [event async for event in manager.send(session.id, "Go")]
        assert not any(isinstance(event, ToolAsked) for event in events)
        assert isinstance(events[-1], ReplyDone)
        [_, _, result, reply] = await manager.history(session.id)
        assert result.content[0].text == "23"
        assert reply.text == "23."


def test_servers_in_the_settings_are_checked(tmp_path: Path) -> None:
    path = tmp_path / "settings.toml"
    path.write_text(
        '[mcp.files]\ncommand = "x"\nargs = ["a"]\n[mcp.web]\nurl = "https://x.y/mcp"\n'
    )
    settings = read_settings(path)
    assert settings.mcp["files"] == McpSettings(command="x", args=("a",))
    for wrong in (
        "[mcp.files]\n",
        '[mcp.files]\ncommand = "x"\nurl = "http://x"\n',
        '[mcp.files]\nurl = "ftp://x"\n',
        '[mcp."a/b"]\ncommand = "x"\n',
        '[mcp.files]\ncommand = "x"\nkey = "y"\n',
    ):
        path.write_text(wrong)
        with pytest.raises(SettingsError):
            read_settings(path)
