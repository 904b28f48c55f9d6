"""Text that a person hands over: arguments of the command line and what comes through a pipe."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import click


class Words(click.ParamType[str]):
    """Text of an argument; bytes that are no UTF-8 become U+FFFD, as JSON cannot hold them."""

    name = "text"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> str:
        """The argument as proper text."""
        return str(value).encode("utf-8", "surrogateescape").decode("utf-8", "replace")


class Amount(click.ParamType[float]):
    """A number from 0 to a most, and nothing that is no number."""

    name = "number"

    def __init__(self, most: float) -> None:
        self._most = most

    def convert(
        self, value: Any, param: click.Parameter | None, ctx: click.Context | None
    ) -> float:
        """The argument as a number."""
        try:
            number = float(value)
        except ValueError:
            number = -1.0
        if not 0 <= number <= self._most:
            self.fail(f"{value!r:.40} is not a number from 0 to {self._most:,.0f}.", param, ctx)
        return number


class Place(click.Path):
    """A path; an empty one is a variable that was not set, and not the current folder."""

    def __init__(self) -> None:
        super().__init__(path_type=Path)

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Any:
        """The argument as a path."""
        if not str(value):
            self.fail("it is empty.", param, ctx)
        return super().convert(value, param, ctx)


WORDS = Words()
PLACE = Place()


def piped_text() -> str:
    """All of standard input.

    Raises:
        UsageError: it is not UTF-8.
    """
    try:
        return sys.stdin.buffer.read().decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise click.UsageError(f"Standard input is not UTF-8 text ({error.reason}).") from error
