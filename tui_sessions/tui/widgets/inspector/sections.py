"""What there is to say of a session, section by section."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

import msgspec
from textual.content import Content

from tui_sessions.model.clock import as_local
from tui_sessions.model.lifecycle import SessionState
from tui_sessions.model.session import ParentLink, Session, Workspace
from tui_sessions.model.statistics import SessionStats
from tui_sessions.tui.drawing import draw, draw_line, relative_time
from tui_sessions.tui.widgets.inspector.agent_section import agent_section
from tui_sessions.tui.widgets.inspector.field import duration_text, metadata_text
from tui_sessions.tui.widgets.inspector.row import Copy, Edit, Jump, Row, Section
from tui_sessions.tui.widgets.inspector.use_section import use_section

_KINDS = {"spawn": "sub-agent"}
_STATE_STYLES = {
    SessionState.ACTIVE: "$text-success",
    SessionState.PAUSED: "$text-warning",
    SessionState.EXPIRED: "$text-error",
}
_CHILD_STYLES = {
    "running": "$text-success",
    "cancelled": "$text-warning",
    "failed": "$text-error",
}


class Subject(msgspec.Struct, frozen=True):
    """What the inspector is about."""

    session: Session
    stats: SessionStats | None = None
    workspace: Workspace | None = None
    ancestors: tuple[Session, ...] = ()
    """The nearest first."""
    children: tuple[Session, ...] = ()
    cycle: bool = False
    """The line of parents runs in a loop, which was cut."""
    child_states: Mapping[str, str] = msgspec.field(default_factory=dict)
    """How far the sub-agents among the children have come, by their session's id."""

    @property
    def editable(self) -> bool:
        """Whether anything of it may be changed here."""
        return not self.session.read_only and self.session.state is not SessionState.EXPIRED


def sections(subject: Subject, present: datetime) -> list[Section]:
    """All of it, top to bottom."""
    session = subject.session
    chat = session.active_chat
    found = [
        Section("Session", (*_identity(subject), *_times(subject, present), *_places(session))),
        Section("Tags and metadata", tuple(_notes(subject))),
    ]
    if chat is not None:
        stats = subject.stats.by_chat if subject.stats else ()
        counted = next((each for each in stats if each.chat_id == chat.id), None)
        found.append(agent_section(chat, subject.editable))
        found.append(use_section(chat, counted, subject.stats, len(session.chats)))
    lineage = (*_ancestry(subject), *_descent(subject))
    return [*found, Section("Lineage", lineage)] if lineage else found


def plain(row_id: str, name: str, text: str, style: str = "") -> Row:
    """A row that only says something."""
    return Row(row_id, name, draw(text, style), text)


def _identity(subject: Subject) -> list[Row]:
    session = subject.session
    rows = [
        _editable(subject, "label", "label", session.label, session.label or "none yet"),
        Row("id", "id", draw_line(session.id, "$text-accent"), session.id, Copy()),
        plain("state", "state", session.state.value, _STATE_STYLES.get(session.state, "")),
    ]
    marks = {"read-only": session.read_only, "temporary": session.temporary}
    if said := ", ".join(name for name, holds in marks.items() if holds):
        rows.append(plain("marks", "", said, "$text-warning"))
    if session.user_id:
        rows.append(plain("user", "user", session.user_id))
    workspace = subject.workspace
    name = (workspace.name if workspace else "") or session.workspace_id
    rows.append(plain("workspace", "workspace", name))
    if workspace is not None and workspace.directory:
        folder = draw_line(workspace.directory)
        rows.append(Row("directory", "directory", folder, workspace.directory, Copy()))
    return rows


def _times(subject: Subject, present: datetime) -> list[Row]:
    session = subject.session
    ttl = "" if session.ttl_s is None else duration_text(session.ttl_s)
    rows = [
        _time("created", "created", session.created_at, present),
        _time("updated", "updated", session.updated_at, present),
        _time("last_active", "last active", session.last_active_at, present),
        _editable(subject, "ttl_s", "TTL", ttl, ttl or "default"),
    ]
    if session.expires_at is not None:
        rows.append(_time("expires", "expires", session.expires_at, present))
    return rows


