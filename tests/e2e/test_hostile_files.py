"""Files that others wrote: nothing in them reaches the terminal but as pictures."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from terminals import Terminals

CLIPBOARD = "\x1b]52;c;ZXZpbA==\x07"
TEXTS = (
    f"steal {CLIPBOARD} the clipboard",
    "wipe \x1b[2J\x1b[H the screen",
    "back \x08\x08\x08 and \x9b31m C1",
    "turn \u202eround\u202c bidi",
    "[/foo] [red]markup[/red] [@click=app.quit]click[/]",
    f"```\ncode {CLIPBOARD}\n```\n\n- item {CLIPBOARD}\n\n"
    f"| a | {CLIPBOARD} |\n|---|---|\n| 1 | 2 |",
)


def _put(folder: Path, session_id: str, label: str, texts: tuple[str, ...], **more: Any) -> None:
    messages = [
        {
            "id": f"m{n}",
            "role": "assistant" if n % 2 else "user",
            "created_at": "2026-11-20T22:14:00Z",
            "content": [{"type": "text", "text": text}],
        }
        for n, text in enumerate(texts)
    ]
    chats = [{"id": "c1", "name": label, "messages": messages}]
    document = {
        "format": 1,
        "id": session_id,
        "label": label,
        "created_at": "2026-11-20T22:14:00Z",
        "chats": chats,
    }
    folder.mkdir(parents=True, exist_ok=True)
    (folder / f"{session_id}.json").write_text(json.dumps(document | more))


def test_a_hostile_session_is_shown_without_being_obeyed(terminals: Terminals) -> None:
    folder = terminals.sessions_folder
    label = f"[/foo] {CLIPBOARD}\x1b[2J \u202elabel"
    more = {"tags": [CLIPBOARD, "[/b]"], "metadata": {CLIPBOARD: CLIPBOARD, "[/x]": "[/y]"}}
    _put(folder, "evil", label, TEXTS, **more)
    terminal = terminals.open("--session", "evil", columns=140, rows=60)
    terminal.wait_for("the clipboard").wait_for("[/foo] ␛]52").wait_for("wipe ␛[2J")
    terminal.wait_for("[red]markup[/red]").wait_for("turn \ufffdround")
    terminal.press("ctrl+s").wait_for("Go to anything").press("escape", "f8")
    terminal.wait_for("You are in").press("f5", "down", "down", "f3").type("d")
    terminal.wait_for("Deleted").type("T").wait_for("─ Trash").press("escape")
    terminal.wait_until_gone("─ Trash").press("f1").wait_for("type to filter")
    terminal.press("escape").wait_until_gone("type to filter").type("t")
    terminal.wait_for("─ Tags").press("escape").wait_until_gone("─ Tags").type("e")
    terminal.wait_for("─ Export").press("escape").wait_until_gone("─ Export").press("enter")
    terminal.wait_for("the clipboard").press("ctrl+f").type("steal").wait_for("1 of 1")
    assert terminal.quit() == 0
    assert terminal.copied == []
    assert b"\x1b]52" not in terminal.raw
    assert b"\xc2\x9b31m" not in terminal.raw
    assert "\u202e".encode() not in terminal.raw


def test_files_that_cannot_be_read_are_listed_with_a_reason_and_left_alone(
    terminals: Terminals,
) -> None:
    folder = terminals.sessions_folder
    _put(folder, "good", "A good one", ("Hello there",))
    whole = (folder / "good.json").read_bytes()
    bad = {
        "cut": whole[: len(whole) // 2],
        "empty": b"",
        "foreign": b'{"some": "thing else"}',
        "noise": bytes(range(256)),
    }
    for name, data in bad.items():
        (folder / f"{name}.json").write_bytes(data)
    terminal = terminals.open().wait_for("A good one").press("alt+down").wait_for("Hello there")
    for name in bad:
        terminal.wait_for(name)
    # One word: how the notice is broken into lines depends on how long the path in it is.
    terminal.press("f3", "G", "enter").wait_for("cannot")
    terminal.press("f4").type("Still alive\r").wait_for("For real answers")
    assert terminal.quit() == 0
    for name, data in bad.items():
        assert (folder / f"{name}.json").read_bytes() == data


def test_a_newer_format_opens_to_be_read_only(terminals: Terminals) -> None:
    _put(terminals.sessions_folder, "newer", "From the future", ("Hello",), format=99)
    before = (terminals.sessions_folder / "newer.json").read_bytes()
    terminal = terminals.open("--session", "newer").wait_for("read-only")
    terminal.type("Not here\r").wait_for("Not sent").wait_for("│ Not here")
    assert terminal.quit() == 0
    assert (terminals.sessions_folder / "newer.json").read_bytes() == before
