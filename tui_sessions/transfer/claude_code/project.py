"""The sessions of one project folder, read file by file."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import partial
from pathlib import Path

from tui_sessions.transfer.base import ImportedSession, Skipped, SourceUnit
from tui_sessions.transfer.claude_code.agents import AgentSessions
from tui_sessions.transfer.claude_code.branches import BranchSessions
from tui_sessions.transfer.claude_code.graph import ConversationGraph
from tui_sessions.transfer.claude_code.records import SessionFile, read_session_file
from tui_sessions.transfer.claude_code.sessions import SessionMaker
from tui_sessions.transfer.claude_code.subagents import ToolCalls, agent_files, sidechains
from tui_sessions.transfer.claude_code.survey import Lineage, Survey, lineages, survey_file
from tui_sessions.transfer.lines import Problems
from tui_sessions.transfer.units import files_below

Found = ImportedSession | Skipped


class Project:
    """The session files of one folder, which may repeat and name one another."""

    def __init__(self, files: Sequence[Path], source_title: str, max_line: int) -> None:
        self._files = files
        self._source_title = source_title
        self._max_line = max_line

    def sessions(self, user_id: str) -> Iterator[Found]:
        """Every conversation, its forks and its sub-agents, one at a time."""
        for unit in self.conversations():
            yield from unit.read(user_id)

    def conversations(self) -> Iterator[SourceUnit]:
        """The conversations that forked from each other, and sub-agents whose session is gone."""
        surveys = [survey_file(path, self._max_line) for path in self._files]
        summaries = {leaf: title for s in surveys for leaf, title in s.summaries.items()}
        agents = [survey for survey in surveys if survey.is_agent]
        for family in _families(lineages(survey for survey in surveys if not survey.is_agent)):
            trunks = {survey.session_id for lineage in family for survey in lineage.files}
            mine = [agent for agent in agents if agent.session_id in trunks]
            agents = [agent for agent in agents if agent.session_id not in trunks]
            files = [survey.path for lineage in family for survey in lineage.files]
            beside = (found for file in files for found in files_below(file.with_suffix("")))
            yield SourceUnit(
                files=(*files, *beside, *(agent.path for agent in mine)),
                read=partial(self._family, family, summaries, mine),
            )
        for agent in agents:
            yield SourceUnit(files=(agent.path,), read=partial(self._orphan, agent))

    def _family(
        self,
        family: Sequence[Lineage],
        summaries: Mapping[str, str],
        agents: Sequence[Survey],
        user_id: str,
    ) -> Iterator[Found]:
        maker = SessionMaker(self._source_title, user_id)
        for lineage in family:
            for copy in lineage.copies:
                yield Skipped(path=copy.path, reason="another file holds all that it says")
            trunks = {survey.session_id for survey in lineage.files}
            mine = [agent.path for agent in agents if agent.session_id in trunks]
            yield from self._conversation(maker, lineage, summaries, mine)

    def _orphan(self, agent: Survey, user_id: str) -> Iterator[Found]:
        maker = SessionMaker(self._source_title, user_id)
        orphans = AgentSessions(maker, agent.session_id, ToolCalls(), self._max_line)
        yield from orphans.from_file(agent.path)

    def _conversation(
        self,
        maker: SessionMaker,
        lineage: Lineage,
        summaries: Mapping[str, str],
        agents: Sequence[Path],
    ) -> Iterator[Found]:
        path = lineage.content.path
        problems = Problems(path)
        file = read_session_file(path, problems, self._max_line)
        yield from problems.skipped()
        calls = ToolCalls()
        branches = BranchSessions(maker, lineage, lineage.titles, summaries)
        keys = lineage.content.keys
        children = AgentSessions(maker, lineage.root.session_id, calls, self._max_line, keys)
        groups = sidechains(file.records)
        made = branches.sessions(_graph_of(file), calls)
        del file
        emitted = 0
        for found in made:
            emitted += 1
            yield found
            del found
        for group in groups:
            if not lineage.is_inherited(group[0].uuid):
                emitted += 1
                yield children.from_records(group, path)
        for agent in (*_agent_files(lineage.files), *agents):
            emitted += 1
            yield from children.from_file(agent)
        if not emitted and not problems.skipped():
            yield Skipped(path=path, reason="it holds no conversation")


def _families(found: Iterable[Lineage]) -> list[list[Lineage]]:
    """The conversations with those that they forked from, parents first."""
    families: dict[int, list[Lineage]] = {}
    for lineage in found:
        family = families[id(lineage.parent)] if lineage.parent is not None else []
        family.append(lineage)
        families[id(lineage)] = family
    return list({id(family): family for family in families.values()}.values())


def _graph_of(file: SessionFile) -> ConversationGraph:
    main = [record for record in file.records if not record.sidechain]
    return ConversationGraph(main, file.aliases)


def _agent_files(files: Sequence[Survey]) -> Iterator[Path]:
    for survey in files:
        yield from agent_files(survey.path)
