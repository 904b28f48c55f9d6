"""Pairs of very common words that stand side by side, which make phrases of them quick to find.

Nearly every message has such words many times, and to look at all their places takes long.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

import tantivy

_WORDS = """
a about after all also am an and any are as at back be because been before but by can could did do
does each even first for from get go good had has have he her here him his how i if in into is it
its just know like ll look make may me more most must my new no not now of on one only or other our
out over re s same say see set should so some such t take than that the their them then there these
they this time to two up us use used user using ve very want was way we well were what when where
which while who why will with work would yes you your
class def else error false file function import int len name none null print return run self str
string test true type value x 0 1 2
aber als am an auch auf aus bei bin bis da das dass dem den der des die dies du ein eine einem einen
einer er es fur hat ich ihr im in ist ja kann man mich mir mit nach nicht noch nur oder sich sie
sind so und uns von war was wenn wie wir wird zu zum zur
au aux avec ce cette comme dans de des du elle en est et il ils je la le les leur lui mais me ne
nous on ou par pas plus pour qu que qui sa se ses son sur tu un une vous
al con como del el ella en es esta este fue la las lo los mas muy no nos para pero por que se si
sin su sus te un una uno y ya yo
alla che chi ci da degli dei della delle di e gli ha ho i il io le mi nel nella non o per piu sono
ti una ao as com da das do dos e em foi mais mas na nao nas o os ou pela pelo seu sua um uma
aan bij dat de deze dit een en er het hij hoe ik is je maar met naar niet ook op te van voor was we
ze zijn
的 一 是 不 了 在 人 有 我 他 这 個 个 们 中 来 上 大 为 和 到 你 要 以 会 可 能 就 那 说 用
の に は を た が で て と し れ さ い も な す る
"""
_COMMON = frozenset(_WORDS.split())
_COMMON_BYTES = frozenset(word.encode() for word in _COMMON)
_SPACED = bytes(
    ord(chr(code).lower()) if code < 128 and chr(code).isalnum() else 32 for code in range(256)
)
"""Makes every byte of an ASCII text a small letter, a digit or a space."""

_tokens = tantivy.TextAnalyzerBuilder(tantivy.Tokenizer.simple()).build()


def pairs_in(body: str) -> str:
    """The pairs in a text that is folded, one after the other."""
    if body.isascii():
        words = body.encode().translate(_SPACED).split()
        return b" ".join(
            one + b"_" + other
            for one, other in pairwise(words)
            if one in _COMMON_BYTES and other in _COMMON_BYTES
        ).decode()
    return " ".join(pairs_of(_tokens.analyze(body)))


def pairs_of(tokens: Sequence[str]) -> list[str]:
    """The pairs among words that stand side by side, as the index knows them."""
    return [
        f"{one}_{other}" for one, other in pairwise(tokens) if one in _COMMON and other in _COMMON
    ]
