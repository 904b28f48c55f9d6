"""The conversations of sub-agents as child sessions, linked to the calls that started them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path

from tui_sessions.model.message import Message
from tui_sessions.model.session import ParentLink
from tui_sessions.transfer.base import ImportedSession, Skipped, session_id_for
from tui_sessions.transfer.claude_code.messages import FORMAT, MessageBuilder
from tui_sessions.transfer.claude_code.records import Kind, Record, read_session_file
from tui_sessions.transfer.claude_code.sessions import SessionMaker, directory_of
from tui_sessions.transfer.claude_code.subagents import AgentMeta, CallPlace, ToolCalls, read_meta
from tui_sessions.transfer.claude_code.survey import AGENT_PREFIX, key_of
from tui_sessions.transfer.drafts import CHAT_ID
from tui_sessions.transfer.lines import Problems

_TALKING = (Kind.PROMPT, Kind.USER, Kind.ASSISTANT)


class AgentSessions:
    """Makes the child sessions of one conversation."""

    def __init__(
        self,
        maker: SessionMaker,
        trunk: str,
        calls: ToolCalls,
        max_line: int,
        keys: Iterable[int] = (),
    ) -> None:
        """Take what is known of the conversation.

        Args:
            maker: makes the sessions.
            trunk: the foreign id of the conversation.
            calls: the tool calls in it.
            max_line: the longest line that is read.
            keys: stand-ins for the uuids of its records.
        """
        self._maker = maker
        self._trunk = trunk
        self._calls = calls
        self._max_line = max_line
        self._keys = frozenset(keys)

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
        builder = MessageBuilder()
        messages = builder.build(records)
        inherited = self._inherited(builder.sources)
        own = messages[inherited:]
        prompt = next((m.text for m in own if m.role == "user" and not m.hidden), "")
        trunk = _trunk(path) or self._trunk
        link = self._link(path, self._calls.place_of(meta, prompt), messages[:inherited])
        found = self._maker.make(
            f"{trunk}/{name}",
            path,
            directory_of(path, records),
            messages,
            title=meta.description,
            parent=link,
            inherited=inherited,
            metadata={"agent_type": meta.agent_type} if meta.agent_type else {},
        )
        self._calls.note(found.document.id, messages)
        return found

    def _link(
        self, path: Path, place: CallPlace | None, inherited: Sequence[Message]
    ) -> ParentLink:
        """To the call that started it; or to where it parted, if it repeats what was said."""
        started = place.message_id if place else None
        return ParentLink(
            session_id=place.session_id if place else session_id_for(FORMAT, self._trunk_of(path)),
            chat_id=CHAT_ID,
            message_id=inherited[-1].id if inherited else started,
            kind="spawn",
            detached=not inherited,
        )

    def _inherited(self, sources: Sequence[Record]) -> int:
        """How many messages it repeats: questions asked aside carry the whole conversation."""
        for place, record in enumerate(sources):
            if not record.uuid or key_of(record.uuid) not in self._keys:
                return place
        return len(sources)

    def _trunk_of(self, path: Path) -> str:
        """Without known calls the folder says best whose sub-agent it is."""
        return self._trunk if self._calls else _trunk(path) or self._trunk


def _trunk(path: Path) -> str | None:
    """The session after whose id the folder of a sub-agent's file is named."""
    folder = next((folder for folder in path.parents if folder.name == "subagents"), None)
    return folder.parent.name if folder is not None else None
