"""What the settings name that there is not: themes and keys, each with what is valid."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from difflib import get_close_matches

from tui_sessions.tui.keys import binding_ids, taken_keys, unknown_keys
from tui_sessions.tui.widgets.key_line import key_name


def theme_problems(theme: str, themes: Collection[str]) -> Iterator[str]:
    """Why a theme cannot be used, where it is none of these."""
    if theme not in themes:
        yield f"No theme {theme!r}; valid: {', '.join(sorted(themes))}."


def keymap_problems(keymap: Mapping[str, str]) -> Iterator[str]:
    """What is wrong with the keys by their ids, a sentence each."""
    ids = binding_ids()
    for name in keymap.keys() - ids:
        close = ", ".join(get_close_matches(name, ids, 3, 0.4)) or ", ".join(sorted(ids))
        yield f"No key has the id {name!r}; did you mean {close}?"
    for name, keys in keymap.items():
        for key in unknown_keys(keys):
            yield (
                f"No key is called {key!r}, as `keymap.{name}` has it; "
                "valid: as f9, ctrl+b, alt+up, slash, T, and several with commas between."
            )
    for name, key, other in taken_keys(keymap):
        yield (
            f"{key_name(key)}, which `keymap.{name}` has, is the key of {other.description!r} "
            f"({other.id}) as well, and only one of them works: give one another key."
        )
