"""An endpoint with every fault, and llama.cpp's own server where it is built."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest
from fault_server import FaultServer
from llama_server import LlamaServer, binary


@pytest.fixture
async def faults() -> AsyncIterator[FaultServer]:
    async with FaultServer() as server:
        yield server


@pytest.fixture(scope="session")
def model_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The 2 MB model whose reply a word in the question chooses."""
    from tiny_gguf import write_model

    return write_model(tmp_path_factory.mktemp("model") / "tiny.gguf")


@pytest.fixture(scope="session")
def llama(model_file: Path) -> Iterator[LlamaServer]:
    """One server for all tests that leave it alive."""
    with LlamaServer(_built(), model_file) as server:
        yield server


@pytest.fixture
def own_llama(model_file: Path) -> Iterator[LlamaServer]:
    """A server of the test's own, to be killed or stopped."""
    with LlamaServer(_built(), model_file) as server:
        yield server


@pytest.fixture
def locked_llama(model_file: Path) -> Iterator[LlamaServer]:
    """A server that wants a key."""
    with LlamaServer(_built(), model_file, "--api-key", "right-key-1234") as server:
        yield server


def _built() -> Path:
    found = binary()
    if found is None:
        pytest.skip("llama-server is not built: run tests/real_server/build.sh")
    return found
