"""Documents and changes survive their way through text, whatever is in them."""

from __future__ import annotations

import gc
import json
from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st
from store_samples import MOMENT, data, message

from tui_sessions.errors import StoreError
from tui_sessions.model import collecting
from tui_sessions.model.changes import MergeField, PutMessage, SetFields
from tui_sessions.model.collecting import collector_paused
from tui_sessions.stores.encoding import (
    UnreadableText,
    decode_document,
    decode_entry,
    decode_json,
    encode_changes,
    encode_members,
    entry_line,
    join_members,
)

TEXT = st.text(max_size=20)
SCALARS = (
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False)
)
JSON = st.recursive(
    SCALARS | TEXT,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(TEXT, inner, max_size=3),
    max_leaves=8,
)
OBJECT = st.dictionaries(TEXT.map(lambda key: f"x_{key}"), JSON, max_size=4)


@given(head=OBJECT, chat=OBJECT, messages=st.lists(OBJECT, max_size=4))
def test_a_document_reads_back_equal_and_is_json_to_others(head, chat, messages):
    numbered = [{**message(number), **extra} for number, extra in enumerate(messages)]
    whole = {**data(), **head, "chats": [{**chat, "id": "c1", "messages": numbered}]}
    text = join_members(encode_members(whole))
    assert json.loads(text) == whole
    assert decode_document(text, "s1", "dev").data == whole


@given(fields=OBJECT, revision=st.integers(1, 2**53))
def test_a_change_is_one_line_and_reads_back_equal(fields, revision):
    changes = (
        SetFields(fields=fields),
        MergeField(field="metadata", values=fields, remove=("a",)),
        PutMessage(chat="c1", value={"id": "m", **fields}),
    )
    line = entry_line(encode_changes(changes), revision, MOMENT)
    entry = decode_entry(line)
    assert (line.count(b"\n"), line[-1:]) == (1, b"\n")
    assert (entry.revision, entry.at, entry.changes) == (
        revision,
        "2026-11-20T22:14:00.123Z",
        changes,
    )


@given(st.binary(max_size=60))
def test_no_bytes_break_the_reader(content):
    for decode in (decode_json, decode_entry, lambda text: decode_document(text, "s1", "dev")):
        with suppress(UnreadableText):
            decode(content)


@pytest.mark.parametrize("chats", [[], [{"id": "c1", "messages": []}]])
def test_empty_lists_are_written(chats):
    assert json.loads(join_members(encode_members({"chats": chats}))) == {"chats": chats}


@pytest.mark.parametrize("chats", ["text", 5, [5], [{"messages": 5}], None])
def test_chats_that_are_none_are_refused_or_read_back(chats):
    try:
        text = join_members(encode_members({"chats": chats}))
    except StoreError:
        return
    assert json.loads(text) == {"chats": chats}


def test_the_garbage_collector_is_on_again_after_a_big_text():
    assert decode_json(json.dumps(["x" * 1000] * 1000).encode())
    assert gc.isenabled()
    with pytest.raises(UnreadableText):
        decode_json(b"[" + b" " * 1_000_000)
    assert gc.isenabled()


@pytest.mark.usefixtures("thawing")
def test_what_is_kept_for_good_is_not_counted_again_and_again(monkeypatch):
    monkeypatch.setattr(collecting, "_kept", set())
    try:
        collecting.keep_for_good()
        monkeypatch.setattr(gc, "get_freeze_count", lambda: pytest.fail("it takes its time"))
        with collector_paused():
            assert not gc.isenabled()
        assert gc.isenabled()
    finally:
        gc.unfreeze()


@pytest.mark.usefixtures("thawing")
def test_what_somebody_has_frozen_stays_so_and_is_counted_once(monkeypatch):
    monkeypatch.setattr(collecting, "_kept", set())
    gc.freeze()
    try:
        frozen = gc.get_freeze_count()
        with collector_paused():
            assert not gc.isenabled()
        assert gc.isenabled()
        # A few may go meanwhile; all would be thawed at once.
        assert gc.get_freeze_count() > frozen / 2
        monkeypatch.setattr(gc, "get_freeze_count", lambda: pytest.fail("it takes its time"))
        with collector_paused():
            assert not gc.isenabled()
    finally:
        gc.unfreeze()


@pytest.mark.usefixtures("thawing")
def test_nothing_stays_frozen_where_nothing_was(monkeypatch):
    monkeypatch.setattr(collecting, "_kept", set())
    gc.unfreeze()
    with collector_paused():
        pass
    assert gc.get_freeze_count() == 0
