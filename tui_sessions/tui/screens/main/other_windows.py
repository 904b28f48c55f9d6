"""Replies that other windows are writing: marked around the chat, and found in its messages."""

from __future__ import annotations

from collections.abc import Sequence

from tui_sessions.model.message import Message, Part, TextPart, ThinkingPart
from tui_sessions.tui.screens.main.tree_filling import TreeFilling
from tui_sessions.tui.widgets.transcript import has_open_calls

_COMING = Message(id="-coming", role="assistant", status="partial")
"""Stands for a reply of which nothing is on disk yet."""


class OtherWindows(TreeFilling):
    """Keeps the marks true of what other windows and programs answer."""

    @property
    def answered_elsewhere(self) -> bool:
        """Whether another window answers in the open chat, as far as was seen."""
        return (self.current.session_id, self.current.chat_id) in self.elsewhere

    async def look_elsewhere(self) -> bool:
        """See in which chats other windows answer; tells whether that is new of the open one."""
        before, found = self.elsewhere, frozenset(await self.manager.running_elsewhere())
        changed = before ^ found
        if not changed or self.gone:
            return False
        self.elsewhere = found
        running = {*self.manager.running(), *found}
        for key in changed:
            self.session_tree.set_running(*key, key in running)
        self.refresh_tabs()
        self.refresh_status()
        self.refresh_inspector()
        return (self.current.session_id, self.current.chat_id) in changed

    def coming_elsewhere(self, history: Sequence[Message]) -> Message | None:
        """The reply that another window is writing in the open chat; None while tools run there."""
        if not self.answered_elsewhere:
            return None
        if history and is_growing(history[-1]):
            return history[-1]
        return None if has_open_calls(history) else _COMING


def is_growing(message: Message) -> bool:
    """Whether a message is a reply without an end."""
    return message.role == "assistant" and message.status == "partial"


def growth(before: Message, after: Message) -> list[tuple[str, str]] | None:
    """What a growing reply has gained, as pieces and their kinds; None where that is not all."""
    last = len(before.content) - 1
    gained: list[tuple[str, str]] = []
    for place, part in enumerate(after.content):
        known = before.content[place] if place <= last else None
        if part == known:
            continue
        more = _more(known, part)
        if more is None or (more[0] and place < last):
            return None
        gained += [more] if more[0] else []
    return gained if len(after.content) > last else None


def _more(known: Part | None, part: Part) -> tuple[str, str] | None:
    """What a part that arrives piece by piece has gained, and its kind; None if it is another."""
    if not isinstance(part, TextPart | ThinkingPart):
        return None
    there = ""
    if isinstance(known, TextPart | ThinkingPart) and type(known) is type(part):
        there = known.text
    elif known is not None:
        return None
    kind = "text" if isinstance(part, TextPart) else "thinking"
    return (part.text.removeprefix(there), kind) if part.text.startswith(there) else None
