"""Starting, sending, leaving, and coming back, in a real terminal."""

from __future__ import annotations

import json

import pytest
from terminal import Terminal
from terminals import Terminals

DONE = "For real answers"


def test_an_empty_home_begins_with_a_session_that_is_ready_to_type_into(
    terminals: Terminals,
) -> None:
    terminal = terminals.open().wait_for("A new session")
    terminal.type("Hello parser\r").wait_for(DONE)
    terminal.wait_for(lambda t: "parser › Hello parser" in t.lines[-2], "the label")
    assert terminal.quit() == 0

    document = terminals.documents()["Hello parser"]
    assert document["format"] == 1
    assert document["surfaces"] == ["tty:%1"]
    [chat] = document["chats"]
    assert [m["role"] for m in chat["messages"]] == ["user", "assistant"]
    assert chat["messages"][0]["content"] == [{"type": "text", "text": "Hello parser"}]
    assert not list(terminals.sessions_folder.glob("*.journal.jsonl"))


def test_the_pane_resumes_its_own_session_and_another_pane_the_latest(
    terminals: Terminals,
) -> None:
    first = terminals.open(pane="%1")
    first.type("First in one\r").wait_for(DONE)
    first.quit()
    second = terminals.open(pane="%2")
    second.press("ctrl+n").wait_for("A new session")
    second.type("Second in two\r").wait_for("❯ You").wait_for(DONE)
    second.quit()

    again = terminals.open(pane="%1")
    again.wait_for(lambda t: "› First in one" in t.lines[-2], "the session of pane 1")
    again.wait_for(DONE)
    other = terminals.open(pane="%3")
    other.wait_for(lambda t: "› First in one" in t.lines[-2], "the latest session")


def test_a_workspace_is_found_by_its_name_and_one_that_reads_like_its_id_is_another(
    terminals: Terminals,
) -> None:
    for name, text in (("a-b", "Hello one"), ("a b", "Hello two"), ("a b", "Hello three")):
        terminal = terminals.open("--workspace", name)
        terminal.press("ctrl+n").wait_for("A new session").type(f"{text}\r").wait_for(DONE)
        terminal.wait_for(lambda t, text=text: text in t.lines[-2], "the label")
        assert terminal.quit() == 0
    folders = (terminals.data / "workspaces").iterdir()
    found = {json.loads((f / "workspace.json").read_text())["name"]: f for f in folders}
    assert found["a-b"].name == "a-b"
    assert found["a b"].name.startswith("a-b-")
    told = {name: len(list(f.glob("sessions/*.json"))) for name, f in found.items()}
    assert told == {"a-b": 1, "a b": 2}


def test_keys_typed_in_one_burst_arrive_in_order(terminals: Terminals) -> None:
    terminal = terminals.open()
    terminal.type("alpha\rbeta").wait_for(DONE)
    terminal.wait_for(lambda t: composer(t) == "beta", "the draft beta")
    terminal.press("f3").type("/abc")
    terminal.wait_for(lambda t: "abc" in t.lines[0] or "abc" in t.lines[1], "the filter")
    terminal.press("escape", "escape", "f4").type(" gamma")
    terminal.wait_for(lambda t: composer(t) == "beta gamma", "the whole draft")


def test_what_is_typed_right_after_a_jump_goes_to_the_session_jumped_to(
    terminals: Terminals,
) -> None:
    terminal = terminals.open()
    terminal.type("First one\r").wait_for(DONE)
    terminal.type("\x0eSecond one\r").wait_for(lambda t: "› Second one" in t.lines[-2])
    terminal.wait_for(DONE)
    terminal.type("\x13First\rmore for the first\r")
    terminal.wait_for(lambda t: "› First one" in t.lines[-2])
    terminal.wait_for("more for the first")
    terminal.wait_for("2 questions in this chat")
    terminal.quit()
    documents = terminals.documents()
    assert len(documents["First one"]["chats"][0]["messages"]) == 4
    assert len(documents["Second one"]["chats"][0]["messages"]) == 2


def test_what_is_sent_right_before_leaving_is_there_again(terminals: Terminals) -> None:
    terminals.open().type("Said at the last moment\r\x11").wait_end()
    terminals.open().wait_for("Said at the last moment")
    assert "Said at the last moment" in terminals.documents()


def test_a_mouse_that_is_switched_off_is_never_asked_for(terminals: Terminals) -> None:
    terminals.settings("[app]\nmouse = false\n")
    terminal = terminals.open()
    terminal.type("hi\r").wait_for(DONE)
    assert b"\x1b[?1000h" not in terminal.raw
    assert b"\x1b[?1003h" not in terminal.raw


@pytest.mark.slow
def test_panes_fold_away_and_come_back_with_the_width(terminals: Terminals) -> None:
    terminal = terminals.open(columns=140, rows=40)
    terminal.type("A session to look at\r").wait_for(DONE).wait_for("Session")
    terminal.resize(60, 20).wait_for(lambda t: t.lines[-2].startswith(" parser ›"))
    assert "● A session to look at" not in terminal.text
    terminal.press("f3").wait_for("● A session to look at")
    terminal.wait_until_gone("╭")
    terminal.press("f5").wait_for("workspace").wait_until_gone("● A session")
    terminal.press("f4").wait_for("╭")
    terminal.type("still typing").wait_for("still typing")
    terminal.resize(140, 40).wait_for("● A session to look at").wait_for("workspace")
    assert composer(terminal) == "still typing"


def composer(terminal: Terminal) -> str:
    """What stands in the composer."""
    lines = terminal.lines
    top = max((i for i, line in enumerate(lines) if "╭──" in line), default=len(lines))
    inside = [line.rpartition("│")[0].rpartition("│")[2].strip() for line in lines[top + 1 : -3]]
    return "\n".join(inside).strip()
