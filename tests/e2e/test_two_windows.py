"""Two windows on one chat, in real terminals: one answers, the other sees it and waits."""

from __future__ import annotations

import asyncio
import os
import signal
import subprocess
from typing import Any

from terminal import Terminal
from terminals import Fill, Seed, Terminals

from tui_sessions import AgentConfig, Message, SessionManager, open_sessions
from tui_sessions.stores.locking import locked

ELSEWHERE = "replying in another window"


def _chat(*steps: Any) -> Fill:
    """A session with one turn, whose next reply is these steps."""

    async def fill(manager: SessionManager, workspace: str) -> None:
        session = await manager.create_session(workspace=workspace, label="Shared")
        script = [["Ready."], [*steps], ["Later answer."]]
        agent = AgentConfig(provider="scripted", parameters={"script": script})
        await manager.create_chat(session.id, agent=agent)
        async for _ in manager.send(session.id, "Are you ready?"):
            pass

    return fill


def _both(terminals: Terminals) -> tuple[Terminal, Terminal]:
    left = terminals.open(pane="%1").press_until("alt+down", "Ready.")
    right = terminals.open(pane="%2").press_until("alt+down", "Ready.")
    return left, right


def _quit(*windows: Terminal) -> None:
    for terminal in windows:
        assert terminal.quit() == 0


FOREVER = ("Once upon ", {"delay_s": 600}, {"next": True}, "a time.")


def test_the_other_window_shows_the_reply_as_it_comes_and_takes_no_question_meanwhile(
    terminals: Terminals, seed: Seed
) -> None:
    words = [step for n in range(40) for step in (f"word{n} ", {"delay_s": 0.15})]
    seed(_chat(*words, "the end"))
    left, right = _both(terminals)
    left.type("Tell me\r").wait_for("word1 ")
    right.wait_for(ELSEWHERE).wait_for("answered in another window").wait_for("Tell me")
    assert "cut off" not in right.text
    right.wait_for("word5 ")
    right.type("And I\r").wait_for("Not sent").wait_for("│ And I")
    left.wait_for("the end")
    right.wait_for("the end").wait_until_gone("another window:").wait_until_gone(ELSEWHERE)
    assert "cut off" not in right.text
    right.type("\r").wait_for("Later answer.")
    left.wait_for("Later answer.")
    prompts = [message.text for message in _messages(terminals) if message.role == "user"]
    assert prompts == ["Are you ready?", "Tell me", "And I"]
    _quit(left, right)


def test_a_reply_is_cut_off_once_the_window_that_wrote_it_is_killed(
    terminals: Terminals, seed: Seed
) -> None:
    seed(_chat(*FOREVER))
    left, right = _both(terminals)
    left.type("Tell me\r").wait_for("Once upon")
    right.wait_for("Once upon").wait_for(ELSEWHERE)
    right.to_transcript().type("C").wait_for("is being answered in another window")
    left.kill()
    right.wait_for("cut off · C goes on").wait_until_gone(ELSEWHERE)
    right.type("C").wait_for("Once upon a time.")
    right.quit()
    assert [m.status for m in _messages(terminals)] == ["complete"] * 4


def test_a_window_that_is_suspended_keeps_its_chat_and_the_other_goes_on_elsewhere(
    terminals: Terminals, seed: Seed
) -> None:
    seed(_chat(*FOREVER))
    left, right = _both(terminals)
    left.type("Tell me\r").wait_for("Once upon")
    right.wait_for(ELSEWHERE)
    os.kill(left.process.pid, signal.SIGSTOP)
    right.type("Hello?\r").wait_for("Not sent")
    right.press("ctrl+n").wait_until_gone(ELSEWHERE).type("Something new\r")
    right.wait_for("For real answers")
    os.kill(left.process.pid, signal.SIGCONT)
    left.press("escape").wait_for("stopped")
    _quit(left, right)


def test_the_command_stops_the_reply_of_the_other_window(terminals: Terminals, seed: Seed) -> None:
    seed(_chat(*FOREVER))
    left, right = _both(terminals)
    left.type("Tell me\r").wait_for("Once upon")
    right.wait_for(ELSEWHERE)
    right.press("escape").wait_for("Fork here")
    assert ELSEWHERE in right.text
    right.press("ctrl+p").wait_for("Search for commands").type("stop the reply")
    right.wait_for("stop the reply").wait_for("What has come is kept")
    right.press("enter").wait_until_gone(ELSEWHERE).wait_for("stopped · C goes on")
    left.wait_for("stopped · C goes on")
    _quit(left, right)


def test_nothing_is_cut_off_while_a_tool_or_the_first_word_is_waited_for(
    terminals: Terminals, seed: Seed
) -> None:
    seed(_chat({"delay_s": 600}))
    left, right = _both(terminals)
    left.type("Tell me\r").wait_for("replying")
    right.wait_for("Tell me").wait_for(ELSEWHERE)
    assert "no reply came" not in right.text
    left.press("escape").wait_for("stopped")
    right.wait_until_gone(ELSEWHERE)
    _quit(left, right)


