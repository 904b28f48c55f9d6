"""What a message of Open WebUI says: its content, the output of a model, and what is attached."""

from __future__ import annotations

import html
import re
from collections.abc import Iterator
from typing import Any

from tui_sessions.model.message import (
    OpaquePart,
    Part,
    TextPart,
    ThinkingPart,
    ToolCallPart,
    ToolResultPart,
)
from tui_sessions.transfer.blocks import text_of_value
from tui_sessions.transfer.hygiene import json_in, text_or_none
from tui_sessions.transfer.open_webui.uploads import Uploads
from tui_sessions.transfer.thinking_tags import parts_of_text

_DETAILS = re.compile(
    r'<details\s+type="(reasoning|tool_calls)"([^>]*)>(.*?)</details>\s*', re.DOTALL
)
_SUMMARY = re.compile(r"<summary>.*?</summary>", re.DOTALL)
_ATTRIBUTE = re.compile(r'([a-z_]+)="([^"]*)"')


def reply_parts(node: dict[str, Any], uploads: Uploads) -> Iterator[tuple[str, Part]]:
    """A reply's parts, each with its role; the output is better than the text made of it."""
    output = node.get("output")
    items = [item for item in output if isinstance(item, dict)] if isinstance(output, list) else []
    found = [pair for item in items for pair in _item_parts(item)]
    if not any(isinstance(part, TextPart) for _, part in found):
        found = list(_text_parts(text_of_content(node.get("content"))))
    yield from found
    yield from (("assistant", part) for part in attached(node, uploads))


def attached(node: dict[str, Any], uploads: Uploads) -> Iterator[Part]:
    """The pictures and files that go with a message."""
    files = node.get("files")
    for file in files if isinstance(files, list) else ():
        if isinstance(file, dict):
            yield uploads.part(file) or OpaquePart(file)


def text_of_content(content: object) -> str:
    """The text of a content, whichever way it was written."""
    if isinstance(content, str):
        return content
    blocks = content if isinstance(content, list) else []
    texts = (block.get("text") for block in blocks if isinstance(block, dict))
    return "\n\n".join(text for text in texts if isinstance(text, str))


def _item_parts(item: dict[str, Any]) -> Iterator[tuple[str, Part]]:
    match item.get("type"):
        case "message":
            if text := text_of_content(item.get("content")):
                yield "assistant", TextPart(text)
        case "reasoning":
            text = text_of_content(item.get("content")) or text_of_content(item.get("summary"))
            if text:
                yield "assistant", ThinkingPart(text)
        case "function_call":
            given = item.get("arguments")
            known = json_in(given) if isinstance(given, str) else given
            call_id = text_or_none(item.get("call_id")) or str(item.get("id") or "call")
            name = text_or_none(item.get("name")) or "tool"
            yield "assistant", ToolCallPart(call_id, name, given if known is None else known)
        case "function_call_output":
            output = item.get("output")
            text = text_of_content(output) or ("" if output is None else text_of_value(output))
            call_id = text_or_none(item.get("call_id")) or "call"
            failed = item.get("status") in ("failed", "error")
            yield "tool", ToolResultPart(call_id, text, failed)
        case _:
            yield "assistant", OpaquePart(item)


def _text_parts(text: str) -> Iterator[tuple[str, Part]]:
    """A text whose thinking and tool calls were folded into it as HTML."""
    start = 0
    for found in _DETAILS.finditer(text):
        for part in parts_of_text(text[start : found.start()].strip()):
            yield "assistant", part
        start = found.end()
        if found[1] == "reasoning":
            if thought := _unquoted(found[3]):
                yield "assistant", ThinkingPart(thought)
        else:
            yield from _folded_call(dict(_ATTRIBUTE.findall(found[2])), found.start())
    rest = text[start:]
    for part in parts_of_text(rest if start == 0 else rest.strip()):
        yield "assistant", part


def _folded_call(attributes: dict[str, str], place: int) -> Iterator[tuple[str, Part]]:
    values = {key: html.unescape(value) for key, value in attributes.items()}
    call_id = values.get("id") or f"call-{place}"
    given = values.get("arguments", "")
    known = json_in(given)
    # Versions wrote JSON once or twice over.
    known = json_in(known) if isinstance(known, str) else known
    yield "assistant", ToolCallPart(call_id, values.get("name") or "tool", known or given or None)
    if "result" in values:
        result = json_in(values["result"])
        yield (
            "tool",
            ToolResultPart(call_id, result if isinstance(result, str) else values["result"]),
        )


def _unquoted(text: str) -> str:
    lines = html.unescape(_SUMMARY.sub("", text)).strip().split("\n")
    return "\n".join(line.removeprefix(">").removeprefix(" ") for line in lines).strip()
