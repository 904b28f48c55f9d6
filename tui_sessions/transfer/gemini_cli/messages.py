"""From recorded messages to ours."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from tui_sessions.model.message import (
    Message,
    OpaquePart,
    Part,
    SummaryPart,
    TextPart,
    ToolResultPart,
)
from tui_sessions.model.usage import Usage
from tui_sessions.transfer.base import message_id_for
from tui_sessions.transfer.gemini_cli.content import (
    SUMMARY_MARK,
    answers_and_rest,
    reply_parts,
    shown_instead,
    typed_and_context,
)
from tui_sessions.transfer.hygiene import moment_of, text_or_none, tokens
from tui_sessions.transfer.steps import reply_messages

FORMAT = "gemini-cli"
_NOTICES = frozenset({"info", "error", "warning"})


class MessageBuilder:
    """Takes recorded messages in their order."""

    def __init__(self, scope: str) -> None:
        """Take the session's id: one id is the same in all sessions."""
        self._scope = scope
        self._answered: set[str] = set()

    def build(self, recorded: Iterable[tuple[str, dict[str, Any]]]) -> list[Message]:
        """The messages of recorded ones, each with its id."""
        return [made for name, raw in recorded for made in self._messages(name, raw)]

    def _messages(self, name: str, raw: dict[str, Any]) -> list[Message]:
        match raw.get("type"):
            case "gemini":
                return self._reply(name, raw)
            case "user":
                return self._prompt(name, raw)
            case str(kind) if kind in _NOTICES:
                text = "\n".join(p.text for p in _texts(raw.get("content")))
                parts: list[Part] = [TextPart(text)] if text.strip() else []
                return self._message(name, raw, "system", parts, hidden=True)
            case _:
                return self._message(name, raw, "system", [OpaquePart(raw)], hidden=True)

    def _reply(self, name: str, raw: dict[str, Any]) -> list[Message]:
        parts = list(reply_parts(raw))
        self._answered |= {p.call_id for _, p in parts if isinstance(p, ToolResultPart)}
        empty = self._message(name, raw, "assistant", [], keep=True)[0]
        return reply_messages(empty, parts) if parts or empty.usage else []

    def _prompt(self, name: str, raw: dict[str, Any]) -> list[Message]:
        results, rest = answers_and_rest(raw.get("content"))
        # They are told with the calls, too; those of sub-agents and older versions are not.
        new = [part for part in results if not self._is_told(part)]
        if not any(isinstance(part, ToolResultPart) for part in new):
            new = []
        told = self._message(name, raw, "tool", new, ":results" * bool(rest))
        return told if results and not rest else told + self._typed(name, raw, rest)

    def _is_told(self, part: Part) -> bool:
        return isinstance(part, ToolResultPart) and part.call_id in self._answered

    def _typed(self, name: str, raw: dict[str, Any], content: object) -> list[Message]:
        typed, context = typed_and_context(content)
        if any(SUMMARY_MARK in part.text for part in typed if isinstance(part, TextPart)):
            text = "\n\n".join(part.text for part in typed if isinstance(part, TextPart))
            return self._message(name, raw, "system", [SummaryPart(text)])
        shown = shown_instead(raw)
        if shown:
            context, typed = [*(part for part in typed if part not in shown), *context], shown
        return [
            *self._message(name, raw, "user", context, ":context", hidden=True),
            *self._message(name, raw, "user", typed),
        ]

    def _message(
        self,
        name: str,
        raw: dict[str, Any],
        role: str,
        parts: list[Part],
        suffix: str = "",
        *,
        hidden: bool = False,
        keep: bool = False,
    ) -> list[Message]:
        """The message, unless it would be empty and is not to be kept so."""
        if not parts and not keep:
            return []
        is_reply = role == "assistant"
        message = Message(
            id=message_id_for(FORMAT, self._scope, name + suffix),
            role=role,
            content=tuple(parts),
            created_at=moment_of(raw.get("timestamp")),
            hidden=hidden,
            model=text_or_none(raw.get("model")) if is_reply else None,
            usage=_usage(raw.get("tokens")) if is_reply else None,
            metadata={"source_id": name},
        )
        return [message]


def _texts(content: object) -> list[TextPart]:
    typed, context = typed_and_context(content)
    return [part for part in (*typed, *context) if isinstance(part, TextPart)]


def _usage(raw: object) -> Usage | None:
    """The source's input counts what came from a cache, too; thoughts it counts apart."""
    if not isinstance(raw, dict):
        return None
    cached = tokens(raw.get("cached"))
    sent = tokens(raw.get("input")) + tokens(raw.get("tool"))
    return Usage(
        input_tokens=max(0, sent - cached),
        output_tokens=tokens(raw.get("output")) + tokens(raw.get("thoughts")),
        cache_read_tokens=cached,
    )
