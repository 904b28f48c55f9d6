"""Measures how fast everything is and prints it as a Markdown table.

`python -m tests.bench` takes all topics at the sizes that the goals are set for, which needs some
minutes and a few GB; `--only` takes some of them, `--small` only shows that everything works.
"""

from __future__ import annotations

import argparse
import os
import sys
import tempfile
from collections.abc import Sequence
from dataclasses import fields, replace
from pathlib import Path

from tests.bench.figures import Figure, table, write_json
from tests.bench.machine import Machine
from tests.bench.run import Run
from tests.bench.sizes import SMALL, Sizes
from tests.bench.topics import TOPICS


def main(arguments: Sequence[str]) -> int:
    """Run the topics that are asked for."""
    options = _parser().parse_args(arguments)
    sizes = _sizes(options)
    machine = Machine()
    figures: list[Figure] = []
    with tempfile.TemporaryDirectory(prefix="bench-") as scratch:
        stores = options.keep or Path(scratch) / "stores"
        run = Run(sizes, stores.absolute(), Path(scratch).resolve())
        # What runs in this process has a home of its own as well.
        os.environ.update(run.person("library", run.stores).environment())
        for name in options.only or TOPICS:
            print(f"== {name}", file=sys.stderr, flush=True)  # noqa: T201  what a person follows
            figures += TOPICS[name](run)
    print(f"{table(figures)}\n\n{machine.described()}")  # noqa: T201
    if options.json is not None:
        write_json(figures, options.json, sizes=sizes, machine=machine.described())
    return 0


def _sizes(options: argparse.Namespace) -> Sizes:
    asked = {field.name: getattr(options, field.name) for field in fields(Sizes)}
    given = {name: value for name, value in asked.items() if value is not None}
    return replace(SMALL if options.small else Sizes(), **given)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m tests.bench", description=__doc__)
    parser.add_argument(
        "--only", nargs="+", choices=TOPICS, metavar="TOPIC", help=", ".join(TOPICS)
    )
    parser.add_argument("--small", action="store_true", help="everything tiny")
    parser.add_argument("--json", type=Path, metavar="PATH", help="write the figures there too")
    parser.add_argument(
        "--keep", type=Path, metavar="DIR", help="keep the stores there, and use those that are"
    )
    for field in fields(Sizes):
        option = f"--{field.name.replace('_', '-')}"
        kind = type(field.default)
        parser.add_argument(option, type=kind, metavar="N", help=f"{field.default:,} by default")
    return parser


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
