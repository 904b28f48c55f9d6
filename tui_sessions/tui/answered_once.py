"""Dialogs that take one answer, whatever else is on its way."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from textual.await_complete import AwaitComplete
from textual.screen import ModalScreen

if TYPE_CHECKING:
    _Modal = ModalScreen[Any]
else:
    _Modal = object  # Textual takes a screen's styles from its first base that is one


class AnsweredOnce(_Modal):
    """What makes a dialog close itself only; Textual closes whichever screen is in front."""

    def dismiss(self, result: Any = None) -> AwaitComplete:
        """Close with an answer, unless it has been given: a second click may come late."""
        if self.app.screen is not self:
            closed: AwaitComplete = AwaitComplete.nothing()  # type: ignore[no-untyped-call]
            return closed
        return super().dismiss(result)
