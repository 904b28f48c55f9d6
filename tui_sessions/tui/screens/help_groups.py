"""Which keys do what right now, in the words of a person."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from textual.binding import ActiveBinding, Binding

from tui_sessions.tui.widgets.key_line import key_name

_AREAS = {
    "app": "Anywhere",
    "session": "Anywhere",
    "tree": "Tree",
    "transcript": "Transcript",
    "composer": "Composer",
    "inspector": "Inspector",
    "approval": "Tool approval",
    "find": "Find",
    "chat_tabs": "Chat name",
    "dialog": "Dialog",
}


@dataclass(frozen=True)
class HelpGroup:
    """The keys of one area."""

    title: str
    rows: tuple[tuple[str, str], ...]
    """Keys, and what they do."""


@dataclass(frozen=True)
class _HelpRow:
    """An action and the keys that do it."""

    binding: Binding
    keys: list[str]

    def drawn(self) -> tuple[str, str]:
        # The super key is another keyboard's name for a key that is listed anyway.
        keys = [key for key in self.keys if not key.startswith("super+")] or self.keys
        return " ".join(keys), self.binding.tooltip or self.binding.description


def help_groups(bindings: Mapping[str, ActiveBinding]) -> list[HelpGroup]:
    """What `screen.active_bindings` says, grouped by the areas in the bindings' ids.

    Keys with the same action are set side by side. What has no id belongs to the widgets of the
    framework and is left out, as is what is switched off at the moment.
    """
    found: dict[str, dict[str, _HelpRow]] = {}
    for key, active in bindings.items():
        binding = active.binding
        if not (binding.id and binding.description and active.enabled):
            continue
        area = binding.id.partition(".")[0]
        rows = found.setdefault(_AREAS.get(area, area.replace("_", " ").capitalize()), {})
        row = rows.setdefault(binding.id, _HelpRow(binding, []))
        row.keys.append(key_name(key))
    return [_group(title, rows.values()) for title, rows in sorted(found.items(), key=_place)]


def _group(title: str, rows: Iterable[_HelpRow]) -> HelpGroup:
    """Rows whose keys the footer shows come first: they matter most."""
    ordered = sorted(rows, key=lambda row: not row.binding.show)
    return HelpGroup(title, tuple(row.drawn() for row in ordered))


def _place(item: tuple[str, object]) -> int:
    order = list(dict.fromkeys(_AREAS.values()))
    return order.index(item[0]) if item[0] in order else len(order)
