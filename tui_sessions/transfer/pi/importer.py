"""Importing pi's sessions with their branches, from its folder or single files."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial
from pathlib import Path
from typing import Any

from tui_sessions.model.session import ParentLink
from tui_sessions.transfer.base import ImportedSession, Skipped, SourceUnit, Survey, session_id_for
from tui_sessions.transfer.database_sessions import no_conversation
from tui_sessions.transfer.drafts import CHAT_ID, SessionDraft, imported_session
from tui_sessions.transfer.homes import configured_path, existing
from tui_sessions.transfer.hygiene import moment_of, text_or_none
from tui_sessions.transfer.lines import Problems, read_objects
from tui_sessions.transfer.pi.entries import FORMAT, is_talk, message_of
from tui_sessions.transfer.trees import TreeBranch, branches
from tui_sessions.transfer.units import left_out, newest_of


class PiImporter:
    """Reads `~/.pi/agent/sessions`, one folder of it, or single files."""

    name = FORMAT
    title = "pi"

    def find(self) -> list[Path]:
        """The folder of sessions."""
        agent = configured_path("PI_CODING_AGENT_DIR") or Path.home() / ".pi" / "agent"
        return existing([agent / "sessions"])

    def read(self, path: Path, user_id: str = "") -> Iterator[ImportedSession | Skipped]:
        """Every session of a file or a folder; files are named after the time they were made."""
        for unit in self.units(path):
            yield from unit.read(user_id)

    def units(self, path: Path) -> Iterator[SourceUnit]:
        """A file each."""
        if path.exists():
            for file in _files(path):
                yield SourceUnit(files=(file,), read=partial(self._file, file))
        else:
            yield left_out([Skipped(path=path, reason="there is no such file or folder")])

    def survey(self, path: Path) -> Survey:
        """A session each file."""
        files = _files(path)
        return Survey(sessions=len(files), newest=newest_of(files))

    def _file(self, path: Path, user_id: str) -> Iterator[ImportedSession | Skipped]:
        problems = Problems(path)
        header, entries = _read(path, problems)
        yield from problems.skipped()
        if header is None:
            yield Skipped(path=path, reason=f"it is not a {self.title} session")
            return
        session = PiSession(header, entries, path, user_id)
        drafts = [draft for draft in session.drafts() if draft.messages]
        yield from map(imported_session, drafts)
        if not drafts:
            yield Skipped(path=path, reason=no_conversation(session.id))


def _files(path: Path) -> list[Path]:
    if path.is_file():
        return [path]
    files = sorted(path.rglob("*.jsonl"), key=lambda file: (file.name, str(file)))
    return [file for file in files if file.is_file()]


class PiSession:
    """The entries of one file, as the sessions that its branches are."""

    def __init__(
        self, header: dict[str, Any], entries: dict[str, dict[str, Any]], path: Path, user_id: str
    ) -> None:
        self.id = text_or_none(header.get("id")) or path.stem
        self._header = header
        self._entries = entries
        self._path = path
        self._user_id = user_id
        self._parent = _session_of_file(header)

    def drafts(self) -> Iterator[SessionDraft]:
        """The branch that was last written to, and then the others that somebody talked on."""
        parents = {id_: text_or_none(entry.get("parentId")) for id_, entry in self._entries.items()}
        names: dict[int, str] = {}
        for place, branch in enumerate(branches(parents, next(reversed(parents), None))):
            own = [id_ for id_ in branch.ids[branch.shared :] if is_talk(self._entries[id_])]
            if place == 0:
                names[place] = self.id
            elif own:
                names[place] = f"{self.id}/{own[0]}"
            if place in names:
                yield self._draft(branch, names, place)

    def _draft(self, branch: TreeBranch, names: dict[int, str], place: int) -> SessionDraft:
        entries = [self._entries[id_] for id_ in branch.ids]
        made = [message_of(self.id, entry) for entry in entries]
        messages = [message for message in made if message is not None]
        shared = [message for message in made[: branch.shared] if message is not None]
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
        if self._parent is not None:
            return ParentLink(session_id=session_id_for(FORMAT, self._parent), chat_id=CHAT_ID)
        return None

    def _title(self, entries: list[dict[str, Any]]) -> str | None:
        names = [text_or_none(e.get("name")) for e in entries if e.get("type") == "session_info"]
        return next((name for name in reversed(names) if name), None)


def _read(
    path: Path, problems: Problems
) -> tuple[dict[str, Any] | None, dict[str, dict[str, Any]]]:
    """The header and the entries by id; those of the first version follow each other."""
    header: dict[str, Any] | None = None
    entries: dict[str, dict[str, Any]] = {}
    last: str | None = None
    for number, data in read_objects(path, problems):
        if data.get("type") == "session":
            header = header or data
            continue
        id_ = text_or_none(data.get("id")) or f"line {number}"
        parent = text_or_none(data.get("parentId")) if "parentId" in data else last
        if parent is not None and parent not in entries:
            # The line of its parent is damaged, or it names the session: that is above them all.
            parent = None if header is not None and parent == header.get("id") else last
        entries[id_] = {**data, "id": id_, "parentId": parent}
        last = id_
    return header, entries


def _session_of_file(header: dict[str, Any]) -> str | None:
    """The session that another file was forked from: `<time>_<id>.jsonl` names it."""
    parent = text_or_none(header.get("parentSession")) or text_or_none(header.get("branchedFrom"))
    return Path(parent).stem.rpartition("_")[2] or None if parent else None


def _model(entries: list[dict[str, Any]]) -> tuple[str | None, str | None]:
    provider = model = None
    for entry in entries:
        said = entry.get("message")
        holder = said if isinstance(said, dict) and said.get("role") == "assistant" else entry
        chosen = text_or_none(holder.get("modelId")) or text_or_none(holder.get("model"))
        if chosen:
            provider, model = text_or_none(holder.get("provider")), chosen
    return provider, model
