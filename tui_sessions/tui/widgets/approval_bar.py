"""The bar above the composer in which a person allows or refuses what a tool is about to do."""

from __future__ import annotations

from collections.abc import Sequence
from time import monotonic
from typing import Any, ClassVar

from textual import events
from textual.binding import Binding, BindingType
from textual.containers import Vertical, VerticalScroll
from textual.content import Content
from textual.message import Message
from textual.widget import Widget
from textual.widgets import Static

from tui_sessions.model.events import ToolAsked
from tui_sessions.tui.drawing import draw, draw_line
from tui_sessions.tui.field_message import FieldMessage
from tui_sessions.tui.widgets.key_line import KeyLine
from tui_sessions.tui.widgets.tool_names import draw_tool_name

_SHOWN_LIMIT = 100_000
"""Characters of arguments that are shown; what is left out is said."""
LOOK_S = 0.3
"""Seconds for which a call has to be in sight before a key answers it."""
_MUTED = "$foreground 66%"


class ApprovalBar(Vertical):
    """Shows the first of the calls that wait; it has the focus only when a person goes there."""

    DEFAULT_CSS = """
    ApprovalBar {
        height: auto;
        max-height: 60%;
        padding: 0 1;
        border: round $warning 60%;
        &:focus {
            border: round $warning;
        }
        & > .approval-bar--title {
            height: auto;
        }
        & > .approval-bar--about {
            height: 1;
            text-wrap: nowrap;
            text-overflow: ellipsis;
            color: $foreground 66%;
            &.-empty {
                display: none;
            }
        }
        & > VerticalScroll {
            height: auto;
            max-height: 6;
            scrollbar-size-vertical: 1;
            background: $panel 60%;
            padding: 0 1;
            & > Static {
                height: auto;
            }
        }
        & > KeyLine {
            dock: bottom;
        }
    }
    """
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("y", "answer('once')", "Allow once", id="approval.once"),
        Binding("a", "answer('session')", "Allow for this session", id="approval.session"),
        Binding("n", "answer('no')", "Refuse", id="approval.refuse"),
        Binding("escape", "leave", "Back", id="approval.leave"),
        Binding("down,j", "scroll(1)", "Down", show=False, id="approval.down"),
        Binding("up,k", "scroll(-1)", "Up", show=False, id="approval.up"),
        Binding("pagedown,space", "page(1)", "Page down", show=False, id="approval.page_down"),
        Binding("pageup", "page(-1)", "Page up", show=False, id="approval.page_up"),
    ]

    class Answered(FieldMessage):
        """The person said what is to become of a call."""

        asked: ToolAsked
        allow: bool
        for_session: bool = False

    class Left(Message):
        """The person goes back to where they were; without them the call waits on."""

    def __init__(
        self,
        *,
        name: str | None = None,
        id: str | None = None,  # noqa: A002 - the name that all widgets use
        classes: str | None = None,
    ) -> None:
        super().__init__(name=name, id=id, classes=classes)
        self._asked: ToolAsked | None = None
        self._count = 0
        self._seen_at = 0.0
        self._came_from: Widget | None = None
        self._argument_text = Static()
        self.display = False

    @property
    def asked(self) -> ToolAsked | None:
        """The call that is shown."""
        return self._asked

    @property
    def is_ready(self) -> bool:
        """Whether the call has been in sight long enough for a key to be meant for it."""
        return self._asked is not None and monotonic() - self._seen_at >= LOOK_S

    def show(self, waiting: Sequence[ToolAsked]) -> None:
        """Show the first of these calls; without any the bar goes away."""
        first = waiting[0] if waiting else None
        changed = first is not self._asked
        counted = len(waiting) != self._count
        self._asked, self._count = first, len(waiting)
        if first is None:
            self._close()
        elif changed or counted:
            self._draw(first, afresh=changed)

    def take_focus(self) -> None:
        """Let the keys go here, until the person leaves or has answered all."""
        if self._asked is None or self.has_focus:
            return
        self._came_from = self.screen.focused
        self.can_focus = True
        self.focus()

    def action_answer(self, answer: str) -> None:
        """Allow the call that is shown, once or for the session, or refuse it."""
        if self._asked is not None and self.is_ready:
            self.post_message(self.Answered(self._asked, answer != "no", answer == "session"))

    def action_leave(self) -> None:
        """Go back to where the person was."""
        came_from, self._came_from = self._came_from, None
        if came_from is not None and came_from.is_attached and came_from.focusable:
            came_from.focus()
        else:
            self.post_message(self.Left())

    def action_scroll(self, step: int) -> None:
        """Scroll the arguments by a line."""
        self._arguments.scroll_relative(y=step, animate=False)

    def action_page(self, step: int) -> None:
        """Scroll the arguments by a page."""
        rows = max(self._arguments.size.height - 1, 1)
        self._arguments.scroll_relative(y=step * rows, animate=False)

    def on_click(self, event: events.Click) -> None:
        """A click is a way here too."""
        event.stop()
        self.take_focus()

    def on_focus(self) -> None:
        """Name the keys that answer, as soon as they do."""
        self._name_keys(focused=True)

    def on_blur(self) -> None:
        """Be passed over again by the keys that go from one part of the screen to the next."""
        if self.app.app_focus:  # else it is the terminal that was left
            self.can_focus = False
        self._name_keys(focused=False)

    @property
    def _arguments(self) -> VerticalScroll:
        return self.query_one(VerticalScroll)

    def _close(self) -> None:
        if self.has_focus:
            self.action_leave()
        self.display = False

    def _furnish(self) -> None:
        """Make room for what is asked, with which arguments, and the keys."""
        if not self.children:
            self.mount(
                Static(classes="approval-bar--title"),
                Static(classes="approval-bar--about"),
                VerticalScroll(self._argument_text, can_focus=False),
                KeyLine(),
            )

    def _draw(self, asked: ToolAsked, *, afresh: bool) -> None:
        self._furnish()
        self.query_one(".approval-bar--title", Static).update(_title(asked, self._count))
        about = self.query_one(".approval-bar--about", Static)
        about.update(draw_line(asked.description[:400]))
        about.set_class(not asked.description.strip(), "-empty")
        self.display = True
        if afresh:
            self._seen_at = monotonic()
            self._argument_text.update(argument_text(asked.call.arguments))
            self._arguments.scroll_home(animate=False)
            self.query_one(KeyLine).update("")
            self.set_timer(LOOK_S, self._name_keys_now)

    def _name_keys_now(self) -> None:
        self._name_keys(focused=self.has_focus)

    def _name_keys(self, *, focused: bool) -> None:
        line = self.query_one(KeyLine)
        if not self.is_ready:
            return
        if focused:
            line.show(
                ("approval.once", "once"),
                ("approval.session", "session"),
                ("approval.refuse", "refuse"),
                ("approval.leave", "back"),
            )
        else:
            line.show(("app.answer_tool", "answers"))


