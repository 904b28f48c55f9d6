from __future__ import annotations

from tui_sessions import open_sessions


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
    refused = sessions_tui("export", "Mine", "-o", file)
    assert (refused.returncode, "--force" in refused.stderr) == (1, True)
    assert file.read_text() == "precious"
    sessions_tui.ok("export", "Mine", "-o", file, "--force")
    assert "# Mine" in file.read_text()


def test_a_workspace_goes_out_and_comes_back(sessions_tui, tmp_path):
    for label in ("One", "Two"):
        sessions_tui.ok("--workspace", "dev", "new", label)
    sessions_tui.ok("--workspace", "other", "new", "Three")
    sessions_tui.ok("export", "--workspace", "dev", "-o", tmp_path / "dev.zip")
    place = tmp_path / "elsewhere"
    sessions_tui.ok("--data-dir", place, "import", "json", tmp_path / "dev.zip")
    found = sessions_tui.json("--data-dir", place, "list")["sessions"]
    assert {(each["label"], each["workspace"]) for each in found} == {
        ("One", "dev"),
        ("Two", "dev"),
    }
    sessions_tui.ok("export", "--all", "--format", "html", "-o", tmp_path / "pages")
    assert len(list((tmp_path / "pages").glob("*.html"))) == 4
    assert sessions_tui("export", "--all", "-o", tmp_path / "pages").returncode == 1
    sessions_tui.ok("export", "One", "Three", "--format", "html", "-o", tmp_path / "two")
    assert len(list((tmp_path / "two").glob("*.html"))) == 3


def test_a_redacted_export_says_what_was_taken_out(sessions_tui, tmp_path):
    sessions_tui.ok("send", "--new", "Write to ana@example.com in /home/ana/x")
    done = sessions_tui("export", "Write to ana@example.com in /home/ana/x", "--redact")
    assert done.returncode == 0, done.stderr
    assert "ana@example.com" not in done.stdout
    assert "/home/ana" not in done.stdout
    assert "mail addresses" in done.stderr
    assert "home path" in done.stderr


async def test_what_a_search_finds_goes_out(sessions_tui, tmp_path):
    for workspace, text in (("a", "Sea salt"), ("b", "Rock salt"), ("b", "Sugar")):
        sessions_tui.ok("send", "--new", text, "--workspace", workspace)
    sessions_tui.ok("export", "--search", "salt role:user", "-o", tmp_path / "salt.zip")
    place = tmp_path / "elsewhere"
    sessions_tui.ok("--data-dir", place, "import", "json", tmp_path / "salt.zip")
    found = sessions_tui.json("--data-dir", place, "list")["sessions"]
    assert {each["label"] for each in found} == {"Sea salt", "Rock salt"}
    async with open_sessions(f"file://{sessions_tui.home}/data/sessions-tui") as manager:
        for number in range(60):
            await manager.create_session(workspace="many", label=f"Salt {number}")
    many = tmp_path / "many"
    sessions_tui.ok("export", "--search", "salt workspace:many", "-o", many)
    assert len(list(many.rglob("sessions/*.json"))) == 60, "more than are found at once"
    only = tmp_path / "only"
    sessions_tui.ok(
        "--workspace", "b", "export", "--search", "salt", "--format", "html", "-o", only
    )
    assert len(list(only.glob("*.html"))) == 2, "one session, and the list of them"
    nothing = sessions_tui("export", "--search", "pepper", "-o", tmp_path / "none")
    assert nothing.returncode == 1
    assert "pepper" in nothing.stderr
    assert not (tmp_path / "none").exists()
    assert sessions_tui("export", "Sugar", "--search", "salt", "-o", tmp_path / "x").returncode == 2


def test_an_empty_path_is_not_taken_for_the_current_folder(sessions_tui):
    sessions_tui.ok("new", "Mine")
    for command in (["import", "json", ""], ["export", "--all", "-o", ""]):
        done = sessions_tui(*command)
        assert (done.returncode, "it is empty" in done.stderr) == (2, True)
    assert list(sessions_tui.folder.iterdir()) == []


def test_an_export_of_nothing_named_is_refused(sessions_tui):
    assert sessions_tui("export").returncode == 2
    sessions_tui.ok("new", "Mine")
    assert sessions_tui("export", "Mine", "--all").returncode == 2
    assert sessions_tui("export", "--all", "--chat", "x").returncode == 2
    unknown = sessions_tui("export", "Mine", "--format", "nosuch")
    assert unknown.returncode == 2
    assert "html" in unknown.stderr
