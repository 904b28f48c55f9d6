from collections.abc import Sequence
from datetime import timedelta

import pytest
from msgspec.structs import replace
from rich.cells import cell_len
from textual.app import App, ComposeResult
from textual.message import Message
from textual.pilot import Pilot
from textual.widgets import Input, Static
from tree_samples import DEV, HOME, NOON, TWO_CHATS, a_session, child_of, lines_of, show_all

from tui_sessions.model.lifecycle import SessionState
from tui_sessions.model.session import Session
from tui_sessions.tui.widgets.session_tree import ProblemRow, SessionTree, Target


class TreeApp(App[None]):
    def __init__(self, *sessions: Session, problems: Sequence[ProblemRow] = ()) -> None:
        super().__init__()
        self.pane = SessionTree(clock=lambda: NOON)
        self.pane.current_workspace = "dev"
        show_all(self.pane, [DEV, HOME], sessions, problems)
        self.told: list[Message] = []

    def compose(self) -> ComposeResult:
        yield self.pane

    def on_mount(self) -> None:
        self.pane.focus()

    def on_session_tree_opened(self, event: SessionTree.Opened) -> None:
        self.told.append(event)

    def on_session_tree_renamed(self, event: SessionTree.Renamed) -> None:
        self.told.append(event)

    def on_session_tree_rename_cancelled(self, event: SessionTree.RenameCancelled) -> None:
        self.told.append(event)

    def on_session_tree_filter_changed(self, event: SessionTree.FilterChanged) -> None:
        self.told.append(event)


def session_target(session_id: str) -> Target:
    return Target("session", "dev", session_id)


async def typed_name(pilot: Pilot[None], tree: SessionTree) -> Input:
    assert tree.begin_rename()
    await pilot.pause()
    return tree.query_one("NameInput", Input)


async def test_rows_show_mark_label_tags_count_and_age():
    app = TreeApp(
        a_session("a", "Fix the parser", ago=2, state=SessionState.ACTIVE, tags=("work",)),
        a_session("b", ago=3, chats=TWO_CHATS),
        a_session("c", "Notes", ago=30, state=SessionState.PAUSED, temporary=True),
        a_session("d", "Other way", ago=50, parent=child_of("c"), state=SessionState.EXPIRED),
    )
    async with app.run_test(size=(40, 12)):
        assert lines_of(app.pane) == [
            " ▾ Parser lab                         4",
            "   ● Fix the parser #work            2h",
            "  ▸○ Untitled                     ×2 3h",
            "  ▾‖ Notes                      temp 1d",
            "   ╰╴✕ ↳ Other way                   2d",
            "   Home                               0",
        ]


@pytest.mark.parametrize("width", [4, 12, 20, 33, 60])
async def test_no_row_is_wider_or_narrower_than_the_tree(width: int):
    app = TreeApp(
        a_session("a", "日本語のラベルを正しく切る方法について相談する" * 9, tags=("長いタグ",)),
        a_session("b", "Emoji 🎉👩‍👩‍👧 " * 20, chats=TWO_CHATS),
        a_session("c", "e\u0301" * 80, temporary=True),
        *(a_session(f"f{n}", "deep", parent=child_of(f"f{n - 1}")) for n in range(1, 30)),
        problems=(ProblemRow("/x/01.json", "line 14 is cut off " * 5, "dev"),),
    )
    async with app.run_test(size=(width, 40)):
        rows = app.pane._rows
        assert {rows.render_line(y).cell_length for y in range(40)} == {width}
        assert {cell_len(rows.render_line(y).text) for y in range(40)} == {width}


async def test_hostile_text_is_drawn_and_never_obeyed():
    app = TreeApp(a_session("a", "[red]x[/b] \x1b[2J\x07\n\u202eevil", tags=("[/]",)))
    async with app.run_test(size=(60, 8)):
        line = lines_of(app.pane)[1]
        assert "[red]x[/b] ␛[2J␇ �evil #[/]" in line


