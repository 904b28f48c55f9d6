"""Files that share an id: the newest counts, whatever was looked through before."""

import os
import time
from pathlib import Path

import pytest
from settled_folders import folder, labels, made, settle

from tui_sessions import open_sessions
from tui_sessions.engine.cataloguing import catalog_upkeep


def copy_of(tmp_path: Path, name: str, workspace: str, label: str) -> Path:
    """The file of another workspace with the same id, by hand."""
    place = folder(tmp_path, workspace)
    place.mkdir(parents=True, exist_ok=True)
    text = (folder(tmp_path) / f"{name}.json").read_text()
    copy = place / f"{name}.json"
    copy.write_text(text.replace(f'"label": "{name}"', f'"label": "{label}"'))
    return copy


async def test_of_two_files_with_one_id_the_newer_counts_whichever_folder_has_changed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(catalog_upkeep, "FEW", 0)
    await made(tmp_path, "a")
    newer = copy_of(tmp_path, "a", "v", "newer")
    old = time.time() - 60
    os.utime(folder(tmp_path) / "a.json", (old, old))
    settle(tmp_path)
    settle(tmp_path, "v")
    async with open_sessions(tmp_path.as_uri()) as manager:
        assert await labels(manager) == {"a": "newer"}
        (folder(tmp_path) / "odd.txt").write_text("?")
        assert await labels(manager) == {"a": "newer"}
        newer.unlink()
        assert await labels(manager) == {"a": "a"}


async def test_a_newer_file_with_a_known_id_is_noticed_beside_folders_that_are_passed_over(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(catalog_upkeep, "FEW", 0)
    await made(tmp_path, "a", "b")
    async with open_sessions(tmp_path.as_uri()) as manager:
        await manager.list_sessions()
        settle(tmp_path)
        await manager.list_sessions()
        older = copy_of(tmp_path, "b", "v", "older")
        os.utime(older, (1e9, 1e9))
        assert await labels(manager) == {"a": "a", "b": "b"}
        copy_of(tmp_path, "a", "v", "newer")
        assert await labels(manager) == {"a": "newer", "b": "b"}
