"""Documents and messages: what they stand for, what changes make of them, what they tolerate."""

import copy
from collections.abc import Iterator
from datetime import datetime
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tui_sessions import (
    FilePart,
    ImagePart,
    Message,
    OpaquePart,
    SummaryPart,
    TextPart,
    ThinkingPart,
    ToolCallPart,
    ToolResultPart,
    Usage,
)
from tui_sessions.model.changes import (
    AddChat,
    AddTo,
    Change,
    ClearChat,
    ExtendMessage,
    JournalEntry,
    MergeField,
    PutMessage,
    RemoveChat,
    RemoveFrom,
    RemoveMessage,
    SetFields,
    SetMessage,
)
from tui_sessions.model.clock import now
from tui_sessions.model.codec import is_json, message_data, message_from, own_message, parts_data
from tui_sessions.model.document import SessionDocument
from tui_sessions.model.format import DocumentError

AT = "2026-11-20T22:14:00.123Z"
LEAST: dict[str, Any] = {"format": 1, "id": "s", "created_at": AT, "chats": []}


def counted(chat_id: str, *ids: str | None) -> dict[str, Any]:
    """A chat whose messages say where they stand."""
    messages = [{"id": each, "content": f"{chat_id}.{n}"} for n, each in enumerate(ids, start=1)]
    return {"id": chat_id, "messages": messages}


PARTS = (
    TextPart("text"),
    ThinkingPart("hm"),
    ToolCallPart("t", "ls", {"a": [1, None, {"b": 1.5}]}),
    ToolResultPart("t", "out", is_error=True),
    ImagePart("image/png", data="AAAA"),
    ImagePart("image/png", path="/x.png"),
    FilePart("a.txt", "text/plain", "/a.txt"),
    SummaryPart("so far"),
    OpaquePart({"type": "video", "url": "x"}),
    OpaquePart({"type": "opaque", "data": {"x": 1}}),
    OpaquePart({"no": "type"}),
)


def document(**fields: Any) -> SessionDocument:
    return SessionDocument(copy.deepcopy(LEAST) | fields)


def apply(own: SessionDocument, *changes: Change) -> SessionDocument:
    own.apply_entry(JournalEntry(revision=own.revision + 1, at=AT, changes=changes))
    return own


def chat(chat_id: str, *texts: str, **fields: Any) -> dict[str, Any]:
    messages = [{"id": f"{chat_id}{t}", "content": [{"type": "text", "text": t}]} for t in texts]
    return {"id": chat_id, "messages": messages, **fields}


def said(own: SessionDocument, chat_id: str) -> list[str]:
    return [message.text for message in own.messages(chat_id)]


def test_a_message_with_every_kind_of_part_survives_writing() -> None:
    message = Message(
        id="m",
        role="assistant",
        content=PARTS,
        created_at=now(),
        status="stopped",
        hidden=True,
        model="x",
        elapsed_s=0.0,
        usage=Usage(input_tokens=1, cost_usd=0.0),
        error="none",
        metadata={"a": [1]},
    )
    data = message_data(message)
    assert message_from(msgspec.json.decode(msgspec.json.encode(data))) == message
    own = own_message(message)
    assert own == message
    assert own.metadata is not message.metadata


_json = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(2**53), 2**53)
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=8,
)
_parts = st.one_of(
    st.builds(TextPart, st.text()),
    st.builds(ThinkingPart, st.text()),
    st.builds(ToolCallPart, st.text(), st.text(), _json),
    st.builds(ToolResultPart, st.text(), st.text(), st.booleans()),
    st.builds(SummaryPart, st.text()),
)


@given(st.lists(_parts), st.text(), st.dictionaries(st.text(), _json, max_size=3))
def test_any_message_survives_writing(parts: list[Any], name: str, metadata: Any) -> None:
    message = Message(id=name, content=tuple(parts), metadata=metadata)
    if is_json(message_data(message)):
        written = msgspec.json.encode(message_data(message))
        assert message_from(msgspec.json.decode(written)) == message


@given(
    st.dictionaries(
        st.sampled_from(
            [
                *("id", "role", "content", "created_at", "status", "hidden"),
                *("model", "elapsed_s", "usage", "error", "metadata", "x"),
            ]
        ),
        _json | st.lists(st.dictionaries(st.sampled_from(["type", "text", "id"]), _json)),
    )
)
def test_nothing_in_a_file_makes_reading_a_message_fail(data: dict[str, Any]) -> None:
    message = message_from(data)
    assert isinstance(message.text, str)
    assert isinstance(message_data(message), dict)
    message_from(message_data(message))