async def test_an_empty_tree_says_what_to_press():
    app = TreeApp()
    async with app.run_test(size=(40, 14)) as pilot:
        assert any("ctrl+n" in line for line in lines_of(app.pane))
        await pilot.press("down", "enter", "space", "left", "right", "G", "pagedown")
        show_all(app.pane, [], [])
        assert app.pane.cursor_target is None
        assert not app.pane.begin_rename()
        await pilot.press("down", "enter", "space", "left", "right", "G", "pagedown")


async def test_keys_move_fold_and_open():
    app = TreeApp(a_session("a", ago=1, chats=TWO_CHATS), a_session("b", ago=2))
    async with app.run_test() as pilot:
        tree = app.pane
        await pilot.press("j")
        assert tree.cursor_target == session_target("a")
        await pilot.press("l", "l")
        assert tree.cursor_target == Target("chat", "dev", "a", "c1")
        await pilot.press("enter")
        assert [m.target for m in app.told if isinstance(m, SessionTree.Opened)] == [
            Target("chat", "dev", "a", "c1")
        ]
        await pilot.press("h")
        assert tree.cursor_target == session_target("a")
        await pilot.press("h", "down")
        assert tree.cursor_target == session_target("b")
        await pilot.press("left")
        assert tree.cursor_target == Target("workspace", "dev")
        await pilot.press("space", "G")
        assert tree.cursor_target == Target("workspace", "home")
        await pilot.press("g", "backspace")
        assert tree.cursor_target == Target("workspace", "dev")


async def test_enter_on_a_workspace_folds_it_and_opens_nothing():
    app = TreeApp(a_session("a"))
    async with app.run_test() as pilot:
        await pilot.press("enter")
        assert len(lines_of(app.pane)) == 2
        assert app.told == []


async def test_a_click_opens_and_a_click_on_the_fold_mark_folds():
    app = TreeApp(a_session("a", "One", chats=TWO_CHATS), a_session("b", "Two", ago=2))
    async with app.run_test(size=(40, 12)) as pilot:
        await pilot.click("TreeRows", offset=(2, 1))
        assert len(lines_of(app.pane)) == 6
        assert app.told == []
        await pilot.click("TreeRows", offset=(8, 4))
        assert app.pane.cursor_target == session_target("b")
        assert [m.target for m in app.told if isinstance(m, SessionTree.Opened)] == [
            session_target("b")
        ]


async def test_the_cursor_stays_on_its_session_when_the_order_changes():
    one, two = a_session("a", ago=1), a_session("b", ago=2)
    app = TreeApp(one, two)
    async with app.run_test() as pilot:
        app.pane.move_to("a")
        app.pane.update_session(replace(two, last_active_at=NOON))
        await pilot.pause()
        assert app.pane.cursor_target == session_target("a")
        show_all(app.pane, [DEV], [replace(one, last_active_at=NOON + timedelta(1)), two])
        assert app.pane.cursor_target == session_target("a")


async def test_the_cursor_stays_in_place_when_its_session_is_removed():
    app = TreeApp(*(a_session(f"s{n}", ago=n + 1) for n in range(4)))
    async with app.run_test():
        app.pane.move_to("s1")
        app.pane.remove_session("s1")
        assert app.pane.cursor_target == session_target("s2")
        app.pane.remove_session("s2")
        assert app.pane.cursor_target == session_target("s3")


async def test_new_data_keeps_the_scroll_position():
    sessions = [a_session(f"s{n}", ago=n + 1) for n in range(200)]
    app = TreeApp(*sessions)
    async with app.run_test(size=(40, 20)) as pilot:
        app.pane.move_to("s100")
        await pilot.pause()
        before = app.pane._rows.scroll_offset.y
        show_all(app.pane, [DEV, HOME], sessions)
        await pilot.pause()
        assert before > 0
        assert app.pane._rows.scroll_offset.y == before


