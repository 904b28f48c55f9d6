"""Whom to ask, what goes along, and what to ask."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from textual import on
from textual.app import ComposeResult
from textual.content import Content
from textual.widgets import Input, Static

from tui_sessions.model.agent import AgentTemplate
from tui_sessions.tui.drawing import draw_line
from tui_sessions.tui.screens.dialog import Dialog, DialogBox, DialogInput
from tui_sessions.tui.widgets.key_line import KeyLine
from tui_sessions.tui.widgets.pick_list import PickList

_COLUMN = 24
"""Cells that names have at most, before what there is to say begins."""


@dataclass(frozen=True)
class AskedAgents:
    """What is asked of whom."""

    templates: tuple[str, ...]
    along: str
    """The id of what goes along."""
    instruction: str = ""


class AskAgentScreen(Dialog[AskedAgents | None]):
    """Asks for one or several agents, all in one dialog."""

    DEFAULT_CSS = """
    AskAgentScreen {
        & > DialogBox {
            width: 76;
        }
        & PickList {
            height: auto;
            text-wrap: nowrap;
            text-overflow: ellipsis;
            & > .option-list--option-highlighted {
                color: $foreground;
                background: transparent;
            }
            &:focus > .option-list--option-highlighted {
                color: $block-cursor-foreground;
                background: $block-cursor-background;
            }
        }
        & .ask-agent--title {
            color: $text-primary;
            text-style: bold;
            margin: 1 0 0 0;
        }
        & Input {
            margin: 1 0 0 0;
        }
        &.-low .ask-agent--title, &.-low Input {
            margin: 0;
        }
    }
    """

    LISTS = ".ask-agent--agents"
    SHARE = 25
    BESIDE = 9

    def __init__(self, templates: Sequence[AgentTemplate], along: Mapping[str, str]) -> None:
        """Ask.

        Args:
            templates: who can be asked.
            along: what can go along, by id; the first is chosen to begin with.
        """
        super().__init__()
        column = max((draw_line(t.name).cell_length for t in templates), default=0)
        lines = {t.name: _line(t, min(column, _COLUMN)) for t in templates}
        self._agents = PickList(lines, several=True)
        self._agents.add_class("ask-agent--agents")
        kinds = {name: draw_line(text) for name, text in along.items()}
        self._kinds = PickList(kinds, several=False)

    def compose(self) -> ComposeResult:
        """The agents, what goes along, the question, and the keys."""
        with DialogBox("Ask another agent"):
            yield self._agents
            yield Static("What goes along", classes="ask-agent--title")
            yield self._kinds
            yield DialogInput(placeholder="what to ask (may stay empty)")
            yield Static("", classes="dialog--error")
            yield KeyLine(
                ("dialog.choose", "choose several"),
                ("tab", "next part"),
                ("dialog.accept", "ask"),
                ("dialog.cancel", "cancel"),
            )

    def on_mount(self) -> None:
        """Begin in the list."""
        self._agents.focus()

    def action_accept(self) -> None:
        """Answer with what was chosen; without a choice, with the agent under the cursor."""
        chosen = self._agents.picked or tuple(filter(None, [self._agents.current]))
        if not chosen:
            self.show_error("There is no agent to ask: make a template first.")
            return
        instruction = self.query_one(Input).value.strip()
        self.dismiss(AskedAgents(chosen, self._kinds.picked[0], instruction))

    @on(Input.Submitted)
    def _ask_from_field(self, event: Input.Submitted) -> None:
        event.stop()
        self.action_accept()


def _line(template: AgentTemplate, column: int) -> Content:
    name = draw_line(template.name).truncate(column, ellipsis=True, pad=True)
    model = "/".join(part for part in (template.agent.provider, template.agent.model) if part)
    detail = " · ".join(part for part in (template.description, model) if part)
    return Content.assemble(name, "  ", draw_line(detail, "$foreground 66%"))
