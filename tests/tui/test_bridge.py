"""What the engine tells on its way to the screen."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Sequence

from running_app import OpenApp
from textual.message_pump import MessagePump

from tui_sessions import ScriptedProvider
from tui_sessions.model.events import Deleted, Event, ReplyDelta
from tui_sessions.tui.bridge import forward_events
from tui_sessions.tui.messages import EngineHappened

GATE = {"gate": "later"}


class _Told:
    """An engine that tells what it is given, some of it at once."""

    def __init__(self, events: Sequence[Event]) -> None:
        self._events = events

    async def events(self) -> AsyncIterator[Event]:
        for event in self._events:
            yield event
        await asyncio.sleep(0)


class _Heard(MessagePump):
    def __init__(self) -> None:
        super().__init__()
        self.events: list[Event] = []

    def post_message(self, message: EngineHappened) -> bool:
        self.events.append(message.event)
        return True


async def heard(*events: Event) -> list[Event]:
    target = _Heard()
    await forward_events(_Told(events), target)
    return target.events


def deltas(count: int, reply: str = "m1", start: int = 0, kind: str = "text") -> list[ReplyDelta]:
    place = {"session_id": "s", "chat_id": "c", "message_id": reply, "kind": kind}
    return [ReplyDelta(text="ab", offset=start + 2 * n, **place) for n in range(count)]


async def test_a_thousand_deltas_that_come_at_once_are_one_message():
    [event] = await heard(*deltas(1000))
    assert (event.offset, event.text) == (0, "ab" * 1000)


async def test_other_events_keep_their_place_among_the_deltas():
    gone = Deleted(session_id="x")
    first, second = deltas(3), deltas(2, start=6)
    found = await heard(*first, gone, *second)
    assert [getattr(event, "text", event) for event in found] == ["ababab", gone, "abab"]
    assert found[2].offset == 6


async def test_only_deltas_that_go_on_where_the_last_one_ended_are_joined():
    mixed = [pair for pairs in zip(deltas(3), deltas(3, "m2"), strict=True) for pair in pairs]
    thinking, later = deltas(1, start=6, kind="thinking"), deltas(1, start=20)
    found = await heard(*mixed, *thinking, *later)
    seen = [(event.message_id, event.kind, event.offset, event.text) for event in found]
    assert seen == [
        ("m1", "text", 0, "ababab"),
        ("m2", "text", 0, "ababab"),
        ("m1", "thinking", 6, "ab"),
        ("m1", "text", 20, "ab"),
    ]


async def test_of_a_delta_that_is_shown_in_part_the_rest_is_added(open_app: OpenApp) -> None:
    async with open_app(script=ScriptedProvider([["Hello ", GATE, "world"]])) as app:
        await app.type("q\r")
        await app.until(lambda: app.shown == ["q", "Hello "])
        current = app.main.current
        place = {"session_id": current.session_id, "chat_id": current.chat_id}
        app.main.follow_delta(
            ReplyDelta(message_id=current.live_id, text="lo there", offset=3, **place)
        )
        assert app.shown == ["q", "Hello there"]
        app.main.follow_delta(
            ReplyDelta(message_id=current.live_id, text="there", offset=6, **place)
        )
        assert app.shown == ["q", "Hello there"]
        await app.press("escape")
        await app.until(lambda: not app.manager.running())
