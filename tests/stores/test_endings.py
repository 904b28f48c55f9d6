"""The end of a long chat, read without the rest: the very messages, or nothing."""

from __future__ import annotations

import json
from datetime import timedelta

import pytest
from store_samples import LATER, data, message, place

from tui_sessions.model.changes import (
    AddChat,
    AddTo,
    ClearChat,
    ExtendMessage,
    MergeField,
    PutMessage,
    RemoveChat,
    RemoveFrom,
    RemoveMessage,
    SetFields,
    SetMessage,
)
from tui_sessions.model.clock import format_time
from tui_sessions.model.document import SessionDocument

LONG = 600
WORDS = "a few words about nothing much, to make it long enough; " * 6


def said(number, **extra):
    role = "assistant" if number % 2 else "user"
    return message(number, f"{number} {WORDS}", role=role, **extra)


def document(messages, *, more_chats=(), **fields):
    whole = data("s1", **fields)
    whole["chats"] = [
        {"id": "c1", "name": "Chat", "messages": messages},
        *more_chats,
    ]
    return whole


async def known(store):
    """The session and its version, as the catalog has them."""
    stored = await store.load("s1")
    return stored.document.session(), stored.version


async def ending(store):
    return await store.ending(*await known(store))


@pytest.mark.parametrize("layout", ["ours", "compact", "indented"])
async def test_the_last_messages_are_those_of_the_file(store, sessions, layout):
    whole = document([said(number) for number in range(LONG)])
    text = json.dumps(whole, indent=4 if layout == "indented" else None)
    place(sessions, text.encode(), "s1.json")
    if layout == "ours":
        stored = await store.load("s1")
        await store.save(stored.document)
    found = await ending(store)
    assert found is not None
    assert 16 <= len(found) < LONG
    assert found[0]["role"] == "user"
    assert found == (await store.load("s1")).document.data["chats"][0]["messages"][-len(found) :]


async def test_texts_that_look_like_messages_are_none(store, sessions):
    trap = 'and "messages": [{"id": "fake", "role": "user"}, {"id":"x"}]}]} \\ {"id": '
    messages = [said(number) for number in range(LONG)]
    for one in messages:
        one["content"] = [
            {"type": "text", "text": one["content"][0]["text"] + trap},
            {"type": "tool_call", "id": "t", "name": "f", "arguments": {"list": [{"id": "y"}]}},
        ]
    place(sessions, json.dumps(document(messages)).encode(), "s1.json")
    found = await ending(store)
    assert found is not None
    assert found == messages[-len(found) :]


async def test_what_follows_the_messages_of_the_chat_does_not_matter(store, sessions):
    messages = [said(number) for number in range(LONG)]
    other = {"id": "c2", "name": "Other", "messages": [message(0, "short")], "tags": ["x"]}
    whole = document(messages, more_chats=[other], active_chat_id="c1")
    whole["later"] = {"of another program": [{"id": 1}]}
    place(sessions, json.dumps(whole).encode(), "s1.json")
    found = await ending(store)
    assert found is not None
    assert found == messages[-len(found) :]


async def test_a_chat_that_is_not_at_the_end_of_the_file_is_loaded(store, sessions):
    many = [said(number) for number in range(LONG)]
    other = {"id": "c2", "name": "Other", "messages": [said(n) for n in range(6 * LONG)]}
    whole = document(many, more_chats=[other], active_chat_id="c1")
    place(sessions, json.dumps(whole).encode(), "s1.json")
    assert await ending(store) is None


async def test_a_list_of_something_else_at_the_end_is_not_taken_for_messages(store, sessions):
    messages = [said(number) for number in range(LONG)]
    whole = document(messages)
    whole["chats"][0]["log"] = [said(number, hidden=True) for number in range(6 * LONG)]
    place(sessions, json.dumps(whole).encode(), "s1.json")
    assert await ending(store) is None


async def test_another_version_is_loaded(store, sessions):
    path = place(sessions, json.dumps(document([said(n) for n in range(LONG)])).encode(), "s1.json")
    session, version = await known(store)
    assert await store.ending(session, version) is not None
    assert await store.ending(session, version + "x") is None
    await store.append("s1", [AddTo(field="tags", value="x")], LATER)
    assert await store.ending(session, version) is None
    path.unlink()
    assert await store.ending(session, version) is None


