"""The command in processes of its own, with a home in the test's folder."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from command_line import CommandLine
from warm_command import WarmCommand


@pytest.fixture
def sessions_tui(tmp_path: Path, warm: WarmCommand) -> CommandLine:
    folder = tmp_path / "project"
    folder.mkdir()
    return CommandLine(tmp_path / "home", folder, warm)


@pytest.fixture
def scripted(sessions_tui: CommandLine) -> Callable[[list[Any]], None]:
    """Makes the default template play a script."""

    def write(steps: list[Any]) -> None:
        path = sessions_tui.home / "config" / "sessions-tui" / "settings.toml"
        path.parent.mkdir(parents=True, exist_ok=True)
        agent = f"script = [{json.dumps(steps).replace(': ', ' = ')}]"
        path.write_text(
            'default_template = "played"\n'
            "[templates.played.agent]\n"
            'provider = "scripted"\n'
            "[templates.played.agent.parameters]\n"
            f"{agent}\n"
        )

    return write
