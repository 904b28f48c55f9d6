"""Many chats that answer at once: each word in its own chat, and every mark true."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from running_app import SPACE, OpenApp, Running, open_app_over

from tui_sessions import ReplyRequest, SessionManager, open_sessions
from tui_sessions.providers.base import Finished, ReplyPart, TextDelta

CHATS = 8
WORDS = 60


class Echo:
    """Answers with the question's word again and again; waits before the end until it is let."""

    name = "offline"

    def __init__(self) -> None:
        self.let = asyncio.Event()

    async def stream(self, request: ReplyRequest) -> AsyncIterator[ReplyPart]:
        word = request.messages[-1].text
        for number in range(WORDS):
            yield TextDelta(f"{word}{number} ")
            await asyncio.sleep(0)
        await self.let.wait()
        yield TextDelta(f"{word}end")
        yield Finished()

    async def models(self) -> list[str]:
        return ["echo"]


def whole(word: str) -> str:
    return "".join(f"{word}{number} " for number in range(WORDS)) + f"{word}end"


async def eight(manager: SessionManager) -> None:
    for number in range(CHATS):
        session = await manager.create_session(workspace=SPACE, label=f"S{number}")
        await manager.create_chat(session.id)


def labels(app: Running) -> dict[str, str]:
    return {session.label: session.id for session in app.sessions()}


async def visit(app: Running, session_id: str) -> None:
    app.main.open_chat(session_id)
    await app.until(lambda: app.main.current.session_id == session_id)


async def ask_all(app: Running) -> None:
    """Ask in every chat, one after the other, without waiting for an answer."""
    for label, session_id in sorted(labels(app).items()):
        await visit(app, session_id)
        await app.type(f"{label.lower()}x\r")
        await app.until(lambda s=session_id: s in {owner for owner, _ in app.manager.running()})


async def test_eight_chats_answer_at_once_each_in_its_own_place(open_app: OpenApp) -> None:
    echo = Echo()
    async with open_app(eight, script=echo) as app:
        await ask_all(app)
        tree = app.main.session_tree._rows
        assert len(app.manager.running()) == CHATS
        await app.until(lambda: {s for s, _ in tree.running} == set(labels(app).values()))
        for label, session_id in labels(app).items():
            await visit(app, session_id)
            await app.until(lambda: len(app.shown) == 2 and f"x{WORDS - 1} " in app.shown[-1])
            word = f"{label.lower()}x"
            assert app.shown == [word, whole(word).removesuffix(f"{word}end")]
        opened = app.main.current.session_id
        echo.let.set()
        await app.until(lambda: not app.manager.running() and not tree.running)
        await app.until(lambda: len(app.main.unread) == CHATS - 1)
        assert {s for s, _ in tree.unread} == set(labels(app).values()) - {opened}
        for label, session_id in labels(app).items():
            await visit(app, session_id)
            word = f"{label.lower()}x"
            await app.until(lambda w=word: app.shown == [w, whole(w)])
        assert not app.main.unread
        assert not tree.unread


async def test_switching_while_all_answer_never_shows_a_word_of_another_chat(
    open_app: OpenApp,
) -> None:
    echo = Echo()
    async with open_app(eight, script=echo) as app:
        await ask_all(app)
        for _ in range(3):
            for label, session_id in labels(app).items():
                await visit(app, session_id)
                word = f"{label.lower()}x"
                said = " ".join(app.shown).split()
                assert all(one.startswith(word) for one in said), said
        echo.let.set()
        await app.until(lambda: not app.manager.running())


@pytest.mark.slow
async def test_quitting_while_all_answer_keeps_what_has_come(tmp_path: Path) -> None:
    echo = Echo()
    store = f"file://{tmp_path / 'data'}"
    drafts = tmp_path / "drafts.json"
    async with open_app_over(drafts, eight, script=echo, store=store) as app:
        await ask_all(app)
        for session_id in labels(app).values():
            await visit(app, session_id)
            await app.until(lambda: len(app.shown) == 2 and f"x{WORDS - 1} " in app.shown[-1])
        await app.press("ctrl+q")
    async with open_sessions(store) as manager:
        for session in await manager.list_sessions():
            question, reply = await manager.history(session.id)
            word = f"{session.label.lower()}x"
            assert (question.text, question.status) == (word, "complete")
            assert reply.text == whole(word).removesuffix(f"{word}end")
            assert reply.status == "stopped"


@pytest.mark.slow
async def test_unread_marks_are_there_again_after_a_restart(tmp_path: Path) -> None:
    echo = Echo()
    store = f"file://{tmp_path / 'data'}"
    drafts = tmp_path / "state" / "drafts.json"
    async with open_app_over(drafts, eight, script=echo, store=store) as app:
        await ask_all(app)
        opened = app.main.current.session_id
        echo.let.set()
        await app.until(lambda: len(app.main.unread) == CHATS - 1)
        await app.until(drafts.with_name("unread.json").exists)
        await app.press("ctrl+q")
    async with open_app_over(drafts, script=echo, store=store) as app:
        # All replies ended at once: any of them may be the latest activity, which is met again.
        unseen = set(labels(app).values()) - {opened, app.main.current.session_id}
        assert {s for s, _ in app.main.session_tree._rows.unread} == unseen
        seen = min(unseen)
        await visit(app, seen)
        assert {s for s, _ in app.main.session_tree._rows.unread} == unseen - {seen}
        await app.press("ctrl+q")
    async with open_app_over(drafts, script=echo, store=store) as app:
        unseen -= {seen, app.main.current.session_id or ""}
        assert {s for s, _ in app.main.unread} == unseen
