"""From the records of a session to sessions of ours: itself, and what was taken back in it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from tui_sessions.model.message import Message, ToolCallPart, ToolResultPart
from tui_sessions.model.session import ParentLink
from tui_sessions.transfer.base import ImportedSession, Skipped, session_id_for
from tui_sessions.transfer.codex.branches import lines_of_conversation
from tui_sessions.transfer.codex.messages import FORMAT, MessageBuilder
from tui_sessions.transfer.codex.names import Name
from tui_sessions.transfer.codex.prompts import prompts_among
from tui_sessions.transfer.codex.records import Kind, Record
from tui_sessions.transfer.codex.rollouts import Header
from tui_sessions.transfer.codex.threads import Threads, shown_rollouts
from tui_sessions.transfer.codex.told import repeats_a_prompt, told_directory, told_model
from tui_sessions.transfer.codex.usage import usages_of
from tui_sessions.transfer.drafts import CHAT_ID, SessionDraft, imported_session, shared_length
from tui_sessions.transfer.hygiene import text_or_none
from tui_sessions.transfer.lines import Problems

_TITLE = "Codex"
_ARCHIVE = "archived_sessions"


@dataclass(slots=True)
class _Handed:
    """What later sessions need to know of one that was handed out."""

    ids: list[str] = field(default_factory=list)
    spawned: dict[str, str] = field(default_factory=dict)
    """The messages whose calls started sub-agents, by the sub-agents' ids."""