def _time(row_id: str, name: str, moment: datetime, present: datetime) -> Row:
    local = as_local(moment)
    same_year = local.year == as_local(present).year
    shown = local.strftime("%b %d %H:%M" if same_year else "%Y-%m-%d %H:%M")
    ahead = moment > present
    distance = relative_time(present, moment) if ahead else relative_time(moment, present)
    # Where the distance is itself a date there is nothing that it would add.
    spoken = distance == "now" or (distance[0].isdigit() and "-" not in distance)
    said = f"in {distance}" if ahead and distance != "now" else distance
    value = Content.assemble(shown, (f"  {said}", "$foreground 66%")) if spoken else Content(shown)
    return Row(row_id, name, value, local.isoformat(timespec="seconds"))


def _places(session: Session) -> list[Row]:
    rows = []
    if session.surfaces:
        rows.append(plain("surfaces", "surfaces", "\n".join(session.surfaces)))
    if origin := session.origin:
        said = "\n".join(part for part in (origin.format, origin.path, origin.id) if part)
        rows.append(plain("origin", "origin", said))
    return rows


def _notes(subject: Subject) -> list[Row]:
    session = subject.session
    tags = ", ".join(session.tags)
    rows = [_editable(subject, "tags", "tags", tags, tags or "none")]
    for key, value in session.metadata.items():
        text = metadata_text(value)
        action = Edit("metadata", key, text) if subject.editable else None
        rows.append(Row(f"metadata.{key}", key, draw(text), text, action))
    if subject.editable:
        add = Content.styled("+ add metadata", "$foreground 66%")
        rows.append(Row("new_metadata", "", add, "", Edit("new_metadata")))
    rows += _named("preferences", session.preferences)
    return rows


def _named(prefix: str, values: Mapping[str, object]) -> list[Row]:
    return [
        plain(f"{prefix}.{key}", f"{key} (pref.)", metadata_text(value))
        for key, value in values.items()
    ]


def _editable(subject: Subject, field: str, name: str, text: str, shown: str) -> Row:
    value = draw(shown, "" if text else "$foreground 66%")
    return Row(field, name, value, text, Edit(field, None, text) if subject.editable else None)


def _ancestry(subject: Subject) -> list[Row]:
    """The parents, each reached at the place where its child left it."""
    rows = []
    link = subject.session.parent
    for depth, parent in enumerate(subject.ancestors):
        kind = _kind(link)
        jump = Jump(parent.id, link.chat_id, link.message_id) if link else Jump(parent.id)
        rows.append(_relative(f"ancestor.{depth}", f"{kind} of", parent, jump))
        link = parent.parent
    if subject.cycle:
        rows.append(plain("cycle", "", "loops back to itself", "$text-warning"))
    elif link is not None:
        gone = draw_line(f"{link.session_id} (gone)", "$foreground 66%")
        rows.append(Row("gone", f"{_kind(link)} of", gone, link.session_id))
    return rows


def _descent(subject: Subject) -> list[Row]:
    states = subject.child_states
    return [
        _relative(
            f"child.{child.id}", _kind(child.parent), child, Jump(child.id), states.get(child.id)
        )
        for child in subject.children
    ]


def _relative(
    row_id: str, name: str, session: Session, jump: Jump, state: str | None = None
) -> Row:
    value = draw_line(session.title)
    if state is not None:
        style = _CHILD_STYLES.get(state, "$foreground 66%")
        value = Content.assemble(value, "\n", draw_line(state, style))
    return Row(row_id, name, value, session.id, jump)


def _kind(link: ParentLink | None) -> str:
    kind = link.kind if link else "fork"
    return _KINDS.get(kind, kind)
