from __future__ import annotations

from tui_sessions.tui.widgets.transcript.latest import Latest


def test_what_was_made_of_the_latest_texts_is_given_again():
    asked: list[str] = []

    def make(text: str) -> list[str]:
        asked.append(text)
        return [text]

    latest = Latest(make, most=10, least=2)
    for text in ("1234", "5678", "1234", "90ab", "1234", "5678", "a", "a", "-" * 11, "-" * 11):
        assert latest(text) == [text]
    assert asked == ["1234", "5678", "90ab", "5678", "a", "a", "-" * 11, "-" * 11]
