"""What a recorded content says, as parts of our messages."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import Any

from tui_sessions.model.message import (
    FilePart,
    ImagePart,
    OpaquePart,
    Part,
    TextPart,
    ThinkingPart,
    ToolCallPart,
    ToolResultPart,
)
from tui_sessions.transfer.hygiene import text_or_none
from tui_sessions.transfer.pictures import file_of_base64

RETRY = "System: Please continue."
"""What the tool asks after a reply that was no good; what is shown for it has been told before."""
SUMMARY_MARK = "<state_snapshot>"
_INJECTED = (
    "<session_context>",
    "This is the Gemini CLI. We are setting up the context",
    "<hook_context>",
    "<system-reminder>",
    RETRY,
)
_REFERENCED = "--- Content from referenced files ---"
_STEERING = re.compile(
    r"\s*User (?:steering update|hints):\s*<user_input>\n?(.*?)\n?</user_input>\s*(.*)", re.DOTALL
)
"""What the person typed while tools ran, and what the model is told to make of it."""
_FAILED = frozenset({"error", "cancelled", "canceled"})


def blocks(content: object) -> list[Any]:
    """A content as a list, whichever way it was written."""
    if isinstance(content, list):
        return content
    return [] if content is None else [content]


def is_injected(text: str) -> bool:
    """Whether the whole text comes from the tool."""
    return text.lstrip().startswith(_INJECTED)


def typed_and_context(content: object) -> tuple[list[Part], list[Part]]:
    """What the person typed, and what the tool put beside it."""
    typed: list[Part] = []
    context: list[Part] = []
    referenced = False
    for block in blocks(content):
        text = _text(block)
        if text is None:
            part = _media(block)
            typed += [part] if part is not None else []
            continue
        before, mark, after = text.partition(_REFERENCED)
        if steering := _STEERING.fullmatch(text):
            typed += [TextPart(steering[1])] if steering[1].strip() else []
            context += [TextPart(steering[2])] if steering[2] else []
        elif referenced or is_injected(text):
            context += [TextPart(text)] if text.strip() else []
        else:
            typed += [TextPart(before.rstrip())] if before.strip() else []
            context += [TextPart(mark + after)] if mark else []
        referenced = referenced or bool(mark)
    return typed, context


def is_context(message: dict[str, Any]) -> bool:
    """Whether a message holds nothing but what the tool put there."""
    return message.get("type") == "user" and not typed_and_context(message.get("content"))[0]


def reply_parts(message: dict[str, Any]) -> Iterator[tuple[str, Part]]:
    """The parts of a reply with their roles: thoughts, text, calls, and the calls' results."""
    thoughts = message.get("thoughts")
    for thought in thoughts if isinstance(thoughts, list) else ():
        thinking = _thought(thought)
        if thinking:
            yield "assistant", ThinkingPart(thinking)
    for block in blocks(message.get("content")):
        text = _text(block)
        if text:
            is_thought = isinstance(block, dict) and block.get("thought") is True
            yield "assistant", ThinkingPart(text) if is_thought else TextPart(text)
        elif text is None:
            part = _media(block)
            if part is not None:
                yield "assistant", part
    calls = message.get("toolCalls")
    known = [call for call in (calls if isinstance(calls, list) else ()) if isinstance(call, dict)]
    for place, call in enumerate(known):
        name = text_or_none(call.get("name")) or "unknown"
        yield "assistant", ToolCallPart(_call_id(call, place), name, call.get("args"))
    for place, call in enumerate(known):
        yield from (("tool", part) for part in _result_parts(call, place))


def answers_and_rest(content: object) -> tuple[list[Part], list[Any]]:
    """The results of tools in a user message, and what the person put beside them.

    Pictures and files without a word of the person's come from the tools.
    """
    results: list[Part] = []
    rest: list[Any] = []
    for block in blocks(content):
        response = block.get("functionResponse") if isinstance(block, dict) else None
        if isinstance(response, dict):
            text, failed = _response_text(response)
            call_id = text_or_none(response.get("id")) or "unknown"
            results.append(ToolResultPart(call_id, text, failed))
        else:
            rest.append(block)
    if results and not any(_text(block) for block in rest):
        return [*results, *(part for part in map(_media, rest) if part is not None)], []
    return results, rest


def shown_instead(message: dict[str, Any]) -> list[Part]:
    """What the person typed, where the model was sent something else."""
    if any((_text(block) or "").strip() == RETRY for block in blocks(message.get("content"))):
        return []
    return typed_and_context(answers_and_rest(message.get("displayContent"))[1])[0]


def same_text(message: dict[str, Any]) -> str:
    """What two records of one message have in common; empty where there is no text."""
    texts = [_text(block) or "" for block in blocks(message.get("content"))]
    said = " ".join(" ".join(texts).split())
    return f"{message.get('type')}: {said}" if said else f"id {message.get('id')}"


def _text(block: object) -> str | None:
    if isinstance(block, dict):
        block = block.get("text")
    return block if isinstance(block, str) else None


def _media(block: object) -> Part | None:
    match block:
        case {"inlineData": {"mimeType": str(kind), "data": str(data)}}:
            if kind.startswith("image/"):
                return ImagePart(kind, data=data)
            return file_of_base64("attachment", data, kind) or FilePart("attachment", kind)
        case {"fileData": {"fileUri": str(uri), **more}}:
            return FilePart(uri, media_type=text_or_none(more.get("mimeType")))
        case dict() as unknown:
            return OpaquePart(unknown)
    return None


def _thought(thought: object) -> str:
    if not isinstance(thought, dict):
        return ""
    subject, said = (text_or_none(thought.get(key)) for key in ("subject", "description"))
    return "\n\n".join(text for text in (subject and f"**{subject}**", said) if text)


def _call_id(call: dict[str, Any], place: int) -> str:
    return text_or_none(call.get("id")) or f"call-{place + 1}"


def _result_parts(call: dict[str, Any], place: int) -> Iterator[Part]:
    texts: list[str] = []
    media: list[Part] = []
    failed = str(call.get("status")) in _FAILED
    for block in blocks(call.get("result")):
        response = block.get("functionResponse") if isinstance(block, dict) else None
        if isinstance(response, dict):
            text, is_error = _response_text(response)
            texts.append(text)
            failed = failed or is_error
            media += filter(None, map(_media, blocks(response.get("parts"))))
        else:
            text = _text(block) or ""
            texts.append(text)
            part = None if text else _media(block)
            media += [part] if part is not None else []
    if not texts:
        shown = call.get("resultDisplay")
        if not shown and not failed:
            return
        texts.append(shown if isinstance(shown, str) else json.dumps(shown, ensure_ascii=False))
    yield ToolResultPart(_call_id(call, place), "\n".join(text for text in texts if text), failed)
    yield from media


def _response_text(response: dict[str, Any]) -> tuple[str, bool]:
    """What a tool answered, and whether that is an error."""
    match response.get("response"):
        case {"output": str(text)}:
            return text, False
        case {"error": str(text)}:
            return text, True
        case str(text):
            return text, False
        case None:
            return "", False
        case other:
            return json.dumps(other, ensure_ascii=False), False
