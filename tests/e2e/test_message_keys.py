"""What is done to messages, and the clipboard, in a real terminal."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest
from terminals import Seed, Terminals

from tui_sessions import SessionManager

DONE = "For real answers"
SLOW = """
default_template = "slow"
[templates.slow.agent]
provider = "scripted"
[templates.slow.agent.parameters]
script = [["Beginning ", {delay_s = 60}, "end"], ["Again ", {delay_s = 0.1}, "done."]]
"""
CODE = "Two blocks:\n\n```python\nprint('one')\n```\n\n```sh\necho two\n```\n"


async def _one_with_code(manager: SessionManager, workspace: str) -> None:
    session = await manager.create_session(workspace=workspace, label="Code")
    await manager.create_chat(session.id)
    await manager.add_message(session.id, "Show me **code**", role="user")
    await manager.add_message(session.id, CODE, role="assistant")


def test_copying_gives_the_original_text(terminals: Terminals, seed: Seed) -> None:
    seed(_one_with_code)
    terminal = terminals.open().wait_for("echo two")
    terminal.press("ctrl+o").wait_for(lambda t: t.copied == [CODE], "the last reply")
    terminal.to_transcript().type("ccc").wait_for(lambda t: len(t.copied) == 4, "the code")
    assert [text.strip() for text in terminal.copied[1:]] == [
        "print('one')",
        "echo two",
        "print('one')",
    ]
    terminal.type("gy").wait_for(lambda t: t.copied[-1] == "Show me **code**", "the question")


@pytest.mark.slow
def test_finding_in_the_chat(terminals: Terminals, seed: Seed) -> None:
    seed(_one_with_code)
    terminal = terminals.open().wait_for("echo two")
    terminal.press("ctrl+f").type("code").wait_for("1 of 1")
    terminal.press("escape").wait_for("Fork here").type("/").wait_for("Previous")


@pytest.mark.slow
def test_editing_an_answered_prompt_goes_on_in_a_fork(terminals: Terminals) -> None:
    terminal = terminals.open()
    terminal.type("First wording\r").wait_for(DONE)
    terminal.to_transcript().type("ge").wait_for("Edit and send again")
    terminal.type(" improved").press("ctrl+s").wait_for("First wording (fork)").wait_for(DONE)
    terminal.wait_for("First wording improved").to_transcript().type("^")
    terminal.wait_until_gone("improved")
    terminal.quit()
    assert len(terminals.documents()) == 2


@pytest.mark.slow
def test_a_reply_is_stopped_and_made_again(terminals: Terminals) -> None:
    terminals.settings(SLOW)
    terminal = terminals.open()
    terminal.type("Answer slowly\r").wait_for("Beginning").press("escape").wait_for("stopped")
    terminal.to_transcript().type("r").wait_for("replying")
    terminal.press("escape").wait_for("stopped")
    terminal.press("f4").type("and now\r").wait_for("Again done.")
    terminal.quit()
    [document] = terminals.documents().values()
    statuses = [m["status"] for m in document["chats"][0]["messages"]]
    assert statuses == ["complete", "stopped", "complete", "complete"]


@pytest.mark.slow
def test_a_reply_that_ends_out_of_sight_is_told_and_marked(terminals: Terminals) -> None:
    terminals.settings(SLOW.replace("delay_s = 60", "delay_s = 1"))
    terminal = terminals.open()
    terminal.type("Answer slowly\r").wait_for("Beginning").press("ctrl+n")
    terminal.wait_for("A new session").wait_for("1 replying")
    terminal.wait_for("The reply in Answer slowly is done").wait_until_gone("1 replying")
    terminal.press("alt+down").wait_for("Beginning end")


def test_leaving_while_a_reply_runs_keeps_what_has_come(terminals: Terminals) -> None:
    terminals.settings(SLOW)
    terminal = terminals.open()
    terminal.type("Answer slowly\r").wait_for("Beginning")
    assert terminal.quit() == 0
    terminals.open().wait_for("Beginning").wait_for("stopped")


def test_replies_go_on_while_the_draft_is_in_an_editor(
    terminals: Terminals, tmp_path: Path
) -> None:
    terminals.settings(SLOW.replace("delay_s = 60", "delay_s = 1"))
    editor = tmp_path / "editor"
    editor.write_text(
        f"#!{sys.executable}\n"
        "import pathlib, sys, time\n"
        "print('in the editor', flush=True)\n"
        f"sessions = pathlib.Path({str(terminals.sessions_folder)!r})\n"
        "while not any('Beginning end' in f.read_text() for f in sessions.glob('*.json*')):\n"
        "    time.sleep(0.05)\n"
        "draft = pathlib.Path(sys.argv[1])\n"
        "draft.write_text(draft.read_text() + ' and edited')\n"
    )
    editor.chmod(0o755)
    terminal = terminals.open(EDITOR=str(editor))
    terminal.type("Answer slowly\r").wait_for("Beginning")
    terminal.type("typed").press("ctrl+g").wait_for("in the editor")
    terminal.wait_for("typed and edited").wait_for("Beginning end")
