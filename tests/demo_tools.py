"""The tools of the demonstration's agents, and what its handy agent does with them."""

from __future__ import annotations

ASK_CHECK = "Does `0 ^ 0` have a test? If not, run the ones there are for powers."

_PATH = "tests/test_powers.py"
STEPS_CHECK = [
    "I look into the tests first.",
    {"tool_call": {"id": "t1", "name": "read_file", "arguments": {"path": _PATH}}},
    {
        "tool_call": {
            "id": "t2",
            "name": "run_command",
            "arguments": {"command": f"python -m pytest -q {_PATH}", "timeout_s": 60},
        }
    },
    {"next": True},
    "There is none for `0 ^ 0` yet, and I may not run the others. I would add:\n\n"
    '```python\ndef test_zero_to_the_zero():\n    assert value("0 ^ 0") == 1\n```',
]


def read_file(path: str) -> str:
    """Reads a file of the project."""
    return (
        "def test_powers_bind_right():\n"
        '    assert value("2 ^ 3 ^ 2") == 512\n\n\n'
        "def test_minus_binds_looser():\n"
        '    assert value("-2 ^ 2") == -4'
    )


def run_command(command: str, timeout_s: int = 30) -> str:
    """Runs a command in the project's folder and gives back what it wrote."""
    raise AssertionError("a picture runs no command")
