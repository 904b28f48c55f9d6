"""The branches of one file as sessions: the active one, and the others as its forks."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from tui_sessions.model.message import Message
from tui_sessions.model.session import ParentLink
from tui_sessions.transfer.base import ImportedSession, session_id_for
from tui_sessions.transfer.claude_code.graph import Branch, ConversationGraph
from tui_sessions.transfer.claude_code.messages import FORMAT, MessageBuilder
from tui_sessions.transfer.claude_code.records import Record
from tui_sessions.transfer.claude_code.sessions import SessionMaker, directory_of
from tui_sessions.transfer.claude_code.subagents import ToolCalls
from tui_sessions.transfer.claude_code.survey import Lineage
from tui_sessions.transfer.claude_code.titles import title_of
from tui_sessions.transfer.drafts import CHAT_ID, shared_length, with_unique_ids

_TALKING = frozenset({"user", "assistant", "tool"})


class BranchSessions:
    """Makes the sessions of one conversation; each is complete in itself."""

    def __init__(
        self,
        maker: SessionMaker,
        lineage: Lineage,
        titles: Mapping[str, str],
        summaries: Mapping[str, str],
    ) -> None:
        self._maker = maker
        self._lineage = lineage
        self._titles = titles
        self._summaries = summaries
        self._handed_out: dict[int, tuple[str, list[str]]] = {}
        """Session and message ids, by the place of the branch."""

    def sessions(self, graph: ConversationGraph, calls: ToolCalls) -> Iterator[ImportedSession]:
        """The active branch first; `calls` takes up the tool calls on the way."""
        waiting = deque(enumerate(graph.branches()))
        # They may be large: nothing is kept that no branch to come has a use for.
        del graph
        while waiting:
            place, branch = waiting.popleft()
            prompt = branch.fork_prompt
            if prompt is None or not self._lineage.is_inherited(prompt.uuid):
                found = self._session(place, branch, calls)
                del prompt, branch
                if found is not None:
                    yield found
                    del found

    def _session(self, place: int, branch: Branch, calls: ToolCalls) -> ImportedSession | None:
        builder = MessageBuilder()
        built = builder.build(branch.records)
        messages = list(with_unique_ids(built))
        sources = builder.sources
        del built, builder
        if not any(message.role in _TALKING for message in messages):
            return None
        session_id = session_id_for(FORMAT, self._external_id(branch))
        self._handed_out[place] = (session_id, [message.id for message in messages])
        calls.note(session_id, messages)
        return self._made(branch, messages, sources)

    def _external_id(self, branch: Branch) -> str:
        trunk = self._lineage.root.session_id
        return trunk if branch.parent is None else f"{trunk}/{_name_of(branch.fork_prompt)}"

    def _made(
        self, branch: Branch, messages: list[Message], sources: list[Record]
    ) -> ImportedSession:
        if branch.parent is None:
            fields = self._link_to_file(sources, [m.id for m in messages])
            fields["metadata"] = self._source_ids()
            own = [r for r in branch.records if not self._lineage.is_inherited(r.uuid)]
            fields["title"], fields["named_by_user"] = title_of(self._titles, self._summaries, own)
        else:
            fields = self._link_to_branch(branch.parent, [m.id for m in messages])
            start = branch.fork_prompt.line if branch.fork_prompt else 0
            own = [record for record in branch.records if record.line >= start]
            fields["title"], _ = title_of({}, self._summaries, own)
        external_id, path = self._external_id(branch), self._lineage.content.path
        directory = directory_of(path, branch.records)
        # Nobody asks them any more, and of a long session there is no room for all of it twice.
        own.clear()
        sources.clear()
        branch.records.clear()
        fields["given_away"] = messages
        return self._maker.make(external_id, path, directory, messages, **fields)

    def _source_ids(self) -> dict[str, Any]:
        """The ids of all the sessions that carried the conversation on, where it was several."""
        ids = list(dict.fromkeys(survey.session_id for survey in self._lineage.files))
        return {"source_ids": ids} if len(ids) > 1 else {}

    def _link_to_branch(self, parent: int, ids: Sequence[str]) -> dict[str, Any]:
        """A rewind: what the branch has in common with the one that it forked from."""
        if parent not in self._handed_out:
            return {}
        session_id, parent_ids = self._handed_out[parent]
        return _link(session_id, ids, shared_length(ids, parent_ids))

    def _link_to_file(self, sources: Sequence[Record], ids: Sequence[str]) -> dict[str, Any]:
        """A fork into a new file: what it repeats of the file it was made from."""
        parent = self._lineage.parent
        if parent is None:
            return {}
        shared = 0
        for record in sources:
            if not self._lineage.is_inherited(record.uuid):
                break
            shared += 1
        return _link(session_id_for(FORMAT, parent.root.session_id), ids, shared)


def _link(session_id: str, ids: Sequence[str], shared: int) -> dict[str, Any]:
    point = ids[shared - 1] if shared else None
    return {
        "inherited": shared,
        "parent": ParentLink(session_id=session_id, chat_id=CHAT_ID, message_id=point),
    }


def _name_of(prompt: Record | None) -> str:
    """What tells a branch apart for good: the first prompt of its own."""
    if prompt is None:
        return "branch"
    return prompt.uuid or f"line {prompt.line}"
