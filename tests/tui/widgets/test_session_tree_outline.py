from msgspec.structs import replace
from tree_samples import (
    DEV,
    HOME,
    NOON,
    TWO_CHATS,
    a_session,
    child_of,
    names_of,
    rows_of,
    show_all,
)

from tui_sessions.model.lifecycle import SessionState
from tui_sessions.model.session import Session
from tui_sessions.tui.widgets.session_tree import ProblemRow, Target
from tui_sessions.tui.widgets.session_tree.outline import Outline
from tui_sessions.tui.widgets.session_tree.visible_rows import MANY


def outline_of(*sessions: Session, problems: tuple[ProblemRow, ...] = ()) -> Outline:
    outline = Outline()
    outline.current_workspace = "dev"
    show_all(outline, [DEV, HOME], sessions, problems)
    return outline


def search(outline: Outline, query: str) -> None:
    for _ in outline.search(query):
        pass


def test_the_newest_session_stands_first():
    outline = outline_of(a_session("old", ago=5), a_session("new", ago=1))
    assert names_of(outline) == ["workspace", "  new", "  old", "workspace"]


def test_the_current_workspace_stands_before_one_with_newer_activity():
    outline = outline_of(a_session("a", ago=9), a_session("b", ago=1, workspace_id="home"))
    assert [row.workspace_id for row in rows_of(outline) if row.kind == "workspace"] == [
        "dev",
        "home",
    ]
    outline.current_workspace = None
    outline.forget_rows()
    assert rows_of(outline)[0].workspace_id == "home"


def test_nothing_is_listed_below_a_folded_workspace():
    outline = outline_of(a_session("b", workspace_id="home"))
    assert names_of(outline) == ["workspace", "workspace"]
    outline.fold(rows_of(outline)[1], True)
    assert names_of(outline) == ["workspace", "workspace", "  b"]


def test_children_stand_under_their_parent_and_only_in_its_workspace():
    outline = outline_of(
        a_session("root", ago=9),
        a_session("fork", ago=1, parent=child_of("root")),
        a_session("deep", ago=2, parent=child_of("fork")),
        a_session("other", ago=3, parent=child_of("root"), workspace_id="home"),
    )
    assert names_of(outline) == ["workspace", "  root", "    fork", "      deep", "workspace"]


def test_children_of_a_removed_parent_stand_on_their_own():
    outline = outline_of(a_session("root"), a_session("fork", parent=child_of("root")))
    outline.drop("root")
    assert names_of(outline) == ["workspace", "  fork", "workspace"]


def test_parents_in_a_loop_are_all_listed_once():
    outline = outline_of(
        a_session("a", parent=child_of("b")), a_session("b", parent=child_of("a"), ago=2)
    )
    assert sorted(name.strip() for name in names_of(outline)[1:3]) == ["a", "b"]
    search(outline, "nothing like it")
    assert len(outline) == 0


def test_a_line_of_ten_thousand_forks_is_listed():
    sessions = [a_session("s0")]
    sessions += [a_session(f"s{n}", parent=child_of(f"s{n - 1}")) for n in range(1, 10_000)]
    outline = outline_of(*sessions)
    assert len(outline) == 10_002


def test_several_chats_are_folded_until_asked_for():
    outline = outline_of(
        a_session("s", chats=TWO_CHATS), a_session("fork", parent=child_of("s"), ago=2)
    )
    assert names_of(outline) == ["workspace", "  s", "    fork", "workspace"]
    row = rows_of(outline)[1]
    assert row.unfolded is False
    outline.fold(row, True)
    assert names_of(outline)[1:5] == ["  s", "    c1", "    c2", "    fork"]
    outline.fold(row, False)
    assert names_of(outline) == ["workspace", "  s", "workspace"]


def test_a_single_chat_is_no_row():
    assert rows_of(outline_of(a_session("s")))[1].unfolded is None


def test_archived_sessions_hide_in_a_folded_row_at_the_end():
    outline = outline_of(
        a_session("kept", ago=9), a_session("gone", state=SessionState.ARCHIVED, ago=1)
    )
    assert names_of(outline) == ["workspace", "  kept", "  archive", "workspace"]
    outline.fold(rows_of(outline)[2], True)
    assert names_of(outline)[2:4] == ["  archive", "    gone"]


