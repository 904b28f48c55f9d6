"""What a node's content says, as parts of our messages."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from tui_sessions.model.message import FilePart, OpaquePart, Part, TextPart, ThinkingPart
from tui_sessions.transfer.chatgpt.citations import with_citations
from tui_sessions.transfer.chatgpt.pictures import ExportPictures
from tui_sessions.transfer.hygiene import text_or_none

_THOUGHTS = ("thoughts", "reasoning_recap")


def content_parts(
    content: dict[str, Any], metadata: Mapping[str, Any], pictures: ExportPictures
) -> list[Part]:
    """The parts of a content; one of an unknown kind is kept as it came."""
    kind = content.get("content_type")
    if kind in _THOUGHTS:
        text = _thoughts(content)
        return [ThinkingPart(text)] if text else []
    if kind == "code":
        text = plain_text(content)
        language = content.get("language")
        fence = language if isinstance(language, str) and language.isalnum() else ""
        return [TextPart(f"```{fence}\n{text}\n```")] if text else []
    if kind in ("text", "multimodal_text"):
        return _parts(content, metadata, pictures)
    text = instructions_in(content) or plain_text(content)
    return [TextPart(text)] if text else [OpaquePart(content)]


def attachment_parts(
    metadata: Mapping[str, Any], shown: set[str], pictures: ExportPictures
) -> list[Part]:
    """The files that went with a message, without the pictures that are shown in it.

    Args:
        metadata: of the message.
        shown: the ids of those pictures.
        pictures: finds what was attached.
    """
    attachments = metadata.get("attachments")
    parts: list[Part] = []
    for file in attachments if isinstance(attachments, list) else ():
        if isinstance(file, dict) and not {str(file.get("id")), str(file.get("file_id"))} & shown:
            name = text_or_none(file.get("name"))
            if name:
                kind = text_or_none(file.get("mime_type"))
                parts.append(pictures.file(str(file.get("id")), name, kind))
    return parts


def plain_text(content: Mapping[str, Any]) -> str:
    """All that is text in a content."""
    texts = [content.get(key) for key in ("title", "url", "text", "result", "summary", "content")]
    parts = content.get("parts")
    texts += parts if isinstance(parts, list) else []
    found = [text if isinstance(text, str) else _inner_text(text) for text in texts]
    return "\n".join(text for text in found if text)


def instructions_in(content: Mapping[str, Any]) -> str | None:
    """The custom instructions that a content holds."""
    texts = [text_or_none(content.get(key)) for key in ("user_profile", "user_instructions")]
    return "\n\n".join(text for text in texts if text) or None


def pointers_in(content: Mapping[str, Any]) -> set[str]:
    """The ids of the pictures that a content shows."""
    parts = content.get("parts")
    pointers = (
        part.get("asset_pointer")
        for part in (parts if isinstance(parts, list) else ())
        if isinstance(part, dict)
    )
    return {pointer.rpartition("/")[2] for pointer in pointers if isinstance(pointer, str)}


def _parts(
    content: Mapping[str, Any], metadata: Mapping[str, Any], pictures: ExportPictures
) -> list[Part]:
    made: list[Part] = []
    raw = content.get("parts")
    for part in raw if isinstance(raw, list) else [content.get("text")]:
        match part:
            case str(text):
                text = with_citations(text, metadata)
                made += [TextPart(text)] if text.strip() else []
            case {"asset_pointer": str(pointer), "content_type": "image_asset_pointer"}:
                name = pointer.rpartition("/")[2] or pointer
                made.append(pictures.of(pointer) or FilePart(name))
            case {"content_type": "audio_transcription", "text": str(text)}:
                made += [TextPart(text)] if text.strip() else []
            case dict() as unknown:
                made.append(OpaquePart(unknown))
    return made


def _thoughts(content: Mapping[str, Any]) -> str:
    thoughts = content.get("thoughts")
    texts = []
    for thought in thoughts if isinstance(thoughts, list) else ():
        if isinstance(thought, dict):
            said = (text_or_none(thought.get("summary")), text_or_none(thought.get("content")))
            texts.append("\n\n".join(text for text in said if text))
    return "\n\n".join(text for text in texts if text) or plain_text(content)


def _inner_text(part: object) -> str:
    text = part.get("text") if isinstance(part, dict) else None
    return text if isinstance(text, str) else ""
