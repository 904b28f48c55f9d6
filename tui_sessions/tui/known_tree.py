"""What the tree shows first, as the catalog knows it."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, TypeAlias

from tui_sessions.engine.session_manager import SessionManager

if TYPE_CHECKING:
    from tui_sessions.index.catalog import WorkspaceCount
    from tui_sessions.model.session import Workspace
    from tui_sessions.stores.base import Problem

KnownTree: TypeAlias = "tuple[list[WorkspaceCount], list[Problem], list[Workspace]]"


async def ask_known_tree(
    manager: SessionManager, counted: list[WorkspaceCount] | None = None
) -> KnownTree:
    """The workspaces and how much is in them; the store is not looked through.

    Args:
        manager: whom to ask.
        counted: how much is in them, where that is known: the catalog would count every session.
    """

    async def counts() -> list[WorkspaceCount]:
        return await manager.known_workspaces() if counted is None else counted

    return await asyncio.gather(counts(), manager.known_problems(), manager.workspaces())
