"""Everything goes out and comes back: exported, wiped and imported it is what it was."""

from __future__ import annotations

import json
import shutil
import zipfile
from pathlib import Path

import pytest
from example_counts import examples
from hypothesis import HealthCheck, given
from hypothesis import strategies as st

from tui_sessions import open_sessions
from tui_sessions.engine.importing.import_steps import ImportReport
from tui_sessions.transfer.export_files import export_files

TEXT = st.text(st.characters(codec="utf-8", exclude_characters="\0"), max_size=20)
VALUE = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**53), 2**53) | TEXT,
    lambda inner: st.lists(inner, max_size=2) | st.dictionaries(TEXT, inner, max_size=2),
    max_leaves=4,
)
OBJECT = st.dictionaries(TEXT, VALUE, max_size=3)
MOMENT = st.datetimes().map(lambda moment: f"{moment.isoformat(timespec='milliseconds')}Z")
TOKENS = st.integers(0, 10**9)
USAGE = st.fixed_dictionaries(
    {"input_tokens": TOKENS, "output_tokens": TOKENS},
    optional={"cache_read_tokens": TOKENS, "cost_usd": st.none() | st.floats(0, 1e6)},
)
PART = st.one_of(
    st.fixed_dictionaries({"type": st.sampled_from(["text", "thinking", "summary"]), "text": TEXT}),
    st.fixed_dictionaries(
        {"type": st.just("tool_call"), "id": TEXT, "name": TEXT, "arguments": VALUE}
    ),
    st.fixed_dictionaries(
        {"type": st.just("tool_result"), "call_id": TEXT, "text": TEXT, "is_error": st.booleans()}
    ),
    st.fixed_dictionaries({"type": st.just("theirs-alone"), "value": VALUE}),
)
THEIRS = {"theirs": VALUE}


@st.composite
def stores(draw):
    """The files of a data folder: two workspaces, of which one may be empty, and their sessions."""
    names = [f"s{number}" for number in range(draw(st.integers(0, 3)))]
    files = {}
    for home in ("dev", "empty"):
        head = {"format": 1, "id": home, "name": draw(TEXT) or home, "created_at": draw(MOMENT)}
        more = {"metadata": draw(OBJECT), "defaults": draw(OBJECT), "theirs": draw(VALUE)}
        files[f"workspaces/{home}/workspace.json"] = {**head, "directory": None, **more}
    for place, name in enumerate(names):
        files[f"workspaces/dev/sessions/{name}.json"] = draw(sessions(name, names[:place]))
    return files


@st.composite
def sessions(draw, name, older):
    message = st.fixed_dictionaries(
        {"role": st.sampled_from(["system", "user", "assistant", "tool"])},
        optional={
            "content": st.lists(PART, max_size=3),
            "created_at": MOMENT,
            "status": st.sampled_from(["complete", "partial", "stopped", "failed"]),
            "hidden": st.booleans(),
            "model": TEXT,
            "usage": USAGE,
            "metadata": OBJECT,
            **THEIRS,
        },
    )
    made = draw(st.lists(message, max_size=4))
    messages = [{"id": f"m{place}", "content": [], **fields} for place, fields in enumerate(made)]
    agent = {"provider": "offline", "model": "m", "parameters": draw(OBJECT), "theirs": draw(VALUE)}
    chat = {
        "id": "c1",
        "name": draw(TEXT),
        "created_at": draw(MOMENT),
        "tags": draw(st.lists(TEXT, max_size=2)),
        "metadata": draw(OBJECT),
        "inherited": draw(st.integers(0, len(messages))),
        "agent": agent,
        "messages": messages,
        "theirs": draw(VALUE),
    }
    point = {"chat_id": "c1", "message_id": "m0", "kind": "fork", "detached": draw(st.booleans())}
    parents = [{"session_id": other, **point} for other in older]
    states = ["created", "active", "paused", "suspended", "archived", "expired"]
    return {
        "format": 1,
        "id": name,
        "workspace_id": "dev",
        "user_id": draw(TEXT) or "ana",
        "label": draw(TEXT),
        "state": draw(st.sampled_from(states)),
        "created_at": draw(MOMENT),
        "updated_at": draw(MOMENT),
        "last_active_at": draw(MOMENT),
        "parent": draw(st.none() | st.sampled_from(parents)) if parents else None,
        "surfaces": draw(st.lists(TEXT, max_size=2)),
        "tags": draw(st.lists(TEXT, max_size=2)),
        "metadata": draw(OBJECT),
        "preferences": draw(OBJECT),
        "origin": {"format": "x", "path": draw(TEXT), "id": draw(TEXT)},
        "active_chat_id": "c1",
        "chats": [chat],
        "theirs": draw(VALUE),
    }


