"""goose: its database, and the files that older versions wrote."""

import json
import sqlite3

import pytest
from import_checks import (
    calls_and_results,
    change,
    copied,
    grown,
    label,
    messages,
    model,
    own_usage,
    read,
    talk,
)

from tui_sessions.transfer.goose import GooseImporter

LEGACY = "20260301_093000.jsonl"


@pytest.fixture
def legacy(samples, tmp_path):
    return copied(samples / "goose" / LEGACY, tmp_path)


@pytest.fixture
def database(tmp_path):
    """A database as its schema 13 has it, in the columns that matter."""
    path = tmp_path / "sessions.db"
    change(
        path,
        (
            "CREATE TABLE sessions (id TEXT PRIMARY KEY, name TEXT, user_set_name BOOLEAN,"
            " working_dir TEXT, created_at TIMESTAMP, accumulated_input_tokens INTEGER,"
            " accumulated_output_tokens INTEGER, provider_name TEXT, model_config_json TEXT)",
            (),
        ),
        (
            "CREATE TABLE messages (id INTEGER PRIMARY KEY, message_id TEXT, session_id TEXT,"
            " role TEXT, content_json TEXT, created_timestamp INTEGER, metadata_json TEXT)",
            (),
        ),
        (
            "INSERT INTO sessions VALUES ('20260301_093000', 'Mine', 1, '/home/u/proj',"
            " '2026-03-01 09:30:00', 1200, 100, 'openai', ?)",
            (json.dumps({"model_name": "gpt-x"}),),
        ),
        *(
            say(number, role, *content, **metadata)
            for number, (role, content, metadata) in enumerate(
                [
                    ("user", [{"type": "text", "text": "Hi"}], {}),
                    (
                        "assistant",
                        [
                            {"type": "thinking", "thinking": "Hm"},
                            {
                                "type": "toolRequest",
                                "id": "t1",
                                "toolCall": {"status": "success", "value": {"name": "ls"}},
                            },
                        ],
                        {},
                    ),
                    (
                        "user",
                        [
                            {
                                "type": "toolResponse",
                                "id": "t1",
                                "toolResult": {
                                    "status": "success",
                                    "value": {
                                        "content": [{"type": "text", "text": "a.txt"}],
                                        "isError": True,
                                    },
                                },
                            }
                        ],
                        {},
                    ),
                    ("assistant", [{"type": "text", "text": "Summary"}], {"userVisible": False}),
                    ("assistant", [{"type": "hologram"}], {}),
                ]
            )
        ),
    )
    return path


def say(number, role, *content, **metadata):
    row = (f"msg_{number}", role, json.dumps(content), 1772357400 + number, json.dumps(metadata))
    return (
        "INSERT INTO messages (message_id, session_id, role, content_json, created_timestamp,"
        " metadata_json) VALUES (?, '20260301_093000', ?, ?, ?, ?)",
        row,
    )


def test_a_file_is_what_its_lines_say(legacy):
    header, *lines = [json.loads(line) for line in legacy.read_text().splitlines()]
    found, skipped = read("goose", legacy)
    assert not skipped
    item = found["20260301_093000"]
    assert label(item) == header["description"]
    assert item.workspace.directory == header["working_dir"]
    assert [role for role, _ in talk(item)] == ["user", "assistant", "tool", "assistant"]
    assert [m.created_at.timestamp() for m in messages(item)] == [one["created"] for one in lines]
    assert calls_and_results(item) == (["t1"], ["t1"])
    usage = own_usage(item)
    assert (usage.input_tokens, usage.output_tokens) == (
        header["input_tokens"],
        header["output_tokens"],
    )


def test_the_database_is_what_its_rows_say(database):
    (item,) = read("goose", database)[0].values()
    session = item.document.session()
    assert (session.label, session.auto_label) == ("Mine", False)
    assert [(m.role, m.hidden) for m in messages(item, hidden=True)] == [
        ("user", False),
        ("assistant", False),
        ("tool", False),
        ("assistant", True),
        ("assistant", False),
    ]
    assert model(item) == "gpt-x"
    assert messages(item)[2].content[0].is_error
    assert messages(item)[2].content[0].text == "a.txt"
    assert messages(item)[3].content[0].data == {"type": "hologram"}
    assert (own_usage(item).input_tokens, own_usage(item).output_tokens) == (1200, 100)


