"""The marks that ChatGPT puts where it cites something, as links that people can read."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

_PRIVATE = re.compile("\ue200[^\ue200\ue201]{0,2000}\ue201|[\ue200-\ue206]")
_BRACKETED = re.compile(r"【\d{1,4}(?::\d{1,4})?†[^】\n]{0,300}】")


def with_citations(text: str, metadata: Mapping[str, Any]) -> str:
    """The text with its marks replaced by what they cite, or without them."""
    if "\ue200" not in text and "【" not in text:
        return text
    text = _with_positions(text, metadata.get("citations"))
    references = metadata.get("content_references")
    for reference in references if isinstance(references, list) else ():
        if isinstance(reference, dict):
            mark, shown = reference.get("matched_text"), reference.get("alt")
            if isinstance(mark, str) and mark and _is_mark(mark):
                text = text.replace(mark, shown if isinstance(shown, str) else "")
    return _BRACKETED.sub("", _PRIVATE.sub("", text))


def _is_mark(text: str) -> bool:
    return bool(_PRIVATE.fullmatch(text) or _BRACKETED.fullmatch(text))


def _with_positions(text: str, citations: object) -> str:
    """Replace the marks whose places are told, the last first."""
    found = []
    for citation in citations if isinstance(citations, list) else ():
        match citation:
            case {"start_ix": int(start), "end_ix": int(end), "metadata": dict(source)}:
                if 0 <= start < end <= len(text) and _is_mark(text[start:end]):
                    found.append((start, end, _link(source)))
    for start, end, link in sorted(found, reverse=True):
        text = text[:start] + link + text[end:]
    return text


def _link(source: Mapping[str, Any]) -> str:
    title, url = source.get("title"), source.get("url")
    if isinstance(url, str) and url:
        name = title if isinstance(title, str) and title else url
        return f" ([{name}]({url}))"
    return f" ({title})" if isinstance(title, str) and title else ""
