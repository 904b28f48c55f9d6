"""ChatGPT's export: trees, shards and archives, and damaged ones."""

import base64
import io
import json
import tracemalloc
import zipfile
from pathlib import Path

import pytest
from example_counts import examples
from hypothesis import HealthCheck, given
from hypothesis import strategies as st

from tui_sessions.model.message import (
    FilePart,
    ImagePart,
    OpaquePart,
    ThinkingPart,
    ToolCallPart,
    ToolResultPart,
)
from tui_sessions.transfer.base import ImportedSession, session_id_for
from tui_sessions.transfer.chatgpt import ChatGPTImporter
from tui_sessions.transfer.json_elements import json_objects
from tui_sessions.transfer.lines import Problems
from tui_sessions.transfer.merge import changes_between

PICTURE = base64.b64decode(
    "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR4nGP4z8DwHwAFAAH/iZk9HQAAAABJRU5ErkJggg=="
)


def node(name, parent, role="user", text="", **message):
    content = {"content_type": "text", "parts": [text]}
    return {
        "id": name,
        "parent": parent,
        "children": [],
        "message": {"id": name, "author": {"role": role}, "content": content, **message},
    }


def conversation(*nodes, current=None, **fields):
    return {
        "id": "c-1",
        "title": "A talk",
        "create_time": 1704067200.5,
        "current_node": current or nodes[-1]["id"],
        "mapping": {"root": {"id": "root", "parent": None, "message": None, "children": []}}
        | {item["id"]: item for item in nodes},
        **fields,
    }


@pytest.fixture
def read(read_all):
    return lambda path: read_all(path, ChatGPTImporter())


@pytest.fixture
def export(tmp_path):
    def write(*conversations, name="conversations.json"):
        path = tmp_path / name
        path.write_text(json.dumps(conversations))
        return path

    return write


def counted(entry):
    """Prompts, replies and visible leaves of a tree, counted without the importer."""
    mapping = entry["mapping"]

    def seen(item):
        message = item.get("message") or {}
        role = (message.get("author") or {}).get("role")
        kind = (message.get("content") or {}).get("content_type")
        said = role in ("user", "assistant") and message.get("recipient") in (None, "all")
        return said and kind in ("text", "multimodal_text")

    inner = {item.get("parent") for item in mapping.values()}
    leaves = [name for name, item in mapping.items() if name not in inner and seen(item)]
    path, current = [], entry["current_node"]
    while current:
        path.append(mapping[current])
        current = mapping[current].get("parent")
    roles = [item["message"]["author"]["role"] for item in path if seen(item)]
    return roles.count("user"), roles.count("assistant"), len(leaves)


@pytest.mark.parametrize(
    "name", ["example-conversation-branch", "native-conversation-v1", "sample_conversation"]
)
def test_a_sample_is_what_its_tree_says(samples, read, name):
    path = samples / "chatgpt" / f"{name}.json"
    data = json.loads(path.read_bytes())
    sessions, skipped = read(path)
    assert not skipped
    for entry in data if isinstance(data, list) else [data]:
        main_id = session_id_for("chatgpt", entry["id"])
        (main,) = [found for found in sessions if found.document.id == main_id]
        forks = [
            found
            for found in sessions
            if (link := found.document.session().parent) and link.session_id == main_id
        ]
        messages = [m for m in main.document.messages("c1") if not m.hidden]
        prompts, replies, leaves = counted(entry)
        assert sum(m.role == "user" for m in messages) == prompts
        assert sum(m.role == "assistant" and bool(m.text) for m in messages) == replies
        assert 1 + len(forks) == leaves
        assert main.document.session().label == entry["title"]
        assert main.workspace.name == "ChatGPT"


def test_thoughts_calls_and_results_of_a_turn_are_told(samples, read):
    (main, fork), _ = read(samples / "chatgpt" / "native-conversation-v1.json")
    messages = main.document.messages("c1")
    kinds = [
        [type(part) for part in m.content] for m in messages if m.role in ("assistant", "tool")
    ]
    assert [kind[:2] for kind in kinds[:2]] == [[ThinkingPart, ToolCallPart], [ToolResultPart]]
    call = messages[2].content[1]
    assert (call.name, call.arguments) == ("browser.search", {"query": "fixture evidence"})
    assert messages[3].content[0].call_id == call.id
    assert {m.model for m in messages if m.role == "assistant"} == {"gpt-5-6-pro"}
    assert "Preserve structured" in main.document.session().chats[0].agent.system_prompt
    link = fork.document.session().parent
    assert link.message_id == messages[1].id
    assert fork.document.messages("c1")[-1].text == "Superseded answer."


