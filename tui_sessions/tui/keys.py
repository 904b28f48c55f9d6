"""Every key that the screens bind, by area; each has an id, so that a keymap can change it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from textual.binding import Binding, BindingType
from textual.dom import DOMNode
from textual.keys import KEY_NAME_REPLACEMENTS, Keys, _character_to_key, key_to_character


def _key(keys: str, action: str, text: str, area: str, name: str, *, show: bool = False) -> Binding:
    return Binding(keys, f"screen.{action}", text, show=show, id=f"{area}.{name}")


def _anywhere(keys: str, action: str, text: str, name: str, *, show: bool = False) -> Binding:
    return Binding(keys, action, text, show=show, id=f"app.{name}", priority=True)


ANYWHERE: list[BindingType] = [
    _anywhere("ctrl+n", "new_session", "New", "new_session", show=True),
    _anywhere("ctrl+t", "new_chat", "New chat", "new_chat"),
    _anywhere("ctrl+s", "go_to", "Go to", "go_to", show=True),
    _anywhere("ctrl+f", "find", "Find in chat", "find"),
    _anywhere("ctrl+l", "choose_agent", "Model or agent", "choose_agent"),
    _anywhere("ctrl+o", "copy_last_reply", "Copy the last reply", "copy_last_reply"),
    _anywhere("f2", "rename", "Rename", "rename", show=True),
    _anywhere("f3", "pane('tree')", "Tree", "tree"),
    _anywhere("f4", "pane('chat')", "Chat", "chat"),
    _anywhere("f5", "pane('inspector')", "Inspector", "inspector"),
    _anywhere("f8", "fork", "Fork", "fork", show=True),
    _anywhere("f9", "answer_tool", "Answer a tool call", "answer_tool"),
    _anywhere("alt+up", "beside(-1)", "Previous session", "previous_session"),
    _anywhere("alt+down", "beside(1)", "Next session", "next_session"),
    _anywhere("alt+left", "chat_beside(-1)", "Previous chat", "previous_chat"),
    _anywhere("alt+right", "chat_beside(1)", "Next chat", "next_chat"),
]

TREE: list[BindingType] = [
    _key("n", "new_session", "New session", "tree", "new_session"),
    _key("c", "new_chat", "New chat", "tree", "new_chat"),
    _key("f", "fork", "Fork", "tree", "fork", show=True),
    _key("r", "rename", "Rename", "tree", "rename", show=True),
    _key("d,delete", "delete", "Delete", "tree", "delete", show=True),
    _key("u", "undo", "Undo", "tree", "undo", show=True),
    _key("p", "pause", "Pause / resume", "tree", "pause"),
    _key("a", "archive", "Archive / back", "tree", "archive"),
    _key("t", "tags", "Tags", "tree", "tags"),
    _key("m", "move", "Move to a workspace", "tree", "move"),
    _key("slash", "filter", "Filter", "tree", "filter", show=True),
    _key("e", "export", "Export", "tree", "export"),
    _key("y", "copy_id", "Copy id", "tree", "copy_id"),
    _key("T", "trash", "Trash", "tree", "trash"),
    _key("escape", "pane('chat')", "To the composer", "tree", "leave"),
]

INSPECTOR: list[BindingType] = [
    _key("escape", "pane('chat')", "To the composer", "inspector", "leave"),
]

TRANSCRIPT: list[BindingType] = [
    _key("f", "fork_here", "Fork here", "transcript", "fork_here", show=True),
    _key("e", "edit_message", "Edit and resend", "transcript", "edit", show=True),
    _key("r", "regenerate", "Regenerate", "transcript", "regenerate", show=True),
    _key("C", "continue_reply", "Go on with a cut-off reply", "transcript", "continue"),
    _key("s", "checkpoint", "Summarise (checkpoint)", "transcript", "checkpoint"),
    _key("a", "ask_agent", "Ask another agent", "transcript", "ask_agent"),
    _key("y", "copy_message", "Copy", "transcript", "copy", show=True),
    _key("c", "copy_code", "Copy code", "transcript", "copy_code", show=True),
    _key("d,delete", "delete_message", "Delete", "transcript", "delete"),
    _key("u", "undo", "Undo", "transcript", "undo"),
    _key("slash", "find", "Find", "transcript", "find"),
    _key("circumflex_accent", "to_parent", "To the parent", "transcript", "to_parent"),
    _key("enter", "pane('chat')", "To the composer", "transcript", "composer"),
    _key("ctrl+c", "copy_selection", "Copy the selection", "transcript", "copy_selection"),
    _key("escape", "leave_transcript", "Stop, or to the composer", "transcript", "leave"),
]


_CLOSED = frozenset({"dialog", "switcher"})
"""The areas of screens in which only the keys of their own work."""
_MODIFIERS = frozenset({"ctrl", "alt", "shift", "super", "hyper", "meta"})


def unknown_keys(keys: str) -> list[str]:
    """Those of several keys, as a keymap has them, that no terminal could ever send."""
    names = [name.strip() for name in keys.split(",") if name.strip()]
    return [name for name in names if not _is_key(name)]


def _is_key(name: str) -> bool:
    if len(name) == 1:
        return True
    *modifiers, last = name.split("+")
    named = last in KEY_NAME_REPLACEMENTS.values() or key_to_character(last) is not None
    return (named or last in {key.value for key in Keys}) and _MODIFIERS.issuperset(modifiers)


def names_of_keys(keys: str) -> list[str]:
    """Several keys, as a person writes them in a keymap, by the names that bindings have for them.

    `/, ctrl+b` is `slash` and `ctrl+b`.
    """
    names = [name.strip() for name in keys.split(",") if name.strip()]
    return [_character_to_key(name) if len(name) == 1 else name for name in names]


def binding_ids() -> set[str]:
    """The id of every key that a keymap can change, in all widgets and dialogs there are."""
    return {binding.id for _, own in _bound() for binding in own if binding.id}


def taken_keys(keymap: Mapping[str, str]) -> list[tuple[str, str, Binding]]:
    """Where a keymap gives a key that does something else already, so that one of them is lost.

    Returns:
        The id in the keymap, the key, and the binding that had it or gets it as well.
    """
    given = {name: names_of_keys(keys) for name, keys in keymap.items()}
    places = [(kind, [b for b in own if b.id]) for kind, own in _bound()]
    changed = [
        (kind, str(binding.id), key)
        for kind, own in places
        for binding in own
        for key in given.get(str(binding.id), ())
        if key not in names_of_keys(binding.key)
    ]
    found: dict[tuple[str, str, str], Binding] = {}
    for kind, name, key in changed:
        for other in _beside(kind, name, places):
            other_id = str(other.id)
            keys = given.get(other_id) or names_of_keys(other.key)
            if other_id != name and key in keys and (other_id, key, name) not in found:
                found[name, key, other_id] = other
    return [(name, key, other) for (name, key, _), other in found.items()]


def _beside(
    kind: type[DOMNode], name: str, places: list[tuple[type[DOMNode], list[Binding]]]
) -> Iterator[Binding]:
    """The bindings that work where one of that name and place does."""
    from textual.widgets import Input  # no start waits for it

    area = name.partition(".")[0]
    for other, own in places:
        for binding in own:
            beside = (binding.id or "").partition(".")[0]
            if _CLOSED.intersection((area, beside)):
                near = area == beside and (issubclass(kind, other) or issubclass(other, kind))
            elif issubclass(other, Input) or issubclass(kind, Input):
                near = kind is other
            else:
                near = area == beside or "app" in (area, beside)
            if near:
                yield binding


def _bound() -> Iterator[tuple[type[DOMNode], list[Binding]]]:
    """Every widget and dialog there is, with the bindings of its own."""
    waiting: list[type[DOMNode]] = [DOMNode]
    while waiting:
        kind = waiting.pop()
        waiting += kind.__subclasses__()
        if kind.__module__.startswith("tui_sessions."):
            yield kind, [b for b in vars(kind).get("BINDINGS", ()) if isinstance(b, Binding)]
