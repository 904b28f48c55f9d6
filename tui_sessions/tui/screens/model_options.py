"""The list that ctrl+l shows: templates, models as endpoints answer, and what keeps them away."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from tui_sessions.model.agent import AgentConfig, AgentTemplate
from tui_sessions.providers.offers import Offer
from tui_sessions.tui.screens.choice import ChoiceOption

EDIT_TEMPLATES = "screen:templates"


@dataclass
class ModelOptions:
    """The options so far, in an order that does not depend on who answers first."""

    templates: Sequence[AgentTemplate]
    providers: Sequence[str]
    _offers: dict[str, Offer] = field(default_factory=dict)

    def add(self, offer: Offer) -> None:
        """Take in what a provider answered."""
        self._offers[offer.provider] = offer

    def options(self) -> list[ChoiceOption]:
        """Templates first, then the models by provider, in the end what needs something."""
        found = [ChoiceOption(f"template:{t.name}", t.name, t.description) for t in self.templates]
        found.append(ChoiceOption(EDIT_TEMPLATES, "Agent templates…", "look at them, edit, add"))
        offers = [self._offers[name] for name in self.providers if name in self._offers]
        for offer in offers:
            found += _models_of(offer)
        return [*found, *_problems_of(offers)]

    def problem(self, provider: str) -> str:
        """Why a provider lists no models."""
        return str(self._offers[provider].problem)

    def waiting(self) -> str:
        """Who has not answered yet, as a sentence; empty when all have."""
        names = [n for n in self.providers if n not in self._offers]
        return f"asking {', '.join(names)}…" if names else ""


def option_of(agent: AgentConfig) -> str:
    """The id of the option that stands for an agent."""
    if agent.model is None and agent.template:
        return f"template:{agent.template}"
    return f"model:{agent.provider}:{agent.model}"


def _models_of(offer: Offer) -> Iterable[ChoiceOption]:
    name = offer.provider
    return [
        ChoiceOption(f"model:{name}:{model}", f"{name} / {model}", "model")
        for model in offer.models
    ]


def _problems_of(offers: Iterable[Offer]) -> Iterable[ChoiceOption]:
    """What to do for those that have no models; first those that only need a key or a mend."""
    failed = [offer for offer in offers if offer.problem is not None]
    failed.sort(key=lambda offer: offer.problem is not None and offer.problem.kind == "unavailable")
    return [ChoiceOption(f"problem:{o.provider}", o.provider, str(o.problem)) for o in failed]
