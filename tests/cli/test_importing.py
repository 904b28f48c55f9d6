"""`import` in processes of its own, over homes with histories in their usual places."""

from __future__ import annotations

import json
import os
import pty
import select
import signal
import zipfile
from pathlib import Path
from typing import Any

import pytest

AT = 1_790_000_000


@pytest.fixture
def source(tmp_path):
    folder = tmp_path / "source"
    folder.mkdir()
    write_source(folder, "hello")
    (folder / "broken.json").write_text("{")
    return folder


def write_source(folder, *texts):
    messages = [
        {"id": str(n), "role": "user", "content": [{"type": "text", "text": text}]}
        for n, text in enumerate(texts)
    ]
    data = {"metadata": {"label": "foreign"}, "messages": messages}
    (folder / "one.json").write_text(json.dumps(data))


@pytest.fixture
def histories(sessions_tui):
    """A home with sessions of Claude Code and pi."""
    claude = sessions_tui.home / ".claude" / "projects" / "-home-ana"
    claude.mkdir(parents=True)
    talk(claude / "one.jsonl", "Fix the parser")
    pi = sessions_tui.home / ".pi" / "agent" / "sessions"
    pi.mkdir(parents=True)
    head = {"type": "session", "id": "p1", "timestamp": "2026-01-01T10:00:00Z", "cwd": "/home/ana"}
    entry = {
        "type": "message",
        "id": "e1",
        "parentId": None,
        "timestamp": "2026-01-01T10:00:01Z",
        "message": {"role": "user", "content": "Bake bread"},
    }
    (pi / "p.jsonl").write_text(f"{json.dumps(head)}\n{json.dumps(entry)}\n")
    return claude


def talk(path: Path, *texts: str) -> None:
    with path.open("w") as file:
        for number, text in enumerate(texts):
            record = {
                "type": "user",
                "uuid": f"{path.stem}{number}",
                "parentUuid": f"{path.stem}{number - 1}" if number else None,
                "sessionId": path.stem,
                "timestamp": f"2026-01-0{number + 1}T10:00:00.000Z",
                "cwd": "/home/ana",
                "message": {"role": "user", "content": text},
            }
            file.write(json.dumps(record) + "\n")
    os.utime(path, (AT, AT))


def lines_of(sessions_tui, *arguments) -> list[dict[str, Any]]:
    return [
        json.loads(line) for line in sessions_tui.ok("import", *arguments, "--json").split("\n")
    ]


def labels(sessions_tui) -> set[str]:
    return {s["label"] for s in sessions_tui.json("list")["sessions"]}


def test_importing_again_brings_in_only_what_is_new(sessions_tui, source):
    assert lines_of(sessions_tui, "simulacra", source, "--dry-run")[-1]["created"] == 1
    assert sessions_tui.json("list")["sessions"] == []
    *steps, first = lines_of(sessions_tui, "simulacra", source)
    assert (first["outcome"], first["created"], first["messages"]) == ("summary", 1, 1)
    assert {step["outcome"] for step in steps} == {"created", "skipped"}
    write_source(source, "hello", "more")
    again = lines_of(sessions_tui, "simulacra", source)[-1]
    assert (again["created"], again["updated"], again["messages"]) == (0, 1, 1)
    assert lines_of(sessions_tui, "simulacra", source)[-1]["unchanged"] == 1
    assert len(sessions_tui.json("show", "foreign")["history"]) == 2


def test_what_was_deleted_here_is_not_imported_again(sessions_tui, source):
    sessions_tui.ok("import", "simulacra", source)
    sessions_tui.ok("delete", "foreign")
    again = lines_of(sessions_tui, "simulacra", source)[-1]
    assert (again["created"], again["in_trash"]) == (0, 1)


def test_an_import_of_nothing_readable_fails_and_says_why(sessions_tui, source):
    done = sessions_tui("import", "simulacra", source / "broken.json")
    assert done.returncode == 1
    assert "broken.json" in done.stderr


def test_an_import_that_could_not_keep_a_session_fails_and_goes_on_later(sessions_tui, histories):
    talk(histories / "two.jsonl", "Bake bread")
    settings = sessions_tui.home / "config" / "sessions-tui" / "settings.toml"
    settings.parent.mkdir(parents=True)
    settings.write_text("[limits]\nsessions = 1\n")
    done = sessions_tui("import", "claude-code")
    assert (done.returncode, len(labels(sessions_tui))) == (1, 1)
    assert "1 session could not be kept" in done.stderr
    settings.unlink()
    sessions_tui.ok("import", "claude-code")
    assert labels(sessions_tui) == {"Fix the parser", "Bake bread"}


def test_an_export_of_an_empty_workspace_says_what_came_in(sessions_tui, tmp_path):
    out = tmp_path / "out"
    head = out / "workspaces" / "dev" / "workspace.json"
    head.parent.mkdir(parents=True)
    head.write_text('{"format": 1, "id": "dev", "name": "Parsers"}')
    assert "new workspaces:            1" in sessions_tui.ok("import", "json", out)
    step, summary = lines_of(sessions_tui, "json", out)
    assert (step["kind"], step["outcome"], step["label"]) == ("workspace", "unchanged", "Parsers")
    assert summary["workspaces_created"] == 0


