"""llm: the tables of both generations."""

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
    model,
    own_usage,
    pictures,
    prompt,
    read,
    roles,
    rows,
    talk,
)

from tui_sessions.transfer.llm import LlmImporter

OLD = ("logs-0.12.db", "logs-0.27.1.db")
NEW = "logs-0.36.db"


@pytest.fixture
def log(samples, tmp_path):
    return lambda name: copied(samples / "llm" / name, tmp_path)


@pytest.mark.parametrize("name", OLD)
def test_each_conversation_is_a_session_and_each_response_a_turn(log, name):
    path = log(name)
    found, skipped = read("llm", path)
    assert not skipped
    names = dict(rows(path, "SELECT id, name FROM conversations"))
    assert {id_: label(item) for id_, item in found.items()} == names
    for id_, item in found.items():
        asked = rows(
            path,
            "SELECT model, prompt, response FROM responses WHERE conversation_id = ? ORDER BY id",
            id_,
        )
        replies = [m for m in messages(item) if m.role == "assistant"]
        assert [m.text for m in replies] == [response for _, _, response in asked]
        assert [m.model for m in replies] == [used for used, _, _ in asked]
        told = [text for role, text in talk(item) if role == "user"]
        prompts = [given for _, given, _ in asked if given]
        assert len(told) == len(prompts)
        assert all(text.endswith(given) for text, given in zip(told, prompts, strict=True))
        assert all(m.created_at is not None for m in messages(item))
        assert item.workspace.id == "llm"


def test_tokens_are_those_of_the_rows_and_unknown_where_there_are_none(log):
    path = log("logs-0.27.1.db")
    found, _ = read("llm", path)
    for id_, item in found.items():
        query = "SELECT total(input_tokens), total(output_tokens) FROM responses"
        (expected,) = rows(path, f"{query} WHERE conversation_id = ?", id_)
        assert (own_usage(item).input_tokens, own_usage(item).output_tokens) == expected
    old, _ = read("llm", log("logs-0.12.db"))
    assert all(m.usage is None for item in old.values() for m in messages(item))


@pytest.mark.parametrize("name", ["logs-0.27.1.db", NEW])
def test_fragments_attachments_tools_and_system_prompts(log, name):
    items = {label(item): item for item in read("llm", log(name))[0].values()}
    novel = items["A fragment of a long novel. A f…"]
    (asked,) = [text for role, text in talk(novel) if role == "user"]
    assert asked.startswith("A fragment of a long novel. ")
    assert asked.endswith("\nquestion about it")
    assert pictures(items["Describe this"]) == ["image/png"]
    assert calls_and_results(items["What is 6*7?"]) == (["tc_1"], ["tc_1"])
    assert roles(items["What is 6*7?"]) == {"user": 1, "assistant": 2, "tool": 1}
    assert prompt(items["Erzähl mir einen Witz 🦆"]) == "You are a comedian."
    assert model(items["Write a table"]) == "scripted-2"


def test_threads_are_sessions_that_share_rows_but_no_messages(log):
    path = log(NEW)
    found, skipped = read("llm", path)
    assert not skipped
    assert {id_: label(item) for id_, item in found.items()} == dict(
        rows(path, "SELECT id, name FROM threads")
    )
    ids = [m.id for item in found.values() for m in messages(item)]
    assert len(ids) == len(set(ids))
    for id_, item in found.items():
        query = "SELECT total(input_tokens), total(output_tokens) FROM turns WHERE thread_id = ?"
        (expected,) = rows(path, query, id_)
        assert (own_usage(item).input_tokens, own_usage(item).output_tokens) == expected


def test_a_forked_thread_inherits_up_to_the_last_common_message(log):
    found, _ = read("llm", log(NEW))
    items = {label(item): item for item in found.values()}
    fork = items["Percy, forked"]
    parent = found["01m7xjsvs4y630te3fqy8w4f78"].document
    assert fork_of(fork) == ("fork", parent.id, parent.messages("c1")[1].id, 2)
    assert talk(fork) == [(m.role, m.text) for m in parent.messages("c1")[:2]]
    assert not fork.document.session().auto_label


def test_a_thread_that_carries_on_a_conversation_is_one_session_with_it(log):
    path = log(NEW)
    thread = "01m7xjsvs4y630te3fqy8w4f78"
    change(
        path,
        ("INSERT INTO conversations VALUES (?, 'Old', 'm')", (thread,)),
        ("INSERT INTO responses (id, conversation_id, prompt) VALUES ('r', ?, 'x')", (thread,)),
    )
    found = [
        item for item in LlmImporter().read(path) if item.document.session().origin.id == thread
    ]
    assert len(found) == 1
    assert len(messages(found[0])) == 4


