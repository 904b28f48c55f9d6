"""Everything that can go wrong, as one tree.

```
SessionsError
├── InvalidId(value)                            a name that no path may be made of
├── InvalidValue(field, value, valid)           an argument outside what is allowed
├── SessionNotFound(session_id)
├── SessionExists(session_id)
├── ChatNotFound(session_id, chat_id)
├── MessageNotFound(session_id, message_id)
├── FileNotKept(session_id, path)               no picture or file of that name beside the session
├── WorkspaceNotFound(workspace_id)
├── TemplateNotFound(name, known, reason)
├── UnknownProvider(name, known)
├── SessionStateError(session_id, state, operation)
├── SessionLimitError(limit, name)
├── SessionBusy(session_id, chat_id, elsewhere)  a turn is under way in that chat
├── StoreError(reason, path)                    the store could not do it; nothing changed
│   ├── CorruptSession(path, reason)            a file that cannot be read; it is left as it is
│   └── ReadOnlySession(session_id, reason)     a newer format, kept from being rewritten
├── TransferError(path, reason)                 an import or export that could not be done
├── SettingsError(path, reason)
├── ToolError(tool, reason)                     a tool that cannot be offered or used
└── ProviderError(kind, retry_after)            the model's side failed
```
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path


class SessionsError(Exception):
    """Any error this package raises on purpose; its text is a sentence for a person."""

    def __reduce__(self) -> tuple[Callable[..., SessionsError], tuple[object, ...]]:
        # An exception is otherwise copied and unpickled by giving its text to `__init__`: one from
        # another process would not arrive, or another one would.
        return _again, (type(self), self.args, self.__dict__)


def shown(value: object) -> str:
    """What stands for any value in a sentence, also for one too large or too deep to be written."""
    try:
        return f"{value!r:.80}"
    except Exception:
        return f"a {type(value).__name__} that cannot be shown"


class InvalidId(SessionsError, ValueError):
    """An id that does not match `[A-Za-z0-9][A-Za-z0-9_-]{0,127}`."""

    def __init__(self, value: object, kind: str = "id") -> None:
        self.value = value
        self.kind = kind
        super().__init__(
            f"{shown(value)} is not a valid {kind}: use 1 to 128 letters, digits, '-' or '_', "
            "starting with a letter or digit."
        )


class InvalidValue(SessionsError, ValueError):
    """An argument outside what is allowed; `valid` says what would be."""

    def __init__(
        self,
        field: str,
        value: object,
        valid: str | Iterable[str],
        *,
        sentence: str | None = None,
    ) -> None:
        self.field = field
        self.value = value
        self.valid = valid if isinstance(valid, str) else ", ".join(valid)
        super().__init__(sentence or f"{field} cannot be {shown(value)}; valid: {self.valid}.")


class SessionNotFound(SessionsError, LookupError):
    """No session with that id where it was looked for."""

    def __init__(self, session_id: str | None) -> None:
        self.session_id = session_id
        name = "No session to resume" if session_id is None else f"No session {session_id!r:.140}"
        super().__init__(f"{name}; `sessions-tui list` shows what there is.")


class SessionExists(SessionsError):
    """The id asked for is taken."""

    def __init__(self, session_id: str) -> None:
        self.session_id = session_id
        super().__init__(f"A session {session_id!r} is there already; choose another id.")


class ChatNotFound(SessionsError, LookupError):
    """The session has no such chat."""

    def __init__(self, session_id: str, chat_id: str) -> None:
        self.session_id = session_id
        self.chat_id = chat_id
        named = f" {chat_id!r:.140}" if chat_id else " yet; send a message to begin one"
        super().__init__(f"Session {session_id!r} has no chat{named}.")


class MessageNotFound(SessionsError, LookupError):
    """No chat of the session holds such a message."""

    def __init__(self, session_id: str, message_id: str) -> None:
        self.session_id = session_id
        self.message_id = message_id
        super().__init__(f"Session {session_id!r} has no message {message_id!r:.140}.")


class FileNotKept(SessionsError, LookupError):
    """Nothing is kept beside the session under that path."""

    def __init__(self, session_id: str, path: object) -> None:
        self.session_id = session_id
        self.path = path
        super().__init__(
            f"Session {session_id!r} keeps no file {path!r:.140}; the `path` of a picture in its "
            "messages names one."
        )


class WorkspaceNotFound(SessionsError, LookupError):
    """No workspace with that id."""

    def __init__(self, workspace_id: str) -> None:
        self.workspace_id = workspace_id
        super().__init__(f"No workspace {workspace_id!r:.140}.")


class TemplateNotFound(SessionsError, LookupError):
    """No agent template of that name; `known` lists those there are.

    Attributes:
        reason: why a file that there is of that name cannot be used; empty where there is none.
    """

    def __init__(self, name: str, known: Sequence[str] = (), reason: str = "") -> None:
        self.name = name
        self.known = tuple(known)
        self.reason = reason
        why = f" that can be used ({reason.rstrip('.')})" if reason else ""
        super().__init__(f"No template {name!r:.140}{why}; valid: {', '.join(known) or 'none'}.")


class UnknownProvider(SessionsError, LookupError):
    """No provider of that name; `known` lists those there are."""

    def __init__(self, name: str, known: Sequence[str] = ()) -> None:
        self.name = name
        self.known = tuple(known)
        super().__init__(f"No provider {name!r:.140}; valid: {', '.join(known) or 'none'}.")


_DONE_TO = {
    "send": "send to",
    "regenerate": "ask again in",
    "continue_reply": "go on with a reply of",
    "checkpoint": "summarise",
    "create_chat": "add a chat to",
    "restore_chat": "bring a chat back to",
    "delete_chat": "delete a chat of",
    "set_agent": "change an agent of",
    "add_message": "add a message to",
    "edit_message": "change a message of",
    "delete_message": "delete a message of",
    "clear_history": "clear the history of",
    "replace_history": "change the history of",
}
"""What a verb of the manager does to a session, in words, where its name does not say it."""


class SessionStateError(SessionsError):
    """The session's state does not allow the operation.

    Attributes:
        operation: the name of the manager's method that was refused, as `send` or `edit_message`.
    """

    def __init__(self, session_id: str, state: str, operation: str) -> None:
        self.session_id = session_id
        self.state = state
        self.operation = operation
        remedy = {
            "paused": "resume it first",
            "archived": "take it out of the archive first",
            "expired": "it is read-only now, but it can be forked, exported and deleted",
        }.get(state, "see its state")
        what = _DONE_TO.get(operation, operation)
        super().__init__(f"Cannot {what} session {session_id!r}: it is {state}; {remedy}.")


class SessionLimitError(SessionsError):
    """A limit of the settings is reached; nothing was created."""

    def __init__(self, limit: int, name: str) -> None:
        self.limit = limit
        self.name = name
        counted, per, holder = name.replace("_", " ").partition(" per ")
        if limit == 1:
            counted = counted.removesuffix("s")
        what, remedy = f"{limit} {counted}{per}{holder}", "delete some, or "
        if name == "child_depth":
            what, remedy = f"sub-agents nested {limit} deep", ""
        super().__init__(
            f"The limit of {what} is reached; {remedy}raise `limits.{name}` in the settings."
        )


class SessionBusy(SessionsError):
    """The chat is answering already; one turn runs at a time in a chat.

    Attributes:
        elsewhere: it does so in another window, or another program on the same files.
    """

    def __init__(self, session_id: str, chat_id: str, *, elsewhere: bool = False) -> None:
        self.session_id = session_id
        self.chat_id = chat_id
        self.elsewhere = elsewhere
        chat = f"Chat {chat_id!r} of session {session_id!r}"
        super().__init__(
            f"{chat} is being answered in another window or program; "
            "wait for that reply, or stop it there."
            if elsewhere
            else f"{chat} is still answering; wait for the reply or stop it."
        )


class StoreError(SessionsError):
    """The store could not do what was asked; what it held before is still there."""

    def __init__(self, reason: str, path: Path | str | None = None) -> None:
        self.reason = reason
        self.path = path
        super().__init__(f"{path}: {reason}" if path is not None else reason)


class CorruptSession(StoreError):
    """A session file that cannot be read; it is left untouched where it is."""

    def __init__(self, path: Path | str, reason: str) -> None:
        super().__init__(reason, path)


class ReadOnlySession(StoreError):
    """A session that may be read but not changed."""

    def __init__(
        self, session_id: str, reason: str = "its format is newer than this version writes."
    ) -> None:
        self.session_id = session_id
        super().__init__(f"Session {session_id!r} is read-only: {reason}")


class TransferError(SessionsError):
    """An import or export that could not be done."""

    def __init__(self, path: Path | str, reason: str) -> None:
        self.path = path
        self.reason = reason
        super().__init__(f"{path}: {reason}")


class SettingsError(SessionsError):
    """A settings file that cannot be used as it stands."""

    def __init__(self, path: Path | str, reason: str) -> None:
        self.path = path
        self.reason = reason
        super().__init__(f"{path}: {reason}")


class ToolError(SessionsError):
    """A tool, or a server of tools, that cannot be offered or used; the turn goes on without it."""

    def __init__(self, tool: str, reason: str) -> None:
        self.tool = tool
        self.reason = reason
        super().__init__(f"Tool {tool!r:.140}: {reason}")


class ProviderError(SessionsError):
    """The model's side failed.

    Attributes:
        kind: what to tell apart in code: `auth`, `not_found`, `context_too_long`, `rate_limited`,
            `unavailable`, `cut_off`, `timeout`, `bad_request` or `other`.
        retry_after: seconds to wait before another try, where the provider said so.
    """

    def __init__(self, message: str, kind: str = "other", retry_after: float | None = None) -> None:
        self.kind = kind
        self.retry_after = retry_after
        super().__init__(message)


def _again(
    kind: type[SessionsError], args: tuple[object, ...], fields: Mapping[str, object]
) -> SessionsError:
    """An error as it was made somewhere else."""
    error = kind.__new__(kind, *args)
    error.__dict__.update(fields)
    return error
