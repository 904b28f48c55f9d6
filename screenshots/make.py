"""Draws the pictures of the app anew: `python screenshots/make.py`, of some only with names."""

from __future__ import annotations

import argparse
import asyncio
import html
import re
import sys
import tempfile
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any, NamedTuple

from rich.cells import cell_len

HERE = Path(__file__).parent
sys.path[:0] = [str(HERE.parent), str(HERE.parent / "tests")]

import demo_views as views  # noqa: E402 - found through the lines above
from demo_scene import LIGHT, Scene, scene  # noqa: E402 - found through the lines above


class Picture(NamedTuple):
    """A terminal of a size, and what is done in it before the picture is taken."""

    size: tuple[int, int]
    act: Callable[[Scene], Awaitable[None]]
    options: dict[str, Any] = {}


PICTURES = {
    "main": Picture((140, 40), views.at_work),
    "fork-tree": Picture((110, 32), views.in_the_tree, {"session_id": "s-recovery"}),
    "quick-switcher": Picture((120, 32), views.going_somewhere),
    "inspector": Picture((140, 44), views.in_the_inspector, {"session_id": "s-pratt"}),
    "narrow": Picture((60, 20), views.as_it_starts, {"session_id": "s-soup"}),
    "light": Picture((140, 40), views.at_work, {"theme": LIGHT}),
    "help": Picture((110, 36), views.at_the_keys),
    "trash": Picture((110, 30), views.in_the_trash),
}


async def draw(picture: Picture) -> str:
    """The picture as SVG; the same every time and everywhere."""
    with tempfile.TemporaryDirectory() as folder:
        async with scene(Path(folder), picture.size, **picture.options) as shown:
            await picture.act(shown)
            return _with_wide_letters(await shown.svg())


def _with_wide_letters(svg: str) -> str:
    """The picture with texts as wide as their cells; Rich gives each letter the width of one."""
    return re.sub(r'textLength="([\d.]+)"([^>]*>)([^<\n]+)', _as_wide_as_its_cells, svg)


def _as_wide_as_its_cells(found: re.Match[str]) -> str:
    width, between, escaped = found.groups()
    text = html.unescape(escaped)
    return f'textLength="{float(width) * cell_len(text) / len(text):g}"{between}{escaped}'


def main() -> None:
    """Draw the pictures that are named, or all of them."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("names", nargs="*", metavar="NAME", help=", ".join(PICTURES))
    parser.add_argument("--to", type=Path, default=HERE, help="a folder (default: this one)")
    arguments = parser.parse_args()
    for name in arguments.names or PICTURES:
        if name not in PICTURES:
            parser.error(f"no picture {name}; there are {', '.join(PICTURES)}")
        svg = asyncio.run(draw(PICTURES[name]))
        (arguments.to / f"{name}.svg").write_text(svg, encoding="utf-8", newline="\n")


if __name__ == "__main__":
    main()
