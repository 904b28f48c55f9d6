"""A Textual app with a tree and an input, and nothing else: what starting is measured against."""

from __future__ import annotations

import sys

from textual.app import App, ComposeResult
from textual.widgets import Input, Tree


class BareApp(App[None]):
    """Shows as many rows as it is told to, and takes letters from the start."""

    AUTO_FOCUS = "Input"

    def compose(self) -> ComposeResult:
        tree: Tree[None] = Tree("Workspaces")
        tree.root.expand()
        for place in range(int(sys.argv[1])):
            tree.root.add_leaf(f"Project {place:03d}")
        yield tree
        yield Input()


if __name__ == "__main__":
    BareApp().run()
