"""Agent templates: the built-in ones, the person's own, and agents made from them."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import msgspec

from tui_sessions.engine.agents.overrides import with_overrides
from tui_sessions.engine.agents.template_checks import (
    check_template,
    template_problems,
    text_problems,
)
from tui_sessions.engine.agents.template_sources import (
    REGISTERED_SOURCE,
    FolderOf,
    Sourced,
    TemplateSources,
)
from tui_sessions.errors import (
    InvalidValue,
    SettingsError,
    StoreError,
    TemplateNotFound,
    UnknownProvider,
    WorkspaceNotFound,
)
from tui_sessions.model.agent import AgentConfig, AgentTemplate, agent_problems
from tui_sessions.model.codec import own_agent
from tui_sessions.model.identifiers import check_id
from tui_sessions.model.template_text import text_of_template
from tui_sessions.providers.base import Providers
from tui_sessions.stores.base import Problem
from tui_sessions.stores.template_folder import TemplateFolder


class Templates:
    """The templates that new chats can be made from: those of all workspaces, or of one.

    Files are read when templates are first asked for, and again by `refresh`.

    ```python
    agent, warnings = manager.templates.apply("coder", {"parameters": {"temperature": 0}})
    ```
    """

    def __init__(
        self,
        providers: Providers,
        own: Mapping[str, Mapping[str, Any]],
        folder_of: FolderOf | None = None,
    ) -> None:
        """Join the sources.

        Args:
            providers: who can be named in an agent.
            own: those of the settings, by name.
            folder_of: gives the folder of a workspace's files, or of the person's.

        Raises:
            SettingsError: one of the settings is of another kind, or has a key that means nothing.
            InvalidId: one of them has a name that is none.
            InvalidValue: the agent of one of them cannot be used.
        """
        self._sources = TemplateSources(providers, own, folder_of)
        self._workspace_id: str | None = None
        for name in own:
            check_template(self._sources.current(None)[name].written.template, providers.names())

    def of(self, workspace_id: str | None) -> Templates:
        """The same templates as a workspace has them, its own files on top.

        Raises:
            WorkspaceNotFound: these are another workspace's.
        """
        if workspace_id in (None, self._workspace_id):
            return self
        if self._workspace_id is not None:
            raise WorkspaceNotFound(str(workspace_id))
        bound = object.__new__(Templates)
        bound._sources = self._sources
        bound._workspace_id = workspace_id
        return bound

    def list(self) -> Sequence[AgentTemplate]:
        """All templates, in the order they were registered."""
        return [self._own(one) for one in self._current().values()]

    def get(self, name: str) -> AgentTemplate:
        """The template of that name.

        Raises:
            TemplateNotFound: there is none.
        """
        return self._own(self._found(name))

    def find(
        self,
        *,
        category: str | None = None,
        tag: str | None = None,
        provider: str | None = None,
    ) -> Sequence[AgentTemplate]:
        """The templates that fit everything asked for."""
        return [
            template
            for template in self.list()
            if (category is None or template.category == category)
            and (tag is None or tag in template.tags)
            and (provider is None or template.agent.provider == provider)
        ]

    def source(self, name: str) -> str:
        """Where a template comes from: `built-in`, `settings`, `registered`, or its file's path.

        Raises:
            TemplateNotFound: there is none.
        """
        return self._found(name).source

    def problems(self) -> Sequence[Problem]:
        """The files that cannot be used, each with its reason; they are left as they are."""
        self._sources.read(self._workspace_id, again=False)
        return list(self._sources.problems(self._workspace_id))

    def validate(self, template: AgentTemplate) -> Sequence[str]:
        """What is wrong with a template, a sentence each."""
        return template_problems(template, self._sources.providers.names())

    def register(self, template: AgentTemplate) -> None:
        """Offer a template while the program runs; one of the same name is hidden by it.

        Raises:
            InvalidId: its name is not a valid one.
            InvalidValue: its agent cannot be used.
        """
        check_template(template, self._sources.providers.names())
        self._sources.register(_own(template), self._workspace_id)

    def unregister(self, name: str) -> bool:
        """Offer a template no more while the program runs; a file stays, see `remove`.

        Returns:
            Whether there was one; agents made from it stay as they are.
        """
        there = isinstance(name, str) and name in self._current()
        if there:
            self._sources.hide(name, self._workspace_id)
        return there

    def apply(
        self, name: str, overrides: Mapping[str, Any] | None = None
    ) -> tuple[AgentConfig, Sequence[str]]:
        """An agent made from a template.

        Args:
            name: the template's.
            overrides: fields of `AgentConfig` that differ; parameters are merged key by key.

        Returns:
            The agent, and what may be wrong with it.

        Raises:
            TemplateNotFound: there is none of that name.
            InvalidValue: an override names no field.
        """
        agent = msgspec.structs.replace(self.get(name).agent, template=name)
        agent = with_overrides(agent, overrides or {})
        return agent, agent_problems(agent, self._sources.providers.names())

    def set_default(self, provider: str | None, model: str | None = None) -> None:
        """Choose who answers for templates that name no provider, while the program runs.

        Args:
            provider: its name; None: the offline agent, as without any settings.
            model: None: the provider's own default.

        Raises:
            UnknownProvider: there is none of that name.
        """
        known = self._sources.providers.names()
        if provider is not None and provider not in known:
            raise UnknownProvider(provider, known)
        self.use_default(provider, model)

    def use_default(self, provider: str | None, model: str | None) -> None:
        """The same for settings: a provider that is not known is told as a problem."""
        self._sources.default = None if provider is None else (provider, model)

    @property
    def default_problem(self) -> str:
        """Why the settings' default provider answers for no template; empty where it does."""
        return self._sources.default_problem

    def check_default(self, name: str) -> None:
        """Make sure that the offline agent does not stand in for who is meant to answer.

        Raises:
            TemplateNotFound: there is no template of that name.
            SettingsError: it names no provider, and the settings' default is none that there is.
        """
        if not self._found(name).written.names_provider and self.default_problem:
            raise SettingsError("settings.toml", self.default_problem)

    async def refresh(self) -> None:
        """Read the files that have changed, out of the way."""
        await asyncio.to_thread(self._sources.read, self._workspace_id, again=True)

    async def text(self, name: str) -> str:
        """A template as the text of its file, to be edited; one that has none as it would be.

        A file that cannot be used can be read like this too.

        Raises:
            TemplateNotFound: there is neither a template nor a file of that name.
        """
        check_id(name, "template name")
        await self.refresh()
        found = self._current().get(name)
        if found is None or found.source != REGISTERED_SOURCE:
            for folder in reversed(self._sources.folders(self._workspace_id)):
                text = await asyncio.to_thread(folder.text, name)
                if text is not None:
                    return text
        one = self._found(name).written
        return text_of_template(one.template, names_provider=one.names_provider)

    def check_text(self, name: str, text: str) -> Sequence[str]:
        """What is wrong with a template's text, a sentence each."""
        return text_problems(name, text, self._sources.providers.names())

    async def save_text(self, name: str, text: str, *, workspace: str | None = None) -> None:
        """Keep a template's text as it is in a file of the person's, or of a workspace's.

        Raises:
            InvalidId: its name is not a valid one.
            SettingsError: it cannot be used like this; the old file is still there.
            StoreError: it cannot be written; the old file is still there.
        """
        check_id(name, "template name")
        if problems := self.check_text(name, text):
            raise SettingsError(f"template {name}", " ".join(problems))
        folder = self.folder(workspace)
        await asyncio.to_thread(folder.write, name, text)
        self._sources.uncover(name, workspace)

    async def save(self, template: AgentTemplate, *, workspace: str | None = None) -> None:
        """Keep a template in a file; keys of that file that mean nothing here stay in it.

        Where a default provider answers for templates that name none, or the template named its
        own before, the file names the agent's: the offline agent stays what it is.

        Args:
            template: what is kept.
            workspace: keep it for this workspace only.

        Raises:
            InvalidId: its name is not a valid one.
            SettingsError: it cannot be used.
            StoreError: it cannot be written; the old file is still there.
        """
        name = check_id(template.name, "template name")
        before = await asyncio.to_thread(self.folder(workspace).text, name) or ""
        if self.check_text(name, before):
            before = ""
        found = self._current().get(name)
        named = self._sources.has_default or (found is not None and found.written.names_provider)
        text = text_of_template(template, before, names_provider=named)
        await self.save_text(name, text, workspace=workspace)

    async def remove(self, name: str, *, workspace: str | None = None) -> bool:
        """Remove a template's file; the one it hid, built-in or of the settings, is back.

        Returns:
            Whether there was a file; agents made from it stay as they are.

        Raises:
            StoreError: it cannot be removed.
        """
        return await asyncio.to_thread(self.folder(workspace).remove, name)

    def folder(self, workspace: str | None) -> TemplateFolder:
        """The files of the person's own templates, or of a workspace's.

        Raises:
            StoreError: the store keeps no files.
            WorkspaceNotFound: these are another workspace's.
        """
        if workspace is not None:
            check_id(workspace, "workspace id")
            if self._workspace_id not in (None, workspace):
                raise WorkspaceNotFound(workspace)
        folder = self._sources.folder(workspace)
        if folder is None:
            raise StoreError("This store keeps no files, so there is no place for templates.")
        return folder

    def _current(self) -> dict[str, Sourced]:
        # Only what was never read waits for the disk here; all else is up to `refresh`.
        self._sources.read(self._workspace_id, again=False)
        return self._sources.current(self._workspace_id)

    def _found(self, name: str) -> Sourced:
        if not isinstance(name, str):
            raise InvalidValue("template", name, "a template's name")
        current = self._current()
        if name not in current:
            problems = self._sources.problems(self._workspace_id)
            reasons = (f"{p.path}: {p.reason}" for p in problems if Path(p.path).stem == name)
            raise TemplateNotFound(name, tuple(current), next(reasons, ""))
        return current[name]

    def _own(self, one: Sourced) -> AgentTemplate:
        return _own(self._sources.effective(one))


def _own(template: AgentTemplate) -> AgentTemplate:
    """The same template, sharing nothing that a caller could change."""
    return msgspec.structs.replace(template, agent=own_agent(template.agent))
