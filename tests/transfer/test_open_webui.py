"""Open WebUI: exports and the database, trees with several replies to one prompt."""

import json
import sqlite3
from datetime import UTC, datetime

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
    prompt,
    read,
    roles,
    talk,
)

from tui_sessions.model.message import FilePart, TextPart, ThinkingPart
from tui_sessions.transfer.open_webui import OpenWebuiImporter


def node(id_, parent, role, content, at=1, **fields):
    return {
        "id": id_,
        "parentId": parent,
        "role": role,
        "content": content,
        "timestamp": 1700000000 + at,
        **fields,
    }


def chat(*nodes, current=None, id_="c", **fields):
    history = {"currentId": current, "messages": {one["id"]: one for one in nodes}}
    inner = {"title": "T", "models": ["m1"], "history": history, "messages": []}
    return {"id": id_, "title": "T", "chat": inner, "created_at": 1700000000, **fields}


@pytest.fixture
def export(tmp_path):
    def write(*chats, name="chats.json"):
        path = tmp_path / name
        path.write_text(json.dumps(chats))
        return path

    return write


SIDE_BY_SIDE = (
    node("q1", None, "user", "Which?"),
    node("a1", "q1", "assistant", "This", 2, model="m1"),
    node("a2", "q1", "assistant", "That", 2, model="m2"),
    node("q2", "a2", "user", "Why?", 3),
    node("a3", "q2", "assistant", "Because", 4, model="m2"),
)


def test_the_sample_is_what_its_nodes_say(samples):
    path = samples / "openwebui" / "librechat-openwebui-export.json"
    found, skipped = read("open-webui", path)
    assert not skipped
    entries = {entry["id"]: entry for entry in json.loads(path.read_bytes())}
    assert set(found) == set(entries)
    for id_, item in found.items():
        nodes = entries[id_]["chat"]["history"]["messages"].values()
        assert roles(item)["user"] == sum(one["role"] == "user" for one in nodes)
        assert roles(item)["assistant"] == sum(one["role"] == "assistant" for one in nodes)
        assert label(item) == entries[id_]["title"]
        assert [int(m.created_at.timestamp()) for m in messages(item)] == [
            one["timestamp"] for one in nodes
        ]
    thought, said = messages(found["reasoning-chat"])[1].content
    assert isinstance(thought, ThinkingPart)
    assert said == TextPart("255")


def test_the_branch_that_was_shown_is_the_session_and_others_are_forks(export):
    found, _ = read("open-webui", export(chat(*SIDE_BY_SIDE, current="a3")))
    assert set(found) == {"c", "c/a1"}
    assert [text for _, text in talk(found["c"])] == ["Which?", "That", "Why?", "Because"]
    assert [text for _, text in talk(found["c/a1"])] == ["Which?", "This"]
    kept = found["c"].document
    assert fork_of(found["c/a1"]) == ("fork", kept.id, kept.messages("c1")[0].id, 1)
    assert messages(found["c/a1"])[1].model == "m1"


def test_without_a_word_on_which_branch_is_shown_it_is_the_newest(export):
    found, _ = read("open-webui", export(chat(*SIDE_BY_SIDE, current="gone")))
    assert talk(found["c"])[-1][1] == "Because"


def test_circles_and_lost_parents_lose_no_message(export):
    nodes = (
        node("a", "b", "user", "A"),
        node("b", "a", "assistant", "B"),
        node("x", "gone", "user", "X"),
    )
    found, _ = read("open-webui", export(chat(*nodes)))
    told = {text for item in found.values() for _, text in talk(item)}
    assert told == {"A", "B", "X"}


def test_old_exports_have_only_a_list(export):
    inner = {"title": "Old", "messages": [{"role": "user", "content": "Hi"}]}
    found, _ = read("open-webui", export({"id": "c", "chat": inner}))
    assert talk(found["c"]) == [("user", "Hi")]
    assert label(found["c"]) == "Old"


def test_folded_thinking_and_tool_calls_are_parts(export):
    content = (
        '<details type="reasoning" done="true" duration="3">\n<summary>Thought</summary>\n'
        "&gt; One\n&gt; two\n</details>\nLet me look."
        '<details type="tool_calls" done="true" id="t1" name="ls" '
        'arguments="&quot;{\\&quot;a\\&quot;: 1}&quot;" result="&quot;a.txt&quot;" files="">\n'
        "<summary>Tool Executed</summary>\n</details>\nThere is a.txt"
    )
    nodes = (node("q", None, "user", "Look"), node("a", "q", "assistant", content))
    (item,) = read("open-webui", export(chat(*nodes, current="a")))[0].values()
    assert [m.role for m in messages(item)] == ["user", "assistant", "tool", "assistant"]
    assert messages(item)[1].content[0] == ThinkingPart("One\ntwo")
    assert messages(item)[1].content[2].arguments == {"a": 1}
    assert calls_and_results(item) == (["t1"], ["t1"])
    assert messages(item)[2].content[0].text == "a.txt"
    assert talk(item)[-1] == ("assistant", "There is a.txt")


