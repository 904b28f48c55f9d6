"""Agent templates in files: of the person and of a workspace, read, saved and removed."""

import os
from pathlib import Path
from typing import Any

import msgspec
import pytest

from tui_sessions import (
    AgentConfig,
    AgentTemplate,
    InvalidId,
    ProviderRegistry,
    SettingsError,
    StoreError,
    TemplateNotFound,
    Templates,
    UnknownProvider,
    WorkspaceNotFound,
    open_sessions,
)
from tui_sessions.paths import config_dir
from tui_sessions.stores.template_folder import TemplateFolder


def folder_of(tmp_path: Path) -> Any:
    """Gives the folders of templates in a test's folder, as `wiring` does."""

    def found(workspace_id: str | None) -> TemplateFolder:
        return TemplateFolder(tmp_path / (workspace_id or "all"), workspace_id)

    return found


@pytest.fixture
def kept(tmp_path: Path) -> Templates:
    return Templates(ProviderRegistry(), {}, folder_of(tmp_path))


def put(tmp_path: Path, name: str, text: str, place: str = "all") -> Path:
    folder = tmp_path / place
    folder.mkdir(exist_ok=True)
    path = folder / f"{name}.toml"
    path.write_text(text)
    return path


PIRATE = """\
# How pirates talk
description = "A pirate"
category = "fun"
tags = ["sea"]
ship = "Revenge"

[agent]
provider = "scripted"
model = "scripted-1"
system_prompt = "Talk like a pirate."
parameters = {temperature = 1.5}
"""


def test_a_file_is_a_template_by_its_name(kept: Templates, tmp_path: Path) -> None:
    path = put(tmp_path, "pirate", PIRATE)
    template = kept.get("pirate")
    assert (template.description, template.category, template.tags) == ("A pirate", "fun", ("sea",))
    assert template.agent.parameters == {"temperature": 1.5}
    assert kept.source("pirate") == str(path)
    assert [t.name for t in kept.find(provider="scripted", tag="sea", category="fun")] == ["pirate"]
    agent, warnings = kept.apply("pirate", {"model": None})
    assert (agent.template, agent.model, list(warnings)) == ("pirate", None, [])
    assert kept.problems() == []


async def test_what_changed_on_disk_is_read_again(kept: Templates, tmp_path: Path) -> None:
    path = put(tmp_path, "pirate", PIRATE)
    assert kept.get("pirate").category == "fun"
    path.write_text(PIRATE.replace('"fun"', '"serious business"'))
    put(tmp_path, "other", "")
    await kept.refresh()
    assert kept.get("pirate").category == "serious business"
    assert kept.get("other").agent == AgentConfig()
    path.unlink()
    await kept.refresh()
    with pytest.raises(TemplateNotFound):
        kept.get("pirate")


@pytest.mark.parametrize(
    ("name", "content", "reason"),
    [
        ("broken", b"[agent", "it is not TOML"),
        ("deep", b"a = " + b"[" * 5000, "TOML"),
        ("kinds", b"tags = 5", "tags"),
        ("prompt", b"[agent]\nsystem_prompt = 5", "system_prompt"),
        ("agent", b"agent = 5", "agent"),
        ("time", b"[agent.parameters]\nx = nan", "NaN"),
        ("nobody", b"[agent]\nprovider = 'nobody'", "No provider 'nobody'"),
        ("hot", b"[agent.parameters]\ntemperature = 9", "temperature is 9"),
        ("deep", b"[agent.parameters]\nx = " + b"[" * 60 + b"]" * 60, "deeper than 50 levels"),
        ("latin", b"description = '\xe9'", "it is not UTF-8"),
        ("long", b"#" * 1_000_001, "longer"),
        ("two words", b"", "not a valid template name"),
    ],
)
def test_a_file_that_cannot_be_used_is_told_and_the_others_stand(
    kept: Templates, tmp_path: Path, name: str, content: bytes, reason: str
) -> None:
    put(tmp_path, "pirate", PIRATE)
    path = tmp_path / "all" / f"{name}.toml"
    path.write_bytes(content)
    [problem] = kept.problems()
    assert problem.path == str(path)
    assert reason in problem.reason
    assert "pirate" in {t.name for t in kept.list()}
    assert name not in {t.name for t in kept.list()}
    assert path.read_bytes() == content