def kept_in(folder: Path) -> dict[str, object]:
    """What a data folder holds, file by file."""
    return {
        path.relative_to(folder).as_posix(): json.loads(path.read_bytes())
        for path in folder.rglob("workspaces/**/*.json")
    }


@pytest.mark.parametrize("target", ["out", "out.zip"])
@examples(4, *HealthCheck)
@given(files=stores())
async def test_what_is_exported_wiped_and_imported_is_what_it_was(tmp_path, target, files):
    shutil.rmtree(tmp_path)
    for name, value in files.items():
        path = tmp_path / "data" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(json.dumps(value))
    async with open_sessions(f"file://{tmp_path}/data") as manager:
        with export_files(tmp_path / target) as taking:
            async for name, data in manager.export_everything("json"):
                taking.add(name, data)
    shutil.rmtree(tmp_path / "data")
    report = ImportReport()
    async with open_sessions(f"file://{tmp_path}/data") as manager:
        async for step in manager.import_sessions("json", [tmp_path / target]):
            report.add(step)
    assert report.left_out == []
    assert kept_in(tmp_path / "data") == files


async def test_a_workspace_that_is_here_already_stays_as_it_is(tmp_path: Path):
    async with open_sessions(f"file://{tmp_path}/there") as manager:
        await manager.create_workspace("dev", name="Theirs")
        await manager.create_workspace("new", name="New")
        with export_files(tmp_path / "out") as taking:
            async for name, data in manager.export_everything("json"):
                taking.add(name, data)
    async with open_sessions(f"file://{tmp_path}/here") as manager:
        await manager.create_workspace("dev", name="Mine")
        [step async for step in manager.import_sessions("json", [tmp_path / "out"], dry_run=True)]
        assert [space.name for space in await manager.workspaces()] == ["Mine"]
        [step async for step in manager.import_sessions("json", [tmp_path / "out"])]
        assert {space.id: space.name for space in await manager.workspaces()} == {
            "dev": "Mine",
            "new": "New",
        }


PIRATE = b"\xef\xbb\xbf# Mine\r\ndescription = 'Talks like a pirate'\r\n"


async def exported(folder: Path, target: Path, redact: bool = False) -> None:
    async with open_sessions(f"file://{folder}") as manager:
        with export_files(target) as taking:
            async for name, data in manager.export_workspace("dev", "json", redact):
                taking.add(name, data)


async def imported(folder: Path, source: Path, **options) -> list[tuple[str, str, str]]:
    async with open_sessions(f"file://{folder}") as manager:
        steps = [step async for step in manager.import_sessions("json", [source], **options)]
    return [(step.kind, step.outcome, step.label) for step in steps]


def write_template(folder: Path, name: str, content: bytes) -> Path:
    path = folder / "workspaces/dev/templates" / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content)
    return path


@pytest.mark.parametrize("target", ["out", "out.zip"])
async def test_the_templates_of_a_workspace_come_back_as_they_were(tmp_path: Path, target: str):
    files = {"pirate.toml": PIRATE, "broken.toml": b"[agent"}
    for name, content in files.items():
        write_template(tmp_path / "there", name, content)
    await exported(tmp_path / "there", tmp_path / target)
    met = [("workspace", "created", "dev"), ("template", "created", "broken")]
    for dry_run in (True, False):
        steps = await imported(tmp_path / "here", tmp_path / target, dry_run=dry_run)
        assert steps == [*met, ("template", "created", "pirate")]
        assert (tmp_path / "here/workspaces").exists() is not dry_run
    kept = tmp_path / "here/workspaces/dev/templates"
    assert {path.name: path.read_bytes() for path in kept.iterdir()} == files
    again = await imported(tmp_path / "here", tmp_path / target)
    assert {outcome for _, outcome, _ in again} == {"unchanged"}


