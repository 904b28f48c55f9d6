"""Who answers in a session, and what is kept of the answer."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import msgspec

from tests.bench.person import Person
from tests.bench.servers import Server
from tests.bench.stores import session_id

_SETTINGS = """
[providers.bench]
base_url = "{address}"
model = "m"
"""


def asks(person: Person, server: Server) -> dict[str, Any]:
    """Have somebody know a server; the agent that asks it, for a session's document."""
    person.settings(_SETTINGS.format(address=server.address))
    return {"provider": "bench", "parameters": {"max_tokens": server.tokens}}


def is_kept(path: Path) -> bool:
    """Whether the reply of a session is kept as a whole.

    Raises:
        RuntimeError: it never will be.
    """
    journal = path.with_name(f"{path.stem}.journal.jsonl")
    kept = (journal if journal.exists() else path).read_bytes()
    place = kept.rfind(b'"role":"assistant"')
    reply = kept[place : place + 400]
    if b'"status":"failed"' in reply or b'"status":"stopped"' in reply:
        raise RuntimeError(f"the reply did not come to its end: {reply!r}")
    return b'"status":"complete"' in reply


def last_reply(person: Person, number: int) -> str:
    """The text of a session's latest message, as it is kept."""
    shown = person.run("show", session_id(number), "--json").stdout
    parts = msgspec.json.decode(shown)["history"][-1]["content"]
    return "".join(part.get("text", "") for part in parts)
