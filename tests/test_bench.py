"""The benchmark suite keeps working: run tiny, it has a figure for everything it measures."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from tests.bench import topics

TOPICS = {
    "starting": ["start to usable tree", "memory at that point", "CPU when idle"],
    "opening": ["open a chat of", "a page key", "a jump to the first", "a jump to the last"],
    "saving": ["one message saved", "load a session of", "fork of"],
    "listing": ["warm index", "no index"],
    "searching": ["index build", "p95 of mixed queries", "a new message findable"],
    "streaming": [
        "tokens shown",
        "words not painted",
        "frames",
        "key to painted, p95",
        "CPU",
        "replies whole",
        "to the next chat, p95",
    ],
    "importing": ["memory at most", "nothing new"],
}


def test_the_small_run_covers_every_topic() -> None:
    assert list(TOPICS) == list(topics.TOPICS)


@pytest.mark.slow
@pytest.mark.skipif(not Path("/proc/self/stat").exists(), reason="it reads /proc, as on Linux")
def test_every_topic_of_the_benchmark_gives_its_figures(tmp_path: Path) -> None:
    path = tmp_path / "figures.json"
    ran = subprocess.run(
        [sys.executable, "-m", "tests.bench", "--small", "--json", str(path)],
        cwd=Path(__file__).parent.parent,
        capture_output=True,
        text=True,
        check=False,
        timeout=500,
    )
    assert ran.returncode == 0, ran.stderr
    names = [figure["name"] for figure in json.loads(path.read_text())["figures"]]
    expected = [name for topic in TOPICS.values() for name in topic]
    assert [name for name in expected if not any(name in each for each in names)] == []
    assert all(name in ran.stdout for name in names)
