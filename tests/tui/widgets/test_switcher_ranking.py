from tree_samples import TWO_CHATS, a_session

from tui_sessions.model.session import Session
from tui_sessions.tui.widgets.switcher_results import Entry, Query, entries_of


def entries(*sessions: Session) -> list[Entry]:
    return [entry for session in sessions for entry in entries_of(session, {"dev": "Parser lab"})]


def found(query: str, *sessions: Session) -> list[str]:
    *_, ranked = Query(query).rank(entries(*sessions))
    return [entry.session.id for entry in ranked.best_first]


def test_a_session_with_several_chats_is_several_places_the_active_first():
    places = entries(a_session("s", "Grammar", chats=TWO_CHATS, active_chat_id="c2"))
    assert [(place.name, place.chat_id) for place in places] == [
        ("Grammar › Reviewer", "c2"),
        ("Grammar › Coder", "c1"),
    ]


def test_a_session_with_one_chat_or_none_is_one_place():
    assert [place.chat_id for place in entries(a_session("a"), a_session("b", chats=()))] == [
        None,
        None,
    ]


def test_whole_words_come_before_scattered_letters():
    assert found(
        "pars",
        a_session("scattered", "Plan a release soon"),
        a_session("inside", "The comparser"),
        a_session("starts", "Fix the parser"),
        a_session("none", "Dinner", workspace_id="x"),
    ) == ["starts", "inside", "scattered"]


def test_equally_good_ones_keep_their_order():
    sessions = [a_session(f"s{n}", "Lexer") for n in range(5)]
    assert found("lexer", *sessions) == ["s0", "s1", "s2", "s3", "s4"]


def test_all_words_must_fit_somewhere():
    session = a_session("s", "Fix the lexer", tags=("urgent",))
    assert found("urgent lex", session) == ["s"]
    assert found("lab fix", session) == ["s"]
    assert found("urgent dinner", session) == []


def test_signs_are_taken_as_they_are():
    assert found("c++ [x", a_session("s", "C++ and [x]"), a_session("t", "ccc")) == ["s"]


def test_a_longer_word_narrows_a_shorter_one():
    assert Query("lex fi").narrows(Query("le f"))
    assert not Query("lex fi").narrows(Query("lex"))
    assert not Query("le").narrows(Query("lex"))


def test_spans_show_what_was_found():
    assert list(Query("lex").spans("The Lexer")) == [(4, 7)]
    assert list(Query("tlx").spans("The Lexer")) == [(0, 1), (4, 5), (6, 7)]
    assert list(Query("zz").spans("The Lexer")) == []
