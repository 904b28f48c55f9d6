"""The label a session gets from its first message."""

from __future__ import annotations

MAX_LABEL = 50


def label_from(text: str) -> str:
    r"""The first line with words in it, at most 50 characters, cut between words where it is cut.

    ```python
    label_from("Hello world\nmore") == "Hello world"
    ```
    """
    line = next((line for line in text.splitlines() if line.strip()), "")
    line = " ".join(line.split())
    if len(line) <= MAX_LABEL:
        return line
    cut = line[: MAX_LABEL + 1].rfind(" ")
    return line[: cut if cut > 0 else MAX_LABEL].rstrip()
