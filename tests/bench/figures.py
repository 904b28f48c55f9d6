"""Figures, each with its yardstick and its goal, as a table and as JSON."""

from __future__ import annotations

import json
import time
from collections.abc import Awaitable, Callable, Iterable, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

from tests.bench.sizes import Sizes


@dataclass(frozen=True)
class Figure:
    """Something measured."""

    name: str
    value: float
    unit: str = "ms"
    """`ms`, `x` (a ratio), `MB`, `%`, `/s` or nothing, for a count."""
    yardstick: str = ""
    """What it was measured against, in the same run."""
    goal: float | None = None
    more_is_better: bool = False

    @property
    def reached(self) -> bool | None:
        """Whether the goal is reached; None without one."""
        if self.goal is None:
            return None
        return self.value >= self.goal if self.more_is_better else self.value <= self.goal


def table(figures: Iterable[Figure]) -> str:
    """The figures as a Markdown table."""
    lines = ["| what | figure | goal | yardstick |", "| --- | --- | --- | --- |"]
    for figure in figures:
        mark = {True: "", False: " (missed)", None: ""}[figure.reached]
        sign = "≥ " if figure.more_is_better else "≤ "
        goal = "" if figure.goal is None else f"{sign}{_number(figure.goal, figure.unit)}"
        value = f"{_number(figure.value, figure.unit)}{mark}"
        lines.append(f"| {figure.name} | {value} | {goal} | {figure.yardstick} |")
    return "\n".join(lines)


def write_json(figures: Iterable[Figure], path: Path, *, sizes: Sizes, machine: str) -> None:
    """Keep the figures for a comparison."""
    rows = [{**asdict(figure), "reached": figure.reached} for figure in figures]
    kept = {"machine": machine, "sizes": asdict(sizes), "figures": rows}
    path.write_text(json.dumps(kept, indent=1) + "\n")


def timed_ms(work: Callable[[], object]) -> float:
    """How long some work takes, in milliseconds."""
    began = time.perf_counter()
    work()
    return (time.perf_counter() - began) * 1000


async def timed_ms_of(work: Awaitable[object]) -> float:
    """The same for work that is awaited."""
    began = time.perf_counter()
    await work
    return (time.perf_counter() - began) * 1000


def percentile(values: Sequence[float], share: float) -> float:
    """The value that such a share of all lies at or below."""
    ordered = sorted(values)
    return ordered[min(int(len(ordered) * share), len(ordered) - 1)]


def _number(value: float, unit: str) -> str:
    digits = 0 if value >= 100 else 1 if value >= 10 else 2
    text = f"{value:,.{digits}f}"
    return f"{text} ×" if unit == "x" else f"{text} {unit}".rstrip()
