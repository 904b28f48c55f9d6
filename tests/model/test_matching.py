"""Where the words of a query stand in a text."""

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tui_sessions.model.folding import Folded, fold, parts_of_names, tokens_of
from tui_sessions.model.matching import Matcher, similar_spans
from tui_sessions.model.query import parse_query


def marked(query: str, text: str, **options: bool) -> list[str]:
    return [text[a:b] for a, b in Matcher(parse_query(query), **options).spans(text)]


def fits(query: str, *texts: str, **options: bool) -> bool:
    return Matcher(parse_query(query), **options).fits(texts)


def test_case_and_accents_do_not_count_but_the_place_is_that_in_the_text() -> None:
    assert marked("cafe", "Le CAFÉ, cafe\u0301!") == ["CAFÉ", "cafe\u0301"]
    assert marked("strasse", "Große Straße 5") == ["Straße"]
    assert marked("grosse", "\ufb01 Große") == ["Große"]
    assert marked("łódź", "Lodz") == ["Lodz"]


def test_words_of_scripts_without_spaces_are_found_inside() -> None:
    assert marked("東京", "日本の東京タワー") == ["東京"]
    assert marked("ภาษา", "นี่คือภาษาไทย") == ["ภาษา"]
    assert not marked("京東", "東京")


def test_other_words_are_found_beside_those_of_scripts_without_spaces() -> None:
    assert marked("python", "使用Python解析JSON文件") == ["Python"]
    assert fits("json python", "使用Python解析JSON文件")
    assert marked("json python", "使用Python解析JSON文件", on_page=True) == ["Python", "JSON"]


@pytest.mark.parametrize("word", ["한국", "ガギ", "プロ"])
def test_what_is_written_in_parts_is_found_as_what_is_not(word: str) -> None:
    parts = unicodedata.normalize("NFD", word)
    assert marked(word, f"ab {parts} cd") == [parts]
    assert marked(parts, f"ab {word} cd", on_page=True) == [word]


def test_narrow_kana_are_found() -> None:
    assert marked("ガギ", "ab ｶﾞｷﾞ cd") == ["ｶﾞｷﾞ"]


def test_the_signs_in_names_of_languages_count() -> None:
    assert marked("C++", "C, C# and C++17") == ["C++"]
    assert marked("c#", "C, C# and C++17") == ["C#"]
    assert marked("c", "C, C# and C++17") == ["C", "C", "C"]
    assert fits("#title", "a title")


def test_whole_words_count_unless_a_word_may_go_on() -> None:
    assert not marked("pars", "parser")
    assert marked("pars*", "parser sparse") == ["pars"]
    assert not fits("pars", "parser")
    assert fits("pars*", "parser")


def test_all_words_must_be_there_in_any_of_the_texts_and_none_of_the_others() -> None:
    assert fits("one two", "two", "one")
    assert not fits("one two", "one")
    assert not fits("one -two", "one", "two")
    assert not fits('one -"two three"', "one", "two three")
    assert fits('one -"two three"', "one two", "three")


def test_words_side_by_side_are_one_place() -> None:
    assert marked("off by one", "an off-by-one, and one") == ["off-by-one", "one"]
    assert marked('"by one"', "one by, one") == ["by, one"]


def test_parts_of_names_are_words() -> None:
    assert parts_of_names("parseQuery HTTPServer plain snake_case") == [
        "parse Query",
        "HTTP Server",
    ]
    assert fits("query", "call parseQuery()")
    assert fits("parse_query", "parse query")
    assert not fits("query", "parsequery()")


def test_on_a_page_one_word_is_found_anywhere_and_punctuation_counts() -> None:
    assert marked("base", "a database", on_page=True) == ["base"]
    assert marked("foo(", "foo bar foo(x)", on_page=True) == ["foo("]
    assert marked("data ba", "database data based", on_page=True) == ["data", "data ba"]


def test_words_nearly_spelt_so_are_found_by_their_distance() -> None:
    def near(query: str, text: str) -> list[str]:
        return [text[a:b] for a, b in similar_spans(text, parse_query(query))]

    assert near("received", "I recieved it") == ["recieved"]
    assert near("lexer", "lexxer lexers laxes") == ["lexxer", "lexers"]
    assert near("cat", "cut") == []


@pytest.mark.parametrize("text", ["", "ß", "e\u0301", "\ud800", "ＡＢ", "が", "한국", "ǅ", "İ"])
def test_places_lead_back_into_the_text(text: str) -> None:
    around = f"ab {text} cd"
    folded = Folded(around)
    start = folded.text.index("cd")
    first, last = folded.span(start, start + 2)
    assert around[first:last] == "cd"


@given(st.text(max_size=60))
def test_any_text_can_be_folded_and_every_place_leads_back(text: str) -> None:
    folded = Folded(text)
    assert folded.text == fold(text)
    for at in range(len(folded.text)):
        start, end = folded.span(at, at + 1)
        assert 0 <= start < end <= len(text)
    tokens_of(text)


@given(st.text(max_size=20), st.text(max_size=60))
def test_any_query_can_be_looked_for_in_any_text(query: str, text: str) -> None:
    parsed = parse_query(query, filters=False)
    for options in ({}, {"on_page": True}, {"inside": True}):
        for start, end in Matcher(parsed, **options).spans(text):
            assert 0 <= start < end <= len(text)


@pytest.mark.parametrize(
    ("query", "count"),
    [("needle", 3), ("needle hay", 4), ("needle -hay", 0), ("needle straw", 0), ("", 0)],
)
def test_matches_are_counted_in_texts_that_fit_together(query: str, count: int) -> None:
    texts = ("Needle, needle", "hay and a NEEDLE")
    assert _counted(query, texts)[0] == count


def test_a_long_text_is_looked_through_in_steps_and_none_of_it_is_left_out():
    lines = "".join(f"line {number} of the text\n" for number in range(20_000))
    words = "word " * 100_000 + "needle"
    for text, query, count in [
        (lines, "line", 20_000),
        (words, "needle", 1),
        ("x" * 200_000, "x", 200_000),
    ]:
        found, steps = _counted(query, [text])
        assert found == count
        assert steps > len(text) / 60_000
    assert _counted("line needle", [lines, words])[0] == 20_001
    assert _counted("line -needle", [lines, words])[0] == 0


def test_a_long_query_without_spaces_is_not_blown_up() -> None:
    text = "自然" * 500
    for options in ({}, {"inside": True}):
        matcher = Matcher(parse_query(text), **options)
        assert matcher.spans(text) == [(0, len(text))]
        assert max(len(pattern.pattern) for pattern in matcher._words) < 20 * len(text)


def _counted(query: str, texts: list[str]) -> tuple[int, int]:
    """What was counted on a page, and in how many steps."""
    counting, steps = Matcher(parse_query(query), on_page=True).count(texts), 0
    while True:
        try:
            next(counting)
        except StopIteration as end:
            return end.value, steps
        steps += 1


def test_vowels_of_indian_scripts_are_parts_of_words() -> None:
    assert tokens_of("हान, हिन") == ["हान", "हिन"]
    assert Matcher(parse_query("हान")).spans("हिन हान") == [(4, 7)]
    assert not Matcher(parse_query("हान")).fits(["हिन"])
    assert not Matcher(parse_query("हि")).fits(["हिन"])
    assert Matcher(parse_query("हि*")).fits(["हिन"])
    assert Matcher(parse_query("தமிழ்")).fits(["இது தமிழ் தான்"])
    assert not Matcher(parse_query("न")).fits(["हिन"])
