"""The files of an export: all or none, private, never outside and never over others unasked."""

import io
import os
import zipfile

import pytest

from tui_sessions.errors import TransferError
from tui_sessions.model.document import SessionDocument
from tui_sessions.transfer.export_files import export_files, export_name, open_zip


def write(path, files, **options):
    with export_files(path, **options) as taking:
        for name, data in files.items():
            taking.add(name, data)


def content(path):
    if path.suffix == ".zip":
        with zipfile.ZipFile(path) as archive:
            return {name: archive.read(name) for name in archive.namelist()}
    files = (file for file in path.rglob("*") if file.is_file())
    return {file.relative_to(path).as_posix(): file.read_bytes() for file in files}


@pytest.fixture(params=["out", "out.zip"])
def target(request, tmp_path):
    return tmp_path / "new" / request.param


def test_files_are_written_and_nobody_else_may_read_them(target):
    files = {"a.md": b"a", "w/sessions/b.json": b"b"}
    write(target, files)
    assert content(target) == files
    assert os.listdir(target.parent) == [target.name]
    for path in [target, *target.rglob("*")] if target.is_dir() else [target]:
        assert path.stat().st_mode & 0o077 == 0


def test_what_is_there_stays_unless_it_may_be_replaced(target):
    write(target, {"a": b"1", "b": b"2"})
    with pytest.raises(TransferError, match="there already"):
        write(target, {"a": b"3"})
    assert content(target)["a"] == b"1"
    write(target, {"a": b"3"}, overwrite=True)
    assert content(target)["a"] == b"3"


def test_an_export_that_breaks_off_leaves_nothing(target):
    def files():
        yield "a", b"1"
        raise RuntimeError

    with pytest.raises(RuntimeError):
        write(target, dict(files()))
    with pytest.raises(TransferError):
        write(target, {"a": b"1", "../b": b"2"})
    assert os.listdir(target.parent) == []


@pytest.mark.parametrize("name", ["", "/a", "../a", "a/../../b", "a\\..\\b", "c:a", "a\0"])
def test_no_name_leads_out_of_the_target(target, name):
    with pytest.raises(TransferError, match="leads out"):
        write(target, {name: b"x"})
    assert os.listdir(target.parent) == []


def test_a_link_in_the_folder_is_not_followed(tmp_path):
    (tmp_path / "elsewhere").mkdir()
    (tmp_path / "out").mkdir()
    (tmp_path / "out" / "w").symlink_to(tmp_path / "elsewhere")
    with pytest.raises(TransferError, match="in the way"):
        write(tmp_path / "out", {"w/a": b"x"}, overwrite=True)
    assert os.listdir(tmp_path / "elsewhere") == []


def test_an_empty_folder_is_filled(tmp_path):
    (tmp_path / "out").mkdir()
    write(tmp_path / "out", {"a": b"x"})
    assert content(tmp_path / "out") == {"a": b"x"}


def test_a_file_is_no_folder_and_a_folder_no_zip(tmp_path):
    (tmp_path / "file").write_text("x")
    (tmp_path / "folder.zip").mkdir()
    for name in ("file", "folder.zip"):
        with pytest.raises(TransferError):
            write(tmp_path / name, {"a": b"x"}, overwrite=True)


def test_a_pipe_is_not_replaced_by_a_zip(tmp_path):
    os.mkfifo(tmp_path / "pipe.zip")
    with pytest.raises(TransferError, match="a pipe"):
        write(tmp_path / "pipe.zip", {"a": b"x"}, overwrite=True)
    assert (tmp_path / "pipe.zip").is_fifo()


def test_a_zip_goes_into_a_pipe_as_well():
    class Pipe(io.RawIOBase):
        data = b""

        def writable(self):
            return True

        def write(self, data):
            self.data += bytes(data)
            return len(data)

    pipe = Pipe()
    with open_zip(pipe) as taking:
        taking.add("a", b"x")
    with zipfile.ZipFile(io.BytesIO(pipe.data)) as archive:
        assert archive.read("a") == b"x"


@pytest.mark.parametrize("label", ["../../etc/passwd", "", "a/b\\c:d\0", "…", "x" * 500, "CON"])
def test_labels_make_harmless_names(label):
    data = {"format": 1, "id": "s1", "label": label, "created_at": "2026-01-01", "chats": []}
    name = export_name(SessionDocument(data).session(), ".md")
    assert name.endswith("-s1.md")
    assert len(name) < 100
    assert name.replace("-", "").replace("_", "").replace(".", "").isalnum()
    assert name.count(".") == 1


@pytest.mark.parametrize(
    ("label", "kept"),
    [
        ("日本語のメモ 🎉", "日本語のメモ"),
        ("नमस्ते दुनिया", "नमस्ते-दुनिया"),
        ("u\u0308ber", "über"),
        ("\u202eعربي\u200b: 1", "عربي-1"),
        ("\u0301 a\ud800b", "a-b"),
        ("日" * 300, "日" * 53),
    ],
)
def test_labels_of_every_script_are_in_the_name(label, kept):
    data = {"format": 1, "id": "s" * 20, "label": label, "created_at": "2026-01-01", "chats": []}
    name = export_name(SessionDocument(data).session(), ".md")
    assert name == f"{kept}-{'s' * 20}.md"
    assert len(name.encode()) <= 255
