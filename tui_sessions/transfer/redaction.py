r"""Secrets and private details taken out of a session before it is written.

What is found is replaced by `REDACTED-api-key-1` and the like: the same secret by the same text
within one `Redactor`, and always by letters, digits and hyphens, so that ids stay ids and no
format needs to escape them. Home folders become `~`.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from typing import Any

import msgspec

from tui_sessions.model.document import SessionDocument
from tui_sessions.model.session import Session, Workspace
from tui_sessions.transfer.pictures import is_picture_data

MARK = "REDACTED"
_PLACEHOLDER = re.compile(f"{MARK}-[a-z-]+-[0-9]")
_HOME = "home path"
_USER = "user name"
_FILE = "attached file"


@dataclass(frozen=True, slots=True)
class _Rule:
    """A shape that is looked for."""

    kind: str
    """What people are told was found."""
    hints: tuple[str, ...]
    """A text without any of these has nothing of that shape; looking for them is fast."""
    pattern: re.Pattern[str]
    """The group `secret` is what is replaced; without it, all that matches."""
    any_case: bool = False
    """The hints are in lower case and stand for either."""

    def may_be_in(self, text: str) -> bool:
        """Whether it is worth looking closely."""
        looked_at = text.lower() if self.any_case else text
        return any(hint in looked_at for hint in self.hints)


class Redactor:
    """Takes secrets out of sessions, and counts them.

    ```python
    redactor = Redactor()
    data = await manager.export_session(session.id, "markdown", redact=redactor)
    redactor.counts  # Counter({"API key": 2, "mail address": 1})
    ```
    """

    def __init__(self) -> None:
        self.counts: Counter[str] = Counter()
        """How many places of each kind were replaced."""
        self._known: dict[tuple[str, str], str] = {}
        self._numbers: Counter[str] = Counter()

    def document(self, document: SessionDocument) -> SessionDocument:
        """The same session without them; pictures stay, what is in other files does not."""
        data: dict[str, Any] = self._value(document.data)
        if data.get("user_id"):
            data["user_id"] = ""
            self.counts[_USER] += 1
        return SessionDocument(data)

    def session(self, session: Session) -> Session:
        """What is shown of another session, without them."""
        return msgspec.structs.replace(session, label=self.text(session.label))

    def workspace(self, workspace: Workspace) -> Workspace:
        """The same workspace without them."""
        return msgspec.convert(self._value(msgspec.to_builtins(workspace)), Workspace)

    def text(self, text: str) -> str:
        """The same text without them."""
        for rule in _rules():
            if rule.may_be_in(text):
                text = rule.pattern.sub(self._replacing(rule), text)
        return text

    def _value(self, value: Any) -> Any:
        if isinstance(value, str):
            return self.text(value)
        if isinstance(value, list):
            return [self._value(item) for item in value]
        if isinstance(value, dict):
            return self._object(value)
        return value

    def _object(self, value: dict[str, Any]) -> dict[str, Any]:
        is_image = value.get("type") == "image"
        made: dict[str, Any] = {}
        for key, item in value.items():
            if key == "data" and value.get("type") == "file" and isinstance(item, str):
                self.counts[_FILE] += 1
                continue
            name = wanted = self.text(key)
            while name in made:  # two homes that both became ~
                name = f"{wanted} ({len(made)})"
            kept = is_image and key == "data" and is_picture_data(item)
            made[name] = item if kept else self._value(item)
        return made

    def _replacing(self, rule: _Rule) -> Callable[[re.Match[str]], str]:
        group = "secret" if "secret" in rule.pattern.groupindex else 0

        def replace(found: re.Match[str]) -> str:
            if _PLACEHOLDER.search(found[group]):
                return found[0]
            self.counts[rule.kind] += 1
            start, end = found.span(group)
            before, after = found[0][: start - found.start()], found[0][end - found.start() :]
            return before + self._placeholder(rule.kind, found[group]) + after

        return replace

    def _placeholder(self, kind: str, secret: str) -> str:
        if kind == _HOME:
            return "~"
        known = self._known.get((kind, secret))
        if known is None:
            self._numbers[kind] += 1
            name = kind.lower().replace(" ", "-")
            known = self._known[kind, secret] = f"{MARK}-{name}-{self._numbers[kind]}"
        return known


# Where a key may begin: not within a word. The codes of colours, `\n` in JSON and `%3D` in URLs
# end in letters or digits too, and do not count as one.
_BEFORE = (
    "(?<![A-Za-z0-9]{0})",
    r"(?<=\\[nrtbf]{0})",
    "(?<=%[0-9A-Fa-f][0-9A-Fa-f]{0})",
    r"(?<=\[m{0})",
    r"(?<=[\[;]\dm{0})",
    r"(?<=[\[;]\d\dm{0})",
    r"(?<=;\d\d\dm{0})",
)


def _token(kind: str, hint: str, rest: str) -> _Rule:
    """A shape with a fixed beginning; it is looked for first, so that searching stays fast."""
    begins = "|".join(before.replace("{0}", re.escape(hint)) for before in _BEFORE)
    return _Rule(kind, (hint,), re.compile(f"{re.escape(hint)}(?:{begins}){rest}"))


_NAME = r"\w(?:[\w.+@$-]{0,62}\w)?"
_ENDINGS = "png|jpe?g|gif|svg|webp|avif|service|socket|timer|target"
_KEYS = (
    ("sk-", r"(?:ant-[\w-]{6,}|(?=[a-z_-]{0,40}[0-9A-Z])[\w-]{12,}|[a-z]{20,})"),
    ("sk_live_", r"\w{8,}"),
    ("sk_test_", r"\w{8,}"),
    ("rk_live_", r"\w{8,}"),
    ("AIza", r"[\w-]{30,}"),
    ("gsk_", r"[A-Za-z0-9]{20,}"),
    ("xai-", r"[A-Za-z0-9]{20,}"),
    ("pplx-", r"[A-Za-z0-9]{20,}"),
    ("AKIA", r"[A-Z0-9]{16,}"),
    ("ASIA", r"[A-Z0-9]{16}(?![A-Za-z0-9])"),
)
_TOKENS = (
    *((f"gh{kind}_", r"[A-Za-z0-9]{16,}") for kind in "pousr"),
    ("github_pat_", r"\w{16,}"),
    ("glpat-", r"[\w-]{16,}"),
    *((f"xox{kind}-", r"[A-Za-z0-9-]{8,}") for kind in "abcdeoprs"),
    ("xapp-", r"[A-Za-z0-9-]{8,}"),
    ("hf_", r"[A-Za-z0-9]{20,}"),
    ("npm_", r"[A-Za-z0-9]{30,}"),
    ("pypi-Ag", r"[\w-]{30,}"),
    ("eyJ", r"(?:[\w-]{4,4096}+\.){2}[\w-]*(?:\.[\w-]+){0,2}"),
)


@cache
def _rules() -> tuple[_Rule, ...]:
    """The shapes, in the order they are looked for: what may hold others comes first."""
    return (
        _Rule("private key", ("PRIVATE KEY",), re.compile(_PRIVATE_KEY)),
        _Rule("password", ("://",), re.compile(_URL_LOGIN)),
        *(_token("API key", *shape) for shape in _KEYS),
        *(_token("token", *shape) for shape in _TOKENS),
        _Rule("token", ("bearer", "authorization"), re.compile(_AUTHORIZATION), any_case=True),
        _Rule("mail address", ("@",), re.compile(_MAIL)),
        _Rule(_HOME, ("home", "users"), re.compile(_HOME_PATH), any_case=True),
    )


# A key whose end is missing is taken as far as it looks like one.
_PRIVATE_KEY = (
    r"-----BEGIN (?:[A-Z0-9]+ ){0,4}PRIVATE KEY(?: BLOCK)?-----"
    r"(?:[^-]*+(?:-(?!----(?:BEGIN|END))[^-]*+)*+-----END [A-Z0-9 ]{0,60}-----"
    r"|(?:[A-Za-z0-9+/=\s]|\\[nr])*+)"
)
_URL_LOGIN = (
    r"(?<![A-Za-z0-9+.-])[A-Za-z][A-Za-z0-9+.-]{0,30}://[^\s/:\"'<>]{0,256}:"
    r"(?!\d{1,5}[?#])(?P<secret>[^\s/\"'<>]{1,512})@"
)
_AUTHORIZATION = (
    r"(?i:authorization[\"'\\]{0,3}\s{0,4}[:=]\s{0,4}[\"'\\]{0,3}(?:(?:bearer|basic|token)\s{1,4})?"
    r"|\bbearer(?:\s{1,4}|%20|\+)(?=[\w.~+/-]*\d|[\w.~+/-]{16}))"
    r"(?P<secret>(?!(?i:bearer|basic|token)\b)[\w.~+/-]{6,}=*)"
)
_MAIL = (
    r"(?<![\w.%+-])(?!REDACTED-|git@)[\w.%+-]{1,64}+@(?:[\w-]{1,63}\.){1,8}"
    rf"(?!(?:{_ENDINGS})\b)[^\W\d_]{{2,24}}(?![\w-])"
)
_HOME_PATH = (
    rf"(?:(?<![\w.~-])(?:/var)?/home/+{_NAME}"
    rf"|(?:(?<![\w.~-])|(?<=/mnt/[a-z]))/Users/+(?!Shared\b){_NAME}"
    r"|(?<![A-Za-z0-9])[A-Za-z]:[\\/]{1,4}(?i:Users)[\\/]{1,4}(?!(?:Public|Default)\b)"
    r"(?:[^\\/:*?\"<>|\s]{1,64}(?: [^\\/:*?\"<>|\s]{1,64}){0,2}(?=[\\/])|"
    rf"{_NAME})"
    # Folders that other programs name after a path: `-home-ana-project`.
    r"|(?<![\w-])-(?:home|Users)-[^\W_]+)"
)
