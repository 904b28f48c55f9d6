"""Creating, naming, describing and moving sessions."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any

from tui_sessions.engine.arguments import (
    checked_list,
    checked_moment,
    checked_name,
    checked_seconds,
    checked_tags,
    checked_text,
)
from tui_sessions.engine.manager.room import Room
from tui_sessions.engine.sessions.session_making import new_session
from tui_sessions.errors import WorkspaceNotFound
from tui_sessions.model.changes import AddTo, Change, MergeField, RemoveFrom, SetFields
from tui_sessions.model.codec import fields_data, json_object
from tui_sessions.model.events import Renamed
from tui_sessions.model.identifiers import check_id
from tui_sessions.model.session import Session


class Sessions(Room):
    """What is done to sessions as a whole."""

    async def create_session(
        self,
        *,
        workspace: str | None = None,
        label: str | None = None,
        user_id: str | None = None,
        tags: Iterable[str] = (),
        metadata: Mapping[str, Any] | None = None,
        preferences: Mapping[str, Any] | None = None,
        ttl: float | None = None,
        expires_at: datetime | None = None,
        surface: str | None = None,
        id: str | None = None,  # noqa: A002  the name the field has everywhere
        temporary: bool = False,
    ) -> Session:
        """Create a session, and its workspace where that is missing.

        Args:
            workspace: the workspace's id; by default the one this face is bound to.
            label: a name that no automatic label will replace.
            user_id: who owns it; by default the operating system's user.
            tags: words to find it by.
            metadata: JSON values that belong to whoever uses the engine.
            preferences: JSON values that belong to the person.
            ttl: seconds of idleness before a sweep suspends it.
            expires_at: when a sweep makes it expire.
            surface: the first place where a person meets it.
            id: an id of the caller's own.
            temporary: keep it in memory only.

        Raises:
            SessionExists: the id is taken.
            SessionLimitError: there are as many as there may be.
        """
        self._engine.check_open()
        workspace = self._workspaces.home(workspace)
        session = new_session(
            None if id is None else check_id(id, "session id"),
            workspace,
            self._engine.user_id if user_id is None else checked_text("user id", user_id),
            label="" if label in (None, "") else checked_name("label", label),
            ttl_s=checked_seconds("ttl", ttl),
            expires_at=checked_moment("expires_at", expires_at),
            surfaces=() if surface is None else (checked_name("surface", surface),),
            tags=checked_tags(tags),
            metadata=json_object("metadata", metadata),
            preferences=json_object("preferences", preferences),
            temporary=temporary,
        )
        return await self._making.create(session)

    async def rename(self, session_id: str, label: str) -> Session:
        """Give a session a label of the person's choice.

        Raises:
            InvalidValue: the label is blank.
        """
        label = checked_name("label", label)
        async with self._sessions.edit(session_id):
            change = SetFields(fields={"label": label, "auto_label": False})
            session = await self._saving.commit(session_id, [change])
        self._engine.bus.emit(
            Renamed(session_id=session.id, workspace_id=session.workspace_id, session=session)
        )
        return session

    async def update_metadata(
        self, session_id: str, values: Mapping[str, Any], *, remove: Sequence[str] = ()
    ) -> Session:
        """Merge keys into the metadata; the others stay, and those under `remove` go."""
        return await self._merge(session_id, "metadata", values, remove)

    async def update_preferences(
        self, session_id: str, values: Mapping[str, Any], *, remove: Sequence[str] = ()
    ) -> Session:
        """Merge keys into the preferences; the others stay, and those under `remove` go."""
        return await self._merge(session_id, "preferences", values, remove)

    async def set_tags(self, session_id: str, tags: Iterable[str]) -> Session:
        """Replace a session's tags."""
        return await self._sessions.change(
            session_id, [SetFields(fields={"tags": list(checked_tags(tags))})]
        )

    async def update_tags(
        self, session_id: str, add: Iterable[str] = (), *, remove: Iterable[str] = ()
    ) -> Session:
        """Add tags and take some away; the others stay, also those that come in meanwhile."""
        found = await self._sessions.get(session_id)
        new = [tag for tag in checked_tags(add) if tag not in found.tags]
        gone = [tag for tag in checked_tags(remove) if tag in found.tags]
        changes: list[Change] = [AddTo(field="tags", value=tag) for tag in new]
        changes += [RemoveFrom(field="tags", value=tag) for tag in gone]
        return await self._sessions.change(session_id, changes) if changes else found

    async def set_ttl(self, session_id: str, ttl: float | None) -> Session:
        """Change after how many idle seconds a sweep suspends it; None: the default."""
        fields = {"ttl_s": checked_seconds("ttl", ttl)}
        return await self._sessions.change(session_id, [SetFields(fields=fields)])

    async def set_expiry(self, session_id: str, expires_at: datetime | None) -> Session:
        """Change when it expires; None: never."""
        fields = fields_data({"expires_at": checked_moment("expires_at", expires_at)})
        return await self._sessions.change(session_id, [SetFields(fields=fields)])

    async def attach_surface(self, session_id: str, surface: str) -> Session:
        """Note a place where a person meets the session; the order of the places stays."""
        surface = checked_name("surface", surface)
        return await self._sessions.change(session_id, [AddTo(field="surfaces", value=surface)])

    async def detach_surface(self, session_id: str, surface: str) -> Session:
        """Forget such a place; one that is not attached is no error."""
        surface = checked_name("surface", surface)
        return await self._sessions.change(
            session_id, [RemoveFrom(field="surfaces", value=surface)]
        )

    async def move(self, session_id: str, workspace: str) -> Session:
        """Give a session to another workspace, which is made if it is missing."""
        workspace = check_id(workspace, "workspace id")
        if not self._boundary.sees(workspace):
            raise WorkspaceNotFound(workspace)
        await self._sessions.read(session_id)
        await self._workspaces.create(workspace)
        async with self._sessions.edit(session_id):
            await self._saving.write_waiting(session_id)
            await self._engine.store.move(session_id, workspace)
            self._engine.documents.forget(session_id)
            for turn in self._busy.of(session_id):
                turn.moved(workspace)
            return self._saving.saved(await self._engine.documents.read(session_id))

    async def version(self, session_id: str) -> str | None:
        """What differs once anything of a session has changed, also by hand; None without one.

        The session is not read for it.
        """
        check_id(session_id, "session id")
        self._engine.check_there()
        if not await self._sessions.has(session_id):
            return None
        return await self._engine.store.version(session_id)

    async def _merge(
        self, session_id: str, field: str, values: Mapping[str, Any], remove: Sequence[str]
    ) -> Session:
        keys = tuple(checked_text("key", key) for key in checked_list("remove", remove))
        change = MergeField(field=field, values=json_object(field, values), remove=keys)
        return await self._sessions.change(session_id, [change])
