"""One of pi's files as the sessions that its branches are."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from tui_sessions.model.session import ParentLink
from tui_sessions.transfer.base import message_id_for, session_id_for
from tui_sessions.transfer.drafts import CHAT_ID, SessionDraft
from tui_sessions.transfer.hygiene import moment_of, text_or_none
from tui_sessions.transfer.pi.entries import FORMAT, is_talk, message_of
from tui_sessions.transfer.pi.forks import Original, fingerprint, original_session
from tui_sessions.transfer.trees import TreeBranch, branches


class PiSession:
    """The entries of one file, as the sessions that its branches are."""

    def __init__(
        self,
        header: dict[str, Any],
        entries: dict[str, dict[str, Any]],
        path: Path,
        user_id: str,
        original: Original | None = None,
    ) -> None:
        self.id = text_or_none(header.get("id")) or path.stem
        self._header = header
        self._entries = entries
        self._path = path
        self._user_id = user_id
        self._original = original

    def drafts(self) -> Iterator[SessionDraft]:
        """The branch that was last written to, and then the others that somebody talked on."""
        made = self._branches()
        names = self._names(made)
        for place in names:
            yield self._draft(made[place], names, place)

    def as_original(self) -> Original:
        """What forks of this file need to know of it."""
        owners: dict[str, str] = {}
        made = self._branches()
        for place, name in self._names(made).items():
            for id_ in made[place].ids:
                owners.setdefault(id_, name)
        known = {fingerprint(entry): id_ for id_, entry in self._entries.items()}
        return Original(self.id, known, owners)

    def _branches(self) -> list[TreeBranch]:
        parents = {id_: text_or_none(entry.get("parentId")) for id_, entry in self._entries.items()}
        return branches(parents, next(reversed(parents), None))

    def _names(self, made: Sequence[TreeBranch]) -> dict[int, str]:
        """The external ids of the branches that become sessions, by their places."""
        names = {0: self.id} if made else {}
        for place, branch in enumerate(made[1:], 1):
            own = [id_ for id_ in branch.ids[branch.shared :] if is_talk(self._entries[id_])]
            # A fork repeats the other branches too; they are its original's.
            if own and not all(self._is_repeated(id_) for id_ in own):
                names[place] = f"{self.id}/{own[0]}"
        return names

    def _is_repeated(self, id_: str) -> bool:
        return self._original is not None and bool(self._original.entry_like(self._entries[id_]))

    def _draft(self, branch: TreeBranch, names: dict[int, str], place: int) -> SessionDraft:
        entries = [self._entries[id_] for id_ in branch.ids]
        made = [message_of(self.id, entry) for entry in entries]
        messages = [message for message in made if message is not None]
        length = branch.shared if place else self._repeated_length(branch)
        shared = [message for message in made[:length] if message is not None]
        provider, model = _model(entries)
        title = self._title(entries)
        return SessionDraft(
            format_name=FORMAT,
            source_title="pi",
            external_id=names[place],
            path=self._path,
            messages=messages,
            user_id=self._user_id,
            title=title,
            named_by_user=title is not None,
            directory=text_or_none(self._header.get("cwd")),
            model=model,
            source_provider=provider,
            parent=self._link(branch, names, shared[-1].id if shared else None),
            inherited=len(shared),
            created_at=moment_of(self._header.get("timestamp")) if place == 0 else None,
        )

    def _link(
        self, branch: TreeBranch, names: dict[int, str], point: str | None
    ) -> ParentLink | None:
        if branch.parent is not None:
            # A branch that nobody talked on is left out; its own forks hang on the first one.
            name = names.get(branch.parent, self.id)
            return ParentLink(
                session_id=session_id_for(FORMAT, name), chat_id=CHAT_ID, message_id=point
            )
        parent = original_session(self._header)
        if self._original is not None and point is not None:
            return self._link_to_original(branch, self._original)
        if parent is not None:
            return ParentLink(session_id=session_id_for(FORMAT, parent), chat_id=CHAT_ID)
        return None

    def _repeated_length(self, branch: TreeBranch) -> int:
        """How many entries the first branch has in common with the file it was forked from."""
        own = (place for place, id_ in enumerate(branch.ids) if not self._is_repeated(id_))
        return next(own, len(branch.ids))

    def _link_to_original(self, branch: TreeBranch, original: Original) -> ParentLink:
        """The session that the last repeated message is in, and that message."""
        repeated = (self._entries[id_] for id_ in branch.ids[: self._repeated_length(branch)])
        said = [entry for entry in repeated if message_of(self.id, entry) is not None]
        there = original.entry_like(said[-1]) or ""
        return ParentLink(
            session_id=session_id_for(FORMAT, original.owners.get(there, original.session_id)),
            chat_id=CHAT_ID,
            message_id=message_id_for(FORMAT, original.session_id, there),
        )

    def _title(self, entries: list[dict[str, Any]]) -> str | None:
        names = [text_or_none(e.get("name")) for e in entries if e.get("type") == "session_info"]
        return next((name for name in reversed(names) if name), None)


def _model(entries: list[dict[str, Any]]) -> tuple[str | None, str | None]:
    provider = model = None
    for entry in entries:
        said = entry.get("message")
        holder = said if isinstance(said, dict) and said.get("role") == "assistant" else entry
        chosen = text_or_none(holder.get("modelId")) or text_or_none(holder.get("model"))
        if chosen:
            provider, model = text_or_none(holder.get("provider")), chosen
    return provider, model
