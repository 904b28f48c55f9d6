"""The sessions of one project folder, read file by file."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path

from tui_sessions.transfer.base import ImportedSession, Skipped
from tui_sessions.transfer.claude_code.agents import AgentSessions
from tui_sessions.transfer.claude_code.branches import BranchSessions
from tui_sessions.transfer.claude_code.records import read_session_file
from tui_sessions.transfer.claude_code.sessions import SessionMaker
from tui_sessions.transfer.claude_code.subagents import ToolCalls, agent_files, sidechains
from tui_sessions.transfer.claude_code.survey import Lineage, Survey, lineages, survey_file
from tui_sessions.transfer.lines import Problems

Found = ImportedSession | Skipped


class Project:
    """The session files of one folder, which may repeat and name one another."""

    def __init__(self, files: Sequence[Path], maker: SessionMaker, max_line: int) -> None:
        self._files = files
        self._maker = maker
        self._max_line = max_line

    def sessions(self) -> Iterator[Found]:
        """Every conversation, its forks and its sub-agents, one at a time."""
        surveys = [survey_file(path, self._max_line) for path in self._files]
        summaries = {leaf: title for s in surveys for leaf, title in s.summaries.items()}
        agents = [survey for survey in surveys if survey.is_agent]
        found, copies = lineages(survey for survey in surveys if not survey.is_agent)
        for copy in copies:
            yield Skipped(path=copy.path, reason="another file holds all that it says")
        for lineage in found:
            trunks = {survey.session_id for survey in lineage.files}
            mine = [agent.path for agent in agents if agent.session_id in trunks]
            agents = [agent for agent in agents if agent.session_id not in trunks]
            yield from self._conversation(lineage, summaries, mine)
        for agent in agents:
            orphans = AgentSessions(self._maker, agent.session_id, ToolCalls(), self._max_line)
            yield from orphans.from_file(agent.path)

    def _conversation(
        self, lineage: Lineage, summaries: dict[str, str], agents: Sequence[Path]
    ) -> Iterator[Found]:
        path = lineage.content.path
        problems = Problems(path)
        file = read_session_file(path, problems, self._max_line)
        yield from problems.skipped()
        calls = ToolCalls()
        branches = BranchSessions(self._maker, lineage, file, summaries)
        children = AgentSessions(self._maker, lineage.root.session_id, calls, self._max_line)
        emitted = 0
        for found in branches.sessions(calls):
            emitted += 1
            yield found
        for group in sidechains(file.records):
            if not lineage.is_inherited(group[0].uuid):
                emitted += 1
                yield children.from_records(group, path)
        for agent in (*_agent_files(lineage.files), *agents):
            emitted += 1
            yield from children.from_file(agent)
        if not emitted and not problems.skipped():
            yield Skipped(path=path, reason="it holds no conversation")


def _agent_files(files: Sequence[Survey]) -> Iterator[Path]:
    for survey in files:
        yield from agent_files(survey.path)
