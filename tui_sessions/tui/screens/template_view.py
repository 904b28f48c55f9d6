"""What there is to say of an agent template: a line in the list, and everything beside it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from textual.content import Content

from tui_sessions.model.agent import AgentTemplate
from tui_sessions.tui.drawing import draw, draw_line
from tui_sessions.tui.widgets.inspector.field import metadata_text

_MUTED = "$foreground 66%"
_NAME_WIDTH = 12
_OWN = ("file", "workspace")
NEW_TEXT = """\
# description, category, tags; in [agent]: provider, model, system_prompt, tools, parameters
description = ""

[agent]
system_prompt = \"\"\"
\"\"\"

[agent.parameters]
temperature = 0.7
"""
"""What a new template begins with."""


@dataclass(frozen=True)
class TemplateRow:
    """A template that can be used, or a file that cannot."""

    name: str
    source: str
    """`built-in`, `settings`, `file` or `workspace`."""
    path: str = ""
    """Its file, where it has one."""
    template: AgentTemplate | None = None
    """None for a file that cannot be used."""
    problem: str = ""
    """Why it cannot."""

    @property
    def own(self) -> bool:
        """Whether it is a file that can be deleted here."""
        return self.source in _OWN

    def drawn(self, width: int) -> Content:
        """The row as a line of the list; where it is narrow, the name alone."""
        source = draw_line(self.source, "$text-error" if self.problem else _MUTED)
        room = width - source.cell_length - 1
        name = draw_line(("✗ " if self.problem else "") + self.name)
        if room < _NAME_WIDTH:
            return name.truncate(width, ellipsis=True)
        return Content.assemble(name.truncate(room, ellipsis=True, pad=True), " ", source)


def source_of(source: str, own_folder: Path) -> tuple[str, str]:
    """The kind of a template's source, and its file where it has one."""
    if source in ("built-in", "settings", "registered"):
        return source, ""
    kind = "file" if Path(source).parent == own_folder else "workspace"
    return kind, source


def draw_template(row: TemplateRow) -> Content:
    """Everything about a template; the widget wraps it."""
    if row.template is None:
        title = Content.styled("This file cannot be used", "bold $text-error")
        said = [title, draw(row.problem), draw_line(row.path, _MUTED)]
        return Content("\n\n").join([*said, Content.styled("e edits it.", _MUTED)])
    template, agent = row.template, row.template.agent
    head = draw_line(template.name, "bold $text")
    if template.description:
        head = Content.assemble(head, "\n", draw(template.description))
    facts = [
        ("source", row.source if not row.path else f"{row.source}: {row.path}"),
        ("category", template.category),
        ("tags", ", ".join(template.tags)),
        ("provider", agent.provider),
        ("model", agent.model or "the provider's default"),
        *_parameters(agent.parameters),
        ("tools", ", ".join(agent.tools)),
    ]
    lines = [_fact(name, value) for name, value in facts if value]
    prompt = draw(agent.system_prompt.strip()) if agent.system_prompt else Content("none")
    label = Content.styled("system prompt", _MUTED)
    return Content.assemble(head, "\n\n", Content("\n").join(lines), "\n\n", label, "\n", prompt)


def _parameters(parameters: Mapping[str, Any]) -> list[tuple[str, str]]:
    return [(name, metadata_text(value)) for name, value in parameters.items()]


def _fact(name: str, value: str) -> Content:
    label = draw_line(name, _MUTED).truncate(_NAME_WIDTH, ellipsis=True, pad=True)
    return Content.assemble(label, " ", draw_line(value))
