"""What is typed and what is unread, in small files that several windows share."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from tui_sessions.tui.remembered.chat_notes import ChatNotes


def read(path: Path) -> ChatNotes:
    notes = ChatNotes(path)
    notes.load()
    return notes


def test_what_is_noted_while_the_file_is_written_is_written_next(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "notes.json"
    notes = ChatNotes(path)
    notes.put("s/a", "first")
    replace = os.replace

    def meanwhile(source: Path, target: Path) -> None:
        notes.put("s/a", "first and more")
        notes.put("s/b", "second")
        replace(source, target)

    monkeypatch.setattr(os, "replace", meanwhile)
    notes.save()
    monkeypatch.undo()
    assert (notes.get("s/a"), notes.get("s/b")) == ("first and more", "second")
    notes.save()
    assert read(path).get("s/a") == "first and more"
    assert read(path).get("s/b") == "second"


def test_what_could_not_be_written_is_written_by_the_next_save(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    notes = ChatNotes(tmp_path / "notes.json")
    notes.put("s/a", "kept")

    def full(*_: object) -> None:
        raise OSError("full")

    monkeypatch.setattr(os, "replace", full)
    with pytest.raises(OSError, match="full"):
        notes.save()
    monkeypatch.undo()
    assert not [*tmp_path.iterdir()]
    notes.save()
    assert read(tmp_path / "notes.json").get("s/a") == "kept"


def test_the_notes_of_two_windows_are_all_kept(tmp_path: Path) -> None:
    one, two = read(tmp_path / "notes.json"), read(tmp_path / "notes.json")
    one.put("s/a", "of one")
    two.put("s/b", "of two")
    one.save()
    two.save()
    two.put("s/a", "")
    two.save()
    assert read(tmp_path / "notes.json").noted() == ("s/b",)
