"""One workspace of the tree: what is in it, and the rows that makes."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import UTC, datetime

import msgspec

from tui_sessions.model.lifecycle import SessionState
from tui_sessions.model.session import Session, Workspace
from tui_sessions.tui.widgets.session_tree.branch_rows import BranchRows
from tui_sessions.tui.widgets.session_tree.filter_words import FilterWords, searchable
from tui_sessions.tui.widgets.session_tree.row import Row
from tui_sessions.tui.widgets.session_tree.target import ProblemRow

_NEVER = datetime.min.replace(tzinfo=UTC)
_CHUNK = 500


class Hits(msgspec.Struct):
    """What of a workspace the filter leaves."""

    sessions: set[str] = msgspec.field(default_factory=set)
    """Those the words are found in."""
    kept: dict[str, Session] = msgspec.field(default_factory=dict)
    """Those and their ancestors."""
    chats: dict[str, set[str]] = msgspec.field(default_factory=dict)
    """The chats whose own name has one of the words, by session."""
    problems: list[ProblemRow] = msgspec.field(default_factory=list)


class Branch:
    """A workspace with its sessions; rows are made when asked for and kept until it changes."""

    def __init__(self, workspace: Workspace) -> None:
        self.workspace = workspace
        self.sessions: dict[str, Session] = {}
        """Those that are known here; all there are only once it is `complete`."""
        self.complete = False
        self.asked_for = False
        """Its sessions are on their way."""
        self.problems: list[ProblemRow] = []
        self.newest = workspace.created_at or _NEVER
        self.hits: Hits | None = None
        """None while nothing is filtered."""
        self.changes = 0
        """How often it was changed since it was shown."""
        self.counted = True
        """Whether it is known how many sessions there are; a store is not read in a moment."""
        self._counted = 0
        self._texts: dict[str, str] = {}
        self._rows: list[Row] | None = None

    def __len__(self) -> int:
        """How many sessions there are, known here or not."""
        return len(self.sessions) if self.complete else max(self._counted, len(self.sessions))

    @property
    def name(self) -> str:
        """What the workspace is called on the screen."""
        return self.workspace.name or self.workspace.id

    def survey(self, workspace: Workspace, sessions: int, newest: datetime | None) -> None:
        """Take over what is known of the workspace from afar."""
        if sessions != len(self) or workspace != self.workspace:
            self.forget_rows()
        if self.complete and sessions != len(self.sessions):
            self.complete = False
        self.workspace, self._counted = workspace, sessions
        self.newest = newest or workspace.created_at or _NEVER

    def fill(self, sessions: Iterable[Session]) -> None:
        """Take in all sessions there are."""
        self.changes += 1
        self.sessions = {session.id: session for session in sessions}
        self._texts.clear()
        self.complete, self.asked_for = True, False
        self.forget_rows()

    def put(self, session: Session) -> bool:
        """Add or replace a session; whether the rows may have to change for it."""
        known = self.sessions.get(session.id)
        self.changes += 1
        self.sessions[session.id] = session
        self._texts.pop(session.id, None)
        self.newest = max(self.newest, session.last_active_at)
        if known is not None and self.hits is None and self._same_rows(known, session):
            return False
        self.forget_rows()
        return True

    def drop(self, session_id: str) -> None:
        """Take a session out."""
        self.changes += 1
        if self.sessions.pop(session_id, None) is not None:
            self._counted -= 1
        self._texts.pop(session_id, None)
        self.problems = [row for row in self.problems if row.session_id != session_id]
        self.forget_rows()

    def forget_rows(self) -> None:
        """Make the rows anew when they are next asked for."""
        self._rows = None

    def rows(self, unfolded: bool, folds: Mapping[tuple[str, ...], bool]) -> Sequence[Row]:
        """The visible rows, the workspace's own first."""
        if self._rows is None:
            problems = self._shown_problems()
            is_empty = not (problems or (len(self) if self.hits is None else self.hits.kept))
            self._rows = [
                Row("workspace", self.workspace.id, unfolded=None if is_empty else unfolded)
            ]
            if unfolded and not is_empty:
                found_chats = None if self.hits is None else self.hits.chats
                below = BranchRows(self.workspace.id, folds)
                self._rows += below.below(self._sorted(), problems, found_chats)
        return self._rows

    def search(self, words: FilterWords) -> Iterator[Hits]:
        """Find what the words leave, in steps; the last step has it all."""
        hits = Hits()
        missing = words.missing_from(self.name.casefold())
        waiting = list(self.sessions.values())
        for start in range(0, len(waiting), _CHUNK):
            self._search_some(waiting[start : start + _CHUNK], missing, words, hits)
            yield hits
        hits.problems = [
            row
            for row in self.problems
            if all(word in f"{row.path}\n{row.reason}".casefold() for word in missing)
        ]
        yield hits

    def _search_some(
        self, some: Iterable[Session], missing: tuple[str, ...], words: FilterWords, hits: Hits
    ) -> None:
        for session in some:
            text = self._texts.get(session.id)
            if text is None:
                text = self._texts[session.id] = _search_text(session)
            if not all(word in text for word in missing):
                continue
            hits.sessions.add(session.id)
            hits.kept[session.id] = session
            self._keep_ancestors(session, hits.kept)
            if len(session.chats) > 1:
                chats = {chat.id for chat in session.chats if any(words.spans(chat.name))}
                if chats:
                    hits.chats[session.id] = chats

    def _keep_ancestors(self, session: Session, kept: dict[str, Session]) -> None:
        # What is kept has its own ancestors kept: stopping there also ends any loop.
        link = session.parent
        while link is not None and link.session_id not in kept:
            parent = self.sessions.get(link.session_id)
            if parent is None:
                return
            kept[parent.id] = parent
            link = parent.parent

    def _sorted(self) -> list[Session]:
        shown = self._shown_sessions().values()
        return sorted(shown, key=lambda session: session.last_active_at, reverse=True)

    def _shown_sessions(self) -> Mapping[str, Session]:
        return self.sessions if self.hits is None else self.hits.kept

    def _shown_problems(self) -> list[ProblemRow]:
        return self.problems if self.hits is None else self.hits.problems

    def _same_rows(self, before: Session, after: Session) -> bool:
        """Whether a change leaves every row where it is."""
        return (
            (after.last_active_at == before.last_active_at or before is self._top(before))
            and after.last_active_at >= before.last_active_at
            and before.parent == after.parent
            and _is_archived(before) == _is_archived(after)
            and [chat.id for chat in before.chats] == [chat.id for chat in after.chats]
        )

    def _top(self, session: Session) -> Session | None:
        """The session if it is the first row below its workspace already."""
        rows = self._rows or ()
        first = rows[1].session_id if len(rows) > 1 else None
        return session if first == session.id else None


def _is_archived(session: Session) -> bool:
    return session.state is SessionState.ARCHIVED


def _search_text(session: Session) -> str:
    return searchable((session.label, *session.tags, *(chat.name for chat in session.chats)))
