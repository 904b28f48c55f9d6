"""What replies used together, and of how many of them that is not known."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

import msgspec

from tui_sessions.model.message import Message
from tui_sessions.model.session import Session
from tui_sessions.model.usage import Usage


class Tally(msgspec.Struct, frozen=True, kw_only=True):
    """The use of some replies; what nobody told is counted as unknown, not as nothing.

    ```python
    tally(await manager.history(session.id)).usage.total_tokens
    ```
    """

    replies: int = 0
    unmeasured: int = 0
    """Replies of which the provider told no tokens."""
    unpriced: int = 0
    """Replies of which the cost is not known, the unmeasured ones among them."""
    usage: Usage = Usage()
    """The sum of what is known."""

    def __add__(self, other: Tally) -> Tally:
        return Tally(
            replies=self.replies + other.replies,
            unmeasured=self.unmeasured + other.unmeasured,
            unpriced=self.unpriced + other.unpriced,
            usage=self.usage + other.usage,
        )


class UsageReport(msgspec.Struct, frozen=True, kw_only=True):
    """What the replies of many sessions used; what came with a fork counts in its parent only."""

    total: Tally = Tally()
    by_user: dict[str, Tally] = {}
    by_workspace: dict[str, Tally] = {}
    """By the workspace's id."""
    by_model: dict[str, Tally] = {}
    """By the model that answered; `""` where nobody told."""


def tally(messages: Iterable[Message]) -> Tally:
    """Count the replies among messages; one of which nothing came is none."""
    total = Tally()
    for message in messages:
        if message.usage is not None or _is_reply(message):
            total += _tally_of(message)
    return total


def last_turn(messages: Sequence[Message]) -> Tally:
    """What has been used since the last question."""
    asked = (i for i, m in enumerate(messages) if m.role == "user" and not m.hidden)
    return tally(messages[max(asked, default=0) :])


def tallies_by_model(messages: Iterable[Message], model: str) -> dict[str, Tally]:
    """The replies among messages by the model that answered, else the one that is named."""
    by_model: dict[str, list[Message]] = {}
    for message in messages:
        by_model.setdefault(message.model or model, []).append(message)
    tallies = {name: tally(found) for name, found in by_model.items()}
    return {name: found for name, found in tallies.items() if found.replies}


def usage_report(counted: Iterable[tuple[Session, Mapping[str, Tally]]]) -> UsageReport:
    """Add up what sessions used, each by model."""
    report = UsageReport(by_user={}, by_workspace={}, by_model={})
    total = Tally()
    for session, tallies in counted:
        for model, one in tallies.items():
            total += one
            for found, key in (
                (report.by_user, session.user_id),
                (report.by_workspace, session.workspace_id),
                (report.by_model, model),
            ):
                found[key] = found.get(key, Tally()) + one
    return msgspec.structs.replace(report, total=total)


def _is_reply(message: Message) -> bool:
    return message.role == "assistant" and not message.hidden and bool(message.content)


def _tally_of(message: Message) -> Tally:
    usage = message.usage
    return Tally(
        replies=1,
        unmeasured=int(usage is None),
        unpriced=int(usage is None or usage.cost_usd is None),
        usage=usage or Usage(),
    )
