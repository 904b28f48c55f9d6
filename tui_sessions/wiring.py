"""The one place that joins a store, the index, the providers and the engine."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from functools import partial
from pathlib import Path
from typing import Any

import msgspec

from tui_sessions.engine.arguments import checked_seconds
from tui_sessions.engine.engine import Engine
from tui_sessions.engine.session_manager import SessionManager
from tui_sessions.engine.turn.approvals import Approve
from tui_sessions.errors import InvalidValue
from tui_sessions.index.catalog import Catalog
from tui_sessions.index.full_text import TantivyIndex
from tui_sessions.model.session import Session
from tui_sessions.paths import (
    catalog_path,
    config_dir,
    data_dir,
    import_memory_path,
    index_path,
    unsaved_path,
)
from tui_sessions.providers.base import Providers
from tui_sessions.providers.registry import registry_of
from tui_sessions.settings import Limits, Settings
from tui_sessions.stores.base import Store
from tui_sessions.stores.file import FileStore
from tui_sessions.stores.layout import Layout
from tui_sessions.stores.overlay import OverlayStore
from tui_sessions.stores.registry import create_store
from tui_sessions.stores.template_folder import TemplateFolder
from tui_sessions.stores.unsaved_changes import UnsavedChanges
from tui_sessions.tools.registry import ToolRegistry


@asynccontextmanager
async def open_sessions(
    store: str | Store | None = None,
    *,
    limits: Limits | Mapping[str, int | None] | None = None,
    settings: Settings | None = None,
    user_id: str | None = None,
    providers: Providers | None = None,
    tools: ToolRegistry | None = None,
    approve: Approve | None = None,
) -> AsyncIterator[SessionManager]:
    """Open a store and hand out the manager of its sessions; everything is saved at the end.

    ```python
    async with open_sessions("file:///tmp/sessions") as manager:
        print(await manager.list_sessions())
    ```

    Args:
        store: a URL (`file:///dir`, where `dir` holds `workspaces/`; `memory:`), any object with
            the store protocol, or None for the files in the user's data folder.
        limits: how much there may be, instead of the settings' limits.
        settings: all settings; by default those of a program without a settings file.
        user_id: who owns what is created; by default the operating system's user.
        providers: who can answer; by default those that come with the package.
        tools: what agents may use; by default the servers of the settings, and what is registered.
        approve: decides whether a tool call may run, called with the session's id and the call;
            by default the turn waits for `SessionManager.answer_tool_call`.

    Raises:
        InvalidValue: the URL names no kind of store, a limit does not exist or is no count, or the
            settings of sweeping are no numbers of seconds.
    """
    settings = _checked(settings or Settings(), limits)
    own = None
    if providers is None:
        providers = own = registry_of(settings)
    own_tools = None
    if tools is None:
        tools = own_tools = ToolRegistry(settings.mcp)
    below = _store(store)
    unsaved = _kept_at(below, unsaved_path)
    engine = Engine(
        OverlayStore(below),
        providers,
        settings=settings,
        catalog=Catalog(_kept_at(below, catalog_path)),
        index=TantivyIndex(_kept_at(below, index_path)),
        user_id=user_id,
        tools=tools,
        approve=approve,
        template_folder=partial(_template_folder, below),
        import_memory=_kept_at(below, import_memory_path),
        unsaved=None if unsaved is None else UnsavedChanges(unsaved),
    )
    try:
        async with SessionManager(engine) as manager:
            yield manager
    finally:
        if own_tools is not None:
            await own_tools.close()
        if own is not None:
            await own.close()


_default_store: Store | None = None


def set_default_store(store: str | Store | None) -> None:
    """Choose the store of `create_session`, `resume_session` and `fork_session`.

    None is the files in the user's data folder.
    """
    global _default_store  # noqa: PLW0603  one choice for the process is what it is for
    _default_store = None if store is None else _store(store)


async def create_session(**fields: Any) -> Session:
    """Create a session in the default store; the arguments of `SessionManager.create_session`."""
    async with open_sessions(_default_store) as manager:
        return await manager.create_session(**fields)


async def resume_session(session_id: str | None = None) -> Session:
    """Load a session of the default store; without an id, the latest that a person used."""
    async with open_sessions(_default_store) as manager:
        return await manager.load(session_id)


async def fork_session(session_id: str, **options: Any) -> Session:
    """Fork a session of the default store; the options of `SessionManager.fork`."""
    async with open_sessions(_default_store) as manager:
        return await manager.fork(session_id, **options)


def _checked(settings: Settings, limits: Limits | Mapping[str, int | None] | None) -> Settings:
    """The settings with these limits, if there are any, in the place of their own."""
    checked_seconds("sweep.ttl_s", settings.sweep.ttl_s)
    checked_seconds("sweep.interval_s", settings.sweep.interval_s)
    if limits is None:
        return settings
    return msgspec.structs.replace(settings, limits=_limits(limits))


def _limits(limits: Limits | Mapping[str, int | None]) -> Limits:
    values = msgspec.structs.asdict(limits) if isinstance(limits, Limits) else limits
    try:
        return msgspec.convert(values, Limits)
    except msgspec.ValidationError as error:
        raise InvalidValue(
            "limits", limits, f"{', '.join(Limits.__struct_fields__)}: {error}"
        ) from error


def _store(store: str | Store | None) -> Store:
    if store is None:
        return FileStore(data_dir())
    if not isinstance(store, str) and not hasattr(store, "scan"):
        raise InvalidValue(
            "store", store, "a URL such as file:///dir, or an object that is a store"
        )
    return create_store(store) if isinstance(store, str) else store


def _kept_at(store: Store, path_of: Callable[[Path], Path]) -> Path | None:
    """Where a part of the engine keeps what it knows of a store of files, by the store's place.

    None for other stores: it has that in memory, or does without.
    """
    return path_of(store.directory) if isinstance(store, FileStore) else None


def _template_folder(store: Store, workspace_id: str | None) -> TemplateFolder | None:
    """The person's templates are beside the settings, a workspace's with its sessions."""
    if workspace_id is None:
        return TemplateFolder(config_dir() / "templates")
    if not isinstance(store, FileStore):
        return None
    return TemplateFolder(Layout(store.directory).templates(workspace_id), workspace_id)
