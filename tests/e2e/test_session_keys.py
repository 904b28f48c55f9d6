"""Switching, forking, renaming, deleting and the other verbs, by keyboard alone."""

from __future__ import annotations

import pytest
from terminal import Terminal
from terminals import Seed, Terminals

from tui_sessions import SessionManager

DONE = "For real answers"


async def _three_sessions(manager: SessionManager, workspace: str) -> None:
    for label in ("Apples", "Pears", "Quinces"):
        session = await manager.create_session(workspace=workspace, label=label)
        await manager.create_chat(session.id)
        await manager.add_message(session.id, f"{label} please", role="user")
        await manager.add_message(session.id, f"Here are **{label.lower()}**", role="assistant")


def in_session(label: str) -> object:
    """Whether the status line says that this session is open."""
    return lambda terminal: f"› {label}" in terminal.lines[-2]


def tree_row(terminal: Terminal, label: str) -> int:
    """Where a row of the tree stands on the screen."""
    return next((y for y, line in enumerate(terminal.lines) if label in line[:33]), -1)


def test_switching_between_sessions_in_every_way(terminals: Terminals, seed: Seed) -> None:
    seed(_three_sessions)
    terminal = terminals.open().wait_for(in_session("Quinces"))
    terminal.press("alt+down").wait_for(in_session("Pears")).wait_for("Pears please")
    terminal.press("alt+down").wait_for(in_session("Apples"))
    terminal.press("alt+up").wait_for(in_session("Pears"))

    terminal.press("ctrl+s").wait_for("Go to anything").type("qui")
    terminal.wait_for("1 of").press("enter").wait_for(in_session("Quinces"))

    top = tree_row(terminal, "Quinces")
    terminal.press("f3").type("gj")
    terminal.wait_for(lambda t: t.stands_out(top), "the cursor on the first session")
    terminal.type("jk").press("down", "down", "enter").wait_for(in_session("Apples"))
    terminal.press("f3").type("g").press("left")
    terminal.wait_for(lambda t: tree_row(t, "Pears") < 0)
    terminal.type("l").wait_for(lambda t: tree_row(t, "Pears") > 0)


@pytest.mark.slow
def test_a_chat_from_a_template_and_the_way_between_chats(terminals: Terminals, seed: Seed) -> None:
    seed(_three_sessions)
    terminal = terminals.open().wait_for(in_session("Quinces"))
    terminal.press("ctrl+t").wait_for("New chat with").type("code").press("enter")
    terminal.wait_for("· Coder").type("What does this do?\r").wait_for("template coder")
    terminal.press("alt+left").wait_for("Quinces please").press("alt+right").wait_for("template")
    terminal.quit()
    first, second = terminals.documents()["Quinces"]["chats"]
    assert [len(first["messages"]), len(second["messages"])] == [2, 2]
    assert second["agent"]["template"] == "coder"


@pytest.mark.slow
def test_a_fork_goes_its_own_way_and_one_key_leads_back(terminals: Terminals, seed: Seed) -> None:
    seed(_three_sessions)
    terminal = terminals.open().wait_for(in_session("Quinces"))
    terminal.press("f8").wait_for("fork of Quinces").wait_for("You are in")
    terminal.type("Only in the fork\r").wait_for(DONE)
    terminal.to_transcript().type("^").wait_until_gone("fork of Quinces")
    terminal.wait_for(in_session("Quinces")).wait_until_gone("Only in the fork")
    terminal.press("f4").type("Only in the parent\r").wait_for(DONE)
    terminal.quit()
    documents = {d["parent"] is None: d for d in _both(terminals, "Quinces")}
    texts = {parent: _texts(document) for parent, document in documents.items()}
    assert "Only in the parent" in texts[True]
    assert "Only in the fork" not in texts[True]
    assert "Only in the fork" in texts[False]
    assert "Only in the parent" not in texts[False]


@pytest.mark.slow
def test_a_fork_at_a_message_takes_over_what_stands_up_to_it(
    terminals: Terminals, seed: Seed
) -> None:
    seed(_three_sessions)
    terminal = terminals.open().wait_for(in_session("Quinces"))
    terminal.to_transcript().type("gf").wait_for("fork of Quinces")
    terminal.wait_until_gone("Here are quinces").wait_for("Quinces please")
    terminal.to_transcript().type("^").wait_for("Here are quinces")
    terminal.quit()
    [fork] = [d for d in _both(terminals, "Quinces") if d["parent"]]
    assert fork["chats"][0]["inherited"] == 1
    assert fork["parent"]["kind"] == "fork"


