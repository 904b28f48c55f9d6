"""Exports that were not downloaded to their end, or are made to fill a memory."""

import json
import tracemalloc
import zipfile
from io import BytesIO

import pytest

from tui_sessions.transfer.base import Skipped
from tui_sessions.transfer.chatgpt import ChatGPTImporter
from tui_sessions.transfer.claude_ai import ClaudeAiImporter
from tui_sessions.transfer.json_elements import json_objects
from tui_sessions.transfer.lines import Problems

MEGABYTE = 1024 * 1024


@pytest.fixture(params=[ChatGPTImporter, ClaudeAiImporter])
def importer(request):
    return request.param()


def test_a_zip_that_ends_too_early_is_said(importer, tmp_path):
    path = tmp_path / "export.zip"
    with zipfile.ZipFile(path, "w") as made:
        made.writestr("conversations.json", json.dumps([{"uuid": str(n)} for n in range(99)]))
    path.write_bytes(path.read_bytes()[:-30])
    assert list(importer.read(path)) == [
        Skipped(path=path, reason="the ZIP ends too early; download it again")
    ]


def test_an_empty_file_is_said(importer, tmp_path):
    path = tmp_path / "export.zip"
    path.touch()
    assert list(importer.read(path)) == [Skipped(path=path, reason="the file is empty")]


def test_an_entry_that_is_too_large_takes_little_more_than_was_allowed(tmp_path):
    problems = Problems(tmp_path)
    text = b'[{"a": "' + b"x" * 40 * MEGABYTE + b'"}, {"b": 1}]'
    tracemalloc.start()
    try:
        found = list(json_objects(BytesIO(text), problems, "all", 8 * MEGABYTE))
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert found == [{"b": 1}]
    assert peak < 24 * MEGABYTE
