"""The machine that was measured on, and how busy it was with other things."""

from __future__ import annotations

import os
import platform


class Machine:
    """Looks at the load when it is made and when it is described."""

    def __init__(self) -> None:
        self._before = os.getloadavg()[0]

    def described(self) -> str:
        """One line for below the table."""
        return (
            f"{platform.system()} {platform.machine()}, {os.cpu_count()} cores, "
            f"Python {platform.python_version()}; load average {self._before:.1f} before, "
            f"{os.getloadavg()[0]:.1f} after"
        )