class ThreadSessions:
    """Makes sessions of rollouts, parents first."""

    def __init__(
        self,
        threads: Threads,
        headers: Mapping[str, Header],
        names: Mapping[str, Name],
        user_id: str,
    ) -> None:
        self._threads = threads
        self._headers = headers
        self._names = names
        self._user_id = user_id
        self._shown = shown_rollouts(headers)
        self._replacing = {h.id for h in headers.values() if self._shown[h.id] is not h}
        """The sessions that have more rollouts than the one that is shown."""
        self._threads_by_rollout = {header.rollout: header.id for header in headers.values()}
        self._handed: dict[str, _Handed] = {}
        self._reviews: dict[str, tuple[str, str | None]] = {}
        """Sessions and messages in which a review began, by its moment and directory."""
        self._children: dict[str, list[str]] = {}
        for header in headers.values():
            if header.spawned_by:
                self._children.setdefault(header.spawned_by, []).append(header.id)

    def sessions(self, header: Header) -> Iterator[ImportedSession | Skipped]:
        """A session, and the lines of conversation that were taken back in it as its forks."""
        problems = Problems(header.path)
        records = self._threads.records_of(header, problems)
        orphan = header.above is not None and header.above not in self._headers
        if orphan:
            reason = f"the session {header.above!r:.80} that it forked from is not there"
            problems.add(reason + "; what there is came in")
        yield from problems.skipped()
        prompts = prompts_among(records)
        usages = usages_of(records, continues=orphan and header.cut is not None)
        kept, abandoned = lines_of_conversation(records, prompts)
        builder = MessageBuilder(prompts, usages)
        messages = builder.build(records, kept)
        is_replaced = self._shown[header.id] is not header
        takes_back = bool(abandoned) or (header.id in self._replacing and not is_replaced)
        if not takes_back and not any(_is_talk(message) for message in messages):
            if not problems.skipped():
                yield Skipped(path=header.path, reason="it holds no conversation")
            return
        ids = [message.id for message in messages]
        if is_replaced:
            yield from self._replaced(header, messages)
            return
        self._note(header, records, messages)
        yield self._session(header, records, messages, self._link(header, builder.sources, ids))
        for line in abandoned:
            if self._is_own(records[line.taken_back_at], header):
                dropped = MessageBuilder(prompts, usages).build(records, line.places)
                yield self._taken_back(header, records[line.dropped_from], dropped, ids)

    def _session(
        self,
        header: Header,
        records: Sequence[Record],
        messages: Sequence[Message],
        link: dict[str, Any],
    ) -> ImportedSession:
        title, chosen = self._title(header, records, messages)
        return self._made(
            header,
            header.id,
            messages,
            told_model(records),
            title=title,
            named_by_user=chosen,
            created_at=header.created_at,
            **link,
        )

    def _replaced(self, header: Header, messages: Sequence[Message]) -> Iterator[ImportedSession]:
        """What stood in a session before turns were taken back, where it goes on otherwise."""
        ids = [message.id for message in messages]
        shown = self._handed.get(header.id)
        shared = shared_length(ids, shown.ids if shown is not None else ())
        if any(_is_talk(message) for message in messages[shared:]):
            link = _forked(session_id_for(FORMAT, header.id), ids, shared)
            yield self._made(header, f"{header.id}/{header.rollout}", messages, **link)

    def _is_own(self, record: Record, header: Header) -> bool:
        """Whether a record was written in this session, and not in one that it forked from."""
        return self._threads_by_rollout.get(record.rollout) == header.id

    def _taken_back(
        self, header: Header, first: Record, messages: Sequence[Message], kept: Sequence[str]
    ) -> ImportedSession:
        ids = [message.id for message in messages]
        shared = shared_length(ids, kept)
        name = first.source_id or f"line {first.line}"
        link = _forked(session_id_for(FORMAT, header.id), ids, shared)
        return self._made(header, f"{header.id}/{name}", messages, **link)

    def _made(
        self,
        header: Header,
        external_id: str,
        messages: Sequence[Message],
        chosen_model: str | None = None,
        **fields: Any,
    ) -> ImportedSession:
        own = messages[fields.get("inherited", 0) :] or messages
        models = [message.model for message in own if message.model]
        kept = {
            "source_version": header.version,
            "git_branch": header.git_branch,
            "agent_type": header.agent_type,
        }
        metadata = {key: value for key, value in kept.items() if value}
        draft = SessionDraft(
            format_name=FORMAT,
            source_title=_TITLE,
            external_id=external_id,
            path=header.path,
            messages=messages,
            user_id=self._user_id,
            directory=header.cwd or told_directory(messages),
            model=models[-1] if models else chosen_model,
            system_prompt=header.instructions,
            source_provider=header.provider,
            archived=_ARCHIVE in header.path.parts,
            metadata=metadata,
            **fields,
        )
        return imported_session(draft)

    def _title(
        self, header: Header, records: Sequence[Record], messages: Sequence[Message]
    ) -> tuple[str | None, bool]:
        name = self._names.get(header.id)
        if name is not None and name.chosen:
            return name.text, True
        told = [r for r in records if r.kind is Kind.NAME and self._is_own(r, header)]
        last = text_or_none(told[-1].payload.get("thread_name")) if told else None
        if last:
            return last, True
        if name is not None and not repeats_a_prompt(name.text, messages):
            return name.text, False
        return None, False

    def _link(
        self, header: Header, sources: Sequence[Record], ids: Sequence[str]
    ) -> dict[str, Any]:
        inherited = 0
        while inherited < len(sources) and not self._is_own(sources[inherited], header):
            inherited += 1
        if header.is_agent or header.spawned_by:
            return self._spawned(header, ids, inherited)
        if header.forked_from is None:
            return {}
        link = _forked(session_id_for(FORMAT, header.forked_from), ids, inherited)
        known = self._handed.get(header.forked_from)
        if known is not None and inherited:
            there = set(known.ids)
            point = next((i for i in reversed(ids[:inherited]) if i in there), None)
            link["parent"] = ParentLink(
                session_id=link["parent"].session_id, chat_id=CHAT_ID, message_id=point
            )
        return link

    def _spawned(self, header: Header, ids: Sequence[str], inherited: int) -> dict[str, Any]:
        parent = header.spawned_by or header.forked_from
        point: str | None = None
        if parent is None:
            parent, point = self._reviews.get(_moment(header), (None, None))
            if parent is None:
                return {}
        elif parent in self._handed:
            point = self._handed[parent].spawned.get(header.id)
        link = ParentLink(
            session_id=session_id_for(FORMAT, parent),
            chat_id=CHAT_ID,
            message_id=ids[inherited - 1] if inherited else point,
            kind="spawn",
            detached=not inherited,
        )
        return {"parent": link, "inherited": inherited}

    def _note(self, header: Header, records: Sequence[Record], messages: Sequence[Message]) -> None:
        handed = _Handed(ids=[message.id for message in messages])
        self._handed[header.id] = handed
        calls = {
            part.id: message.id
            for message in messages
            for part in message.content
            if isinstance(part, ToolCallPart)
        }
        for record in records:
            if record.kind is Kind.REVIEW and record.created_at is not None:
                spoken = [m.id for m in messages if m.role == "user" and not m.hidden]
                self._reviews[f"{record.created_at} {header.cwd}"] = (
                    header.id,
                    spoken[-1] if spoken else None,
                )
            elif record.kind is Kind.SPAWN:
                child, call = record.payload.get("new_thread_id"), record.payload.get("call_id")
                if isinstance(child, str) and isinstance(call, str) and call in calls:
                    handed.spawned[child] = calls[call]
        for child in self._children.get(header.id, ()):
            for message in messages:
                for part in message.content:
                    if isinstance(part, ToolResultPart) and child in part.text:
                        handed.spawned.setdefault(child, calls.get(part.call_id, message.id))


def _forked(parent: str, ids: Sequence[str], shared: int) -> dict[str, Any]:
    point = ids[shared - 1] if shared else None
    link = ParentLink(session_id=parent, chat_id=CHAT_ID, message_id=point)
    return {"inherited": shared, "parent": link}


def _is_talk(message: Message) -> bool:
    return message.role in ("assistant", "tool") or (message.role == "user" and not message.hidden)


def _moment(header: Header) -> str:
    return f"{header.created_at} {header.cwd}"
