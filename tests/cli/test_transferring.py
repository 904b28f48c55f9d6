from __future__ import annotations

import json

import pytest


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


def test_importing_again_brings_in_only_what_is_new(sessions_tui, source):
    assert sessions_tui.json("import", "simulacra", source, "--dry-run")["created"] == 1
    assert sessions_tui.json("list")["sessions"] == []
    first = sessions_tui.json("import", "simulacra", source)
    assert (first["created"], first["messages"], len(first["skipped"])) == (1, 1, 1)
    write_source(source, "hello", "more")
    again = sessions_tui.json("import", "simulacra", source)
    assert (again["created"], again["updated"], again["messages"]) == (0, 1, 1)
    assert sessions_tui.json("import", "simulacra", source)["unchanged"] == 1
    assert len(sessions_tui.json("show", "foreign")["history"]) == 2


def test_what_was_deleted_here_is_not_imported_again(sessions_tui, source):
    sessions_tui.ok("import", "simulacra", source)
    sessions_tui.ok("delete", "foreign")
    again = sessions_tui.json("import", "simulacra", source)
    assert (again["created"], again["in_trash"]) == (0, 1)


def test_an_import_of_nothing_readable_fails_and_says_why(sessions_tui, source):
    done = sessions_tui("import", "simulacra", source / "broken.json")
    assert done.returncode == 1
    assert "broken.json" in done.stderr


def test_an_exported_session_comes_back_whole(sessions_tui, tmp_path):
    sessions_tui.ok("send", "--new", "Take me along")
    file = tmp_path / "out.json"
    sessions_tui.ok("export", "Take me along", "-o", file)
    assert sessions_tui.ok("export", "Take me along") == file.read_text().rstrip("\n")
    before = sessions_tui.json("show", "Take me along")["history"]
    place = tmp_path / "other"
    sessions_tui.ok("--data-dir", place, "import", "json", file)
    assert sessions_tui.json("--data-dir", place, "show", "Take me along")["history"] == before


def test_an_export_never_replaces_a_file_unasked(sessions_tui, tmp_path):
    sessions_tui.ok("new", "Mine")
    file = tmp_path / "there.md"
    file.write_text("precious")
    assert sessions_tui("export", "Mine", "-o", file).returncode == 1
    assert file.read_text() == "precious"
    sessions_tui.ok("export", "Mine", "-o", file, "--force")
    assert "# Mine" in file.read_text()
