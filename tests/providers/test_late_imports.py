"""The provider library is loaded by the first request, and by nothing before it."""

from __future__ import annotations

import json
import subprocess
import sys
from typing import Any

import pytest

HEAVY = (
    *("pydantic_ai", "pydantic", "openai", "anthropic", "google.genai", "mistralai"),
    *("httpx", "httpx2", "genai_prices"),
)


def run(code: str) -> Any:
    """What a fresh process prints as JSON."""
    done = subprocess.run(
        [sys.executable, "-W", "error", "-c", code], capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


LOADED = """
import json, sys
tops = {name.split(".")[0] for name in sys.modules}
print(json.dumps(sorted(tops | {"google.genai"} & set(sys.modules))))"""


@pytest.mark.parametrize(
    "before",
    [
        "import tui_sessions",
        "import tui_sessions.cli.running",
        "import tui_sessions.tui.app",
        "import tui_sessions.providers.remote, tui_sessions.providers.warm_up",
    ],
)
def test_importing_the_package_loads_none_of_it(before: str) -> None:
    assert not set(run(f"{before}\n{LOADED}")) & {*HEAVY, "keyring"}


def test_a_turn_without_a_network_and_looking_for_servers_load_none_of_it() -> None:
    code = f"""
import asyncio
from tui_sessions import open_sessions
async def main():
    async with open_sessions("memory:") as manager:
        await manager.providers.detect()
        await manager.providers.offers()
        session = await manager.create_session(label="x")
        async for event in manager.send(session.id, "Hello"):
            pass
asyncio.run(main())
{LOADED}"""
    assert not set(run(code)) & set(HEAVY)


def test_the_first_paint_of_the_app_loads_none_of_it() -> None:
    code = f"""
import asyncio
from pathlib import Path
from tempfile import mkdtemp
from tui_sessions import Settings, open_sessions
from tui_sessions.tui.app import SessionsApp
from tui_sessions.tui.remembered.drafts import Drafts
from tui_sessions.tui.screens.main.base import Start
async def main():
    async with open_sessions("memory:") as manager:
        start = Start("dev", "dev", None, "tty:test")
        app = SessionsApp(start, Settings(), Drafts(Path(mkdtemp()) / "drafts"))
        app.use(manager)
        async with app.run_test() as pilot:
            await pilot.pause()
asyncio.run(main())
{LOADED}"""
    assert not set(run(code)) & set(HEAVY)


@pytest.mark.parametrize(
    ("kind", "loaded", "not_loaded"),
    [
        ("openai", "openai", "anthropic"),
        pytest.param("openai-compatible", "openai", "anthropic", marks=pytest.mark.slow),
        ("anthropic", "anthropic", "openai"),
        pytest.param("google", "google", "openai", marks=pytest.mark.slow),
        pytest.param("mistral", "mistralai", "openai", marks=pytest.mark.slow),
    ],
)
def test_only_the_kit_that_is_used_is_loaded_and_the_collector_is_on_again(
    kind: str, loaded: str, not_loaded: str
) -> None:
    code = f"""
import asyncio, gc, json, sys, threading
from tui_sessions.providers.warm_up import load_calls, warm_up
seen = []
class Watcher:
    def find_spec(self, name, path=None, target=None):
        if name == "pydantic_ai":
            seen.append((gc.isenabled(), threading.current_thread() is threading.main_thread()))
sys.meta_path.insert(0, Watcher())
async def main():
    calls = await asyncio.gather(*(load_calls({kind!r}) for _ in range(3)))
    assert len(set(calls)) == 1
asyncio.run(main())
modules = sorted({{n.split(".")[0] for n in sys.modules}})
print(json.dumps([seen, gc.isenabled(), gc.get_freeze_count() > 0, modules]))"""
    seen, collects, frozen, modules = run(code)
    assert (seen, collects, frozen) == ([[False, False]], True, True)
    assert loaded in modules
    assert not_loaded not in modules
