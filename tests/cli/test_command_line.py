from __future__ import annotations

import json
import os
import pty
import sys

import pytest

from tui_sessions.cli.output import takes_escapes


def test_headless_commands_load_no_screen(sessions_tui):
    program = """
import sys
from tui_sessions.cli.running import run
for arguments in (["--help"], ["list"], ["import", "json", "."]):
    run(arguments)
    screens = {"textual", "rich", "pygments", "markdown_it"} & {*sys.modules}
    print([*screens], arguments)
"""
    done = sessions_tui.other(sys.executable, "-c", program)
    assert done.returncode == 0, done.stderr
    loaded = [line for line in done.stdout.splitlines() if line.startswith("[")]
    assert loaded == ["[] ['--help']", "[] ['list']", "[] ['import', 'json', '.']"]


def test_without_a_terminal_the_app_does_not_start(sessions_tui):
    done = sessions_tui()
    assert done.returncode == 2
    assert "needs a terminal" in done.stderr


@pytest.mark.parametrize(
    ("arguments", "code", "named"),
    [
        (["nope"], 2, "valid: archive"),
        (["list", "--jsonn"], 2, "--json"),
        (["list", "--state", "asleep"], 2, "paused"),
        (["show", "nobody"], 1, "nobody"),
        (["new", "--template", "nope"], 2, "assistant"),
        (["list", "--workspace", "nope"], 1, "nope"),
        (["list", "--store", "nope:"], 2, "memory"),
        (["list", "--store", "memory:", "--data-dir", "x"], 2, "give one"),
        (["export", "x", "--force"], 2, "--output"),
        (["cleanup", "--older-than", "nan"], 2, "nan"),
        (["sweep", "--ttl", "inf"], 2, "inf"),
        (["sweep", "--ttl", "-5"], 2, "from 0"),
        (["import", "nope", "."], 2, "claude-code"),
        (["import", "claude-code", "--since", "2026-02-30"], 2, "2026-11-20"),
        (["list", "--limit", "-5"], 2, "-5 is not in the range"),
        (["list", "--limit", "1.5"], 2, "1.5"),
        (["search", "--limit", "-5"], 2, "-5 is not in the range"),
        (["search", "--limit", "-5", "salt"], 2, "-5 is not in the range"),
        (["search", "salt", "--limit=0"], 2, "0 is not in the range"),
        (["search", "-x", "salt", "--limit"], 2, "requires an argument"),
        (["search", "salt", "--workspace", "-x"], 1, "'-x'"),
    ],
)
def test_wrong_input_is_named_with_what_would_be_valid(sessions_tui, arguments, code, named):
    done = sessions_tui(*arguments)
    assert done.returncode == code
    assert named in done.stderr
    assert "Traceback" not in done.stderr
    assert done.stdout == ""


def test_h_is_help_as_elsewhere(sessions_tui):
    for command in ([], ["list"]):
        assert sessions_tui.ok(*command, "-h") == sessions_tui.ok(*command, "--help")


def test_a_data_folder_that_is_a_link_to_itself_is_told_as_that(sessions_tui, tmp_path):
    loop = tmp_path / "loop"
    loop.symlink_to(loop)
    done = sessions_tui("--data-dir", loop, "list")
    assert done.returncode == 1
    assert "symbolic link" in done.stderr
    assert "unexpected" not in done.stderr


def test_workspaces_of_other_scripts_are_kept_apart(sessions_tui):
    for name in ("日本", "проект"):
        sessions_tui.ok("--workspace", name, "new", f"In {name}")
    found = sessions_tui.json("--workspace", "日本", "list")["sessions"]
    assert [one["label"] for one in found] == ["In 日本"]


def test_a_workspace_whose_name_reads_like_the_id_of_another_is_kept_apart(sessions_tui):
    for name in ("a-b", "a b", "a b"):
        sessions_tui.ok("--workspace", name, "new", f"In {name}")
    for name, labels in (("a-b", ["In a-b"]), ("a b", ["In a b"] * 2)):
        found = sessions_tui.json("--workspace", name, "list")["sessions"]
        assert [one["label"] for one in found] == labels


