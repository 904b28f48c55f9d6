from __future__ import annotations

import os
import time

import pexpect

from tui_sessions.engine.cataloguing import catalog_upkeep


def test_a_session_is_renamed_tagged_moved_and_put_aside(sessions_tui):
    session_id = sessions_tui.ok("new", "Old name")
    sessions_tui.ok("rename", "Old name", "New 世界")
    assert sessions_tui.ok("tag", session_id, "b", "a").split() == ["b", "a"]
    assert sessions_tui.ok("tag", session_id, "--remove", "b").split() == ["a"]
    sessions_tui.ok("move", session_id, "Some place")
    sessions_tui.ok("pause", session_id)
    [session] = sessions_tui.json("list", "--workspace", "Some place")["sessions"]
    assert (session["label"], session["state"]) == ("New 世界", "paused")
    refused = sessions_tui("send", session_id, "x")
    assert refused.returncode == 1
    assert "resume it first" in refused.stderr
    assert sessions_tui.ok("resume", session_id) == f"{session_id} is active."


def test_a_fork_carries_the_history_up_to_a_message(sessions_tui):
    sessions_tui.ok("send", "--new", "Question")
    parent = sessions_tui.json("show", "Question")
    child_id = sessions_tui.ok("fork", "Question", "--at", parent["history"][0]["id"])
    child = sessions_tui.json("show", child_id)
    assert child["parent"]["session_id"] == parent["id"]
    assert [m["id"] for m in child["history"]] == [parent["history"][0]["id"]]
    assert sessions_tui("fork", "Question", "--at", "nothing").returncode == 1


def test_a_person_reads_the_ids_of_messages_and_forks_at_the_beginning_of_one(sessions_tui):
    sessions_tui.ok("send", "--new", "Question")
    question, answer = (m["id"] for m in sessions_tui.json("show", "Question")["history"])
    assert question not in sessions_tui.ok("show", "Question")
    headings = [
        line for line in sessions_tui.ok("show", "Question", "--ids").splitlines() if "── " in line
    ]
    assert [line.split(" · ")[-1] for line in headings] == [question, answer]
    unique = next(question[:n] for n in range(4, 99) if not answer.startswith(question[:n]))
    child = sessions_tui.json("show", sessions_tui.ok("fork", "Question", "--at", unique))
    assert [m["id"] for m in child["history"]] == [question]
    several = sessions_tui("fork", "Question", "--at", unique[:4])
    assert several.returncode == 1
    assert "could be any of 2 messages" in several.stderr
    assert f"{question}  user: Question" in several.stderr


def test_what_is_deleted_comes_back_until_it_is_purged(sessions_tui):
    session_id = sessions_tui.ok("new", "Gone")
    assert f"sessions-tui restore {session_id}" in sessions_tui.ok("delete", "Gone")
    told = sessions_tui("show", "Gone")
    assert told.returncode == 1
    assert "is in the trash" in told.stderr
    sessions_tui.ok("restore", "Gone")
    sessions_tui.ok("delete", session_id)
    assert [each["label"] for each in sessions_tui.json("trash")["trash"]] == ["Gone"]
    unasked = sessions_tui("trash", "--empty")
    assert unasked.returncode == 2
    assert "--yes" in unasked.stderr
    sessions_tui.ok("trash", "--purge", session_id, "--yes")
    assert sessions_tui.json("trash")["trash"] == []


def test_declining_to_purge_keeps_what_is_in_the_trash(sessions_tui):
    session_id = sessions_tui.ok("new", "Kept")
    sessions_tui.ok("delete", session_id)
    asked = pexpect.spawn(
        sessions_tui.command[0],
        [*sessions_tui.command[1:], "trash", "--empty"],
        cwd=str(sessions_tui.folder),
        env=sessions_tui.environment,
    )
    asked.expect("for good")
    asked.sendline("n")
    asked.expect("Nothing was deleted")
    asked.expect(pexpect.EOF)
    asked.close()
    assert asked.exitstatus == 1
    assert len(sessions_tui.json("trash")["trash"]) == 1


def test_delete_takes_nothing_when_one_name_is_unknown(sessions_tui):
    session_id = sessions_tui.ok("new", "Kept")
    done = sessions_tui("delete", "Kept", "nobody")
    assert done.returncode == 1
    assert "nobody" in done.stderr
    assert sessions_tui.json("list")["sessions"][0]["id"] == session_id


def test_an_ambiguous_name_lists_the_candidates(sessions_tui):
    ids = {sessions_tui.ok("new", "Twin"), sessions_tui.ok("new", "Twin")}
    done = sessions_tui("show", "Twin")
    assert done.returncode == 1
    assert all(session_id in done.stderr for session_id in ids)
    prefix = next(iter(ids))[:-1]
    assert sessions_tui("show", prefix).returncode == 0
    assert sessions_tui("show", prefix[:3]).returncode == 1


def test_a_dry_cleanup_changes_nothing(sessions_tui):
    sessions_tui.ok("new", "Old")
    assert len(sessions_tui.json("cleanup", "--older-than", "0", "--dry-run")["sessions"]) == 1
    assert len(sessions_tui.json("list")["sessions"]) == 1
    sessions_tui.ok("cleanup", "--older-than", "0")
    assert sessions_tui.json("list")["sessions"] == []


def test_a_sweep_tells_what_it_has_changed_and_removed(sessions_tui):
    sessions_tui.ok("new", "Kept")
    assert sessions_tui.json("sweep") == {"sessions": [], "files": []}
    assert "0 sessions changed." in sessions_tui("sweep").stderr


def test_a_file_edited_in_place_among_thousands_is_listed_as_it_is(sessions_tui):
    first = sessions_tui.ok("new", "Before")
    [path] = sessions_tui.home.rglob(f"sessions/{first}.json")
    text = path.read_text()
    for number in range(catalog_upkeep.FEW):
        path.with_name(f"copy{number}.json").write_text(text.replace(first, f"copy{number}"))
    long_ago = time.time() - 3600
    os.utime(path.parent, (long_ago, long_ago))
    sessions_tui.json("list")
    path.write_text(text.replace("Before", "Afterwards"))
    listed = {each["id"]: each["label"] for each in sessions_tui.json("list")["sessions"]}
    assert listed[first] == "Afterwards"
