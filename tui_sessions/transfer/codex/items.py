"""What single response items say, as parts of our messages."""

from __future__ import annotations

import json
import re
from typing import Any

from tui_sessions.model.message import (
    ImagePart,
    OpaquePart,
    Part,
    TextPart,
    ThinkingPart,
    ToolCallPart,
    ToolResultPart,
)
from tui_sessions.transfer.blocks import text_of_value
from tui_sessions.transfer.hygiene import Undecodable, decode_json, text_or_none
from tui_sessions.transfer.pictures import picture_of_url

RESULTS = frozenset({"function_call_output", "custom_tool_call_output", "tool_search_output"})
_CALLS = frozenset({"function_call", "custom_tool_call", "tool_search_call", "local_shell_call"})
_EXIT_CODE = re.compile(r"^(?:Exit code:|Process exited with code) (-?\d{1,10})$", re.MULTILINE)
_EXIT_CODE_WITHIN = 300
"""Characters; further down the words are the command's own."""


def parts_of_item(item: dict[str, Any], line: int) -> list[Part]:
    """The parts of something that the model wrote; an unknown item is kept as it came.

    Args:
        item: the item.
        line: its line in the rollout, which names a call that has no id.
    """
    match item.get("type"):
        case "message":
            return message_parts(item.get("content"))
        case "reasoning":
            text = _reasoning(item)
            return [ThinkingPart(text)] if text else []
        case str(kind) if kind in _CALLS:
            return [_call(item)]
        case "web_search_call":
            call_id = text_or_none(item.get("id")) or f"web_search-{line}"
            return [ToolCallPart(call_id, "web_search", item.get("action"))]
        case "image_generation_call":
            return _generated_picture(item, line)
        case _:
            return [OpaquePart(item)]


def result_parts(item: dict[str, Any]) -> list[Part]:
    """What a tool gave back, its pictures after its text."""
    output = item.get("tools") if item.get("type") == "tool_search_output" else item.get("output")
    call_id = text_or_none(item.get("call_id")) or "unknown"
    failed = item.get("success") is False
    pictures: list[Part] = []
    if isinstance(output, str):
        text, code = _shell_output(output)
        failed = failed or code not in (None, 0)
    else:
        if isinstance(output, dict) and output.get("success") is False:
            failed = True
        text, pictures = _structured_output(output)
    return [ToolResultPart(call_id, text, failed), *pictures]


def message_parts(content: object) -> list[Part]:
    """The parts of a message's content."""
    if isinstance(content, str):
        return [TextPart(content)] if content else []
    parts: list[Part] = []
    for block in content if isinstance(content, list) else [content]:
        match block:
            case {"type": "input_text" | "output_text" | "text" | "Text", "text": str(text)}:
                parts += [TextPart(text)] if text else []
            case {"type": "refusal", "refusal": str(text)}:
                parts += [TextPart(text)] if text else []
            case {"type": "input_image", "image_url": None}:
                pass
            case dict() as other:
                url = other.get("image_url")
                picture = picture_of_url(url) if isinstance(url, str) else None
                parts.append(picture or OpaquePart(other))
            case str(text) if text:
                parts.append(TextPart(text))
    return parts


def _call(item: dict[str, Any]) -> ToolCallPart:
    kind = item["type"]
    call_id = text_or_none(item.get("call_id")) or text_or_none(item.get("id")) or "unknown"
    if kind == "custom_tool_call":
        arguments = item.get("input")
    elif kind == "local_shell_call":
        arguments = item.get("action")
    else:
        arguments = _decoded(item.get("arguments"))
    default = {"local_shell_call": "local_shell", "tool_search_call": "tool_search"}.get(kind)
    name = text_or_none(item.get("name")) or default or "unknown"
    return ToolCallPart(call_id, name, arguments)


def _decoded(arguments: object) -> Any:
    """Arguments are JSON inside a string; what is none stays a string."""
    if not isinstance(arguments, str):
        return arguments
    try:
        return decode_json(arguments.encode("utf-8", "replace"))
    except Undecodable:
        return arguments


def _reasoning(item: dict[str, Any]) -> str:
    for key in ("content", "summary"):
        blocks = item.get(key)
        texts = [
            block["text"]
            for block in (blocks if isinstance(blocks, list) else ())
            if isinstance(block, dict) and isinstance(block.get("text"), str) and block["text"]
        ]
        if texts:
            return "\n\n".join(texts)
    return ""


def _generated_picture(item: dict[str, Any], line: int) -> list[Part]:
    call_id = text_or_none(item.get("id")) or f"image_generation-{line}"
    call = ToolCallPart(call_id, "image_generation", {"prompt": item.get("revised_prompt")})
    data = text_or_none(item.get("result"))
    return [call, ImagePart("image/png", data=data)] if data else [call]


def _shell_output(output: str) -> tuple[str, int | None]:
    """A command's output and its exit code, where they are told."""
    if output.startswith('{"') and '"metadata"' in output:
        try:
            value = decode_json(output.encode("utf-8", "replace"))
        except Undecodable:
            value = None
        match value:
            case {"output": str(text), "metadata": {"exit_code": int(code)}}:
                return text, code
            case {"output": str(text), "metadata": dict()}:
                return text, None
    found = _EXIT_CODE.search(output[:_EXIT_CODE_WITHIN])
    return output, int(found[1]) if found else None


def _structured_output(output: object) -> tuple[str, list[Part]]:
    if isinstance(output, dict) and "type" not in output:
        content = output.get("content", output.get("body"))
        return (content, []) if isinstance(content, str) else (text_of_value(output), [])
    if isinstance(output, list) and not all(isinstance(b, dict) and "type" in b for b in output):
        return text_of_value(output), []
    parts = message_parts(output) if output is not None else []
    texts = [part.text for part in parts if isinstance(part, TextPart)]
    if parts and not texts and not any(isinstance(part, ImagePart) for part in parts):
        return json.dumps(output, ensure_ascii=False, indent=2), []
    return "\n".join(texts), [part for part in parts if not isinstance(part, TextPart)]
