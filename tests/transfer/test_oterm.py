"""oterm: chats without times."""

import json

import pytest
from import_checks import (
    change,
    copied,
    grown,
    label,
    messages,
    model,
    pictures,
    prompt,
    read,
    rows,
    talk,
)

from tui_sessions.model.message import ThinkingPart
from tui_sessions.transfer.oterm import OtermImporter

STORES = ("store-0.14.7.db", "store-0.26.1.db")


@pytest.fixture(params=STORES)
def store(request, samples, tmp_path):
    return copied(samples / "oterm" / request.param, tmp_path)


def test_chats_are_what_the_rows_say(store):
    found, skipped = read("oterm", store)
    by_number = {int(id_.split("-")[0]): item for id_, item in found.items()}
    told = rows(store, "SELECT DISTINCT chat_id FROM message")
    assert set(by_number) == {number for (number,) in told}
    assert [s.reason for s in skipped if "holds no conversation" in s.reason]
    for number, item in by_number.items():
        query = "SELECT author, text FROM message WHERE chat_id = ? ORDER BY id"
        said = rows(store, query, number)
        assert [role for role, _ in talk(item)] == [author for author, _ in said]
        assert [text for role, text in talk(item) if role == "user"] == [
            text for author, text in said if author == "user"
        ]
        ((name, used, system),) = rows(
            store, "SELECT name, model, system FROM chat WHERE id = ?", number
        )
        assert (model(item), prompt(item)) == (used, system)
        assert label(item) == (name or "multi")
        assert all(m.created_at is None for m in messages(item))
        assert all(m.model == used for m in messages(item) if m.role == "assistant")


def test_thinking_and_pictures_are_parts(store):
    (item,) = [item for id_, item in read("oterm", store)[0].items() if id_.startswith("2-")]
    assert pictures(item) == ["image/png"]
    thought, said = messages(item)[1].content
    assert thought == ThinkingPart("It is one pixel.")
    assert said.text == "A single pixel."


def test_chats_of_one_number_in_two_stores_are_two_sessions(samples, tmp_path):
    one, other = (copied(samples / "oterm" / name, tmp_path) for name in STORES)
    change(other, ("UPDATE message SET text = 'Something else' WHERE id = 1", ()))
    first, second = (
        {id_ for id_ in read("oterm", path)[0] if id_.startswith("1-")} for path in (one, other)
    )
    assert first.isdisjoint(second)


def test_what_is_no_picture_is_kept(store):
    change(store, ("UPDATE message SET images = ? WHERE id = 1", (json.dumps(["?", 7]),)))
    (item,) = [item for id_, item in read("oterm", store)[0].items() if id_.startswith("1-")]
    assert [type(p).__name__ for p in messages(item)[0].content] == [
        "TextPart",
        "OpaquePart",
        "OpaquePart",
    ]


async def test_what_the_store_gains_is_all_that_comes_in(store, tmp_path):
    query = "INSERT INTO message (chat_id, author, text) VALUES (1, 'user', 'More')"
    first, second = await grown("oterm", store, tmp_path, lambda: change(store, (query, ())))
    assert first == ({"created": 3}, 8)
    assert second == ({"updated": 1, "unchanged": 2}, 1)


def test_it_is_found_where_the_environment_says(monkeypatch, tmp_path):
    monkeypatch.setenv("OTERM_DATA_DIR", str(tmp_path))
    assert OtermImporter().find() == []
    (tmp_path / "store.db").touch()
    assert OtermImporter().find() == [tmp_path / "store.db"]


OLD_STORE = (
    "CREATE TABLE chat (id INTEGER PRIMARY KEY AUTOINCREMENT, name TEXT, model TEXT NOT NULL,"
    " context TEXT NOT NULL, system TEXT, format TEXT, keep_alive INTEGER DEFAULT 5)",
    "CREATE TABLE message (chat_id INTEGER NOT NULL, author TEXT NOT NULL, text TEXT NOT NULL)",
    "INSERT INTO chat VALUES (1, 'Walks', 'llama2', '[]', 'Be kind.', '', 5)",
    "INSERT INTO message VALUES (1, 'me', 'Where to?')",
    "INSERT INTO message VALUES (1, 'ollama', 'To the lake.')",
)


def test_stores_from_before_messages_had_ids_are_read(tmp_path):
    path = tmp_path / "store.db"
    change(path, *((statement, ()) for statement in OLD_STORE))
    found, skipped = read("oterm", path)
    assert not skipped
    (item,) = found.values()
    assert talk(item) == [("user", "Where to?"), ("assistant", "To the lake.")]
    assert (label(item), model(item), prompt(item)) == ("Walks", "llama2", "Be kind.")


async def test_an_upgrade_that_renames_the_authors_brings_nothing_twice(tmp_path):
    path = tmp_path / "store.db"
    change(path, *((statement, ()) for statement in OLD_STORE))

    def upgrade():
        change(
            path,
            ("UPDATE message SET author = 'user' WHERE author = 'me'", ()),
            ("UPDATE message SET author = 'assistant' WHERE author = 'ollama'", ()),
            ("INSERT INTO message VALUES (1, 'user', 'And then?')", ()),
        )

    first, second = await grown("oterm", path, tmp_path, upgrade)
    assert first == ({"created": 1}, 2)
    assert second == ({"updated": 1}, 1)
