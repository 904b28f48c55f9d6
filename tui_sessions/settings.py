"""The person's settings: typed, read once from TOML, written back without losing a key."""

from __future__ import annotations

import os
import re
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Annotated, Any, Literal

import msgspec

from tui_sessions.errors import SettingsError

Count = Annotated[int, msgspec.Meta(ge=0)]
Seconds = Annotated[float, msgspec.Meta(gt=0, le=1e9)]
"""No more than about thirty years: so infinity, which no clock reaches, is none."""
_SERVER_NAME = "^[A-Za-z0-9][A-Za-z0-9_-]{0,63}$"
_VARIABLE = re.compile(r"[A-Za-z_]\w{0,63}", re.ASCII)
_KEY = re.compile(r"(?=.*[a-z])(?=.*[A-Z])(?=.*[0-9]).{20,}")
"""As keys are, and variables are not."""


def _check_variables(setting: str, names: Iterable[str]) -> None:
    """Refuse what is no name of a variable, without repeating it: most likely it is a key.

    Raises:
        ValueError: one of the names is none.
    """
    if not all(_VARIABLE.fullmatch(name) and not _KEY.match(name) for name in names):
        raise ValueError(
            f"its `{setting}` names an environment variable, as WORK_KEY; the key itself never "
            "stands in this file"
        )


