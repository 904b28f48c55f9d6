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
from functools import cache, lru_cache
from typing import Any

import msgspec

from tui_sessions.model.document import SessionDocument
from tui_sessions.model.session import Session, Workspace
from tui_sessions.transfer.pictures import is_picture_data
from tui_sessions.transfer.secret_shapes import (
    AUTHORIZATION,
    BOT_LOGIN,
    COOKIE,
    CURL_LOGIN,
    HOME_PATH,
    IN_URL,
    KEYS,
    LONGEST_NAME,
    MAIL,
    NAME_OF_SECRET,
    NAMED,
    NAMES_OF_SECRETS,
    OPTION,
    PASSWORD_KEY,
    PRIVATE_KEY,
    QUOTED,
    TOKENS,
    URL_LOGIN,
)
from tui_sessions.transfer.told_passwords import (
    HINTS,
    IN_CONNECTION,
    IN_SHELL,
    KEY_HINTS,
    KEY_IN_ENVIRONMENT,
    LISTED_AS_WORD,
    OWN,
    SAID,
    SAID_AS_WORD,
    SAID_IN_QUOTES,
    SAID_KEY,
)

MARK = "REDACTED"
_PLACEHOLDER = re.compile(f"{MARK}-[a-z-]+-[0-9]")
_HOME = "home path"
_USER = "user name"
_FILE = "attached file"
_KEYS_KNOWN = 1000


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
    name: re.Pattern[str] | None = None
    """What has to stand before it."""

    def may_be_in(self, text: str, lowered: str) -> bool:
        """Whether it is worth looking closely, from a text and the same in lower case."""
        looked_at = lowered if self.any_case else text
        return any(hint in looked_at for hint in self.hints)

    def is_named(self, found: re.Match[str]) -> bool:
        """Whether what has to stand before what was found does."""
        start = found.start()
        place = max(0, start - LONGEST_NAME)
        return self.name is None or self.name.search(found.string, place, start) is not None


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
        lowered = text.lower()
        if not _holds_a_hint(lowered):
            return text
        for rule in _rules():
            if rule.may_be_in(text, lowered):
                told = rule.pattern.sub(self._replacing(rule), text)
                if told != text:
                    text, lowered = told, told.lower()
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
            name = wanted = key if _is_harmless_key(key) else self.text(key)
            while name in made:  # two homes that both became ~
                name = f"{wanted} ({len(made)})"
            kept = is_image and key == "data" and is_picture_data(item)
            made[name] = item if kept else self._named(key, item)
        return made

    def _named(self, key: str, item: Any) -> Any:
        """What stands under a key; its name may tell that it is secret."""
        if isinstance(item, str) and _names_a_secret(key):
            before = f'{key}="'
            told = self.text(f'{before}{item}"')
            if told.startswith(before) and told.endswith('"'):
                told = told[len(before) : -1]
                return self._password(item) if told == item and PASSWORD_KEY.search(key) else told
        return self._value(item)

    def _password(self, value: str) -> str:
        """What stands in a password's place; nothing, and what only names one, stays."""
        if not value or value[0] in "$<{" or _PLACEHOLDER.search(value):
            return value
        self.counts["secret"] += 1
        return self._placeholder("secret", value)

    def _replacing(self, rule: _Rule) -> Callable[[re.Match[str]], str]:
        group = "secret" if "secret" in rule.pattern.groupindex else 0

        def replace(found: re.Match[str]) -> str:
            if _PLACEHOLDER.search(found[group]) or not rule.is_named(found):
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


@cache
def _rules() -> tuple[_Rule, ...]:
    """The shapes, in the order they are looked for: what may hold others comes first."""
    return (
        _Rule("private key", ("PRIVATE KEY",), re.compile(PRIVATE_KEY)),
        _Rule("password", ("://",), re.compile(URL_LOGIN)),
        *(_token("API key", *shape) for shape in KEYS),
        *(_token("token", *shape) for shape in TOKENS),
        _Rule("token", ("bearer", "authorization"), re.compile(AUTHORIZATION), any_case=True),
        _Rule("token", (":AA",), re.compile(BOT_LOGIN)),
        _Rule("token", ("cookie",), re.compile(COOKIE), any_case=True),
        _Rule("token", ("=",), re.compile(IN_URL)),
        _Rule("password", ("curl",), re.compile(CURL_LOGIN)),
        *(
            _Rule("secret", NAMES_OF_SECRETS, re.compile(named), any_case=True, name=NAME_OF_SECRET)
            for named in (QUOTED, NAMED)
        ),
        _Rule("secret", ("--",), re.compile(OPTION)),
        *(
            _Rule("password", HINTS, re.compile(told), any_case=True)
            for told in (IN_CONNECTION, SAID_IN_QUOTES, SAID, LISTED_AS_WORD)
        ),
        _Rule("password", HINTS, re.compile(SAID_AS_WORD), any_case=True, name=OWN),
        _Rule("password", ("PASSW", "sshpass", "mysql"), re.compile(IN_SHELL)),
        _Rule("secret", KEY_HINTS, re.compile(SAID_KEY), any_case=True),
        _Rule("secret", ("_KEY",), re.compile(KEY_IN_ENVIRONMENT)),
        _Rule("mail address", ("@",), re.compile(MAIL)),
        _Rule(_HOME, ("home", "users"), re.compile(HOME_PATH), any_case=True),
    )


@cache
def _first_hints() -> tuple[str, ...]:
    """In lower case, what any text holds that one of the shapes may be in."""
    hints = {hint.lower() for rule in _rules() for hint in rule.hints}
    return tuple(
        hint for hint in hints if not any(other in hint for other in hints if other != hint)
    )


def _holds_a_hint(lowered: str) -> bool:
    """Whether any shape may be in a text that is given in lower case; most texts hold none."""
    for hint in _first_hints():  # noqa: SIM110  faster, and asked of every id and every time
        if hint in lowered:
            return True
    return False


# The keys of a document are few, and come again with every message.
@lru_cache(_KEYS_KNOWN)
def _is_harmless_key(key: str) -> bool:
    return not _holds_a_hint(key.lower())


@lru_cache(_KEYS_KNOWN)
def _names_a_secret(key: str) -> bool:
    return any(name in key.lower() for name in NAMES_OF_SECRETS)
