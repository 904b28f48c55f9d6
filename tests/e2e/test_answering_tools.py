"""Tools of a real MCP server and replies that are cut off, in a real terminal."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest
from terminals import Terminals

SERVER = Path(__file__).parents[1] / "tools" / "plain_mcp_server.py"
SCRIPT = """
default_template = "handy"
[templates.handy.agent]
provider = "scripted"
tools = ["demo"]
[templates.handy.agent.parameters]
script = [{script}]
"""
CALLS = """[
    "I add. ",
    {tool_call = {name = "demo__add", id = "c1", arguments = {a = 20, b = 3}}},
    {tool_call = {name = "demo__tell", id = "c2", arguments = {name = "[red]HOME"}}},
    {next = true}, "It is done."
]"""
CUT = '["Begin", {delay_s = 600}, {next = true}, "ning and end."]'


@pytest.fixture
def handy(mcp_extra: None, terminals: Terminals) -> Terminals:
    """A person with a server of tools."""
    terminals.warm.load("pydantic_ai.mcp")
    server = f'[mcp.demo]\ncommand = "{sys.executable}"\nargs = ["{SERVER}"]\n'
    terminals.settings(SCRIPT.replace("{script}", CALLS) + server)
    return terminals


def test_a_call_is_allowed_another_refused_and_both_are_there_after_a_restart(
    handy: Terminals,
) -> None:
    terminal = handy.open()
    terminal.type("Add them\r").wait_for("add of the server demo wants to run")
    terminal.wait_for("1/2").type("yn").wait_for("yn")
    terminal.press("f9").wait_for("y once").type("y").wait_for("tell of the server demo")
    terminal.wait_for("✓ add of the server demo").press_until("n", "It is done.").wait_for(
        "⊘ tell of the server demo"
    )
    assert "yn" in terminal.text
    assert terminal.quit() == 0
    again = handy.open().wait_for("It is done.")
    assert "✓ add of the server demo" in again.text
    assert "⊘ tell of the server demo" in again.text
    again.press("ctrl+p").type("Tools").wait_for("What the agent of this chat may use")
    again.press("enter").wait_for("MCP server").press("right").wait_for("Adds two numbers.")
    again.press("escape").wait_for("yn")
    again.quit()


def test_a_call_that_waited_when_the_program_was_killed_is_asked_again(handy: Terminals) -> None:
    terminal = handy.open()
    terminal.type("Add them\r").wait_for("add of the server demo wants to run")
    terminal.kill()
    again = handy.open().wait_for("no result").wait_for("cut off · C goes on · r asks again")
    again.to_transcript().type("C").wait_for("add of the server demo wants to run")
    again.press("f9").wait_for("y once").type("a").wait_for("tell of the server demo")
    again.press_until("n", "It is done.")
    again.quit()


@pytest.mark.parametrize("how", ["stopped", "killed"])
def test_a_reply_that_was_cut_off_goes_on_where_it_ended(terminals: Terminals, how: str) -> None:
    terminals.settings(SCRIPT.replace("{script}", CUT).replace('tools = ["demo"]\n', ""))
    terminal = terminals.open()
    terminal.type("Answer\r").wait_for("Begin")
    if how == "stopped":
        terminal.press("escape").wait_for("stopped · C goes on · r asks again")
    else:
        [journal] = terminals.sessions_folder.glob("*.journal.jsonl")
        terminal.wait_for(lambda t: '"partial"' in journal.read_text(), "the reply on disk")
        terminal.kill()
        terminal = terminals.open().wait_for("cut off · C goes on · r asks again")
    terminal.to_transcript().type("C").wait_for("Beginning and end.")
    terminal.wait_until_gone("goes on")
    terminal.quit()
    [document] = terminals.documents().values()
    assert [m["status"] for m in document["chats"][0]["messages"]] == ["complete", "complete"]
