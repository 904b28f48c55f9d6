"""Makes histories as Claude Code keeps them, of any size."""

from __future__ import annotations

import random
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from itertools import count, cycle
from pathlib import Path
from typing import Any

import msgspec

from tests.bench.texts import written

_BEGUN = datetime(2026, 3, 1, 9, 0, tzinfo=UTC)
_SESSION_MB = (0.2, 1, 0.2, 5, 1, 0.2, 20)
"""The sizes of the sessions, again and again."""
_PROJECTS = 10


def write_histories(projects: Path, megabytes: int) -> None:
    """Write session files of so many MB in all below a folder of projects."""
    chance = random.Random(4)
    outputs = [written(chance, 400) for _ in range(200)]
    left = megabytes * 1e6
    for number, size in enumerate(cycle(_SESSION_MB)):
        if left <= 0:
            return
        folder = projects / f"-home-ana-project-{number % _PROJECTS}"
        folder.mkdir(parents=True, exist_ok=True)
        path = folder / f"history-{number}.jsonl"
        left -= _write_session(path, min(size * 1e6, left), chance, outputs)


def _write_session(path: Path, size: float, chance: random.Random, outputs: list[str]) -> int:
    written_bytes = 0
    with path.open("wb") as file:
        for record in _records(path, chance, outputs):
            written_bytes += file.write(msgspec.json.encode(record) + b"\n")
            if written_bytes >= size:
                return written_bytes
    return written_bytes


def _records(path: Path, chance: random.Random, outputs: list[str]) -> Iterator[dict[str, Any]]:
    """Questions, each with a tool's call, its output and an answer."""
    last: str | None = None
    for turn in count():
        for place, (kind, message) in enumerate(_turn(f"{path.stem}-{turn}", chance, outputs)):
            uuid = f"{path.stem}-{turn}-{place}"
            yield {
                "type": kind,
                "uuid": uuid,
                "parentUuid": last,
                "sessionId": path.stem,
                "timestamp": (_BEGUN + timedelta(seconds=turn)).isoformat().replace("+00:00", "Z"),
                "cwd": f"/home/ana/{path.parent.name}",
                "isSidechain": False,
                "message": message,
            }
            last = uuid


def _turn(
    name: str, chance: random.Random, outputs: list[str]
) -> Iterator[tuple[str, dict[str, Any]]]:
    yield "user", {"role": "user", "content": written(chance, 20)}
    call = {"type": "tool_use", "id": f"call-{name}", "name": "Bash", "input": {"command": "ls -l"}}
    yield "assistant", _reply(f"{name}-1", {"type": "text", "text": written(chance, 20)}, call)
    output = f"{name}\n{chance.choice(outputs)}"
    result = {"type": "tool_result", "tool_use_id": f"call-{name}", "content": output}
    yield "user", {"role": "user", "content": [result]}
    yield "assistant", _reply(f"{name}-2", {"type": "text", "text": written(chance, 80)})


def _reply(name: str, *content: dict[str, Any]) -> dict[str, Any]:
    usage = {"input_tokens": 1_000, "output_tokens": 100}
    fields = {"role": "assistant", "id": f"msg-{name}", "model": "claude-x"}
    return {**fields, "content": list(content), "usage": usage}
