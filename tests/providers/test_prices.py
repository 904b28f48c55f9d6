"""Costs come from the price data of the very endpoint, and are unknown everywhere else."""

from __future__ import annotations

import pytest
from pydantic_ai.usage import RequestUsage

from tui_sessions.providers.library.prices import known_cost
from tui_sessions.providers.library.usage import reported_usage

OPENAI = "https://api.openai.com/v1"
ANTHROPIC = "https://api.anthropic.com"
GOOGLE = "https://generativelanguage.googleapis.com"
OPENROUTER = "https://openrouter.ai/api/v1"
MILLION = 1_000_000


@pytest.mark.parametrize(
    ("model", "address", "sent", "received", "read", "written"),
    [
        ("gpt-4o-2024-08-06", OPENAI, 2.5, 10, 1.25, None),
        ("gpt-5", OPENAI, 1.25, 10, 0.125, None),
        ("claude-sonnet-4-5", ANTHROPIC, 3, 15, 0.3, 3.75),
        ("claude-sonnet-4-5-20250929", ANTHROPIC, 3, 15, 0.3, 3.75),
        ("gemini-2.5-flash", GOOGLE, 0.3, 2.5, 0.03, None),
        ("anthropic/claude-sonnet-4.5", OPENROUTER, 3, 15, 0.3, 3.75),
        ("openai/gpt-4o", OPENROUTER, 2.5, 10, 1.25, None),
    ],
)
def test_every_kind_of_token_has_its_price(
    model: str, address: str, sent: float, received: float, read: float, written: float | None
) -> None:
    def cost(**tokens: int) -> float | None:
        return known_cost(RequestUsage(**tokens), model, address)

    assert cost(input_tokens=1000) == pytest.approx(sent * 1000 / MILLION)
    assert cost(output_tokens=1000) == pytest.approx(received * 1000 / MILLION)
    cached = cost(input_tokens=1000, cache_read_tokens=600)
    assert cached == pytest.approx((sent * 400 + read * 600) / MILLION)
    if written is not None:
        stored = cost(input_tokens=1000, cache_write_tokens=600)
        assert stored == pytest.approx((sent * 400 + written * 600) / MILLION)


@pytest.mark.parametrize(
    ("model", "address"),
    [
        ("gpt-4o", "http://127.0.0.1:8080/v1"),
        ("gpt-4o", "http://localhost:11434/v1"),
        ("claude-sonnet-4-5", "http://192.168.1.5/v1"),
        ("gpt-4o", "https://api.openai.com.example.org/v1"),
        ("gpt-4o", "https://example.org/https://api.openai.com/v1"),
        ("no-such-model", OPENAI),
        ("claude-sonnet-4-5", OPENAI),
    ],
)
def test_no_other_endpoint_is_priced_by_the_name_of_a_model(model: str, address: str) -> None:
    assert known_cost(RequestUsage(input_tokens=1000), model, address) is None


def test_a_reply_tells_what_was_cached_apart_from_what_was_sent() -> None:
    usage = RequestUsage(input_tokens=1000, output_tokens=10, cache_read_tokens=600)
    told = reported_usage(usage, "gpt-4o-2024-08-06", OPENAI)
    assert told is not None
    assert (told.input_tokens, told.cache_read_tokens, told.output_tokens) == (400, 600, 10)
    assert told.cost_usd == pytest.approx((400 * 2.5 + 600 * 1.25 + 10 * 10) / MILLION)
