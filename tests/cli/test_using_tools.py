"""Tools on the command line: asked for on a terminal, refused without one; waits; going on."""

from __future__ import annotations

import json
import os
import select
import signal
import sys
from pathlib import Path

import pytest

SERVER = str(Path(__file__).parents[1] / "tools" / "plain_mcp_server.py")
CALL = {"tool_call": {"name": "demo__add", "id": "t1", "arguments": {"a": 20, "b": 3}}}
NEXT = {"next": True}


@pytest.fixture
def with_tools(mcp_extra, sessions_tui, scripted):
    """Makes the default template play a script, with a server of tools in the settings."""
    sessions_tui.warm.load("pydantic_ai.mcp")

    def write(steps):
        scripted(steps)
        path = sessions_tui.home / "config" / "sessions-tui" / "settings.toml"
        server = f'[mcp.demo]\ncommand = "{sys.executable}"\nargs = ["{SERVER}"]\n'
        path.write_text(path.read_text() + server)

    return write


class OnTerminal:
    """A command whose input and error output are a terminal."""

    def __init__(self, sessions_tui, *arguments):
        self.master, slave = os.openpty()
        self._output, written = os.pipe()
        self.process = sessions_tui.start(*arguments, streams=[slave, written, slave])
        os.close(written)
        os.close(slave)
        self.seen = ""

    def until(self, text):
        while text not in self.seen:
            ready, _, _ = select.select([self.master], [], [], 60)
            assert ready, self.seen
            self.seen += os.read(self.master, 4096).decode()

    def type(self, text):
        os.write(self.master, text.encode())

    def end(self):
        with open(self._output) as file:
            output = file.read()
        os.close(self.master)
        return self.process.wait(), output


def test_without_a_terminal_a_tool_is_refused_and_said_how_to_allow(sessions_tui, with_tools):
    with_tools(["Let me see.", CALL, NEXT, "No sum."])
    done = sessions_tui("send", "--new", "--tools", "demo", "Add")
    assert (done.returncode, done.stdout) == (0, "Let me see.\nNo sum.\n")
    assert "Refused demo/add" in done.stderr
    assert "--allow-tool demo/add" in done.stderr


@pytest.mark.parametrize("name", ["demo", "demo/add"])
def test_a_tool_that_is_allowed_runs(sessions_tui, with_tools, name):
    with_tools([CALL, NEXT, "It is 23."])
    done = sessions_tui("send", "--new", "--tools", "demo", "--allow-tool", name, "Add")
    assert (done.returncode, done.stdout) == (0, "It is 23.\n")
    assert 'Running demo__add {"a": 20, "b": 3}' in done.stderr
    assert "[tool result: 23]" in done.stderr
    shown = sessions_tui.ok("show", "Add")
    assert "[tool result: 23]" in shown


@pytest.mark.parametrize(("typed", "result"), [("y\n", "23"), ("a\n", "23"), ("\n", "refused")])
def test_a_person_on_a_terminal_is_asked(sessions_tui, with_tools, typed, result):
    with_tools([CALL, NEXT, "Done."])
    run = OnTerminal(sessions_tui, "send", "--new", "--tools", "demo", "Add")
    run.until("Let it run?")
    assert 'wants to run demo/add {"a": 20, "b": 3}' in run.seen
    run.type(typed)
    assert run.end() == (0, "Done.\n")
    assert result in sessions_tui.ok("show", "Add")


def test_an_interrupt_ends_the_question(sessions_tui, with_tools):
    with_tools([CALL, NEXT, "Done."])
    run = OnTerminal(sessions_tui, "send", "--new", "--tools", "demo", "Add")
    run.until("Let it run?")
    os.kill(run.process.pid, signal.SIGINT)
    assert run.end() == (130, "")
    assert "stopped" in sessions_tui.ok("show", "Add")


def test_events_of_tools_are_json_lines(sessions_tui, with_tools):
    with_tools([CALL, NEXT, "It is 23."])
    output = sessions_tui.ok(
        "send", "--new", "--tools", "demo", "--allow-tool", "demo", "--json", "Add"
    )
    events = [json.loads(line) for line in output.split("\n")]
    assert [event["event"] for event in events] == [
        "reply_started", "reply_step", "tool_started", "tool_done", "reply_delta", "reply_done",
    ]  # fmt: skip
    assert events[2]["call"] == {
        "type": "tool_call", "id": "t1", "name": "demo__add", "arguments": {"a": 20, "b": 3},
    }  # fmt: skip
    assert events[3]["message"]["content"][0]["text"] == "23"


def test_tools_that_are_not_there_are_named_before_anything_is_made(sessions_tui, with_tools):
    with_tools(["Hi"])
    done = sessions_tui("send", "--new", "--tools", "files", "Add")
    assert done.returncode == 1
    assert "No tool 'files'; valid: demo." in done.stderr
    assert sessions_tui.json("list")["sessions"] == []
    assert sessions_tui("send", "--last", "--tools", "demo", "Add").returncode == 2


def test_a_server_that_cannot_be_started_is_told_and_the_reply_comes_without_it(
    sessions_tui, with_tools
):
    with_tools(["No tools then."])
    path = sessions_tui.home / "config" / "sessions-tui" / "settings.toml"
    path.write_text(path.read_text() + '[mcp.gone]\ncommand = "no-such-program"\n')
    done = sessions_tui("send", "--new", "--tools", "gone", "Add")
    assert (done.returncode, done.stdout) == (0, "No tools then.\n")
    assert "Warning: Tool 'gone': the server could not be started" in done.stderr


def test_a_wait_is_told(sessions_tui, scripted):
    busy = {"error": "Busy.", "kind": "rate_limited", "retry_after": 0.2, "times": 1}
    scripted([busy, "Here."])
    done = sessions_tui("send", "--new", "Hello")
    assert (done.returncode, done.stdout) == (0, "Here.\n")
    assert "Busy. Trying again in 0 s (try 2)." in done.stderr


def test_a_reply_that_was_cut_off_can_be_gone_on_with(sessions_tui, scripted):
    scripted(["Once upon", {"error": "Gone."}, NEXT, " a time."])
    assert sessions_tui("send", "--new", "Tell me").returncode == 1
    done = sessions_tui("continue", "--last")
    assert (done.returncode, done.stdout) == (0, " a time.\n")
    assert "Once upon a time." in sessions_tui.ok("show", "Tell me")
    again = sessions_tui("continue", "Tell me")
    assert again.returncode == 1
    assert "There is nothing to go on with" in again.stderr
    assert sessions_tui("continue").returncode == 2
    assert sessions_tui("continue", "Tell me", "--last").returncode == 2
