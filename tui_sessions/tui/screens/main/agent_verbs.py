"""Who answers in a chat: choosing a model or a template."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

import msgspec
from textual import work

from tui_sessions.paths import config_dir
from tui_sessions.settings import write_settings
from tui_sessions.tui.screens.main.base import OpenChat
from tui_sessions.tui.screens.main.ground import Ground

if TYPE_CHECKING:
    from tui_sessions.tui.screens.choice import Choice
    from tui_sessions.tui.screens.model_options import ModelOptions


class AgentVerbs(Ground):
    """Choosing who answers from the next message on."""

    @work
    async def action_choose_agent(self) -> None:
        """Give the chat another template or model; a model is that of new chats as well."""
        from tui_sessions.providers.offers import offering
        from tui_sessions.tui.screens.choice import Choice
        from tui_sessions.tui.screens.model_options import EDIT_TEMPLATES, ModelOptions, option_of

        opened = self.current
        agent = await self.agent_of(opened)
        providers = offering(self.manager.providers)
        known = ModelOptions(self.templates_here().list(), providers)
        choice = Choice("Model or agent", known.options(), selected=option_of(agent))
        filling = self._offer_models(choice, known)
        chosen = await self.app.push_screen_wait(choice)
        filling.cancel()
        if chosen is None:
            return
        if chosen == EDIT_TEMPLATES:
            self.call_later(self.run_action, "templates")
            return
        kind, _, rest = chosen.partition(":")
        if kind == "problem":
            await self._type_model(opened, rest, known.problem(rest))
        elif kind == "template":
            await self.agents.use_template(opened, rest)
        else:
            await self._use_model(opened, *rest.split(":", 1))

    @work(exclusive=True, group="offers")
    async def _offer_models(self, choice: Choice, known: ModelOptions) -> None:
        """Add the models as their endpoints answer; nobody waits for a slow one."""
        from tui_sessions.providers.offers import arriving_offers

        choice.note(known.waiting())
        async for offer in arriving_offers(self.manager.providers):
            known.add(offer)
            choice.replace(known.options())
            choice.note(known.waiting())

    async def _type_model(self, opened: OpenChat, provider: str, problem: str) -> None:
        """Have the person name a model of a provider that does not list its own."""
        from tui_sessions.tui.screens.text_prompt import TextPrompt

        self.say(problem, severe=True)
        prompt = TextPrompt(
            f"Model of {provider}",
            placeholder="its name, as the provider has it",
            kept=self.drafting.kept(f"model:{provider}"),
        )
        name = await self.app.push_screen_wait(prompt)
        if name is not None and name.strip():
            await self._use_model(opened, provider, name.strip())

    async def _use_model(self, opened: OpenChat, provider: str, model: str) -> None:
        async with self.telling():
            _, chat = await self.beginnings.chat_of(opened)
            agent = msgspec.structs.replace(chat.agent, provider=provider, model=model)
            await self.agents.give(opened, agent)
            await self._keep_default(provider, model)
            self.say(f"{provider} / {model} answers from the next message on, and in new chats.")
            await self.manager.providers.warm_up(provider)

    async def _keep_default(self, provider: str, model: str) -> None:
        """Have new chats begin with a model, now and after the next start."""
        self.manager.templates.set_default(provider, model)
        chosen = {"default_provider": provider, "default_model": model}
        await asyncio.to_thread(write_settings, config_dir() / "settings.toml", "", chosen)
