"""Python functions as tools: their schema, their arguments, and what they give back."""

import asyncio
import functools
import threading
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass
from typing import Annotated, Any, Literal

import msgspec
import pytest

from tui_sessions import InvalidId, InvalidValue, Tool, ToolOutcome
from tui_sessions.tools.functions import MOST_PIECES, function_tool


class Point(msgspec.Struct):
    x: int
    y: int = 0


@dataclass
class Size:
    width: float


def paint(
    where: Point,
    size: Size,
    colour: Literal["red", "blue"] = "red",
    times: Annotated[int, msgspec.Meta(ge=1, description="How often")] = 1,
    tags: list[str] = [],  # noqa: B006  what is tried is that nobody shares it
    anything: Any = None,
) -> str:
    """Paints a point.

    More than once if asked to.
    """
    tags.append("painted")
    return f"{where} {size} {colour} {times} {tags} {anything}"


def test_the_schema_comes_from_the_signature_and_the_description_from_the_docstring() -> None:
    tool = function_tool(paint)
    assert (tool.name, tool.description) == (
        "paint", "Paints a point.\n\nMore than once if asked to.",
    )  # fmt: skip
    schema = tool.parameters
    assert schema["type"] == "object"
    assert schema["required"] == ["where", "size"]
    assert schema["additionalProperties"] is False
    assert schema["properties"]["colour"] == {"enum": ["blue", "red"], "default": "red"}
    assert schema["properties"]["times"] == {
        "type": "integer", "minimum": 1, "description": "How often", "default": 1,
    }  # fmt: skip
    assert schema["properties"]["where"] == {"$ref": "#/$defs/Point"}
    assert set(schema["$defs"]) == {"Point", "Size"}


async def test_arguments_become_what_the_function_wants_and_nobody_shares_a_default() -> None:
    tool = function_tool(paint)
    arguments = {"where": {"x": "3"}, "size": {"width": 2}}
    for _ in range(2):
        outcome = await tool.call(arguments)
        assert outcome == ToolOutcome("Point(x=3, y=0) Size(width=2.0) red 1 ['painted'] None")


@pytest.mark.parametrize(
    "arguments",
    [
        {},
        {"where": {"x": 1}, "size": {"width": 1}, "colour": "green"},
        {"where": {"x": 1}, "size": {"width": 1}, "times": 0},
        {"where": {"x": 1}, "size": {"width": 1}, "more": 1},
        {"where": [], "size": {"width": 1}},
    ],
)
async def test_arguments_that_do_not_fit_are_told_to_the_model(arguments: dict[str, Any]) -> None:
    outcome = await function_tool(paint).call(arguments)
    assert outcome.is_error
    assert outcome.text.startswith("The arguments do not fit: ")


@pytest.mark.parametrize(
    ("given", "text"),
    [
        ("text", "text"),
        (None, ""),
        (3, "3"),
        ({"a": [1, "ü"]}, '{"a":[1,"ü"]}'),
        (Point(1, 2), '{"x":1,"y":2}'),
        (threading.current_thread, "<function"),
    ],
)
async def test_what_a_function_gives_back_becomes_text(given: Any, text: str) -> None:
    outcome = await function_tool(lambda: given, "give").call({})
    assert not outcome.is_error
    assert outcome.text.startswith(text)


async def test_what_a_function_gives_one_by_one_is_a_list() -> None:
    def words() -> Iterator[str]:
        yield from ("one", "two")

    async def later() -> AsyncIterator[str]:
        yield "one"
        yield "two"

    async def lazily() -> Iterator[str]:
        return words()

    for function in (words, later, lazily):
        assert (await function_tool(function).call({})).text == '["one","two"]'
    assert (await function_tool(lambda: range(2), "numbers").call({})).text == "[0,1]"


async def test_what_never_ends_is_read_so_far_and_what_breaks_off_is_an_error() -> None:
    def endless() -> Iterator[int]:
        while True:
            yield 1

    async def endless_later() -> AsyncIterator[int]:
        while True:
            yield 1

    def broken() -> Iterator[int]:
        yield 1
        raise ValueError("no more")

    for function in (endless, endless_later):
        found = await function_tool(function).call({})
        assert len(msgspec.json.decode(found.text)) == MOST_PIECES
    with pytest.raises(ValueError, match="no more"):
        await function_tool(broken).call({})


async def test_an_outcome_of_its_own_stays_as_it_is() -> None:
    outcome = ToolOutcome("No such file.", is_error=True)
    assert await function_tool(lambda: outcome, "give").call({}) == outcome


async def test_a_plain_function_runs_in_a_thread_and_an_asynchronous_one_in_the_loop() -> None:
    async def here() -> str:
        await asyncio.sleep(0)
        return threading.current_thread().name

    def there() -> str:
        return threading.current_thread().name

    ours = threading.current_thread().name
    assert (await function_tool(here).call({})).text == ours
    assert (await function_tool(there).call({})).text != ours


async def test_methods_partial_functions_and_callable_objects_are_functions_too() -> None:
    class Counter:
        def __init__(self) -> None:
            self.count = 0

        def up(self, by: int = 1) -> int:
            """Counts."""
            self.count += by
            return self.count

        async def __call__(self, by: int) -> int:
            return self.up(by)

    counter = Counter()
    assert (await function_tool(counter.up).call({"by": 2})).text == "2"
    tool = function_tool(counter, "counter", "Counts up.")
    assert (tool.name, tool.description) == ("counter", "Counts up.")
    assert (await tool.call({"by": 3})).text == "5"
    bound = functools.partial(paint, colour="blue")
    assert function_tool(bound, "paint_blue").parameters["required"] == ["where", "size"]


async def test_what_a_function_raises_comes_out_of_the_call() -> None:
    for failure in (ZeroDivisionError("by nothing"), StopIteration("over"), SystemExit(3)):

        def fail(failure: BaseException = failure) -> None:
            raise failure

        tool = Tool(name="fail", call=function_tool(lambda fail=fail: fail(), "fail").call)
        with pytest.raises(Exception, match=r"by nothing|over|SystemExit"):
            await tool.call({})


@pytest.mark.parametrize("name", ["", "a b", "server/tool", "_hidden", None])
def test_a_name_that_no_tool_can_have_is_refused(name: str | None) -> None:
    with pytest.raises(InvalidId):
        function_tool(lambda: 1, name)


def test_a_function_whose_parameters_cannot_be_given_by_name_is_refused() -> None:
    def positional(a: int, /) -> int:
        return a

    def many(*numbers: int) -> int:
        return sum(numbers)

    def impossible(thread: threading.Thread) -> None:
        pass

    for function in (positional, many, impossible):
        with pytest.raises(InvalidValue):
            function_tool(function)
