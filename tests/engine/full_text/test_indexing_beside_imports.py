"""The index takes small steps while sessions are imported, and catches up afterwards."""

from __future__ import annotations

from collections.abc import AsyncIterator, Collection, Iterator, Sequence
from contextlib import aclosing
from pathlib import Path

import pytest
from engine_driving import until

from tui_sessions import Message, SessionManager
from tui_sessions.engine.full_text import small_steps, text_writing
from tui_sessions.engine.full_text.small_steps import SmallSteps
from tui_sessions.engine.importing.import_steps import ImportStep
from tui_sessions.index.base import SessionText
from tui_sessions.index.full_text import TantivyIndex
from tui_sessions.model.message import TextPart
from tui_sessions.transfer.base import ImportedSession
from tui_sessions.transfer.drafts import SessionDraft, imported_session

MANY = 5


class Source:
    """Gives some sessions, and one more or an error at its end."""

    name = title = "source"

    def __init__(self, *, broken: bool = False) -> None:
        self._broken = broken

    def find(self) -> list[Path]:
        return [Path("source")]

    def read(self, path: Path, user_id: str = "") -> Iterator[ImportedSession]:
        for number in range(MANY):
            yield _session(path, number, user_id)
        if self._broken:
            raise RuntimeError("the source broke")
        yield _session(path, MANY, user_id)


def _session(path: Path, number: int, user_id: str) -> ImportedSession:
    message = Message(id="m1", role="user", content=(TextPart(text="pomegranate"),))
    draft = SessionDraft(
        format_name="source",
        source_title="Source",
        external_id=str(number),
        path=path,
        messages=[message],
        title="Fruit",
        user_id=user_id,
    )
    return imported_session(draft)


@pytest.fixture
def written(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """What the index was given so far, one session a step."""
    seen: list[str] = []
    write = TantivyIndex.write

    def noted(
        index: TantivyIndex, sessions: Sequence[SessionText], gone: Collection[str]
    ) -> Collection[str]:
        seen.extend(session.session_id for session in sessions)
        return write(index, sessions, gone)

    monkeypatch.setattr(TantivyIndex, "write", noted)
    monkeypatch.setattr(text_writing, "READ_AT_ONCE", 1)
    monkeypatch.setattr(text_writing, "_HANDED_OVER", 1)
    return seen


@pytest.fixture
def rests(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The rests between the steps, which last until something ends them."""
    seen: list[str] = []
    rest = SmallSteps.rest

    async def noted(steps: SmallSteps, began: float) -> None:
        seen.append("begun")
        await rest(steps, began)
        seen.append("over")

    monkeypatch.setattr(SmallSteps, "rest", noted)
    monkeypatch.setattr(small_steps, "_TIMES", 1e9)
    monkeypatch.setattr(small_steps, "_LONGEST_S", 3600.0)
    return seen


async def _taken(steps: AsyncIterator[ImportStep]) -> None:
    """Take all but the end of an import, which goes on from there."""
    for _ in range(MANY):
        assert (await anext(steps)).outcome == "created"


@pytest.mark.parametrize("end", ["it is done", "it is stopped", "it fails"])
async def test_the_index_rests_while_an_import_goes_on_and_catches_up_when_that_ends(
    manager: SessionManager, written: list[str], rests: list[str], end: str
) -> None:
    async with aclosing(manager.import_sessions(Source(broken=end == "it fails"))) as steps:
        await _taken(steps)
        manager.start_indexing()
        await until(lambda: rests == ["begun"])
        assert len(written) == 1
        assert not manager.index_progress().complete
        if end == "it is done":
            assert [step.outcome async for step in steps] == ["created"]
        elif end == "it fails":
            with pytest.raises(RuntimeError, match="broke"):
                await anext(steps)
    found = await manager.search("pomegranate")
    assert found.complete
    assert found.total == MANY + (end == "it is done")
    assert len(written) == found.total


async def test_the_index_does_not_rest_while_somebody_waits_for_it(
    manager: SessionManager, written: list[str], rests: list[str]
) -> None:
    async with aclosing(manager.import_sessions(Source())) as steps:
        await _taken(steps)
        found = await manager.search("pomegranate")
        assert found.complete
        assert found.total == MANY
        assert {hit.session_id for hit in found.hits} == set(written)


async def test_an_import_that_goes_on_for_long_does_not_keep_the_index_from_its_work(
    manager: SessionManager,
    written: list[str],
    rests: list[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(small_steps, "_LONGEST_S", 0.001)
    async with aclosing(manager.import_sessions(Source())) as steps:
        await _taken(steps)
        manager.start_indexing()
        await until(lambda: manager.index_progress().complete)
        assert len(written) == MANY
        assert rests.count("over") == MANY - 1
