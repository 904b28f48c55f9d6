from __future__ import annotations

import contextlib
import json
import signal
from pathlib import Path

import pytest


def write_template(sessions_tui, name, text):
    folder = sessions_tui.home / "config" / "sessions-tui" / "templates"
    folder.mkdir(parents=True, exist_ok=True)
    (folder / f"{name}.toml").write_text(text)
    return folder / f"{name}.toml"


def scripted_template(sessions_tui, name, *replies):
    script = json.dumps(replies).replace(": ", " = ")
    write_template(
        sessions_tui, name, f'[agent]\nprovider = "scripted"\nparameters = {{script = {script}}}\n'
    )


def test_templates_are_listed_with_where_they_come_from(sessions_tui):
    path = write_template(sessions_tui, "pirate", 'description = "Arr"')
    broken = write_template(sessions_tui, "broken", "[")
    done = sessions_tui("templates")
    assert done.returncode == 0
    assert "pirate" in done.stdout
    assert "1 template cannot be used:" in done.stderr
    assert str(broken) in done.stderr
    listed = sessions_tui.json("templates")
    sources = {one["name"]: one["source"] for one in listed["templates"]}
    assert sources["pirate"] == str(path)
    assert sources["coder"] == "built-in"
    assert [one["path"] for one in listed["problems"]] == [str(broken)]


def test_a_template_is_shown_as_toml_and_as_json(sessions_tui):
    write_template(sessions_tui, "pirate", '# Ahoy\ndescription = "Arr"\n')
    assert sessions_tui.ok("templates", "pirate") == '# Ahoy\ndescription = "Arr"'
    assert sessions_tui.json("templates", "coder")["agent"]["parameters"] == {"temperature": 0.2}
    assert "You are an experienced programmer" in sessions_tui.ok("templates", "coder")
    unknown = sessions_tui("templates", "nobody")
    assert unknown.returncode == 2
    assert "No template 'nobody'" in unknown.stderr


def test_a_key_that_means_nothing_is_told_with_what_it_may_stand_for(sessions_tui):
    write_template(sessions_tui, "typo", '[agent]\nsystem_promt = "Be short."\n')
    done = sessions_tui("templates", "typo")
    assert done.returncode == 0
    assert "system_promt" in done.stdout
    assert "did you mean system_prompt" in done.stderr


def editor(tmp_path, text):
    """A program that writes a text into the file that it is given."""
    path = tmp_path / "editor.sh"
    (tmp_path / "text").write_text(text)
    path.write_text(f'#!/bin/sh\ncat "{tmp_path}/text" > "$1"\ntouch -d tomorrow "$1"\n')
    path.chmod(0o700)
    return str(path)


def test_a_template_is_edited_used_and_removed(sessions_tui, tmp_path):
    text = 'description = "Short"\n[agent]\nsystem_prompt = "Be short."\n'
    done = sessions_tui("templates", "coder", "--edit", EDITOR=editor(tmp_path, text))
    assert done.returncode == 0, done.stderr
    path = sessions_tui.home / "config" / "sessions-tui" / "templates" / "coder.toml"
    assert done.stdout.strip() == str(path)
    assert path.read_text() == text
    session_id = sessions_tui.ok("new", "--template", "coder")
    [chat] = sessions_tui.json("show", session_id)["chats"]
    assert chat["agent"]["system_prompt"] == "Be short."
    removed = sessions_tui("templates", "coder", "--remove")
    assert "is back" in removed.stderr
    assert not path.exists()
    again = sessions_tui("templates", "coder", "--remove")
    assert (again.returncode, "comes with the program" in again.stderr) == (1, True)


def test_a_text_that_cannot_be_used_is_not_saved(sessions_tui, tmp_path):
    path = write_template(sessions_tui, "pirate", 'description = "Arr"\n')
    done = sessions_tui(
        "templates", "pirate", "--edit", EDITOR=editor(tmp_path, "[broken"), text="n\n"
    )
    assert done.returncode != 0
    assert "not TOML" in done.stderr
    assert path.read_text() == 'description = "Arr"\n'
    assert sessions_tui("templates", "../x", "--edit").returncode == 2
    assert sessions_tui("templates", "--edit").returncode == 2


def test_ctrl_c_is_left_to_the_editor(sessions_tui, tmp_path):
    command = editor(tmp_path, 'description = "Kept"\n')
    script = Path(command).read_text().replace("cat ", "kill -INT $PPID\ncat ")
    Path(command).write_text(script)
    done = sessions_tui("templates", "mine", "--edit", EDITOR=command)
    assert done.returncode == 0, done.stderr
    assert sessions_tui.ok("templates", "mine") == 'description = "Kept"'


@pytest.mark.parametrize(
    ("command", "says"),
    [
        ('vi "', "No closing quotation"),
        ("rm", "No such file or directory"),
        ("false", "Editing failed"),
        ("nowhere/vi", "No such file or directory"),
    ],
)
def test_an_editor_that_cannot_be_used_is_told(sessions_tui, command, says):
    done = sessions_tui("templates", "mine", "--edit", EDITOR=command, VISUAL="")
    assert (done.returncode, done.stdout) == (1, "")
    assert says in done.stderr
    assert "unexpected" not in done.stderr