def test_an_edited_prompt_and_a_regenerated_reply_are_forks(export, read, talk):
    tree = conversation(
        node("u", "root", text="Hi", create_time=1704067201),
        node("a", "u", "assistant", "Hello"),
        node("b", "u", "assistant", "Howdy"),
        node("v", "b", text="And?"),
        node("w", "b", text="And then?"),
        current="v",
    )
    sessions, skipped = read(export(tree))
    assert not skipped
    assert [[text for _, text in talk(found)] for found in sessions] == [
        ["Hi", "Howdy", "And?"], ["Hi", "Hello"], ["Hi", "Howdy", "And then?"]]  # fmt: skip
    main, first, second = (found.document for found in sessions)
    assert first.session().parent.message_id == main.messages("c1")[0].id
    assert second.session().parent.message_id == main.messages("c1")[1].id
    assert [d.session().chats[0].inherited for d in (main, first, second)] == [0, 1, 2]
    assert main.messages("c1")[1].created_at == main.messages("c1")[0].created_at


def test_ends_that_nobody_saw_are_no_branches(export, read):
    hidden = {"metadata": {"is_visually_hidden_from_conversation": True}}
    tree = conversation(
        node("u", "root", text="Hi"),
        node("a", "u", "assistant", "Hello"),
        node("x", "u", "system", "note"),
        node("y", "u", "assistant", "unseen", **hidden),
        current="a",
    )
    assert len(read(export(tree))[0]) == 1


def test_an_answer_without_a_word_is_no_branch_but_a_picture_is_one(export, read):
    pointer = {"content_type": "image_asset_pointer", "asset_pointer": "sediment://file_000000abc"}
    drawn = {"content_type": "multimodal_text", "parts": [pointer]}
    tree = conversation(
        node("u", "root", text="Draw"),
        node("call1", "u", "assistant", '{"prompt": "cat"}', recipient="dalle.text2im"),
        node("one", "call1", "tool", content=drawn),
        node("call2", "u", "assistant", '{"prompt": "dog"}', recipient="dalle.text2im"),
        node("two", "call2", "tool", content=drawn),
        node("said", "two", "assistant", "Here it is"),
        node("empty", "u", "assistant", ""),
        current="said",
    )
    main, fork = (found.document for found in read(export(tree))[0])
    assert [m.role for m in main.messages("c1")] == ["user", "assistant", "tool", "assistant"]
    assert [m.role for m in fork.messages("c1")] == ["user", "assistant", "tool"]
    assert FilePart("file_000000abc") in fork.messages("c1")[2].content


@pytest.mark.parametrize("current", [None, "gone"])
def test_without_a_current_node_the_newest_leaf_is_active(export, read, talk, current):
    tree = conversation(
        node("u", "root", text="Hi"),
        node("new", "u", "assistant", "New", create_time=1704067209),
        node("old", "u", "assistant", "Old", create_time=1704067201),
    )
    tree["current_node"] = current
    assert talk(read(export(tree))[0][0])[-1] == ("assistant", "New")


def test_parents_are_found_in_lists_of_children_where_none_is_told(export, read, talk):
    tree = conversation(node("u", None, text="Hi"), node("a", None, "assistant", "Hello"))
    tree["mapping"]["u"]["children"] = ["a"]
    del tree["mapping"]["a"]["parent"]
    assert talk(read(export(tree))[0][0]) == [("user", "Hi"), ("assistant", "Hello")]


def test_circles_in_a_tree_end(export, read):
    tree = conversation(node("u", "b", text="Hi"), node("a", "u", text="A"), node("b", "a"))
    assert len(read(export(tree))[0]) == 1


def test_citations_become_links_or_go(export, read, talk):
    mark = "\ue200cite\ue202turn0search1\ue201"
    references = [{"matched_text": mark, "alt": "([Site](https://a.example))"}]
    citations = [{"start_ix": 2, "end_ix": 13,
                  "metadata": {"title": "Doc", "url": "https://b.example"}}]  # fmt: skip
    tree = conversation(
        node("u", "root", text="Hi"),
        node("a", "u", "assistant", f"Yes {mark}\ue200navlist\ue201.",
             metadata={"content_references": references}),
        node("b", "a", "assistant", "So【12†source】, and【3†x】.",
             metadata={"citations": citations}),
    )  # fmt: skip
    assert [text for _, text in talk(read(export(tree))[0][0])][1:] == [
        "Yes ([Site](https://a.example)).", "So ([Doc](https://b.example)), and."]  # fmt: skip


