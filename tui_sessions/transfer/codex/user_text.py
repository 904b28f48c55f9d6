"""Telling what a person typed from what Codex and the editors around it put into user items."""

from __future__ import annotations

import re

_INJECTED = (
    "<environment_context>",
    "<user_instructions>",
    "<INSTRUCTIONS>",
    "# AGENTS.md instructions",
    "<permissions instructions>",
    "<turn_aborted>",
    "<skill",
    "<collaboration_mode>",
    "<subagent_notification>",
    "<user_shell_command>",
    "<user_action>",
    "<model_switch>",
    "<hook_prompt",
    "Another language model started to solve this problem",
)
_EDITOR_CONTEXT = "# Context from my IDE setup:"
_REQUEST = "## My request for Codex:"
_PICTURE_TAGS = re.compile(r'<image name=\[[^\]\n]{0,80}\](?: path="[^"\n]{0,4096}")?>|</image>')
_BARE_PICTURE_TAGS = frozenset({"<image>", "</image>"})
"""Some versions write them without a name, each as a text of its own."""
_DIRECTORY = re.compile(
    r"<cwd>\s*(.{1,4096}?)\s*</cwd>|^Current working directory: (.{1,4096})$", re.MULTILINE
)


def is_injected(text: str) -> bool:
    """Whether the whole text comes from the tool."""
    return text.lstrip().startswith(_INJECTED)


def is_interruption(text: str) -> bool:
    """Whether the text marks that the person stopped the reply."""
    return text.lstrip().startswith("<turn_aborted>")


def without_picture_tags(text: str) -> str:
    """The text without the tags that stand around an attached picture."""
    if text.strip() in _BARE_PICTURE_TAGS:
        return ""
    return _PICTURE_TAGS.sub("", text) if "image" in text else text


def typed_and_context(text: str) -> tuple[str, str]:
    """What the person typed, and what their editor put before it."""
    if text.lstrip().startswith(_EDITOR_CONTEXT):
        context, mark, request = text.partition(_REQUEST)
        if mark:
            return request.strip(), context.strip()
    return text, ""


def directory_in(text: str) -> str | None:
    """The working directory that an injected context names."""
    found = _DIRECTORY.search(text)
    return (found[1] or found[2]).strip() if found else None


def same_text(text: str) -> str:
    """The text in the form in which two records of one prompt are alike."""
    return " ".join(without_picture_tags(text).split())