def _title(asked: ToolAsked, count: int) -> Content:
    """Which tool, where it is from, and how many wait."""
    more = f"  1/{count}" if count > 1 else ""
    return Content.assemble(
        ("? ", "bold $text-warning"),
        draw_tool_name(asked.tool, "bold"),
        " wants to run",
        (more, _MUTED),
    )


def argument_text(arguments: Any) -> Content:
    """The arguments by name, whole texts as they stand; from outside, so never markup."""
    if not arguments:
        return Content.styled("without arguments", _MUTED)
    items = arguments.items() if isinstance(arguments, dict) else [("", arguments)]
    lines = [_argument(str(name), value) for name, value in items]
    text = Content("\n").join(lines)
    if len(text) <= _SHOWN_LIMIT:
        return text
    rest = f"\n… {len(text) - _SHOWN_LIMIT:,} more characters are not shown"
    return Content.assemble(text[:_SHOWN_LIMIT], (rest, "bold $text-warning"))


def _argument(name: str, value: Any) -> Content:
    text = value if isinstance(value, str) else _as_json(value)
    shown = draw(text)
    if not name:
        return shown
    gap = "\n" if "\n" in text.strip("\n") else "  "
    return Content.assemble(draw_line(name, f"bold {_MUTED}"), gap, shown)


def _as_json(value: Any) -> str:
    import json  # here, as the app's start does without it

    try:
        return json.dumps(value, ensure_ascii=False, default=repr)
    except (TypeError, ValueError, RecursionError):
        return "(a value that cannot be shown)"