def test_outputs_usage_files_errors_and_settings(export):
    output = [
        {"type": "function_call", "call_id": "t", "name": "ls", "arguments": "{}"},
        {
            "type": "function_call_output",
            "call_id": "t",
            "output": [{"type": "input_text", "text": "a.txt"}],
        },
        {"type": "message", "content": [{"type": "output_text", "text": "Done"}]},
    ]
    files = [
        {"type": "image", "url": "data:image/png;base64,iVBORw0K"},
        {"type": "file", "name": "a.pdf", "file": {"meta": {"content_type": "application/pdf"}}},
    ]
    usage = {
        "prompt_tokens": 9,
        "completion_tokens": 4,
        "prompt_tokens_details": {"cached_tokens": 2},
    }
    entry = chat(
        node("q", None, "user", "Look", files=files),
        node("a", "q", "assistant", "stale", output=output, usage=usage, model="m"),
        node("q2", "a", "user", "Again"),
        node("a2", "q2", "assistant", "", error={"content": "Too many"}),
        current="a2",
        archived=True,
        meta={"tags": ["work"]},
    )
    entry["chat"]["params"] = {"system": "Be terse."}
    (item,) = read("open-webui", export(entry))[0].values()
    session = item.document.session()
    assert pictures(item) == ["image/png"]
    assert messages(item)[0].content[2] == FilePart("a.pdf", "application/pdf")
    assert [text for role, text in talk(item) if role == "assistant"] == ["", "Done", ""]
    assert calls_and_results(item) == (["t"], ["t"])
    counted = own_usage(item)
    assert (counted.input_tokens, counted.cache_read_tokens, counted.output_tokens) == (7, 2, 4)
    assert (messages(item)[-1].status, messages(item)[-1].error) == ("failed", "Too many")
    assert (session.state, session.tags, prompt(item)) == ("archived", ("work",), "Be terse.")


def test_one_bad_entry_costs_no_other(export):
    path = export(chat(*SIDE_BY_SIDE, current="a3"), {"what": 1})
    path.write_bytes(path.read_bytes()[:-1] + b', {"id": nonsense}, 7]')
    found, skipped = read("open-webui", path)
    assert set(found) == {"c", "c/a1"}
    assert sorted(s.reason for s in skipped) == [
        "an entry is not JSON",
        "an entry is not an Open WebUI chat",
    ]


def test_the_database_of_a_server_is_read_too(tmp_path):
    path = tmp_path / "webui.db"
    owner = sqlite3.connect(path)
    owner.execute("CREATE TABLE chat (id TEXT, title TEXT, chat JSON, created_at INT)")
    entry = chat(*SIDE_BY_SIDE, current="a3")
    row = ("c", "Named", json.dumps(entry["chat"]), 1700000000)
    owner.execute("INSERT INTO chat VALUES (?, ?, ?, ?)", row)
    owner.commit()
    owner.close()
    found, skipped = read("open-webui", path)
    assert not skipped
    assert set(found) == {"c", "c/a1"}
    assert label(found["c"]) == "Named"


async def test_what_an_export_gained_is_all_that_comes_in(samples, tmp_path):
    path = copied(samples / "openwebui" / "librechat-openwebui-export.json", tmp_path)

    def grow():
        chats = json.loads(path.read_bytes())
        history = chats[1]["chat"]["history"]
        history["messages"]["n"] = node("n", "sa2", "user", "More")
        history["currentId"] = "n"
        path.write_text(json.dumps(chats))

    first, second = await grown("open-webui", path, tmp_path, grow)
    assert first == ({"created": 2}, 4)
    assert second == ({"updated": 1, "unchanged": 1}, 1)


def test_it_is_found_where_the_environment_says(monkeypatch, tmp_path):
    monkeypatch.setenv("DATA_DIR", str(tmp_path))
    (tmp_path / "webui.db").touch()
    assert OpenWebuiImporter().find()[0] == tmp_path / "webui.db"