async def test_a_conversation_that_a_newer_version_carries_on_grows_by_what_is_new(log, tmp_path):
    path = log(NEW)
    thread = "01m7xjsvs4y630te3fqy8w4f78"
    kept = read("llm", path)[0][thread]
    said = [(m.role, m.text) for m in messages(kept)[:2]]
    change(
        path,
        ("CREATE TABLE taken_threads AS SELECT * FROM threads", ()),
        ("CREATE TABLE taken_turns AS SELECT * FROM turns", ()),
        ("DELETE FROM turns WHERE thread_id = ?", (thread,)),
        ("DELETE FROM threads WHERE id = ?", (thread,)),
        ("DELETE FROM threads WHERE forked_from = ?", (thread,)),
        ("INSERT INTO conversations VALUES (?, 'Old name', 'm')", (thread,)),
        (
            "INSERT INTO responses (id, conversation_id, model, prompt, response, datetime_utc,"
            " input_tokens, output_tokens) VALUES ('r', ?, 'm', ?, ?, '2025-01-01T00:00:00', 9, 8)",
            (thread, said[0][1], said[1][1]),
        ),
    )

    def upgrade():
        change(
            path,
            ("DELETE FROM threads", ()),
            ("DELETE FROM turns", ()),
            ("INSERT INTO threads SELECT * FROM taken_threads", ()),
            ("INSERT INTO turns SELECT * FROM taken_turns", ()),
        )

    _, second = await grown("llm", path, tmp_path, upgrade)
    assert second[0]["updated"] == 1
    found, _ = read("llm", path)
    assert second[1] == len(messages(kept)) - 2 + len(messages(found_fork(found, thread)))
    times = [m.created_at for m in messages(found[thread])]
    assert times[0].year == times[1].year == 2025
    assert messages(found[thread])[1].usage.input_tokens == 9
    point = fork_of(found_fork(found, thread))[2]
    assert point == messages(found[thread])[1].id


def found_fork(found, thread):
    """The session that forked from another one."""
    parent = found[thread].document.id
    return next(item for item in found.values() if (fork_of(item) or ("", ""))[1] == parent)


def test_a_circle_of_messages_ends(log):
    path = log(NEW)
    change(
        path,
        ("UPDATE messages SET parent_hash = 'b2:a30a236e0d1b717c592e826d06e3c9d2'", ()),
        ("UPDATE threads SET forked_from = id", ()),
    )
    assert len(read("llm", path)[0]) == 8


def test_part_types_to_come_and_broken_payloads_are_kept(log):
    path = log(NEW)
    change(path, ("UPDATE parts SET type = 'hologram', payload = '{' WHERE id = 2", ()))
    found, _ = read("llm", path)
    (part,) = messages(found["01m7xjsvs4y630te3fqy8w4f78"])[1].content
    assert part.data["type"] == "hologram"
    assert part.data["text"].startswith("How about Percy?")


@pytest.mark.parametrize("name", [*OLD, NEW])
async def test_what_the_log_gains_is_all_that_comes_in(log, tmp_path, name):
    path = log(name)

    def grow():
        if name == NEW:
            tip = "b2:a30a236e0d1b717c592e826d06e3c9d2"
            change(
                path,
                ("INSERT INTO messages VALUES ('b2:n', ?, 'user', NULL)", (tip,)),
                (
                    "INSERT INTO parts (message_hash, position, type, text) "
                    "VALUES ('b2:n', 0, 'text', 'More')",
                    (),
                ),
                (
                    "UPDATE threads SET tip_message_hash = 'b2:n' WHERE tip_message_hash = ?",
                    (tip,),
                ),
            )
            return
        ((last,),) = rows(path, "SELECT max(conversation_id) FROM responses")
        change(
            path,
            (
                "INSERT INTO responses (id, model, response, conversation_id, datetime_utc)"
                " VALUES ('zz', 'm', 'More', ?, '2027-01-01T00:00:00')",
                (last,),
            ),
        )

    first, second = await grown("llm", path, tmp_path, grow)
    sessions = first[0]["created"]
    assert second == ({"updated": 1, "unchanged": sessions - 1}, 1)


def test_a_log_is_read_with_what_stands_beside_it(log):
    path = log("logs-0.27.1.db")
    owner = sqlite3.connect(path)
    owner.execute("PRAGMA journal_mode = WAL")
    owner.execute("INSERT INTO conversations VALUES ('c9', 'In the log', 'm')")
    owner.execute("INSERT INTO responses (id, prompt, conversation_id) VALUES ('r9', 'Hi', 'c9')")
    owner.commit()
    assert label(read("llm", path)[0]["c9"]) == "In the log"
    owner.close()


def test_it_is_found_where_the_environment_says(monkeypatch, tmp_path):
    monkeypatch.setenv("LLM_USER_PATH", str(tmp_path))
    assert LlmImporter().find() == []
    (tmp_path / "logs.db").touch()
    assert LlmImporter().find() == [tmp_path / "logs.db"]
