"""A session as one HTML page that needs nothing else, and an index of several."""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Iterator, Mapping, Sequence
from functools import cache
from importlib.resources import files

from tui_sessions.model.clock import as_utc
from tui_sessions.model.document import SessionDocument
from tui_sessions.model.message import Message, ToolCallPart
from tui_sessions.model.session import Chat, Session
from tui_sessions.transfer.export_base import ExportedFile, ForkNote
from tui_sessions.transfer.fork_notes import FORKED, by_message
from tui_sessions.transfer.html_page.message_html import folded, line_html, message_html
from tui_sessions.transfer.html_page.rich_text import plain_html

_MIN_CONTENTS = 3
"""So many prompts make a table of contents worth its place."""
_PROMPT_LENGTH = 90


class HtmlPage:
    """Writes pages that look well on a phone and on paper, and run and load nothing."""

    name = "html"
    title = "HTML page"
    suffix = ".html"

    def export(self, document: SessionDocument) -> bytes:
        """The session with all its chats; what is not text for people is folded."""
        return self.export_with_forks(document, ())

    def export_with_forks(self, document: SessionDocument, forks: Sequence[ForkNote]) -> bytes:
        """The same, with a line wherever another session forked off."""
        session = document.session()
        placed, others = by_message(document, forks)
        title = line_html(session.label) or "Untitled"
        chats = [
            (f"c{place}", chat, document.messages(chat.id))
            for place, chat in enumerate(session.chats, 1)
        ]
        several = len(chats) > 1
        body = [f"<header><h1>{title}</h1>\n{_facts(session, len(forks))}</header>\n"]
        body.append(_contents(chats))
        body.append("<main>\n")
        for anchor, chat, messages in chats:
            if several:
                body.append(f'<h2 id="{anchor}">Chat: {line_html(chat.name)}</h2>\n')
            body += _chat(session, chat, messages, placed, anchor)
        body += map(_fork_line, others)
        body.append("</main>\n")
        return _page(title, "".join(body))

    def index(self, files: Sequence[ExportedFile]) -> tuple[str, bytes]:
        """The page that leads to all the others."""
        rows = "".join(
            f'<li><a href="{line_html(file.name)}">{line_html(file.session.label) or "Untitled"}'
            f"</a> · {_messages(file.session.message_count)} · {_day(file.session)}</li>\n"
            for file in files
        )
        body = f"<header><h1>Sessions</h1></header>\n<main><ul>\n{rows}</ul></main>\n"
        return "index.html", _page("Sessions", body)


def _page(title: str, body: str) -> bytes:
    style, digest = _style()
    policy = (
        f"default-src 'none'; style-src '{digest}'; img-src data:; "
        "base-uri 'none'; form-action 'none'"
    )
    page = (
        '<!doctype html>\n<html lang="en">\n<head>\n<meta charset="utf-8">\n'
        f'<meta http-equiv="Content-Security-Policy" content="{policy}">\n'
        '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        '<meta name="color-scheme" content="light dark">\n'
        '<meta name="referrer" content="no-referrer">\n'
        f"<title>{title}</title>\n<style>{style}</style>\n</head>\n<body>\n{body}</body>\n</html>\n"
    )
    return page.encode("utf-8", "replace")


@cache
def _style() -> tuple[str, str]:
    """The style sheet, and the hash by which the page's policy allows it and no other."""
    style = (files(__package__) / "page.css").read_text("utf-8")
    digest = base64.b64encode(hashlib.sha256(style.encode()).digest()).decode()
    return style, f"sha256-{digest}"


def _facts(session: Session, forks: int) -> str:
    facts = [("Workspace", session.workspace_id), ("Created", _day(session))]
    if session.tags:
        facts.append(("Tags", ", ".join(session.tags)))
    if session.origin is not None:
        facts.append(("From", session.origin.format))
    if session.parent is not None:
        facts.append((session.parent.kind.capitalize() + " of", session.parent.session_id))
    if forks:
        facts.append(("Forks", f"{forks}"))
    agents = dict.fromkeys(chat.agent.model or chat.agent.provider for chat in session.chats)
    facts.append(("Models", ", ".join(agents)))
    rows = "".join(f"<dt>{line_html(k)}</dt><dd>{line_html(v)}</dd>\n" for k, v in facts if v)
    return f"<dl>\n{rows}</dl>\n"


def _contents(chats: Sequence[tuple[str, Chat, Sequence[Message]]]) -> str:
    links = [
        f'<li><a href="#{anchor}m{place}">{line_html(message.text[:_PROMPT_LENGTH])}</a></li>\n'
        for anchor, _, messages in chats
        for place, message in enumerate(messages, 1)
        if message.role == "user" and not message.hidden and message.text.strip()
    ]
    if len(links) < _MIN_CONTENTS:
        return ""
    items = "".join(links)
    return f"<nav>{folded(f'{len(links)} prompts', f'<ol>{items}</ol>')}</nav>\n"


def _chat(
    session: Session,
    chat: Chat,
    messages: Sequence[Message],
    forks: Mapping[str, Sequence[ForkNote]],
    anchor: str,
) -> Iterator[str]:
    tools: dict[str, str] = {}
    if chat.agent.system_prompt:
        yield folded("System prompt", plain_html(chat.agent.system_prompt))
    for place, message in enumerate(messages):
        calls = (part for part in message.content if isinstance(part, ToolCallPart))
        tools.update((call.id, call.name) for call in calls)
        yield message_html(message, f"{anchor}m{place + 1}", tools)
        if place + 1 == chat.inherited:
            parent = line_html(session.parent.session_id) if session.parent else "its parent"
            yield f'<p class="fork">Forked from {parent} here: what is above came from it.</p>\n'
        yield from map(_fork_line, forks.get(message.id, ()))


def _fork_line(fork: ForkNote) -> str:
    name = line_html(fork.label) or "Untitled"
    shown = f'<a href="{line_html(fork.file)}">{name}</a>' if fork.file else name
    said = FORKED.get(fork.kind, FORKED["fork"])
    return f'<p class="fork">{said}: {shown} ({line_html(fork.session_id)})</p>\n'


def _messages(number: int) -> str:
    return "1 message" if number == 1 else f"{number:,} messages"


def _day(session: Session) -> str:
    return as_utc(session.created_at).strftime("%Y-%m-%d %H:%M UTC")
