"""What is done to chats and their agents."""

from __future__ import annotations

import msgspec
from textual import on, work

from tui_sessions.model.agent import AgentConfig
from tui_sessions.model.session import Chat, Session
from tui_sessions.providers.offers import Offer, offers
from tui_sessions.tui.screens.choice import Choice, ChoiceOption
from tui_sessions.tui.screens.main.base import OpenChat
from tui_sessions.tui.screens.main.exporting import Exporting
from tui_sessions.tui.widgets.chat_tabs import ChatTabs
from tui_sessions.tui.widgets.inspector.inspector import Inspector

_PARAMETERS = ("temperature", "max_tokens")


class ChatVerbs(Exporting):
    """New chats, other agents, and what the inspector changes."""

    @work
    async def action_new_chat(self) -> None:
        """Add a chat to the session, from a template."""
        target = self.target()
        opened = self.current
        options = [
            ChoiceOption(t.name, t.name, t.description) for t in self.manager.templates.list()
        ]
        name = await self.app.push_screen_wait(Choice("New chat with", options))
        if name is None:
            return
        async with self.telling():
            session_id = target.session_id if target else None
            if session_id is None:
                await self.ensure_session(opened)
                session_id = opened.session_id
            if session_id is None:
                return
            taken = {chat.name for chat in (await self.manager.get_session(session_id)).chats}
            chat = await self.manager.create_chat(
                session_id, template=name, name=_free_name(name.capitalize(), taken)
            )
            self.open_chat(session_id, chat.id)

    def action_rename_chat(self) -> None:
        """Rename the open chat in place."""
        if self.current.session is not None and len(self.current.session.chats) > 1:
            self.chat_tabs.begin_rename()
        else:
            self.say("The session has one chat only; F2 renames the session.")

    @on(ChatTabs.Renamed)
    async def rename_from_tabs(self, event: ChatTabs.Renamed) -> None:
        """Take over a chat's name that was typed in its tab."""
        if self.current.session_id:
            async with self.telling():
                await self.manager.rename_chat(self.current.session_id, event.chat_id, event.text)

    @on(ChatTabs.RenameEnded)
    def return_to_composer(self) -> None:
        """Go on where the person was."""
        self.composer.focus()

    @work
    async def action_delete_chat(self) -> None:
        """Delete the open chat, at once; it can be taken back."""
        if self.current.session_id and self.current.chat_id:
            await self.delete_chat(self.current.session_id, self.current.chat_id)

    @work
    async def action_choose_agent(self) -> None:
        """Give the chat another template or model, from the next message on."""
        opened = self.current
        options = [
            ChoiceOption(f"template:{t.name}", t.name, t.description)
            for t in self.manager.templates.list()
        ]
        for offer in await offers(self.manager.providers):
            options += _models_of(offer)
        chosen = await self.app.push_screen_wait(
            Choice("Model or agent", options, selected=_chosen(opened))
        )
        if chosen is None:
            return
        kind, _, rest = chosen.partition(":")
        if kind == "problem":
            self.say(rest, severe=True)
            return
        async with self.telling():
            session, chat = await self._open_chat_of(opened)
            if kind == "template":
                agent, _ = self.manager.templates.apply(rest)
            else:
                provider, _, model = rest.partition(":")
                agent = msgspec.structs.replace(chat.agent, provider=provider, model=model)
            await self.manager.set_agent(session.id, chat.id, agent)
            self.say(f"{rest} answers from the next message on.")
            await self.manager.providers.warm_up(agent.provider)

    async def _open_chat_of(self, opened: OpenChat) -> tuple[Session, Chat]:
        """The session and chat that were open when the verb began, made where there are none."""
        await self.ensure_session(opened)
        session_id = opened.session_id or ""
        session = await self.manager.get_session(session_id)
        if session.active_chat is None:
            await self.manager.create_chat(session_id)
            session = await self.manager.get_session(session_id)
        chat = session.chat(opened.chat_id or "") or session.chats[0]
        opened.chat_id = chat.id
        return session, chat

    @on(Inspector.Edited)
    async def change_from_inspector(self, event: Inspector.Edited) -> None:
        """Take over a value that was changed in the inspector."""
        async with self.telling():
            session = await self.manager.get_session(event.session_id)
            chat = session.chat(event.chat_id or "")
            if event.field in ("label", "tags", "metadata", "ttl_s"):
                await self._change_session(session, event)
            elif chat is not None:
                await self._change_chat(session, chat, event)

    async def _change_session(self, session: Session, event: Inspector.Edited) -> None:
        manager, value = self.manager, event.value
        match event.field:
            case "label":
                await manager.rename(session.id, str(value or ""))
            case "tags":
                tags = value.split(",") if isinstance(value, str) else value or ()
                await manager.set_tags(session.id, tags)  # type: ignore[arg-type]
            case "ttl_s":
                await manager.set_ttl(session.id, value)  # type: ignore[arg-type]
            case "metadata" if event.key and value is None:
                await manager.update_metadata(session.id, {}, remove=[event.key])
            case "metadata" if event.key:
                await manager.update_metadata(session.id, {event.key: value})

    async def _change_chat(self, session: Session, chat: Chat, event: Inspector.Edited) -> None:
        if event.field == "max_messages":
            await self.manager.update_chat(
                session.id,
                chat.id,
                max_messages=event.value,  # type: ignore[arg-type]
            )
            return
        await self.manager.set_agent(
            session.id, chat.id, _changed_agent(chat.agent, event.field, event.value)
        )


def _changed_agent(agent: AgentConfig, field: str, value: object) -> AgentConfig:
    if field not in _PARAMETERS:
        return msgspec.structs.replace(agent, **{field: value})
    parameters = {**agent.parameters, field: value}
    if value is None:
        del parameters[field]
    return msgspec.structs.replace(agent, parameters=parameters)


def _free_name(name: str, taken: set[str]) -> str:
    number = 1
    while (free := name if number == 1 else f"{name} {number}") in taken:
        number += 1
    return free


def _models_of(offer: Offer) -> list[ChoiceOption]:
    """The models of a provider, or why a hosted one has none for now."""
    name = offer.provider
    if offer.problem is not None and offer.problem.kind != "unavailable":
        return [ChoiceOption(f"problem:{offer.problem}", name, str(offer.problem))]
    if name == "scripted":
        return []
    return [
        ChoiceOption(f"model:{name}:{model}", f"{name} / {model}", "model")
        for model in offer.models
    ]


def _chosen(opened: OpenChat) -> str | None:
    """The choice that stands for the agent of the open chat."""
    chat = opened.session.chat(opened.chat_id or "") if opened.session else None
    if chat is None:
        return None
    if chat.agent.model is None and chat.agent.template:
        return f"template:{chat.agent.template}"
    return f"model:{chat.agent.provider}:{chat.agent.model}"
