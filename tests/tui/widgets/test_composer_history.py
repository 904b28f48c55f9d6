from __future__ import annotations

from tui_sessions.tui.widgets.composer_history import ComposerHistory


def test_an_empty_history_has_nowhere_to_go() -> None:
    history = ComposerHistory()
    assert history.move(-1, "draft") is None
    assert history.move(1, "draft") is None


def test_an_entry_that_was_changed_on_the_way_is_still_changed_on_the_way_back() -> None:
    history = ComposerHistory(["one", "two"])
    assert history.move(-1, "draft") == "two"
    assert history.move(-1, "two, changed") == "one"
    assert history.move(1, "one") == "two, changed"
    assert history.move(1, "two, changed") == "draft"
    assert history.entries == ["one", "two"]


def test_the_draft_survives_new_entries() -> None:
    history = ComposerHistory(["one"])
    history.move(-1, "draft")
    history.replace(["one", "two"])
    assert history.move(1, "one") == "two"
    assert history.move(1, "two") == "draft"


def test_a_reset_forgets_the_draft() -> None:
    history = ComposerHistory(["one"])
    history.move(-1, "draft")
    history.reset()
    assert history.move(-1, "") == "one"
    assert history.move(1, "one") == ""


def test_a_prompt_that_was_searched_for_leaves_the_draft_behind_it() -> None:
    history = ComposerHistory(["one", "two"])
    assert history.recall("one", "draft") == "one"
    assert history.move(1, "one, changed") == "two"
    assert history.move(1, "two") == "draft"
    assert history.recall("one", "draft") == "one"


def test_a_prompt_of_another_chat_is_recalled_without_losing_what_was_changed() -> None:
    history = ComposerHistory(["one"])
    history.move(-1, "draft")
    assert history.recall("elsewhere", "one, changed") == "elsewhere"
    assert history.move(-1, "elsewhere") == "one, changed"
    assert history.move(1, "one, changed") == "elsewhere"
    assert history.move(1, "elsewhere") == "draft"
