"""A long session, gone through and written anew without ever being held: as if it had been."""

from __future__ import annotations

import json
import random

import pytest
from store_samples import LATER, MOMENT, data, message, place

from tui_sessions.errors import ReadOnlySession, StoreError
from tui_sessions.model.changes import (
    AddChat,
    ClearChat,
    ExtendMessage,
    MergeField,
    PutMessage,
    RemoveChat,
    RemoveMessage,
    SetFields,
    SetMessage,
)
from tui_sessions.stores import session_reader
from tui_sessions.stores.session_reader import SessionReader

ROUNDS = 30


@pytest.fixture(autouse=True)
def everything_is_long(monkeypatch):
    monkeypatch.setattr(session_reader, "LONG", 1)


@pytest.fixture
def whole(monkeypatch):
    """Has all sessions read as a whole from now on, or not."""

    def choose(wanted=True):
        monkeypatch.setattr(session_reader, "LONG", 1 << 60 if wanted else 1)

    return choose


def sample(count=6, **fields):
    made = data("s1", count, **fields)
    made["chats"].append({"theirs": [1], "id": "c3", "messages": [message(90, 'Ä\u2028\n"x"')]})
    return made


def random_change(dice):
    chat, one = dice.choice(["c1", "c1", "c1", "c2", "c3", "new"]), f"m{dice.randrange(12)}"
    text = [{"type": "text", "text": str(dice.random())}]
    return dice.choice(
        [
            PutMessage(chat=chat, value={"id": one, "role": "user", "content": text}),
            SetMessage(chat=chat, message=one, fields={"hidden": dice.random() < 0.5}),
            ExtendMessage(chat=chat, message=one, content=text),
            RemoveMessage(chat=chat, message=one, following=dice.random() < 0.2),
            SetFields(fields={"label": str(dice.random())}),
            MergeField(field="metadata", values={"x": dice.random()}, chat=chat),
            dice.choice(
                [
                    ClearChat(chat="c3"),
                    RemoveChat(chat="c2"),
                    AddChat(value={"id": "new", "messages": [message(3, "Mine"), message(70)]}),
                ]
            ),
        ]
    )


@pytest.mark.parametrize("seed", range(ROUNDS))
async def test_a_fold_gives_the_very_file_that_reading_all_of_it_gives(
    store, sessions, whole, seed
):
    dice = random.Random(seed)
    changes = [[random_change(dice)] for _ in range(dice.randrange(1, 9))]
    texts = []
    for as_a_whole in (True, False):
        whole(as_a_whole)
        name = "whole" if as_a_whole else "copied"
        place(sessions, json.dumps({**sample(), "id": name}).encode(), f"{name}.json")
        await store.save((await store.load(name)).document)  # in our own layout
        for change in changes:
            await store.append(name, change, LATER)
        await store.fold(name)
        assert not (sessions / f"{name}.journal.jsonl").exists()
        texts.append((sessions / f"{name}.json").read_text().replace(name, "s1"))
    assert texts[0] == texts[1]


@pytest.mark.parametrize("seed", range(ROUNDS))
async def test_skimming_shows_every_message_as_it_is_now_and_the_session_as_lists_have_it(
    store, sessions, seed
):
    dice = random.Random(seed)
    place(sessions, json.dumps(sample()).encode(), "s1.json")
    await store.save((await store.load("s1")).document)
    for _ in range(dice.randrange(4)):
        await store.append("s1", [random_change(dice)], LATER)
    shown = []
    skimmed = await store.skim("s1", lambda chat, one: shown.append((chat, json.dumps(one))))
    loaded = await store.load("s1")
    if skimmed is None:  # the journal hid or removed what a chat ended with
        return
    chats = loaded.document.data["chats"]
    every = [(chat["id"], json.dumps(one)) for chat in chats for one in chat["messages"]]
    now = [pair for pair in shown if pair in every]
    assert sorted(now) == sorted(every)
    assert skimmed.document.head == loaded.document.head
    assert skimmed.version == loaded.version


@pytest.mark.parametrize("seed", range(ROUNDS))
async def test_writing_anew_is_appending_and_folding_in_one(store, sessions, seed):
    dice = random.Random(seed)
    before, changes = [random_change(dice)], [random_change(dice) for _ in range(3)]
    texts = []
    for name in ("appended", "anew"):
        place(sessions, json.dumps({**sample(), "id": name}).encode(), f"{name}.json")
        await store.save((await store.load(name)).document)
        await store.append(name, before, MOMENT)
        if name == "appended":
            await store.append(name, changes, LATER)
            await store.fold(name)
        else:
            version = await store.version(name)
            appended = await store.rewrite_if(name, version, changes, LATER)
            assert (appended.before, appended.revision) == (version, 2)
            assert appended.after == await store.version(name)
        assert not (sessions / f"{name}.journal.jsonl").exists()
        texts.append((sessions / f"{name}.json").read_text().replace(name, "s1"))
    assert texts[0] == texts[1]