@pytest.mark.slow
def test_renaming_begins_empty_over_an_automatic_label_and_a_given_name_stays(
    terminals: Terminals,
) -> None:
    terminal = terminals.open()
    terminal.type("An automatic label\r").wait_for(DONE)
    terminal.press("f2").type("Given name").press("enter").wait_for(in_session("Given name"))
    terminal.type("More words\r").wait_for("2 questions").wait_for(in_session("Given name"))
    terminal.press("f2", "end").type(" kept").press("enter").wait_for(in_session("Given name kept"))
    terminal.press("f2").type("never").wait_for("never").press("escape").wait_until_gone("never")
    terminal.type("back in the composer").wait_for("│ back in the composer")
    terminal.quit()
    assert [*terminals.documents()] == ["Given name kept"]


@pytest.mark.slow
def test_deleting_is_done_at_once_and_can_be_taken_back(terminals: Terminals, seed: Seed) -> None:
    seed(_three_sessions)
    terminal = terminals.open().wait_for(in_session("Quinces"))
    terminal.press("f3").wait_for("Fold")
    row = tree_row(terminal, "Pears")
    terminal.type("jd").wait_for(lambda t: tree_row(t, "Pears") < 0)
    terminal.wait_for(lambda t: t.stands_out(row), "the cursor where it was")
    terminal.type("d").wait_for(lambda t: tree_row(t, "Apples") < 0).type("uu").wait_for(
        lambda t: tree_row(t, "Pears") > 0
    )
    terminal.wait_for(lambda t: tree_row(t, "Apples") > 0).type("gjd")
    terminal.wait_for(lambda t: tree_row(t, "Quinces") < 0)
    terminal.wait_for("A new session").type("T").wait_for("│  Quinces").press("enter")
    terminal.wait_for(in_session("Quinces")).wait_for("Quinces")
    terminal.quit()
    assert {*terminals.documents()} == {"Apples", "Pears", "Quinces"}


@pytest.mark.slow
def test_putting_aside_tagging_and_moving(terminals: Terminals, seed: Seed) -> None:
    seed(_three_sessions)
    terminal = terminals.open().wait_for(in_session("Quinces"))
    terminal.press("f3").type("p").wait_for("paused")
    terminal.press("f4").type("are you there?\r").wait_for("Not sent").wait_for("paused")
    terminal.wait_for("│ are you there?")
    terminal.press("f3").type("p").wait_for(lambda t: "paused" not in t.lines[-2])
    terminal.press("f4", "enter").wait_for(DONE)
    terminal.press("f3").type("a").wait_for(lambda t: "archived" in t.lines[-2])
    terminal.type("u").wait_for(lambda t: "archived" not in t.lines[-2])
    terminal.type("t").wait_for("Tags").type("work, garden").press("enter")
    terminal.wait_until_gone("separated by commas").type("m").wait_for("Move to").type("Garden")
    terminal.press("enter").wait_for(lambda t: "Garden › Quinces" in t.lines[-2])
    terminal.quit()
    [moved] = (terminals.data / "workspaces").glob("[Gg]arden/sessions/*.json")
    assert '"garden"' in moved.read_text()
    assert "Quinces" not in terminals.documents()


@pytest.mark.slow
def test_the_palette_runs_what_it_offers(terminals: Terminals, seed: Seed) -> None:
    seed(_three_sessions)
    terminal = terminals.open().wait_for(in_session("Quinces"))
    terminal.press("ctrl+p").type("fork without").wait_for("Fork without messages")
    terminal.press("enter").wait_for("fork of Quinces").wait_until_gone("Quinces please")
    terminal.type("/").wait_for("New temporary session").type("temporary")
    terminal.wait_until_gone("Rename chat").press("enter").wait_for("temporary", "the status")
    terminal.wait_for("A temporary session")


@pytest.mark.slow
def test_help_lists_the_keys_that_work_where_one_is(terminals: Terminals, seed: Seed) -> None:
    seed(_three_sessions)
    terminal = terminals.open().wait_for(in_session("Quinces"))
    terminal.press("f1").wait_for("Keys").type("history").wait_for("Search history")
    terminal.press("escape", "f3").type("?").wait_for("Keys").type("archive")
    terminal.wait_for("Archive / back").press("escape").wait_until_gone("Archive / back")


def test_a_keymap_changes_keys_also_in_dialogs(terminals: Terminals, seed: Seed) -> None:
    seed(_three_sessions)
    keymap = '"app.rename" = "f9"\n"tree.tags" = "x"\n"dialog.cancel" = "ctrl+b"\n'
    terminals.settings(f"[keymap]\n{keymap}")
    terminal = terminals.open().wait_for(in_session("Quinces"))
    terminal.press("f9").type("Renamed").press("enter").wait_for(in_session("Renamed"))
    terminal.press("f3").type("x").wait_for("separated by commas")
    terminal.press("ctrl+b").wait_until_gone("separated by commas")


def _both(terminals: Terminals, start: str) -> list[dict[str, object]]:
    return [d for label, d in terminals.documents().items() if label.startswith(start)]


def _texts(document: dict[str, object]) -> str:
    return str(document["chats"])
