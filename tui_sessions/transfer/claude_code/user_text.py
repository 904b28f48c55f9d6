"""Telling what a person typed from what the tool put into user records."""

from __future__ import annotations

_REMINDER = "<system-reminder>"
_REMINDER_END = "</system-reminder>"
_OUTPUT = ("<local-command-stdout>", "<local-command-stderr>")
_INTERRUPTED = "[Request interrupted by user"
_COMMAND = ("<command-name>", "<command-message>")
_INJECTED = (
    *_OUTPUT,
    *_COMMAND,
    "<local-command-caveat>",
    "Caveat: The messages below",
    "<bash-input>",
    "<bash-stdout>",
    "<bash-stderr>",
    "<task-notification>",
    "<teammate-message",
    "<ide_opened_file>",
    "<ide_selection>",
    "<user-prompt-submit-hook>",
    "Base directory for this skill",
    "Continue from where you left off.",
    _INTERRUPTED,
)


def is_injected(text: str) -> bool:
    """Whether the whole text comes from the tool."""
    text = text.lstrip()
    if text.startswith(_REMINDER):
        return not without_reminders(text)[0]
    return text.startswith(_INJECTED)


def is_interruption(text: str) -> bool:
    """Whether the text marks that the person stopped the reply."""
    return text.lstrip().startswith(_INTERRUPTED)


def is_command_output(text: str) -> bool:
    """Whether the text is what a command of the tool's own printed."""
    return text.lstrip().startswith(_OUTPUT)


def command_of(text: str) -> str | None:
    """A slash command as it was typed, `/name args`; None when the text is none."""
    if not text.lstrip().startswith(_COMMAND):
        return None
    name = _tagged(text, "command-name").lstrip("/")
    return f"/{name} {_tagged(text, 'command-args')}".rstrip() if name else None


def without_reminders(text: str) -> tuple[str, str]:
    """The text without the reminders that were mixed into it, and the reminders."""
    kept: list[str] = []
    taken: list[str] = []
    start = 0
    while True:
        begin = text.find(_REMINDER, start)
        end = text.find(_REMINDER_END, begin) if begin >= 0 else -1
        if end < 0:
            kept.append(text[start:])
            break
        end += len(_REMINDER_END)
        kept.append(text[start:begin])
        taken.append(text[begin:end])
        start = end
    return ("".join(kept).strip() if taken else text), "\n".join(taken)


def _tagged(text: str, tag: str) -> str:
    begin = text.find(f"<{tag}>")
    end = text.find(f"</{tag}>", begin)
    return text[begin + len(tag) + 2 : end].strip() if 0 <= begin < end else ""
