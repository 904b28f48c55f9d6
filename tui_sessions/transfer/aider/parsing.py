"""Telling prompts, answers and the tool's own lines apart in aider's Markdown.

The tool marks what it writes: prompts begin with `#### `, its own output with `> `, and both end
with two spaces. Only the first line of a longer output has the mark, and answers may hold lines
that look like one, so that what came before has to help.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

_HEADER = re.compile(r"# aider chat started at (\d{4}-\d\d-\d\d \d\d:\d\d:\d\d)\s*$")
_PROMPT = "#### "
_OUTPUT = "> "
_END = "  "
_PRINTING = ("/run", "/test", "/lint", "/git", "/diff", "/ls", "/tokens", "/map", "/web", "!")
"""Commands that print what is no answer."""


@dataclass(slots=True)
class Block:
    """Lines that belong together."""

    kind: str
    """`prompt`, `answer` or `output`."""
    lines: list[str] = field(default_factory=list)

    @property
    def text(self) -> str:
        """What they say."""
        return "\n".join(self.lines).strip("\n")

    @property
    def is_command(self) -> bool:
        """Whether the prompt is an order to the tool."""
        return self.kind == "prompt" and self.lines[0].lstrip().startswith(("/", "!"))


@dataclass(slots=True)
class Run:
    """What the file says of one run of the tool."""

    started: str | None
    """As it is written there: local time."""
    line: int
    blocks: list[Block] = field(default_factory=list)


def runs_of(lines: Iterable[str]) -> Iterator[Run]:
    """The runs in the lines of a file, one at a time."""
    reader = _RunReader(Run(None, 1))
    for number, line in enumerate(lines, 1):
        header = _HEADER.match(line)
        if header:
            yield reader.run
            reader = _RunReader(Run(header[1], number))
        else:
            reader.take(line)
    yield reader.run


class _RunReader:
    """Takes the lines of one run."""

    def __init__(self, run: Run) -> None:
        self.run = run
        self._after_prompt = False
        self._open_output = False
        """Within an output of several lines."""
        self._printing = False
        """After a command whose output has no end but the next mark."""
        self._marks_ends: bool | None = None
        """Whether the two spaces are there; an editor may have taken them away."""

    def take(self, line: str) -> None:
        """Add a line to the block that it belongs to."""
        after_prompt, self._after_prompt = self._after_prompt, False
        if line.startswith(_PROMPT) and self._may_be_mark(line):
            if not after_prompt:
                self._start("prompt")
            self._after_prompt = True
            self._add(line.removeprefix(_PROMPT).removesuffix(_END))
            self._open_output = False
            self._printing = bool(self._marks_ends) and self._prints()
        elif self._printing and not (line.startswith(_OUTPUT) and line.endswith(_END)):
            self._print(line)
        elif self._open_output:
            self._add(line.removesuffix(_END))
            self._open_output = not line.endswith(_END)
        elif line.startswith(_OUTPUT) and self._is_output(line):
            self._printing = False
            self._continue("output")
            self._add(line.removeprefix(_OUTPUT).removesuffix(_END))
            self._open_output = bool(self._marks_ends) and not line.endswith(_END)
        elif line.strip() or self._kind() == "answer":
            self._continue("answer")
            self._add(line)

    def _is_output(self, line: str) -> bool:
        if self._marks_ends is None:
            self._marks_ends = line.endswith(_END)
        if not self._marks_ends or line.endswith(_END):
            return True
        last = self.run.blocks[-1] if self.run.blocks else None
        return last is None or last.kind == "output" or last.is_command

    def _may_be_mark(self, line: str) -> bool:
        return not self._marks_ends or line.endswith(_END)

    def _prints(self) -> bool:
        return self.run.blocks[-1].lines[0].lstrip().startswith(_PRINTING)

    def _print(self, line: str) -> None:
        """Add a line to what a command prints."""
        if line.strip() or self._kind() == "output":
            self._continue("output")
            self._add(line.removeprefix(_OUTPUT).removesuffix(_END))

    def _kind(self) -> str:
        return self.run.blocks[-1].kind if self.run.blocks else ""

    def _start(self, kind: str) -> None:
        self.run.blocks.append(Block(kind))

    def _continue(self, kind: str) -> None:
        if self._kind() != kind:
            self._start(kind)

    def _add(self, line: str) -> None:
        self.run.blocks[-1].lines.append(line)