def picture_tree():
    pointer = {
        "content_type": "image_asset_pointer",
        "asset_pointer": "sediment://file_00000000abc",
    }
    return conversation(
        node("u", "root", text="Draw"),
        node("a", "u", "assistant",
             content={"content_type": "multimodal_text", "parts": [pointer, "There"]}),
    )  # fmt: skip


def archive(path: Path, **files: bytes) -> Path:
    with zipfile.ZipFile(path, "w") as made:
        for name, data in files.items():
            made.writestr(name.replace("__", "/") + (".json" if "." not in name else ""), data)
    return path


def test_archives_with_shards_and_pictures_are_read(tmp_path, read, talk):
    second = {**picture_tree(), "id": "c-2"}
    path = tmp_path / "export.zip"
    with zipfile.ZipFile(path, "w") as made:
        made.writestr("conversations-000.json", json.dumps([picture_tree()]))
        made.writestr("conversations-001.json", json.dumps({"conversations": [second]}))
        made.writestr("user.json", '{"email": "x"}')
        made.writestr("user-1/file_00000000abc-sanitized.png", PICTURE)
    sessions, skipped = read(path)
    assert not skipped
    assert [found.path for found in sessions] == [path, path]
    (picture,) = [
        part
        for message in sessions[0].document.messages("c1")
        for part in message.content
        if isinstance(part, ImagePart)
    ]
    assert base64.b64decode(picture.data) == PICTURE
    folder = tmp_path / "unpacked"
    with zipfile.ZipFile(path) as made:
        made.extractall(folder)
    again, skipped = read(folder)
    assert not skipped
    for one, other in zip(sessions, again, strict=True):
        assert one.document.data["chats"] == other.document.data["chats"]
    assert len(read(tmp_path)[0]) == 2


def test_a_picture_that_is_not_there_is_named(export, read):
    parts = read(export(picture_tree()))[0][0].document.messages("c1")[1].content
    assert FilePart("file_00000000abc") in parts


def test_importing_twice_changes_nothing_and_growth_is_added(export, read):
    tree = conversation(node("u", "root", text="Hi"), node("a", "u", "assistant", "Hello"))
    before, again = (read(export(tree))[0][0].document for _ in range(2))
    assert before.data == again.data
    assert changes_between(before, again) == []
    tree["mapping"]["v"] = node("v", "a", text="More")
    tree["current_node"] = "v"
    changes = changes_between(before, read(export(tree))[0][0].document)
    assert [c.value["content"][0]["text"] for c in changes if hasattr(c, "value")] == ["More"]


def test_bad_entries_cost_no_others(tmp_path, read):
    good = json.dumps(conversation(node("u", "root", text="Hi"), title="half \ud83d")).encode()
    path = tmp_path / "conversations.json"
    path.write_bytes(b"\xef\xbb\xbf[7, {}, {]}, " + good + b', {"mapping": {}}, {"mapping": {"a')
    (found,), skipped = read(path)
    assert found.document.session().label == "half ?"
    assert sorted(item.reason for item in skipped) == [
        "a conversation holds no messages",
        "an entry is no ChatGPT conversation",
        "an entry is not JSON",
        "the file ends within an entry",
    ]


def test_archived_and_unnamed_conversations(export, read):
    tree = conversation(node("u", "root", text="Hi"), title=None, is_archived=True)
    session = read(export(tree))[0][0].document.session()
    assert (session.state, session.label) == ("archived", "Hi")


def test_unknown_content_is_kept(export, read):
    odd = {"content_type": "hologram", "depth": 3}
    tree = conversation(node("u", "root", text="Hi"), node("a", "u", "assistant", content=odd))
    assert OpaquePart(odd) in read(export(tree))[0][0].document.messages("c1")[1].content


@pytest.mark.parametrize("data", [b"", b"[]", b"PK\x03\x04 no zip", b"\0" * 50, b"[[[[", b'["\\'])
def test_what_is_no_export_is_told_or_empty(tmp_path, read, data):
    path = tmp_path / "conversations.json"
    path.write_bytes(data)
    sessions, _ = read(path)
    assert not sessions
    damaged = tmp_path / "x.zip"
    damaged.write_bytes(archive(tmp_path / "y.zip", conversations=b"[]").read_bytes()[:60])
    assert read(damaged)[1]
    assert read(tmp_path / "none")[1]


def test_a_large_export_is_never_held_in_memory(tmp_path, read):
    path = tmp_path / "conversations.json"
    filler = {"content_type": "text", "parts": ["x" * 300_000]}
    with path.open("w") as file:
        for number in range(120):
            tree = conversation(node("u", "root", text="Hi"), node("a", "u", content=filler))
            file.write(("," if number else "[") + json.dumps({**tree, "id": f"c-{number}"}))
        file.write("]")
    tracemalloc.start()
    try:
        count = sum(isinstance(f, ImportedSession) for f in ChatGPTImporter().read(path))
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert count == 120
    assert peak < 12_000_000


