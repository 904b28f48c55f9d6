"""A workspace that two programs change at once keeps what either changed."""

from __future__ import annotations

import asyncio
from pathlib import Path

from tui_sessions import open_sessions


async def test_a_name_and_a_template_that_are_given_at_once_both_stay(tmp_path: Path) -> None:
    place = tmp_path.as_uri()
    async with open_sessions(place) as one, open_sessions(place) as other:
        await one.create_workspace("dev")
        for turn in range(20):
            template = ("coder", "reviewer")[turn % 2]
            await asyncio.gather(
                one.update_workspace("dev", name=f"Name {turn}"),
                other.update_workspace("dev", template=template),
            )
            found = await one.get_workspace("dev")
            assert (found.name, found.defaults["template"]) == (f"Name {turn}", template)


async def test_a_workspace_that_is_made_while_another_program_needs_it_keeps_its_name(
    tmp_path: Path,
) -> None:
    place = tmp_path.as_uri()
    async with open_sessions(place) as one, open_sessions(place) as other:
        for turn in range(20):
            made, _ = await asyncio.gather(
                one.create_workspace(f"w{turn}", name="Chosen"),
                other.create_session(workspace=f"w{turn}"),
            )
            assert (await other.get_workspace(f"w{turn}")).name == made.name
