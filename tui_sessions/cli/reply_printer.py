"""A reply on its way to standard output, as text or as events."""

from __future__ import annotations

import sys

import msgspec

from tui_sessions.cli.output import json_text, note
from tui_sessions.cli.tool_questions import call_text
from tui_sessions.cli.transcript import part_text
from tui_sessions.model.codec import message_data
from tui_sessions.model.events import (
    ReplyDelta,
    ReplyEnd,
    ReplyEvent,
    ReplyFailed,
    ReplyStarted,
    ReplyStep,
    ReplyWaiting,
    ToolAsked,
    ToolDone,
    ToolStarted,
)
from tui_sessions.model.message import Message, TextPart, ThinkingPart
from tui_sessions.model.visible import visible


class ReplyPrinter:
    """Writes each piece of a reply as it comes."""

    def __init__(self, *, as_json: bool) -> None:
        self._as_json = as_json
        self._kept_back = ""
        self._at_line_start = True
        self._steps: set[str] = set()

    def take(self, event: ReplyEvent) -> None:
        """Write what an event brings."""
        if self._as_json:
            sys.stdout.write(json_text(_value(event)) + "\n")
        elif isinstance(event, ReplyDelta) and event.kind == "text":
            self._write(event.text)
        elif isinstance(event, ReplyStep):
            self._steps.add(event.message.id)
            self._end_line()
        elif isinstance(event, ReplyEnd):
            self._finish(event)
        else:
            _tell_aside(event)
        sys.stdout.flush()

    def _write(self, text: str) -> None:
        """A carriage return at the end waits for the newline that may follow it."""
        text = self._kept_back + text
        self._kept_back = "\r" if text.endswith("\r") else ""
        shown = visible(text.removesuffix("\r") if self._kept_back else text)
        if shown:
            sys.stdout.write(shown)
            self._at_line_start = shown.endswith("\n")

    def _end_line(self) -> None:
        if self._kept_back:
            sys.stdout.write(visible(self._kept_back))
            self._kept_back = ""
            self._at_line_start = False
        if not self._at_line_start:
            sys.stdout.write("\n")
            self._at_line_start = True

    def _finish(self, event: ReplyEnd) -> None:
        self._end_line()
        if event.message.id not in self._steps:
            for line in _other_parts(event.message):
                sys.stdout.write(visible(line) + "\n")
        if isinstance(event, ReplyFailed):
            note(f"Error: {event.error}")
        elif event.message.metadata.get("finish_reason") == "length":
            note("The reply ran into the model's limit: `continue` goes on with it.")


def _tell_aside(event: ReplyEvent) -> None:
    """What is no part of the reply goes to standard error."""
    match event:
        case ReplyWaiting(seconds=seconds, reason=reason, attempt=attempt):
            note(f"{reason} Trying again in {seconds:.0f} s (try {attempt}).")
        case ToolStarted(call=call):
            note(f"Running {call_text(call)}")
        case ToolDone(message=message):
            for part in message.content:
                note(part_text(part, full=False))


def _other_parts(message: Message) -> list[str]:
    """Tool calls and the like, which do not come as text."""
    others = (part for part in message.content if not isinstance(part, (TextPart, ThinkingPart)))
    return [part_text(part, full=False) for part in others]


def _value(event: ReplyEvent) -> dict[str, object]:
    value: dict[str, object] = {
        "event": event.name,
        "session": event.session_id,
        "workspace": event.workspace_id,
        "chat": event.chat_id,
        "message_id": event.message_id,
    }
    match event:
        case ReplyStarted(prompt=prompt):
            value["prompt"] = message_data(prompt) if prompt else None
        case ReplyDelta(text=text, kind=kind):
            value |= {"text": text, "kind": kind}
        case ReplyWaiting(seconds=seconds, until=until, reason=reason, attempt=attempt):
            value |= {"seconds": seconds, "until": until, "reason": reason, "attempt": attempt}
        case ToolAsked(call=call, tool=tool, description=description):
            call_data = msgspec.to_builtins(call)
            value |= {"call": call_data, "tool": tool, "description": description}
        case ToolStarted(call=call):
            value["call"] = msgspec.to_builtins(call)
        case ReplyEnd(message=message) | ReplyStep(message=message) | ToolDone(message=message):
            value["message"] = message_data(message)
    if isinstance(event, ReplyFailed):
        value["error"] = str(event.error)
    return value
