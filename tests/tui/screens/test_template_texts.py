"""What is said of templates: in the list, beside it, and of keys that mean nothing."""

from __future__ import annotations

from pathlib import Path

import pytest

from tui_sessions.model.agent import AgentConfig, AgentTemplate
from tui_sessions.model.template_keys import unknown_keys
from tui_sessions.tui.screens.template_view import TemplateRow, draw_template, source_of


@pytest.mark.parametrize(
    ("text", "before", "wrong"),
    [
        ("description = 'x'\n[agent]\nmodel = 'y'", "", None),
        ("descripton = 'x'", "", "'descripton' means nothing here; did you mean description?"),
        ("[agent]\nsytem_prompt = 'x'", "", "'agent.sytem_prompt' means nothing"),
        ("kept = 1", "kept = 2", None),
        ("[agent.parameters]\nanything = 1", "", None),
        ("not toml", "", None),
    ],
)
def test_a_misspelt_key_is_named(text: str, before: str, wrong: str | None) -> None:
    found = unknown_keys(text, before)
    if wrong is None:
        assert found == []
    else:
        assert found[0].startswith(wrong)


def test_the_source_of_a_template_is_told_in_a_word() -> None:
    own = Path("/config/templates")
    assert source_of("built-in", own) == ("built-in", "")
    assert source_of("/config/templates/a.toml", own) == ("file", "/config/templates/a.toml")
    assert source_of("/data/w/templates/a.toml", own)[0] == "workspace"


def test_a_template_is_drawn_whole_and_safely() -> None:
    agent = AgentConfig(
        provider="mine", system_prompt="Be [red]\x1b[2J", parameters={"top_p": 0.9}, tools=("read",)
    )
    template = AgentTemplate(name="odd", description="Odd", tags=("a", "b"), agent=agent)
    drawn = draw_template(TemplateRow("odd", "file", "/x/odd.toml", template)).plain
    for part in ("Odd", "file: /x/odd.toml", "a, b", "mine", "top_p", "0.9", "read", "Be [red]"):
        assert part in drawn
    assert "\x1b" not in drawn
    assert TemplateRow("n" * 50, "built-in").drawn(20).cell_length == 20
