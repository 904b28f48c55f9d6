"""What the tests of all formats ask: what comes in, and what comes in the second time."""

import pickle
import shutil
import sqlite3
import subprocess
import sys
from collections import Counter
from pathlib import Path

from tui_sessions.model.message import ImagePart, ToolCallPart, ToolResultPart
from tui_sessions.model.usage import total_usage
from tui_sessions.transfer.base import ImportedSession, Skipped
from tui_sessions.transfer.registry import importer
from tui_sessions.wiring import open_sessions

_OWNER = """
import pickle, sqlite3, sys
path, statements = pickle.load(sys.stdin.buffer)
connection = sqlite3.connect(path)
with connection:
    for statement, values in statements:
        connection.execute(statement, values)
connection.close()
"""


def read(name, path):
    """The sessions of a source by the source's ids, and what was left out."""
    found = list(importer(name).read(Path(path), "ana"))
    sessions = [item for item in found if isinstance(item, ImportedSession)]
    skipped = [item for item in found if isinstance(item, Skipped)]
    assert len(sessions) + len(skipped) == len(found)
    return {item.document.session().origin.id: item for item in sessions}, skipped


def messages(item, hidden=False):
    return [m for m in item.document.messages("c1") if hidden or not m.hidden]


def roles(item):
    """How many messages of each role are shown."""
    return Counter(message.role for message in messages(item))


def talk(item):
    return [(message.role, message.text) for message in messages(item)]


def parts(item, kind):
    return [p for m in item.document.messages("c1") for p in m.content if isinstance(p, kind)]


def calls_and_results(item):
    calls = [part.id for part in parts(item, ToolCallPart)]
    results = [part.call_id for part in parts(item, ToolResultPart)]
    return calls, results


def pictures(item):
    return [part.media_type for part in parts(item, ImagePart)]


def own_usage(item):
    """The tokens and the cost of what the session did not inherit."""
    inherited = item.document.session().active_chat.inherited
    return total_usage(m.usage for m in item.document.messages("c1")[inherited:])


def label(item):
    return item.document.session().label


def model(item):
    return item.document.session().active_chat.agent.model


def prompt(item):
    return item.document.session().active_chat.agent.system_prompt


def fork_of(item):
    """The kind of its parent's link, the parent, the fork point and the inherited messages."""
    session = item.document.session()
    link = session.parent
    if link is None:
        return None
    return link.kind, link.session_id, link.message_id, session.active_chat.inherited


def rows(path, query, *values):
    """What the database itself says, read from a private copy."""
    connection = sqlite3.connect(path)
    try:
        return connection.execute(query, values).fetchall()
    finally:
        connection.close()


def change(path, *statements):
    """Let the database grow, as its owner would: in a process of its own.

    SQLite gives the connections of one process what it knows of a file in common; beside one that
    only reads, and may be closed a moment later, no other can write.
    """
    given = pickle.dumps((str(path), statements))
    subprocess.run([sys.executable, "-SE", "-c", _OWNER], input=given, check=True)


def copied(sample, folder):
    """A copy of a sample that may be written to."""
    target = folder / sample.name
    if sample.is_dir():
        shutil.copytree(sample, target, copy_function=shutil.copyfile)
        for path in (target, *target.rglob("*")):
            path.chmod(0o700 if path.is_dir() else 0o600)
        return target
    for file in sample.parent.glob(f"{sample.name}*"):
        shutil.copyfile(file, folder / file.name)
    return target


async def grown(name, source, folder, grow):
    """Import, import again, let the source grow, import a third time.

    Tells what the first and the third import brought, by outcome and messages; the second one
    brought nothing.
    """
    told = []
    async with open_sessions(store=f"file://{folder / 'data'}") as manager:

        async def bring():
            steps = [step async for step in manager.import_sessions(name, [source])]
            known = [step for step in steps if step.outcome != "skipped"]
            return Counter(step.outcome for step in known), sum(step.messages for step in known)

        told.append(await bring())
        again, brought = await bring()
        assert set(again) <= {"unchanged"}
        assert brought == 0
        grow()
        told.append(await bring())
        last, brought = await bring()
        assert set(last) <= {"unchanged"}
        assert brought == 0
    return told
