"""The full-text index: what is found, and in which order."""

import unicodedata
from datetime import timedelta

import pytest
from example_counts import examples
from hypothesis import HealthCheck, given
from hypothesis import strategies as st
from indexed_samples import NOON, TALK, found, message, put, session

from tui_sessions import ImagePart, InvalidValue, OpaquePart, ToolResultPart
from tui_sessions.index import index_writer
from tui_sessions.index.base import InheritedText, Scope
from tui_sessions.index.full_text import TantivyIndex
from tui_sessions.index.passages import LONGEST_OUTPUT, passage_of
from tui_sessions.index.plain_scan import scan
from tui_sessions.index.snippets import Snippets
from tui_sessions.model.query import parse_query


@pytest.mark.parametrize(
    ("query", "keys"),
    [
        ("hello", {"hello"}),
        ("HELLO World", {"hello"}),
        ("hello tokyo", set()),
        ('"parser hello"', {"hello"}),
        ('"hello world parser"', set()),
        ("hello -parser", set()),
        ("東京", {"tokyo"}),
        ("京東", set()),
        ("creme", {"tokyo"}),
        ("pars*", {"hello", "code"}),
        ("query", {"code"}),
        ("parsequery", {"code"}),
        ("snake_case", {"code"}),
        ("case_name", {"code"}),
        ("read_file", {"tools"}),
        ("lexer.py", {"tools"}),
        ("such file", {"result"}),
        ("pondering", {"thought"}),
        ("injected", {"hidden"}),
        ("grammar", {"s"}),
        ("tagged", {"s"}),
        ("has:code", {"code"}),
        ("has:tool", {"tools", "result"}),
        ("has:image", {"image"}),
        ("has:file", {"image"}),
        ("has:thinking", {"thought"}),
        ("role:tool", {"result"}),
        ("role:tool role:user -has:image", {"result", "hello", "tokyo", "hidden"}),
        ("model:gpt", {"code"}),
        ("model:gpt-5.2", {"code"}),
        ("-model:gpt has:code", set()),
        ("before:3d", {"result"}),
        ("such after:3d", set()),
        ("::", set()),
        ("", set()),
    ],
)
def test_messages_are_found_by_their_words_and_by_filters(
    index: TantivyIndex, query: str, keys: set[str]
) -> None:
    put(index, [TALK], [])
    assert set(found(index, query)) == keys


@pytest.mark.parametrize(
    ("query", "keys"),
    [
        ("✅", {"done"}),
        ("🚀", {"done", "ship"}),
        ("👍", {"tone"}),
        ("👍🏽", {"tone"}),
        ('"done ✅"', {"done"}),
        ('"done now"', {"said"}),
        ("done -✅", {"said"}),
        ("-🚀 done", {"said"}),
        ("🛸", set()),
        ("🇩🇪", {"flag"}),
    ],
)
def test_emoji_are_found(index: TantivyIndex, query: str, keys: set[str]) -> None:
    said = {
        "done": "Done ✅ now 🚀",
        "ship": "ship it🚀",
        "tone": "fine 👍🏿",
        "said": "it is done now",
        "flag": "from 🇩🇪 with love",
    }
    put(index, [session("s", *(message(key, text) for key, text in said.items()))], [])
    assert set(found(index, query)) == keys


@pytest.mark.parametrize(
    ("query", "keys"),
    [
        ('"of the"', {"of"}),
        ('"the of"', {"of", "the"}),
        ('"one of the"', {"of"}),
        ('"one of the parts"', {"of"}),
        ('"the parts of the"', {"of"}),
        ('"of the one"', set()),
        ('"is it"', {"is", "far"}),
        ('"in der"', {"der"}),
        ('"için the"', set()),
        ("the -of-the", {"the", "is", "far"}),
    ],
)
def test_phrases_of_very_common_words_are_found(
    index: TantivyIndex, query: str, keys: set[str]
) -> None:
    said = {
        "of": "One of the parts. The parts\nof the OF-THE whole",
        "the": "The, of! One the",
        "is": "this is\tit the",
        "far": f"in für the {'x' * 90} is it",
        "der": "Vögel in der Luft",
    }
    put(index, [session("s", *(message(key, text) for key, text in said.items()))], [])
    assert set(found(index, query)) == keys


