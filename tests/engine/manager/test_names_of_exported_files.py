"""Exports of several sessions: files of their own each, and links that lead to the right one."""

from __future__ import annotations

import json
import re
from pathlib import Path
from urllib.parse import unquote

import pytest

from tui_sessions import open_sessions

TAIL = "12345678"
ONE, TWO = "a" * 20 + TAIL, "b" * 20 + TAIL
"""Ids that are as good as one in a file's name."""
OLDER, YOUNGER = "2026-01-01T00:00:00Z", "2026-01-02T00:00:00Z"


def place(folder: Path, session_id: str, label: str, created_at: str, parent: str | None) -> None:
    """Put a session into a data folder as another program would."""
    said = {"type": "text", "text": f"This is {session_id}."}
    document = {
        "format": 1,
        "id": session_id,
        "label": label,
        "created_at": created_at,
        "parent": parent and {"session_id": parent, "kind": "fork"},
        "chats": [{"id": "c", "messages": [{"role": "user", "content": [said]}]}],
    }
    path = folder / "workspaces" / "dev" / "sessions" / f"{session_id}.json"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(document))


async def exported(folder: Path, ids: list[str], kind: str) -> dict[str, str]:
    """The files of an export, by their names."""
    async with open_sessions(folder.as_uri()) as manager:
        assert {session.id for session in await manager.list_sessions()} == set(ids)
        files = manager.export_sessions(ids, kind)
        return {name: data.decode() async for name, data in files}


def links(text: str) -> list[str]:
    """The files that a page of either format leads to."""
    found = re.findall(r'href="([^"#:]+\.html)"|\]\(<?([^)>:]+\.md)>?\)', text)
    return [unquote(one or other) for one, other in found]


@pytest.mark.parametrize("kind", ["markdown", "html"])
@pytest.mark.parametrize("order", [["top", ONE, TWO], ["top", TWO, ONE], [ONE, TWO, "top"]])
async def test_forks_whose_names_are_alike_are_linked_each_to_its_own_file(
    tmp_path: Path, kind: str, order: list[str]
) -> None:
    place(tmp_path, "top", "Top", OLDER, None)
    place(tmp_path, ONE, "Try", OLDER, "top")
    place(tmp_path, TWO, "Try", YOUNGER, "top")
    files = await exported(tmp_path, order, kind)
    files.pop("index.html", None)
    assert len(files) == 3
    (page,) = (text for name, text in files.items() if name.startswith("Top-"))
    told = links(page)
    assert len(told) == 2
    assert f"This is {ONE}." in files[told[0]]
    assert f"This is {TWO}." in files[told[1]]


@pytest.mark.parametrize("kind", ["markdown", "html", "openai"])
@pytest.mark.parametrize(
    "labels", [("Plan", "PLAN"), ("Straße", "STRASSE"), ("caf\u00e9", "cafe\u0301")]
)
async def test_names_that_differ_only_in_case_are_no_names_of_two_files(
    tmp_path: Path, kind: str, labels: tuple[str, str]
) -> None:
    place(tmp_path, ONE, labels[0], OLDER, None)
    place(tmp_path, TWO, labels[1], YOUNGER, None)
    files = await exported(tmp_path, [ONE, TWO], kind)
    files.pop("index.html", None)
    assert len({name.casefold() for name in files}) == 2


async def test_a_name_that_another_session_has_for_its_id_is_not_given_twice(
    tmp_path: Path,
) -> None:
    place(tmp_path, "same-x", "x", OLDER, None)
    place(tmp_path, "x", "same", OLDER, None)
    place(tmp_path, "X", "Same", YOUNGER, None)
    files = await exported(tmp_path, ["x", "X", "same-x"], "markdown")
    assert len({name.casefold() for name in files}) == 3
