"""opencode: its database, its older folders and its exports."""

import json
import sqlite3

import pytest
from import_checks import (
    calls_and_results,
    change,
    copied,
    fork_of,
    grown,
    label,
    messages,
    own_usage,
    pictures,
    read,
    roles,
    rows,
    talk,
)

from tui_sessions.model.message import SummaryPart, ThinkingPart
from tui_sessions.transfer.base import session_id_for
from tui_sessions.transfer.opencode import OpencodeImporter

DATABASE = "opencode-1.18.33.db"
PARIS = "ses_e04c7af65ffeWXDMQYApeFHOHA"
FILES = "ses_e04c729fcffeX7crjOT3rIwVbY"
FORK = "ses_e04c71e81ffe4OsNl2LB1jRvNy"
PNG = "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mP8z8BQDwAEhQGAhKmMIQAAAABJRU5E"


@pytest.fixture
def database(samples, tmp_path):
    return copied(samples / "opencode" / DATABASE, tmp_path)


@pytest.fixture
def storage(tmp_path):
    """Writes sessions in the folders of older versions."""
    top = tmp_path / "storage"

    def write(session, *talked):
        place = top / "session" / "proj" / f"{session['id']}.json"
        place.parent.mkdir(parents=True, exist_ok=True)
        place.write_text(json.dumps(session))
        for number, (info, kept) in enumerate(talked):
            made = {"time": {"created": 1000 + number}, "sessionID": session["id"], **info}
            file = top / "message" / session["id"] / f"{made['id']}.json"
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_text(json.dumps(made))
            for place, part in enumerate(kept):
                file = top / "part" / made["id"] / f"prt_{place}.json"
                file.parent.mkdir(parents=True, exist_ok=True)
                file.write_text(json.dumps({"id": f"{made['id']}-{place}", **part}))
        return top

    return write


def user(id_, *texts, **info):
    kept = [{"type": "text", "text": text} for text in texts]
    return ({"id": id_, "role": "user", **info}, kept)


def reply(id_, *kept, **info):
    shown = [{"type": "text", "text": p} if isinstance(p, str) else p for p in kept]
    return ({"id": id_, "role": "assistant", "modelID": "m", "providerID": "p", **info}, shown)


def session(id_="ses_1", **info):
    return {"id": id_, "directory": "/home/ana/proj", "title": "T", "time": {"created": 1}, **info}


def test_the_database_holds_what_its_rows_say(database):
    found, skipped = read("opencode", database)
    assert not skipped
    assert set(found) == {id_ for (id_,) in rows(database, "SELECT id FROM session")}
    for id_, item in found.items():
        infos = [
            json.loads(data)
            for (data,) in rows(database, "SELECT data FROM message WHERE session_id = ?", id_)
        ]
        shown = roles(item)
        assert shown["user"] == sum(info["role"] == "user" for info in infos)
        assert shown["assistant"] == sum(info["role"] == "assistant" for info in infos)
        (title,) = rows(database, "SELECT title FROM session WHERE id = ?", id_)
        assert label(item) == title[0]
        assert item.workspace.directory == "/home/ana/proj"
        assert {m.model for m in messages(item) if m.role == "assistant"} == {"mock-model"}
    for id_ in (PARIS, FILES):
        ((sent, written, cached),) = rows(
            database,
            "SELECT tokens_input, tokens_output, tokens_cache_read FROM session WHERE id = ?",
            id_,
        )
        usage = own_usage(found[id_])
        assert (usage.input_tokens, usage.output_tokens, usage.cache_read_tokens) == (
            sent,
            written,
            cached,
        )


def test_tools_are_calls_with_their_results(database):
    found, _ = read("opencode", database)
    assert calls_and_results(found[FILES]) == (["call_16fa8569"], ["call_16fa8569"])
    assert [role for role, _ in talk(found[FILES])] == ["user", "assistant", "tool", "assistant"]


def test_a_fork_is_told_by_what_it_copied(database):
    found, _ = read("opencode", database)
    parent = found[PARIS].document
    point = parent.messages("c1")[3].id
    assert fork_of(found[FORK]) == ("fork", parent.id, point, 4)
    assert own_usage(found[FORK]).output_tokens == 20
    assert talk(found[FORK])[4] == ("user", '"And of Spain?"')


