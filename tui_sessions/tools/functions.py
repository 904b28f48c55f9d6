"""Python functions as tools: the schema from the signature, the description from the docstring."""

from __future__ import annotations

import copy
import inspect
import itertools
import typing
from collections.abc import AsyncIterator, Callable, Iterator, Mapping
from functools import partial
from typing import Any

import msgspec

from tui_sessions.daemon_thread import in_daemon_thread
from tui_sessions.errors import InvalidValue
from tui_sessions.model.identifiers import check_id
from tui_sessions.tools.base import Tool, ToolOutcome

_UNNAMEABLE = (inspect.Parameter.POSITIONAL_ONLY, inspect.Parameter.VAR_POSITIONAL)

MOST_PIECES = 100_000
"""So many values are taken of a function that gives them one by one, as it may never end."""
_PLAIN = (str, int, float, bool, type(None))
"""Types whose defaults can be shown in a schema and shared."""


def function_tool(
    function: Callable[..., Any], name: str | None = None, description: str | None = None
) -> Tool:
    """A tool that calls a function; one that is not asynchronous runs in a thread of its own.

    Its parameters may be of all types that `msgspec` converts to; `Annotated[…, msgspec.Meta(…)]`
    describes and limits them. What it returns goes to the model: text as it is, a `ToolOutcome` as
    it is, what it gives one by one as a list of that, anything else as JSON.

    Raises:
        InvalidId: it has no name that a tool can have.
        InvalidValue: a parameter cannot be given by name, or is of a type that JSON cannot fill.
    """
    found = name if name is not None else getattr(function, "__name__", type(function).__name__)
    name = check_id(found, "tool name")
    arguments = _arguments_type(function, name)
    return Tool(
        name=name,
        description=description if description is not None else inspect.getdoc(function) or "",
        parameters=_schema(arguments, name),
        call=partial(_call, function, arguments),
    )


def _arguments_type(function: Callable[..., Any], name: str) -> type[msgspec.Struct]:
    """A struct with the parameters of a function as its fields."""
    try:
        parameters = inspect.signature(function).parameters.values()
        kinds = typing.get_type_hints(_annotated(function), include_extras=True)
    except (TypeError, ValueError, NameError) as error:
        raise InvalidValue("tool", name, f"a function with a signature: {error}") from error
    fields: list[Any] = []
    for parameter in parameters:
        if parameter.kind in _UNNAMEABLE:
            raise InvalidValue("tool", name, "a function whose parameters can be given by name")
        if parameter.kind is inspect.Parameter.VAR_KEYWORD:
            continue
        kind = kinds.get(parameter.name, Any)
        if parameter.default is inspect.Parameter.empty:
            fields.append((parameter.name, kind))
        elif isinstance(parameter.default, _PLAIN):
            fields.append((parameter.name, kind, parameter.default))
        else:
            default = msgspec.field(default_factory=partial(copy.deepcopy, parameter.default))
            fields.append((parameter.name, kind, default))
    return msgspec.defstruct("Arguments", fields, kw_only=True, forbid_unknown_fields=True)


def _annotated(function: Callable[..., Any]) -> Any:
    """What carries the annotations: the function, or the method that makes an object callable."""
    while isinstance(function, partial):
        function = function.func
    return function if inspect.isroutine(function) else type(function).__call__


def _schema(arguments: type[msgspec.Struct], name: str) -> dict[str, Any]:
    try:
        _, parts = msgspec.json.schema_components([arguments], ref_template="#/$defs/{name}")
    except TypeError as error:
        raise InvalidValue("tool", name, f"parameters that JSON can fill: {error}") from error
    schema: dict[str, Any] = parts.pop("Arguments")
    schema.pop("title", None)
    return schema | {"$defs": parts} if parts else schema


async def _call(
    function: Callable[..., Any], kind: type[msgspec.Struct], given: Mapping[str, Any]
) -> ToolOutcome:
    try:
        arguments = msgspec.structs.asdict(msgspec.convert(dict(given), kind, strict=False))
    except msgspec.ValidationError as error:
        return ToolOutcome(f"The arguments do not fit: {error}.", is_error=True)
    work = partial(function, **arguments)
    if _is_asynchronous(function):
        result = await work()
    else:
        result = await in_daemon_thread(lambda: _listed(work()))
    return _outcome(await _come(await result if inspect.isawaitable(result) else result))


def _listed(result: Any) -> Any:
    """What is given one by one, as a list; it may block."""
    if isinstance(result, Iterator | range):
        return list(itertools.islice(result, MOST_PIECES))
    return result


async def _come(result: Any) -> Any:
    """The same for what an asynchronous function gives."""
    if not isinstance(result, AsyncIterator):
        in_pieces = isinstance(result, Iterator | range)
        return await in_daemon_thread(lambda: _listed(result)) if in_pieces else result
    come: list[Any] = []
    async for piece in result:
        come.append(piece)
        if len(come) == MOST_PIECES:
            break
    return come


def _is_asynchronous(function: Callable[..., Any]) -> bool:
    return inspect.iscoroutinefunction(_annotated(function))


def _outcome(result: Any) -> ToolOutcome:
    match result:
        case ToolOutcome():
            return result
        case str():
            return ToolOutcome(result)
        case None:
            return ToolOutcome("")
    try:
        return ToolOutcome(msgspec.json.encode(result).decode())
    except (TypeError, ValueError, OverflowError):
        return ToolOutcome(str(result))