class Limits(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """How much there may be; None is no limit."""

    sessions: Count | None = None
    """Together with the next two, counted under a lock between processes that share a folder."""
    sessions_per_user: Count | None = None
    active_sessions: Count | None = None
    chats_per_session: Count | None = None
    messages_per_chat: Count | None = None
    child_depth: Count | None = 3
    """How deep sub-agents may start sub-agents of their own."""


class SweepSettings(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """When idle sessions are suspended."""

    ttl_s: Seconds = 3600.0
    """Seconds of idleness, for sessions without a TTL of their own."""
    background: bool = False
    """Sweep by itself while the engine runs."""
    interval_s: Seconds = 60.0
    """Seconds between two sweeps in the background."""


class CheckpointSettings(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """When the beginning of a long chat is summarised."""

    automatic: bool = True
    """Summarise by itself before a question that would leave the model too little room."""
    share: Annotated[float, msgspec.Meta(gt=0, le=1)] = 0.8
    """How much of the model's context window may be full before that happens."""
    template: str = "summariser"
    """The agent template whose system prompt says how to summarise."""


class AppSettings(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """How the terminal app looks and behaves."""

    theme: str = "sessions-dark"
    mouse: bool = True
    notify_done: bool = True
    """Say so when a reply is done in a chat that is not on screen."""


class Timeouts(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """How long to wait for a model, in seconds."""

    connect_s: Seconds = 10.0
    first_reply_s: Seconds = 300.0
    """From the request to the first sign of a reply: a small machine reads for minutes."""
    stall_s: Seconds = 60.0
    """Between two pieces of a reply."""
    whole_reply_s: Seconds = 3600.0
    """For a reply from its request to its end."""


class RetrySettings(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What happens when a provider takes no request for a while."""

    attempts: Count = 3
    """How often a request is made again by itself; 0: never."""
    longest_wait_s: Seconds = 120.0
    """A provider that asks for a longer wait is not waited for."""


class ToolSettings(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """How far agents may go with tools."""

    max_rounds: Annotated[int, msgspec.Meta(ge=1)] = 25
    """How often in one turn tools run before the agent has to answer."""
    timeout_s: Seconds = 120.0
    """For one call, in seconds; waiting for a person is not counted."""
    longest_result: Annotated[int, msgspec.Meta(ge=100)] = 30_000
    """Characters of one result that the model gets to read; more is kept, but not sent."""


class McpSettings(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A server of tools: a program to start, or an address.

    A secret is never written here: a value of `env` that begins with `$` names the environment
    variable to take, and so does every value of `headers_env`.
    """

    command: str | None = None
    args: tuple[str, ...] = ()
    env: dict[str, str] = {}
    cwd: str | None = None
    """The folder it starts in; by default the current one."""
    url: str | None = None
    """As `https://example.com/mcp`, for one that is reached by HTTP."""
    headers_env: dict[str, str] = {}
    """Headers by name, each with the environment variable that holds its value."""

    def __post_init__(self) -> None:
        if (self.command is None) == (self.url is None):
            raise ValueError("give it either a `command` or a `url`")
        if self.url is not None and not self.url.startswith(("http://", "https://")):
            raise ValueError("its `url` begins with http:// or https://")
        if self.command is not None and not self.command.strip("\0 "):
            raise ValueError("its `command` is empty")
        _check_variables("headers_env", self.headers_env.values())


class ProviderSettings(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Where a provider is found; a key is never written here, only where to look for it."""

    kind: Literal["openai", "anthropic", "google", "mistral", "openai-compatible"] = (
        "openai-compatible"
    )
    """`google` and `mistral` need the extra of the same name: `sessions-tui[google]`."""
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

    def __post_init__(self) -> None:
        _check_variables("api_key_env", [self.api_key_env] if self.api_key_env else ())


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
    default_provider: str | None = None
    """Who answers for templates that name no provider."""
    default_model: str | None = None
    """The model of that provider; None: the provider's own default."""
    keymap: dict[str, str] = {}
    """Keys by binding id, as `"app.fork" = "f9,ctrl+b"`."""
    templates: dict[str, dict[str, Any]] = {}
    """The person's own agent templates, by name."""
    providers: dict[str, ProviderSettings] = {}
    """Endpoints by name, as `[providers.mine]` with `base_url = "http://localhost:8080/v1"`."""
    timeouts: Timeouts = Timeouts()
    retry: RetrySettings = RetrySettings()
    checkpoints: CheckpointSettings = CheckpointSettings()
    tools: ToolSettings = ToolSettings()
    mcp: dict[Annotated[str, msgspec.Meta(pattern=_SERVER_NAME)], McpSettings] = {}
    """Servers of tools by name, as `[mcp.files]` with `command = "mcp-files"`."""


def read_settings(path: Path) -> Settings:
    """The settings of a file; the defaults where there is none.

    Raises:
        SettingsError: it is not TOML, or a setting is unknown or of the wrong kind.
    """
    try:
        text = path.read_text(encoding="utf-8-sig")
    except FileNotFoundError:
        return Settings()
    except OSError as error:
        raise SettingsError(path, f"cannot be read: {error.strerror or error}") from error
    except UnicodeDecodeError as error:
        line = error.object.count(b"\n", 0, error.start) + 1
        raise SettingsError(path, f"line {line} is not UTF-8: save the file as that") from error
    import tomllib

    values: dict[str, Any] = {}
    try:
        values = tomllib.loads(text)
        return msgspec.convert(values, Settings)
    except tomllib.TOMLDecodeError as error:
        from tui_sessions.toml_problems import no_toml

        raise SettingsError(path, no_toml(error)) from error
    except msgspec.ValidationError as error:
        from tui_sessions.toml_problems import wrong_value

        raise SettingsError(path, wrong_value(text, values, Settings, str(error))) from error


def write_setting(path: Path, table: str, key: str, value: object) -> None:
    """Change one setting in the file; see `write_settings`."""
    write_settings(path, table, {key: value})


def write_settings(path: Path, table: str, changed: Mapping[str, object]) -> None:
    """Change some settings of a table in the file, all at once; all else in it stays, comments too.

    Args:
        path: the settings file.
        table: the name of the table; empty for what stands in none.
        changed: the new values.

    Raises:
        SettingsError: there is no such setting, the value is not of its kind, or the file cannot be
            read or written; it is as it was.
    """
    import tomllib

    from tui_sessions.toml_changes import changed_toml

    read_settings(path)
    values: dict[str, Any] = {}
    try:
        text = path.read_bytes().decode("utf-8-sig") if path.exists() else ""
        values = tomllib.loads(text)
        (values.setdefault(table, {}) if table else values).update(changed)
        msgspec.convert(values, Settings)
        _replace(path.resolve(), changed_toml(text, values))
    except msgspec.ValidationError as error:
        from tui_sessions.toml_problems import wrong_value

        raise SettingsError(path, wrong_value("", values, Settings, str(error))) from error
    except (OSError, TypeError, ValueError) as error:
        raise SettingsError(path, f"cannot be written: {error}") from error


def _replace(path: Path, text: str) -> None:
    """Write the whole file, or leave the old one."""
    import tempfile

    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    with tempfile.NamedTemporaryFile(dir=path.parent, suffix=".tmp", delete=False) as file:
        try:
            file.write(text.encode())
            file.flush()
            os.fsync(file.fileno())
            os.replace(file.name, path)
        except BaseException:
            os.unlink(file.name)
            raise
