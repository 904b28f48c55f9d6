"""What every part of the main screen has at hand."""

from __future__ import annotations

from tui_sessions.settings import Settings
from tui_sessions.tui.remembered.drafts import Drafts
from tui_sessions.tui.screens.main.beginnings import Beginnings
from tui_sessions.tui.screens.main.chat_agents import ChatAgents
from tui_sessions.tui.screens.main.gone_elsewhere import GoneElsewhere
from tui_sessions.tui.screens.main.opening import Opening
from tui_sessions.tui.screens.main.session_changes import SessionChanges
from tui_sessions.tui.screens.main.taking_back import TakingBack
from tui_sessions.tui.screens.main.turns import Turns
from tui_sessions.tui.start import Start


class Ground(Opening):
    """What a part of the screen stands on: the open chat, and what several parts do with it.

    A part has the actions and handlers of one subject and knows no other part.
    """

    def __init__(self, start: Start, drafts: Drafts, settings: Settings) -> None:
        super().__init__(start, drafts, settings)
        self.taking_back = TakingBack(self)
        self.changes = SessionChanges(self, self.taking_back)
        self.beginnings = Beginnings(self)
        self.agents = ChatAgents(self, self.beginnings)
        self.turns = Turns(self)
        self.gone_elsewhere = GoneElsewhere(self)
