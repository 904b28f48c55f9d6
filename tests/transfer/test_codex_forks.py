"""Codex's forks, sub-agents, and turns that were taken back."""

import json

import pytest
from codex_rollouts import ONE, TWO, Rollout, told

from tui_sessions.transfer.base import session_id_for
from tui_sessions.transfer.codex import CodexImporter


@pytest.fixture
def read(read_all):
    def read(path, **options):
        return read_all(path, CodexImporter(**options))

    return read


def test_a_fork_by_reference_takes_over_what_came_before_its_ordinal(samples, read):
    sessions, skipped = read(samples / "codex" / "cli-0.169.0")
    assert not skipped
    by_label = {found.document.session().label: found for found in sessions}
    assert len(by_label) == 4
    parent = by_label["What is the capital of France?"].document
    fork = by_label["And of Spain?"]
    session = fork.document.session()
    shared = [m.id for m in parent.messages("c1")]
    assert session.parent.session_id == parent.id
    assert session.parent.message_id == shared[-1]
    assert [m.id for m in fork.document.messages("c1")][: session.chats[0].inherited] == shared
    assert told(fork)["tokens"] == (580, 500, 20)


def test_a_fork_read_alone_finds_its_parent_beside_it(samples, read):
    (path,) = (samples / "codex" / "cli-0.169.0").rglob("*a637*.jsonl")
    (found,), skipped = read(path)
    assert not skipped
    texts = [m.text for m in found.document.messages("c1") if not m.hidden and m.role == "user"]
    assert texts == ["What is the capital of France?", "And of Italy?", "And of Spain?"]


def test_a_fork_without_its_parent_is_what_there_is_of_it(samples, read, tmp_path):
    (path,) = (samples / "codex" / "cli-0.169.0").rglob("*a637*.jsonl")
    alone = tmp_path / path.name
    alone.write_bytes(path.read_bytes())
    (found,), skipped = read(alone)
    assert [item.path for item in skipped] == [alone]
    assert told(found)["tokens"] == (580, 500, 20)
    assert found.document.messages("c1")[0].text == "And of Spain?"


def test_a_review_is_a_child_of_the_session_that_began_it_at_that_moment(samples, read):
    folder = samples / "codex"
    sessions, _ = read(folder)
    children = [f for f in sessions if f.path.name == "subagent-child.jsonl"]
    (parent,) = [f for f in sessions if f.path.name == "subagent-parent.jsonl"]
    link = children[0].document.session().parent
    assert (link.session_id, link.kind) == (parent.document.id, "spawn")
    assert link.message_id == parent.document.messages("c1")[0].id


def test_turns_that_were_taken_back_are_a_fork(rollout, read, talk):
    made = rollout().meta().prompt("One").reply("1").prompt("Two").reply("2").prompt("Three")
    made.reply("3").event("thread_rolled_back", num_turns=2).prompt("Other").reply("4")
    (main, dropped), skipped = read(made.write())
    assert not skipped
    assert [text for _, text in talk(main)] == ["One", "1", "Other", "4"]
    assert [text for _, text in talk(dropped)] == ["One", "1", "Two", "2", "Three", "3"]
    link = dropped.document.session().parent
    assert (link.session_id, link.kind) == (main.document.id, "fork")
    assert link.message_id == main.document.messages("c1")[1].id
    assert dropped.document.session().chats[0].inherited == 2
    assert dropped.document.session().label == "Two"


def test_a_session_of_which_all_was_taken_back_is_kept(rollout, read, talk):
    made = rollout().meta().prompt("One").reply("1").event("thread_rolled_back", num_turns=5)
    main, dropped = read(made.write())[0]
    assert (talk(main), len(talk(dropped))) == ([], 2)
    assert dropped.document.session().parent.session_id == main.document.id


def test_a_fork_that_copied_its_parent_shares_its_messages(rollout, read):
    parent = rollout().meta().prompt("One").reply("1").tokens(10)
    parent.write()
    fork = rollout(TWO).meta(forked_from_id=ONE).meta(ONE)
    fork.lines += [
        json.dumps({**json.loads(line), "timestamp": "2026-03-01T10:00:00.000Z"}).encode()
        for line in parent.lines[1:]
    ]
    path = fork.prompt("Two").reply("2").tokens(30).write()
    parent.prompt("Elsewhere").reply("3").write()
    sessions, skipped = read(path.parents[4])
    assert not skipped
    first, second = (found.document for found in sessions)
    session = second.session()
    assert session.parent.session_id == first.id == session_id_for("codex", ONE)
    assert session.chats[0].inherited == 2
    assert session.parent.message_id == first.messages("c1")[1].id
    assert [m.id for m in second.messages("c1")[:2]] == [m.id for m in first.messages("c1")[:2]]
    assert told(sessions[1])["tokens"][0] == 20