def test_the_command_line_is_refused_with_a_sentence(terminals: Terminals, seed: Seed) -> None:
    seed(_chat(*FOREVER))
    left = terminals.open(pane="%1").press_until("alt+down", "Ready.")
    left.type("Tell me\r").wait_for("Once upon")
    [path] = terminals.sessions_folder.glob("*.json")
    for command in (["send", path.stem, "Me too"], ["continue", path.stem]):
        ran = _command(terminals, *command)
        assert ran.returncode == 1
        assert "is being answered in another window or program" in ran.stderr
        assert "Traceback" not in ran.stderr
    left.press("escape").wait_for("stopped")
    _quit(left)


def test_a_fork_made_beside_a_running_reply_is_whole(terminals: Terminals, seed: Seed) -> None:
    seed(_chat(*FOREVER))
    left, right = _both(terminals)
    left.type("Tell me\r").wait_for("Once upon")
    right.wait_for(ELSEWHERE).press("f8").wait_for("forked here")
    right.wait_until_gone("Once upon").type("On my own\r").wait_for("Later answer.")
    left.press("escape").wait_for("stopped")
    _quit(left, right)


def test_what_the_command_line_does_is_seen_in_the_window(terminals: Terminals, seed: Seed) -> None:
    seed(_chat(*FOREVER))
    window = terminals.open().press_until("alt+down", "Ready.")
    window.type("Tell me\r").wait_for("Once upon").type("half a")
    [path] = terminals.sessions_folder.glob("*.json")
    for command, seen in (
        (("rename", path.stem, "Named beside"), "Named beside"),
        (("delete", path.stem), "Named beside was deleted in another"),
        (("restore", path.stem), "Named beside is back."),
        (("send", path.stem, "Go on"), "Later answer."),
    ):
        ran = _command(terminals, *command)
        assert ran.returncode == 0, ran.stderr
        window.wait_for(seen).wait_for("│ half a")
    window.wait_for("stopped")
    exported = _command(terminals, "export", path.stem, "--format", "markdown", "--output", "-")
    assert "Once upon" in exported.stdout
    _quit(window)


def test_a_file_that_is_edited_by_hand_is_shown_in_both_windows(
    terminals: Terminals, seed: Seed
) -> None:
    seed(_chat("Later."))
    left, right = _both(terminals)
    [path] = terminals.sessions_folder.glob("*.json")
    text = path.read_text()
    for edited in (text.replace("Ready.", "Edited by hand."), text):
        shown = "Edited by hand." if edited is not text else "Ready."
        path.write_text(edited)
        for terminal in (left, right):
            terminal.wait_for(shown)
    _quit(left, right)


def test_a_file_that_cannot_be_read_is_told_in_both_windows_until_it_can(
    terminals: Terminals, seed: Seed
) -> None:
    seed(_chat("Later."))
    both = _both(terminals)
    [path] = terminals.sessions_folder.glob("*.json")
    text = path.read_text()
    path.write_text(text[:-30])
    for terminal in both:
        terminal.wait_for(f"! {path.name[:12]}")
        terminal.wait_for("Ready.")
    path.write_text(text)
    for terminal in both:
        terminal.wait_until_gone(f"! {path.name[:12]}").wait_for("● Shared")
    _quit(*both)


def test_a_session_that_is_held_for_long_is_told_and_keeps_nobody_from_the_others(
    terminals: Terminals, seed: Seed
) -> None:
    seed(_chat("Later."))
    terminal = terminals.open().press_until("alt+down", "Ready.")
    [path] = terminals.sessions_folder.glob("*.json")
    with locked(path.with_suffix(".journal.jsonl")):
        terminal.type("Hold on\r").wait_for("The message waits")
        terminal.press("ctrl+n").wait_for("A new session").type("Another\r")
        terminal.wait_for("For real answers")
        other = terminals.open(pane="%2").wait_for("Shared").wait_for("Another")
        other.press("alt+down", "alt+down").wait_for("not read yet")
    other.wait_for("Ready.")
    terminal.press_until("alt+up", "Ready.").wait_for("Hold on").wait_for("Later.")
    _quit(terminal, other)


def _messages(terminals: Terminals) -> list[Message]:
    async def read() -> list[Message]:
        async with open_sessions(terminals.data.as_uri()) as manager:
            [shared] = [s for s in await manager.list_sessions() if s.label == "Shared"]
            return await manager.history(shared.id)

    return asyncio.run(read())


def _command(terminals: Terminals, *arguments: str) -> subprocess.CompletedProcess[str]:
    return terminals.warm.run(arguments, terminals.project, terminals.environment())