def test_damaged_files_stand_at_the_end_of_their_workspace():
    problem = ProblemRow("/x/bad.json", "cut off", "dev", "bad")
    outline = outline_of(a_session("s"), problems=(problem,))
    row = rows_of(outline)[2]
    assert (row.kind, row.path, row.session_id) == ("problem", "/x/bad.json", "bad")
    outline.drop("bad")
    assert names_of(outline) == ["workspace", "  s", "workspace"]


def test_a_session_of_an_unlisted_workspace_is_listed_all_the_same():
    outline = outline_of(a_session("s", workspace_id="stray"))
    assert "stray" in [row.workspace_id for row in rows_of(outline)]


def test_folds_survive_new_data():
    outline = outline_of(a_session("s", chats=TWO_CHATS))
    outline.fold(rows_of(outline)[1], True)
    show_all(outline, [DEV, HOME], [a_session("s", chats=TWO_CHATS), a_session("t", ago=9)], ())
    assert names_of(outline)[1:5] == ["  s", "    c1", "    c2", "  t"]


def test_a_session_that_becomes_active_moves_to_the_top():
    outline = outline_of(a_session("a", ago=1), a_session("b", ago=2))
    assert outline.put(replace(a_session("b"), last_active_at=NOON))
    assert names_of(outline)[1:3] == ["  b", "  a"]


def test_a_session_that_stays_where_it_is_moves_no_rows():
    outline = outline_of(a_session("a", ago=1), a_session("b", ago=2))
    len(outline)
    assert not outline.put(a_session("b", "renamed", ago=2))
    assert not outline.put(replace(a_session("a"), last_active_at=NOON))
    session = outline.session("b")
    assert session is not None
    assert session.label == "renamed"


def test_a_session_can_move_to_another_workspace():
    outline = outline_of(a_session("a"), a_session("b"))
    outline.put(a_session("b", workspace_id="home"))
    assert names_of(outline) == ["workspace", "  a", "workspace"]
    assert outline.reveal("b") == Target("session", "home", "b")
    assert names_of(outline) == ["workspace", "  a", "workspace", "  b"]


def test_revealing_unfolds_all_above():
    outline = outline_of(
        a_session("root", workspace_id="home", state=SessionState.ARCHIVED),
        a_session(
            "fork",
            workspace_id="home",
            parent=child_of("root"),
            state=SessionState.ARCHIVED,
            chats=TWO_CHATS,
        ),
    )
    target = outline.reveal("fork", "c2")
    assert target == Target("chat", "home", "fork", "c2")
    assert outline.index_of(target) is not None
    assert outline.reveal("nobody") is None


def test_the_filter_keeps_what_it_finds_and_the_parents_of_it():
    outline = outline_of(
        a_session("root", "Grammar"),
        a_session("fork", "Fix the lexer", parent=child_of("root")),
        a_session("other", "Dinner", workspace_id="home"),
    )
    search(outline, "LEXER fix")
    assert names_of(outline) == ["workspace", "  root", "    fork"]
    assert outline.count == 1


def test_the_filter_looks_at_tags_chats_and_the_workspace():
    outline = outline_of(
        a_session("tagged", tags=("urgent",)),
        a_session("chatty", chats=TWO_CHATS),
        a_session("away", workspace_id="home"),
    )
    search(outline, "urgent")
    assert names_of(outline) == ["workspace", "  tagged"]
    search(outline, "review")
    assert names_of(outline) == ["workspace", "  chatty", "    c2"]
    search(outline, "home")
    assert names_of(outline) == ["workspace", "  away"]


def test_the_filter_finds_archived_sessions_and_damaged_files():
    problem = ProblemRow("/x/bad.json", "cut off", "dev")
    outline = outline_of(
        a_session("gone", "Logo", state=SessionState.ARCHIVED), problems=(problem,)
    )
    search(outline, "logo")
    assert names_of(outline) == ["workspace", "  archive", "    gone"]
    search(outline, "cut")
    assert names_of(outline) == ["workspace", "  /x/bad.json"]


