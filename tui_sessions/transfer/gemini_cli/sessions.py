"""From a recording to sessions of ours: itself, and what was taken back in it."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any

from tui_sessions.model.message import Message
from tui_sessions.model.session import ParentLink
from tui_sessions.transfer.base import ImportedSession, message_id_for, session_id_for
from tui_sessions.transfer.drafts import CHAT_ID, SessionDraft, imported_session, shared_length
from tui_sessions.transfer.gemini_cli.content import blocks
from tui_sessions.transfer.gemini_cli.messages import FORMAT, MessageBuilder
from tui_sessions.transfer.gemini_cli.projects import Projects
from tui_sessions.transfer.gemini_cli.recordings import Recording
from tui_sessions.transfer.hygiene import json_in, moment_of, text_or_none

TITLE = "Gemini CLI"
_HASH_SHOWN = 8


class SessionMaker:
    """Makes sessions of recordings, sub-agents after the sessions that started them."""

    def __init__(
        self, projects: Projects, agents: Mapping[str, Sequence[str]], user_id: str
    ) -> None:
        """Take where the projects are, and the names of sub-agents by their sessions' ids."""
        self._projects = projects
        self._agents = agents
        self._user_id = user_id
        self._calls: dict[tuple[str, str], str] = {}
        """The messages that started sub-agents, by session and sub-agent."""
        self._rounds: dict[str, list[tuple[datetime, datetime, str]]] = {}
        """When each session's calls began and ended, and in which message."""
        self._directories: dict[str, str] = {}

    def sessions(self, recording: Recording) -> Iterator[ImportedSession]:
        """A session, and the lines of conversation that were taken back in it as its forks."""
        scope = recording.external_id
        messages = MessageBuilder(scope).build(recording.messages.items())
        ids = [message.id for message in messages]
        lines = [messages]
        fields = [{"title": _title(recording.meta), **self._spawn(recording)}]
        names = [scope]
        for abandoned in recording.abandoned:
            dropped = MessageBuilder(scope).build(abandoned.items())
            shared = shared_length([message.id for message in dropped], ids)
            # What a resume told again was not taken back.
            if any(_is_talk(m) and m.id not in ids for m in dropped[shared:]):
                first = dropped[shared].metadata["source_id"]
                lines.append(dropped)
                names.append(f"{scope}/{first}")
                fields.append(_forked(scope, dropped, shared))
        if not any(_is_talk(message) for line in lines for message in line):
            return
        self._note(recording)
        for name, line, more in zip(names, lines, fields, strict=True):
            yield self._made(recording, name, line, more)

    def _made(
        self,
        recording: Recording,
        external_id: str,
        messages: Sequence[Message],
        fields: dict[str, Any],
    ) -> ImportedSession:
        meta = recording.meta
        digest = text_or_none(meta.get("projectHash"))
        directory = self._directory(recording, digest)
        draft = SessionDraft(
            format_name=FORMAT,
            source_title=TITLE,
            external_id=external_id,
            path=recording.path,
            messages=messages,
            user_id=self._user_id,
            directory=directory,
            project=f"{TITLE}, unknown ({digest[:_HASH_SHOWN]})" if digest else None,
            model=next((m.model for m in reversed(messages) if m.model), None),
            source_provider="google",
            created_at=moment_of(meta.get("startTime")) if not fields.get("inherited") else None,
            **fields,
        )
        return imported_session(draft)

    def _directory(self, recording: Recording, digest: str | None) -> str | None:
        raw = list(recording.messages.values())
        told = self._projects.directory_of(recording.path, digest, raw)
        directory = told or self._directories.get(recording.trunk or "")
        if directory:
            self._directories[recording.external_id] = directory
        return directory

    def _spawn(self, recording: Recording) -> dict[str, Any]:
        trunk = recording.trunk
        if trunk is None:
            return {}
        names = (recording.path.stem, recording.external_id.removeprefix(f"{trunk}/"))
        found = (self._calls.get((trunk, name)) for name in names)
        link = ParentLink(
            session_id=session_id_for(FORMAT, trunk),
            chat_id=CHAT_ID,
            message_id=next((call for call in found if call), self._running(recording)),
            kind="spawn",
            detached=True,
        )
        return {"parent": link}

    def _running(self, recording: Recording) -> str | None:
        """The message whose calls ran when a sub-agent began; not all calls name theirs."""
        began = moment_of(recording.meta.get("startTime"))
        rounds = self._rounds.get(recording.trunk or "", ())
        fitting = [name for start, end, name in rounds if began and start <= began <= end]
        return fitting[-1] if fitting else None

    def _note(self, recording: Recording) -> None:
        """Which messages name the session's sub-agents: their calls started them."""
        scope = recording.external_id
        agents = self._agents.get(scope, ())
        for name, message in recording.messages.items() if agents else ():
            called = json.dumps(message.get("toolCalls"), ensure_ascii=False)
            for agent in agents:
                if agent in called:
                    self._calls.setdefault((scope, agent), message_id_for(FORMAT, scope, name))
        for name, message in recording.messages.items():
            start = moment_of(message.get("timestamp"))
            calls = [call for call in blocks(message.get("toolCalls")) if isinstance(call, dict)]
            ends = [end for call in calls if (end := moment_of(call.get("timestamp")))]
            if start and ends:
                found = (start, max(ends), message_id_for(FORMAT, scope, name))
                self._rounds.setdefault(scope, []).append(found)


def _title(meta: Mapping[str, Any]) -> str | None:
    """The name it was given; a sub-agent's is what it answered, at times as JSON."""
    summary = text_or_none(meta.get("summary"))
    answer = json_in(summary) if summary and summary.startswith("{") else None
    return text_or_none(answer.get("response")) if isinstance(answer, dict) else summary


def _forked(scope: str, messages: Sequence[Message], shared: int) -> dict[str, Any]:
    link = ParentLink(
        session_id=session_id_for(FORMAT, scope),
        chat_id=CHAT_ID,
        message_id=messages[shared - 1].id if shared else None,
    )
    return {"parent": link, "inherited": shared}


def _is_talk(message: Message) -> bool:
    return message.role in ("assistant", "tool") or (message.role == "user" and not message.hidden)
