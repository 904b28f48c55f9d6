"""The importers and exporters there are, by name; built when they are first asked for."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cache
from importlib import import_module
from importlib.metadata import entry_points
from types import MappingProxyType

from tui_sessions.errors import InvalidValue
from tui_sessions.model.document import SessionDocument
from tui_sessions.transfer.base import Importer

ENTRY_POINTS = "tui_sessions.importers"
"""Where other packages offer importers: a class without arguments that has the protocol."""

_IMPORTERS = MappingProxyType(
    {
        "claude-code": ("tui_sessions.transfer.claude_code", "ClaudeCodeImporter"),
        "simulacra": ("tui_sessions.transfer.simulacra", "SimulacraImporter"),
        "formagent": ("tui_sessions.transfer.formagent", "FormagentImporter"),
    }
)


@dataclass(frozen=True, slots=True)
class Exporter:
    """Writes a session in one format."""

    name: str
    title: str
    suffix: str
    """How the names of its files end."""
    export: Callable[[SessionDocument], bytes]


def importer_names() -> tuple[str, ...]:
    """The names of all importers, ours first."""
    others = sorted(point.name for point in entry_points(group=ENTRY_POINTS))
    return (*_IMPORTERS, *(name for name in others if name not in _IMPORTERS))


def importer(name: str) -> Importer:
    """The importer of that name.

    Raises:
        InvalidValue: there is none; the error names those there are.
    """
    if name in _IMPORTERS:
        module, attribute = _IMPORTERS[name]
        made: Importer = getattr(import_module(module), attribute)()
        return made
    for point in entry_points(group=ENTRY_POINTS, name=name):
        offered: Importer = point.load()()
        return offered
    raise InvalidValue("format", name, importer_names())


def exporter_names() -> tuple[str, ...]:
    """The names of all exporters."""
    return tuple(_exporters())


def exporter(name: str) -> Exporter:
    """The exporter of that name.

    Raises:
        InvalidValue: there is none; the error names those there are.
    """
    if name not in _exporters():
        raise InvalidValue("format", name, exporter_names())
    return _exporters()[name]


@cache
def _exporters() -> Mapping[str, Exporter]:
    from tui_sessions.transfer.markdown import export_markdown
    from tui_sessions.transfer.own_json import export_session

    def markdown(document: SessionDocument) -> bytes:
        return export_markdown(document).encode("utf-8", "replace")

    return MappingProxyType(
        {
            "json": Exporter("json", "sessions-tui JSON", ".json", export_session),
            "markdown": Exporter("markdown", "Markdown", ".md", markdown),
        }
    )
