from __future__ import annotations

import json
import os
import pty
import signal

import pytest


def test_new_prints_an_id_that_list_knows(sessions_tui):
    session_id = sessions_tui.ok("new", "Parser", "--tag", "work", "--template", "coder")
    [session] = sessions_tui.json("list", "--tag", "work")["sessions"]
    assert (session["id"], session["label"]) == (session_id, "Parser")
    assert session["workspace"].startswith("project-")
    assert session["chats"][0]["agent"]["template"] == "coder"
    assert sessions_tui.json("list", "--state", "active")["sessions"] == []


def test_a_default_provider_that_there_is_not_is_an_error_and_nothing_is_made(sessions_tui):
    empty = sessions_tui.ok("new", "Empty")
    begun = sessions_tui.ok("new", "Begun", "--template", "coder")
    settings = sessions_tui.home / "config" / "sessions-tui" / "settings.toml"
    settings.parent.mkdir(parents=True)
    settings.write_text(
        'default_provider = "olama"\n[templates.named.agent]\nprovider = "offline"\n'
    )
    before = sessions_tui.json("list")
    for words in (
        ["new", "Other"],
        ["new", "--template", "coder"],
        ["send", "--new", "hi"],
        ["send", empty, "hi"],
        ["send", "Empty", "hi"],
        ["ask", begun, "hi", "--template", "named", "--template", "coder"],
        ["ask", empty, "hi"],
    ):
        done = sessions_tui(*words)
        assert (done.returncode, done.stdout) == (1, "")
        assert "settings.toml: No provider 'olama' for `default_provider`" in done.stderr
        assert "valid: offline, " in done.stderr
    assert sessions_tui.json("list") == before
    assert sessions_tui.ok("send", begun, "hi")
    assert sessions_tui.ok("send", "--new", "hi", "--template", "named")


def test_send_streams_the_reply_and_show_tells_it_again(sessions_tui, scripted):
    scripted(["Hel", "lo \x1b]52;c;x\x07", {"thinking": "well well"}])
    done = sessions_tui("send", "--new", "What is up?")
    assert done.returncode == 0
    assert done.stdout == "Hello \u241b]52;c;x\u2407\n"
    shown = sessions_tui.ok("show", "What is up?")
    assert "What is up?" in shown
    assert "[thinking: 2 words]" in shown
    assert "\x1b" not in shown
    assert "well well" in sessions_tui.ok("show", "What is up?", "--full")


def test_send_takes_text_from_a_pipe_and_goes_on_with_the_latest_here(sessions_tui, tmp_path):
    sessions_tui.ok("send", "--new", text="From a pipe\n")
    sessions_tui.ok("send", "--last", "-", text="once more")
    sessions_tui.ok("send", "--last", "What", "is", "3 -", "this?", "-", text="diff")
    shown = sessions_tui.json("show", "From a pipe")
    assert [m["content"][0]["text"] for m in shown["history"] if m["role"] == "user"] == [
        "From a pipe\n",
        "once more",
        "What is 3 - this?\n\ndiff",
    ]
    elsewhere = sessions_tui("send", "--last", "x", "--workspace", "other")
    assert elsewhere.returncode == 1


def test_send_prints_events_as_json_lines(sessions_tui, scripted):
    scripted(["one ", "two"])
    lines = [
        json.loads(line) for line in sessions_tui.ok("send", "--new", "hi", "--json").split("\n")
    ]
    assert [line["event"] for line in lines] == [
        "reply_started",
        "reply_delta",
        "reply_delta",
        "reply_done",
    ]
    assert lines[-1]["message"]["content"] == [{"type": "text", "text": "one two"}]


def test_a_failing_provider_is_an_error_and_the_question_stays(sessions_tui, scripted):
    scripted(["half ", {"error": "The key is not valid.", "kind": "auth"}])
    done = sessions_tui("send", "--new", "hi")
    assert done.returncode == 1
    assert "The key is not valid." in done.stderr
    history = sessions_tui.json("show", "hi")["history"]
    assert [message["status"] for message in history] == ["complete", "failed"]


def test_a_reply_that_ran_into_its_limit_is_told_and_can_be_gone_on_with(sessions_tui, scripted):
    scripted(["half", {"finish_reason": "length"}, {"next": True}, " and half"])
    done = sessions_tui("send", "--new", "hi")
    assert (done.returncode, done.stdout) == (0, "half\n")
    assert "`continue` goes on" in done.stderr
    done = sessions_tui("continue", "--last")
    assert "`continue`" not in done.stderr
    [_, reply] = sessions_tui.json("show", "hi")["history"]
    assert reply["content"] == [{"type": "text", "text": "half and half"}]


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_ctrl_c_or_a_closed_terminal_stops_the_reply_and_keeps_what_came(
    sessions_tui, scripted, number
):
    scripted(["first words", {"gate": "never"}])
    running = sessions_tui.begin("send", "--new", "question", "--json")
    while "reply_delta" not in running.stdout.readline():
        assert running.poll() is None
    running.send_signal(number)
    rest, errors = running.communicate()
    assert running.returncode == 128 + number
    assert "reply_stopped" in rest
    assert "Traceback" not in errors
    reply = sessions_tui.json("show", "question")["history"][-1]
    assert (reply["status"], reply["content"][0]["text"]) == ("stopped", "first words")


def test_a_terminal_that_is_closed_costs_no_word_and_is_no_unexpected_error(sessions_tui, scripted):
    scripted(["first words", {"gate": "never"}])
    outside, inside = pty.openpty()
    running = sessions_tui.start("send", "--new", "question", streams=[inside] * 3)
    os.close(inside)
    shown = b""
    while b"first words" not in shown:
        shown += os.read(outside, 1000)
    os.close(outside)  # Whose terminal it is gets told so.
    running.wait()
    reply = sessions_tui.json("show", "question")["history"][-1]
    assert (reply["status"], reply["content"][0]["text"]) == ("stopped", "first words")
    assert not list(sessions_tui.home.rglob("*.log"))


def test_send_without_text_on_a_terminal_is_a_usage_error(sessions_tui):
    session_id = sessions_tui.ok("new")
    master, slave = pty.openpty()
    code, told = sessions_tui.over("send", session_id, stdin=slave)
    os.close(slave)
    os.close(master)
    assert code == 2
    assert "no text to send" in told
