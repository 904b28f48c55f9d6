"""What there is to say of the active chat's use: the last turn, the chat and the session."""

from __future__ import annotations

from textual.content import Content

from tui_sessions.model.session import Chat
from tui_sessions.model.statistics import ChatStats, SessionStats
from tui_sessions.model.tally import Tally
from tui_sessions.tui.drawing import draw_line
from tui_sessions.tui.widgets.inspector.row import Act, Row, Section
from tui_sessions.tui.widgets.use_texts import UNKNOWN, cost_text, tokens_text

_MUTED = "$foreground 66%"


def use_section(
    chat: Chat, stats: ChatStats | None, session: SessionStats | None, chats: int
) -> Section:
    """What was used by the last turn, by the chat and, with several chats, by the session."""
    rows = [_said("messages", "messages", str(stats.messages if stats else chat.message_count))]
    if chat.inherited:
        rows.append(_said("inherited", "inherited", f"{chat.inherited} from its parent"))
    if stats is not None:
        if stats.last_turn.replies:
            rows.append(_said("last_turn", "last turn", _all_tokens(stats.last_turn)))
            rows.append(_said("last_turn_cost", "its cost", cost_text(stats.last_turn)))
        rows += _of_chat(stats)
        if stats.elsewhere.replies:
            rows.append(_said("gone", "of it gone", _all_tokens(stats.elsewhere)))
    if session is not None and chats > 1:
        said = f"{chats} chats, {session.messages} messages, {_all_tokens(session.tally)}"
        rows.append(_said("session", "session", said))
        rows.append(_said("session_cost", "cost of all", cost_text(session.tally)))
    everything = Content.styled("use of everything…", _MUTED)
    rows.append(Row("usage", "", everything, "", Act("usage")))
    return Section("Usage", tuple(rows))


def _of_chat(stats: ChatStats) -> list[Row]:
    usage, average = stats.usage, stats.average_response_s
    cached = usage.cache_read_tokens + usage.cache_write_tokens
    counts = (("in", usage.input_tokens), ("out", usage.output_tokens), ("cached", cached))
    return [
        _said("turns", "turns", str(stats.turns)),
        *(_said(name, name, _tokens(number, stats.tally)) for name, number in counts),
        _said("cost", "cost", cost_text(stats.tally)),
        _said("average_reply", "avg. reply", UNKNOWN if average is None else f"{average:.1f} s"),
    ]


def _all_tokens(tally: Tally) -> str:
    return _tokens(tally.usage.total_tokens, tally)


def _tokens(number: int, tally: Tally) -> str:
    text = tokens_text(number, tally)
    return text if text == UNKNOWN else f"{text} tokens"


def _said(row_id: str, name: str, text: str) -> Row:
    return Row(row_id, name, draw_line(text, _MUTED if text == UNKNOWN else ""), text)
