"""What all tests share: a home of their own, no network, and managers to try things with."""

from __future__ import annotations

import gc
import importlib.util
import ipaddress
import itertools
import os
import re
import socket
import sys
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import AbstractAsyncContextManager
from pathlib import Path
from typing import Any

import pytest
from example_counts import load_examples
from warm_command import WarmCommand, warm_command

from tui_sessions import ProviderRegistry, ScriptedProvider, SessionManager, Settings, open_sessions
from tui_sessions.model.collecting import keep_for_good

_connect = socket.socket.connect
_connect_ex = socket.socket.connect_ex


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--run-slow", action="store_true", help="run the tests marked slow as well")


def pytest_configure(config: pytest.Config) -> None:
    load_examples(thorough=config.getoption("--run-slow"))


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    if not config.getoption("--run-slow"):
        skip = pytest.mark.skip(reason="slow: needs --run-slow")
        for item in items:
            if "slow" in item.keywords:
                item.add_marker(skip)


@pytest.hookimpl(wrapper=True)
def pytest_collection() -> Iterator[None]:
    """What the tests are made of stays: the collector need not look at it again and again."""
    gc.disable()
    try:
        return (yield)
    finally:
        gc.enable()
        keep_for_good(collected=False)


@pytest.hookimpl(wrapper=True)
def pytest_runtest_protocol(item: pytest.Item) -> Iterator[None]:
    """The same for what a test was the first to import: apps collect whenever they tidy up."""
    known = len(sys.modules)
    result = yield
    if len(sys.modules) > known + 50:
        keep_for_good()
    return result


@pytest.fixture
def thawing() -> Iterator[None]:
    """For a test after which the collector has to be kept from what stays once more."""
    yield
    keep_for_good()


class NetworkForbiddenError(RuntimeError):
    """A test tried to reach another machine."""


def _check_address(own: socket.socket, address: Any) -> None:
    if own.family == getattr(socket, "AF_UNIX", None):
        return
    host = str(address[0])
    try:
        local = ipaddress.ip_address(host).is_loopback
    except ValueError:
        local = host == "localhost"
    if not local:
        raise NetworkForbiddenError(f"tests do not reach {host}")


@pytest.fixture
def apart() -> Iterator[pytest.MonkeyPatch]:
    """Keeps a test from the machine; the test's own `monkeypatch` can be undone without this."""
    with pytest.MonkeyPatch.context() as patch:
        yield patch


@pytest.fixture(autouse=True)
def no_network(apart: pytest.MonkeyPatch) -> None:
    def connect(own: socket.socket, address: Any) -> None:
        _check_address(own, address)
        _connect(own, address)

    def connect_ex(own: socket.socket, address: Any) -> int:
        _check_address(own, address)
        return _connect_ex(own, address)

    apart.setattr(socket.socket, "connect", connect)
    apart.setattr(socket.socket, "connect_ex", connect_ex)


_folder_numbers = itertools.count()


def _new_folder(factory: pytest.TempPathFactory, name: str) -> Path:
    """A folder by this name and a number that is counted.

    Left to itself, pytest looks through the folders of all tests before for the next free one.
    """
    return factory.mktemp(f"{name}-{next(_folder_numbers)}", numbered=False)


@pytest.fixture
def tmp_path(tmp_path_factory: pytest.TempPathFactory, request: pytest.FixtureRequest) -> Path:
    """A folder of the test's own, named after it as far as fits into the address of a socket."""
    return _new_folder(tmp_path_factory, re.sub(r"\W", "_", request.node.name)[:30])


@pytest.fixture(autouse=True)
def own_home(tmp_path_factory: pytest.TempPathFactory, apart: pytest.MonkeyPatch) -> Path:
    """A home folder of the test's own, so that nothing touches the real one."""
    home = _new_folder(tmp_path_factory, "home")
    apart.setenv("HOME", str(home))
    for name in ("DATA", "CONFIG", "CACHE", "STATE"):
        apart.setenv(f"XDG_{name}_HOME", str(home / name.lower()))
    return home


@pytest.fixture(autouse=True)
def no_keys(apart: pytest.MonkeyPatch) -> None:
    """Neither the keys nor the addresses that the person who runs the tests has set."""
    for name in ("OPENAI", "ANTHROPIC", "OPENROUTER"):
        apart.delenv(f"{name}_API_KEY", raising=False)
        apart.delenv(f"{name}_BASE_URL", raising=False)
    apart.setenv("PYTHON_KEYRING_BACKEND", "keyring.backends.null.Keyring")


@pytest.fixture
def mcp_extra() -> None:
    """For tests that need MCP's library; asked without loading it, which takes two seconds."""
    if importlib.util.find_spec("fastmcp") is None:
        pytest.skip("needs the extra: pip install 'sessions-tui[mcp]'")


@pytest.fixture(scope="session")
def warm(tmp_path_factory: pytest.TempPathFactory) -> Iterator[WarmCommand]:
    """Starts the command without what its start takes; one for all tests."""
    environment = {key: os.environ[key] for key in ("PATH", "LANG") if key in os.environ}
    environment["HOME"] = str(tmp_path_factory.mktemp("nobody"))
    environment |= {"PYTHONPATH": str(Path(__file__).parents[1]), "PYTHONUTF8": "1"}
    with warm_command(environment) as made:
        yield made


Opener = Callable[..., AbstractAsyncContextManager[SessionManager]]


@pytest.fixture
def open_manager(tmp_path: Path) -> Opener:
    """Opens managers over the same folder of files, as often as it is called."""

    def opened(**options: Any) -> AbstractAsyncContextManager[SessionManager]:
        options.setdefault("user_id", "ana")
        return open_sessions(f"file://{tmp_path}", **options)

    return opened


@pytest.fixture
async def manager(open_manager: Opener) -> AsyncIterator[SessionManager]:
    async with open_manager() as opened:
        yield opened


@pytest.fixture
def provider() -> ScriptedProvider:
    """Its first reply waits in the middle at the gate `go`; the second comes at once."""
    return ScriptedProvider([["Hel", {"gate": "go"}, "lo"], ["Again"]])


def registry_of(provider: ScriptedProvider) -> ProviderRegistry:
    """Providers among which `offline`, the default, is the scripted one."""
    registry = ProviderRegistry()
    registry.register("offline", lambda: provider)
    return registry


@pytest.fixture
async def scripted(
    open_manager: Opener, provider: ScriptedProvider
) -> AsyncIterator[SessionManager]:
    """A manager whose agents play the script of `provider`."""
    async with open_manager(providers=registry_of(provider)) as opened:
        yield opened


@pytest.fixture
async def manual(open_manager: Opener) -> AsyncIterator[SessionManager]:
    """A manager that saves when it is told to."""
    async with open_manager(settings=Settings(autosave=False)) as opened:
        yield opened
