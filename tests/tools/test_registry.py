"""Tools by name: what agents may name, and the names that go over the wire."""

import re

import pytest

from tui_sessions import InvalidValue, Tool, ToolOutcome, ToolRegistry
from tui_sessions.tools.wire_names import wire_name


def add(a: int, b: int) -> int:
    """Adds."""
    return a + b


async def test_what_is_registered_can_be_offered_replaced_and_taken_away() -> None:
    registry = ToolRegistry()
    registry.register(add)
    registry.register(add, name="plus", description="More.")
    assert registry.names() == ("add", "plus")
    [plus] = await registry.specs(["plus"])
    assert (plus.name, plus.description) == ("plus", "More.")
    registry.register(lambda: "other", name="add")
    assert (await registry.specs(["add"]))[0].parameters["properties"] == {}
    assert registry.unregister("add")
    assert not registry.unregister("add")
    assert registry.names() == ("plus",)


async def test_a_tool_made_by_hand_can_be_registered_under_another_name() -> None:
    async def call(arguments: object) -> ToolOutcome:
        return ToolOutcome("called")

    registry = ToolRegistry()
    registry.register(Tool(name="one", description="One.", call=call), name="two")
    offered = await registry.offer(["two"])
    assert offered.tools["two"].description == "One."
    assert await offered.tools["two"].call({}) == ToolOutcome("called")


@pytest.mark.parametrize("what", [5, "add", None])
def test_what_is_no_function_is_refused(what: object) -> None:
    with pytest.raises(InvalidValue):
        ToolRegistry().register(what)  # type: ignore[arg-type]


async def test_a_name_that_is_twice_there_or_unknown_hurts_nobody() -> None:
    registry = ToolRegistry()
    registry.register(add)
    offered = await registry.offer(["add", "nothing", "add", ""])
    assert list(offered.tools) == ["add"]
    assert [problem.tool for problem in offered.problems] == ["nothing", ""]
    assert "there are: add" in str(offered.problems[0])


@pytest.mark.parametrize(
    "name", ["files/read", "files/odd name!", "x" * 300, "ü", "a.b", "files/" + "y" * 90, "/", ""]
)
def test_names_on_the_wire_are_such_as_endpoints_take(name: str) -> None:
    made = wire_name(name)
    assert re.fullmatch(r"[A-Za-z0-9_-]{1,64}", made)
    assert wire_name(name) == made
    assert wire_name(name, {made}) != made or made != name.replace("/", "__")


def test_names_that_would_be_the_same_on_the_wire_are_told_apart() -> None:
    first = wire_name("a/b")
    second = wire_name("a__b", {first})
    assert first == "a__b"
    assert second.startswith("a__b_")
    assert wire_name("a b") != wire_name("a!b")
