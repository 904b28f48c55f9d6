"""The filters of a query that ask for sessions and workspaces."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from functools import partial

from tui_sessions.errors import InvalidValue
from tui_sessions.index.base import Scope
from tui_sessions.index.catalog import Catalog
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


class ChosenSessions:
    """Chooses the sessions that have what filters ask for.

    With many sessions that takes a while: as long as none has changed, the next query with the same
    filters, which comes with the next key, has the same answer.
    """

    def __init__(self, catalog: Catalog) -> None:
        self._catalog = catalog
        self._last: tuple[object, Scope] = (None, Scope())

    def scope(self, query: SearchQuery, user_id: str | None) -> Scope:
        """The sessions that are left by the filters, or those that are not: whatever is fewer.

        Raises:
            CatalogLost: the catalog was lost; fill it again.
        """
        filters = tuple(each for each in query.filters if each.field in ("tag", "state"))
        if user_id is None and not filters:
            return Scope()
        unkept = [Traits.of(session) for session in self._catalog.unkept()]
        asked = (user_id, filters, self._catalog.differences(0).mark, unkept)
        last, scope = self._last
        if last != asked:
            scope = self._choose(partial(_fits_filters, query, user_id))
            self._last = (asked, scope)
        return scope

    def _choose(self, fits: Callable[[Traits], bool]) -> Scope:
        fitting, others = self._catalog.split(fits)
        if len(others) < len(fitting):
            return Scope(not_sessions=frozenset(others))
        return Scope(sessions=frozenset(fitting))


def _fits_filters(query: SearchQuery, user_id: str | None, traits: Traits) -> bool:
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
    asked = fold(name)
    for fits in (str.__eq__, str.startswith):
        found = {
            each.id for each in known if fits(fold(each.id), asked) or fits(fold(each.name), asked)
        }
        if found:
            return found
    names = sorted({each.name or each.id for each in known})
    valid = ", ".join(names[:_NAMED]) + (", …" if len(names) > _NAMED else "")
    raise InvalidValue("workspace", name, valid or "none, as there is no workspace yet")
