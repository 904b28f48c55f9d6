"""What a block says, as parts of our messages."""

from __future__ import annotations

import json
import re
from typing import Any

from tui_sessions.model.message import (
    Part,
    TextPart,
    ThinkingPart,
    ToolCallPart,
    ToolResultPart,
)
from tui_sessions.transfer.blocks import CallIds, blocks_of, parts_of_block
from tui_sessions.transfer.claude_ai.artifacts import ARTIFACTS, Artifacts

_SAYS_NOTHING = frozenset({"token_budget", "flag"})
_INLINE_THOUGHT = re.compile(r"<antThinking>(.*?)</antThinking>\s*", re.DOTALL)


def parts_of(block: dict[str, Any], calls: CallIds, artifacts: Artifacts) -> list[Part]:
    """The parts of a block; one of an unknown kind is kept as it came."""
    match block:
        case {"type": "text", "text": str(text)}:
            return _text_parts(text)
        case {"type": "thinking"}:
            text = _thought(block)
            return [ThinkingPart(text)] if text else []
        case {"type": "voice_note", "text": str(text)}:
            return [TextPart(text)] if text.strip() else []
        case {"type": "tool_use", "name": str(name)}:
            arguments = block.get("input")
            if name == ARTIFACTS:
                arguments = artifacts.after(arguments)
            return [ToolCallPart(calls.of_call(block), name, arguments)]
        case {"type": "tool_result"}:
            return _result_parts(block, calls)
        case {"type": str(kind)} if kind in _SAYS_NOTHING:
            return []
        case _:
            return parts_of_block(block, calls)


def _text_parts(text: str) -> list[Part]:
    """A text, and what older models thought in the middle of it."""
    thoughts: list[Part] = [ThinkingPart(found.strip()) for found in _INLINE_THOUGHT.findall(text)]
    rest = _INLINE_THOUGHT.sub("", text) if thoughts else text
    return [*thoughts, TextPart(rest)] if rest.strip() else thoughts


def _thought(block: dict[str, Any]) -> str:
    text = block.get("thinking")
    if isinstance(text, str) and text.strip():
        return text
    summaries = block.get("summaries")
    texts = [
        entry["summary"]
        for entry in (summaries if isinstance(summaries, list) else ())
        if isinstance(entry, dict) and isinstance(entry.get("summary"), str)
    ]
    return "\n\n".join(texts)


def _result_parts(block: dict[str, Any], calls: CallIds) -> list[Part]:
    texts: list[str] = []
    others: list[Part] = []
    for inner in blocks_of(block.get("content")):
        said = [inner.get(key) for key in ("title", "url", "text")]
        text = "\n".join(value for value in said if isinstance(value, str) and value)
        if text:
            texts.append(text)
        elif inner.get("type") == "image":
            others += parts_of_block(inner, calls)
        else:
            texts.append(json.dumps(inner, ensure_ascii=False))
    failed = block.get("is_error") is True
    return [ToolResultPart(calls.of_result(block), "\n\n".join(texts), failed), *others]
