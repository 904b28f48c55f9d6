"""The line at the bottom: where the person is, and with whom."""

from __future__ import annotations

import msgspec
from textual.content import Content
from textual.widget import Widget

from tui_sessions.tui.drawing import draw_line
from tui_sessions.tui.widgets.context_meter import ContextInfo, draw_meter

_GAP = Content("  ")
_STEP = " \u203a "


class StatusInfo(msgspec.Struct, frozen=True):
    """What the status line says; what is empty is left out."""

    workspace: str = ""
    label: str = ""
    chat: str = ""
    """The active chat's name, where there is more than one."""
    state: str = ""
    parent: str = ""
    """The label of the session that this one was forked from."""
    parent_kind: str = "fork"
    """`fork`, `checkpoint` or `spawn`."""
    temporary: bool = False
    read_only: bool = False
    agent: str = ""
    """The template's name or the provider's."""
    model: str = ""
    messages: int | None = None
    context: ContextInfo | None = None
    """How full the agent's context window is; None where nothing was said yet."""
    doing: str = ""
    """What is done with the chat besides answering, such as `summarising`."""
    replying: int = 0
    """How many chats are answering out of sight."""
    waiting: int = 0
    """How many chats have a tool that waits for the person."""
    missing: tuple[str, ...] = ()
    """The tools, and servers of tools, that the agent is without."""


class StatusLine(Widget):
    """One line; the less a part matters, the sooner it goes when the width is small."""

    DEFAULT_CSS = """
    StatusLine {
        height: 1;
        padding: 0 1;
        background: $panel;
        color: $text-muted;
    }
    """

    def __init__(
        self,
        *,
        name: str | None = None,
        id: str | None = None,  # noqa: A002 - the name that all widgets use
        classes: str | None = None,
    ) -> None:
        super().__init__(name=name, id=id, classes=classes)
        self._info = StatusInfo()

    @property
    def info(self) -> StatusInfo:
        """What it says now."""
        return self._info

    def show(self, info: StatusInfo) -> None:
        """Say this."""
        if info != self._info:
            self._info = info
            self.refresh()

    def render(self) -> Content:
        """The line, as wide as it is."""
        return draw_status(self._info, self.content_size.width)


def draw_status(info: StatusInfo, width: int) -> Content:
    """The status in exactly so many cells."""
    head = _head(info, short=False)
    left, right = _left(info, short=False), _right(info, short=False)
    if _line_length(head, left, right) > width:
        left, right = _left(info, short=True), _right(info, short=True)
    while _line_length(head, left, right) > width and (left or right):
        _drop_least(left, right)
    if _line_length(head, left, right) > width:
        head = _head(info, short=True).truncate(max(width, 0), ellipsis=True)
    start = _GAP.join([head, *(part for _, part in left)])
    end = _GAP.join([part for _, part in right])
    space = max(width - start.cell_length - end.cell_length, 0)
    return Content.assemble(start, " " * space, end)


_Parts = list[tuple[int, Content]]


def _head(info: StatusInfo, *, short: bool) -> Content:
    """The way to the open chat; the label alone where that is too long."""
    label = draw_line(info.label or "New session", "bold $foreground")
    if short:
        return label
    parts = [draw_line(info.workspace).truncate(32, ellipsis=True)] if info.workspace else []
    head = Content.styled(_STEP, "$foreground 40%").join(
        [*parts, label.truncate(48, ellipsis=True)]
    )
    chat = draw_line(info.chat).truncate(24, ellipsis=True) if info.chat else Content("")
    return Content.assemble(head, (" · ", "$foreground 40%"), chat) if chat else head


def _left(info: StatusInfo, *, short: bool) -> _Parts:
    """What follows the label, each part with how much it matters."""
    parts: _Parts = []
    if info.state and info.state != "active":
        parts.append((6, draw_line(info.state, "$text-warning")))
    if info.doing:
        parts.append((9, draw_line(f"{info.doing}…", "$text-success")))
    if info.read_only:
        parts.append((8, Content.styled("read-only", "$text-warning")))
    if info.temporary:
        parts.append((8, Content.styled("temporary", "$text-warning")))
    if info.parent:
        kind = {"spawn": "sub-agent"}.get(info.parent_kind, info.parent_kind)
        parent = draw_line(info.parent, "$foreground").truncate(24, ellipsis=True)
        of = Content("") if short else Content.assemble(" of ", parent)
        parts.append((4, Content.assemble(draw_line(kind), of, " (^ back)")))
    return parts


def _right(info: StatusInfo, *, short: bool) -> _Parts:
    """What stands at the right edge, each part with how much it matters."""
    parts: _Parts = []
    if info.missing:
        missing = "tools missing" if short else f"tools missing: {', '.join(info.missing)}"
        parts.append((8, draw_line(missing, "$text-error").truncate(40, ellipsis=True)))
    if info.waiting:
        verb = "waits" if info.waiting == 1 else "wait"
        parts.append((9, Content.styled(f"{info.waiting} {verb} for you", "$text-warning")))
    if info.replying:
        parts.append((7, Content.styled(f"{info.replying} replying", "$text-success")))
    names = [info.model or info.agent] if short else [info.agent, info.model]
    agent = "/".join(name for name in names if name)
    if agent:
        parts.append((5, draw_line(agent, "$foreground").truncate(36, ellipsis=True)))
    if info.messages is not None:
        noun = "message" if info.messages == 1 else "messages"
        parts.append((2, Content(f"{info.messages} {noun}")))
    if info.context is not None:
        parts.append((3, draw_meter(info.context, bar=not short)))
    return parts


def _line_length(head: Content, left: _Parts, right: _Parts) -> int:
    parts = [part.cell_length + len(_GAP) for _, part in (*left, *right)]
    return head.cell_length + sum(parts)


def _drop_least(left: _Parts, right: _Parts) -> None:
    side = min((side for side in (left, right) if side), key=lambda side: min(side)[0])
    side.remove(min(side, key=lambda part: part[0]))
