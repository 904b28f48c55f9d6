"""The full-text index: what is found, and that nothing wrong with it ever lasts."""

import json
import shutil
import stat
import subprocess
import sys
import unicodedata
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tui_sessions import (
    FilePart,
    ImagePart,
    InvalidValue,
    Message,
    OpaquePart,
    TextPart,
    ThinkingPart,
    ToolCallPart,
    ToolResultPart,
)
from tui_sessions.index.base import (
    CaughtUp,
    ChatText,
    IndexBusy,
    IndexLost,
    IndexUnusable,
    InheritedText,
    Scope,
    SessionText,
)
from tui_sessions.index.full_text import TantivyIndex
from tui_sessions.index.passages import LONGEST_OUTPUT, passage_of
from tui_sessions.index.plain_scan import scan
from tui_sessions.index.snippets import Snippets
from tui_sessions.model.query import parse_query

NOON = datetime(2026, 11, 20, 12, tzinfo=UTC)


def message(key: str, *parts: Any, role: str = "user", **fields: Any) -> Message:
    content = tuple(TextPart(part) if isinstance(part, str) else part for part in parts)
    return Message(id=key, role=role, content=content, **{"created_at": NOON, **fields})


def session(key: str, *messages: Message, **fields: Any) -> SessionText:
    chats = [ChatText(chat_id="c", messages=messages)]
    values = {"workspace_id": "w", "stamp": "1", "title": "", "time": NOON, "chats": chats}
    return SessionText(session_id=key, **{**values, **fields})


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "cache" / "search" / "place"


@pytest.fixture(params=["memory", "folder"])
def index(request: pytest.FixtureRequest, folder: Path) -> Iterator[TantivyIndex]:
    made = TantivyIndex(folder if request.param == "folder" else None)
    made.open()
    yield made
    made.close()


def opened(folder: Path) -> TantivyIndex:
    index = TantivyIndex(folder)
    index.open()
    return index


def put(index: TantivyIndex, sessions: Sequence[SessionText], gone: Sequence[str]) -> None:
    index.write(sessions, gone)
    index.settle()


def stale_in(index: TantivyIndex, stamps: Mapping[str, str]) -> Sequence[str]:
    return index.compare("w", stamps).stale


def found(index: TantivyIndex, text: str, *, as_typed: bool = False, **scope: Any) -> list[str]:
    query = parse_query(text, as_typed=as_typed, clock=lambda: NOON)
    hits = index.find(query, Scope(**scope), 50, 0)
    return [hit.message_id or hit.session_id for _, hit in hits.passages]


TALK = session(
    "s",
    message("hello", "Hello parser, hello world"),
    message("tokyo", "日本の東京タワー and a Crème"),
    message(
        "code", "```py\nparseQuery(snake_case_name)\n```", role="assistant", model="gpt-5.2-mini"
    ),
    message(
        "tools", ToolCallPart("1", "read_file", {"path": "src/lexer.py", "n": 7}), role="assistant"
    ),
    message(
        "result", ToolResultPart("1", "no such file"), role="tool", created_at=NOON - timedelta(9)
    ),
    message("thought", ThinkingPart("pondering deeply"), "Fine", role="assistant"),
    message("image", ImagePart("image/png", data="aGVsbG8gd29ybGQ="), FilePart("notes.txt")),
    message("hidden", "injected context", hidden=True),
    title="Grammar work · tagged",
)


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


def test_it_says_in_which_sessions_messages_have_changed(index: TantivyIndex) -> None:
    one, two = message("one", "first"), message("two", "second")
    assert not index.write([session("s", one)], [])
    index.settle()
    assert not index.write([session("s", one, two, stamp="2")], [])
    index.settle()
    assert set(index.write([session("s", two, stamp="3")], [])) == {"s"}
    index.settle()
    changed = message("two", "another")
    assert set(index.write([session("s", changed, stamp="4")], [])) == {"s"}
    index.settle()


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


def test_only_what_differs_is_written_and_what_is_gone_vanishes(index: TantivyIndex) -> None:
    kept, changed, gone = message("k", "kept"), message("c", "before"), message("g", "gone")
    first = session("s", kept, changed, gone, title="Old")
    put(index, [first, session("t", message("x", "other"))], [])
    after = (kept, message("c", "after"), message("n", "new"))
    for written in (None, first.chats):
        put(index, [session("s", *after, stamp=f"2{written}", title="New", written=written)], [])
        assert [found(index, word) for word in ("kept", "before", "after", "gone", "new")] == [
            ["k"],
            [],
            ["c"],
            [],
            ["n", "s"],
        ]
    put(index, [], ["s"])
    assert found(index, "kept") == []
    assert found(index, "other") == ["x"]


def test_it_says_what_is_not_in_as_it_should_be(index: TantivyIndex) -> None:
    put(index, [session("a"), session("b")], [])
    compared = index.compare("w", {"a": "1", "b": "2", "c": "1"})
    assert (compared.stale, compared.unknown) == (["b", "c"], [])
    assert index.compare("w", {"a": "1", "c": "1"}).unknown == ["b"]
    assert index.compare("v", {"a": "1"}).stale == ["a"]
    assert index.strangers({"w"}) == []
    assert sorted(index.strangers({"v"})) == ["a", "b"]


