"""From what a run of aider wrote to messages."""

from __future__ import annotations

import re
from collections.abc import Sequence

import msgspec

from tui_sessions.model.message import Message, TextPart
from tui_sessions.model.usage import Usage
from tui_sessions.transfer.aider.parsing import Block, Run
from tui_sessions.transfer.base import placed_message_id
from tui_sessions.transfer.thinking_tags import parts_of_text

FORMAT = "aider"
_MODEL = re.compile(r"(?:Main model|Models?): (\S+) with ")
_NUMBER = r"([\d,]+(?:\.\d+)?)([kM]?)"
_SENT = re.compile(rf"Tokens: {_NUMBER} sent")
_COUNTS = {
    "cache_write_tokens": re.compile(rf"{_NUMBER} cache write"),
    "cache_read_tokens": re.compile(rf"{_NUMBER} cache hit"),
    "output_tokens": re.compile(rf"{_NUMBER} received"),
}
_COST = re.compile(r"Cost: \$([\d,]+(?:\.\d+)?) (?:message|request)")
_CHOICE = re.compile(r"\(Y\)es/\(N\)o.*\[(?:Yes|No)\]: \S+\s*\Z")
"""A question of the tool that an earlier answer holds for, which it writes as if it was typed."""
_UNITS = {"": 1, "k": 1000, "M": 1_000_000}
_ROLES = {"prompt": "user", "answer": "assistant", "output": "system"}


def messages_of(run: Run, scope: str) -> list[Message]:
    """The messages of a run; what the tool itself printed and was told is hidden."""
    made: list[Message] = []
    model: str | None = None
    for place, block in enumerate(run.blocks):
        role, text = _ROLES[block.kind], block.text
        usage: Usage | None = None
        if role == "system":
            model = (_MODEL.findall(text) or [model])[-1]
            usage = _unanswered(made, block)
        made.append(
            Message(
                id=placed_message_id(FORMAT, scope, place, role, ""),
                role=role,
                content=tuple(parts_of_text(text) if role == "assistant" else [TextPart(text)]),
                hidden=role == "system" or _is_order(run.blocks, place),
                model=model if role == "assistant" or usage is not None else None,
                usage=usage,
            )
        )
    return made


def model_of(run: Run) -> str | None:
    """The model that a run ended with, be there an answer of it or not."""
    told = (block.text for block in run.blocks if block.kind == "output")
    return next(reversed([model for text in told for model in _MODEL.findall(text)]), None)


def is_talk(messages: Sequence[Message]) -> bool:
    """Whether somebody asked or answered something."""
    return any(message.role in ("user", "assistant") and not message.hidden for message in messages)


def _is_order(blocks: Sequence[Block], place: int) -> bool:
    """Whether a prompt is a command that no answer came to, or a choice."""
    if blocks[place].kind == "prompt" and all(map(_CHOICE.search, blocks[place].lines)):
        return True
    if not blocks[place].is_command:
        return False
    after = (block.kind for block in blocks[place + 1 :] if block.kind != "output")
    return next(after, None) != "answer"


def _unanswered(made: list[Message], block: Block) -> Usage | None:
    """Give the answer before it the tokens that the tool reports, rounded as they are.

    Returns:
        The tokens where there is no answer: what was sent counts, whatever became of it.
    """
    usages = [usage for line in block.lines if (usage := _usage(line)) is not None]
    total = sum(usages[1:], usages[0]) if usages else None
    for place in range(len(made) - 1, -1, -1):
        if made[place].role == "user":
            return total
        if made[place].role == "assistant" and made[place].usage is None:
            made[place] = msgspec.structs.replace(made[place], usage=total)
            return None
    return total


def _usage(line: str) -> Usage | None:
    sent = _SENT.search(line)
    if sent is None:
        return None
    counts = {key: found for key, known in _COUNTS.items() if (found := known.search(line))}
    cost = _COST.search(line)
    return Usage(
        input_tokens=_number(sent),
        cost_usd=float(cost[1].replace(",", "")) if cost else None,
        **{key: _number(found) for key, found in counts.items()},
    )


def _number(found: re.Match[str]) -> int:
    digits = found[1].replace(",", "")[:12]
    return round(float(digits or 0) * _UNITS[found[2]])
