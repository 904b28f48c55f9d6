"""What is no template, or has a field of another kind, is refused and hides nothing."""

from __future__ import annotations

from typing import Any

import pytest

from tui_sessions import AgentConfig, AgentTemplate, InvalidId, InvalidValue, open_sessions

WRONG: dict[str, Any] = {
    "none": None,
    "number": 5,
    "text": "coder",
    "dict": {},
    "name": AgentTemplate(name=5),  # type: ignore[arg-type]
    "agent": AgentTemplate(name="coder", agent=5),  # type: ignore[arg-type]
    "description": AgentTemplate(name="coder", description=5),  # type: ignore[arg-type]
    "tags": AgentTemplate(name="coder", tags=5),  # type: ignore[arg-type]
    "model": AgentTemplate(name="coder", agent=AgentConfig(model=5)),  # type: ignore[arg-type]
    "parameters": AgentTemplate(
        name="coder",
        agent=AgentConfig(parameters=None),  # type: ignore[arg-type]
    ),
    "parameter": AgentTemplate(name="coder", agent=AgentConfig(parameters={"key": object()})),
    "tools": AgentTemplate(name="coder", agent=AgentConfig(tools=5)),  # type: ignore[arg-type]
}


@pytest.mark.parametrize("wrong", WRONG.values(), ids=WRONG.keys())
async def test_a_template_of_a_wrong_kind_is_refused_and_told_by_validate(wrong: Any) -> None:
    async with open_sessions("memory:") as manager:
        before = manager.templates.get("coder")
        with pytest.raises((InvalidValue, InvalidId)):
            manager.templates.register(wrong)
        assert manager.templates.validate(wrong)
        assert manager.templates.get("coder") == before


@pytest.mark.parametrize("wrong", [5, [], {}, b"coder"])
async def test_names_and_overrides_of_a_wrong_kind_do_no_harm(wrong: Any) -> None:
    async with open_sessions("memory:") as manager:
        assert manager.templates.unregister(wrong) is False
        if wrong not in ([], {}):
            with pytest.raises(InvalidValue):
                manager.templates.apply("coder", wrong)
