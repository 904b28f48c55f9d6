"""Where replies come from: llama.cpp's own server where it is built, else one at its speed."""

from __future__ import annotations

import json
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from tests.bench.run import Run
from tests.real_server.llama_server import LlamaServer, binary

_HERE = Path(__file__).parent
_LLAMA_RATE = 7_000
"""Tokens a second that llama.cpp's server sends with the tiny model."""


@dataclass(frozen=True)
class Server:
    """One that answers every question with so many tokens."""

    name: str
    address: str
    question: str
    tokens: int

    def bare_rate(self) -> float:
        """Tokens a second when a client does nothing but read them."""
        message = {"role": "user", "content": self.question}
        body = {"model": "m", "stream": True, "max_tokens": self.tokens, "messages": [message]}
        request = urllib.request.Request(  # noqa: S310  it is our own
            f"{self.address}/chat/completions",
            json.dumps(body).encode(),
            {"content-type": "application/json"},
        )
        tokens, first = 0, 0.0
        with urllib.request.urlopen(request, timeout=120) as lines:  # noqa: S310  it is our own
            for line in lines:
                if b'"content":"' in line.replace(b" ", b""):
                    first = first or time.perf_counter()
                    tokens += 1
        return tokens / (time.perf_counter() - first)


@contextmanager
def fast_server(run: Run, tokens: int) -> Iterator[Server]:
    """A server as fast as it can."""
    program = binary()
    if program is None:
        with paced_server(_LLAMA_RATE, tokens) as server:
            yield server
        return
    model = run.scratch / "tiny.gguf"
    writer = _HERE.parent / "real_server" / "tiny_gguf.py"
    subprocess.run([sys.executable, str(writer), str(model)], check=True)
    with LlamaServer(program, model, "-np", "1") as llama:
        yield Server("llama-server", llama.address, "long", tokens)


@contextmanager
def paced_server(rate: int, tokens: int) -> Iterator[Server]:
    """A server that sends so many tokens a second."""
    command = [sys.executable, str(_HERE / "token_server.py"), str(rate), str(tokens)]
    with subprocess.Popen(command, stdout=subprocess.PIPE) as process:
        assert process.stdout is not None
        address = f"http://127.0.0.1:{int(process.stdout.readline())}/v1"
        try:
            yield Server(f"a server at {rate:,} tokens/s", address, "long", tokens)
        finally:
            process.kill()