@pytest.mark.parametrize(
    ("text", "query"),
    [
        ("\x1b[31mfailed\x1b[0m in \x1b]0;title\x07parser", "failed in parser"),
        ("soft\u00adhyphen and zero\u2060joined", "softhyphen zerojoined"),
        ("می\u200cخواهم", "میخواهم"),
        (f"checksum {'0123456789abcdef' * 8}.", "0123456789ABCDEF" * 8),
        (f"a_{'veryLongName' * 9}", "verylongname" * 9),
    ],
    ids=["colours", "hyphens", "joiners", "checksum", "name"],
)
def test_what_cannot_be_seen_and_great_length_keep_no_word_from_being_found(
    index: TantivyIndex, text: str, query: str
) -> None:
    put(index, [session("s", message("m", text))], [])
    assert found(index, query) == ["m"]
    hits = scan([passage_of(message("m", text), "s", "w", "c", NOON)], parse_query(query), Scope())
    assert hits.total == 1


def test_encoded_data_and_what_no_person_can_read_is_not_found(index: TantivyIndex) -> None:
    blob = "QUJD" * 100
    secret = OpaquePart({"type": "signature", "signature": "signaturewords"})
    put(index, [session("s", message("m", f"see {blob} here", secret, ImagePart("x", "aGk=")))], [])
    assert found(index, "see here") == ["m"]
    for word in (blob, "QUJD*", "signaturewords", "aGk"):
        assert found(index, word) == []


def test_of_a_tools_output_only_the_beginning_is_found(index: TantivyIndex) -> None:
    output = f"first {'x ' * LONGEST_OUTPUT} last"
    put(index, [session("s", message("m", ToolResultPart("1", output), role="tool"))], [])
    assert found(index, "first") == ["m"]
    assert found(index, "last") == []


def test_the_last_word_is_a_beginning_while_it_is_typed(index: TantivyIndex) -> None:
    put(index, [TALK], [])
    assert found(index, "hello wor", as_typed=True) == ["hello"]
    assert found(index, "hello wor") == []
    assert found(index, "such fi", as_typed=True) == ["result"]


def test_typing_errors_are_forgiven_where_too_little_is_found(index: TantivyIndex) -> None:
    put(index, [TALK], [])
    for slip in ("helo", "hallo", "ehllo", "parseer hello"):
        assert found(index, slip) == ["hello"], slip
    assert found(index, "ponderinng deply") == ["thought"]
    assert found(index, "wrd") == []
    assert found(index, '"helo"') == []
    many = [message(f"m{n}", "hello") for n in range(5)]
    put(index, [session("t", *many, message("slip", "helio"))], [])
    assert "slip" not in found(index, "hello")


def test_what_fits_better_comes_first_and_what_is_newer_before_what_fits_as_well(
    index: TantivyIndex,
) -> None:
    put(
        index,
        [
            session(
                "s",
                message("old", "a needle", created_at=NOON - timedelta(days=300)),
                message("new", "a needle"),
                message("long", "needle " + "hay " * 400),
                message("ancient", "a needle", created_at=NOON - timedelta(days=900)),
            )
        ],
        [],
    )
    assert found(index, "needle") == ["new", "old", "ancient", "long"]


def test_where_only_filters_are_given_the_newest_come_first(index: TantivyIndex) -> None:
    ages = (40, 3, 90, 0, 7)
    put(
        index,
        [
            session(
                "s", *(message(f"{s}", "x", created_at=NOON - timedelta(seconds=s)) for s in ages)
            )
        ],
        [],
    )
    assert found(index, "role:user") == ["0", "3", "7", "40", "90"]
    assert found(index, "-absent", messages_only=True) == ["0", "3", "7", "40", "90"]


