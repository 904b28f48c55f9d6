"""Artifacts: documents that the model writes once and then changes piece by piece."""

from __future__ import annotations

from typing import Any

ARTIFACTS = "artifacts"
"""The name of the tool."""


class Artifacts:
    """Follows the changes, so that each call shows the whole document after it."""

    def __init__(self) -> None:
        self._documents: dict[str, str] = {}

    def after(self, arguments: object) -> Any:
        """The arguments of a call, with the document as `content` where they only change it."""
        if not isinstance(arguments, dict):
            return arguments
        match arguments:
            case {"id": str(name), "content": str(content)}:
                self._documents[name] = content
            case {"id": str(name), "old_str": str(old), "new_str": str(new)} if (
                name in self._documents and old
            ):
                self._documents[name] = self._documents[name].replace(old, new, 1)
                return {**arguments, "content": self._documents[name]}
        return arguments
