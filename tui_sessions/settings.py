"""The person's settings: typed, read once from TOML, written back without losing a key."""

from __future__ import annotations

import os
import tempfile
import tomllib
from pathlib import Path
from typing import Annotated, Any, Literal

import msgspec

from tui_sessions.errors import SettingsError

Count = Annotated[int, msgspec.Meta(ge=0)]


class Limits(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """How much there may be; None is no limit."""

    sessions: Count | None = None
    sessions_per_user: Count | None = None
    active_sessions: Count | None = None
    chats_per_session: Count | None = None
    messages_per_chat: Count | None = None


class SweepSettings(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """When idle sessions are suspended."""

    ttl_s: float = 3600.0
    """Seconds of idleness, for sessions without a TTL of their own."""
    background: bool = False
    """Sweep by itself while the engine runs."""
    interval_s: float = 60.0
    """Seconds between two sweeps in the background."""


class AppSettings(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """How the terminal app looks and behaves."""

    theme: str = "sessions-dark"
    mouse: bool = True
    notify_done: bool = True
    """Say so when a reply is done in a chat that is not on screen."""


Seconds = Annotated[float, msgspec.Meta(gt=0)]


class Timeouts(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """How long to wait for a model, in seconds."""

    connect_s: Seconds = 10.0
    first_reply_s: Seconds = 300.0
    """From the request to the first sign of a reply: a small machine reads for minutes."""
    stall_s: Seconds = 60.0
    """Between two pieces of a reply."""
    whole_reply_s: Seconds = 3600.0
    """For a reply from its request to its end."""


class ProviderSettings(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Where a provider is found; a key is never written here, only where to look for it."""

    kind: Literal["openai", "anthropic", "openai-compatible"] = "openai-compatible"
    base_url: str | None = None
    """As `http://localhost:8080/v1`; needed for an `openai-compatible` one."""
    api_key_env: str | None = None
    """The environment variable with the key; the system keyring is asked where it is not set."""
    model: str | None = None
    """The model of agents that name none; otherwise the first that the endpoint lists."""
    context_window: Annotated[int, msgspec.Meta(gt=0)] | None = None
    """How many tokens its models read at once, where the endpoint does not say or says it wrong."""
    timeouts: Timeouts | None = None
    """Instead of those of all providers."""


class Settings(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """All settings; the defaults are those of a program without a settings file.

    ```python
    Settings(limits=Limits(sessions=100), autosave=False)
    ```
    """

    limits: Limits = Limits()
    sweep: SweepSettings = SweepSettings()
    app: AppSettings = AppSettings()
    autosave: bool = True
    """Save every change as it happens; otherwise on `save` and `close` only."""
    default_workspace: str = "default"
    default_template: str = "assistant"
    keymap: dict[str, str] = {}
    """Keys by binding id, as `"app.fork" = "f9,ctrl+b"`."""
    templates: dict[str, dict[str, Any]] = {}
    """The person's own agent templates, by name."""
    providers: dict[str, ProviderSettings] = {}
    """Endpoints by name, as `[providers.mine]` with `base_url = "http://localhost:8080/v1"`."""
    timeouts: Timeouts = Timeouts()


def read_settings(path: Path) -> Settings:
    """The settings of a file; the defaults where there is none.

    Raises:
        SettingsError: it is not TOML, or a setting is unknown or of the wrong kind.
    """
    try:
        values = tomllib.loads(path.read_text(encoding="utf-8"))
        return msgspec.convert(values, Settings)
    except FileNotFoundError:
        return Settings()
    except (OSError, UnicodeDecodeError) as error:
        raise SettingsError(path, f"cannot be read: {error}") from error
    except tomllib.TOMLDecodeError as error:
        raise SettingsError(path, f"is not TOML: {error}") from error
    except msgspec.ValidationError as error:
        raise SettingsError(path, f"{error}") from error


def write_setting(path: Path, table: str, key: str, value: object) -> None:
    """Change one setting in the file, all at once; the others stay.

    Raises:
        SettingsError: there is no such setting, the value is not of its kind, or the file cannot be
            read or written; it is as it was.
    """
    read_settings(path)
    try:
        values = tomllib.loads(path.read_text(encoding="utf-8")) if path.exists() else {}
        (values.setdefault(table, {}) if table else values)[key] = value
        msgspec.convert(values, Settings)
        _replace(path, values)
    except msgspec.ValidationError as error:
        raise SettingsError(path, f"cannot take {key} = {value!r:.80}: {error}") from error
    except (OSError, TypeError, ValueError) as error:
        raise SettingsError(path, f"cannot be written: {error}") from error


def _replace(path: Path, values: dict[str, Any]) -> None:
    """Write the whole file, or leave the old one."""
    import tomli_w

    text = tomli_w.dumps(values).encode()
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    with tempfile.NamedTemporaryFile(dir=path.parent, suffix=".tmp", delete=False) as file:
        try:
            file.write(text)
            file.flush()
            os.fsync(file.fileno())
            os.replace(file.name, path)
        except BaseException:
            os.unlink(file.name)
            raise
