"""The filters of a query that ask for sessions and workspaces."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from tui_sessions.errors import InvalidValue
from tui_sessions.index.catalog_rows import Traits
from tui_sessions.model.folding import fold
from tui_sessions.model.query import SearchQuery
from tui_sessions.model.session import Workspace

_NAMED = 20


def chosen_workspaces(query: SearchQuery, workspaces: Sequence[Workspace]) -> frozenset[str]:
    """The ids of the workspaces that the filters name by id, by name or by how these begin.

    Raises:
        InvalidValue: a filter names none that there is.
    """
    wanted = query.values("workspace")
    chosen = {each.id for each in workspaces} if not wanted else set[str]()
    for name in wanted:
        chosen |= _named(name, workspaces)
    for name in query.values("workspace", negated=True):
        chosen -= _named(name, workspaces)
    return frozenset(chosen)


def fits_session_filters(query: SearchQuery, user_id: str | None, traits: Traits) -> bool:
    """Whether a session has the owner, the tags and the state that are asked for."""
    tags = {fold(tag) for tag in traits.tags}
    states = query.values("state")
    return (
        user_id in (None, traits.user_id)
        and all(fold(tag) in tags for tag in query.values("tag"))
        and not any(fold(tag) in tags for tag in query.values("tag", negated=True))
        and (not states or traits.state in states)
        and traits.state not in query.values("state", negated=True)
    )


def _named(name: str, workspaces: Iterable[Workspace]) -> set[str]:
    known = list(workspaces)
    name = fold(name)
    for fits in (str.__eq__, str.startswith):
        found = {
            each.id for each in known if fits(fold(each.id), name) or fits(fold(each.name), name)
        }
        if found:
            return found
    names = sorted({each.name or each.id for each in known})
    valid = ", ".join(names[:_NAMED]) + (", …" if len(names) > _NAMED else "")
    raise InvalidValue("workspace", name, valid or "none, as there is no workspace yet")
