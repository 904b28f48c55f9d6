"""What a tool is called for a person."""

import pytest

from tui_sessions.tools.wire_names import wire_name
from tui_sessions.tui.widgets.tool_names import draw_tool_name


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("add", "add"),
        ("words/add", "add of the server words"),
        ("my_words-2/add_two", "add_two of the server my_words-2"),
        ("words/odd\x1b[2J", "odd\u241b[2J of the server words"),
        ("__init__", "__init__"),
    ],
)
def test_a_tool_has_the_same_words_in_both_of_its_forms(name: str, words: str) -> None:
    assert draw_tool_name(name).plain == words
    if "\x1b" not in name:
        assert draw_tool_name(wire_name(name), wire=True).plain == words


def test_names_of_other_programs_and_of_functions_are_told_apart() -> None:
    assert draw_tool_name("mcp__git__log", wire=True).plain == "log of the server git"
    assert draw_tool_name("mcp__log", wire=True).plain == "log of the server mcp"
    assert draw_tool_name("do__it").plain == "do__it"
    marked = wire_name("words/say hello!")
    assert draw_tool_name(marked, wire=True).plain == "say_hello_ of the server words"
