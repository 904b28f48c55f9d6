"""crush: a project's database, with sub-agents and summaries."""

import json

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
    read,
    rows,
)

from tui_sessions.model.message import SummaryPart, ThinkingPart, ToolCallPart
from tui_sessions.transfer.crush import CrushImporter


@pytest.fixture
def database(samples, tmp_path):
    folder = tmp_path / "proj" / ".crush"
    folder.mkdir(parents=True)
    return copied(samples / "crush" / "crush.db", folder)


def calls_in(message):
    return [part for part in message.content if isinstance(part, ToolCallPart)]


def test_sessions_are_what_the_rows_say(database, tmp_path):
    found, skipped = read("crush", database)
    assert not skipped
    assert set(found) == {id_ for (id_,) in rows(database, "SELECT id FROM sessions")}
    for id_, item in found.items():
        said = rows(
            database,
            "SELECT role, model, created_at, is_summary_message FROM messages"
            " WHERE session_id = ? ORDER BY created_at",
            id_,
        )
        roles = ["system" if summary else role for role, _, _, summary in said]
        assert [m.role for m in messages(item)] == roles
        assert [m.model for m in messages(item)] == [used for _, used, _, _ in said]
        assert [m.created_at.timestamp() for m in messages(item)] == [at for _, _, at, _ in said]
        ((sent, written, cost),) = rows(
            database,
            "SELECT prompt_tokens, completion_tokens, cost FROM sessions WHERE id = ?",
            id_,
        )
        usage = own_usage(item)
        assert (usage.input_tokens, usage.output_tokens, usage.cost_usd) == (sent, written, cost)
        assert item.workspace.directory == str(tmp_path / "proj")


def test_titles_thinking_tools_summaries_and_sub_agents(database):
    found, _ = read("crush", database)
    assert [label(item) for item in found.values()] == [
        "Pelican names",
        "Look up walrus facts",
        "Long work",
    ]
    assert messages(found["a1"])[1].content[0] == ThinkingPart("Dignified.")
    assert calls_and_results(found["a1"]) == (["tc1"], ["tc1"])
    assert messages(found["b1"])[2].content == (SummaryPart("Summary of the work so far."),)
    assert fork_of(found["a1-agent"])[:2] == ("spawn", found["a1"].document.id)


def test_a_sub_agent_hangs_on_the_call_in_its_id_and_costs_once(database):
    change(
        database,
        ("UPDATE sessions SET id = 'm4$$tc1', cost = 0.004 WHERE id = 'a1-agent'", ()),
        ("UPDATE messages SET session_id = 'm4$$tc1' WHERE session_id = 'a1-agent'", ()),
    )
    found, _ = read("crush", database)
    caller = found["a1"].document.messages("c1")[3]
    assert fork_of(found["m4$$tc1"])[2] == caller.id
    costs = [own_usage(found[id_]).cost_usd for id_ in ("a1", "m4$$tc1")]
    assert costs == pytest.approx([0.006, 0.004])


def test_older_versions_name_a_sub_agent_after_its_call_and_a_summary_in_its_session(database):
    change(
        database,
        ("UPDATE sessions SET id = 'tc1' WHERE id = 'a1-agent'", ()),
        ("UPDATE messages SET session_id = 'tc1' WHERE session_id = 'a1-agent'", ()),
        ("ALTER TABLE messages DROP COLUMN is_summary_message", ()),
        ("UPDATE sessions SET summary_message_id = 'b3' WHERE id = 'b1'", ()),
    )
    found, skipped = read("crush", database)
    assert not skipped
    caller = next(m for m in messages(found["a1"]) if calls_in(m))
    assert fork_of(found["tc1"])[2] == caller.id
    assert messages(found["b1"])[2].content == (SummaryPart("Summary of the work so far."),)
    assert messages(found["b1"])[2].role == "system"


def test_how_replies_end_and_what_is_not_known(database):
    parts = [
        {"type": "hologram", "data": {"x": 1}},
        {"type": "finish", "data": {"reason": "error", "message": "Bad", "details": "Too many"}},
    ]
    stopped = [{"type": "finish", "data": {"reason": "canceled"}}]
    query = "UPDATE messages SET parts = ? WHERE id = ?"
    change(database, (query, (json.dumps(parts), "b2")), (query, (json.dumps(stopped), "b5")))
    item = read("crush", database)[0]["b1"]
    failed, last = messages(item)[1], messages(item)[-1]
    assert (failed.status, failed.error) == ("failed", "Too many")
    assert failed.content[0].data == parts[0]
    assert last.status == "stopped"


async def test_what_the_database_gains_is_all_that_comes_in(database, tmp_path):
    parts = json.dumps([{"type": "text", "data": {"text": "More"}}])
    query = (
        "INSERT INTO messages (id, session_id, role, parts, created_at, updated_at)"
        " VALUES ('b6', 'b1', 'user', ?, 1772357500, 1772357500)"
    )
    count = rows(database, "SELECT count(*) FROM messages")[0][0]
    first, second = await grown(
        "crush", database, tmp_path, lambda: change(database, (query, (parts,)))
    )
    assert first == ({"created": 3}, count)
    assert second == ({"updated": 1, "unchanged": 2}, 1)


def test_it_is_found_in_this_project_and_in_those_it_remembers(database, tmp_path, monkeypatch):
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "data"))
    (tmp_path / "elsewhere").mkdir()
    monkeypatch.chdir(tmp_path / "elsewhere")
    assert CrushImporter().find() == []
    known = tmp_path / "data" / "crush" / "projects.json"
    known.parent.mkdir(parents=True)
    project = {"path": str(tmp_path / "proj"), "data_dir": ".crush"}
    known.write_text(json.dumps({"projects": [project, 7]}))
    assert CrushImporter().find() == [database]
    monkeypatch.chdir(tmp_path / "proj")
    assert CrushImporter().find() == [database]