def test_a_limit_beyond_all_numbers_is_no_limit(sessions_tui):
    sessions_tui.ok("new", "Here")
    for command in (["list"], ["search", "here"]):
        assert "Here" in sessions_tui.ok(*command, "--limit", "9" * 30)


@pytest.mark.parametrize(
    "arguments", [["--help"], ["list", "--json"], ["show", "nobody"], ["import", "nope"], ["path"]]
)
def test_a_command_that_starts_from_nothing_is_as_one_that_is_loaded(sessions_tui, arguments):
    loaded = sessions_tui(*arguments)
    started = sessions_tui.from_nothing(*arguments)
    assert (started.returncode, started.stdout) == (loaded.returncode, loaded.stdout)
    assert started.stderr == loaded.stderr


def test_global_options_are_understood_before_and_after_a_command(sessions_tui, tmp_path):
    place = tmp_path / "elsewhere"
    sessions_tui.ok("--data-dir", place, "--user", "ana", "new", "Here", "--workspace", "Mine")
    [session] = sessions_tui.json("list", "--data-dir", place)["sessions"]
    assert (session["user"], session["workspace"]) == ("ana", "Mine")
    assert sessions_tui.json("--data-dir", place, "list", "--user", "bob")["sessions"] == []
    assert (place / "workspaces" / "Mine" / "sessions").is_dir()


def test_list_tells_of_damaged_files(sessions_tui, tmp_path):
    sessions_tui.ok("--data-dir", tmp_path / "d", "new", "Whole")
    damaged = next((tmp_path / "d" / "workspaces").glob("*/sessions")) / "damaged.json"
    damaged.write_text("{")
    done = sessions_tui("--data-dir", tmp_path / "d", "list")
    assert done.returncode == 0
    assert "Whole" in done.stdout
    assert str(damaged) in done.stderr
    assert damaged.read_text() == "{"


@pytest.mark.parametrize("zone", ["Asia/Tokyo", "America/New_York"])
def test_a_session_at_an_end_of_the_calendar_is_listed_with_the_others(sessions_tui, zone):
    session_id = sessions_tui.ok("new", "Parser")
    [file] = sessions_tui.home.rglob(f"{session_id}.json")
    for number, moment in enumerate(("9999-12-31T23:59:59Z", "0001-01-01T00:00:00Z")):
        times = dict.fromkeys(("created_at", "last_active_at", "expires_at"), moment)
        data = json.loads(file.read_text()) | times | {"id": f"s{number}", "label": f"L{number}"}
        file.with_name(f"s{number}.json").write_text(json.dumps(data))
    for arguments in (["list"], ["show", "s0"], ["show", "s1"], ["stats"]):
        done = sessions_tui(*arguments, TZ=zone)
        assert (done.returncode, done.stderr) == (0, "")
    assert "L1" in sessions_tui("list", TZ=zone).stdout


def test_a_reader_that_leaves_early_is_no_error(sessions_tui):
    sessions_tui.ok("send", "--new", "-", text="Long\n" + "word " * 40_000)
    read_end, write_end = os.pipe()
    os.close(read_end)
    done = sessions_tui.over("show", "--json", "Long", stdout=write_end)
    os.close(write_end)
    assert done == (0, "")


@pytest.mark.skipif(not os.path.exists("/dev/full"), reason="no device that is always full")
@pytest.mark.parametrize("arguments", [["--help"], ["--version"], ["list", "--help"], ["path"]])
def test_an_output_that_takes_nothing_is_told(sessions_tui, arguments):
    with open("/dev/full", "w") as full:
        code, told = sessions_tui.over(*arguments, stdout=full.fileno())
    assert code == 1
    assert told.startswith("Error: the output could not be written")


def test_a_closed_stream_stops_no_command(sessions_tui):
    for closed, arguments, code in (
        ("<&-", ["send", "--new"], 2),
        (">&-", ["send", "--new", "Hello"], 0),
        (">&- 2>&-", ["show", "Hello"], 0),
        ("2>&-", ["show", "nobody"], 1),
    ):
        script = f'exec "$@" {closed}'
        done = sessions_tui.other("sh", "-c", script, "sh", *sessions_tui.command, *arguments)
        assert (done.returncode, "Traceback" in done.stderr) == (code, False), done.stderr
    assert [s["messages"] for s in sessions_tui.json("list")["sessions"]] == [2]


