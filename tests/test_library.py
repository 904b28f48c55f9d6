"""The library's face: its public names, and that the core loads no screen."""

import json
import os
import pkgutil
import subprocess
import sys
from pathlib import Path

import pytest

import tui_sessions

CORE = (
    "errors",
    "paths",
    "settings",
    "model",
    "stores",
    "index",
    "tools",
    "providers",
    "transfer",
    "engine",
    "wiring",
)
SCREEN = ("textual", "rich", "click")


BEHIND_THE_LIBRARY = ("tui_sessions.providers.library.", "tui_sessions.tools.mcp_client")
"""With an extra comes httpx, which loads click and rich for a command of its own."""


def core_modules() -> list[str]:
    """Every module but those of the command line and the screen."""
    names = [
        module.name for module in pkgutil.walk_packages(tui_sessions.__path__, "tui_sessions.")
    ]
    return ["tui_sessions", *(name for name in names if name.split(".")[1] in CORE)]


def test_every_public_name_is_there_once() -> None:
    assert sorted(set(tui_sessions.__all__)) == sorted(tui_sessions.__all__)
    for name in tui_sessions.__all__:
        assert getattr(tui_sessions, name) is not None


def test_the_package_alone_loads_nothing_and_still_tells_what_there_is() -> None:
    code = (
        "import sys, tui_sessions\n"
        "print(sorted(name for name in sys.modules if name.startswith('tui_sessions.')))\n"
        "print(tui_sessions.errors.SessionNotFound.__name__)\n"
        "print('Session' in dir(tui_sessions), hasattr(tui_sessions, 'nothing_of_that_name'))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.split("\n")[:3] == ["[]", "SessionNotFound", "True False"]


def test_every_public_name_says_what_it_is() -> None:
    for name in tui_sessions.__all__:
        value = getattr(tui_sessions, name)
        if isinstance(value, type) or callable(value):
            assert (value.__doc__ or "").strip(), name


def test_every_error_and_event_is_public() -> None:
    from tui_sessions import errors
    from tui_sessions.model import events

    for module, base in ((errors, errors.SessionsError), (events, events.ReplyEvent)):
        for name, value in vars(module).items():
            if isinstance(value, type) and issubclass(value, base) and name not in ("ReplyEnd",):
                assert name in tui_sessions.__all__, name


def loaded_by(*names: str) -> set[str]:
    """The top level packages that are loaded after these imports, in a fresh process."""
    code = (
        "import importlib, json, sys\n"
        f"for name in {names!r}: importlib.import_module(name)\n"
        "print(json.dumps(sorted({name.split('.')[0] for name in sys.modules})))"
    )
    done = subprocess.run(
        [sys.executable, "-W", "error", "-c", code], capture_output=True, text=True, check=True
    )
    return set(json.loads(done.stdout))


def own_modules() -> list[str]:
    """Core modules that load nothing but what is ours to answer for."""
    return [name for name in core_modules() if not name.startswith(BEHIND_THE_LIBRARY)]


@pytest.mark.parametrize("names", [["tui_sessions"], own_modules()], ids=["package", "core"])
def test_the_core_loads_no_screen(names: list[str]) -> None:
    assert not loaded_by(*names) & set(SCREEN)


_SHARED = ("asyncio", "concurrent.futures", "msgspec", "sqlite3", "subprocess", "zipfile")
"""What most modules load of others: once for all is enough, it is our own that are tried alone."""

_EACH_ALONE = f"""
import importlib, os, sys
for shared in {_SHARED!r}:
    importlib.import_module(shared)
failed = []
for name in sorted(sys.argv[1:], key=lambda name: name.startswith({BEHIND_THE_LIBRARY!r})):
    if name.startswith({BEHIND_THE_LIBRARY!r}):
        import openai, anthropic, pydantic_ai.direct
    child = os.fork()
    if child == 0:
        try:
            importlib.import_module(name)
        except BaseException as error:
            print(name, repr(error), flush=True)
            os._exit(1)
        screen = {{"textual", "rich", "click"}} & set(sys.modules)
        behind = name.startswith({BEHIND_THE_LIBRARY!r})
        os._exit(2 if screen and not behind else 0)
    if os.waitpid(child, 0)[1]:
        failed.append(name)
sys.exit(f"cannot be imported alone: {{failed}}" if failed else 0)
"""


@pytest.mark.slow
def test_every_core_module_can_be_imported_alone(tmp_path: Path) -> None:
    # With byte code kept, each module is compiled once and not again for every other one.
    environment = {**os.environ, "PYTHONPYCACHEPREFIX": str(tmp_path)}
    environment.pop("PYTHONDONTWRITEBYTECODE", None)
    done = subprocess.run(
        [sys.executable, "-c", _EACH_ALONE, *core_modules()],
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr


async def test_the_example_of_the_package_works() -> None:
    async with tui_sessions.open_sessions("memory:") as manager:
        session = await manager.create_session(label="Parser")
        names = [event.name async for event in manager.send(session.id, "Hello")]
    assert names[0] == "reply_started"
    assert names[-1] == "reply_done"
