"""What is wrong in a TOML file, as a sentence: the line, the key, and what is allowed there."""

from __future__ import annotations

import math
import re
import tomllib
from collections.abc import Iterator, Mapping
from difflib import get_close_matches
from typing import Any, NamedTuple

import msgspec
from msgspec import inspect

Path = tuple[str, ...]
"""The way to a value: the names of its tables, and its own."""
_HEADER = re.compile(r"\s*\[{1,2}(?P<name>[^\]]+)\]")
_KEY = re.compile(r"""\s*(?P<name>(?:[\w.\s-]|"[^"]*"|'[^']*')+?)\s*=""")
_PLACE = re.compile(r"(?P<what>.*?)\s*\(at (?P<place>.*)\)$", re.S)


class Problem(NamedTuple):
    """Something in the file that cannot be used."""

    path: Path
    sentence: str


def wrong_value(text: str, values: Mapping[str, Any], kind: type[Any], said: str) -> str:
    """The first value that is not of its kind.

    Args:
        text: the file's.
        values: what it holds.
        kind: what it has to hold.
        said: what the check said, for what is found to be wrong by nothing else.
    """
    found = next(_problems(values, inspect.type_info(kind), ()), None)
    if found is None:
        return said
    line = line_of(text, found.path)
    return f"{f'line {line}: ' if line else ''}{found.sentence}"


def no_toml(error: tomllib.TOMLDecodeError) -> str:
    """Where a text ceases to be TOML, and why."""
    found = _PLACE.match(str(error))
    what, place = (found["what"], found["place"]) if found else (str(error), "somewhere")
    return f"{place}: this is not TOML: {what[:1].lower()}{what[1:]}."


def line_of(text: str, path: Path) -> int | None:
    """The line in which a value, or the table it is in, is written; from 1."""
    table: Path = ()
    best: tuple[int, int] | None = None
    for number, line in enumerate(text.splitlines(), 1):
        if (header := _HEADER.match(line)) is not None:
            here = table = _names(header["name"])
        elif (key := _KEY.match(line)) is not None:
            here = table + _names(key["name"])
        else:
            continue
        if here and path[: len(here)] == here and (best is None or len(here) > best[0]):
            best = (len(here), number)
    return best[1] if best else None


def named(path: Path) -> str:
    """A path as it is written in a file."""
    return ".".join(name if re.fullmatch(r"[\w-]+", name, re.A) else f'"{name}"' for name in path)


def _names(written: str) -> Path:
    try:
        found: Any = tomllib.loads(f"{written} = 0")
    except tomllib.TOMLDecodeError:
        return ()
    path = []
    while isinstance(found, dict):
        [(name, found)] = found.items()
        path.append(name)
    return tuple(path)


def _problems(value: Any, kind: inspect.Type, path: Path) -> Iterator[Problem]:
    """What is wrong in a value, what is inside of it first."""
    match kind:
        case inspect.UnionType(types=types):
            only, *others = [one for one in types if not isinstance(one, inspect.NoneType)]
            if not others:
                yield from _problems(value, only, path)
        case inspect.StructType() if isinstance(value, dict):
            yield from _of_table(value, kind, path)
        case inspect.DictType(key_type=key_type, value_type=value_type) if isinstance(value, dict):
            for name, one in value.items():
                if not _fits(name, key_type):
                    valid = _allowed(key_type)
                    yield Problem((*path, name), f"`{named((*path, name))}`: a name is {valid}.")
                yield from _problems(one, value_type, (*path, name))
        case inspect.VarTupleType(item_type=item_type) if isinstance(value, list):
            if not all(_fits(one, item_type) for one in value):
                yield _not_allowed(value, kind, path)
        case _ if not _fits(value, kind):
            yield _not_allowed(value, kind, path)


def _of_table(value: dict[str, Any], kind: inspect.StructType, path: Path) -> Iterator[Problem]:
    fields = {field.encode_name: field.type for field in kind.fields}
    for name, one in value.items():
        if name in fields:
            yield from _problems(one, fields[name], (*path, name))
            continue
        if not kind.cls.__struct_config__.forbid_unknown_fields:
            continue
        close = get_close_matches(name, fields, 3, 0.6)
        others = f"did you mean {' or '.join(close)}?" if close else f"valid: {', '.join(fields)}."
        yield Problem((*path, name), f"there is no setting `{named((*path, name))}`; {others}")
    try:
        msgspec.convert(value, kind.cls)
    except msgspec.ValidationError as error:
        said = str(error).partition(" - at ")[0]
        yield Problem(path, f"`{named(path)}` cannot be used: {said}.")


def _not_allowed(value: Any, kind: inspect.Type, path: Path) -> Problem:
    shown = "a table" if isinstance(value, dict) else f"{value!r:.60}"
    return Problem(path, f"`{named(path)}` is {shown}; valid: {_allowed(kind)}.")


def _fits(value: Any, kind: inspect.Type) -> bool:
    match kind:
        case inspect.BoolType():
            return isinstance(value, bool)
        case inspect.IntType():
            return isinstance(value, int) and not isinstance(value, bool) and _within(value, kind)
        case inspect.FloatType():
            number = isinstance(value, (int, float)) and not isinstance(value, bool)
            return number and math.isfinite(value) and _within(value, kind)
        case inspect.StrType(pattern=pattern):
            return isinstance(value, str) and (pattern is None or bool(re.search(pattern, value)))
        case inspect.LiteralType(values=values):
            return value in values
        case inspect.AnyType():
            return True
    return False


def _within(value: float, kind: inspect.IntType | inspect.FloatType) -> bool:
    return (
        (kind.ge is None or value >= kind.ge)
        and (kind.gt is None or value > kind.gt)
        and (kind.le is None or value <= kind.le)
    )


def _allowed(kind: inspect.Type) -> str:
    """What a value may be, in words."""
    match kind:
        case inspect.BoolType():
            return "true or false"
        case inspect.IntType() | inspect.FloatType():
            what = "a whole number" if isinstance(kind, inspect.IntType) else "a number"
            bounds = [("from", kind.ge), ("above", kind.gt), ("up to", kind.le)]
            told = (f"{word} {one:,.10g}" for word, one in bounds if one is not None)
            return " ".join([what, *told])
        case inspect.StrType(pattern=None):
            return "a text in quotes"
        case inspect.StrType():
            return "1 to 64 letters, digits, - or _, beginning with a letter or digit"
        case inspect.LiteralType(values=values):
            return ", ".join(map(str, values))
        case inspect.VarTupleType(item_type=item_type):
            return f"a list, each {_allowed(item_type)}"
    return "a table"