def test_what_the_database_took_over_from_a_file_comes_in_once(database, legacy):
    found = list(GooseImporter().read(legacy.parent))
    assert [item.path for item in found] == [database]


def test_the_log_of_the_database_is_read(database):
    owner = sqlite3.connect(database)
    owner.execute("PRAGMA journal_mode = WAL")
    owner.execute(*say(9, "user", {"type": "text", "text": "In the log"}))
    owner.commit()
    (item,) = read("goose", database)[0].values()
    assert talk(item)[-1] == ("user", "In the log")
    owner.close()


async def test_what_a_file_gains_is_all_that_comes_in(legacy, tmp_path):
    def grow():
        with legacy.open("a") as file:
            content = [{"type": "text", "text": "More"}]
            line = json.dumps({"role": "user", "created": 1772357500, "content": content})
            file.write(f"\n{line}\n")

    first, second = await grown("goose", legacy, tmp_path, grow)
    assert first == ({"created": 1}, 4)
    assert second == ({"updated": 1}, 1)


async def test_what_the_database_gains_is_all_that_comes_in(database, tmp_path):
    more = say(9, "user", {"type": "text", "text": "More"})
    first, second = await grown("goose", database, tmp_path, lambda: change(database, more))
    assert first == ({"created": 1}, 5)
    assert second == ({"updated": 1}, 1)


def test_it_is_found_where_the_environment_says(monkeypatch, tmp_path):
    monkeypatch.setenv("GOOSE_PATH_ROOT", str(tmp_path))
    assert GooseImporter().find() == []
    (tmp_path / "data" / "sessions").mkdir(parents=True)
    assert GooseImporter().find() == [tmp_path / "data" / "sessions"]


def test_a_result_that_is_told_to_the_person_and_to_the_model_stands_there_once(tmp_path):
    def shown(text, audience):
        return {"type": "text", "text": text, "annotations": {"audience": [audience]}}

    value = [shown("2 passed", "assistant"), shown("2 passed", "user"), shown("In short", "user")]
    result = {"type": "toolResponse", "id": "t1", "toolResult": {"status": "success"}}
    result["toolResult"]["value"] = value
    lines = [
        {"working_dir": "/home/ana", "description": "Tests"},
        {"role": "user", "created": 1, "content": [result]},
    ]
    path = tmp_path / "s1.jsonl"
    path.write_text("".join(json.dumps(line) + "\n" for line in lines))
    (item,) = read("goose", path)[0].values()
    (message,) = messages(item)
    assert message.content[0].text == "2 passed\nIn short"


def test_badly_made_calls_resources_and_questions_of_the_program(tmp_path):
    call = {"type": "toolRequest", "id": "t1", "toolCall": {"status": "error", "error": "no tool"}}
    shown = {"type": "resource", "resource": {"uri": "file:///a", "text": "a = 1"}}
    result = {"type": "toolResponse", "id": "t1", "toolResult": {"status": "success"}}
    result["toolResult"]["value"] = {"content": [shown], "isError": False}
    asked = {"type": "actionRequired", "data": {"actionType": "toolConfirmation", "id": "t1"}}
    lines = [
        {"working_dir": "/home/ana", "description": "Tests"},
        {"role": "assistant", "created": 1, "content": [call]},
        {"role": "user", "created": 2, "content": [asked]},
        {"role": "user", "created": 3, "content": [result]},
    ]
    path = tmp_path / "s1.jsonl"
    path.write_text("".join(json.dumps(line) + "\n" for line in lines))
    (item,) = read("goose", path)[0].values()
    made, given = messages(item)
    assert made.content[0].arguments == "no tool"
    assert given.content[0].text == "a = 1"


def test_what_goose_made_for_itself_is_archived(database):
    change(
        database,
        ("ALTER TABLE sessions ADD COLUMN session_type TEXT", ()),
        ("UPDATE sessions SET session_type = 'sub_agent'", ()),
    )
    (item,) = read("goose", database)[0].values()
    assert item.document.session().state.value == "archived"