MESSAGE_TABLE = (
    "CREATE TABLE chat_message (id TEXT, chat_id TEXT, role TEXT, parent_id TEXT, content JSON,"
    " output JSON, model_id TEXT, usage JSON, data JSON, created_at INTEGER)"
)


def database_of(path, *chats):
    connection = sqlite3.connect(path)
    with connection:
        connection.execute(
            "CREATE TABLE chat (id TEXT, user_id TEXT, title TEXT, chat JSON, meta JSON,"
            " created_at INTEGER, current_message_id TEXT)"
        )
        for one in chats:
            values = (one["id"], one.get("user_id", "u"), "T", json.dumps(one["chat"]))
            meta = json.dumps(one.get("meta", {}))
            connection.execute("INSERT INTO chat VALUES (?, ?, ?, ?, ?, 1, 'a1')", (*values, meta))
    connection.close()
    return path


async def test_messages_in_a_table_of_their_own_are_read(tmp_path):
    compact = {"title": "T", "models": ["m1"], "history": {"messageStorage": {"version": 1}}}
    path = database_of(tmp_path / "webui.db", {"id": "c", "chat": compact})
    put = "INSERT INTO chat_message VALUES (?, 'c', ?, ?, ?, NULL, ?, ?, ?, ?)"
    usage = json.dumps({"input_tokens": 5, "output_tokens": 2})
    change(
        path,
        (MESSAGE_TABLE, ()),
        (put, ("c-q1", "user", None, '"Which?"', None, None, None, 1700000001)),
        (put, ("c-a1", "assistant", "q1", '"This"', "m1", usage, None, 1700000002)),
        # What is not of the columns stands in the data.
        (put, ("c-a2", "assistant", "q1", None, "m2", None, '{"content": "That"}', 1700000003)),
    )
    found, skipped = read("open-webui", path)
    assert not skipped
    assert talk(found["c"]) == [("user", "Which?"), ("assistant", "This")]
    assert talk(found["c/a2"])[-1] == ("assistant", "That")
    assert messages(found["c"])[1].model == "m1"
    assert (own_usage(found["c"]).input_tokens, own_usage(found["c"]).output_tokens) == (5, 2)

    def grow():
        change(path, (put, ("c-q2", "user", "a1", '"Why?"', None, None, None, 1700000004)))
        change(path, ("UPDATE chat SET current_message_id = 'q2'", ()))

    first, second = await grown("open-webui", path, tmp_path, grow)
    assert first[0] == {"created": 2}
    assert second == ({"updated": 1, "unchanged": 1}, 1)


def test_what_the_program_started_itself_hangs_on_the_message_that_started_it(tmp_path):
    injected = node("q2", "a1", "user", "<subagent>done</subagent>", 3, meta={"internal": True})
    started = {"internal": True, "type": "subagent", "parent_chat_id": "c"}
    of_note = {"internal": True, "type": "note", "note_id": "n"}
    ask = node("s1", None, "user", "Look it up")
    path = database_of(
        tmp_path / "webui.db",
        chat(ask, id_="sub", meta={**started, "parent_message_id": "a1"}, current="s1"),
        chat(ask, id_="lost", meta={"internal": True}, current="s1"),
        chat(ask, id_="noted", meta=of_note, current="s1"),
        chat(*SIDE_BY_SIDE[:2], injected, current="q2"),
        chat(*SIDE_BY_SIDE[:2], id_="copy", user_id="shared-c", current="a1"),
    )
    found, skipped = read("open-webui", path)
    assert not skipped
    assert set(found) == {"c", "sub", "lost", "noted"}
    assert list(found).index("c") < list(found).index("sub")
    kept = found["c"].document
    assert fork_of(found["sub"]) == ("spawn", kept.id, kept.messages("c1")[1].id, 0)
    assert talk(found["c"])[-1] == ("assistant", "This")
    assert len(kept.messages("c1")) == 3
    states = {id_: item.document.session().state.value for id_, item in found.items()}
    assert states == {"c": "suspended", "sub": "suspended", "lost": "archived", "noted": "archived"}


def test_a_branch_without_times_begins_where_it_leaves_the_other(export):
    nodes = [
        node("q1", None, "user", "Which?"),
        node("a1", "q1", "assistant", "This", 2),
        {**node("a2", "q1", "assistant", "That"), "timestamp": None},
    ]
    found = OpenWebuiImporter().read(export(chat(*nodes, current="a1")))
    (fork,) = [session for item in found if (session := item.document.session()).parent]
    at = datetime.fromtimestamp(1700000001, UTC)
    assert (fork.created_at, fork.last_active_at) == (at, at)
