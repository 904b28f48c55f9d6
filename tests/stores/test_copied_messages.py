"""The text of a fork's messages: copied where its parent's file has it, else made anew."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import msgspec
import pytest
from store_samples import LATER, data, message, put

from tui_sessions.model.changes import SetFields
from tui_sessions.model.document import SessionDocument
from tui_sessions.stores import copied_messages, encoding
from tui_sessions.stores.file import FileStore

MANY = 60


def parent_data(**of_chat: Any) -> dict[str, Any]:
    chat = {"id": "c1", "name": "Coder", **of_chat, "messages": [message(n) for n in range(MANY)]}
    return data(chats=[chat])


def forked(parent: SessionDocument, version: str) -> SessionDocument:
    """A whole fork of a session that the store has in this version."""
    [chat] = parent.data["chats"]
    copy = {**chat, "messages": list(chat["messages"]), "inherited": len(chat["messages"])}
    head = {**parent.data, "id": "s2", "label": "Fork", "chats": [copy]}
    return SessionDocument(head, parent=parent, twin=(parent.id, version))


async def loaded_fork(store: FileStore) -> SessionDocument:
    """What the store has of a fork of the session it has."""
    stored = await store.load("s1")
    fork = forked(stored.document, stored.version)
    await store.save(fork, create=True)
    found = (await store.load("s2")).document
    assert found.data == fork.data
    assert found.data["chats"][0]["messages"] == stored.document.data["chats"][0]["messages"]
    return found


@pytest.fixture
def encoded(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """How many messages were made a text of, each time."""
    seen: list[int] = []
    whole = encoding.Messages.__iter__

    def noted(self: encoding.Messages) -> Any:
        seen.append(len(self._messages))
        return whole(self)

    monkeypatch.setattr(encoding.Messages, "__iter__", noted)
    return seen


async def test_the_messages_of_a_fork_are_the_very_bytes_of_its_parents_file(
    store: FileStore, sessions: Path, encoded: list[int]
) -> None:
    await store.save(SessionDocument(parent_data()), create=True)
    path = sessions / "s1.json"
    # As another program may write it: the same, with a space more.
    path.write_bytes(path.read_bytes().replace(b'"role":"user"', b'"role": "user"'))
    encoded.clear()
    await loaded_fork(store)
    assert not encoded
    lines = [
        [line for line in (sessions / name).read_bytes().split(b"\n") if b'"role"' in line]
        for name in ("s1.json", "s2.json")
    ]
    assert len(lines[0]) == MANY
    assert lines[0] == lines[1]


async def test_a_fork_and_its_fork_are_laid_out_as_if_they_were_encoded(
    store: FileStore, sessions: Path
) -> None:
    await store.save(SessionDocument(parent_data()), create=True)
    found = await loaded_fork(store)
    members = encoding.encode_members(found.data)
    assert (sessions / "s2.json").read_bytes() == encoding.join_members(members)


@pytest.mark.parametrize("journal", [True, False])
async def test_a_parent_that_has_changed_since_it_was_read_is_forked_as_it_was_read(
    store: FileStore, sessions: Path, encoded: list[int], journal: bool
) -> None:
    await store.save(SessionDocument(parent_data()), create=True)
    before = await store.load("s1")
    await store.append("s1", [put(MANY), SetFields(fields={"label": "New"})], LATER)
    if not journal:
        await store.fold("s1")
    encoded.clear()
    fork = forked(before.document, before.version)
    await store.save(fork, create=True)
    assert encoded == ([] if journal else [MANY])  # a journal leaves the document as it was
    assert (await store.load("s2")).document.data == fork.data


async def test_a_parent_with_a_journal_or_without_a_file_is_not_copied_from(
    store: FileStore, sessions: Path, encoded: list[int]
) -> None:
    await store.save(SessionDocument(parent_data()), create=True)
    await store.append("s1", [put(MANY)], LATER)
    encoded.clear()
    await loaded_fork(store)
    assert encoded == [MANY + 1]
    stored = await store.load("s1")
    (sessions / "s1.json").unlink()
    lost = forked(stored.document, stored.version)
    await store.purge("s2")
    await store.save(lost, create=True)
    assert (await store.load("s2")).document.data == lost.data


@pytest.mark.parametrize(
    "laid_out",
    [
        msgspec.json.encode,
        lambda value: json.dumps(value, indent=1).encode(),
        lambda value: json.dumps(value, indent=4).encode(),
        lambda value: json.dumps(value).replace(', "x_', ',\n   "x_').encode(),
    ],
)
@pytest.mark.parametrize(
    "of_chat",
    [
        {},
        {"metadata": {"x": {"messages": [{"a": 1}]}}},
        {"x_list": [[1], []]},
        {"x_text": '"messages": [\n    {}\n   ]'},
    ],
)
async def test_whatever_the_layout_of_a_file_a_fork_holds_what_its_parent_holds(
    store: FileStore, sessions: Path, laid_out: Any, of_chat: dict[str, Any]
) -> None:
    await store.save(SessionDocument(parent_data()), create=True)
    value = parent_data(**of_chat)
    [chat] = value["chats"]
    chat["x_after"] = [1, 2]
    value["x_end"] = {"messages": [{}]}
    (sessions / "s1.json").write_bytes(laid_out(value))
    await loaded_fork(store)


async def test_what_follows_the_messages_is_not_taken_for_one(
    store: FileStore, sessions: Path, encoded: list[int]
) -> None:
    await store.save(SessionDocument(parent_data()), create=True)
    path = sessions / "s1.json"
    # Laid out by hand: the list that ends where messages end elsewhere is another one.
    path.write_bytes(path.read_bytes().replace(b"}\n   ]", b'}],\n   "x": [\n    {}\n   ]'))
    encoded.clear()
    await loaded_fork(store)
    assert encoded == [MANY]


async def test_a_parent_that_is_written_to_amid_the_copying_is_not_copied_from(
    store: FileStore, sessions: Path, encoded: list[int], monkeypatch: pytest.MonkeyPatch
) -> None:
    await store.save(SessionDocument(parent_data()), create=True)
    stored = await store.load("s1")
    path, read = sessions / "s1.json", copied_messages.read_from

    def written_to(*place: int) -> bytes:
        content = read(*place)
        path.write_bytes(path.read_bytes() + b"\n")
        return content

    monkeypatch.setattr(copied_messages, "read_from", written_to)
    encoded.clear()
    fork = forked(stored.document, stored.version)
    await store.save(fork, create=True)
    assert encoded == [MANY]
    assert (await store.load("s2")).document.data == fork.data


async def test_a_fork_that_was_changed_is_no_twin_any_more(store: FileStore) -> None:
    await store.save(SessionDocument(parent_data()), create=True)
    stored = await store.load("s1")
    fork = forked(stored.document, stored.version)
    fork.apply_changes([put(1, "Other")], LATER)
    await store.save(fork, create=True)
    assert (await store.load("s2")).document.data == fork.data
