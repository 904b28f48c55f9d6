"""The conversations of sub-agents as child sessions, linked to the calls that started them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path

from tui_sessions.model.session import ParentLink
from tui_sessions.transfer.base import ImportedSession, Skipped, session_id_for
from tui_sessions.transfer.claude_code.messages import FORMAT, MessageBuilder
from tui_sessions.transfer.claude_code.records import Kind, Record, read_session_file
from tui_sessions.transfer.claude_code.sessions import SessionMaker
from tui_sessions.transfer.claude_code.subagents import AgentMeta, ToolCalls, read_meta
from tui_sessions.transfer.claude_code.survey import AGENT_PREFIX
from tui_sessions.transfer.drafts import CHAT_ID
from tui_sessions.transfer.lines import Problems

_TALKING = (Kind.PROMPT, Kind.USER, Kind.ASSISTANT)


class AgentSessions:
    """Makes the child sessions of one conversation."""

    def __init__(self, maker: SessionMaker, trunk: str, calls: ToolCalls, max_line: int) -> None:
        """Take the foreign id of the conversation, and the tool calls that are known of it."""
        self._maker = maker
        self._trunk = trunk
        self._calls = calls
        self._max_line = max_line

    def from_file(self, path: Path) -> Iterator[ImportedSession | Skipped]:
        """A sub-agent that has a file of its own."""
        problems = Problems(path)
        records = read_session_file(path, problems, self._max_line).records
        yield from problems.skipped()
        if any(record.kind in _TALKING for record in records):
            name = path.stem.removeprefix(AGENT_PREFIX)
            yield self._session(name, path, records, read_meta(path))
        else:
            yield Skipped(path=path, reason="it holds no conversation")

    def from_records(self, records: Sequence[Record], path: Path) -> ImportedSession:
        """A sub-agent whose records stand among those of its session."""
        name = next((r.agent_id for r in records if r.agent_id), "") or records[0].uuid
        return self._session(name or f"line {records[0].line}", path, records, AgentMeta())

    def _session(
        self, name: str, path: Path, records: Sequence[Record], meta: AgentMeta
    ) -> ImportedSession:
        messages = MessageBuilder().build(records)
        prompt = next((m.text for m in messages if m.role == "user" and not m.hidden), "")
        trunk = _trunk(path) or self._trunk
        place = self._calls.place_of(meta, prompt)
        link = ParentLink(
            session_id=place.session_id if place else session_id_for(FORMAT, self._trunk_of(path)),
            chat_id=CHAT_ID,
            message_id=place.message_id if place else None,
            kind="spawn",
            detached=True,
        )
        found = self._maker.make(
            f"{trunk}/{name}",
            path,
            records,
            messages,
            title=meta.description,
            parent=link,
            metadata={"agent_type": meta.agent_type} if meta.agent_type else {},
        )
        self._calls.note(found.document.id, messages)
        return found

    def _trunk_of(self, path: Path) -> str:
        """Without known calls the folder says best whose sub-agent it is."""
        return self._trunk if self._calls else _trunk(path) or self._trunk


def _trunk(path: Path) -> str | None:
    """The session after whose id the folder of a sub-agent's file is named."""
    folder = next((folder for folder in path.parents if folder.name == "subagents"), None)
    return folder.parent.name if folder is not None else None