async def test_what_is_no_file_disturbs_nobody(kept: Templates, tmp_path: Path) -> None:
    put(tmp_path, "pirate", PIRATE)
    folder = tmp_path / "all"
    (folder / "folder.toml").mkdir()
    (folder / "gone.toml").symlink_to(tmp_path / "nowhere")
    (folder / ".hidden.toml").write_text("[broken")
    (folder / "notes.txt").write_text("[broken")
    os.mkfifo(folder / "pipe.toml")
    (tmp_path / "elsewhere").write_text("description = 'Linked'")
    (folder / "linked.toml").symlink_to(tmp_path / "elsewhere")
    (folder / "loop.toml").symlink_to("loop.toml")
    (folder / "piped.toml").symlink_to("pipe.toml")
    assert {Path(p.path).stem: p.reason for p in kept.problems()} == {
        "folder": "it is a folder, not an ordinary file",
        "gone": "it is a symbolic link to nothing",
        "loop": "it is a symbolic link that leads back to itself",
        "pipe": "it is a named pipe, not an ordinary file",
        "piped": "it is a named pipe, not an ordinary file",
    }
    assert kept.get("linked").description == "Linked"
    for name in ("folder", "gone", "loop", "pipe"):
        with pytest.raises(TemplateNotFound, match=rf"that can be used \(.*{name}\.toml: it is a"):
            kept.get(name)
    for name in ("folder", "loop", "pipe"):
        with pytest.raises(StoreError, match="it is a"):
            await kept.text(name)


async def test_a_workspaces_own_counts_only_there_and_first(
    kept: Templates, tmp_path: Path
) -> None:
    put(tmp_path, "coder", "description = 'All'")
    put(tmp_path, "coder", "description = 'Dev'", "dev")
    put(tmp_path, "only", "", "dev")
    put(tmp_path, "bad", "[", "dev")
    dev = kept.of("dev")
    assert (kept.get("coder").description, dev.get("coder").description) == ("All", "Dev")
    assert dev.get("only").name == "only"
    assert [p.workspace_id for p in dev.problems()] == ["dev"]
    assert kept.problems() == []
    with pytest.raises(TemplateNotFound):
        kept.of("other").get("only")
    dev.register(AgentTemplate(name="mine"))
    assert dev.get("mine").name == "mine"
    with pytest.raises(TemplateNotFound):
        kept.get("mine")
    kept.register(AgentTemplate(name="ours", description="all"))
    assert dev.get("ours").description == "all"
    assert dev.unregister("ours") is True
    assert kept.get("ours").description == "all"
    assert dev.of("dev") is dev
    with pytest.raises(WorkspaceNotFound):
        dev.of("other")


async def test_templates_are_saved_and_removed(kept: Templates, tmp_path: Path) -> None:
    agent = AgentConfig(
        provider="scripted",
        model="m",
        system_prompt='Say "hi"\nand\\bye\n',
        parameters={"temperature": 1, "script": [["x", {"gate": "y"}]]},
        tools=("ls",),
    )
    template = AgentTemplate(name="mine", description="Mine", tags=("a", "b"), agent=agent)
    await kept.save(template)
    path = tmp_path / "all" / "mine.toml"
    assert kept.source("mine") == str(path)
    assert path.stat().st_mode & 0o777 == 0o600
    assert Templates(ProviderRegistry(), {}, folder_of(tmp_path)).get("mine") == template
    await kept.save(AgentTemplate(name="mine"), workspace="dev")
    assert kept.of("dev").get("mine").description == ""
    assert await kept.remove("mine", workspace="dev") is True
    assert await kept.remove("mine", workspace="dev") is False
    assert kept.of("dev").get("mine") == template
    await kept.save(AgentTemplate(name="coder", description="Own"))
    assert kept.get("coder").description == "Own"
    assert await kept.remove("coder") is True
    assert kept.source("coder") == "built-in"
    assert list((tmp_path / "all").iterdir()) == [path]


