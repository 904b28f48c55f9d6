"""Places that the system does not let be looked at: said once, with the reason; nothing fails."""

import os
import shutil
from pathlib import Path

import pytest

from tui_sessions import open_sessions
from tui_sessions.engine.importing.import_parts import parts_of
from tui_sessions.transfer.registry import importer, importer_names
from tui_sessions.transfer.sources import survey_of

NAMES = [*importer_names()]
PIPES = (
    ".aider.chat.history.md",
    "conversations.json",
    "logs.db",
    "pipe.zip",
    "rollout-2026-01-01T00-00-00-x.jsonl",
    "session-x.json",
)
SINGLE_FILES = [("aider", ".aider.chat.history.md"), ("goose", "a.jsonl"), ("pi", "a.jsonl")]


async def reasons(name, path, **options):
    async with open_sessions("memory:") as manager:
        steps = [step async for step in manager.import_sessions(name, [path], **options)]
    assert {step.outcome for step in steps} == {"skipped"}
    return [step.reason for step in steps]


@pytest.mark.parametrize("name", [*NAMES, "json"])
async def test_a_place_that_cannot_be_looked_at_is_left_out_and_said(tmp_path, name):
    assert await reasons(name, tmp_path / ("x" * 300)) == [
        "it could not be read: File name too long"
    ]


@pytest.mark.parametrize("name", [*NAMES, "json"])
async def test_a_pipe_and_a_device_are_said_to_be_that_and_nobody_waits_for_them(tmp_path, name):
    os.mkfifo(pipe := tmp_path / "pipe")
    assert await reasons(name, pipe) == ["it is a named pipe, not an ordinary file"]
    assert await reasons(name, Path("/dev/zero")) == ["it is a device, not an ordinary file"]
    if name != "json":
        assert survey_of(importer(name), pipe).sessions == 0


@pytest.mark.parametrize("name", [*NAMES, "json"])
async def test_pipes_and_links_in_a_ring_are_passed_over(tmp_path, name):
    for file in PIPES:
        os.mkfifo(tmp_path / file)
    for file in ("ring.json", "ring.jsonl", "ring.db"):
        (tmp_path / file).symlink_to(tmp_path / file)
    (tmp_path / "ring").symlink_to(tmp_path)
    async with open_sessions("memory:") as manager:
        steps = [step async for step in manager.import_sessions(name, [tmp_path])]
    assert [step.path for step in steps] == [tmp_path]
    assert steps[0].reason.startswith("there is nothing of ")


async def test_a_database_whose_name_is_no_text_comes_in(samples, tmp_path):
    for file in (b"caf\xe9.db", b"near.db"):
        target = os.path.join(os.fsencode(tmp_path), file)
        shutil.copyfile(samples / "llm" / "logs-0.12.db", target)
    async with open_sessions(f"file://{tmp_path}/data") as manager:
        steps = [step async for step in manager.import_sessions("llm", [tmp_path])]
        assert {step.outcome for step in steps} == {"created", "unchanged"}
        assert len({step.path for step in steps}) == 2


@pytest.mark.parametrize("name", NAMES)
def test_counting_such_a_place_tells_nothing(tmp_path, name):
    path = tmp_path / ("x" * 300)
    assert survey_of(importer(name), path).sessions in (None, 0)
    assert len(parts_of(importer(name), [path], "")) == 1


@pytest.mark.parametrize(("name", "file"), SINGLE_FILES)
async def test_a_file_that_cannot_be_read_is_said_once(tmp_path, monkeypatch, name, file):
    path = tmp_path / file
    path.write_text("{}")
    real = type(path).open

    def refuse(self, *args, **kwargs):
        if self.name == file:
            raise PermissionError(13, "Permission denied", str(self))
        return real(self, *args, **kwargs)

    monkeypatch.setattr(type(path), "open", refuse)
    assert await reasons(name, path) == ["it could not be read: Permission denied"]
