"""What a tool is called for a person, wherever its name stands."""

from __future__ import annotations

import re

from textual.content import Content

from tui_sessions.tui.drawing import draw_line

_OF_A_SERVER = re.compile(
    r"(?:mcp__)?(?P<server>[A-Za-z0-9][A-Za-z0-9-]*(?:_[A-Za-z0-9-]+)*)(?:/|__)(?P<tool>[^/]+)",
    re.S,
)
"""As agents name it, `server/tool`; as it goes over the wire and into the file, `server__tool`."""
_MARK = re.compile(r"_[0-9a-f]{8}$")
"""What a name gets on the wire that had to lose something."""


def draw_tool_name(name: str, style: str = "", between: str = "", *, wire: bool = False) -> Content:
    """As `add of the server words`, or the name alone where no server has the tool.

    Args:
        name: as agents name it.
        style: of the tool and the server.
        between: of the words between them.
        wire: the name is as it goes over the wire; a function's may look the same there.
    """
    found = _OF_A_SERVER.fullmatch(name)
    if found is None or not (wire or "/" in name):
        return draw_line(name, style)
    tool = found["tool"] if "/" in name else _MARK.sub("", found["tool"])
    return Content.assemble(
        draw_line(tool, style), (" of the server ", between), draw_line(found["server"], style)
    )
