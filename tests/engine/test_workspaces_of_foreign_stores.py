"""Workspaces read from a store that hands out what it keeps are the caller's own all the same."""

from __future__ import annotations

from tui_sessions import MemoryStore, Workspace, open_sessions


class SharingStore(MemoryStore):
    """Hands out its own workspaces, as a simple store of somebody else's may."""

    def __init__(self) -> None:
        super().__init__()
        self.places = {"dev": Workspace(id="dev", name="Dev", defaults={"template": "coder"})}

    async def workspaces(self) -> list[Workspace]:
        return list(self.places.values())


async def test_changing_a_workspace_that_was_read_changes_nothing_stored() -> None:
    async with open_sessions(SharingStore()) as manager:
        read = await manager.get_workspace("dev")
        read.defaults["template"] = "reviewer"
        read.metadata["key"] = 1
        again = await manager.get_workspace("dev")
        assert (again.defaults, again.metadata) == ({"template": "coder"}, {})
