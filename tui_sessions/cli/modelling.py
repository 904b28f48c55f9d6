"""`models`: who could answer here and now."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from tui_sessions.cli.global_options import GlobalOptions, command
from tui_sessions.cli.opening import Sessions, with_sessions
from tui_sessions.cli.output import note, say_json, say_table
from tui_sessions.cli.words import WORDS

if TYPE_CHECKING:
    from collections.abc import Sequence

    from tui_sessions.providers.offers import Offer


@command("models")
@click.argument("provider", type=WORDS, required=False)
@click.option("--json", "as_json", is_flag=True, help="As one JSON document.")
@click.pass_obj
def models(options: GlobalOptions, provider: str | None, *, as_json: bool) -> None:
    """List the models that can be asked here and now.

    Of all providers, or of one; the first model of each is its default. What keeps a provider from
    being asked is told on standard error.
    """

    async def ask(sessions: Sessions) -> list[Offer]:
        from tui_sessions.providers.offers import offers, offers_of

        providers = sessions.manager.providers
        return await (offers(providers) if provider is None else offers_of(providers, [provider]))

    found = with_sessions(options, ask)
    if as_json:
        say_json({"providers": [_value(offer) for offer in found]})
        return
    if provider is not None and (problem := found[0].problem) is not None:
        raise problem
    rows = [(offer.provider, model) for offer in found for model in offer.models]
    if rows:
        say_table(("PROVIDER", "MODEL"), rows, grows=1)
    _tell_problems(found)


def _value(offer: Offer) -> dict[str, object]:
    problem = offer.problem
    told = None if problem is None else {"kind": problem.kind, "message": str(problem)}
    return {"name": offer.provider, "models": list(offer.models), "problem": told}


def _tell_problems(found: Sequence[Offer]) -> None:
    problems = [str(offer.problem) for offer in found if offer.problem is not None]
    if problems:
        note("Not to be asked for now:")
    for problem in problems:
        note(f"  {problem}")
