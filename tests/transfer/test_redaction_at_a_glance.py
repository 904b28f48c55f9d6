"""Redaction passes over texts that hold nothing to look for, and misses nothing by that."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tui_sessions.transfer import redaction
from tui_sessions.transfer.redaction import Redactor

# Put together here, so that no file holds what looks like a secret.
SECRETS = (
    "sk" + "-proj-Abc_123-def456ghi789",
    "AKIA" + "IOSFODNN7EXAMPLE",
    "ghp" + "_0123456789abcdefghijABCDEFGHIJ012345",
    "eyJ" + "hbGciOiJIUzI1NiJ9.eyJzdWIiOiIxIn0.abc-DEF_123",
    "https://ana:hunter22@x.example/?token=" + "aB3" * 8,
    "123456789:AA" + "aB3" * 11,
    "-----BEGIN PRIVATE KEY-----MIIE",
    "Das Kennwort lautet Sommer2026!",
    "пароль: Лето2026!",
    "Bearer abcdef123456",
    "Set-Cookie: sid=abcdef123",
    "curl -u ana:hunter22",
    "--password Hunter22x",
    "API_KEY=abcdef123456",
    "the key is abcdef123456",
    "ana@example.com",
    "/home/ana/x",
    "C:\\Users\\Ana\\x",
)
HINTS = sorted({hint for rule in redaction._rules() for hint in rule.hints})
PIECES = st.sampled_from((*SECRETS, *HINTS)) | st.text(max_size=8)
TEXTS = st.lists(
    PIECES | PIECES.map(str.upper) | PIECES.map(str.swapcase), min_size=1, max_size=5
).map("".join) | st.lists(PIECES, max_size=5).map(" ".join)
VALUES = st.recursive(
    st.none() | st.integers() | TEXTS,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(TEXTS, inner, max_size=4),
    max_leaves=8,
)


def looked_at_closely(redactor: Redactor, text: str) -> str:
    """A text that every shape whose own hints are in it is looked for in."""
    for rule in redaction._rules():
        looked_at = text.lower() if rule.any_case else text
        if any(hint in looked_at for hint in rule.hints):
            text = rule.pattern.sub(redactor._replacing(rule), text)
    return text


class Thorough(Redactor):
    """Looks at every text closely."""

    def text(self, text: str) -> str:
        return looked_at_closely(self, text)


@given(st.lists(TEXTS, max_size=4))
def test_texts_become_what_they_would_if_each_was_looked_at_closely(texts: list[str]) -> None:
    quick, thorough = Redactor(), Thorough()
    assert [quick.text(text) for text in texts] == [thorough.text(text) for text in texts]
    assert quick.counts == thorough.counts


@given(VALUES)
def test_documents_become_what_they_would_if_all_was_looked_at_closely(value: Any) -> None:
    quick, thorough = Redactor(), Thorough()
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(redaction, "_is_harmless_key", lambda _: False)
        wanted = thorough._value(value)
    assert quick._value(value) == wanted
    assert quick.counts == thorough.counts


@pytest.mark.parametrize("hint", HINTS)
def test_no_hint_is_passed_over(hint: str) -> None:
    assert redaction._holds_a_hint(f"x{hint}x".lower())


@pytest.mark.parametrize("text", ["06ev3k5zq0t8w1y2abcd", "2026-11-20T22:14:00.123Z", "complete"])
def test_ids_and_times_are_not_looked_at_closely(text: str, monkeypatch: Any) -> None:
    def refuse(*_: Any) -> bool:
        raise AssertionError("looked at closely")

    monkeypatch.setattr(redaction._Rule, "may_be_in", refuse)
    assert Redactor().text(text) == text