TEXTS = st.text('ab"\\\\{}[], \\n\u00e9', max_size=6)


@given(
    st.lists(st.recursive(TEXTS | st.integers() | st.none(), lambda inner: st.lists(inner)
                          | st.dictionaries(TEXTS, inner), max_leaves=8), max_size=6),
    st.integers(1, 40),
)  # fmt: skip
def test_an_array_is_cut_up_where_its_elements_end(values, step):
    class Trickle(io.BytesIO):
        def read(self, size=-1):
            return super().read(min(size, step) if size > 0 else size)

    data = json.dumps(values).encode()
    found = list(json_objects(Trickle(data), Problems(Path("x")), "conversations"))
    assert found == [value for value in values if isinstance(value, dict)]


@pytest.mark.parametrize(
    "large",
    ['{"a": "%s"}' % ("x" * 300), '{"a": [%s 1]}' % ("1, " * 200), '"%s"' % ("x" * 300),
     '{"a": "%s"}' % ('\\"]}' * 90), '"%s"' % ("\\\\" * 150)],
    ids=["text", "numbers", "text alone", "escapes", "escapes alone"],
)  # fmt: skip
@pytest.mark.parametrize("step", [1, 7, 1000])
def test_an_element_that_is_too_large_costs_no_other(large, step):
    class Trickle(io.BytesIO):
        def read(self, size=-1):
            return super().read(min(size, step) if size > 0 else size)

    problems = Problems(Path("x"))
    data = f'[{{"n": 1}}, {large}, {{"n": 2}}]'.encode()
    assert list(json_objects(Trickle(data), problems, "c", 200)) == [{"n": 1}, {"n": 2}]
    assert sum(skipped.count for skipped in problems.skipped()) == large.startswith("{")


def test_what_would_unpack_to_nothing_but_size_is_refused(tmp_path, read):
    path = tmp_path / "export.zip"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as made:
        with made.open("conversations-000.json", "w", force_zip64=True) as file:
            for _ in range(300):
                file.write(b" " * 1024 * 1024)
        made.writestr("conversations-001.json", json.dumps([picture_tree()]))
    sessions, (skipped,) = read(path)
    assert len(sessions) == 1
    assert "0.3 GB" in skipped.reason


def test_how_far_an_archive_is_read_is_told(tmp_path):
    trees = [{**picture_tree(), "id": f"c-{number}"} for number in range(40)]
    path = archive(tmp_path / "x.zip", **{
        f"conversations-00{place}": json.dumps(trees[place::2]).encode() for place in (0, 1)
    })  # fmt: skip
    shares = [found.share for found in ChatGPTImporter().read(path)]
    assert shares == sorted(shares)
    assert shares[0] < 0.6 < shares[-1] <= 1


def test_downloads_are_searched_for_exports(tmp_path, monkeypatch):
    monkeypatch.setattr("platformdirs.user_downloads_dir", lambda: str(tmp_path))
    assert ChatGPTImporter().find() == []
    tree = json.dumps([picture_tree()]).encode()
    mine = archive(tmp_path / "a.zip", conversations=tree, user=b"{}")
    archive(tmp_path / "b.zip", conversations=tree, users=b"[]")
    (tmp_path / "c.zip").write_bytes(b"no zip")
    assert ChatGPTImporter().find() == [mine]


@examples(15, HealthCheck.function_scoped_fixture)
@given(chance=st.randoms(use_true_random=False))
def test_no_damage_makes_the_import_fail(samples, tmp_path, damaged, chance):
    sample = samples / "chatgpt" / "native-conversation-v1.json"
    path = tmp_path / sample.name
    path.write_bytes(damaged(sample.read_bytes(), chance))
    for found in ChatGPTImporter().read(path):
        if isinstance(found, ImportedSession):
            json.dumps(found.document.data, ensure_ascii=False).encode()


@examples(20, HealthCheck.function_scoped_fixture)
@given(chance=st.randoms(use_true_random=False))
def test_values_of_other_kinds_harm_nothing(samples, tmp_path, swapped, chance):
    sample = json.loads((samples / "chatgpt" / "native-conversation-v1.json").read_bytes())
    path = tmp_path / "x.json"
    path.write_text(json.dumps([swapped(sample, chance)]))
    for found in ChatGPTImporter().read(path):
        if isinstance(found, ImportedSession):
            json.dumps(found.document.data, ensure_ascii=False).encode()
