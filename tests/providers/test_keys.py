"""Keys are found where they are, and are nowhere else afterwards."""

from __future__ import annotations

import copy
import logging
import pickle
import sys
import traceback
from pathlib import Path
from types import SimpleNamespace

import pytest

from tui_sessions import (
    AgentConfig,
    InvalidId,
    InvalidValue,
    ProviderError,
    ProviderRegistry,
    Settings,
    SettingsError,
    open_sessions,
)
from tui_sessions.providers.endpoint import Endpoint, endpoint, endpoints
from tui_sessions.providers.keys import Key, find_key
from tui_sessions.providers.registry import registry_of
from tui_sessions.providers.remote import RemoteProvider
from tui_sessions.settings import ProviderSettings, Timeouts, read_settings

HIDDEN = "sk-very-secret-0123456789"


def put_into_keyring(monkeypatch: pytest.MonkeyPatch, kept: dict[tuple[str, str], str]) -> None:
    """A keyring that holds these, by service and name."""
    fake = SimpleNamespace(get_password=lambda service, name: kept.get((service, name)))
    monkeypatch.setitem(sys.modules, "keyring", fake)


def test_a_key_shows_itself_to_nobody_who_does_not_ask() -> None:
    key = Key(HIDDEN)
    assert HIDDEN not in f"{key} {key!r} {[key]} {key!a}"
    assert key.hidden(f"Bad key {HIDDEN}.") == "Bad key [key]."
    assert key.reveal() == HIDDEN
    for copied in (pickle.dumps, copy.copy):
        with pytest.raises(TypeError):
            copied(key)


def test_the_environment_comes_before_the_keyring(monkeypatch: pytest.MonkeyPatch) -> None:
    put_into_keyring(monkeypatch, {("sessions-tui", "mine"): "from-keyring"})
    found = find_key("mine", ["MY_KEY"], {"MY_KEY": " from-environment\n"})
    assert found is not None
    assert found.reveal() == "from-environment"
    found = find_key("mine", ["MY_KEY"], {"MY_KEY": "  "})
    assert found is not None
    assert found.reveal() == "from-keyring"
    assert find_key("other", ["MY_KEY"], {}) is None


def test_a_keyring_that_is_not_there_holds_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "keyring", None)
    assert find_key("mine", [], {}) is None


async def test_without_a_key_a_hosted_provider_says_how_to_give_one() -> None:
    for name in ("openai", "anthropic", "openrouter"):
        with pytest.raises(ProviderError, match=f"{name.upper()}_API_KEY") as caught:
            await registry_of(Settings()).get(name).models()
        assert caught.value.kind == "auth"