async def test_saving_keeps_keys_that_mean_nothing_here_and_text_keeps_everything(
    kept: Templates, tmp_path: Path
) -> None:
    path = put(tmp_path, "pirate", PIRATE)
    assert await kept.text("pirate") == PIRATE
    await kept.save(AgentTemplate(name="pirate", description="Tamed"))
    assert 'ship = "Revenge"' in path.read_text()
    assert "sea" not in path.read_text()
    await kept.save_text("pirate", PIRATE)
    assert path.read_text() == PIRATE
    assert "system_prompt" in await kept.text("coder")
    path.write_text("[broken")
    assert await kept.text("pirate") == "[broken"
    with pytest.raises(TemplateNotFound):
        await kept.text("nobody")


@pytest.mark.parametrize(
    "text", ["[agent", "tags = 1", "[agent]\nprovider = 'nobody'", "[agent]\nmodel = ' '"]
)
async def test_what_cannot_be_used_is_not_saved(kept: Templates, tmp_path: Path, text: str) -> None:
    path = put(tmp_path, "pirate", PIRATE)
    assert len(kept.check_text("pirate", text)) == 1
    with pytest.raises(SettingsError, match="template pirate"):
        await kept.save_text("pirate", text)
    with pytest.raises(SettingsError):
        await kept.save(AgentTemplate(name="pirate", agent=AgentConfig(provider="nobody")))
    with pytest.raises(InvalidId):
        await kept.save_text("../pirate", PIRATE)
    assert path.read_text() == PIRATE
    assert kept.check_text("pirate", PIRATE) == []


async def test_saving_a_template_keeps_the_comments_of_its_file(
    kept: Templates, tmp_path: Path
) -> None:
    written = (
        "# Ours.\n[agent]\nprovider = 'offline'  # by choice\nmodel = 'm'\n[notes]\na = 1 # b\n"
    )
    path = put(tmp_path, "mine", written)
    await kept.refresh()
    template = kept.get("mine")
    agent = msgspec.structs.replace(template.agent, model="n")
    await kept.save(msgspec.structs.replace(template, agent=agent))
    assert path.read_text() == written.replace("'m'", '"n"')


async def test_a_folder_that_cannot_be_written_is_told(kept: Templates, tmp_path: Path) -> None:
    (tmp_path / "all").write_text("in the way")
    with pytest.raises(StoreError, match="cannot be written"):
        await kept.save(AgentTemplate(name="mine"))
    with pytest.raises(StoreError, match="keeps no files"):
        await Templates(ProviderRegistry(), {}).save(AgentTemplate(name="mine"))
    assert [p.path for p in kept.problems()] == [str(tmp_path / "all")]


async def test_a_manager_reads_the_persons_files_and_the_workspaces(
    open_manager: Any, tmp_path: Path
) -> None:
    path = config_dir() / "templates" / "pirate.toml"
    path.parent.mkdir(parents=True)
    path.write_text(PIRATE)
    async with open_manager() as manager:
        text = '[agent]\nsystem_prompt = "Of dev."\n'
        await manager.templates.save_text("local", text, workspace="dev")
        assert (tmp_path / "workspaces" / "dev" / "templates" / "local.toml").read_text() == text
        session = await manager.create_session(workspace="dev")
        chat = await manager.create_chat(session.id, template="local")
        assert chat.agent.system_prompt == "Of dev."
        assert (await manager.create_chat(session.id, template="pirate")).agent.model
        other = await manager.create_session(workspace="other")
        with pytest.raises(TemplateNotFound):
            await manager.create_chat(other.id, template="local")
        face = manager.workspace("dev")
        assert face.templates.get("local").name == "local"
        with pytest.raises(WorkspaceNotFound):
            await face.templates.save_text("local", text, workspace="other")
        await manager.update_workspace("dev", template="local")
        fresh = await manager.create_session(workspace="dev")
        assert (await manager.create_chat(fresh.id)).agent.template == "local"
        path.write_text(PIRATE.replace("Talk", "Shout"))
        chat = await manager.create_chat(session.id, template="pirate")
        assert chat.agent.system_prompt == "Shout like a pirate."
        assert await manager.problems() == []


