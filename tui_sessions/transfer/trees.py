"""Conversations that are trees, as branches: the active one, and the others as its forks."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class TreeBranch:
    """One way through a tree."""

    ids: list[str]
    """From the root to the leaf."""
    shared: int = 0
    """How many of them it has in common with the branch that it forked from."""
    parent: int | None = None
    """The place of that branch; None for the active one."""


def branches(parents: Mapping[str, str | None], active: str | None) -> list[TreeBranch]:
    """The active branch first, then the others, parents before their forks.

    Circles are cut where they are met; a parent that is not there makes a root.

    Args:
        parents: each node's parent, in the order of the source.
        active: the node that the active branch ends with; None: the last leaf.
    """
    inner = set(parents.values())
    leaves = [node for node in parents if node not in inner]
    if active not in parents:
        active = next(reversed(leaves or list(parents)), None)
    made: list[TreeBranch] = []
    owners: dict[str, tuple[int, int]] = {}
    # Nodes of a circle hang below no leaf, so all nodes get their turn after the leaves.
    for end in (active, *leaves, *reversed(list(parents))):
        if end is None or end in owners:
            continue
        own = _up_to_owned(end, parents, owners)
        above = parents.get(own[-1])
        parent, depth = owners.get(above, (None, -1)) if above is not None else (None, -1)
        shared = made[parent].ids[: depth + 1] if parent is not None else []
        ids = [*shared, *reversed(own)]
        for place in range(len(shared), len(ids)):
            owners[ids[place]] = (len(made), place)
        first = 0 if made else None
        made.append(TreeBranch(ids, len(shared), first if parent is None else parent))
    return made


def _up_to_owned(
    end: str, parents: Mapping[str, str | None], owners: Mapping[str, tuple[int, int]]
) -> list[str]:
    """The nodes from the end upwards that no branch has yet, the end first."""
    own: dict[str, None] = {}
    node: str | None = end
    while node is not None and node in parents and node not in own and node not in owners:
        own[node] = None
        node = parents[node]
    return list(own)
