"""`show`: one session with its conversation."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from tui_sessions.cli.completing import SESSION
from tui_sessions.cli.global_options import GlobalOptions, command
from tui_sessions.cli.naming import find_chat, find_session
from tui_sessions.cli.opening import Sessions, with_sessions
from tui_sessions.cli.output import local_time, say, say_json
from tui_sessions.cli.values import session_value
from tui_sessions.cli.words import WORDS
from tui_sessions.model.visible import visible_line

if TYPE_CHECKING:
    from tui_sessions.model.message import Message
    from tui_sessions.model.session import Chat, Session


@command("show")
@click.argument("session", type=SESSION)
@click.option("--chat", type=WORDS, metavar="CHAT", help="This chat, by id or name.")
@click.option("--ids", is_flag=True, help="The id of each message, as `fork --at` takes it.")
@click.option("--full", is_flag=True, help="Thinking and tool output whole, not folded to a line.")
@click.option("--json", "as_json", is_flag=True, help="As one JSON document.")
@click.pass_obj
def show(
    options: GlobalOptions,
    session: str,
    *,
    chat: str | None,
    ids: bool,
    full: bool,
    as_json: bool,
) -> None:
    """Show a session and its conversation."""

    async def read(sessions: Sessions) -> tuple[Session, Chat | None, list[Message]]:
        manager = await sessions.scope()
        found = await manager.get_session(await find_session(manager, session))
        chosen = find_chat(found, chat)
        return found, chosen, await manager.history(found.id, chosen.id) if chosen else []

    found, chosen, messages = with_sessions(options, read)
    if as_json:
        _say_json(found, chosen, messages)
        return
    from tui_sessions.cli.transcript import transcript

    for line in _head(found, chosen):
        say(line)
    for text in transcript(messages, full=full, ids=ids):
        say()
        say(text.rstrip("\n"))


def _say_json(session: Session, chat: Chat | None, messages: list[Message]) -> None:
    from tui_sessions.model.codec import message_data

    value = session_value(session)
    value["chat"] = chat.id if chat else None
    value["history"] = [message_data(message) for message in messages]
    say_json(value)


def _head(session: Session, chosen: Chat | None) -> list[str]:
    fields = [
        ("id", session.id),
        ("workspace", session.workspace_id),
        ("user", session.user_id),
        ("state", session.state.value + (", read-only" if session.read_only else "")),
        ("created", local_time(session.created_at)),
        ("last active", local_time(session.last_active_at)),
        ("tags", ", ".join(session.tags)),
        (
            "parent",
            f"{session.parent.session_id} ({session.parent.kind})" if session.parent else "",
        ),
        ("origin", f"{session.origin.format} {session.origin.id or ''}" if session.origin else ""),
    ]
    lines = [visible_line(session.label or "(no label)")]
    lines += [f"  {name + ':':<12} {visible_line(value)}" for name, value in fields if value]
    for chat in session.chats:
        mark = "*" if chosen is not None and chat.id == chosen.id else " "
        agent = f"{chat.agent.provider} {chat.agent.model or ''}".strip()
        text = f"  {mark} chat {chat.id}  {chat.name} ({agent}), {chat.message_count} messages"
        lines.append(visible_line(text))
    return lines
