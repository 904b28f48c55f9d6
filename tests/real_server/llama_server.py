"""llama.cpp's own server as a process of its own."""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import time
import urllib.request
from pathlib import Path
from types import TracebackType
from typing import Any, Self

VERSION = "0.3.36"
_CACHE = os.environ.get("XDG_CACHE_HOME") or str(Path.home() / ".cache")
HOME = Path(os.environ.get("LLAMA_SERVER_HOME") or f"{_CACHE}/llama-server-{VERSION}")
"""Where build.sh puts it; read before a test gets a home of its own."""
_START_S = 60


def binary() -> Path | None:
    """The built server, where there is one."""
    return path if (path := HOME / "llama-server").is_file() else None


class LlamaServer:
    """Runs from entering to leaving; faults are real ones, by signals."""

    def __init__(self, program: Path, model: Path, *more: str) -> None:
        with socket.socket() as found:
            found.bind(("127.0.0.1", 0))
            self.port = found.getsockname()[1]
        self.log = model.parent / f"server-{self.port}.log"
        options = ["-c", "65536", "-np", "8", "-t", "1", "--threads-http", "64", "--jinja"]
        self._command = [
            *(str(program), "-m", str(model), "--host", "127.0.0.1", "--port", str(self.port)),
            *(*options, "--alias", "tiny", "--no-webui", "--slots", *more),
        ]

    @property
    def address(self) -> str:
        """Its base URL."""
        return f"http://127.0.0.1:{self.port}/v1"

    def __enter__(self) -> Self:
        with self.log.open("wb") as log:
            self._process = subprocess.Popen(self._command, stdout=log, stderr=log)
        limit = time.monotonic() + _START_S
        while not self._healthy():
            assert self._process.poll() is None, self.log.read_text()[-2000:]
            assert time.monotonic() < limit, "llama-server does not start"
            time.sleep(0.02)
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._process.kill()
        self._process.wait()

    def kill(self) -> None:
        """End it as a crash does."""
        self._process.kill()
        self._process.wait()

    def freeze(self) -> None:
        """Keep its connections open and answer nothing."""
        os.kill(self._process.pid, signal.SIGSTOP)

    def thaw(self) -> None:
        """Let it go on."""
        os.kill(self._process.pid, signal.SIGCONT)

    def busy(self) -> int:
        """How many replies it is writing."""
        return sum(bool(slot["is_processing"]) for slot in self.get("/slots"))

    def get(self, path: str) -> Any:
        """What it says at a path."""
        url = f"http://127.0.0.1:{self.port}{path}"
        with urllib.request.urlopen(url, timeout=10) as answer:
            return json.load(answer)

    def post(self, path: str, body: dict[str, Any]) -> Any:
        """What it answers to a request."""
        url = f"http://127.0.0.1:{self.port}{path}"
        request = urllib.request.Request(
            url, json.dumps(body).encode(), {"content-type": "application/json"}
        )
        with urllib.request.urlopen(request, timeout=60) as answer:  # noqa: S310  it is our own
            return json.load(answer)

    def _healthy(self) -> bool:
        try:
            return bool(self.get("/health")["status"] == "ok")
        except (OSError, ValueError):
            return False