async def test_moving_the_cursor_draws_only_the_two_rows():
    app = TreeApp(*(a_session(f"s{n}", ago=n + 1) for n in range(30)))
    async with app.run_test(size=(40, 30)) as pilot:
        await pilot.pause()
        drawn: list[int] = []
        rows = app.pane._rows
        draw = rows.render_line
        rows.render_line = lambda y: drawn.append(y) or draw(y)  # type: ignore[method-assign,func-returns-value]
        await pilot.press("down")
        await pilot.pause()
        assert sorted(set(drawn)) == [0, 1]


async def test_what_is_open_running_or_unread_is_marked():
    app = TreeApp(
        a_session("a", "One", chats=TWO_CHATS, active_chat_id="c1"), a_session("b", "Two", ago=2)
    )
    app.pane.set_open("a", "c2")
    app.pane.set_unread("b", None, True)
    async with app.run_test(size=(40, 12)) as pilot:
        app.animation_level = "none"
        app.pane.set_running("b", "b-c", True)
        await pilot.pause()
        lines = lines_of(app.pane)
        assert lines[1].startswith("▌ ▾○ One")
        assert lines[3].startswith("▌  ╰╴◇ Reviewer")
        assert lines[4].startswith("•  ◉ Two")
        app.pane.set_running("b", "b-c", False)
        app.pane.set_unread("b", None, False)
        assert lines_of(app.pane)[4].startswith("   ○ Two")


async def test_a_folded_workspace_shows_that_something_in_it_is_running_or_unread():
    app = TreeApp(a_session("a", "One"), a_session("b", "Two", workspace_id="home"))
    async with app.run_test(size=(40, 12)) as pilot:
        app.animation_level = "none"
        app.pane.set_unread("b", "b-c", True)
        app.pane.set_running("b", "b-c", True)
        await pilot.pause()
        assert lines_of(app.pane)[2].split() == ["•▸", "Home", "◉", "1"]
        await pilot.press("G", "space")
        assert lines_of(app.pane)[2].split() == ["▾", "Home", "1"]
        await pilot.press("space")
        app.pane.set_running("b", "b-c", False)
        app.pane.set_unread("b", "b-c", False)
        assert lines_of(app.pane)[2].split() == ["▸", "Home", "1"]


async def test_typing_in_the_filter_narrows_the_tree_and_escape_ends_it():
    app = TreeApp(a_session("a", "Fix the lexer"), a_session("b", "Dinner"))
    async with app.run_test(size=(40, 12)) as pilot:
        app.pane.begin_filter()
        await pilot.press(*"lex")
        await app.workers.wait_for_complete()
        await pilot.pause()
        assert [line.split() for line in lines_of(app.pane)] == [
            ["▾", "Parser", "lab", "1"],
            ["○", "Fix", "the", "lexer", "1h"],
        ]
        counts = [m.count for m in app.told if isinstance(m, SessionTree.FilterChanged)]
        assert counts[-1] == 1
        await pilot.press("enter", "j")
        assert app.pane.cursor_target == session_target("a")
        await pilot.press("escape")
        await app.workers.wait_for_complete()
        await pilot.pause()
        assert app.pane.filter == ""
        assert len(lines_of(app.pane)) == 4


async def test_the_filter_puts_the_cursor_on_what_it_finds_and_it_stays_there():
    app = TreeApp(a_session("a", "Dinner"), a_session("b", "Fix the lexer", workspace_id="home"))
    async with app.run_test(size=(40, 12)) as pilot:
        app.pane.filter = "lexer"
        await app.workers.wait_for_complete()
        await pilot.pause()
        assert app.pane.cursor_target == Target("session", "home", "b")
        app.pane.filter = ""
        await app.workers.wait_for_complete()
        await pilot.pause()
        assert app.pane.cursor_target == Target("session", "home", "b")


async def test_the_count_of_the_filter_follows_what_is_taken_out():
    app = TreeApp(a_session("a", "Fix the lexer"), a_session("b", "Test the lexer"))
    async with app.run_test(size=(40, 12)) as pilot:
        app.pane.filter = "lexer"
        await app.workers.wait_for_complete()
        app.pane.remove_session("a")
        await pilot.pause()
        assert str(app.pane.query_one("#tree-filter-count", Static).content) == "1"


