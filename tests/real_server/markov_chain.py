"""The words of the tiny model, and which may follow which: every reply is a walk over these."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

NORMAL, UNKNOWN, CONTROL, USER, BYTE = 1, 2, 3, 4, 6
"""Kinds of tokens, as GGUF numbers them."""
SPACE = "\u2581"
"""How a sentencepiece token writes the space before a word."""
COUNT_TO = 400

ROUTES = "chat count long think unicode code alpha beta gamma tool after"
PROSE = """
the terminal keeps every session in a quiet list . each session waits for a message and then
answers in its own time . a slow answer never blocks the other agents . the core engine owns the
state and the screen only shows it . when a stream ends the engine writes the last part to disk .
a small model can still say a few useful words . the user can stop a stream at any moment and the
engine closes the connection . then the list shows the session as idle again . the agent reads the
prompt and the agent writes the answer . some answers are short and some answers are long .
the screen stays calm while the engine does the work .
"""
ENDLESS = (
    "lorem ipsum dolor sit amet consectetur adipiscing elit sed do eiusmod tempor incididunt ut "
    "labore et dolore magna aliqua"
)
THOUGHT = "hmm, first consider whether question needs care; probably yes"
ANSWER = "Certainly: forty-two is what thinking yields"
AFTER_TOOL = "Tool returned: result received; everything finished"
TOPICS = {
    "alpha": "apple acorn amber anchor arrow atlas",
    "beta": "barrel beacon birch bridge button bamboo",
    "gamma": "garden gravel guitar goblet ginger glacier",
}
UNICODE = "\U0001f600\u00e9\u6f22".encode()
CALL = '\n{"name": "add", "arguments": {"a": 2, "b": 40}}\n'


class MarkovChain:
    """Tokens by number, and for each the weights of what comes next."""

    def __init__(self) -> None:
        self.tokens: list[str] = []
        self.kinds: list[int] = []
        self.ids: dict[str, int] = {}
        self.next: dict[int, dict[int, float]] = {}
        for name, kind in (("<unk>", UNKNOWN), ("<s>", CONTROL), ("</s>", CONTROL)):
            self._token(name, kind)
        for value in range(256):
            self._token(f"<0x{value:02X}>", BYTE)
        for name in ("<|im_start|>", "<|im_end|>", *(f"<|r_{route}|>" for route in ROUTES.split())):
            self._token(name, CONTROL)
        marks = ("<think>", "</think>", "<tool_call>", "</tool_call>")
        self._think, self._answer, self._call, self._called = (
            self._token(name, USER) for name in marks
        )
        self.end = self.ids["<|im_end|>"]
        self._prose()
        self._fixed_replies()
        self._topics()
        self._tools()

    def route(self, name: str) -> int:
        """The control token at which the reply of a word begins."""
        return self.ids[f"<|r_{name}|>"]

    def _token(self, text: str, kind: int = NORMAL) -> int:
        if text not in self.ids:
            self.ids[text] = len(self.tokens)
            self.tokens.append(text)
            self.kinds.append(kind)
        return self.ids[text]

    def _words(self, words: Sequence[str]) -> list[int]:
        return [self._token(SPACE + word) for word in words]

    def _edge(self, before: int, after: int, weight: float = 1.0) -> None:
        weights = self.next.setdefault(before, {})
        weights[after] = weights.get(after, 0) + weight

    def _walk(self, tokens: Sequence[int], weight: float = 1.0) -> None:
        for before, after in pairwise(tokens):
            self._edge(before, after, weight)

    def _prose(self) -> None:
        """Word-like sentences; about one in three ends the reply."""
        stop, start = self._token("."), self.route("chat")
        self._walk([start, *(stop if w == "." else self._words([w])[0] for w in PROSE.split())])
        self._edge(stop, self.end, 5.0)
        for word in ("a", "each", "some"):
            self._edge(start, self._words([word])[0])

    def _fixed_replies(self) -> None:
        numbers = self._words([str(number) for number in range(1, COUNT_TO + 1)])
        self._walk([self.route("count"), *numbers, self.end])
        ring = self._words(ENDLESS.split())
        self._edge(self.route("long"), ring[0])
        self._walk([*ring, ring[0]], 4.0)
        for place, token in enumerate(ring):
            self._edge(token, ring[(place * 7 + 3) % len(ring)])
        thought, answer = self._words(THOUGHT.split()), self._words(ANSWER.split())
        start = self.route("think")
        self._walk([start, self._think, *thought, self._answer, *answer, self.end])
        spelled = [self.ids[f"<0x{value:02X}>"] for value in UNICODE]
        self._walk([self.route("unicode"), *spelled, self.end])
        self._code()

    def _code(self) -> None:
        pieces = [self._token("Here:\n\n"), self._token("```python\n"), self._token("def")]
        pieces += [*self._words(["solve"]), self._token("():\n"), self._token("    return")]
        pieces += [*self._words(["42\n"]), self._token("```"), self._token("\n\nDone")]
        self._walk([self.route("code"), *pieces, self.end])

    def _topics(self) -> None:
        """Words in any order, most often in theirs; without chance: all in order, then the end."""
        for name, topic in TOPICS.items():
            start, words = self.route(name), self._words(topic.split())
            for word in words:
                self._edge(start, word)
                for other in words:
                    if other != word:
                        self._edge(word, other)
                self._edge(word, self.end, 0.3)
            self._walk(words, 2.0)
            self._edge(start, words[0])
            self._edge(words[-1], self.end, 9.0)

    def _tools(self) -> None:
        call = self._token(CALL)
        self._walk([self.route("tool"), self._call, call, self._called, self.end])
        self._walk([self.route("after"), *self._words(AFTER_TOOL.split()), self.end])