def test_what_is_here_is_shown_and_without_a_terminal_nothing_is_imported(sessions_tui, histories):
    done = sessions_tui("import")
    assert done.returncode == 2
    rows = [line.split() for line in done.stdout.splitlines()]
    assert rows[1][:5] == ["1", "Claude", "Code", "claude-code", "1"]
    assert rows[2][:4] == ["2", "pi", "pi", "1"]
    assert "--all" in done.stderr
    assert sessions_tui.json("list")["sessions"] == []


def test_what_is_here_is_told_to_programs(sessions_tui, histories):
    done = sessions_tui("import", "--json")
    found = [json.loads(line) for line in done.stdout.splitlines()]
    assert [(each["source"], each["sessions"]) for each in found] == [("claude-code", 1), ("pi", 1)]
    assert found[0]["places"] == [str(histories.parent)]


def test_all_of_it_comes_in_without_a_question(sessions_tui, histories):
    assert "Claude Code" in sessions_tui.ok("import", "--all")
    assert labels(sessions_tui) == {"Fix the parser", "Bake bread"}


def test_a_machine_without_histories_says_so(sessions_tui):
    done = sessions_tui("import")
    assert done.returncode == 1
    assert "No histories" in done.stderr
    told = json.loads(sessions_tui("import", "--all", "--json").stdout)
    assert (told["outcome"], told["created"]) == ("summary", 0)


@pytest.mark.parametrize("since", ["2026-06-01", "3650d", "2026-01-01T00:00:00+00:00"])
def test_only_what_was_active_since_then_comes_in(sessions_tui, histories, since):
    late = histories / "late.jsonl"
    talk(late, "One", "Two")
    counts = lines_of(sessions_tui, "claude-code", "--since", since)[-1]
    expected = 0 if since == "2026-06-01" else 2
    assert counts["created"] == expected


@pytest.mark.parametrize("since", ["yesterday", "7", "99999999d", "-1d", ""])
def test_a_date_that_is_none_is_refused(sessions_tui, histories, since):
    done = sessions_tui("import", "claude-code", "--since", since)
    assert done.returncode == 2
    assert "7d" in done.stderr


class Terminal:
    """The command on a terminal of its own."""

    def __init__(self, sessions_tui, *arguments: str) -> None:
        self._screen, inside = pty.openpty()
        self.text = ""
        self._process = sessions_tui.start(
            *arguments, streams=[inside] * 3, TERM="xterm", COLUMNS="100"
        )
        os.close(inside)

    def until(self, text: str) -> None:
        """Wait until something was written."""
        while text not in self.text:
            data = self._read()
            assert data, f"it ended before {text!r}: {self.text}"
            self.text += data

    def type(self, text: str) -> None:
        os.write(self._screen, text.encode())

    def end(self) -> int:
        while data := self._read():
            self.text += data
        os.close(self._screen)
        return self._process.wait()

    def _read(self) -> str:
        select.select([self._screen], [], [])
        try:
            return os.read(self._screen, 4096).decode()
        except OSError:
            return ""


@pytest.mark.parametrize(
    ("answer", "imported"),
    [
        ("", {"Fix the parser", "Bake bread"}),
        ("all", {"Fix the parser", "Bake bread"}),
        ("none", set()),
        ("2", {"Bake bread"}),
        ("claude-code", {"Fix the parser"}),
    ],
)
def test_on_a_terminal_the_person_chooses(sessions_tui, histories, answer, imported):
    terminal = Terminal(sessions_tui, "import")
    terminal.until("Import which?")
    terminal.type(f"{answer}\r")
    assert terminal.end() == (0 if imported else 1), terminal.text
    assert labels(sessions_tui) == imported


def test_an_answer_that_is_none_of_them_is_asked_again(sessions_tui, histories):
    terminal = Terminal(sessions_tui, "import")
    terminal.until("Import which?")
    terminal.type("7\r")
    terminal.until("is none of them")
    terminal.type("1-2\r")
    assert terminal.end() == 0
    assert len(labels(sessions_tui)) == 2


def test_watching_brings_in_what_is_written_and_ends_cleanly(sessions_tui, histories):
    watching = sessions_tui.begin("import", "claude-code", "--watch", "--json")
    assert watching.stdout is not None
    assert json.loads(watching.stdout.readline())["outcome"] == "created"
    talk(histories / "one.jsonl", "Fix the parser", "And the printer")
    change = json.loads(watching.stdout.readline())
    assert (change["outcome"], change["messages"]) == ("updated", 1)
    talk(histories / "two.jsonl", "Something else")
    assert json.loads(watching.stdout.readline())["label"] == "Something else"
    watching.send_signal(signal.SIGINT)
    out, errors = watching.communicate()
    summary = json.loads(out)
    assert (summary["created"], summary["updated"]) == (2, 1)
    assert watching.returncode == 0, errors
    assert "Not watching any more" in errors


def test_watching_and_changing_nothing_do_not_go_together(sessions_tui, histories):
    assert sessions_tui("import", "claude-code", "--watch", "--dry-run").returncode == 2


def test_a_place_with_nothing_of_the_source_is_said(sessions_tui, tmp_path):
    place = tmp_path / "holiday.zip"
    with zipfile.ZipFile(place, "w") as archive:
        archive.writestr("sea.txt", "blue")
    for source, title in (("chatgpt", "ChatGPT"), ("json", "sessions-tui")):
        done = sessions_tui("import", source, place)
        assert done.returncode == 1
        assert f"there is nothing of {title} in it\n  {place}" in done.stderr
