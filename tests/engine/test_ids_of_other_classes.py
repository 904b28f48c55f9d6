"""An id of another class of text, as a template engine's, is kept as plain text."""

from __future__ import annotations

from pathlib import Path

from tui_sessions import open_sessions


class Text(str):
    """Such as a template engine's."""


async def test_a_workspace_named_by_another_class_of_text_is_made(tmp_path: Path) -> None:
    async with open_sessions(tmp_path.as_uri()) as manager:
        session = await manager.create_session(workspace=Text("dev"))
        assert (await manager.get_session(session.id)).workspace_id == "dev"
        moved = await manager.move(session.id, Text("other"))
        assert moved.workspace_id == "other"
