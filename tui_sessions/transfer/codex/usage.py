"""Token counts: Codex tells running totals, at times twice, and starts anew after a resume."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from tui_sessions.model.usage import Usage
from tui_sessions.transfer.codex.records import Kind, Record
from tui_sessions.transfer.hygiene import tokens

_COUNTS = ("input_tokens", "cached_input_tokens", "cache_write_input_tokens", "output_tokens")


def usages_of(records: Sequence[Record], *, continues: bool = False) -> dict[int, Usage]:
    """What was used up to each counting record since the one before, by the record's place.

    Args:
        records: all records of a session, those that it took over included.
        continues: the first total counts a parent too whose records are not there.
    """
    return _by_totals(records, continues=continues) or _by_responses(records)


def _by_responses(records: Iterable[Record]) -> dict[int, Usage]:
    used: dict[str, tuple[int, Usage]] = {}
    for place, record in enumerate(records):
        usage = record.payload.get("usage") if record.kind is Kind.RESPONSE_TOKENS else None
        if isinstance(usage, dict):
            response = str(record.payload.get("response_id") or place)
            used[response] = place, _usage(_counts(usage))
    return dict(used.values())


def _by_totals(records: Iterable[Record], *, continues: bool) -> dict[int, Usage]:
    used: dict[int, Usage] = {}
    before: dict[str, int] | None = None
    for place, record in enumerate(records):
        info = record.payload.get("info") if record.kind is Kind.TOKENS else None
        if not isinstance(info, dict) or not isinstance(info.get("total_token_usage"), dict):
            continue
        total = _counts(info["total_token_usage"])
        last = info.get("last_token_usage")
        if before is None and continues and isinstance(last, dict):
            step = _counts(last)
        elif before is None or sum(total.values()) < sum(before.values()):
            step = total
        else:
            step = {key: max(0, total[key] - before[key]) for key in _COUNTS}
        before = total
        if any(step.values()):
            used[place] = _usage(step)
    return used


def _counts(raw: Mapping[str, Any]) -> dict[str, int]:
    return {key: tokens(raw.get(key)) for key in _COUNTS}


def _usage(counts: Mapping[str, int]) -> Usage:
    """The source's input counts what came from a cache, too."""
    read, written = counts["cached_input_tokens"], counts["cache_write_input_tokens"]
    return Usage(
        input_tokens=max(0, counts["input_tokens"] - read - written),
        output_tokens=counts["output_tokens"],
        cache_read_tokens=read,
        cache_write_tokens=written,
    )
