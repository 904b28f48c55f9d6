"""The title of a session: what the person called it, else the tool, else its first prompt."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from tui_sessions.transfer.claude_code.records import Record


def title_of(
    titles: Mapping[str, str], summaries: Mapping[str, str], records: Iterable[Record]
) -> tuple[str | None, bool]:
    """The title, and whether the person chose it; None: it is to be made from the first prompt.

    Args:
        titles: the last title of each kind of title record in the session's files.
        summaries: the titles of a whole project folder, by the last record of what they name.
        records: the records of the session's own.
    """
    if "custom-title" in titles:
        return titles["custom-title"], True
    if "ai-title" in titles:
        return titles["ai-title"], False
    named = [summaries[record.uuid] for record in records if record.uuid in summaries]
    if named:
        return named[-1], False
    return titles.get("agent-name"), False
