"""The errors as values: they travel between processes, and can be copied."""

import copy
import inspect
import pickle
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from tui_sessions import errors
from tui_sessions.errors import SessionsError


def made(kind: type[SessionsError]) -> SessionsError:
    needed = [
        parameter.name
        for parameter in inspect.signature(kind).parameters.values()
        if parameter.default is parameter.empty
        and parameter.kind == parameter.POSITIONAL_OR_KEYWORD
    ]
    return kind(*needed)


def kinds() -> Iterator[type[SessionsError]]:
    for _, kind in inspect.getmembers(errors, inspect.isclass):
        if issubclass(kind, SessionsError) and kind is not SessionsError:
            yield kind


def sent(error: SessionsError) -> Any:
    """The error as another process receives it."""
    return pickle.loads(pickle.dumps(error))  # noqa: S301  it is our own


@pytest.mark.parametrize("kind", list(kinds()))
@pytest.mark.parametrize("copied", [sent, copy.copy, copy.deepcopy])
def test_an_error_is_the_same_once_it_was_copied(
    kind: type[SessionsError], copied: Callable[[Any], Any]
) -> None:
    error = made(kind)
    again = copied(error)
    assert type(again) is kind
    assert (str(again), vars(again)) == (str(error), vars(error))