def test_an_export_gives_the_same_messages_as_the_database(samples, database):
    (exported,) = read("opencode", samples / "opencode" / "export-1.18.33.json")[0].values()
    kept = read("opencode", database)[0][PARIS]
    assert exported.document.id == kept.document.id
    assert [m.id for m in messages(exported)] == [m.id for m in messages(kept)]
    assert talk(exported) == talk(kept)


def test_the_folders_of_older_versions_are_read(samples):
    found, skipped = read("opencode", samples / "opencode" / "storage_v2")
    assert not skipped
    large = found["s_stage0_large"]
    assert [text for role, text in talk(large) if role == "user"] == ["Step 1", "Step 2"]
    assert calls_and_results(large) == (["call_large_1"], ["call_large_1"])
    assert own_usage(large).input_tokens == 120
    assert own_usage(large).output_tokens == 16
    hidden = [m.text for m in messages(large, hidden=True) if m.hidden]
    assert hidden == ["Command failed with exit code 1."]
    assert any(m.status == "stopped" for m in messages(large))
    (drift,) = read("opencode", samples / "opencode" / "storage_legacy")[0].values()
    assert calls_and_results(drift) == (["call_legacy_1"], ["call_legacy_1"])
    assert label(drift) == "OpenCode Drift"


def test_one_session_file_of_a_storage_folder_is_one_session(samples):
    top = samples / "opencode" / "storage_v2"
    found, _ = read("opencode", top / "session" / "proj_test" / "ses_s_stage0_small.json")
    assert set(found) == {"s_stage0_small"}


def test_a_folder_with_all_of_them_gives_each_session_once(samples):
    found = list(OpencodeImporter().read(samples / "opencode"))
    ids = [item.document.id for item in found]
    assert len(ids) == len(set(ids)) == 6


def test_sub_agents_hang_on_the_call_that_started_them(storage):
    call = {
        "type": "tool",
        "callID": "c",
        "tool": "task",
        "state": {"status": "completed", "output": "x", "metadata": {"sessionId": "ses_2"}},
    }
    storage(session(), user("m1", "Ask"), reply("m2", call))
    top = storage(session("ses_2", parentID="ses_1", time={"created": 0}), user("n1", "Look"))
    found, _ = read("opencode", top)
    caller = found["ses_1"].document
    assert fork_of(found["ses_2"]) == ("spawn", caller.id, caller.messages("c1")[1].id, 0)
    assert list(found) == ["ses_1", "ses_2"]


def test_undone_messages_are_a_fork(storage):
    told = (user("m1", "One"), reply("m2", "1"), user("m3", "Two"), reply("m4", "2"))
    top = storage(session(revert={"messageID": "m3"}), *told)
    found, _ = read("opencode", top)
    assert talk(found["ses_1"]) == [("user", "One"), ("assistant", "1")]
    kept = found["ses_1"].document
    assert fork_of(found["ses_1/m3"]) == ("fork", kept.id, kept.messages("c1")[1].id, 2)
    assert [text for _, text in talk(found["ses_1/m3"])] == ["One", "1", "Two", "2"]


def test_a_compaction_is_a_summary(storage):
    asked = ({"id": "m3", "role": "user"}, [{"type": "compaction", "auto": True}])
    top = storage(session(), user("m1", "One"), asked, reply("m4", "So far", summary=True))
    (item,) = read("opencode", top)[0].values()
    assert [m.role for m in messages(item)] == ["user", "system"]
    assert messages(item)[1].content == (SummaryPart("So far"),)


def test_pictures_failures_thinking_and_names_of_the_tools_own(storage):
    picture = {"type": "file", "mime": "image/png", "url": f"data:image/png;base64,{PNG}"}
    failed = {"type": "tool", "callID": "c", "tool": "ls", "state": {"status": "error"}}
    asked = ({"id": "m1", "role": "user"}, [picture, {"type": "text", "text": "What is it?"}])
    thought = {"type": "reasoning", "text": "Hm"}
    error = {"name": "APIError", "data": {"message": "Too many"}}
    top = storage(
        session(title="New session - 2026-01-01T00:00:00.000Z"),
        asked,
        reply("m2", thought, failed, error=error),
    )
    (item,) = read("opencode", top)[0].values()
    assert label(item) == "What is it?"
    assert pictures(item) == ["image/png"]
    assert messages(item)[1].content[0] == ThinkingPart("Hm")
    assert (messages(item)[1].status, messages(item)[1].error) == ("failed", "Too many")
    assert messages(item)[2].content[0].is_error


