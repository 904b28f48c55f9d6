"""The text of documents: the same in one piece, in many, and made as it is written."""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest

from tui_sessions.errors import StoreError
from tui_sessions.model.document import SessionDocument
from tui_sessions.stores.encoded_document import EncodedDocument
from tui_sessions.stores.encoding import encode_members, join_members
from tui_sessions.stores.file import FileStore


def document_of(count: int, text: str = "Hello") -> SessionDocument:
    messages = [{"id": f"m{place}", "content": text} for place in range(count)]
    chats = [{"id": "c1", "name": "First", "messages": messages}, {"id": "c2", "messages": []}]
    created = "2026-11-20T22:14:00.123Z"
    return SessionDocument(
        {"format": 1, "id": "s1", "workspace_id": "dev", "created_at": created, "chats": chats}
    )


@pytest.mark.parametrize("count", [0, 1, 256, 257, 1000])
def test_text_that_is_made_when_asked_for_is_the_same(count: int) -> None:
    document = document_of(count)
    text = join_members(encode_members(document.data))
    assert json.loads(text) == document.data
    encoded = EncodedDocument.of(document)
    for _ in range(2):  # a write may be tried again
        assert b"".join(encoded.text("dev", 0)) == text


def test_a_long_text_comes_in_pieces() -> None:
    document = document_of(3000, "x" * 1000)
    pieces = list(EncodedDocument.of(document).text("dev", 0))
    assert len(pieces) > 2
    assert max(map(len, pieces)) < 2_000_000


async def test_a_text_of_very_many_pieces_is_written_whole(tmp_path: Path) -> None:
    document = document_of(3)
    document.data["chats"] += [{"id": f"c{number}", "messages": []} for number in range(3, 3000)]
    store = FileStore(tmp_path)
    await store.save(document, create=True)
    await store.close()
    assert read_back(tmp_path) == document.data


async def test_a_system_that_takes_a_text_bit_by_bit_is_given_all_of_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(os, "writev", lambda handle, pieces: os.write(handle, pieces[0][:3]))
    store = FileStore(tmp_path)
    document = document_of(600)
    await store.save(document, create=True)
    await store.close()
    assert read_back(tmp_path) == document.data


def read_back(directory: Path) -> object:
    [path] = directory.rglob("s1.json")
    return json.loads(path.read_bytes())


def test_a_lone_surrogate_among_many_messages_costs_only_itself() -> None:
    document = document_of(600)
    document.data["chats"][0]["messages"][300] = {"id": "odd", "content": "a\ud83db"}
    read = json.loads(b"".join(EncodedDocument.of(document).text("dev", 0)))
    assert read["chats"][0]["messages"][300]["content"] == "a\ufffdb"
    assert len(read["chats"][0]["messages"]) == 600


async def test_a_new_session_that_cannot_be_written_leaves_nothing(tmp_path: Path) -> None:
    document = document_of(600)
    document.data["chats"][0]["messages"][500]["metadata"] = {"key": object()}
    store = FileStore(tmp_path)
    with pytest.raises(StoreError, match="cannot be written as JSON"):
        await store.save(document, create=True)
    assert await store.version("s1") is None
    assert [path for path in tmp_path.rglob("s1*") if path.stat().st_size] == []
    await store.save(document_of(1), create=True)
    await store.close()
