"""Classes of Textual made ready with less work: an app has a hundred of them before it is seen.

Textual looks through all that a new class inherits, names and keys of each base included. Here
every class is asked once for what is its own. What comes out is the same, and a test compares it
for all classes of the app.
"""

from __future__ import annotations

from functools import cache
from typing import Any, TypeAlias

from textual.binding import Binding, BindingsMap
from textual.dom import DOMNode
from textual.reactive import Reactive

_Own: TypeAlias = tuple[dict[str, Reactive[Any]], frozenset[str], dict[str, list[Binding]]]
"""What a class adds to what it inherits: reactives, what is computed, and keys."""
_COMPUTES = ("_compute_", "compute_")


def make_classes_leaner() -> None:
    """Have all classes made ready in this way that are defined from now on."""
    DOMNode.__init_subclass__ = classmethod(_make_ready)  # type: ignore[assignment]


def _make_ready(
    cls: type[DOMNode],
    inherit_css: bool = True,
    inherit_bindings: bool = True,
    inherit_component_classes: bool = True,
) -> None:
    """Do for a class what `DOMNode.__init_subclass__` does."""
    super(DOMNode, cls).__init_subclass__()
    cls._inherit_css = inherit_css
    cls._inherit_bindings = inherit_bindings
    cls._inherit_component_classes = inherit_component_classes
    styled = cls._css_bases(cls)
    cls._css_type_name = styled[0].__name__
    cls._css_type_names = frozenset([base.__name__ for base in styled])
    _take_over(cls)


def _take_over(cls: type[DOMNode]) -> None:
    """Give a class what it inherits, and its own over that."""
    reactives: dict[str, Reactive[Any]] = {}
    computes: set[str] = set()
    keys: dict[str, list[Binding]] = {}
    for base in reversed(cls.__mro__):
        own_reactives, own_computes, own_keys = _own(base)
        reactives |= own_reactives
        computes |= own_computes
        if issubclass(base, DOMNode) and not base._inherit_bindings:
            keys.clear()
        keys |= own_keys
    cls._reactives = reactives
    cls._computes = frozenset(computes)
    # Each class has lists of its own, as others may add to them.
    cls._merged_bindings = BindingsMap.from_keys({key: [*keys[key]] for key in keys})


@cache
def _own(cls: type) -> _Own:
    there = vars(cls)
    reactives = {name: value for name, value in there.items() if isinstance(value, Reactive)}
    computes = frozenset([n.lstrip("_")[8:] for n in there if n.startswith(_COMPUTES)])
    keys = there.get("BINDINGS") if issubclass(cls, DOMNode) else None
    return reactives, computes, BindingsMap(keys).key_to_bindings if keys else {}