def test_what_is_in_already_is_not_written_again(index: TantivyIndex) -> None:
    put(index, [session("a", message("m", "first"))], [])
    put(index, [session("a", message("m", "second"))], [])  # the stamp says that it is the same
    assert found(index, "first") == ["m"]


def test_it_is_kept_for_its_owners_eyes(folder: Path) -> None:
    put(opened(folder), [TALK], [])
    assert found(opened(folder), "hello") == ["hello"]
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700


def test_one_that_writes_does_not_keep_others_from_reading(folder: Path) -> None:
    writer, reader = opened(folder), opened(folder)
    assert found(reader, "hello") == []
    put(writer, [TALK], [])
    assert found(reader, "hello") == ["hello"]


def test_while_one_writes_another_is_told_to_wait(folder: Path) -> None:
    first, second = opened(folder), opened(folder)
    first.write([], [])
    with pytest.raises(IndexBusy):
        put(second, [TALK], [])
    first.settle()
    put(second, [TALK], [])
    assert found(first, "hello") == ["hello"]
    second.write([TALK], [])
    second.close()
    put(first, [], ["s"])


def held_up_to(write: str) -> CaughtUp:
    return CaughtUp(write=write, names={"w": "W"})


def known_of(folder: Path) -> str:
    """Up to which write an index is known to hold everything."""
    held = TantivyIndex(folder).resume(lambda _: True)
    return held.write if held else ""


def test_what_it_holds_is_known_later_until_it_is_written_again(folder: Path) -> None:
    index = opened(folder)
    index.watch()
    put(index, [session("s", message("m", "needle"))], ())
    index.keep(held_up_to("first"))
    assert known_of(folder) == "first"
    put(index, [session("t", message("m", "needle"))], ())
    assert known_of(folder) == ""
    index.keep(held_up_to("second"))
    assert known_of(folder) == "second"
    again = TantivyIndex(folder)
    assert again.resume(lambda held: held.write == "first") is None
    assert again.resume(lambda held: held.write == "second") == held_up_to("second")
    assert len(found(again, "needle")) == 2
    assert again.resume(lambda _: True) is None  # known already
    again.close()
    index.close()


def test_what_it_holds_is_not_told_by_one_between_whose_writes_another_wrote(folder: Path) -> None:
    one, other = opened(folder), opened(folder)
    one.watch()
    put(one, [session("s", message("m", "needle"))], ())
    put(other, [], ["s"])
    one.keep(held_up_to("first"))
    assert known_of(folder) == ""
    put(one, [session("t", message("m", "needle"))], ())
    one.keep(held_up_to("second"))
    assert known_of(folder) == ""
    one.close()
    other.close()


def test_what_is_in_already_makes_no_other_index_of_it(folder: Path) -> None:
    one, other = opened(folder), opened(folder)
    one.watch()
    same = session("s", message("m", "needle"))
    put(one, [same], ())
    one.keep(held_up_to("first"))
    put(other, [same], ["never there"])
    assert known_of(folder) == "first"
    one.close()
    other.close()


def test_after_a_rest_it_is_searched_and_written_as_before(index: TantivyIndex) -> None:
    put(index, [TALK], [])
    index.rest()
    assert found(index, "hello") == ["hello"]
    index.rest()
    index.rest()
    put(index, [session("s2", message("again", "hello again"))], [])
    assert sorted(found(index, "hello")) == ["again", "hello"]


def test_what_was_made_anew_while_it_rested_is_noticed(folder: Path) -> None:
    index, other = opened(folder), opened(folder)
    put(index, [TALK], [])
    index.rest()
    shutil.rmtree(folder)
    with pytest.raises(IndexLost):
        found(other, "hello")
    with pytest.raises(IndexLost):
        found(index, "hello")
    put(index, [TALK], [])
    assert found(index, "hello") == ["hello"]


def test_one_that_was_closed_while_it_rested_stays_closed(folder: Path) -> None:
    index = opened(folder)
    index.rest()
    index.close()
    with pytest.raises(IndexLost):
        found(index, "hello")


KILLED = """
import sys, os, signal
from pathlib import Path
sys.path.insert(0, {tests!r})
from test_full_text import TALK, message, opened, put, session
index = opened(Path({folder!r}))
put(index, [TALK], [])
import tui_sessions.index.index_writer as writer
class Dying(writer._SessionWriter):
    def write(self):
        super().write()
        print("half", flush=True)
        os.kill(os.getpid(), signal.SIGKILL)
writer._SessionWriter = Dying
put(index, [session("t", *(message(f"m{{n}}", "half") for n in range(500)))], [])
"""


def test_a_killed_writer_leaves_what_it_had_written_and_another_takes_over(folder: Path) -> None:
    script = KILLED.format(tests=str(Path(__file__).parent), folder=str(folder))
    done = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, check=False
    )
    assert done.stdout == "half\n", done.stderr
    index = opened(folder)
    assert found(index, "hello") == ["hello"]
    assert found(index, "half") == []
    put(index, [session("t", message("m", "whole"))], [])
    assert found(index, "whole") == ["m"]