def test_folding_while_filtered_is_forgotten_with_the_filter():
    outline = outline_of(a_session("root"), a_session("f", "Lexer", parent=child_of("root")))
    search(outline, "lexer")
    outline.fold(rows_of(outline)[1], False)
    assert names_of(outline) == ["workspace", "  root"]
    search(outline, "")
    assert names_of(outline) == ["workspace", "  root", "    f", "workspace"]


def test_changes_during_a_search_are_in_what_it_finds():
    outline = outline_of(a_session("a", "Lexer"), a_session("b", "Lexer too"))
    steps = outline.search("lexer")
    next(steps)
    outline.drop("a")
    outline.put(a_session("c", "A third lexer", ago=9))
    for _ in steps:
        pass
    assert names_of(outline) == ["workspace", "  b", "  c"]


def test_changes_while_filtered_are_filtered():
    outline = outline_of(a_session("a", "Lexer"))
    search(outline, "lexer")
    outline.put(a_session("b", "Lexer", ago=9))
    outline.put(a_session("c", "Dinner"))
    outline.put(a_session("a", "Renamed"))
    assert names_of(outline) == ["workspace", "  b"]
    show_all(outline, [DEV], [a_session("d", "Lexer"), a_session("e", "Lunch")], ())
    assert names_of(outline) == ["workspace", "  d"]


def test_very_many_matches_leave_folded_workspaces_folded():
    sessions = [a_session(f"s{n}", "x", workspace_id="home") for n in range(MANY + 1)]
    outline = outline_of(*sessions)
    search(outline, "x")
    assert (outline.count, len(outline)) == (MANY + 1, 1)
    outline.drop("s0")
    assert len(outline) == MANY + 1


def test_the_session_beside_another_is_the_next_one_shown():
    outline = outline_of(
        a_session("a", ago=1, chats=TWO_CHATS), a_session("b", ago=2), a_session("c", ago=3)
    )
    outline.reveal("a", "c1")
    assert outline.session_beside("a", 1) == Target("session", "dev", "b")
    assert outline.session_beside("c", -2) == Target("session", "dev", "a")
    assert outline.session_beside("c", 1) is None


def counted(outline: Outline, **numbers: int) -> None:
    outline.show([DEV, HOME], {key: (number, NOON) for key, number in numbers.items()}, ())


def test_only_what_is_unfolded_is_asked_for_and_only_once():
    outline = outline_of()
    counted(outline, dev=2, home=3)
    assert (outline.total, outline.is_complete) == (5, False)
    assert outline.take_wanted() == ["dev"]
    assert outline.take_wanted() == []
    outline.fill("dev", [a_session("a"), a_session("b", ago=2)])
    assert names_of(outline) == ["workspace", "  a", "  b", "workspace"]
    outline.fold(rows_of(outline)[-1], True)
    assert outline.take_wanted() == ["home"]


def test_a_workspace_whose_number_has_changed_is_asked_for_again_and_shown_meanwhile():
    outline = outline_of(a_session("a"))
    counted(outline, dev=1)
    assert outline.take_wanted() == []
    counted(outline, dev=2)
    assert names_of(outline)[:2] == ["workspace", "  a"]
    assert outline.take_wanted() == ["dev"]
    outline.fill("dev", [a_session("b")])
    assert outline.session("a") is None
    assert outline.session("b") is not None


def test_what_the_filter_finds_is_shown_of_a_workspace_that_is_not_known_whole():
    outline = outline_of()
    counted(outline, dev=100, home=100)
    outline.put(a_session("hit", "Lexer", workspace_id="home"))
    search(outline, "lexer")
    assert names_of(outline) == ["workspace", "  hit"]
    assert outline.take_wanted() == []
    search(outline, "parser lab")
    assert outline.take_wanted() == ["dev"]
    search(outline, "")
    assert (names_of(outline), outline.total) == (["workspace", "workspace"], 200)


def test_sessions_that_are_taken_in_together_are_filtered_by_the_next_search():
    outline = outline_of(a_session("known", "Parser", workspace_id="home"))
    for _ in outline.search("parser"):
        pass
    found = [a_session(f"s{n}", f"Parser {n}", workspace_id="home") for n in range(3)]
    outline.take_in([*found, a_session("other", "Lexer", workspace_id="home")])
    assert outline.count == 1
    for _ in outline.search("parser"):
        pass
    assert outline.count == 4
