"""`stats`: sessions in numbers."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from tui_sessions.cli.completing import SESSION
from tui_sessions.cli.global_options import GlobalOptions, command
from tui_sessions.cli.naming import find_session
from tui_sessions.cli.opening import Sessions, with_sessions
from tui_sessions.cli.output import count, local_time, say, say_json
from tui_sessions.model.clock import format_time
from tui_sessions.model.visible import visible_line

if TYPE_CHECKING:
    from tui_sessions.model.statistics import ChatStats, SessionStats, SystemStats
    from tui_sessions.model.usage import Usage


@command("stats")
@click.argument("session", type=SESSION, required=False)
@click.option("--json", "as_json", is_flag=True, help="As one JSON document.")
@click.pass_obj
def stats(options: GlobalOptions, session: str | None, *, as_json: bool) -> None:
    """Show a session, or all of them, in numbers.

    With --user all sessions of that user.
    """
    if session is not None:
        _of_session(options, session, as_json)
        return

    async def work(sessions: Sessions) -> SystemStats:
        manager = await sessions.scope()
        if options.user is not None:
            return await manager.user_report(options.user)
        return await manager.system_stats()

    found = with_sessions(options, work)
    if as_json:
        say_json(_value(found))
    else:
        _say_system(found)


def _of_session(options: GlobalOptions, name: str, as_json: bool) -> None:
    async def work(sessions: Sessions) -> tuple[SessionStats, dict[str, str]]:
        manager = await sessions.scope()
        session = await manager.get_session(await find_session(manager, name))
        return await manager.stats(session.id), {chat.id: chat.name for chat in session.chats}

    found, names = with_sessions(options, work)
    if as_json:
        say_json(_value(found))
        return
    say(f"session       {found.session_id}")
    say(f"created       {local_time(found.created_at)}")
    say(f"last active   {local_time(found.last_activity)}")
    say(f"messages      {found.messages:,} in {count(found.chats, 'chat')}")
    say(f"usage         {_usage(found.usage)}")
    if found.inherited_usage.total_tokens:
        say(f"inherited     {_usage(found.inherited_usage)}")
    if found.elsewhere.replies:
        gone = count(found.elsewhere.replies, "message")
        say(f"of it         {_usage(found.elsewhere.usage)} for {gone} no longer there")
    for chat in found.by_chat:
        say(_chat_line(chat, names.get(chat.chat_id, "")))


def _chat_line(chat: ChatStats, name: str) -> str:
    average = chat.average_response_s
    answered = f", {average:.1f} s a reply" if average is not None else ""
    return visible_line(
        f"  {chat.chat_id}  {name}: {count(chat.messages, 'message')}, "
        f"{count(chat.turns, 'turn')}{answered}; {_usage(chat.usage)}"
    )


def _say_system(found: SystemStats) -> None:
    say(f"sessions      {found.sessions:,} ({found.active_sessions:,} active)")
    say(f"users         {found.users:,}")
    say(f"chats         {found.chats:,} ({found.average_chats_per_session:.1f} a session)")
    say(f"messages      {found.messages:,}")
    say(f"oldest        {local_time(found.oldest)}")
    say(f"newest        {local_time(found.newest)}")
    if usage := getattr(found, "usage", None):
        say(f"usage         {_usage(usage)}")
    for day, number in list(found.activity_by_day.items())[-7:]:
        say(f"  {day}  {count(number, 'session')}")


def _usage(usage: Usage) -> str:
    cached = usage.cache_read_tokens + usage.cache_write_tokens
    parts = [f"{usage.input_tokens:,} tokens in", f"{usage.output_tokens:,} out"]
    if cached:
        parts.append(f"{cached:,} cached")
    if usage.cost_usd is not None:
        parts.append(f"${usage.cost_usd:.4f}")
    return ", ".join(parts)


def _value(found: SystemStats | SessionStats) -> dict[str, object]:
    """The numbers under their own names; all times are RFC 3339."""
    from datetime import datetime

    import msgspec

    def plain(value: object) -> object:
        if isinstance(value, datetime):
            return format_time(value)
        if isinstance(value, dict):
            return {key: plain(each) for key, each in value.items()}
        if isinstance(value, (list, tuple)):
            return [plain(each) for each in value]
        return value

    value = plain(msgspec.to_builtins(found, builtin_types=(datetime,)))
    return value if isinstance(value, dict) else {}
