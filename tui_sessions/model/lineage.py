"""Who descends from whom: parent links as trees, with loops in them cut."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping

from tui_sessions.model.session import Session


def ancestors(
    session: Session, find: Callable[[str], Session | None]
) -> tuple[list[Session], bool]:
    """The parents upwards, nearest first, and whether a loop had to be cut.

    A parent that no longer exists ends the line.

    Args:
        session: whose.
        find: the session with an id, if there is one.
    """
    line: list[Session] = []
    seen = {session.id}
    link = session.parent
    while link is not None:
        if link.session_id in seen:
            return line, True
        parent = find(link.session_id)
        if parent is None:
            break
        seen.add(parent.id)
        line.append(parent)
        link = parent.parent
    return line, False


def roots_and_children(
    sessions: Iterable[Session],
) -> tuple[list[Session], dict[str, list[Session]]]:
    """The sessions without a parent among those given, and the children by parent id.

    The given order is kept. A session whose line of parents runs in a loop counts as a root, so
    that every session is reached exactly once.
    """
    known = {session.id: session for session in sessions}
    roots: list[Session] = []
    children: dict[str, list[Session]] = {}
    looping = _looping({key: session for key, session in known.items() if session.parent})
    for session in known.values():
        link = session.parent
        if link is None or link.session_id not in known or session.id in looping:
            roots.append(session)
        else:
            children.setdefault(link.session_id, []).append(session)
    return roots, children


def _looping(sessions: Mapping[str, Session]) -> set[str]:
    """The sessions that are their own ancestors."""
    state: dict[str, int] = {}
    looping: set[str] = set()
    for start in sessions:
        path: list[str] = []
        current: str | None = start
        while current is not None and current in sessions and state.get(current, 0) == 0:
            state[current] = 1
            path.append(current)
            link = sessions[current].parent
            current = link.session_id if link else None
        if current is not None and state.get(current) == 1:
            looping.update(path[path.index(current) :])
        for session_id in path:
            state[session_id] = 2
    return looping
