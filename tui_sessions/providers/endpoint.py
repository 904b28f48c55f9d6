"""Endpoints: where a provider is found, and which are known without any settings."""

from __future__ import annotations

import ipaddress
import os
from collections.abc import Mapping
from urllib.parse import urlsplit

import msgspec

from tui_sessions.errors import InvalidValue, ProviderError
from tui_sessions.model.identifiers import check_id
from tui_sessions.providers.keys import Key, KeyringError, find_key
from tui_sessions.settings import ProviderSettings, Timeouts


class Endpoint(msgspec.Struct, frozen=True, kw_only=True):
    """One place that answers, without its key."""

    name: str
    kind: str
    base_url: str
    api_key_env: str | None = None
    other_key_envs: tuple[str, ...] = ()
    """Where a key may be as well, by an older custom."""
    needs_key: bool = False
    model: str | None = None
    context_window: int | None = None
    timeouts: Timeouts = Timeouts()
    problem: str | None = None
    """Why it cannot be used as the environment has it; told when it is used."""

    @property
    def local(self) -> bool:
        """Whether it is on this machine: reached without a proxy."""
        return is_local(self.base_url)

    def key(self) -> Key | None:
        """Its key, where one is set; a server on this machine is not asked the keyring for.

        Raises:
            ProviderError: it needs one and none is set, or the endpoint cannot be used.
        """
        if self.problem is not None:
            raise ProviderError(self.problem, "bad_request")
        if self.local and not self.needs_key:
            return None
        where = f"set {self.api_key_env}" if self.api_key_env else "name its `api_key_env`"
        try:
            found = find_key(self.name, self.key_variables)
        except KeyringError as error:
            if not self.needs_key:
                return None
            raise ProviderError(
                f"The key for {self.name} cannot be read, as {error}: unlock or mend the keyring, "
                f"or {where} in the environment.",
                "auth",
            ) from None
        if found is not None and not found.can_be_sent:
            raise ProviderError(
                f"What is set as the key for {self.name} cannot be one, as it has a line break or "
                f"a character that no key has: {where} again, without what does not belong to it.",
                "auth",
            )
        if found is None and self.needs_key:
            raise ProviderError(
                f"There is no key for {self.name}: {where} in the environment, or put the key "
                f"into the system keyring as service `sessions-tui`, name `{self.name}`.",
                "auth",
            )
        return found

    @property
    def key_variables(self) -> tuple[str, ...]:
        """The environment variables that may hold its key, the first that is set counts."""
        return (*((self.api_key_env,) if self.api_key_env else ()), *self.other_key_envs)


_DEFAULTS = {
    "openai": ("https://api.openai.com/v1", ("OPENAI_API_KEY",), "OPENAI_BASE_URL"),
    "anthropic": ("https://api.anthropic.com", ("ANTHROPIC_API_KEY",), "ANTHROPIC_BASE_URL"),
    "google": (
        "https://generativelanguage.googleapis.com",
        ("GEMINI_API_KEY", "GOOGLE_API_KEY"),
        "GOOGLE_GEMINI_BASE_URL",
    ),
    "mistral": ("https://api.mistral.ai", ("MISTRAL_API_KEY",), "MISTRAL_BASE_URL"),
}
KNOWN: Mapping[str, ProviderSettings] = {
    "openai": ProviderSettings(kind="openai"),
    "anthropic": ProviderSettings(kind="anthropic"),
    "google": ProviderSettings(kind="google"),
    "mistral": ProviderSettings(kind="mistral"),
    "openrouter": ProviderSettings(
        base_url="https://openrouter.ai/api/v1", api_key_env="OPENROUTER_API_KEY"
    ),
    "groq": ProviderSettings(base_url="https://api.groq.com/openai/v1", api_key_env="GROQ_API_KEY"),
    "xai": ProviderSettings(base_url="https://api.x.ai/v1", api_key_env="XAI_API_KEY"),
    "deepseek": ProviderSettings(
        base_url="https://api.deepseek.com/v1", api_key_env="DEEPSEEK_API_KEY"
    ),
    "ollama": ProviderSettings(base_url="http://127.0.0.1:11434/v1"),
    "llama-cpp": ProviderSettings(base_url="http://127.0.0.1:8080/v1"),
    "lm-studio": ProviderSettings(base_url="http://127.0.0.1:1234/v1"),
    "vllm": ProviderSettings(base_url="http://127.0.0.1:8000/v1"),
}
"""What is there without any settings; settings of the same name replace it."""


def endpoint(name: str, settings: ProviderSettings, timeouts: Timeouts) -> Endpoint:
    """The endpoint that a provider's settings describe.

    Raises:
        InvalidId: the name cannot be one.
        InvalidValue: its address is missing, or is none.
    """
    address, problem = settings.base_url, None
    variables: tuple[str, ...] = (settings.api_key_env,) if settings.api_key_env else ()
    if settings.kind in _DEFAULTS:
        default, usual, address_variable = _DEFAULTS[settings.kind]
        variables = variables or usual
        if address is None:
            address, problem = _address_in_environment(name, address_variable, default)
    return Endpoint(
        name=check_id(name, "provider name"),
        kind=settings.kind,
        base_url=check_address(name, address),
        api_key_env=variables[0] if variables else None,
        other_key_envs=variables[1:],
        needs_key=bool(variables),
        model=settings.model,
        context_window=settings.context_window,
        timeouts=settings.timeouts or timeouts,
        problem=problem,
    )


def endpoints(configured: Mapping[str, ProviderSettings], timeouts: Timeouts) -> list[Endpoint]:
    """All endpoints, those that are known and those of the settings."""
    return [endpoint(name, one, timeouts) for name, one in {**KNOWN, **configured}.items()]


def _address_in_environment(name: str, variable: str, default: str) -> tuple[str, str | None]:
    """The address that is set for all programs, and what is wrong with it."""
    try:
        return check_address(name, os.environ.get(variable) or default), None
    except InvalidValue as error:
        return default, f"{variable} in the environment is no address that can be used: {error}"


def check_address(name: str, address: str | None) -> str:
    """An address without a slash at its end.

    Raises:
        InvalidValue: it is no http address, or has a password or a query in it.
    """
    try:
        parts = urlsplit(address or "")
        fits = parts.scheme in ("http", "https") and bool(parts.hostname) and parts.port != 0
    except ValueError:
        fits, parts = False, urlsplit("")
    if parts.username is not None or parts.password is not None:
        raise InvalidValue(
            f"providers.{name}.base_url",
            "an address with a password in it",
            "an address without one; keys come from the environment or the keyring",
        )
    if parts.query or parts.fragment:  # what is asked for is added at its end
        raise InvalidValue(
            f"providers.{name}.base_url",
            "an address with ? or # in it",
            "an address without them; keys come from the environment or the keyring",
        )
    if not fits:
        valid = "an address such as http://localhost:8080/v1"
        raise InvalidValue(f"providers.{name}.base_url", address, valid)
    return (address or "").rstrip("/")


def is_local(address: str) -> bool:
    """Whether an address is on this machine."""
    host = urlsplit(address).hostname or ""
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost" or host.endswith(".localhost")