async def test_a_store_without_files_has_no_workspace_templates() -> None:
    async with open_sessions("memory:") as manager:
        await manager.templates.save(AgentTemplate(name="mine"))
        assert manager.templates.get("mine").name == "mine"
        with pytest.raises(StoreError):
            await manager.templates.save(AgentTemplate(name="mine"), workspace="dev")


async def test_opening_reads_no_template(open_manager: Any, monkeypatch: Any) -> None:
    def refuse(_: TemplateFolder) -> None:
        raise AssertionError("read")

    monkeypatch.setattr(TemplateFolder, "read", refuse)
    async with open_manager() as manager:
        await manager.create_session()


def test_the_default_provider_answers_for_those_that_name_none(
    tmp_path: Path,
) -> None:
    own = {
        "named": {"agent": {"provider": "offline"}},
        "bare": {},
        "sized": {"agent": {"model": "x"}},
    }
    templates = Templates(ProviderRegistry(), own, folder_of(tmp_path))
    put(tmp_path, "file", "[agent]\nprovider = 'offline'")
    templates.set_default("scripted", "m")
    agents = {t.name: t.agent for t in templates.list()}
    assert (agents["coder"].provider, agents["coder"].model) == ("scripted", "m")
    assert (agents["bare"].provider, agents["sized"].model) == ("scripted", "x")
    assert (agents["named"].provider, agents["file"].provider) == ("offline", "offline")
    assert templates.apply("coder")[0].provider == "scripted"
    assert {t.name for t in templates.find(provider="offline")} == {"named", "file"}
    with pytest.raises(UnknownProvider):
        templates.set_default("nobody")
    templates.set_default(None)
    assert templates.get("coder").agent.provider == "offline"


async def test_an_offline_agent_that_is_saved_answers_itself_whoever_does_by_default(
    tmp_path: Path,
) -> None:
    own = {"named": {"agent": {"provider": "offline"}}, "bare": {}}
    templates = Templates(ProviderRegistry(), own, folder_of(tmp_path))
    templates.set_default("scripted", "m")
    agent, _ = templates.apply("coder", {"provider": "offline", "model": None})
    plain = msgspec.structs.replace(agent, template=None)
    await templates.save(AgentTemplate(name="mine", agent=plain))
    assert templates.get("mine").agent == plain
    assert 'provider = "offline"' in (tmp_path / "all" / "mine.toml").read_text()
    assert 'provider = "offline"' in await templates.text("named")
    assert "provider" not in await templates.text("bare")
    templates.set_default(None)
    await templates.save(AgentTemplate(name="other", agent=AgentConfig(model="m")))
    assert "provider" not in (tmp_path / "all" / "other.toml").read_text()


async def test_what_is_saved_over_a_template_that_names_the_offline_agent_names_it_too(
    tmp_path: Path,
) -> None:
    own = {"named": {"agent": {"provider": "offline"}}, "bare": {}}
    templates = Templates(ProviderRegistry(), own, folder_of(tmp_path))
    for name in own:
        await templates.save(AgentTemplate(name=name, agent=AgentConfig(model="m")))
    templates.set_default("scripted")
    assert templates.get("named").agent.provider == "offline"
    assert templates.get("bare").agent.provider == "scripted"
