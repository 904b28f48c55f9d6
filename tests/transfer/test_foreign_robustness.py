"""Histories in any state: no importer fails, hangs, or gives a session that cannot be written."""

import contextlib
import json
import random
import sqlite3
from pathlib import Path

import pytest
from example_counts import examples
from hypothesis import HealthCheck, given
from hypothesis import strategies as st
from import_checks import copied

from tui_sessions.transfer.base import ImportedSession
from tui_sessions.transfer.merge import changes_between
from tui_sessions.transfer.registry import importer

SAMPLES = [
    ("opencode", "opencode/opencode-1.18.33.db"),
    ("opencode", "opencode/export-1.18.33.json"),
    ("llm", "llm/logs-0.12.db"),
    ("llm", "llm/logs-0.27.1.db"),
    ("llm", "llm/logs-0.36.db"),
    ("open-webui", "openwebui/librechat-openwebui-export.json"),
    ("oterm", "oterm/store-0.14.7.db"),
    ("oterm", "oterm/store-0.26.1.db"),
    ("elia", "elia/elia.sqlite"),
    ("aider", "aider/chat-history-part1.md"),
    ("crush", "crush/crush.db"),
    ("goose", "goose/20260301_093000.jsonl"),
]
SEEDS = st.integers(0, 2**32)
NAMES = sorted({name for name, _ in SAMPLES} | {"pi"})


@pytest.mark.parametrize(("name", "sample"), [*SAMPLES, ("opencode", "opencode")])
def test_importing_twice_gives_the_same_and_touches_nothing(samples, tmp_path, name, sample):
    path = copied(samples / sample, tmp_path)

    def state():
        files = [file for file in tmp_path.rglob("*") if file.is_file()]
        return {file: (file.read_bytes(), file.stat().st_mtime_ns) for file in files}

    def documents():
        found = importer(name).read(path)
        return [item.document for item in found if isinstance(item, ImportedSession)]

    before = state()
    for first, second in zip(documents(), documents(), strict=True):
        assert first.data == second.data
        assert changes_between(first, second) == []
    assert state() == before


@pytest.mark.parametrize("name", NAMES)
def test_no_importer_fails_on_the_files_of_the_others(samples, name):
    for found in importer(name).read(samples):
        assert found.path.exists()
    for file in sorted(path for path in samples.rglob("*") if path.is_file()):
        for found in importer(name).read(file):
            assert found.path.exists()


@pytest.mark.parametrize("name", NAMES)
def test_a_place_that_is_not_there_is_said(tmp_path, name):
    (found,) = importer(name).read(tmp_path / "nowhere")
    assert found.reason == "there is no such file or folder"
    assert list(importer(name).read(tmp_path)) == []


def damaged(data: bytes, chance) -> bytes:
    changed = bytearray(data)
    for _ in range(chance.randint(1, 12)):
        start = chance.randrange(len(changed))
        end = start + chance.choice([0, 1, 1, 5, 400])
        changed[start:end] = chance.choice(
            [b"", b'"', b"}", b"\n", b"\0", b"\xff", b"null", b"7", b"[" * 99, b"\xed\xa0\x80"]
        )
    return bytes(changed)


def overwritten(data: bytes, chance) -> bytes:
    """Damage that keeps every page of a database in its place."""
    changed = bytearray(data)
    for _ in range(chance.randint(1, 60)):
        start = chance.randrange(100 if chance.random() < 0.1 else len(changed))
        changed[start] = chance.randrange(256)
    return bytes(changed)


@pytest.mark.parametrize(("name", "sample"), SAMPLES)
@examples(15, HealthCheck.function_scoped_fixture)
@given(seed=SEEDS)
def test_a_damaged_history_never_makes_an_importer_fail(samples, tmp_path, name, sample, seed):
    chance = random.Random(seed)
    data = (samples / sample).read_bytes()
    is_database = data.startswith(b"SQLite format 3")
    how = overwritten if is_database and chance.random() < 0.8 else damaged
    path = tmp_path / Path(sample).name
    path.write_bytes(how(data, chance))
    for found in importer(name).read(path):
        if isinstance(found, ImportedSession):
            json.dumps(found.document.data, ensure_ascii=False).encode()


def mutated(value, chance):
    """A value with some of what is in it replaced by something else."""
    if chance.random() < 0.05:
        odd = [None, True, -1, 1e300, "", "x\ud800\0", [], {}, [[]], {"type": "text"}, 10**30]
        return chance.choice(odd)
    if isinstance(value, dict):
        return {key: mutated(inner, chance) for key, inner in value.items()}
    if isinstance(value, list):
        return [mutated(inner, chance) for inner in value]
    return value


@pytest.mark.parametrize(
    ("name", "sample"), [s for s in SAMPLES if s[1].endswith((".json", ".jsonl"))]
)
@examples(15, HealthCheck.function_scoped_fixture)
@given(seed=SEEDS)
def test_values_of_any_type_in_any_place_are_taken(samples, tmp_path, name, sample, seed):
    chance = random.Random(seed)
    path = tmp_path / Path(sample).name
    text = (samples / sample).read_text()
    if sample.endswith(".jsonl"):
        lines = [json.dumps(mutated(json.loads(line), chance)) for line in text.splitlines()]
    else:
        lines = [json.dumps(mutated(json.loads(text), chance))]
    path.write_text("".join(f"{line}\n" for line in lines))
    for found in importer(name).read(path):
        if isinstance(found, ImportedSession):
            json.dumps(found.document.data, ensure_ascii=False).encode()


ODD = [None, 7, -1.5, 9e18, b"\xff\0", "", "{", "[1]", '{"a": "\\ud800"}', "null"]
DATABASES = [s for s in SAMPLES if s[1].endswith((".db", ".sqlite"))]


@pytest.mark.parametrize(("name", "sample"), DATABASES)
@examples(15, HealthCheck.function_scoped_fixture)
@given(seed=SEEDS)
def test_values_of_any_type_in_any_column_are_taken(samples, tmp_path, name, sample, seed):
    chance = random.Random(seed)
    path = copied(samples / sample, tmp_path)
    owner = sqlite3.connect(path)
    tables = owner.execute("SELECT name FROM sqlite_master WHERE type = 'table'").fetchall()
    # The tables of a full-text index guard their own rows.
    for (table,) in [one for one in tables if "_fts" not in one[0]]:
        columns = [row[1] for row in owner.execute(f"PRAGMA table_info({table})")]
        for column in columns:
            if chance.random() < 0.3:
                query = f'UPDATE "{table}" SET "{column}" = ? WHERE rowid % 3 = ?'  # noqa: S608
                with contextlib.suppress(sqlite3.Error):
                    owner.execute(query, (chance.choice(ODD), chance.randrange(3)))
    owner.commit()
    owner.close()
    for found in importer(name).read(path):
        if isinstance(found, ImportedSession):
            json.dumps(found.document.data, ensure_ascii=False).encode()
