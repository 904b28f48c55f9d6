"""The dialog that asks in which format to export, and whether secrets are to be left out."""

from __future__ import annotations

from tui_sessions.tui.screens.choice import Choice, ChoiceOption

_FORMATS = (
    ChoiceOption("markdown", "Markdown", "to read"),
    ChoiceOption("html", "HTML page", "to read in a browser, to print, to send"),
    ChoiceOption("json", "JSON", "everything, to import again"),
    ChoiceOption("openai", "OpenAI messages", "one chat, for other programs"),
)
_REDACTED = tuple(
    ChoiceOption(
        f"redacted {option.id}",
        f"{option.label}, redacted",
        "without keys, tokens, mail addresses and home paths",
    )
    for option in _FORMATS
)


def export_choice(what: str) -> Choice:
    """Asks; the answer is a format's name, with `redacted` before it where that is wanted.

    Args:
        what: what is exported, as `the session`.
    """
    return Choice(f"Export {what} as", (*_FORMATS, *_REDACTED))
