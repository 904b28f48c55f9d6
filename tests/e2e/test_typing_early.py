"""What is typed before the first frame is there goes where it was meant to."""

from __future__ import annotations

from terminals import Terminals

DONE = "For real answers"


def test_enter_sends_what_was_typed_before_the_first_frame(terminals: Terminals) -> None:
    terminal = terminals.begin()
    terminal.type("Grüße ↑\rand then").wait_for(DONE).wait_for("│ and then")
    terminal.press("ctrl+j").type("below").wait_for("│ below")
    terminal.quit()
    [document] = terminals.documents().values()
    [question, _] = document["chats"][0]["messages"]
    assert question["content"][0]["text"] == "Grüße ↑"


def test_what_is_typed_at_once_stands_behind_the_draft_of_the_last_time(
    terminals: Terminals,
) -> None:
    terminal = terminals.open().type("first").press("enter").wait_for(DONE)
    terminal.type("half").wait_for("│ half").quit()
    terminal = terminals.begin().type(" a thoughts\x7f").wait_for("│ half a thought ")
    terminal.press("enter").quit()
    [document] = terminals.documents().values()
    asked = [m["content"][0]["text"] for m in document["chats"][0]["messages"][::2]]
    assert asked == ["first", "half a thought"]


def test_a_paste_with_escape_sequences_presses_no_key(terminals: Terminals) -> None:
    terminal = terminals.open()
    terminal.type("\x1b[200~one\x1b[31m red\r\x1b]52;c;eA==\x07two\x1b[201~").wait_for("two")
    terminal.send(b"\xff!")
    terminal.wait_for("\ufffd!").press("enter").wait_for(DONE).quit()
    [document] = terminals.documents().values()
    [question, _] = document["chats"][0]["messages"]
    assert question["content"][0]["text"] == "one[31m red\n]52;c;eA==\x07two\ufffd!"
