"""Nothing that is wrong with a full-text index ever lasts."""

import json
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from indexed_samples import TALK, found, message, opened, put, session, stale_in

from tui_sessions.index.base import IndexBusy, IndexLost, IndexUnusable
from tui_sessions.index.full_text import TantivyIndex

KILLED = """
import sys, os, signal
from pathlib import Path
sys.path.insert(0, {tests!r})
from indexed_samples import TALK, message, opened, put, session
index = opened(Path({folder!r}))
put(index, [TALK], [])
import tui_sessions.index.index_writer as writer
class Dying(writer._SessionWriter):
    def write(self):
        super().write()
        print("half", flush=True)
        os.kill(os.getpid(), signal.SIGKILL)
writer._SessionWriter = Dying
put(index, [session("t", *(message(f"m{{n}}", "half") for n in range(500)))], [])
"""


def test_a_killed_writer_leaves_what_it_had_written_and_another_takes_over(folder: Path) -> None:
    script = KILLED.format(tests=str(Path(__file__).parent), folder=str(folder))
    done = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, check=False
    )
    assert done.stdout == "half\n", done.stderr
    index = opened(folder)
    assert found(index, "hello") == ["hello"]
    assert found(index, "half") == []
    put(index, [session("t", message("m", "whole"))], [])
    assert found(index, "whole") == ["m"]


def files_of(folder: Path) -> list[Path]:
    return [path for path in folder.iterdir() if path.is_file() and not path.name.startswith(".")]


@pytest.mark.parametrize("what", ["meta", "managed", "name", "segments", "cut", "flipped"])
def test_a_damaged_index_is_made_anew(folder: Path, what: str) -> None:
    put(opened(folder), [TALK], [])
    segments = [p for p in files_of(folder) if p.suffix in (".term", ".idx", ".store", ".fast")]
    assert segments
    if what in ("meta", "managed"):
        (folder / ("meta.json" if what == "meta" else ".managed.json")).write_bytes(b"\x00garbage")
    elif what == "name":
        (folder / "name").write_text("0 of an older version")
    for path in segments:
        content = path.read_bytes()
        if what == "segments":
            path.unlink()
        elif what == "cut":
            path.write_bytes(content[: len(content) // 2])
        elif what == "flipped":
            path.write_bytes(bytes(255 - byte for byte in content))
    index = opened(folder)
    try:
        stale = stale_in(index, {"s": "1"})
    except IndexLost:
        stale = stale_in(index, {"s": "1"})
    if stale:
        assert stale == ["s"]
        put(index, [TALK], [])
    assert found(index, "hello") == ["hello"]


def test_what_a_killed_writer_left_in_the_way_is_removed_and_the_index_stays(folder: Path) -> None:
    index = opened(folder)
    put(index, [session("s", message("a", "before"), message("b", "kept"))], [])
    meta = json.loads((folder / "meta.json").read_text())
    [segment] = [each["segment_id"].replace("-", "") for each in meta["segments"]]
    for stamp in range(meta["opstamp"], meta["opstamp"] + 20):
        (folder / f"{segment}.{stamp}.del").write_bytes(b"half")
    name = (folder / "name").read_text()
    changed = session("s", message("a", "after"), message("b", "kept"), stamp="2")
    with pytest.raises(IndexBusy):
        put(index, [changed], [])
    put(index, [changed], [])
    assert (found(index, "after"), found(index, "before")) == (["a"], [])
    assert (folder / "name").read_text() == name
    index.close()


@pytest.mark.parametrize(
    "use", [lambda index: found(index, "hello"), lambda index: put(index, [TALK], [])]
)
def test_an_index_that_is_taken_away_is_noticed(
    folder: Path, use: Callable[[TantivyIndex], object]
) -> None:
    index = opened(folder)
    put(index, [TALK], [])
    for path in folder.iterdir():
        path.unlink()
    folder.rmdir()
    with pytest.raises(IndexLost):
        use(index)
    assert stale_in(index, {"s": "1"}) == ["s"]
    put(index, [TALK], [])
    assert found(index, "hello") == ["hello"]


def test_an_index_that_another_process_makes_anew_is_noticed(folder: Path) -> None:
    reader = opened(folder)
    put(reader, [TALK], [])
    (folder / "name").write_text("0 of an older version")
    put(opened(folder), [session("t", message("m", "newer"))], [])
    with pytest.raises(IndexLost):
        found(reader, "hello")
    assert found(reader, "newer") == ["m"]


@pytest.mark.parametrize(
    "error",
    [
        ValueError("An IO error occurred: 'No space left on device (os error 28)'"),
        ValueError("Failed to open file: IoError { err: Os { code: 28, kind: StorageFull } }"),
        OSError(28, "No space left on device"),
    ],
)
def test_a_full_disk_does_not_cost_what_is_there(
    folder: Path, monkeypatch: pytest.MonkeyPatch, error: Exception
) -> None:
    index = opened(folder)
    put(index, [TALK], [])

    def full(*_: object) -> None:
        raise error

    with monkeypatch.context() as patch:
        patch.setattr("tui_sessions.index.index_writer.IndexWriting.add", full)
        with pytest.raises(IndexUnusable, match="No space") as told:
            put(index, [session("t", message("m", "more"))], [])
    assert found(index, "hello") == ["hello"]
    put(index, [session("t", message("m", "more"))], [])
    assert found(index, "more") == ["m"]
    assert told.value.__cause__ is error


def test_where_none_can_be_made_it_says_why(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way")
    with pytest.raises(IndexUnusable, match="file"):
        TantivyIndex(tmp_path / "file" / "index").open()


def test_where_the_library_is_missing_it_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "tantivy", None)
    with pytest.raises(IndexUnusable, match="tantivy cannot be loaded"):
        TantivyIndex().open()
