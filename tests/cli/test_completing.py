"""What a shell offers when tab is pressed."""

from __future__ import annotations

import pytest


@pytest.fixture
def offered(sessions_tui):
    def complete(line: str) -> list[str]:
        words = line.split(" ")
        done = sessions_tui(
            COMP_WORDS=line,
            COMP_CWORD=str(len(words) - 1),
            _SESSIONS_TUI_COMPLETE="bash_complete",
        )
        assert (done.returncode, done.stderr) == (0, "")
        return [found.removeprefix("plain,") for found in done.stdout.splitlines() if found]

    return complete


def test_sources_and_formats_are_offered(offered):
    assert {"claude-code", "llm", "json"} <= {*offered("sessions-tui import ")}
    assert offered("sessions-tui import claude-c") == ["claude-code"]
    assert {"json", "markdown", "html", "openai"} <= {*offered("sessions-tui export --format ")}


def test_sessions_and_workspaces_are_offered(sessions_tui, offered):
    parser = sessions_tui.ok("new", "Parser", "--workspace", "dev")
    fix = sessions_tui.ok("new", "Fix it\x1b[31m", "--workspace", "other")
    sessions_tui.ok("list")
    assert offered("sessions-tui show ") == [fix, parser]
    assert offered("sessions-tui send ") == [fix, parser]
    assert offered(f"sessions-tui delete {parser} {fix[:-1]}") == [fix]
    assert offered("sessions-tui --session Pa") == ["Parser"]
    assert offered("sessions-tui show Fix") == [fix], "no shell takes a label with spaces as it is"
    assert offered("sessions-tui show --workspace dev ") == [parser]
    assert offered("sessions-tui list --workspace ") == ["dev", "other"]
    assert offered("sessions-tui move x o") == ["other"]


def test_text_and_what_is_not_known_is_left_alone(sessions_tui, offered, tmp_path):
    assert offered("sessions-tui show ") == []
    assert list(tmp_path.rglob("*.sqlite")) == []
    parser = sessions_tui.ok("new", "Parser")
    assert offered(f"sessions-tui send {parser} ") == []
    assert offered("sessions-tui send --new ") == []
    assert offered("sessions-tui --store memory: show ") == []
    assert offered(f"sessions-tui --data-dir {tmp_path} show ") == []