def test_the_signs_in_names_of_languages_count(index: TantivyIndex) -> None:
    texts = {
        "plus": "in C++ it is",
        "sharp": "In C# it is",
        "plain": "in C it is",
        "heading": "# C",
    }
    put(index, [session("s", *(message(key, text) for key, text in texts.items()))], [])
    assert found(index, "C++") == ["plus"]
    assert found(index, "c#") == ["sharp"]
    assert set(found(index, "c")) == set(texts)
    assert set(found(index, '"it is"')) == {"plus", "sharp", "plain"}
    assert found(index, "in C#", as_typed=True) == ["sharp"]


def test_what_is_written_in_parts_is_found_as_what_is_not(index: TantivyIndex) -> None:
    parts = unicodedata.normalize("NFD", "한국어 문장, ガギ")
    put(index, [session("s", message("parts", parts), message("whole", "한국어 ガギ"))], [])
    assert set(found(index, "한국")) == {"parts", "whole"}
    assert set(found(index, unicodedata.normalize("NFD", "ガギ"))) == {"parts", "whole"}


def test_only_the_scope_is_searched(index: TantivyIndex) -> None:
    put(index, [session(key, message(key, "word"), workspace_id=f"w{key}") for key in "abc"], [])
    assert set(found(index, "word")) == {"a", "b", "c"}
    assert found(index, "word", workspaces=frozenset({"wb"})) == ["b"]
    assert found(index, "word", workspaces=frozenset()) == []
    assert set(found(index, "word", not_workspaces=frozenset({"wb"}))) == {"a", "c"}
    assert found(index, "word", sessions=frozenset({"c"})) == ["c"]
    assert found(index, "word", sessions=frozenset()) == []
    assert set(found(index, "word", not_sessions=frozenset({"c"}))) == {"a", "b"}
    put(index, [session("d", title="word")], [])
    assert "d" in found(index, "word")
    assert "d" not in found(index, "word", messages_only=True)


def test_pages_follow_each_other(index: TantivyIndex) -> None:
    put(index, [session("s", *(message(f"m{n}", "word") for n in range(7)))], [])
    pages = [index.find(parse_query("word"), Scope(), 3, offset) for offset in (0, 3, 6)]
    assert [len(page.passages) for page in pages] == [3, 3, 1]
    assert {page.total for page in pages} == {7}
    assert len({hit.message_id for page in pages for _, hit in page.passages}) == 7


def test_more_may_be_asked_for_than_there_could_ever_be(index: TantivyIndex) -> None:
    put(index, [session("s", message("m", "word"), message("n", "word"))], [])
    for limit, offset, expected in ((10**15, 0, 2), (2**80, 1, 1), (5, 2**80, 0)):
        page = index.find(parse_query("word"), Scope(), limit, offset)
        assert (len(page.passages), page.total) == (expected, 2)


@pytest.mark.parametrize(
    "text",
    [
        "hello",
        "hello -parser",
        '"parser hello"',
        "東京",
        "creme",
        "pars*",
        "query",
        "read_file",
        "has:tool",
        "role:tool role:user",
        "model:gpt-5.2",
        "-model:gpt has:code",
        "before:3d",
        "::",
        "",
    ],
)
def test_without_an_index_the_same_is_found(index: TantivyIndex, text: str) -> None:
    put(index, [TALK], [])
    query = parse_query(text, clock=lambda: NOON)
    passages = [passage_of(each, "s", "w", "c", NOON) for each in TALK.chats[0].messages]
    plain = {hit.message_id for _, hit in scan(passages, query, Scope()).passages}
    indexed = index.find(query, Scope(messages_only=True), 50, 0)
    assert plain == {hit.message_id for _, hit in indexed.passages}


