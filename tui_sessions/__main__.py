"""The command `sessions-tui`, also as `python -m tui_sessions`."""

from __future__ import annotations

import sys


def main() -> int:
    """Run the command line; the result is the exit code."""
    try:
        from tui_sessions.cli.running import run

        return run(sys.argv[1:])
    except KeyboardInterrupt:  # before there is anything that could be interrupted
        return 130


if __name__ == "__main__":
    sys.exit(main())