async def test_a_filter_set_before_there_is_a_screen_is_applied():
    app = TreeApp(a_session("a", "Dinner"), a_session("b", "Fix the lexer"))
    app.pane.filter = "lexer"
    async with app.run_test(size=(40, 12)) as pilot:
        await app.workers.wait_for_complete()
        await pilot.pause()
        assert len(lines_of(app.pane)) == 2
        show_all(app.pane, [DEV], [a_session("c", "Lexer"), a_session("d", "Lunch")])
        assert len(lines_of(app.pane)) == 2


async def test_a_filter_that_finds_nothing_says_so():
    app = TreeApp(a_session("a", "Fix the lexer"))
    async with app.run_test(size=(40, 12)) as pilot:
        app.pane.filter = "zebra"
        await app.workers.wait_for_complete()
        await pilot.pause()
        assert "Nothing matches" in lines_of(app.pane)[0]


async def test_renaming_starts_with_the_label_selected():
    app = TreeApp(a_session("a", "Old name"))
    async with app.run_test() as pilot:
        app.pane.move_to("a")
        field = await typed_name(pilot, app.pane)
        assert (field.value, field.selected_text) == ("Old name", "Old name")
        await pilot.press(*"New", "enter")
        await pilot.pause()
        renamed = [m for m in app.told if isinstance(m, SessionTree.Renamed)]
        assert [(m.target, m.text) for m in renamed] == [(session_target("a"), "New")]
        assert app.focused is app.pane._rows


@pytest.mark.parametrize(("label", "auto"), [("Made from a message", True), ("", False)])
async def test_renaming_starts_empty_where_nobody_chose_the_label(label: str, auto: bool):
    app = TreeApp(a_session("a", label, auto_label=auto))
    async with app.run_test() as pilot:
        app.pane.move_to("a")
        assert (await typed_name(pilot, app.pane)).value == ""


@pytest.mark.parametrize("keys", [("escape",), ("enter",), ("space", "enter"), ("delete", "enter")])
async def test_a_rename_without_a_new_name_changes_nothing(keys: tuple[str, ...]):
    app = TreeApp(a_session("a", "Old"))
    async with app.run_test() as pilot:
        app.pane.move_to("a")
        await typed_name(pilot, app.pane)
        await pilot.press(*keys)
        await pilot.pause()
        assert [type(m) for m in app.told] == [SessionTree.RenameCancelled]


async def test_a_chat_is_renamed_in_place():
    app = TreeApp(a_session("a", chats=TWO_CHATS))
    async with app.run_test() as pilot:
        app.pane.move_to("a", "c2")
        assert (await typed_name(pilot, app.pane)).value == "Reviewer"


async def test_letters_typed_into_a_name_do_not_move_the_cursor():
    app = TreeApp(a_session("a", "A", ago=1), a_session("b", "B", ago=2))
    async with app.run_test() as pilot:
        app.pane.move_to("a")
        field = await typed_name(pilot, app.pane)
        await pilot.press(*"jkG", "space", "down")
        assert field.value == "jkG "
        assert app.pane.cursor_target == session_target("a")


async def test_the_name_field_follows_its_row():
    app = TreeApp(a_session("a", "A", ago=1), a_session("b", "B", ago=2))
    async with app.run_test() as pilot:
        app.pane.move_to("b")
        field = await typed_name(pilot, app.pane)
        before = field.region.y
        app.pane.update_session(a_session("b", "B", ago=0))
        await pilot.pause()
        await pilot.pause()
        assert field.region.y == before - 1
        app.pane.remove_session("b")
        await pilot.pause()
        await pilot.pause()
        await pilot.press(*"new", "enter")
        assert [(type(m), m.text) for m in app.told] == [(SessionTree.Renamed, "new")]