def test_a_workspaces_template_counts_there_only(sessions_tui, tmp_path):
    sessions_tui.ok("new", "--workspace", "dev")
    text = 'description = "Of dev"\n'
    done = sessions_tui(
        "templates", "local", "--edit", "--workspace", "dev", EDITOR=editor(tmp_path, text)
    )
    assert done.returncode == 0, done.stderr
    assert "/workspaces/dev/templates/local.toml" in done.stdout
    assert sessions_tui.ok("templates", "local", "--workspace", "dev") == text.strip()
    assert sessions_tui("templates", "local").returncode == 2
    assert sessions_tui("new", "--template", "local").returncode == 2
    sessions_tui.ok("new", "--template", "local", "--workspace", "dev")


def test_checkpoint_prints_the_child_and_says_when_nothing_is_new(sessions_tui, scripted):
    scripted(["reply"])
    sessions_tui.ok("send", "--new", "question")
    child_id = sessions_tui.ok("checkpoint", "question")
    history = sessions_tui.json("show", "question")["history"]
    assert history[-1]["content"] == [{"type": "summary", "text": "reply"}]
    child = sessions_tui.json("show", child_id)
    assert child["parent"]["kind"] == "checkpoint"
    done = sessions_tui("checkpoint", "question")
    assert (done.returncode, done.stdout) == (0, "")
    assert "nothing new" in done.stderr
    assert sessions_tui.json("checkpoint", "question") is None
    assert sessions_tui("checkpoint", "nobody").returncode == 1


def test_a_summary_that_fails_is_an_error(sessions_tui):
    scripted_template(sessions_tui, "played", ["reply"], [{"error": "No key.", "kind": "auth"}])
    sessions_tui.ok("send", "--new", "--template", "played", "question")
    done = sessions_tui("checkpoint", "question")
    assert (done.returncode, done.stdout) == (1, "")
    assert "No key." in done.stderr


def test_ask_prints_the_answers_in_the_order_of_the_templates(sessions_tui):
    scripted_template(sessions_tui, "slow", [{"delay_s": 0.2}, "slow \x1b[31manswer"])
    scripted_template(sessions_tui, "quick", ["quick answer"])
    scripted_template(sessions_tui, "broken", [{"error": "No key."}])
    sessions_tui.ok("send", "--new", "question")
    names = [word for name in ("slow", "quick") for word in ("--template", name)]
    printed = sessions_tui.ok("ask", "question", "What now?", *names)
    assert printed.index("slow ␛[31manswer") < printed.index("quick answer")
    assert "# quick (" in printed
    done = sessions_tui("ask", "question", "x", *names, "--template", "broken", "--json")
    assert done.returncode == 1
    children = json.loads(done.stdout)["children"]
    assert [one["state"] for one in children] == ["completed", "completed", "failed"]
    assert [one["template"] for one in children] == ["slow", "quick", "broken"]
    assert children[2]["error"] == "No key."
    parent = sessions_tui.json("show", "question")["id"]
    child = sessions_tui.json("show", children[0]["session"])
    assert (child["parent"]["kind"], child["parent"]["session_id"]) == ("spawn", parent)


def test_ask_without_a_template_asks_the_chats_own_agent_and_may_give_it_the_chat(sessions_tui):
    sessions_tui.ok("send", "--new", "question")
    alone = sessions_tui.ok("ask", "question", "-", "--chat", "Chat 1", text="Really?")
    assert "1 question in this chat so far" in alone
    done = sessions_tui("ask", "question", "Really?", "--with-chat")
    assert "2 questions in this chat so far" in done.stdout
    assert "In child session" in done.stderr


def test_ask_refuses_what_cannot_be(sessions_tui):
    sessions_tui.ok("send", "--new", "question")
    assert sessions_tui("ask", "question", "x", "--template", "nobody").returncode == 2
    assert sessions_tui("ask", "question", " ").returncode == 2
    assert sessions_tui("ask", "nobody", "x").returncode == 1
    assert len(sessions_tui.json("list")["sessions"]) == 1


def written(home):
    """What is in the journals; one may be folded away while one looks."""
    found = []
    for path in home.rglob("*.jsonl"):
        with contextlib.suppress(FileNotFoundError):
            found.append(path.read_text())
    return "".join(found)


def test_ctrl_c_stops_those_that_answer_and_keeps_what_came(sessions_tui):
    scripted_template(sessions_tui, "held", ["first words", {"gate": "never"}])
    sessions_tui.ok("send", "--new", "question")
    running = sessions_tui.begin("ask", "question", "hold", "--template", "held")
    while "first words" not in written(sessions_tui.home):
        assert running.poll() is None, running.communicate()
    running.send_signal(signal.SIGINT)
    _, errors = running.communicate()
    assert (running.returncode, "Interrupted." in errors) == (130, True)
    history = sessions_tui.json("show", "hold")["history"]
    assert history[-1]["status"] == "stopped"
    assert history[-1]["content"] == [{"type": "text", "text": "first words"}]