@pytest.mark.parametrize("content", ["plain", {"type": "text", "text": "plain"}, ["plain"]])
def test_content_in_other_shapes_is_understood(content: Any) -> None:
    assert message_from({"id": "m", "content": content}).text == "plain"


def test_a_document_needs_four_keys_and_all_else_has_a_default() -> None:
    session = document().session()
    assert (session.workspace_id, session.user_id, session.label) == ("default", "", "")
    assert (session.state, session.tags, session.active_chat_id) == ("created", (), None)
    assert session.created_at == session.updated_at == session.last_active_at


@pytest.mark.parametrize(
    "damage",
    [
        {"format": None}, {"format": True}, {"format": 0}, {"format": "1"},
        {"id": None}, {"id": "../x"}, {"created_at": "x"}, {"created_at": None},
        {"chats": None}, {"chats": {}}, {"chats": [5]}, {"chats": [{"id": "a/b", "messages": []}]},
        {"chats": [{"id": "c"}]}, {"chats": [chat("c"), chat("c")]},
        {"chats": [{"id": "c", "messages": ["x"]}]},
        {"state": "odd"}, {"tags": 5}, {"metadata": [1]}, {"ttl_s": "x"}, {"parent": 5},
    ],
)  # fmt: skip
def test_what_does_not_hold_together_is_refused(damage: dict[str, Any]) -> None:
    with pytest.raises(DocumentError):
        document(**damage)
    with pytest.raises(DocumentError):
        SessionDocument([])  # type: ignore[arg-type]


def test_null_stands_for_the_default() -> None:
    own = document(
        user_id=None, label=None, tags=None, metadata=None, surfaces=None, state=None,
        chats=[chat("c", name=None, tags=None, inherited=None)],
    )  # fmt: skip
    assert own.session().tags == ()
    assert own.session().chats[0].name == "Chat"
    apply(own, MergeField(field="metadata", values={"a": 1}), AddTo(field="surfaces", value="t"))
    assert own.session().metadata == {"a": 1}
    assert own.session().surfaces == ("t",)


def test_an_active_chat_that_is_not_there_gives_way_to_the_first() -> None:
    own = document(active_chat_id="gone", chats=[chat("a"), chat("b")])
    assert own.session().active_chat_id == "a"


def test_a_newer_format_is_read_only() -> None:
    assert document(format=2).read_only
    assert document(format=2).session().read_only
    assert not document().read_only


def test_a_snapshot_shares_nothing_with_the_document() -> None:
    own = document(metadata={"a": [1]})
    own.session().metadata["a"].append(2)
    assert own.session().metadata == {"a": [1]}
    other = own.copy()
    apply(other, SetFields(fields={"label": "x"}))
    assert own.session().label == ""


def test_fields_lists_and_objects_change() -> None:
    own = document(tags=["a"], metadata={"a": 1, "b": 2}, other={"kept": True})
    apply(
        own,
        SetFields(fields={"label": "L"}),
        AddTo(field="tags", value="b"),
        AddTo(field="tags", value="b"),
        RemoveFrom(field="tags", value="a"),
        MergeField(field="metadata", values={"c": 3}, remove=("a", "zz")),
    )
    session = own.session()
    assert (session.label, session.tags, session.metadata) == ("L", ("b",), {"b": 2, "c": 3})
    assert own.data["other"] == {"kept": True}


def test_messages_of_one_id_are_told_apart_in_their_chat_and_between_chats() -> None:
    chats = [counted("c1", "m1", "m2", "m1"), counted("c2", "m1", None, "c1-3", "m9")]
    document = SessionDocument({**LEAST, "chats": copy.deepcopy(chats)})
    ids = [message.id for chat in ("c1", "c2") for message in document.messages(chat)]
    assert len(set(ids)) == len(ids) == 7
    assert ids[:2] == ["m1", "m2"]
    assert ids[-1] == "m9"
    texts = {message.id: message.text for c in ("c1", "c2") for message in document.messages(c)}
    for message_id, text in texts.items():
        chat_id = document.chat_of(message_id)
        assert chat_id is not None
        assert text.startswith(chat_id)
    again = SessionDocument({**LEAST, "chats": copy.deepcopy(chats)})
    assert [message.id for c in ("c1", "c2") for message in again.messages(c)] == ids


