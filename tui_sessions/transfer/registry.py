"""The importers and exporters there are, by name; built when they are first asked for."""

from __future__ import annotations

from collections.abc import Mapping
from importlib import import_module
from importlib.metadata import entry_points
from types import MappingProxyType
from typing import Any

from tui_sessions.errors import InvalidValue
from tui_sessions.transfer.base import Importer
from tui_sessions.transfer.export_base import Exporter

_Places = Mapping[str, tuple[str, str]]
"""Module and class by name: none is loaded before it is wanted."""
ENTRY_POINTS = "tui_sessions.importers"
"""Where other packages offer importers: a class without arguments that has the protocol."""

_IMPORTERS = MappingProxyType(
    {
        "claude-code": ("tui_sessions.transfer.claude_code", "ClaudeCodeImporter"),
        "codex": ("tui_sessions.transfer.codex", "CodexImporter"),
        "chatgpt": ("tui_sessions.transfer.chatgpt", "ChatGPTImporter"),
        "claude-ai": ("tui_sessions.transfer.claude_ai", "ClaudeAiImporter"),
        "gemini-cli": ("tui_sessions.transfer.gemini_cli", "GeminiCliImporter"),
        "opencode": ("tui_sessions.transfer.opencode", "OpencodeImporter"),
        "llm": ("tui_sessions.transfer.llm", "LlmImporter"),
        "open-webui": ("tui_sessions.transfer.open_webui", "OpenWebuiImporter"),
        "oterm": ("tui_sessions.transfer.oterm", "OtermImporter"),
        "elia": ("tui_sessions.transfer.elia", "EliaImporter"),
        "aider": ("tui_sessions.transfer.aider", "AiderImporter"),
        "simulacra": ("tui_sessions.transfer.simulacra", "SimulacraImporter"),
        "formagent": ("tui_sessions.transfer.formagent", "FormagentImporter"),
        "crush": ("tui_sessions.transfer.crush", "CrushImporter"),
        "goose": ("tui_sessions.transfer.goose", "GooseImporter"),
        "pi": ("tui_sessions.transfer.pi", "PiImporter"),
    }
)


EXPORTER_ENTRY_POINTS = "tui_sessions.exporters"
"""Where other packages offer exporters, likewise."""

_EXPORTERS = MappingProxyType(
    {
        "json": ("tui_sessions.transfer.own_json", "OwnJson"),
        "markdown": ("tui_sessions.transfer.markdown", "Markdown"),
        "html": ("tui_sessions.transfer.html_page.page", "HtmlPage"),
        "openai": ("tui_sessions.transfer.openai_messages", "OpenAiMessages"),
    }
)


def importer_names() -> tuple[str, ...]:
    """The names of all importers, ours first."""
    return _names(_IMPORTERS, ENTRY_POINTS)


def importer(name: str) -> Importer:
    """The importer of that name.

    Raises:
        InvalidValue: there is none; the error names those there are.
    """
    made: Importer = _made(name, _IMPORTERS, ENTRY_POINTS)
    return made


def exporter_names() -> tuple[str, ...]:
    """The names of all exporters, ours first."""
    return _names(_EXPORTERS, EXPORTER_ENTRY_POINTS)


def exporter(name: str) -> Exporter:
    """The exporter of that name.

    Raises:
        InvalidValue: there is none; the error names those there are.
    """
    made: Exporter = _made(name, _EXPORTERS, EXPORTER_ENTRY_POINTS)
    return made


def _names(own: _Places, group: str) -> tuple[str, ...]:
    others = sorted(point.name for point in entry_points(group=group))
    return (*own, *(name for name in others if name not in own))


def _made(name: str, own: _Places, group: str) -> Any:
    if isinstance(name, str) and name in own:
        module, attribute = own[name]
        return getattr(import_module(module), attribute)()
    if isinstance(name, str):
        for point in entry_points(group=group, name=name):
            return point.load()()
    raise InvalidValue("format", name, _names(own, group))
