"""Keys in a real keyring: found, told about where it fails, and never waited for too long."""

from __future__ import annotations

import asyncio
import os
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import keyring
import pytest
from keyring.backend import KeyringBackend
from keyring.backends.fail import Keyring as NoKeyring
from keyring.errors import KeyringLocked
from keyrings.alt.file import PlaintextKeyring

from tui_sessions import ProviderError
from tui_sessions.providers import keyring_look, keys
from tui_sessions.providers.detection import Detected, detect
from tui_sessions.providers.endpoint import Endpoint
from tui_sessions.providers.keys import KEYRING_SERVICE, KeyringError, find_key
from tui_sessions.providers.remote import RemoteProvider

HIDDEN = "sk-in-the-keyring-0123456789"
HOSTED = Endpoint(
    name="mine",
    kind="openai-compatible",
    base_url="https://example.org/v1",
    api_key_env="NO_SUCH_KEY",
    needs_key=True,
)


class Locked(KeyringBackend):
    """Cannot be unlocked, and says so with what must not be shown as it is."""

    priority = 1  # type: ignore[assignment]
    asked = 0

    def get_password(self, service: str, username: str) -> str | None:
        self.asked += 1
        raise KeyringLocked("Failed to unlock\x1b[2J the collection!")

    set_password = delete_password = get_password  # type: ignore[assignment]


class Silent(KeyringBackend):
    """Waits for a person who does not come."""

    priority = 1  # type: ignore[assignment]

    def __init__(self) -> None:
        super().__init__()
        self.asked = threading.Event()
        self.answers = threading.Event()

    def get_password(self, service: str, username: str) -> str | None:
        self.asked.set()
        self.answers.wait()
        return HIDDEN

    set_password = delete_password = get_password  # type: ignore[assignment]


@pytest.fixture(autouse=True)
def backend_as_before() -> Iterator[None]:
    before = keyring.get_keyring()
    keys.failures.forget()
    yield
    keyring.set_keyring(before)
    keys.failures.forget()


@pytest.fixture
def silent() -> Iterator[Silent]:
    backend = Silent()
    keyring.set_keyring(backend)
    yield backend
    backend.answers.set()


@pytest.fixture
def file_keyring(tmp_path: Path) -> PlaintextKeyring:
    backend = PlaintextKeyring()
    backend.file_path = str(tmp_path / "keyring.cfg")
    keyring.set_keyring(backend)
    return backend


def test_a_key_is_found_in_the_keyring(file_keyring: PlaintextKeyring) -> None:
    file_keyring.set_password(KEYRING_SERVICE, "mine", f" {HIDDEN}\n")
    key = HOSTED.key()
    assert key is not None
    assert key.reveal() == HIDDEN
    assert find_key("other", [], {}) is None


async def test_a_key_in_the_keyring_is_noticed(file_keyring: PlaintextKeyring) -> None:
    file_keyring.set_password(KEYRING_SERVICE, "mine", HIDDEN)
    assert await detect([HOSTED], budget_s=5) == [Detected(name="mine", reason="key")]
    file_keyring.delete_password(KEYRING_SERVICE, "mine")
    assert await detect([HOSTED], budget_s=5) == []


async def test_looking_around_never_asks_a_keyring_that_might_ask_a_person(
    silent: Silent,
) -> None:
    assert await detect([HOSTED], budget_s=5) == []
    assert not silent.asked.is_set()


def test_a_locked_keyring_is_told_with_what_to_do() -> None:
    keyring.set_keyring(Locked())
    with pytest.raises(ProviderError, match="unlock or mend the keyring, or set NO_SUCH_KEY") as e:
        HOSTED.key()
    assert e.value.kind == "auth"
    assert "\x1b" not in str(e.value)
    open_one = Endpoint(name="open", kind="openai-compatible", base_url="http://192.168.1.5/v1")
    assert open_one.key() is None, "one that needs no key goes on without"


async def test_a_person_who_does_not_unlock_the_keyring_is_asked_once(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    locked = Locked()
    keyring.set_keyring(locked)
    for _ in range(2):
        found = await asyncio.gather(
            *(RemoteProvider(HOSTED).models() for _ in range(8)), return_exceptions=True
        )
        assert {getattr(error, "kind", None) for error in found} == {"auth"}
    assert locked.asked == 1
    keys.failures.forget()
    with pytest.raises(ProviderError):
        HOSTED.key()
    assert locked.asked == 2


def test_a_machine_without_a_keyring_holds_no_key() -> None:
    keyring.set_keyring(NoKeyring())
    with pytest.raises(ProviderError, match="There is no key for mine"):
        HOSTED.key()


def test_a_keyring_that_does_not_answer_is_given_up(
    silent: Silent, monkeypatch: pytest.MonkeyPatch
) -> None:
    with pytest.raises(KeyringError, match=r"did not answer for 0\.05 s"):
        keys.keyring_value("mine", 0.05)


async def test_the_loop_goes_on_while_a_keyring_waits_for_a_person(silent: Silent) -> None:
    asking = asyncio.create_task(RemoteProvider(HOSTED).models())
    while not silent.asked.is_set():
        await asyncio.sleep(0)
    assert not asking.done()
    asking.cancel()
    with pytest.raises(asyncio.CancelledError):
        await asking


def test_a_program_ends_while_a_keyring_still_waits() -> None:
    """Left behind, not waited for."""
    done: list[Any] = []

    async def give_up() -> None:
        backend = Silent()
        keyring.set_keyring(backend)
        asking = asyncio.create_task(RemoteProvider(HOSTED).models())
        while not backend.asked.is_set():
            await asyncio.sleep(0)
        asking.cancel()
        await asyncio.wait([asking])
        done.append(backend)

    asyncio.run(give_up())
    assert done
    done[0].answers.set()


def test_without_the_library_nothing_is_looked_for(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "keyring", None)
    assert asyncio.run(detect([HOSTED], budget_s=5)) == []


@pytest.mark.parametrize(
    "backend", ["keyring.backends.null.Keyring", "keyring.backends.kwallet.DBusKeyring"]
)
def test_the_library_is_not_loaded_for_a_keyring_that_is_not_looked_into(backend: str) -> None:
    program = (
        "import sys; from tui_sessions.providers.keyring_look import held_in_keyring\n"
        "assert held_in_keyring(['mine']) == frozenset(); assert 'keyring' not in sys.modules"
    )
    environment = os.environ | {"PYTHON_KEYRING_BACKEND": backend}
    subprocess.run([sys.executable, "-c", program], env=environment, check=True)


@pytest.mark.parametrize("place", ["DBUS_SESSION_BUS_ADDRESS", "XDG_RUNTIME_DIR"])
def test_a_keyring_is_looked_into_where_a_desktop_runs(
    place: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("DBUS_SESSION_BUS_ADDRESS", "XDG_RUNTIME_DIR"):
        monkeypatch.delenv(name, raising=False)
    assert not keyring_look._has_message_bus()
    monkeypatch.setenv(place, str(tmp_path))
    (tmp_path / "bus").touch()
    assert keyring_look._has_message_bus()