def files_of(folder: Path) -> list[Path]:
    return [path for path in folder.iterdir() if path.is_file() and not path.name.startswith(".")]


@pytest.mark.parametrize("what", ["meta", "managed", "name", "segments", "cut", "flipped"])
def test_a_damaged_index_is_made_anew(folder: Path, what: str) -> None:
    put(opened(folder), [TALK], [])
    segments = [p for p in files_of(folder) if p.suffix in (".term", ".idx", ".store", ".fast")]
    assert segments
    if what in ("meta", "managed"):
        (folder / ("meta.json" if what == "meta" else ".managed.json")).write_bytes(b"\x00garbage")
    elif what == "name":
        (folder / "name").write_text("0 of an older version")
    for path in segments:
        content = path.read_bytes()
        if what == "segments":
            path.unlink()
        elif what == "cut":
            path.write_bytes(content[: len(content) // 2])
        elif what == "flipped":
            path.write_bytes(bytes(255 - byte for byte in content))
    index = opened(folder)
    try:
        stale = stale_in(index, {"s": "1"})
    except IndexLost:
        stale = stale_in(index, {"s": "1"})
    if stale:
        assert stale == ["s"]
        put(index, [TALK], [])
    assert found(index, "hello") == ["hello"]


def test_what_a_killed_writer_left_in_the_way_is_removed_and_the_index_stays(folder: Path) -> None:
    index = opened(folder)
    put(index, [session("s", message("a", "before"), message("b", "kept"))], [])
    meta = json.loads((folder / "meta.json").read_text())
    [segment] = [each["segment_id"].replace("-", "") for each in meta["segments"]]
    for stamp in range(meta["opstamp"], meta["opstamp"] + 20):
        (folder / f"{segment}.{stamp}.del").write_bytes(b"half")
    name = (folder / "name").read_text()
    changed = session("s", message("a", "after"), message("b", "kept"), stamp="2")
    with pytest.raises(IndexBusy):
        put(index, [changed], [])
    put(index, [changed], [])
    assert (found(index, "after"), found(index, "before")) == (["a"], [])
    assert (folder / "name").read_text() == name
    index.close()


@pytest.mark.parametrize(
    "use", [lambda index: found(index, "hello"), lambda index: put(index, [TALK], [])]
)
def test_an_index_that_is_taken_away_is_noticed(
    folder: Path, use: Callable[[TantivyIndex], object]
) -> None:
    index = opened(folder)
    put(index, [TALK], [])
    for path in folder.iterdir():
        path.unlink()
    folder.rmdir()
    with pytest.raises(IndexLost):
        use(index)
    assert stale_in(index, {"s": "1"}) == ["s"]
    put(index, [TALK], [])
    assert found(index, "hello") == ["hello"]


def test_an_index_that_another_process_makes_anew_is_noticed(folder: Path) -> None:
    reader = opened(folder)
    put(reader, [TALK], [])
    (folder / "name").write_text("0 of an older version")
    put(opened(folder), [session("t", message("m", "newer"))], [])
    with pytest.raises(IndexLost):
        found(reader, "hello")
    assert found(reader, "newer") == ["m"]


@pytest.mark.parametrize(
    "error",
    [
        ValueError("An IO error occurred: 'No space left on device (os error 28)'"),
        ValueError("Failed to open file: IoError { err: Os { code: 28, kind: StorageFull } }"),
        OSError(28, "No space left on device"),
    ],
)
def test_a_full_disk_does_not_cost_what_is_there(
    folder: Path, monkeypatch: pytest.MonkeyPatch, error: Exception
) -> None:
    index = opened(folder)
    put(index, [TALK], [])

    def full(*_: object) -> None:
        raise error

    with monkeypatch.context() as patch:
        patch.setattr("tui_sessions.index.index_writer.IndexWriting.add", full)
        with pytest.raises(IndexUnusable, match="No space") as told:
            put(index, [session("t", message("m", "more"))], [])
    assert found(index, "hello") == ["hello"]
    put(index, [session("t", message("m", "more"))], [])
    assert found(index, "more") == ["m"]
    assert told.value.__cause__ is error


def test_writing_ends_early_when_everything_ends(folder: Path) -> None:
    index = opened(folder)
    put(index, [TALK], [])
    index._stopped.set()
    put(index, [session("t", message("m", "late"))], [])
    assert found(opened(folder), "late") == []
    assert stale_in(opened(folder), {"s": "1", "t": "1"}) == ["t"]


def test_where_none_can_be_made_it_says_why(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way")
    with pytest.raises(IndexUnusable, match="file"):
        TantivyIndex(tmp_path / "file" / "index").open()


def test_where_the_library_is_missing_it_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "tantivy", None)
    with pytest.raises(IndexUnusable, match="tantivy cannot be loaded"):
        TantivyIndex().open()


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
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=150)
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