def later(number, **extra):
    """A message that was written after all those of the document."""
    moment = format_time(LATER + timedelta(seconds=number))
    return said(number, **extra) | {"created_at": moment}


async def long_chat(store, *, more_chats=()):
    """A session in our own layout, which holds every message in the document."""
    whole = document([said(number) for number in range(LONG)], more_chats=more_chats)
    await store.save(SessionDocument(whole), create=True)


async def test_what_a_journal_adds_and_changes_is_in_the_ending(store):
    await long_chat(store)
    await store.append("s1", [PutMessage(chat="c1", value=later(LONG))], LATER)
    growing = later(LONG + 1, status="partial")
    await store.append("s1", [PutMessage(chat="c1", value=growing)], LATER)
    more = [{"type": "text", "text": " and more"}]
    await store.append(
        "s1", [ExtendMessage(chat="c1", message=f"m{LONG + 1}", content=more)], LATER
    )
    ours = {"metadata": {"note": "ours"}}
    for number in (2, LONG - 1, LONG):
        change = SetMessage(chat="c1", message=f"m{number}", fields=ours)
        await store.append("s1", [change, SetFields(fields={"label": "Other"})], LATER)
    found = await ending(store)
    assert found is not None
    assert [one["id"] for one in found[-2:]] == [f"m{LONG}", f"m{LONG + 1}"]
    assert found == (await store.load("s1")).document.data["chats"][0]["messages"][-len(found) :]


async def test_what_a_journal_does_to_another_chat_does_not_matter(store):
    await long_chat(store, more_chats=[{"id": "c2", "name": "Other", "messages": []}])
    whole = await ending(store)
    await store.append("s1", [PutMessage(chat="c2", value=later(1))], LATER)
    assert whole is not None
    assert await ending(store) == whole


@pytest.mark.parametrize(
    "change",
    [
        RemoveMessage(chat="c1", message="m3"),
        ClearChat(chat="c1"),
        RemoveChat(chat="c2"),
        AddChat(value={"id": "c3", "messages": []}),
        PutMessage(chat="c1", value=said(3, hidden=True)),
        ExtendMessage(chat="c1", message="m3", content=[{"type": "text", "text": "more"}]),
    ],
    ids=lambda change: type(change).__name__,
)
async def test_a_journal_that_takes_away_or_reaches_further_up_is_loaded(store, change):
    await long_chat(store, more_chats=[{"id": "c2", "name": "Other", "messages": []}])
    await store.append("s1", [change], LATER)
    assert await ending(store) is None


async def test_a_journal_that_the_document_holds_already_is_loaded(store, sessions):
    await long_chat(store)
    await store.append("s1", [PutMessage(chat="c1", value=later(LONG))], LATER)
    [journal] = sessions.glob("s1.journal*")
    kept = journal.read_bytes()
    await store.fold("s1")
    journal.write_bytes(kept)  # as after a crash in between
    assert await ending(store) is None


async def test_a_journal_beside_a_document_of_another_layout_is_loaded(store, sessions):
    whole = document([said(number) for number in range(LONG)])
    place(sessions, json.dumps(whole, indent=1).encode(), "s1.json")
    await store.append("s1", [PutMessage(chat="c1", value=later(LONG))], LATER)
    assert await ending(store) is None


async def test_a_journal_that_leaves_the_messages_alone_is_no_hindrance(store, sessions):
    place(sessions, json.dumps(document([said(n) for n in range(LONG)])).encode(), "s1.json")
    whole = await ending(store)
    changes = [
        AddTo(field="surfaces", value="tty:1"),
        SetFields(fields={"label": "Other"}),
        SetFields(chat="c1", fields={"name": "Other"}),
        MergeField(field="metadata", values={"a": 1}),
        RemoveFrom(field="surfaces", value="tty:1"),
    ]
    await store.append("s1", changes, LATER)
    session, version = await known(store)
    assert session.label == "Other"
    assert await store.ending(session, version) == whole
    journal = next(sessions.glob("s1.journal*"))
    journal.write_bytes(journal.read_bytes() + b'{"revision"')
    assert await ending(store) is None


async def test_a_chat_without_a_prompt_near_its_end_is_loaded(store, sessions):
    messages = [said(number) for number in range(4)]
    messages += [said(number) | {"role": "assistant"} for number in range(4, 6 * LONG)]
    place(sessions, json.dumps(document(messages)).encode(), "s1.json")
    assert await ending(store) is None
