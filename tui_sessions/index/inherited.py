"""What forks inherited, which is found with their parents: in a fork where only that may be found.

A message that several sessions have is in the index once, with the session that had it first. Where
a filter leaves that one out, it is found in the nearest fork that fits.
"""

from __future__ import annotations

from array import array
from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from functools import cached_property
from typing import NamedTuple

import msgspec
import tantivy

from tui_sessions.index.base import InheritedText, Passage, SessionText
from tui_sessions.index.comparing import all_places
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


class _Held:
    """What a fork has of its ancestors."""

    def __init__(self, title: Title) -> None:
        self.session_id = title.session_id
        self._chats = title.inherited

    @cached_property
    def chat_of(self) -> dict[int, str]:
        """By the numbers of the messages that are found with the parent, the chats they are in."""
        chats = dict[int, str]()
        for chat in self._chats:
            chats |= dict.fromkeys(_unpacked(chat.shared), chat.chat_id)
        return chats

    @cached_property
    def own(self) -> set[int]:
        """The numbers of those that are found with the fork."""
        return set[int]().union(*(_unpacked(chat.own) for chat in self._chats))

    def shared(self, messages: set[int]) -> set[int]:
        """Those of some messages that are found with the parent."""
        chats = [_unpacked(chat.shared) for chat in self._chats]
        return set[int]().union(*map(messages.intersection, chats))


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
                if message in held.chat_of and self._fits(fork.key):
                    return Home(held.session_id, held.chat_of[message])
                if message not in held.own and fork.key not in met:
                    met.add(fork.key)
                    further += self._children.get(fork.key, ())
            nearest = sorted(further, key=_newest_first)
        return None

    def found_of(self, owner: int, messages: Collection[int]) -> set[int]:
        """Those of a lender's messages that have a home; of many, in less time than one by one."""
        found, seen = set[int](), dict[int, set[int]]()
        waiting = [(owner, set(messages))]
        while waiting:
            key, coming = waiting.pop()
            for fork in self._children.get(key, ()):
                before = seen.setdefault(fork.key, set())
                here = coming - found - before
                if not here:
                    continue
                before |= here
                held = self._held.get(fork.key) or self._held_by(fork)
                if self._fits(fork.key):
                    found |= held.shared(here)
                if fork.key in self._children:
                    waiting.append((fork.key, here - held.own))
        return found

    def _add_lenders(self, key: int) -> None:
        parent = self._parents.get(key)
        while parent is not None and parent not in self.lenders and not self._fits(parent):
            self.lenders.add(parent)
            parent = self._parents.get(parent)

    def _held_by(self, fork: _Fork) -> _Held:
        title = _decode(bytes(self._searcher.doc(fork.place).get_first(STORED) or b""))
        held = self._held[fork.key] = _Held(title)
        return held


def found_in_forks(
    forks: Forks,
    searcher: tantivy.Searcher,
    hits: Sequence[tuple[float, tantivy.DocAddress]],
    most: int,
) -> tuple[list[tuple[float, tantivy.DocAddress, Home]], int]:
    """Of hits in lenders the first that are found in a fork, and in which; how many are in all.

    Args:
        forks: where they may be found.
        searcher: of the index.
        hits: the best first.
        most: so many are told of; the rest are only counted.
    """
    places = [place for _, place in hits]
    owners = [int(owner or 0) for owner in searcher.fast_field_values(OWNER, places)]
    messages = [int(message or 0) for message in searcher.fast_field_values(ID, places)]
    found: list[tuple[float, tantivy.DocAddress, Home]] = []
    looked_at = 0
    while looked_at < len(hits) and len(found) < most:
        home = forks.home_of(owners[looked_at], messages[looked_at])
        if home is not None:
            found.append((*hits[looked_at], home))
        looked_at += 1
    return found, len(found) + _count(forks, owners[looked_at:], messages[looked_at:])


def _count(forks: Forks, owners: Iterable[int], messages: Iterable[int]) -> int:
    """How many of these messages of lenders are found in a fork."""
    lent = defaultdict[int, list[int]](list)
    for owner, message in zip(owners, messages, strict=True):
        lent[owner].append(message)
    count = 0
    for owner, of_owner in lent.items():
        found = forks.found_of(owner, of_owner)
        # A session may have the same message in several of its chats.
        count += sum(map(found.__contains__, of_owner))
    return count


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
    places = all_places(searcher, query)
    if not places:
        return
    columns = [searcher.fast_field_values(name, places) for name in (KEY, TIME, LENDER)]
    for place, key, time, parent in zip(places, *columns, strict=True):
        yield _Fork(int(key or 0), int(time or 0), place), int(parent or 0)
