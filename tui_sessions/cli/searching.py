"""`search`: messages by their words, and sessions by what they are called."""

from __future__ import annotations

import asyncio
import sys
from typing import TYPE_CHECKING

import click

from tui_sessions.cli.global_options import Command, GlobalOptions
from tui_sessions.cli.opening import Sessions, with_sessions
from tui_sessions.cli.output import count, local_time, note, say, say_json, takes_escapes
from tui_sessions.cli.values import search_value
from tui_sessions.cli.words import WORDS
from tui_sessions.model.visible import visible_line

if TYPE_CHECKING:
    from tui_sessions.model.search import IndexProgress, SearchHit, SearchResults, Snippet

_TOLD_EVERY_S = 0.5


class _QueryCommand(Command):
    """A command whose arguments are words, of which those with a minus are no options."""

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        """Put the words with a minus where they are not taken for options."""
        end = args.index("--") if "--" in args else len(args)
        valued = {
            name
            for option in self.params
            if isinstance(option, click.Option) and not option.is_flag
            for name in option.opts
        }
        others: list[str] = []
        without: list[str] = []
        for place, word in enumerate(args[:end]):
            belongs_to_option = place > 0 and args[place - 1] in valued
            is_word = word[:1] == "-" and word[1:2] not in ("", "-") and not belongs_to_option
            (without if is_word else others).append(word)
        if others and others[-1] in valued:
            return super().parse_args(ctx, others)  # which says that its value is missing
        return super().parse_args(ctx, [*others, "--", *args[end + 1 :], *without])


@click.command("search", cls=_QueryCommand)
@click.argument("words", metavar="QUERY", nargs=-1, required=True, type=WORDS)
@click.option(
    "--limit", type=click.IntRange(min=1), default=20, show_default=True, help="At most so many."
)
@click.option("--json", "as_json", is_flag=True, help="As one JSON document.")
@click.pass_obj
def search(options: GlobalOptions, words: tuple[str, ...], *, limit: int, as_json: bool) -> None:
    """Find messages by their words, the best first; newer ones come before older ones.

    All words must be there, whatever their case and accents. Also understood: "a phrase", begin*,
    -not, and the filters role: has: workspace: tag: model: state: after: before:, as in
    'parser "off by one" -lexer role:user has:code after:7d'. Quote the query where the shell
    would get in the way.
    """

    async def find(sessions: Sessions) -> SearchResults:
        manager = await sessions.scope()
        searching = asyncio.create_task(
            manager.search(" ".join(words), user_id=options.user, limit=limit, wait_s=None)
        )
        try:
            while not (await asyncio.wait([searching], timeout=_TOLD_EVERY_S))[0]:
                _tell(_progress(manager.index_progress()))
        finally:
            _tell("")
            searching.cancel()
        return searching.result()

    found = with_sessions(options, find)
    if as_json:
        say_json(search_value(found))
    else:
        for hit in found.hits:
            _say_hit(hit)
    _tell_rest(found)


def _say_hit(hit: SearchHit) -> None:
    where = (hit.label or "(no label)", hit.role, local_time(hit.time), hit.workspace_id)
    say(" · ".join(visible_line(part) for part in (*where, hit.session_id) if part))
    click.echo(f"    {_highlighted(hit.snippet)}")


def _highlighted(snippet: Snippet) -> str:
    """The snippet on one line; on a terminal what was found stands out."""
    text, at = "", 0
    for start, end in snippet.marks if takes_escapes(sys.stdout) else ():
        text += visible_line(snippet.text[at:start])
        text += click.style(visible_line(snippet.text[start:end]), bold=True, underline=True)
        at = end
    return text + visible_line(snippet.text[at:])


def _tell_rest(found: SearchResults) -> None:
    """Say what the hits themselves do not tell."""
    if found.notice:
        note(found.notice)
    if not found.hits:
        note("Nothing found.")
    elif found.similar:
        note("Too little is spelt just so; what is spelt nearly so was looked for as well.")
    if found.total > len(found.hits):
        note(f"{count(len(found.hits), 'hit')} of {found.total:,}; --limit shows more.")


def _progress(progress: IndexProgress) -> str:
    """What is waited for."""
    if not progress.to_go:
        return "Looking for what is new…"
    to_go = count(progress.to_go, "session")
    return f"The search index is being built, {progress.percent} %: {to_go} to go…"


def _tell(progress: str) -> None:
    """Show on a terminal how far something is, in the place of what was shown before."""
    if takes_escapes(sys.stderr):
        sys.stderr.write(f"\r\x1b[K{progress}")
        sys.stderr.flush()