@pytest.fixture
def paginated(tmp_path):
    """Makes a rollout whose lines are numbered on from those of the one it goes on from."""

    def make(name, thread, *texts, base=None, start=0, **meta):
        path = tmp_path / "codex" / "sessions" / f"rollout-{name}.jsonl"
        made = Rollout(tmp_path / "codex", thread)
        made.path = path
        if base is not None:
            place = {"thread_id": base, "end_ordinal_exclusive": start, "end_byte_offset": 99}
            meta["history_base"] = place
        made.meta(history_mode="paginated", **meta)
        for text in texts:
            made.user(text) if text.endswith("?") else made.reply(text)
            made.lines = [line for line in made.lines if b"agent_message" not in line]
        lines = [json.loads(line) for line in made.lines]
        numbered = [{**lines[0], "ordinal": 0}]
        numbered += [{**line, "ordinal": max(1, start) + n} for n, line in enumerate(lines[1:])]
        made.lines = [json.dumps(line).encode() for line in numbered]
        return made.write()

    return make


def test_what_was_taken_back_in_a_rollout_of_its_own_is_a_fork(paginated, read, talk):
    old, new = f"2026-03-01T09-00-00-{ONE}", f"2026-03-01T10-00-00-{ONE}_{TWO}"
    paginated(old, ONE, "First?", "One.", "Second?", "Two.")
    path = paginated(new, ONE, "Third?", "Three.", base=ONE, start=3)
    (shown, replaced), skipped = read(path.parents[1])
    assert not skipped
    assert [text for _, text in talk(shown)] == ["First?", "One.", "Third?", "Three."]
    assert [text for _, text in talk(replaced)] == ["First?", "One.", "Second?", "Two."]
    link = replaced.document.head.parent
    assert (link.session_id, link.kind) == (shown.document.id, "fork")
    assert link.message_id == shown.document.messages("c1")[1].id
    assert replaced.document.data["chats"][0]["inherited"] == 2
    assert shown.document.head.parent is None


def test_a_fork_goes_on_from_the_rollout_that_it_names(paginated, read, talk):
    three = ONE.replace("1", "3")
    paginated(f"2026-03-01T09-00-00-{ONE}", ONE, "First?", "One.", "Second?", "Two.")
    paginated(f"2026-03-01T09-10-00-{TWO}", TWO, "Q?", "Q.", base=ONE, start=3, forked_from_id=ONE)
    path = paginated(
        f"2026-03-01T09-20-00-{three}", three, "R?", "R.", base=ONE, start=3, forked_from_id=TWO
    )
    found = {item.document.data["origin"]["id"]: item for item in read(path.parents[1])[0]}
    assert [text for _, text in talk(found[three])] == ["First?", "One.", "R?", "R."]
    assert found[three].document.head.parent.session_id == found[TWO].document.id
    assert found[three].document.data["chats"][0]["inherited"] == 2
    assert [text for _, text in talk(read(path)[0][0])] == ["First?", "One.", "R?", "R."]


def test_a_session_of_which_all_turns_were_taken_back_keeps_them_as_a_fork(paginated, read, talk):
    paginated(f"2026-03-01T09-00-00-{ONE}", ONE, "First?", "One.")
    path = paginated(f"2026-03-01T10-00-00-{ONE}_{TWO}", ONE, base=ONE, start=1)
    (shown, replaced), _ = read(path.parents[1])
    assert talk(shown) == []
    assert [text for _, text in talk(replaced)] == ["First?", "One."]


def test_sub_agents_hang_on_the_call_that_started_them(rollout, read):
    parent = (
        rollout()
        .meta()
        .prompt("Ask one")
        .item("function_call", name="spawn_agent", arguments="{}", call_id="s1")
    )
    parent.item("function_call_output", call_id="s1", output=json.dumps({"agent_id": TWO}))
    path = parent.reply("Done").write()
    source = {"subagent": {"thread_spawn": {"parent_thread_id": ONE, "depth": 1}}}
    rollout(TWO).meta(source=source, agent_role="explorer").prompt("Look").reply("Seen").write()
    sessions, _ = read(path.parents[4])
    link = sessions[1].document.session().parent
    assert (link.session_id, link.kind, link.detached) == (sessions[0].document.id, "spawn", True)
    assert link.message_id == sessions[0].document.messages("c1")[1].id
    assert sessions[1].document.session().metadata["agent_type"] == "explorer"


def test_forks_that_name_each_other_end(rollout, read):
    path = rollout().meta(forked_from_id=TWO).prompt("One").reply("1").write()
    rollout(TWO).meta(forked_from_id=ONE).prompt("Two").reply("2").write()
    assert len(read(path.parents[4])[0]) == 2