def test_a_message_that_two_documents_share_keeps_its_id_in_the_other() -> None:
    message = {"id": "m1", "content": "shared"}
    SessionDocument({**LEAST, "chats": [{"id": c, "messages": [message]} for c in ("c1", "c2")]})
    assert message["id"] == "m1"


@pytest.mark.parametrize("read_between", [True, False])
def test_each_change_moves_the_time_of_change_also_when_the_clock_was_set_back(
    read_between: bool,
) -> None:
    own = document(chats=[{"id": "c1", "messages": []}], updated_at="2030-01-01T00:00:00Z")
    seen = [own.session().updated_at]
    for number in range(3):
        message = {"id": f"m{number}", "role": "user", "content": []}
        put = PutMessage(chat="c1", value=message)
        own.apply_entry(JournalEntry(revision=own.revision + 1, at=AT, changes=(put,)))
        if read_between:
            seen.append(own.session().updated_at)
    seen.append(own.copy().session().updated_at)
    assert own.session().updated_at == seen[-1]
    assert sorted(set(seen)) == (seen[:-1] if read_between else seen)


def test_no_time_of_change_is_beyond_the_calendar() -> None:
    own = document(updated_at="9999-12-31T23:59:59.999999Z")
    own.apply_entry(JournalEntry(revision=1, at=AT, changes=()))
    assert own.session().updated_at.year == 9999


def test_an_entry_is_taken_in_once_and_time_only_grows() -> None:
    own = document(updated_at="2030-01-01T00:00:00+02:00", tags=[])
    entry = JournalEntry(revision=1, at=AT, changes=(AddTo(field="tags", value="a"),))
    assert own.apply_entry(entry) is True
    assert own.apply_entry(entry) is False
    assert own.revision == 1
    assert own.session().updated_at.year == 2029
    assert own.session().updated_at > datetime.fromisoformat("2030-01-01T00:00:00+02:00")
    strange = document(updated_at="zzz")
    strange.apply_entry(entry)
    assert strange.session().updated_at == datetime.fromisoformat(AT)


def test_messages_are_put_extended_set_and_removed() -> None:
    own = document(chats=[chat("c", "a", "b", "d", inherited=2)])
    assert said(own, "c") == ["a", "b", "d"]
    put = PutMessage(chat="c", value={"id": "new", "content": [{"type": "text", "text": "e"}]})
    more = [{"type": "text", "text": "f"}, {"type": "thinking", "text": "g"}]
    apply(own, put, ExtendMessage(chat="c", message="new", content=more))
    assert own.messages("c")[-1].content == (TextPart("ef"), ThinkingPart("g"))
    apply(own, SetMessage(chat="c", message="new", fields={"status": "stopped"}))
    assert own.messages("c")[-1].status == "stopped"
    apply(own, RemoveMessage(chat="c", message="ca"))
    assert (said(own, "c")[:2], own.session().chats[0].inherited) == (["b", "d"], 1)
    apply(own, RemoveMessage(chat="c", message="cb", following=True))
    assert (said(own, "c"), own.session().chats[0].inherited) == ([], 0)
    assert own.chat_of("new") is None


def test_chats_come_and_go() -> None:
    own = apply(document(), AddChat(value={"id": "a"}), AddChat(value=chat("b", "x")))
    assert own.session().active_chat_id == "a"
    apply(own, AddChat(value={"id": "a", "name": "Again"}), RemoveChat(chat="a"))
    assert own.session().active_chat_id == "b"
    apply(own, ClearChat(chat="b"))
    assert own.session().message_count == 0
    apply(own, RemoveChat(chat="b"))
    assert own.session().active_chat_id is None


def test_changes_to_what_is_gone_do_nothing() -> None:
    own = document(chats=[chat("c", "a")])
    before = copy.deepcopy(own.data["chats"])
    apply(
        own,
        SetFields(fields={"name": "x"}, chat="gone"),
        MergeField(field="metadata", values={"x": 1}, chat="gone"),
        RemoveChat(chat="gone"),
        PutMessage(chat="gone", value={"id": "m"}),
        ExtendMessage(chat="c", message="gone", content=[]),
        SetMessage(chat="c", message="gone", fields={"x": 1}),
        RemoveMessage(chat="c", message="gone", following=True),
        ClearChat(chat="gone"),
        RemoveFrom(field="tags", value="gone"),
    )
    assert own.data["chats"] == before


