"""A TOML text that gets other values and keeps all else of it: comments, order and manner."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from typing import Any

import tomli_w
import tomlkit


def changed_toml(before: str, values: Mapping[str, Any]) -> str:
    """The text that holds just these values; what says so already is not touched.

    A text that cannot be changed in its places, as where a table is written in pieces, is written
    anew, without its comments.

    Args:
        before: the text until now, which is TOML.
        values: what the new text holds.

    Raises:
        TypeError, ValueError: a value has no word in TOML.
    """
    new = tomli_w.dumps(values, multiline_strings=_is_plain(values))
    try:
        document = tomlkit.parse(f"{before}\n" if before and not before.endswith("\n") else before)
        _change(document, values)
        text = tomlkit.dumps(document)
        held = tomllib.loads(text)
    except (LookupError, TypeError, ValueError):
        return new
    return text if _is_same(held, values) else new


def _is_plain(value: Any) -> bool:
    """Whether no text has line ends that would be other ones in a text of several lines."""
    if isinstance(value, Mapping):
        return all(map(_is_plain, value.values()))
    if isinstance(value, list | tuple):
        return all(map(_is_plain, value))
    return not isinstance(value, str) or "\r" not in value


def _change(table: Any, values: Mapping[str, Any]) -> None:
    """Have a table that is there hold just these values."""
    for name in [name for name in table if name not in values]:
        del table[name]
    for name, value in values.items():
        old = table.get(name)
        if isinstance(old, dict) and isinstance(value, dict):
            _change(old, value)
        elif old is None or not _is_same(_plain(old), value):
            at_top = isinstance(table, tomlkit.TOMLDocument)
            table[name] = _item(value, is_table=at_top and isinstance(value, dict))


def _plain(written: Any) -> Any:
    """A value of a text as plain Python has it; those of true and false are plain."""
    return written.unwrap() if hasattr(written, "unwrap") else written


def _item(value: Any, *, is_table: bool = False) -> Any:
    """A value as it is written: only text of several lines is on lines of its own."""
    if isinstance(value, dict):
        table: Any = tomlkit.table() if is_table else tomlkit.inline_table()
        for name, one in value.items():
            table[name] = _item(one)
        return table
    if isinstance(value, list | tuple):
        array = tomlkit.array()
        array.extend(_item(one) for one in value)
        return array
    if not isinstance(value, str) or "\n" not in value or "\r" in value:
        return tomlkit.item(value)
    text = tomlkit.string(value, multiline=True).as_string()
    return tomlkit.value(text if text.startswith('"""\n') else f'"""\n{text[3:]}')


def _is_same(one: Any, other: Any) -> bool:
    """Whether two values are the same in TOML, where true and 1 are two."""
    if isinstance(one, dict) and isinstance(other, dict):
        return one.keys() == other.keys() and all(_is_same(one[key], other[key]) for key in one)
    if isinstance(one, list | tuple) and isinstance(other, list | tuple):
        return len(one) == len(other) and all(map(_is_same, one, other))
    return type(one) is type(other) and (one == other or one != one)
