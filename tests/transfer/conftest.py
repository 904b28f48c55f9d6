"""Histories in other tools' formats, written by the tests themselves."""

import json
import os
import random
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from codex_rollouts import ONE, Rollout

from tui_sessions.transfer.base import ImportedSession, Skipped
from tui_sessions.transfer.claude_code import ClaudeCodeImporter

START = datetime(2026, 3, 1, 9, 0, tzinfo=UTC)


class Transcript:
    """A Claude Code session file in the making; each record hangs on the one before."""

    def __init__(self, folder: Path, session_id: str = "s1", name: str | None = None) -> None:
        self.folder = folder
        self.session_id = session_id
        self.path = folder / f"{name or session_id}.jsonl"
        self.lines: list[bytes] = []
        self.last: str | None = None
        self.count = 0
        self.side = False
        self.prefix = session_id

    def raw(self, data: bytes | dict) -> "Transcript":
        self.lines.append(data if isinstance(data, bytes) else json.dumps(data).encode())
        return self

    def record(self, kind: str, parent: str | None = "", uuid: str | None = None, **fields) -> str:
        self.count += 1
        uuid = uuid or f"{self.prefix}-{self.count}"
        moment = START + timedelta(seconds=self.count)
        data = {
            "type": kind,
            "uuid": uuid,
            "parentUuid": self.last if parent == "" else parent,
            "sessionId": self.session_id,
            "timestamp": moment.isoformat().replace("+00:00", "Z"),
            "cwd": "/home/ana/proj",
            "isSidechain": self.side,
            **fields,
        }
        self.raw(data)
        self.last = uuid
        return uuid

    def user(self, content, **fields) -> str:
        return self.record("user", message={"role": "user", "content": content}, **fields)

    def reply(self, *blocks, id=None, output=5, model="claude-x", **fields) -> str:  # noqa: A002
        content = [{"type": "text", "text": b} if isinstance(b, str) else b for b in blocks]
        message = {
            "role": "assistant",
            "id": id or f"msg_{self.prefix}_{self.count}",
            "model": model,
            "content": content,
            "usage": {"input_tokens": 10, "output_tokens": output},
        }
        return self.record("assistant", message=message, **fields)

    def result(self, call_id: str, content="done", *more, **fields) -> str:
        block = {"type": "tool_result", "tool_use_id": call_id, "content": content}
        return self.user([block, *more], **fields)

    def write(self, ending: bytes = b"\n") -> Path:
        self.folder.mkdir(parents=True, exist_ok=True)
        self.path.write_bytes(b"\n".join(self.lines) + ending)
        return self.path


def call(call_id: str, name: str = "Bash", **arguments) -> dict:
    return {"type": "tool_use", "id": call_id, "name": name, "input": arguments}


@pytest.fixture
def transcript(tmp_path):
    """Makes session files of one project folder."""

    def make(session_id: str = "s1", name: str | None = None) -> Transcript:
        return Transcript(tmp_path / "projects" / "-home-ana-proj", session_id, name)

    return make


@pytest.fixture
def rollout(tmp_path):
    """Makes Codex's rollouts in one home."""

    def make(thread: str = ONE, folder: str = "sessions/2026/03/01") -> Rollout:
        return Rollout(tmp_path / "codex", thread, folder)

    return make


@pytest.fixture
def tool_call():
    return call


@pytest.fixture
def read_all():
    """Reads a path and tells sessions from what was skipped."""

    def read(path, importer=None, user_id="ana"):
        found = list((importer or ClaudeCodeImporter()).read(Path(path), user_id))
        sessions = [item for item in found if isinstance(item, ImportedSession)]
        skipped = [item for item in found if isinstance(item, Skipped)]
        assert len(sessions) + len(skipped) == len(found)
        return sessions, skipped

    return read


@pytest.fixture
def talk():
    """What a session says, in short: role and text, hidden messages left out."""

    def tell(session, hidden=False):
        messages = session.document.messages("c1")
        return [(m.role, m.text) for m in messages if m.hidden == hidden]

    return tell


@pytest.fixture
def samples():
    """The folder of real histories, where it is there."""
    configured = os.environ.get("SESSIONS_TUI_SAMPLES")
    beside = Path(__file__).parents[3] / "shared" / "samples"
    folder = Path(configured) if configured else beside
    if not folder.is_dir():
        pytest.skip(f"no samples in {folder}; name their folder in SESSIONS_TUI_SAMPLES")
    return folder


@pytest.fixture(scope="session")
def damaged():
    """Bytes with lines in another order, odd bytes among them, cut anywhere."""
    odd = (b"", b'"', b"}", b"\n", b"\0", b"\xff", b"null", b"[" * 99, b'{"type":7}', b"-1e999")

    def damage(data: bytes, chance: random.Random) -> bytes:
        lines = data.split(b"\n")
        for _ in range(chance.randint(0, 3)):
            lines.insert(chance.randrange(len(lines)), chance.choice(lines))
        result = bytearray(b"\n".join(lines))
        for _ in range(chance.randint(0, 9)):
            start = chance.randrange(len(result) + 1)
            result[start : start + chance.choice([0, 1, 5, 400])] = chance.choice(odd)
        return bytes(result[: chance.choice([len(result), chance.randint(0, len(result))])])

    return damage


@pytest.fixture(scope="session")
def swapped():
    """A JSON value some of whose inner values are of other kinds."""
    odd = (None, 7, "", [], {}, "\ud800", [None], {"text": 3}, -1e999, True)

    def swap(value, chance: random.Random):
        if chance.random() < 0.06:
            return chance.choice(odd)
        if isinstance(value, dict):
            return {key: swap(inner, chance) for key, inner in value.items()}
        return [swap(inner, chance) for inner in value] if isinstance(value, list) else value

    return swap
