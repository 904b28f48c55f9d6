"""How many examples Hypothesis tries: few in a quick run, five times as many with `--run-slow`."""

from __future__ import annotations

from typing import Any

from hypothesis import HealthCheck, settings

QUICK = 40
"""Examples of a test that asks for no other number, in a quick run."""
TIMES = 5
"""How many times as many a run with `--run-slow` tries, of every test."""

# How fast a machine is says nothing about the code: no example fails for its time.
_PATIENT: dict[str, Any] = {"deadline": None, "suppress_health_check": [HealthCheck.too_slow]}
settings.register_profile("quick", max_examples=QUICK, **_PATIENT)
settings.register_profile("thorough", max_examples=QUICK * TIMES, **_PATIENT)


def load_examples(*, thorough: bool) -> None:
    """Say which run this is, before any test is imported."""
    settings.load_profile("thorough" if thorough else "quick")


def examples(quick: int = QUICK, *allowed: HealthCheck) -> settings:
    """Have a test try so many examples in a quick run, and do what Hypothesis warns of.

    A number given to `settings` itself would be the same in every run.
    """
    usual = settings()
    return settings(
        max_examples=quick * usual.max_examples // QUICK,
        suppress_health_check=[*usual.suppress_health_check, *allowed],
    )
