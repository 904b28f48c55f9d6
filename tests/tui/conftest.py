"""The app in the test's own process."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from running_app import OpenApp, open_app_over
from textual.css.model import RuleSet
from textual.css.stylesheet import Stylesheet


@pytest.fixture(scope="session", autouse=True)
def _parsed_once() -> Iterator[None]:
    """Have apps of the same colours share their parsed styles, as the screens of one app do."""
    usual = Stylesheet._parse_rules
    known: dict[tuple[Any, ...], list[RuleSet]] = {}

    def parsed(own: Stylesheet, *arguments: Any, **options: Any) -> list[RuleSet]:
        place = (arguments, *options.items(), *own._variables.items())
        if place not in known:
            known[place] = usual(own, *arguments, **options)
        return known[place]

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Stylesheet, "_parse_rules", parsed)
        yield


@pytest.fixture
def open_app(tmp_path: Path) -> OpenApp:
    """Opens the app over sessions in memory; the script is what agents answer."""
    return partial(open_app_over, tmp_path / "drafts.json")
