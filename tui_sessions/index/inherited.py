"""What forks inherited, which is found with their parents: in a fork where only that may be found.

A message that several sessions have is in the index once, with the session that had it first. Where
a filter leaves that one out, it is found in the nearest fork that fits.
"""

from __future__ import annotations

from array import array
from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import NamedTuple

import msgspec
import tantivy

from tui_sessions.index.base import InheritedText, Passage, SessionText
from tui_sessions.index.schema import ID, KEY, LENDER, OWNER, STORED, TIME, key_of


class InheritedChat(msgspec.Struct, frozen=True, array_like=True):
    """What a chat of a fork inherited, as the numbers of its messages side by side."""

    chat_id: str
    shared: bytes
    """What is found with the parent."""
    own: bytes
    """What is found with the fork."""


class Title(Passage, frozen=True, kw_only=True, array_like=True):
    """What a session is called, and of a fork what it inherited."""

    inherited: tuple[InheritedChat, ...] = ()


_decode = msgspec.msgpack.Decoder(Title).decode


class Home(NamedTuple):
    """The fork and the chat in which a message is found."""

    session_id: str
    chat_id: str


class _Fork(NamedTuple):
    key: int
    time: int
    place: tantivy.DocAddress


class _Held(NamedTuple):
    """What a fork has of its ancestors."""

    session_id: str
    shared: dict[int, str]
    """By the numbers of the messages, the chats that they are in."""
    own: set[int]


class Forks:
    """The forks there are, and which messages of their ancestors are found in which of them."""

    def __init__(
        self, searcher: tantivy.Searcher, forks: tantivy.Query, fits: Callable[[int], bool]
    ) -> None:
        """Look at the forks.

        Args:
            searcher: of the index.
            forks: what finds them.
            fits: whether a session may be found, by its number.
        """
        self._searcher = searcher
        self._fits = fits
        self._children: dict[int, list[_Fork]] = {}
        self._held: dict[int, _Held] = {}
        self._parents: dict[int, int] = {}
        for fork, parent in _forks(searcher, forks):
            self._parents[fork.key] = parent
            self._children.setdefault(parent, []).append(fork)
        for children in self._children.values():
            children.sort(key=_newest_first)
        self.lenders: set[int] = set()
        """The sessions that may not be found, but have what may be found in a fork."""
        for key in self._parents:
            if fits(key):
                self._add_lenders(key)

    def home_of(self, owner: int, message: int) -> Home | None:
        """Where a message of a lender is found: in the nearest fork, of several the newest."""
        nearest = self._children.get(owner, [])
        met = {owner}
        while nearest:
            further: list[_Fork] = []
            for fork in nearest:
                held = self._held.get(fork.key) or self._held_by(fork)
                if message in held.shared and self._fits(fork.key):
                    return Home(held.session_id, held.shared[message])
                if message not in held.own and fork.key not in met:
                    met.add(fork.key)
                    further += self._children.get(fork.key, ())
            nearest = sorted(further, key=_newest_first)
        return None

    def _add_lenders(self, key: int) -> None:
        parent = self._parents.get(key)
        while parent is not None and parent not in self.lenders and not self._fits(parent):
            self.lenders.add(parent)
            parent = self._parents.get(parent)

    def _held_by(self, fork: _Fork) -> _Held:
        title = _decode(bytes(self._searcher.doc(fork.place).get_first(STORED) or b""))
        shared, own = dict[int, str](), set[int]()
        for chat in title.inherited:
            shared |= dict.fromkeys(_unpacked(chat.shared), chat.chat_id)
            own.update(_unpacked(chat.own))
        held = self._held[fork.key] = _Held(title.session_id, shared, own)
        return held


def found_in_forks(
    forks: Forks, searcher: tantivy.Searcher, hits: Sequence[tuple[float, tantivy.DocAddress]]
) -> Iterator[tuple[float, tantivy.DocAddress, Home]]:
    """Of hits in lenders those that are found in a fork, and in which."""
    places = [place for _, place in hits]
    owners = searcher.fast_field_values(OWNER, places)
    messages = searcher.fast_field_values(ID, places)
    for (score, place), owner, message in zip(hits, owners, messages, strict=True):
        home = forks.home_of(int(owner or 0), int(message or 0))
        if home is not None:
            yield score, place, home


def inherited_of(session: SessionText) -> tuple[InheritedChat, ...]:
    """What a fork inherited, as its title keeps it."""
    return tuple(map(_packed_chat, session.inherited))


def _newest_first(fork: _Fork) -> int:
    return -fork.time


def _packed_chat(chat: InheritedText) -> InheritedChat:
    return InheritedChat(chat.chat_id, _packed(chat.shared), _packed(chat.own))


def _packed(message_ids: Iterable[str]) -> bytes:
    return array("q", map(key_of, message_ids)).tobytes()


def _unpacked(numbers: bytes) -> array[int]:
    unpacked = array("q")
    unpacked.frombytes(numbers)
    return unpacked


def _forks(searcher: tantivy.Searcher, query: tantivy.Query) -> Iterator[tuple[_Fork, int]]:
    """All forks, each with its parent's number."""
    # Room for as many as are asked for is made at once, however few there are.
    most: int = searcher.search(query, limit=1).count  # type: ignore[attr-defined]  # in no stub
    if not most:
        return
    places = [place for _, place in searcher.search(query, limit=most, count=False).hits]
    columns = [searcher.fast_field_values(name, places) for name in (KEY, TIME, LENDER)]
    for place, key, time, parent in zip(places, *columns, strict=True):
        yield _Fork(int(key or 0), int(time or 0), place), int(parent or 0)