async def test_a_template_that_is_here_already_stays_as_it_is(tmp_path: Path):
    write_template(tmp_path / "there", "pirate.toml", PIRATE)
    mine = write_template(tmp_path / "here", "pirate.toml", b"description = 'Mine'")
    await exported(tmp_path / "there", tmp_path / "out")
    assert ("template", "skipped", "pirate") in await imported(tmp_path / "here", tmp_path / "out")
    assert mine.read_bytes() == b"description = 'Mine'"


@pytest.mark.parametrize(
    "name",
    [
        "workspaces/../templates/x.toml",
        "workspaces/dev/templates/..toml",
        "workspaces/.x/templates/x.toml",
        "workspaces/dev/templates/a b.toml",
        "workspaces/other/templates/x.toml",
    ],
)
async def test_a_template_of_an_odd_name_or_of_no_workspace_is_left_out(tmp_path: Path, name: str):
    await exported_nothing(tmp_path / "out.zip", name)
    before = sorted(tmp_path.rglob("*"))
    steps = await imported(tmp_path / "here", tmp_path / "out.zip")
    assert [outcome for kind, outcome, _ in steps if kind != "workspace"] in ([], ["skipped"])
    made = {path.name for path in tmp_path.rglob("*") if path not in before}
    assert not any(name.endswith(".toml") for name in made)


async def exported_nothing(target: Path, more: str) -> None:
    """An export of an empty workspace, with one more file."""
    with zipfile.ZipFile(target, "w") as archive:
        archive.writestr("workspaces/dev/workspace.json", '{"format": 1, "id": "dev"}')
        archive.writestr(more, "description = 'Odd'")


async def test_a_link_among_templates_is_not_followed(tmp_path: Path):
    (tmp_path / "secret").write_text("key = 1")
    await exported_nothing(tmp_path / "out.zip", "x.txt")
    with zipfile.ZipFile(tmp_path / "out.zip") as archive:
        archive.extractall(tmp_path / "out")
    link = tmp_path / "out/workspaces/dev/templates/x.toml"
    link.parent.mkdir()
    link.symlink_to(tmp_path / "secret")
    assert ("session", "skipped", "") in await imported(tmp_path / "here", tmp_path / "out")
    assert not (tmp_path / "here/workspaces/dev/templates").exists()


async def test_templates_are_redacted_too(tmp_path: Path):
    write_template(tmp_path / "there", "pirate.toml", b"description = 'Ask ana@example.com'")
    await exported(tmp_path / "there", tmp_path / "out", redact=True)
    written = tmp_path / "out/workspaces/dev/templates/pirate.toml"
    assert b"@example.com" not in written.read_bytes()


async def test_a_redacted_export_tells_no_secret_in_the_name_of_a_template(tmp_path: Path):
    secret = "ghp" + "_0123456789abcdefghijABCDEFGHIJ012345"
    write_template(tmp_path / "there", f"{secret}.toml", PIRATE)
    async with open_sessions((tmp_path / "there").as_uri()) as manager:
        names = [name async for name, _ in manager.export_workspace("dev", "json", redact=True)]
    assert "workspaces/dev/templates/REDACTED-token-1.toml" in names
    assert not any(secret in name for name in names)


async def test_what_is_only_in_the_journal_of_a_data_folder_is_said(tmp_path: Path):
    folder = tmp_path / "there/workspaces/dev/sessions"
    folder.mkdir(parents=True)
    session = {"format": 1, "id": "s1", "created_at": "2026-01-01T10:00:00Z", "chats": []}
    (folder / "s1.json").write_text(json.dumps(session))
    journal = folder / "s1.journal.jsonl"
    journal.write_text("{}\n")
    async with open_sessions("memory:") as manager:
        places = [tmp_path / "there"]
        steps = [step async for step in manager.import_sessions("json", places)]
    assert [(step.outcome, step.path) for step in steps if step.kind == "session"] == [
        ("created", folder / "s1.json"),
        ("skipped", journal),
    ]
