"""`search`, in processes of its own."""

import os
import sys

import pexpect
import pytest
from command_line import CommandLine

from tui_sessions import open_sessions


@pytest.fixture
async def talks(sessions_tui: CommandLine) -> CommandLine:
    """Two sessions in two workspaces, in each of which salt is spoken of."""
    async with open_sessions(f"file://{sessions_tui.home}/data/sessions-tui") as manager:
        for workspace, label, text in (
            ("home", "Cooking", "Pass the sea salt, café 東京"),
            ("other", "Elsewhere", "No salt here \x1b[2J evil \x1b7 \x9b5m"),
        ):
            session = await manager.create_session(
                workspace=workspace, label=label, tags=["kitchen"]
            )
            await manager.add_message(session.id, text)
            await manager.add_message(session.id, "salt?", role="assistant")
    return sessions_tui


def test_hits_are_printed_with_where_they_are_and_what_was_found(talks: CommandLine) -> None:
    done = talks("search", "sea salt role:user")
    where, snippet = done.stdout.rstrip().split("\n")
    assert where.startswith("Cooking · user · ")
    assert snippet == "    Pass the sea salt, café 東京"
    assert "\x1b" not in done.stdout


def test_words_need_no_quotes_and_a_workspace_can_be_named(talks: CommandLine) -> None:
    hits = talks.json("search", "salt", "role:user")["hits"]
    assert {hit["label"] for hit in hits} == {"Cooking", "Elsewhere"}
    hits = talks.json("search", "salt", "role:user", "--workspace", "other")["hits"]
    assert {hit["label"] for hit in hits} == {"Elsewhere"}


@pytest.mark.parametrize("words", [("-evil", "salt"), ("-evil salt",), ("salt", "-evil")])
def test_a_word_with_a_minus_may_come_first_and_is_no_option(
    talks: CommandLine, words: tuple[str, ...]
) -> None:
    hits = talks.json("search", "--limit", "9", "role:user", *words)["hits"]
    assert [hit["label"] for hit in hits] == ["Cooking"]
    assert talks("search", "salt", "--limt", "3").returncode == 2


def test_as_json_everything_is_there(talks: CommandLine) -> None:
    found = talks.json("search", "cafe", "role:user")
    [hit] = found["hits"]
    start, end = hit["marks"][0]
    assert hit["snippet"][start:end] == "café"
    assert (found["total"], found["complete"], found["similar"]) == (1, True, False)
    assert hit["message"]
    assert hit["chat"]


def test_the_rest_is_counted_and_nothing_is_said_to_be_nothing(talks: CommandLine) -> None:
    done = talks("search", "salt", "--limit", "1")
    assert len(done.stdout.rstrip().split("\n")) == 2
    assert "1 hit of " in done.stderr
    done = talks("search", "unheard")
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "Nothing found.\n")


def test_a_bad_filter_is_a_mistake_in_use(talks: CommandLine) -> None:
    done = talks("search", "role:boss")
    assert done.returncode == 2
    assert "valid: system, user, assistant, tool." in done.stderr
    assert talks("search").returncode == 2


def test_control_characters_of_a_message_never_reach_the_terminal(talks: CommandLine) -> None:
    done = talks("search", "evil")
    assert "\x1b" not in done.stdout
    assert "\x9b" not in done.stdout
    assert "\\u001b" in talks.ok("search", "evil", "--json")


def test_on_a_terminal_what_was_found_stands_out(talks: CommandLine) -> None:
    terminal = pexpect.spawn(
        sys.executable,
        [*talks.command[1:], "search", "kitchen"],
        cwd=str(talks.folder),
        env={**os.environ, **talks.environment, "TERM": "xterm"},
        encoding="utf-8",
        timeout=30,
    )
    terminal.expect_exact("\x1b[1m\x1b[4mkitchen\x1b[0m")
    terminal.expect(pexpect.EOF)
    terminal.close()
    assert terminal.exitstatus == 0