@given(st.text(alphabet=st.sampled_from('ab"-*:() \x00\ud800東é_.\\/[]^~+&|!{}?'), max_size=40))
@examples(40, HealthCheck.function_scoped_fixture)
def test_no_query_breaks_it(index: TantivyIndex, text: str) -> None:
    try:
        query = parse_query(text, as_typed=True)
    except InvalidValue:
        return
    index.find(query, Scope(), 5, 0)


def test_words_spelt_nearly_so_are_marked_beside_those_spelt_just_so() -> None:
    query = parse_query("parser recieved -other")
    snippet = Snippets(query, similar=True).cut("the parser received it")
    assert snippet.words == ("parser", "received")


def test_of_several_forks_that_fit_the_one_used_last_is_offered(index: TantivyIndex) -> None:
    told = [InheritedText(chat_id="c", shared=["m"], own=[])]
    forks = [
        session(key, parent_id="p", inherited=told, chats=[], time=NOON + timedelta(minutes=place))
        for key, place in (("old", 1), ("new", 3), ("middle", 2))
    ]
    put(index, [session("p", message("m", "needle")), *forks], [])
    scope = Scope(not_sessions=frozenset({"p"}))
    found = index.find(parse_query("needle"), scope, 9, 0)
    assert [passage.session_id for _, passage in found.passages] == ["new"]
    found = index.find(parse_query("needle"), Scope(sessions=frozenset({"old"})), 9, 0)
    assert [passage.session_id for _, passage in found.passages] == ["old"]
    assert index.find(parse_query("needle"), Scope(sessions=frozenset({"x"})), 9, 0).total == 0


def test_sessions_that_are_each_others_parents_cost_no_endless_search(index: TantivyIndex) -> None:
    told = [InheritedText(chat_id="c", shared=["m"], own=[])]
    pairs = (("a", "b"), ("b", "a"), ("c", "c"))
    put(index, [session(key, parent_id=parent, inherited=told) for key, parent in pairs], [])
    for key in ("a", "c"):
        assert index.find(parse_query("x"), Scope(sessions=frozenset({key})), 9, 0).total == 0


def test_a_word_that_is_too_long_for_the_index_is_not_passed_over(index: TantivyIndex) -> None:
    put(index, [session("s", message("m", "salt and sea"))], [])
    for query in ("{} salt", "salt {}", '"{} salt"', "{}*", '"salt {}"'):
        assert index.find(parse_query(query.format("ж" * 150)), Scope(), 9, 0).total == 0
    assert index.find(parse_query(f"salt -{'ж' * 150}"), Scope(), 9, 0).total == 1


def test_a_name_that_is_written_otherwise_is_marked_as_it_stands() -> None:
    for query, text, marked in (
        ("foo_bar", "class HTTPServer: fooBar = 1", "fooBar"),
        ('"foo bar"', "a fooBar", "fooBar"),
        ("C++", "aC++b", "C++"),
    ):
        snippet = Snippets(parse_query(query)).cut(text)
        assert [snippet.text[a:b] for a, b in snippet.marks] == [marked]


def test_what_is_put_in_is_found_soon_at_first_and_then_from_time_to_time(
    index: TantivyIndex, monkeypatch: pytest.MonkeyPatch
) -> None:
    now = [100.0]
    monkeypatch.setattr(index_writer, "monotonic", lambda: now[0])
    monkeypatch.setattr(index_writer, "_FOUND_AFTER", 2)

    def write(*keys: str) -> list[str]:
        index.write([session(f"of {key}", message(key, "apple")) for key in keys], [])
        return sorted(found(index, "apple"))

    assert write("a") == []
    assert write("b") == ["a", "b"]
    assert write("c", "d") == ["a", "b"]
    now[0] += 5
    assert write("e") == ["a", "b", "c", "d", "e"]
    assert write("f") == ["a", "b", "c", "d", "e"]
    index.settle()
    assert sorted(found(index, "apple")) == ["a", "b", "c", "d", "e", "f"]
