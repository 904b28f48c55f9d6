"""What is done to chats, and what the inspector changes of them."""

from __future__ import annotations

from typing import Any

import msgspec
from textual import on, work

from tui_sessions.model.agent import AgentConfig
from tui_sessions.model.session import Chat, Session
from tui_sessions.tui.screens.main.base import NO_CHAT
from tui_sessions.tui.screens.main.ground import Ground
from tui_sessions.tui.widgets.chat_tabs import ChatTabs
from tui_sessions.tui.widgets.inspector.requests import ActRequested, EditRequested, ValueKept


class ChatVerbs(Ground):
    """New chats, and what the inspector changes and leads to."""

    @work
    async def action_new_chat(self) -> None:
        """Add a chat to the session, from a template."""
        from tui_sessions.tui.screens.choice import Choice, ChoiceOption

        target = self.target()
        opened = self.current
        templates = self.templates_here()
        await templates.refresh()
        options = [ChoiceOption(t.name, t.name, t.description) for t in templates.list()]
        name = await self.app.push_screen_wait(Choice("New chat with", options))
        if name is None:
            return
        async with self.telling():
            session_id = target.session_id if target else None
            if session_id is None:
                await self.beginnings.ensure_session(opened)
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
        session = self.current.session
        if session is None or not session.chats:
            self.say(NO_CHAT)
        elif len(session.chats) > 1:
            self.chat_tabs.begin_rename()
        else:
            self.say("The session has one chat only; F2 renames the session.")

    @on(ChatTabs.RenameEnded)
    def return_to_composer(self) -> None:
        """Go on where the person was."""
        self.composer.focus()

    @work
    async def action_delete_chat(self) -> None:
        """Delete the open chat, at once; it can be taken back."""
        if self.current.session_id and self.current.chat_id:
            await self.changes.delete_chat(self.current.session_id, self.current.chat_id)
        else:
            self.say(NO_CHAT)

    @on(ValueKept)
    def tell_kept_value(self, event: ValueKept) -> None:
        """Say where a value is that was being typed when another session was opened."""
        self.say(f"What you typed for {event.name} is kept: go on with it in that session.")

    @on(EditRequested)
    async def change_from_inspector(self, event: EditRequested) -> None:
        """Take over a value that was changed in the inspector."""
        async with self.telling():
            session = await self.manager.get_session(event.session_id)
            chat = session.chat(event.chat_id or "")
            if event.field in ("label", "tags", "metadata", "ttl_s"):
                await self._change_session(session, event)
            elif chat is not None:
                await self._change_chat(session, chat, event)

    async def _change_session(self, session: Session, event: EditRequested) -> None:
        manager, value = self.manager, event.value
        match event.field:
            case "label":
                await self.changes.rename(session, str(value or ""))
            case "tags":
                tags = value.split(",") if isinstance(value, str) else value or ()
                await self.changes.change_tags(session, tags)  # type: ignore[arg-type]
            case "ttl_s":
                await manager.set_ttl(session.id, value)  # type: ignore[arg-type]
            case "metadata" if event.key and value is None:
                had = {event.key: session.metadata.get(event.key)}
                await manager.update_metadata(session.id, {}, remove=[event.key])
                self.taking_back.remember(
                    f"Removed {event.key}", lambda: manager.update_metadata(session.id, had)
                )
            case "metadata" if event.key:
                await manager.update_metadata(session.id, {event.key: value})

    async def _change_chat(self, session: Session, chat: Chat, event: EditRequested) -> None:
        if event.field == "max_messages":
            await self.manager.update_chat(
                session.id,
                chat.id,
                max_messages=event.value,  # type: ignore[arg-type]
            )
            return
        await self.manager.set_agent(session.id, chat.id, _changed_agent(chat.agent, event))
        if event.value is None and event.key:
            self.taking_back.remember(
                f"Removed {event.key}",
                lambda: self.manager.set_agent(session.id, chat.id, chat.agent),
            )

    @work
    async def action_usage(self) -> None:
        """Show what everything used."""
        from tui_sessions.tui.screens.usage import UsageScreen

        screen = UsageScreen(self.workspace_names)
        self.app.push_screen(screen)
        async with self.telling():
            report = await self.manager.usage_report()
            if screen.is_attached:
                screen.show(report)

    @on(ActRequested)
    async def act_for_inspector(self, event: ActRequested) -> None:
        """Do what needs more than a row of the inspector."""
        await self.run_action(event.action)


def _changed_agent(agent: AgentConfig, event: EditRequested) -> AgentConfig:
    value: Any = event.value
    match event.field:
        case "parameter" | "temperature" | "max_tokens":
            parameters = {**agent.parameters, event.key or event.field: value}
            if value is None:
                del parameters[event.key or event.field]
            return msgspec.structs.replace(agent, parameters=parameters)
        case "provider" if value != agent.provider:
            # Another provider has other models: begin with its default.
            return msgspec.structs.replace(agent, provider=value, model=None)
    return msgspec.structs.replace(agent, **{event.field: value})


def _free_name(name: str, taken: set[str]) -> str:
    number = 1
    while (free := name if number == 1 else f"{name} {number}") in taken:
        number += 1
    return free
