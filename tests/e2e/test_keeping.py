"""Nothing typed or sent is lost: drafts, crashes, signals, full disks, and two windows."""

from __future__ import annotations

import json
import os
import signal
import termios
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
script = [["Beginning ", {delay_s = 60}, "end"]]
"""
TALKATIVE = SLOW.replace(
    '"Beginning ", {delay_s = 60}', ", ".join(['"word ", {delay_s = 0.01}'] * 4000)
)


def drafts_file(terminals: Terminals) -> Path:
    return terminals.home / "state" / "sessions-tui" / "drafts.json"


def drafts(terminals: Terminals) -> list[str]:
    path = drafts_file(terminals)
    return [*json.loads(path.read_text()).values()] if path.exists() else []


def test_drafts_survive_switching_leaving_and_a_crash(terminals: Terminals) -> None:
    terminal = terminals.open()
    terminal.type("First\r").wait_for(DONE).type("for the first")
    terminal.press("ctrl+n").type("not yet begun").wait_for("│ not yet begun")
    terminal.press("alt+down").wait_for("│ for the first")
    terminal.press("ctrl+n").wait_for("│ not yet begun").press("alt+down").wait_for("│ for the")
    terminal.quit()

    again = terminals.open().wait_for("│ for the first")
    again.type(" and more").wait_for(lambda _: "for the first and more" in drafts(terminals))
    again.kill()
    terminals.open().wait_for("│ for the first and more")


def test_what_is_typed_while_a_session_begins_survives_a_crash(terminals: Terminals) -> None:
    terminal = terminals.open()
    terminal.type("alpha\rbeta").wait_for(DONE).wait_for(lambda _: drafts(terminals) == ["beta"])
    terminal.kill()
    terminals.open().wait_for(DONE).wait_for("│ beta")


def test_what_was_sent_right_before_a_crash_is_no_draft_any_more(terminals: Terminals) -> None:
    terminal = terminals.open()
    terminal.type("First\r").wait_for(DONE).type("sent")
    terminal.wait_for(lambda _: drafts(terminals) == ["sent"])
    kept = drafts_file(terminals).read_text()
    terminal.type("\r").wait_for("2 questions in this chat so far").wait_for(DONE)
    terminal.kill()
    # As if the crash had come before the draft was written anew.
    drafts_file(terminals).write_text(kept)
    again = terminals.open().wait_for("2 questions in this chat so far")
    assert "│ sent" not in again.text
    again.type("next").wait_for("│ next").wait_for(lambda _: drafts(terminals) == ["next"])


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGHUP, signal.SIGINT])
def test_a_signal_keeps_the_draft_and_what_came_of_the_reply(
    terminals: Terminals, number: int
) -> None:
    terminals.settings(SLOW)
    terminal = terminals.open()
    terminal.type("Answer slowly\r").wait_for("Beginning").type("next").wait_for("│ next")
    assert terminal.signal(number) == 128 + number
    assert drafts(terminals) == ["next"]
    [document] = terminals.documents().values()
    [_, reply] = document["chats"][0]["messages"]
    assert reply["content"][0]["text"] == "Beginning "
    assert reply["status"] == "stopped"


def test_closing_the_window_keeps_the_draft_and_what_came_of_the_reply(
    terminals: Terminals,
) -> None:
    terminals.settings(SLOW)
    terminal = terminals.open()
    terminal.type("Answer slowly\r").wait_for("Beginning").type("next").wait_for("│ next")
    terminal.close_window()
    assert drafts(terminals) == ["next"]
    terminals.open().wait_for("Beginning").wait_for("stopped").wait_for("│ next")


def test_a_window_that_was_stopped_draws_anew_reads_on_and_leaves_the_terminal_as_it_was(
    terminals: Terminals,
) -> None:
    terminal = terminals.open()
    terminal.type("One").wait_for("│ One")
    for text in ("│ One, two", "│ One, two, three"):
        os.kill(terminal.process.pid, signal.SIGSTOP)
        terminal.overwrite("another program").type(text[text.rindex(",") :])
        os.kill(terminal.process.pid, signal.SIGCONT)
        terminal.wait_for(text).wait_until_gone("another program").wait_for("^p Commands")
    assert terminal.quit() == 0
    modes = termios.tcgetattr(terminal.handle)[3]
    assert modes & termios.ECHO
    assert modes & termios.ICANON


@pytest.mark.parametrize("when", ["during the stop", "after it"])
def test_a_letter_whose_bytes_come_on_both_sides_of_a_stop_is_whole(
    terminals: Terminals, when: str
) -> None:
    terminal = terminals.open()
    first, rest = "Gr\u2191".encode()[:-1], "\u2191".encode()[-1:]
    os.write(terminal.handle, first)
    terminal.wait_for("│ Gr")
    os.kill(terminal.process.pid, signal.SIGSTOP)
    terminal.overwrite("another program")
    if when == "during the stop":
        os.write(terminal.handle, rest)
    os.kill(terminal.process.pid, signal.SIGCONT)
    terminal.wait_until_gone("another program").wait_for("^p Commands")
    if when == "after it":
        os.write(terminal.handle, rest)
    terminal.type("!").wait_for("!")
    assert "│ Gr\u2191!" in terminal.text


def test_many_stops_at_once_keep_nobody_waiting(terminals: Terminals) -> None:
    terminal = terminals.open()
    for _ in range(100):
        os.kill(terminal.process.pid, signal.SIGCONT)
    terminal.type("One").wait_for("│ One")
    assert terminal.quit() == 0


def test_a_terminal_that_takes_no_output_any_more_keeps_nobody_waiting(
    terminals: Terminals,
) -> None:
    terminals.settings(TALKATIVE)
    terminal = terminals.open()
    terminal.type("Go on\r").wait_for("word word").wait_until_full()
    os.kill(terminal.process.pid, signal.SIGHUP)
    assert terminal.close_window() == 128 + signal.SIGHUP


def test_a_data_folder_that_is_a_file_is_told_and_the_text_comes_back(
    terminals: Terminals,
) -> None:
    terminals.data.parent.mkdir(parents=True)
    terminals.data.write_text("not a folder")
    terminal = terminals.open()
    terminal.type("Do not lose me\r").wait_for("Not sent").wait_for("│ Do not lose me")
    assert terminal.quit() == 0
    assert terminals.data.read_text() == "not a folder"


def test_a_folder_of_states_that_is_a_file_keeps_nobody_from_talking(terminals: Terminals) -> None:
    state = drafts_file(terminals).parents[1]
    state.parent.mkdir(parents=True, exist_ok=True)
    state.write_text("not a folder")
    terminal = terminals.open()
    terminal.type("Hello\r").wait_for(DONE)
    terminal.quit()
    [document] = terminals.documents().values()
    assert len(document["chats"][0]["messages"]) == 2
    assert state.read_text() == "not a folder"


def test_a_full_disk_is_told_and_the_text_comes_back(terminals: Terminals) -> None:
    terminal = terminals.open(largest_file_bytes=40_000)
    terminal.type("Small enough\r").wait_for(DONE)
    terminal.type("\x1b[200~" + "too much " * 9000 + "\x1b[201~").wait_for("too much")
    terminal.press("enter").wait_for("Not sent").wait_for("│ much too much")
    terminal.quit()
    [document] = terminals.documents().values()
    assert len(document["chats"][0]["messages"]) == 2


async def _shared(manager: SessionManager, workspace: str) -> None:
    session = await manager.create_session(workspace=workspace, label="Shared")
    await manager.create_chat(session.id)
    await manager.add_message(session.id, "Before both", role="user")
    await manager.add_message(session.id, "Yes.", role="assistant")


def test_two_windows_on_one_session_lose_nothing(terminals: Terminals, seed: Seed) -> None:
    seed(_shared)
    left = terminals.open(pane="%1").wait_for("Before both")
    right = terminals.open(pane="%2").wait_for("Before both")
    left.type("From the left\r").wait_for(DONE)
    right.wait_for("From the left").wait_for(DONE).type("From the right\r")
    right.wait_for("3 questions")
    left.wait_for("From the right").wait_for("3 questions")
    left.press("f2").type("Both").press("enter")
    right.wait_for(lambda t: "› Both" in t.lines[-2])
    left.quit()
    right.type("The last word\r").wait_for("4 questions")
    right.quit()
    [document] = terminals.documents().values()
    assert len(document["chats"][0]["messages"]) == 8


def test_a_session_deleted_in_another_window_is_left_and_the_draft_stays(
    terminals: Terminals, seed: Seed
) -> None:
    seed(_shared)
    left = terminals.open(pane="%1").wait_for("Before both")
    right = terminals.open(pane="%2").wait_for("Before both")
    right.type("half a thought").wait_for("│ half a thought")
    left.press("f3").type("d").wait_for("A new session")
    right.wait_for("was deleted in another window").wait_for("A new session")
    left.type("u").wait_for("● Shared")
    right.wait_for("● Shared").press("alt+down").wait_for("│ half a thought")


def test_a_temporary_session_leaves_nothing_behind(terminals: Terminals) -> None:
    terminal = terminals.open()
    terminal.press("ctrl+p").type("temporary").wait_until_gone("Rename chat").press("enter")
    terminal.wait_for("A temporary session").type("A secret\r").wait_for(DONE)
    terminal.type("another secret").wait_for("│ another secret").press("ctrl+n")
    terminal.wait_for("A new session").press("alt+down").wait_for("│ another secret")
    terminal.quit()
    written = [p for p in terminals.home.rglob("*") if p.is_file()]
    assert not [p for p in written if b"secret" in p.read_bytes()]


async def _expired(manager: SessionManager, workspace: str) -> None:
    session = await manager.create_session(workspace=workspace, label="Over")
    await manager.create_chat(session.id)
    await manager.add_message(session.id, "Long ago", role="user")
    await manager.expire(session.id)


def test_an_expired_session_gives_the_text_back_and_can_be_forked(
    terminals: Terminals, seed: Seed
) -> None:
    seed(_expired)
    terminal = terminals.open().wait_for("Over")
    terminal.press("alt+down").wait_for("Long ago").type("One more\r").wait_for("Not sent")
    terminal.wait_for("│ One more").press("f8").wait_for("fork of Over")
    terminal.type("Here then\r").wait_for(DONE)
