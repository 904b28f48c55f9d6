"""Believable workspaces and sessions for the tree's tests."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

from tui_sessions.model.session import Chat, ParentLink, Session, Workspace
from tui_sessions.tui.widgets.session_tree import ProblemRow, SessionTree
from tui_sessions.tui.widgets.session_tree.outline import Outline
from tui_sessions.tui.widgets.session_tree.row import Row

NOON = datetime(2026, 11, 20, 12, tzinfo=UTC)
DEV, HOME = Workspace(id="dev", name="Parser lab"), Workspace(id="home", name="Home")
TWO_CHATS = (Chat(id="c1", name="Coder"), Chat(id="c2", name="Reviewer", message_count=8))


def a_session(session_id: str, label: str = "", *, ago: float = 1, **fields: Any) -> Session:
    moment = NOON - timedelta(hours=ago)
    fields.setdefault("workspace_id", "dev")
    fields.setdefault("chats", (Chat(id=f"{session_id}-c", name="Chat"),))
    return Session(
        id=session_id,
        label=label,
        created_at=moment,
        updated_at=moment,
        last_active_at=moment,
        state_changed_at=moment,
        **fields,
    )


def child_of(parent: str, kind: str = "fork") -> ParentLink:
    return ParentLink(session_id=parent, kind=kind)


def show_all(
    tree: SessionTree | Outline,
    workspaces: Sequence[Workspace],
    sessions: Sequence[Session],
    problems: Sequence[ProblemRow] = (),
) -> None:
    """Have a tree show all this, as a screen does that answers all it is asked for."""
    by_workspace: dict[str, list[Session]] = {workspace.id: [] for workspace in workspaces}
    for session in sessions:
        by_workspace.setdefault(session.workspace_id, []).append(session)
    counts = {
        key: (len(some), max(session.last_active_at for session in some))
        for key, some in by_workspace.items()
        if some
    }
    tree.show(workspaces, counts, problems)
    for key, some in by_workspace.items():
        tree.fill(key, some)


def rows_of(outline: Outline) -> list[Row]:
    rows = [outline.row(place) for place in range(len(outline))]
    return [row for row in rows if row is not None]


def names_of(outline: Outline) -> list[str]:
    """What each row stands for, indented as it lies."""
    return [
        "  " * row.depth + (row.chat_id or row.session_id or row.path or row.kind)
        for row in rows_of(outline)
    ]


def lines_of(tree: SessionTree) -> list[str]:
    """The rows as they are drawn, without what is empty below."""
    rows = tree._rows
    drawn = [rows.render_line(y).text for y in range(rows.size.height)]
    return [line.rstrip() for line in drawn if line.strip()]