_names = st.sampled_from(["a", "b", "c"])
_text = st.lists(
    st.builds(dict, type=st.sampled_from(["text", "thinking"]), text=st.text(max_size=3))
)
_changes = st.one_of(
    st.builds(lambda i: AddChat(value={"id": i}), _names),
    st.builds(lambda i: RemoveChat(chat=i), _names),
    st.builds(
        lambda c, m, t: PutMessage(chat=c, value={"id": m, "content": t}), _names, _names, _text
    ),
    st.builds(lambda c, m, t: ExtendMessage(chat=c, message=m, content=t), _names, _names, _text),
    st.builds(
        lambda c, m, f: RemoveMessage(chat=c, message=m, following=f), _names, _names, st.booleans()
    ),
    st.builds(lambda c, m: SetMessage(chat=c, message=m, fields={"status": "x"}), _names, _names),
    st.builds(lambda c: ClearChat(chat=c), _names),
    st.builds(lambda n: AddTo(field="tags", value=n), _names),
    st.builds(lambda n: RemoveFrom(field="tags", value=n), _names),
    st.builds(lambda n: MergeField(field="metadata", values={n: 1}, remove=("b",)), _names),
    st.builds(lambda n: SetFields(fields={"label": n}), _names),
    st.builds(lambda c, n: SetFields(fields={"name": n}, chat=c), _names, _names),
    st.builds(lambda c, n: MergeField(field="metadata", values={n: 1}, chat=c), _names, _names),
    st.builds(lambda n: SetFields(fields={"active_chat_id": n}), _names),
)


@given(st.lists(_changes, max_size=30))
def test_any_changes_leave_a_sound_document_and_what_was_read_before_is_current(
    changes: list[Change],
) -> None:
    watched, plain = document(), document()
    for change in changes:
        apply(watched, change)
        for each in watched.session().chats:  # fills what is remembered between changes
            watched.messages(each.id)
            watched.place_of(each.id, "a")
    for change in changes:
        apply(plain, *msgspec.json.decode(msgspec.json.encode([change]), type=list[Change]))
    assert watched.data == plain.data
    fresh = watched.copy()
    assert watched.session() == fresh.session()
    for each in fresh.session().chats:
        assert watched.messages(each.id) == fresh.messages(each.id)
        for place, message in enumerate(fresh.messages(each.id)):
            assert watched.place_of(each.id, message.id) == place
    active = watched.session().active_chat_id
    assert (active is None) == (not watched.session().chats)
    assert active is None or watched.session().chat(active) is not None


def test_parts_of_an_unknown_kind_come_back_as_they_were() -> None:
    data = [{"type": "video", "deep": {"x": [1]}}, {"type": "text", "text": 5}]
    message = message_from({"id": "m", "content": data})
    assert all(isinstance(part, OpaquePart) for part in message.content)
    assert parts_data(message.content) == data


class Walked(list[dict[str, Any]]):
    """Chats that count how often they are gone through."""

    walks = 0

    def __iter__(self) -> Iterator[dict[str, Any]]:
        self.walks += 1
        return super().__iter__()

    def __reversed__(self) -> Iterator[dict[str, Any]]:
        self.walks += 1
        return super().__reversed__()


def test_chats_are_found_without_going_through_all_of_them_for_each() -> None:
    chats = Walked(chat(f"c{number}", f"m{number}") for number in range(50))
    own = document(chats=chats)
    before = chats.walks
    for number in range(50):
        assert own.messages(f"c{number}")[0].id == f"c{number}m{number}"
    assert chats.walks <= before + 1


def test_of_many_chats_only_those_that_change_are_looked_at_again() -> None:
    own = document(chats=[chat(f"c{number}", "a") for number in range(4)])
    before = own.head.chats
    apply(own, SetFields(fields={"label": "x"}))
    apply(own, SetFields(fields={"name": "New"}, chat="c1"), RemoveChat(chat="c0"))
    apply(own, AddChat(value=chat("c0", "b")))
    first, *others, last = own.head.chats
    assert (own.head.label, first.name, last.preview) == ("x", "New", "b")
    assert all(one is known for one, known in zip(others, before[2:], strict=True))


def test_a_chat_is_found_as_long_as_it_is_there_and_by_the_id_it_has() -> None:
    own = document(chats=[chat("a"), chat("b")])
    assert own.chat_data("c") is None
    apply(own, AddChat(value=chat("c", "x")), RemoveChat(chat="a"))
    assert own.chat_data("a") is None
    assert said(own, "c") == ["x"]
    apply(own, SetFields(fields={"id": "d"}, chat="b"))
    assert own.chat_data("b") is None
    assert own.chat_data("d") is own.data["chats"][0]
