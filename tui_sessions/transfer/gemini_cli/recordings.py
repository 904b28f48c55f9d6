"""Reading recordings: older ones hold the session, newer ones log what happened to it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from tui_sessions.transfer.base import Skipped
from tui_sessions.transfer.gemini_cli.content import blocks, is_context, same_text
from tui_sessions.transfer.hygiene import text_or_none
from tui_sessions.transfer.lines import MAX_LINE, Problems, read_objects
from tui_sessions.transfer.single_files import read_object

_TYPES = frozenset({"user", "gemini", "info", "error", "warning"})
_MASK = "<tool_output_masked>"
Raw = dict[str, Any]


@dataclass(slots=True)
class Recording:
    """A session as it was recorded."""

    path: Path
    meta: Raw = field(default_factory=dict)
    messages: dict[str, Raw] = field(default_factory=dict)
    """By their ids, in their order."""
    abandoned: list[dict[str, Raw]] = field(default_factory=list)
    """Whole lines of conversation whose ends were taken back."""
    trunk: str | None = None
    """The session whose sub-agent this is."""

    @property
    def external_id(self) -> str:
        """What tells the session apart, for good."""
        named = text_or_none(self.meta.get("sessionId")) or self.path.stem
        if self.trunk is None:
            return named
        return f"{self.trunk}/{self.path.stem if named == self.trunk else named}"


def read_recording(path: Path, problems: Problems, max_line: int = MAX_LINE) -> Recording | None:
    """The session in a file; None if Gemini CLI has not written it."""
    recording = Recording(path)
    if path.suffix != ".jsonl":
        data = read_object(path)
        if isinstance(data, Skipped):
            problems.add(data.reason)
            return None
        messages = data.pop("messages", None)
        if not isinstance(messages, list) or "sessionId" not in data:
            return None
        recording.meta = data
        recording.messages = _by_id(messages)
        return recording
    log = _Log(recording)
    for number, entry in read_objects(path, problems, max_line):
        log.take(number, entry)
    return recording if log.is_known else None


class _Log:
    """Does to a recording what the entries of its log say."""

    def __init__(self, recording: Recording) -> None:
        self._recording = recording
        self._ever: dict[str, Raw] = {}
        """All messages, those that were taken back included."""
        self.is_known = False

    def take(self, number: int, entry: Raw) -> None:
        """Take the next entry."""
        changes = entry.get("$set")
        if isinstance(changes, dict):
            self._set(changes)
        elif "$rewindTo" in entry:
            self._rewind(entry["$rewindTo"])
        elif str(entry.get("type")) in _TYPES or (entry.get("type") and "id" in entry):
            # Other tools write lines with types, too: only Gemini's own prove the format.
            self.is_known = self.is_known or ("content" in entry and entry["type"] == "gemini")
            self._put(text_or_none(entry.get("id")) or f"line {number}", entry)
        elif "sessionId" in entry and "type" not in entry:
            self.is_known = True
            self._set(entry)

    def _set(self, changes: Raw) -> None:
        messages = changes.get("messages")
        if isinstance(messages, list):
            self._restate(_by_id(messages))
        meta = self._recording.meta
        # A resume writes another header; the session began with the first.
        first: Raw = {key: meta[key] for key in ("startTime", "sessionId") if key in meta}
        meta.update({key: value for key, value in changes.items() if key != "messages"})
        meta.update(first)

    def _put(self, name: str, message: Raw) -> None:
        known = self._recording.messages.get(name)
        self._recording.messages[name] = message if known is None else _told_again(known, message)
        self._ever[name] = self._recording.messages[name]

    def _rewind(self, target: object) -> None:
        """Take back a message and all after it; all of them if it is not there."""
        names = list(self._recording.messages)
        place = names.index(target) if isinstance(target, str) and target in names else 0
        self._keep_up_to(place)

    def _keep_up_to(self, place: int) -> None:
        messages = self._recording.messages
        if place < len(messages):
            self._recording.abandoned.append(dict(messages))
            kept = list(messages)[:place]
            self._recording.messages = {name: messages[name] for name in kept}

    def _restate(self, stated: dict[str, Raw]) -> None:
        """What the model is sent from now on: after a resume, a taken-back turn or a compression.

        It tells again what was said, without counts and models. What a compression leaves out
        was said all the same, and stays.
        """
        messages = self._recording.messages
        known = list(messages)
        names = [name for name in known if name in stated]
        is_beginning = len(names) == len(stated) and known[: len(names)] == names
        # A resume first tells nothing but the context.
        if is_beginning and not all(is_context(message) for message in stated.values()):
            self._keep_up_to(len(names))
            messages = self._recording.messages
        said = {same_text(message) for message in messages.values()}
        for name, message in stated.items():
            before = self._ever.get(name)
            if before is not None:
                messages[name] = {**message, **before}
            elif not known or same_text(message) not in said:
                messages[name] = self._ever[name] = message


def _told_again(known: Raw, message: Raw) -> Raw:
    """A message with what came to it; outputs that are only hinted at now stay what they were."""
    outputs = {
        text_or_none(call.get("id")): call["result"]
        for call in blocks(known.get("toolCalls"))
        if isinstance(call, dict) and "result" in call and not _is_masked(call)
    }
    calls = [
        {**call, "result": outputs.get(text_or_none(call.get("id")), call["result"])}
        if isinstance(call, dict) and _is_masked(call)
        else call
        for call in blocks(message.get("toolCalls"))
    ]
    return {**known, **message, **({"toolCalls": calls} if calls else {})}


def _is_masked(call: Raw) -> bool:
    """Whether the tool took most of an output away again, to send less."""
    for block in blocks(call.get("result")):
        answer = block.get("functionResponse") if isinstance(block, dict) else None
        output = answer.get("response") if isinstance(answer, dict) else None
        said = output.get("output") if isinstance(output, dict) else None
        if isinstance(said, str) and said.startswith(_MASK):
            return True
    return False


def _by_id(messages: Iterable[object]) -> dict[str, Raw]:
    found: dict[str, Raw] = {}
    for place, message in enumerate(messages):
        if isinstance(message, dict):
            name = text_or_none(message.get("id")) or f"message {place + 1}"
            found[name] = {**found.get(name, {}), **message}
    return found