async def test_what_is_not_changed_keeps_its_very_bytes(store, sessions):
    text = json.dumps(sample(), indent=1)
    place(sessions, text.encode(), "s1.json")
    await store.save((await store.load("s1")).document)
    path = sessions / "s1.json"
    odd = path.read_bytes().replace(b'{"id":"m2",', b'{ "id" :  "m2", "theirs":1e2,')
    path.write_bytes(odd)
    version = await store.version("s1")
    assert await store.rewrite_if("s1", version, [SetFields(fields={"label": "New"})], LATER)
    assert b'{ "id" :  "m2", "theirs":1e2,' in path.read_bytes()


async def test_only_the_version_that_is_named_is_written_anew(store, sessions):
    place(sessions, json.dumps(sample()).encode(), "s1.json")
    await store.save((await store.load("s1")).document)
    version = await store.version("s1")
    await store.append("s1", [SetFields(fields={"label": "Theirs"})], LATER)
    before = {path.name: path.read_bytes() for path in sessions.iterdir()}
    assert await store.rewrite_if("s1", version, [ClearChat(chat="c1")], LATER) is None
    assert {path.name: path.read_bytes() for path in sessions.iterdir()} == before


@pytest.mark.parametrize("value", [object(), "ÿ\ud800", None])
async def test_what_cannot_be_written_leaves_everything_as_it_was(store, sessions, value):
    deep: object = value
    for _ in range(150 if value is None else 0):
        deep = [deep]
    place(sessions, json.dumps(sample()).encode(), "s1.json")
    await store.save((await store.load("s1")).document)
    before = {path.name: path.read_bytes() for path in sessions.iterdir()}
    change = PutMessage(chat="c1", value={"id": "m99", "role": "user", "odd": deep})
    version = await store.version("s1")
    if isinstance(value, str):  # half a character is no reason to refuse the rest
        assert await store.rewrite_if("s1", version, [change], LATER)
        assert (await store.load("s1")).document.chat_data("c1")["messages"][-1]["odd"] == "ÿ\ufffd"
        return
    with pytest.raises(StoreError):
        await store.rewrite_if("s1", version, [change], LATER)
    assert {path.name: path.read_bytes() for path in sessions.iterdir()} == before


async def test_a_newer_format_is_not_written_anew(store, sessions):
    place(sessions, json.dumps(sample()).encode(), "s1.json")
    await store.save((await store.load("s1")).document)
    path = sessions / "s1.json"
    path.write_bytes(path.read_bytes().replace(b'"format": 1', b'"format": 9'))
    with pytest.raises(ReadOnlySession):
        await store.rewrite_if("s1", await store.version("s1"), [ClearChat(chat="c1")], LATER)


@pytest.mark.parametrize(
    "layout", ["compact", "indented", "windows", "no ids", "one id twice", "broken", "numbers"]
)
async def test_a_document_of_another_layout_is_left_to_reading(store, sessions, whole, layout):
    place(sessions, json.dumps(sample()).encode(), "s1.json")
    await store.save((await store.load("s1")).document)
    text = (sessions / "s1.json").read_text()
    text = {
        "compact": json.dumps(json.loads(text)),
        "indented": json.dumps(json.loads(text), indent=1),
        "windows": text.replace("\n", "\r\n"),
        "no ids": text.replace('"id":"m2",', ""),
        "one id twice": text.replace('"id":"m2",', '"id":"m1",'),
        "broken": text[:-9],
        "numbers": text.replace('"messages": []', '"messages": [0]'),
    }[layout]
    place(sessions, text.encode(), "s1.json")
    assert await store.skim("s1", lambda *_: None) is None
    version = await store.version("s1")
    assert await store.rewrite_if("s1", version, [ClearChat(chat="c1")], LATER) is None
    assert (sessions / "s1.json").read_bytes() == text.encode()


async def test_a_long_session_is_folded_without_being_read(store, sessions, monkeypatch):
    place(sessions, json.dumps(sample()).encode(), "s1.json")
    await store.save((await store.load("s1")).document)
    await store.append("s1", [PutMessage(chat="c1", value=message(5, "New"))], LATER)
    monkeypatch.setattr(SessionReader, "read", None)
    await store.fold("s1")
    assert json.loads((sessions / "s1.json").read_text())["revision"] == 1