def test_a_terminal_of_another_encoding_gets_marks_and_json_loses_nothing(sessions_tui):
    sessions_tui.ok("new", "世界")
    narrow = {"PYTHONIOENCODING": "latin-1", "PYTHONUTF8": "0"}
    assert "??" in sessions_tui("list", **narrow).stdout
    listed = json.loads(sessions_tui("list", "--json", **narrow).stdout)
    assert listed["sessions"][0]["label"] == "世界"


def test_on_a_terminal_a_table_fits_its_width(sessions_tui):
    sessions_tui.ok("new", "long " * 30)
    master, slave = pty.openpty()
    assert sessions_tui.over("list", stdout=slave, COLUMNS="100") == (0, "")
    os.close(slave)
    lines = os.read(master, 65536).decode().splitlines()
    os.close(master)
    assert len(lines) == 2
    assert all(len(line) <= 100 for line in lines)
    assert "…" in lines[1]


def test_an_unexpected_error_is_one_sentence_and_a_log(sessions_tui):
    program = (
        "import sys; from tui_sessions.cli import upkeep, running;"
        "upkeep.path.callback = lambda **k: 1 / 0;"
        "sys.exit(running.run(['path']))"
    )
    done = sessions_tui.other(sys.executable, "-c", program)
    assert done.returncode == 1
    assert "Traceback" not in done.stderr
    [log] = sessions_tui.home.rglob("sessions-tui.log")
    assert str(log) in done.stderr
    assert "ZeroDivisionError" in log.read_text()


def test_bytes_that_are_no_text_do_not_stop_a_command(sessions_tui):
    done = sessions_tui.from_nothing("new", os.fsdecode(b"caf\xe9"))
    assert done.returncode == 0, done.stderr
    assert sessions_tui.json("list")["sessions"][0]["label"] == "caf\ufffd"


def test_every_document_of_numbers_and_places_is_json(sessions_tui):
    session_id = sessions_tui.ok("new", "One")
    assert sessions_tui.json("stats")["sessions"] == 1
    assert sessions_tui.json("stats", session_id)["created_at"].endswith("Z")
    assert sessions_tui.json("workspaces")["workspaces"][0]["sessions"] == 1
    assert sessions_tui.json("templates")["templates"]
    assert set(sessions_tui.json("path")) == {"data", "config", "cache", "log"}


def test_a_data_folder_whose_name_is_no_text_is_used(sessions_tui):
    folder = os.fsdecode(b"caf\xe9")
    sessions_tui.ok("--data-dir", folder, "send", "--new", "Hello")
    [session] = sessions_tui.json("--data-dir", folder, "list")["sessions"]
    assert (session["label"], session["messages"]) == ("Hello", 2)


def test_a_current_folder_that_is_gone_is_said(sessions_tui):
    script = 'mkdir gone && cd gone && rmdir ../gone && exec "$@"'
    done = sessions_tui.other("sh", "-c", script, "sh", *sessions_tui.command, "new", "x")
    assert done.returncode == 1
    assert done.stderr == "Error: the current folder is not there any more; go to another one.\n"


@pytest.mark.parametrize(("kind", "drawn"), [("xterm", True), ("dumb", False)])
def test_a_terminal_that_knows_no_escape_sequences_gets_none(monkeypatch, kind, drawn):
    outside, inside = pty.openpty()
    monkeypatch.setenv("TERM", kind)
    with os.fdopen(inside, "w") as terminal:
        assert takes_escapes(terminal) is drawn
    os.close(outside)


def test_a_full_disk_for_notes_stops_no_command_and_keeps_the_exit_code(sessions_tui):
    def code(*arguments):
        with open("/dev/full", "w") as full:
            return sessions_tui.over(*arguments, stderr=full.fileno())[0]

    assert code("send", "--new", "Hello") == 0
    assert len(sessions_tui.json("show", "Hello")["history"]) == 2
    assert code("show", "nope") == 1
    assert code("nope") == 2