async def test_a_row_stays_in_sight_while_its_name_is_typed():
    app = TreeApp(*(a_session(f"s{n:02}", ago=n + 1) for n in range(50)))
    async with app.run_test(size=(40, 10)) as pilot:
        app.pane.move_to("s03")
        field = await typed_name(pilot, app.pane)
        for number in range(20, 40):
            app.pane.update_session(a_session(f"s{number}", ago=0))
        await pilot.press(*"dd")
        await pilot.resize_terminal(30, 6)
        await pilot.press(*"dG")
        assert field.value == "dddG"
        assert field.has_focus
        row = app.pane._rows.name_region(session_target("s03"))
        assert row is not None
        assert field.region.offset == app.pane._rows.region.offset + row.offset


async def test_the_wheel_scrolls_and_leaves_the_cursor():
    app = TreeApp(*(a_session(f"s{n}", ago=n + 1) for n in range(100)))
    async with app.run_test(size=(40, 20)) as pilot:
        app.pane.move_to("s2")
        app.pane._rows.scroll_to(y=50, animate=False, immediate=True)
        await pilot.pause()
        assert app.pane._rows.scroll_offset.y == 50
        assert app.pane.cursor_target == session_target("s2")


async def test_a_hundred_thousand_sessions_make_rows_only_where_unfolded():
    sessions = [a_session(f"s{n}", workspace_id=f"w{n % 100}") for n in range(100_000)]
    app = TreeApp()
    async with app.run_test(size=(40, 20)) as pilot:
        show_all(app.pane, [], sessions)
        await pilot.press("down")
        assert len(app.pane._outline) == 100
        app.pane.move_to("s77")
        assert len(app.pane._outline) == 1100
        assert app.pane.cursor_target == Target("session", "w77", "s77")


async def test_the_screen_is_asked_for_what_is_unfolded_and_for_what_the_filter_may_find():
    class Asked(TreeApp):
        def on_session_tree_sessions_wanted(self, event: SessionTree.SessionsWanted) -> None:
            self.pane.fill(event.workspace_id, [a_session("a", "Lexer")])

        def on_session_tree_matches_wanted(self, event: SessionTree.MatchesWanted) -> None:
            assert event.words == ("gram",)
            self.pane.take_in([a_session("h", "Grammar", workspace_id="home")])

    app = Asked()
    app.pane.show([DEV, HOME], {"dev": (1, NOON), "home": (9, NOON)})
    async with app.run_test() as pilot:
        await pilot.pause()
        assert "Lexer" in lines_of(app.pane)[1]
        assert lines_of(app.pane)[2].endswith("9")
        app.pane.filter = "gram"
        await pilot.pause()
        await app.workers.wait_for_complete()
        await pilot.pause()
        assert app.pane.cursor_target == Target("session", "home", "h")


async def test_what_is_still_being_counted_is_no_nothing() -> None:
    app = TreeApp()
    async with app.run_test(size=(40, 10)) as pilot:
        app.pane.show([DEV, HOME], {"dev": (3, NOON)}, counting=True)
        await pilot.pause()
        assert [line.split()[-1] for line in lines_of(app.pane) if line.strip()] == ["3", "\u2026"]
        app.pane.show([DEV, HOME], {"dev": (3, NOON)})
        await pilot.pause()
        assert [line.split()[-1] for line in lines_of(app.pane) if line.strip()] == ["3", "0"]


async def test_a_filter_shows_the_workspace_above_what_it_found() -> None:
    zeta = [a_session(f"z{n}", f"Zeta {n}") for n in range(40)]
    found = [a_session(f"s{n}", f"Recipe {n}", workspace_id="home") for n in range(40)]
    app = TreeApp(*zeta, *found)
    async with app.run_test(size=(40, 10)) as pilot:
        await pilot.press("down", "down")
        app.pane._rows.action_move_page(3)
        await pilot.pause()
        app.pane.filter = "reci"
        await pilot.pause()
        assert "Home" in lines_of(app.pane)[0]