async def test_what_the_database_gains_is_all_that_comes_in(database, tmp_path):
    def grow():
        info = {"role": "user", "time": {"created": 1795216199000}}
        change(
            database,
            (
                "INSERT INTO message VALUES ('msg_2', ?, 1795216199000, 0, ?)",
                (PARIS, json.dumps(info)),
            ),
            (
                "INSERT INTO part VALUES ('prt_2', 'msg_2', ?, 0, 0, ?)",
                (PARIS, json.dumps({"type": "text", "text": "And of Peru?"})),
            ),
        )

    count = sum(len(messages(item, True)) for item in read("opencode", database)[0].values())
    first, second = await grown("opencode", database, tmp_path, grow)
    assert first == ({"created": 3}, count)
    assert second == ({"updated": 1, "unchanged": 2}, 1)


async def test_a_reply_that_was_being_written_is_completed(database, tmp_path):
    owner = sqlite3.connect(database)
    query = "SELECT id, data FROM part WHERE session_id = ? ORDER BY id DESC LIMIT 1 OFFSET 1"
    part, data = owner.execute(query, (FILES,)).fetchone()
    owner.close()
    whole = json.loads(data)
    statement = "UPDATE part SET data = ? WHERE id = ?"
    change(database, (statement, (json.dumps({**whole, "text": "There"}), part)))
    first, second = await grown(
        "opencode", database, tmp_path, lambda: change(database, (statement, (data, part)))
    )
    assert first[0] == {"created": 3}
    assert second == ({"updated": 1, "unchanged": 2}, 0)


def test_it_is_found_where_the_data_folder_is(monkeypatch, tmp_path):
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path))
    assert OpencodeImporter().find() == []
    (tmp_path / "opencode" / "storage").mkdir(parents=True)
    assert OpencodeImporter().find() == [tmp_path / "opencode"]


async def test_the_database_of_the_first_opencode_is_found_and_read(tmp_path, monkeypatch):
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "data"))
    path = tmp_path / "proj" / ".opencode" / "opencode.db"
    path.parent.mkdir(parents=True)
    said = "INSERT INTO messages VALUES (?, 's1', ?, ?, ?, ?)"
    parts = [json.dumps([{"type": "text", "data": {"text": t}}]) for t in ("Hi", "Hello", "More")]
    change(
        path,
        (
            "CREATE TABLE sessions (id TEXT PRIMARY KEY, parent_session_id TEXT, title TEXT,"
            " prompt_tokens INTEGER, completion_tokens INTEGER, cost REAL, created_at INTEGER)",
            (),
        ),
        (
            "CREATE TABLE messages (id TEXT PRIMARY KEY, session_id TEXT, role TEXT, parts TEXT,"
            " model TEXT, created_at INTEGER)",
            (),
        ),
        ("INSERT INTO sessions VALUES ('s1', NULL, 'Walks', 7, 3, 0.5, 1750000000)", ()),
        (said, ("m1", "user", parts[0], None, 1750000000)),
        (said, ("m2", "assistant", parts[1], "gpt-4o", 1750000001)),
    )
    monkeypatch.chdir(tmp_path / "proj")
    assert OpencodeImporter().find() == [path]
    assert OpencodeImporter().survey(path).sessions == 1
    (item,) = read("opencode", tmp_path / "proj")[0].values()
    assert talk(item) == [("user", "Hi"), ("assistant", "Hello")]
    assert item.workspace.directory == str(tmp_path / "proj")
    assert (own_usage(item).input_tokens, own_usage(item).output_tokens) == (7, 3)

    def grow():
        change(path, (said, ("m3", "user", parts[2], None, 1750000002)))

    first, second = await grown("opencode", path, tmp_path, grow)
    assert first == ({"created": 1}, 2)
    assert second == ({"updated": 1}, 1)


def test_ids_are_made_of_the_sources(database):
    found, _ = read("opencode", database)
    assert found[PARIS].document.id == session_id_for("opencode", PARIS)


def test_times_that_are_no_times_harm_nothing(storage):
    top = storage(session(), user("m1", "Hi", time={"created": [1]}), reply("m2", "Hello"))
    (item,) = read("opencode", top)[0].values()
    assert sorted(talk(item)) == [("assistant", "Hello"), ("user", "Hi")]
