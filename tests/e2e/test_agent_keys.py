"""Choosing who answers, templates, summaries and other agents, by keyboard alone."""

from __future__ import annotations

import tomllib

import pytest
from terminals import Seed, Terminals

from tui_sessions import SessionManager

DONE = "For real answers"


async def _talk(manager: SessionManager, workspace: str) -> None:
    session = await manager.create_session(workspace=workspace, label="Talk", surface="tty:%1")
    await manager.create_chat(session.id)
    await manager.add_message(session.id, "Which tables?", role="user")
    await manager.add_message(session.id, "The round ones", role="assistant")


@pytest.mark.slow
def test_a_template_is_made_used_and_deleted(terminals: Terminals, seed: Seed) -> None:
    seed(_talk)
    terminal = terminals.open().wait_for("The round ones")
    terminal.press("ctrl+l").wait_for("Model or agent").type("agent templates")
    terminal.wait_until_gone("summariser").press("enter").wait_for("built-in")
    terminal.type("n").wait_for("Name of the template").type("pirate\r").wait_for("pirate.toml")
    terminal.type("x").type("\x13").wait_for("not TOML")
    terminal.press("backspace").type("\x13").wait_for("pirate is saved")
    path = terminals.home / "config" / "sessions-tui" / "templates" / "pirate.toml"
    assert tomllib.loads(path.read_text())["agent"]["parameters"] == {"temperature": 0.7}
    terminal.press("enter").wait_for("pirate answers").type("Ahoy\r").wait_for("template pirate")
    terminal.quit()
    assert terminals.documents()["Talk"]["chats"][0]["agent"]["template"] == "pirate"


@pytest.mark.slow
def test_a_summary_and_other_agents_start_children(terminals: Terminals, seed: Seed) -> None:
    seed(_talk)
    terminal = terminals.open(columns=120).wait_for("The round ones").to_transcript()
    terminal.type("a").wait_for("Ask another agent").type(" j ").press("enter")
    terminal.wait_for("assistant: The").wait_for("coder: The round")
    terminal.type("s").wait_for("goes on from the summary").wait_for("Summary of what was said")
    terminal.press("f3").wait_for("≡")
    terminal.type("G").press("enter").wait_for("sub-agent of Talk").wait_for(DONE)
    terminal.to_transcript().type("^").wait_until_gone("sub-agent of Talk")
    terminal.quit()
    kinds = [d["parent"]["kind"] for d in terminals.documents().values() if d["parent"]]
    assert sorted(kinds) == ["checkpoint", "spawn", "spawn"]
