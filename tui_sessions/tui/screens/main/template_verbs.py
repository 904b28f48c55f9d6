"""Agent templates: choosing one for a chat, making one of a chat's agent."""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec
from textual import work

from tui_sessions.model.agent import AgentTemplate
from tui_sessions.model.identifiers import id_from_name, is_id
from tui_sessions.paths import config_dir
from tui_sessions.tui.screens.main.ground import Ground

if TYPE_CHECKING:
    from tui_sessions.engine.agents.templates import Templates


class TemplateVerbs(Ground):
    """Looking at templates, using them, and saving an agent as one."""

    @work
    async def action_templates(self) -> None:
        """Show the agent templates; the one that is chosen answers in the open chat."""
        from tui_sessions.tui.screens.templates import TemplatesScreen

        opened = self.current
        workspace_id = opened.workspace_id
        screen = TemplatesScreen(
            self.templates_here(),
            config_dir() / "templates",
            workspace_id,
            lambda: self.make_workspace(workspace_id),
            selected=(await self.agent_of(opened)).template,
        )
        name = await self.app.push_screen_wait(screen)
        if name is not None:
            await self.agents.use_template(opened, name)

    @work
    async def action_save_template(self) -> None:
        """Save the open chat's agent as a template of the person's own."""
        from tui_sessions.tui.screens.text_prompt import TextPrompt

        agent = await self.agent_of(self.current)
        name = await self.app.push_screen_wait(
            TextPrompt(
                "Save the agent as",
                agent.template or "",
                "a name",
                _name_problem,
                kept=self.drafting.kept("template"),
            )
        )
        if name is None:
            return
        templates = self.templates_here()
        async with self.telling():
            await templates.refresh()
            known = {template.name: template for template in templates.list()}
            if name in known and not await self._replace(templates, name):
                return
            before = known.get(name) or known.get(agent.template or "")
            plain = msgspec.structs.replace(agent, template=None)
            description = before.description if before else ""
            category = before.category if before else "general"
            tags = before.tags if before else ()
            template = AgentTemplate(
                name=name, description=description, category=category, tags=tags, agent=plain
            )
            await templates.save(template)
            self.say(f"Saved as the template {name}.")

    async def _replace(self, templates: Templates, name: str) -> bool:
        from tui_sessions.tui.screens.question import Question

        own = templates.source(name) not in ("built-in", "settings")
        text = "It is replaced." if own else "Yours is used instead; delete it to have that back."
        question = Question(f"There is a template {name}. Save over it?", text, dangerous=own)
        return await self.app.push_screen_wait(question)


def _name_problem(name: str) -> str | None:
    if is_id(name):
        return None
    return f"Letters, digits, - and _ only, such as {id_from_name(name, 'my-agent')}."
