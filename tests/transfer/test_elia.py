"""elia: chats that begin with their system prompt."""

from datetime import UTC, datetime

import pytest
from import_checks import change, copied, grown, label, messages, model, prompt, read, rows, talk

from tui_sessions.transfer.elia import EliaImporter


@pytest.fixture
def database(samples, tmp_path):
    return copied(samples / "elia" / "elia.sqlite", tmp_path)


def by_number(path):
    found, skipped = read("elia", path)
    return {int(id_.split()[0]): item for id_, item in found.items()}, skipped


def test_chats_are_what_the_rows_say(database):
    found, skipped = by_number(database)
    assert len(skipped) == 1
    assert set(found) == {n for (n,) in rows(database, "SELECT DISTINCT chat_id FROM message")}
    for number, item in found.items():
        said = rows(
            database,
            "SELECT role, content, timestamp, model FROM message WHERE chat_id = ? ORDER BY id",
            number,
        )
        shown = [row for row in said if row[0] != "system"]
        assert talk(item) == [(role, content) for role, content, _, _ in shown]
        assert [m.created_at for m in messages(item)] == [
            datetime.fromisoformat(at).replace(tzinfo=UTC) for _, _, at, _ in shown
        ]
        assert [m.model for m in messages(item) if m.role == "assistant"] == [
            used.removeprefix("elia-") for role, _, _, used in shown if role == "assistant"
        ]
        systems = [content for role, content, _, _ in said if role == "system"]
        assert prompt(item) == (systems[0] if systems else None)
        assert all(m.usage is None for m in messages(item))


def test_titles_models_and_what_was_archived(database):
    found, _ = by_number(database)
    assert [label(item) for item in found.values()] == [
        "Pelican names",
        "Write a haiku about SQLite",
        "Archived one",
    ]
    assert model(found[1]) == "gpt-4o"
    assert [item.document.session().state for item in found.values()] == [
        "suspended",
        "suspended",
        "archived",
    ]


def test_what_elia_took_over_from_chatgpt_is_kept_but_hidden(database):
    query = "INSERT INTO message (chat_id, role, content, timestamp) VALUES (3, ?, ?, '')"
    change(database, (query, ("tool", "result")), (query, ("system", "")))
    item = by_number(database)[0][3]
    assert [(m.role, m.hidden) for m in messages(item, hidden=True)] == [
        ("user", False),
        ("assistant", False),
        ("tool", True),
    ]


async def test_what_the_database_gains_is_all_that_comes_in(database, tmp_path):
    query = "INSERT INTO message (chat_id, role, content) VALUES (3, 'user', 'More')"
    first, second = await grown("elia", database, tmp_path, lambda: change(database, (query, ())))
    assert first == ({"created": 3}, 8)
    assert second == ({"updated": 1, "unchanged": 2}, 1)


def test_it_is_found_in_the_data_folder(monkeypatch, tmp_path):
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path))
    assert EliaImporter().find() == []
    (tmp_path / "elia").mkdir()
    (tmp_path / "elia" / "elia.sqlite").touch()
    assert EliaImporter().find() == [tmp_path / "elia" / "elia.sqlite"]
