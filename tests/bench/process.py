"""What a running program takes, as Linux tells it."""

from __future__ import annotations

import os
from pathlib import Path

_TICKS_A_SECOND = os.sysconf("SC_CLK_TCK")


def memory_mb(process: int) -> float:
    """The memory that a program has in use, in MB."""
    return _status_mb(process, "VmRSS")


def peak_mb(process: int) -> float:
    """The most memory that a program had in use so far, in MB; 0 when it has ended."""
    return _status_mb(process, "VmHWM")


def cpu_s(process: int) -> float:
    """The seconds of a core that a program has used so far."""
    fields = Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / _TICKS_A_SECOND


def _status_mb(process: int, name: str) -> float:
    for line in Path(f"/proc/{process}/status").read_text().splitlines():
        if line.startswith(f"{name}:"):
            return int(line.split()[1]) * 1024 / 1e6
    return 0.0