def test_another_endpoint_is_never_given_the_key_of_openai(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("OPENAI_API_KEY", HIDDEN)
    mine = endpoint("mine", ProviderSettings(base_url="https://example.org/v1"), Timeouts())
    assert mine.key() is None


async def test_a_key_is_in_no_file_log_error_or_repr(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setenv("MY_KEY", HIDDEN)
    caplog.set_level(logging.DEBUG)
    own = ProviderSettings(base_url="http://127.0.0.1:9/v1", api_key_env="MY_KEY")
    settings = Settings(providers={"mine": own})
    async with open_sessions(f"file://{tmp_path}", settings=settings) as manager:
        session = await manager.create_session(label="x")
        agent = AgentConfig(provider="mine", model="m")
        await manager.create_chat(session.id, agent=agent)
        events = [event async for event in manager.send(session.id, "Hello")]
        error = getattr(events[-1], "error", None)
        assert isinstance(error, ProviderError)
        provider = manager.providers.get("mine")
        shown = [repr(provider), repr(vars(provider)), repr(events), repr(manager.providers)]
        shown += traceback.format_exception(error)
    shown.append(caplog.text)
    files = [path.read_text() for path in tmp_path.rglob("*") if path.is_file()]
    assert any("Hello" in text for text in files)
    assert not any(HIDDEN in text for text in [*shown, *files])


@pytest.mark.parametrize("odd", [f"{HIDDEN}\nx", f"{HIDDEN}\x1b[31m", f"{HIDDEN}é"])
async def test_what_cannot_be_a_key_is_told_and_not_repeated(
    monkeypatch: pytest.MonkeyPatch, odd: str
) -> None:
    monkeypatch.setenv("MY_KEY", odd)
    own = ProviderSettings(base_url="http://127.0.0.1:9/v1", api_key_env="MY_KEY")
    with pytest.raises(ProviderError, match="set MY_KEY again") as caught:
        await registry_of(Settings(providers={"mine": own})).get("mine").models()
    assert caught.value.kind == "auth"
    assert HIDDEN not in str(caught.value)


@pytest.mark.parametrize(
    "address",
    [None, "", "localhost:8080", "ftp://x/v1", "http://", "http://[::1", "http://x:99999", "/v1"],
)
def test_an_address_that_is_none_is_refused(address: str | None) -> None:
    with pytest.raises(InvalidValue, match="base_url"):
        endpoint("mine", ProviderSettings(base_url=address), Timeouts())


@pytest.mark.parametrize(
    "address",
    [
        f"https://ana:{HIDDEN}@example.org/v1",
        f"https://example.org/v1?key={HIDDEN}",
        f"https://example.org/v1#{HIDDEN}",
    ],
)
def test_a_secret_in_an_address_is_refused_and_not_repeated(address: str) -> None:
    settings = ProviderSettings(base_url=address)
    with pytest.raises(InvalidValue) as caught:
        endpoint("mine", settings, Timeouts())
    assert HIDDEN not in str(caught.value)


def test_a_key_in_the_settings_is_refused_and_not_repeated(tmp_path: Path) -> None:
    path = tmp_path / "settings.toml"
    path.write_text(f'[providers.mine]\nbase_url = "http://x/v1"\napi_key = "{HIDDEN}"\n')
    with pytest.raises(SettingsError, match="api_key") as caught:
        read_settings(path)
    assert HIDDEN not in str(caught.value)


def test_settings_add_endpoints_and_replace_known_ones(tmp_path: Path) -> None:
    path = tmp_path / "settings.toml"
    path.write_text(
        '[timeouts]\nstall_s = 5\n[providers.mine]\nbase_url = "http://box:1/v1/"\n'
        'model = "m"\n[providers.ollama]\nbase_url = "http://box:2/v1"\n'
    )
    settings = read_settings(path)
    found = {one.name: one for one in endpoints(settings.providers, settings.timeouts)}
    assert (found["mine"].base_url, found["mine"].model) == ("http://box:1/v1", "m")
    assert found["mine"].timeouts.stall_s == 5
    assert found["ollama"].base_url == "http://box:2/v1"
    assert found["openai"].base_url == "https://api.openai.com/v1"
    assert registry_of(settings).names()[:2] == ("offline", "scripted")
    with pytest.raises(InvalidId):
        registry_of(Settings(providers={"no name": ProviderSettings(base_url="http://x")}))


@pytest.mark.parametrize(
    "text",
    [
        "[timeouts]\nstall_s = 0",
        "[timeouts]\nconnect_s = -1",
        '[providers.x]\nbase_url = "http://x"\ncontext_window = 0',
        '[providers.x]\nkind = "gopher"',
    ],
)
def test_settings_that_cannot_be_are_refused(tmp_path: Path, text: str) -> None:
    path = tmp_path / "settings.toml"
    path.write_text(text)
    with pytest.raises(SettingsError):
        read_settings(path)


async def test_a_wrong_address_in_the_environment_is_told_when_it_is_used(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("OPENAI_BASE_URL", "nonsense")
    monkeypatch.setenv("OPENAI_API_KEY", HIDDEN)
    with pytest.raises(ProviderError, match="OPENAI_BASE_URL"):
        await registry_of(Settings()).get("openai").models()


@pytest.mark.parametrize(
    ("address", "local"),
    [
        ("http://localhost:1/v1", True),
        ("http://127.0.0.1/v1", True),
        ("http://[::1]:80/v1", True),
        ("https://api.openai.com/v1", False),
        ("http://192.168.1.5/v1", False),
        ("http://localhost.example.org/v1", False),
    ],
)
def test_what_is_on_this_machine_is_known_as_that(address: str, local: bool) -> None:
    assert Endpoint(name="x", kind="openai-compatible", base_url=address).local is local


async def test_a_registry_closes_what_it_made() -> None:
    registry = ProviderRegistry()
    closed: list[str] = []

    class Closing(RemoteProvider):
        async def close(self) -> None:
            closed.append(self.name)

    one = Endpoint(name="one", kind="openai-compatible", base_url="http://x/v1")
    registry.register("one", lambda: Closing(one))
    await registry.close()
    registry.get("one")
    await registry.close()
    assert closed == ["one"]
