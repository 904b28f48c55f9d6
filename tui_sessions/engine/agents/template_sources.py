"""Where agent templates come from, and which of two with one name counts."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any

import msgspec

from tui_sessions.engine.agents.built_in_templates import BUILT_IN
from tui_sessions.errors import SettingsError
from tui_sessions.model.agent import AgentConfig, AgentTemplate, agent_problems
from tui_sessions.model.template_keys import unknown_fields
from tui_sessions.model.template_text import WrittenTemplate, template_from_fields
from tui_sessions.providers.base import Providers
from tui_sessions.stores.base import Problem
from tui_sessions.stores.template_folder import TemplateFolder

BUILT_IN_SOURCE = "built-in"
SETTINGS_SOURCE = "settings"
REGISTERED_SOURCE = "registered"
_PLAIN_PROVIDER = AgentConfig().provider


FolderOf = Callable[[str | None], TemplateFolder | None]
"""Gives the folder of a workspace's files, or of the person's; None where there is none."""


class Sourced(msgspec.Struct, frozen=True):
    """A template, and where it comes from."""

    written: WrittenTemplate
    source: str


class TemplateSources:
    """Layers of templates, those above hiding those of their name below.

    From the lowest: built-in, settings, the person's files, what was registered while the program
    runs; then the workspace's files, and what was registered for the workspace.
    """

    def __init__(
        self,
        providers: Providers,
        settings: Mapping[str, Mapping[str, Any]],
        folder_of: FolderOf | None,
    ) -> None:
        self.providers = providers
        self.default: tuple[str, str | None] | None = None
        """The provider and model of templates that name no provider."""
        self._fixed = {t.name: Sourced(written(t), BUILT_IN_SOURCE) for t in BUILT_IN}
        for name, fields in settings.items():
            own = template_from_fields(name, fields, f"templates.{name}")
            if wrong := next(unknown_fields(fields), None):
                raise SettingsError(f"templates.{name}", wrong)
            self._fixed[name] = Sourced(own, SETTINGS_SOURCE)
        self._folder_of = folder_of
        self._folders: dict[str | None, TemplateFolder | None] = {}
        self._registered: dict[str | None, dict[str, Sourced | None]] = {}

    def register(self, template: AgentTemplate, workspace_id: str | None) -> None:
        """Put a template above all others."""
        known = self._registered.setdefault(workspace_id, {})
        known[template.name] = Sourced(written(template), REGISTERED_SOURCE)

    def hide(self, name: str, workspace_id: str | None) -> None:
        """Have no template of that name, wherever it comes from."""
        self._registered.setdefault(workspace_id, {})[name] = None

    def uncover(self, name: str, workspace_id: str | None) -> None:
        """Forget what was registered or hidden under that name."""
        self._registered.get(workspace_id, {}).pop(name, None)

    def folder(self, workspace_id: str | None) -> TemplateFolder | None:
        """The folder of a workspace's files, or of the person's; None where files are not kept."""
        if self._folder_of is None:
            return None
        if workspace_id not in self._folders:
            self._folders[workspace_id] = self._folder_of(workspace_id)
        return self._folders[workspace_id]

    def folders(self, workspace_id: str | None) -> list[TemplateFolder]:
        """The folders that count in a workspace, the person's first."""
        places = _places(workspace_id)
        return [found for place in places if (found := self.folder(place)) is not None]

    def read(self, workspace_id: str | None, *, again: bool) -> None:
        """Read the files that count in a workspace, or only those never read; blocks."""
        for folder in self.folders(workspace_id):
            if again or not folder.known:
                folder.read()

    def current(self, workspace_id: str | None) -> dict[str, Sourced]:
        """The templates that can be used in a workspace, by name."""
        found = dict(self._fixed)
        for place in _places(workspace_id):
            if (folder := self.folder(place)) is not None:
                found |= {
                    name: Sourced(one, str(folder.path(name)))
                    for name, one in folder.templates.items()
                    if not self.problems_of(one.template)
                }
            for name, registered in self._registered.get(place, {}).items():
                if registered is not None:
                    found[name] = registered
                else:
                    found.pop(name, None)
        return found

    def effective(self, one: Sourced) -> AgentTemplate:
        """The template with the default provider where it names none."""
        template = one.written.template
        if self.default is None or one.written.names_provider or not self.has_default:
            return template
        provider, model = self.default
        agent = msgspec.structs.replace(
            template.agent, provider=provider, model=template.agent.model or model
        )
        return msgspec.structs.replace(template, agent=agent)

    @property
    def has_default(self) -> bool:
        """Whether a default provider answers for templates that name none."""
        return self.default is not None and not self.default_problem

    @property
    def default_problem(self) -> str:
        """Why the default provider is not used; empty when it is, or when there is none."""
        known = self.providers.names()
        if self.default is None or self.default[0] in known:
            return ""
        named = f"No provider {self.default[0]!r:.140} for `default_provider`"
        return f"{named}; valid: {', '.join(known)}."

    def problems_of(self, template: AgentTemplate) -> list[str]:
        """Why a template cannot be used, a sentence each."""
        return agent_problems(template.agent, self.providers.names())

    def problems(self, workspace_id: str | None) -> Iterator[Problem]:
        """The files and settings that cannot be used, each with its reason."""
        if reason := self.default_problem:
            yield Problem(path=SETTINGS_SOURCE, reason=reason)
        for folder in self.folders(workspace_id):
            yield from folder.problems
            for name, one in folder.templates.items():
                if reasons := self.problems_of(one.template):
                    yield folder.problem(folder.path(name), " ".join(reasons))


def _places(workspace_id: str | None) -> list[str | None]:
    """What counts in a workspace, that of all workspaces first."""
    return [None] if workspace_id is None else [None, workspace_id]


def written(template: AgentTemplate) -> WrittenTemplate:
    """A template that was given as a value: the provider that every agent has names nobody."""
    names_provider = template.agent.provider != _PLAIN_PROVIDER
    return WrittenTemplate(template=template, names_provider=names_provider)
