"""Rewinds, copies of sessions, and sub-agents of Claude Code."""

import json

from tui_sessions.transfer.base import session_id_for


def by_label(sessions):
    return {found.document.session().label: found for found in sessions}


def test_a_rewind_makes_the_left_branch_a_fork(transcript, read_all, talk):
    script = transcript()
    script.user("Start")
    shared = script.reply("Ready")
    script.user("Left")
    script.reply("L")
    script.user("Right", parent=shared)
    script.reply("R")
    sessions, skipped = read_all(script.write())
    assert not skipped
    main, fork = sessions
    assert talk(main) == [
        ("user", "Start"), ("assistant", "Ready"), ("user", "Right"), ("assistant", "R"),
    ]  # fmt: skip
    assert talk(fork) == [
        ("user", "Start"), ("assistant", "Ready"), ("user", "Left"), ("assistant", "L"),
    ]  # fmt: skip
    link = fork.document.session().parent
    assert (link.session_id, link.kind, link.detached) == (main.document.id, "fork", False)
    assert link.message_id == main.document.messages("c1")[1].id
    assert fork.document.session().active_chat.inherited == 2
    assert fork.document.session().label == "Left"
    assert main.document.id == session_id_for("claude-code", "s1")


def test_a_first_prompt_that_was_edited_is_a_branch_without_common_messages(
    transcript, read_all, talk
):
    script = transcript()
    script.user("Wrnog")
    script.reply("?")
    script.user("Wrong", parent=None)
    script.reply("!")
    main, fork = read_all(script.write())[0]
    assert talk(main)[0] == ("user", "Wrong")
    link = fork.document.session().parent
    assert (link.session_id, link.message_id) == (main.document.id, None)


def test_a_branch_of_a_branch_hangs_on_the_branch(transcript, read_all):
    script = transcript()
    script.user("A")
    a = script.reply("a")
    script.user("B")
    b = script.reply("b")
    script.user("C")
    script.reply("c")
    script.user("D", parent=b)
    script.reply("d")
    script.user("E", parent=a)
    script.reply("e")
    found = by_label(read_all(script.write())[0])
    main = next(f for f in found.values() if f.document.session().parent is None)
    assert [m.text for m in main.document.messages("c1")] == ["A", "a", "E", "e"]
    first, second = found["B"].document.session(), found["D"].document.session()
    assert first.parent.session_id == main.document.id
    assert second.parent.session_id == first.id
    assert second.active_chat.inherited == 4


def test_a_lost_parent_link_is_no_branch(transcript, read_all, talk):
    script = transcript()
    script.user("One")
    script.reply("1")
    script.user("Two", parent="gone")
    script.reply("2")
    sessions, _ = read_all(script.write())
    assert [t for _, t in talk(sessions[0])] == ["One", "1", "Two", "2"]
    assert len(sessions) == 1


def test_leaving_and_resuming_below_one_record_is_no_branch(transcript, read_all, talk):
    script = transcript()
    script.user("One")
    script.reply("1")
    hook = script.record("system", subtype="stop_hook_summary")
    script.user("Caveat: The messages below", isMeta=True)
    script.user("<command-name>/exit</command-name>")
    script.user("<local-command-stdout>Bye</local-command-stdout>")
    script.user("Two", parent=hook)
    sessions, _ = read_all(script.write())
    assert len(sessions) == 1
    assert [t for _, t in talk(sessions[0])] == ["One", "1", "Two"]


def test_circles_of_parents_end(transcript, read_all, talk):
    script = transcript()
    script.user("One", uuid="a", parent="b")
    script.reply("1", uuid="b", parent="c")
    script.user("Two", uuid="c", parent="a")
    script.user("Three", uuid="d", parent="d")
    sessions, _ = read_all(script.write())
    said = {text for session in sessions for _, text in talk(session)}
    assert said == {"One", "1", "Two", "Three"}


def copied(script, target, session_id):
    """Repeat a session's records in another file, as a resume or a fork does."""
    for line in script.lines:
        target.raw({**json.loads(line), "sessionId": session_id})
    target.last = script.last
    target.count = script.count
    return target


def test_a_copy_that_goes_on_where_the_old_file_ends_continues_it(transcript, read_all, talk):
    old = transcript("s1")
    old.user("One")
    old.reply("1")
    old.write()
    new = copied(old, transcript("s2"), "s2")
    new.user("Two")
    new.reply("2")
    new.write()
    sessions, skipped = read_all(old.folder)
    assert not skipped
    assert [t for _, t in talk(sessions[0])] == ["One", "1", "Two", "2"]
    assert [s.document.id for s in sessions] == [session_id_for("claude-code", "s1")]
    assert sessions[0].document.session().metadata == {"source_ids": ["s1", "s2"]}


def test_a_copy_of_a_session_that_went_on_itself_is_its_fork(transcript, read_all, talk):
    old = transcript("s1")
    old.user("One")
    old.reply("1")
    new = transcript("s2")
    new.raw({"type": "mode", "timestamp": "2026-03-02T00:00:00Z"})
    copied(old, new, "s2")
    old.user("Two")
    old.reply("2")
    old.write()
    new.user("Other")
    new.reply("o")
    new.write()
    parent, fork = read_all(old.folder)[0]
    assert [t for _, t in talk(parent)] == ["One", "1", "Two", "2"]
    assert [t for _, t in talk(fork)] == ["One", "1", "Other", "o"]
    session = fork.document.session()
    assert session.parent.session_id == parent.document.id
    assert session.parent.message_id == parent.document.messages("c1")[1].id
    assert session.active_chat.inherited == 2
    assert session.label == "Other"


def test_a_file_that_only_repeats_another_is_told_and_left_out(transcript, read_all):
    old = transcript("s1")
    old.user("One")
    old.reply("1")
    old.write()
    copied(old, transcript("s2"), "s2").write()
    sessions, skipped = read_all(old.folder)
    assert len(sessions) == 1
    assert [item.path.name for item in skipped] == ["s2.jsonl"]


def agent_file(script, transcript, name="agent-7", folder="subagents", **meta):
    agent = transcript("s1", name)
    agent.folder = script.path.with_suffix("") / folder if folder else script.folder
    agent.path = agent.folder / f"{name}.jsonl"
    agent.side, agent.prefix = True, name
    agent.user("Look around", agentId=name.removeprefix("agent-"))
    agent.reply("Looked", agentId=name.removeprefix("agent-"))
    path = agent.write()
    if meta:
        path.with_suffix(".meta.json").write_text(json.dumps(meta))
    return path


def test_a_sub_agent_in_its_own_file_is_a_child_at_the_call(transcript, read_all, talk, tool_call):
    script = transcript()
    script.user("Go")
    script.reply(tool_call("t1", "Task", prompt="x"))
    script.result("t1", "Looked")
    script.write()
    agent_file(script, transcript, agentType="scout", description="Scouting", toolUseId="t1")
    main, child = read_all(script.folder)[0]
    session = child.document.session()
    assert session.parent.kind == "spawn"
    assert session.parent.session_id == main.document.id
    assert session.parent.message_id == main.document.messages("c1")[1].id
    assert (session.label, session.metadata) == ("Scouting", {"agent_type": "scout"})
    assert talk(child) == [("user", "Look around"), ("assistant", "Looked")]
    assert child.workspace == main.workspace


def test_a_question_asked_aside_repeats_the_conversation_and_counts_it_once(
    transcript, read_all, talk
):
    script = transcript()
    script.user("Go")
    script.reply("Going", output=50)
    path = script.write()
    aside = script.folder / "s1" / "subagents" / "agent-aside_question-1.jsonl"
    side = transcript(name="aside")
    side.lines = [
        json.dumps(
            {**json.loads(line), "isSidechain": True, "agentId": "aside_question-1"}
        ).encode()
        for line in script.lines
    ]
    side.path, side.folder, side.side = aside, aside.parent, True
    side.prefix, side.last = "aside", script.last
    side.user("By the way?")
    side.reply("Yes", output=7)
    side.write()
    main, child = read_all(path)[0]
    session = child.document.session()
    assert (session.parent.kind, session.chats[0].inherited) == ("spawn", 2)
    assert session.parent.message_id == main.document.messages("c1")[1].id
    assert session.label == "By the way?"
    own = child.document.messages("c1")[2:]
    assert [m.usage.output_tokens for m in own if m.usage] == [7]
    assert [text for _, text in talk(child)] == ["Go", "Going", "By the way?", "Yes"]


def test_a_sub_agent_of_a_sub_agent_hangs_on_it(transcript, read_all, tool_call):
    script = transcript()
    script.user("Go")
    script.reply(tool_call("t1", "Task", prompt="x"))
    script.write()
    outer = agent_file(script, transcript, "agent-z", toolUseId="t1", spawnDepth=1)
    line = json.loads(outer.read_bytes().splitlines()[1])
    line["uuid"], line["message"]["content"] = "deep", [tool_call("t2", "Task", prompt="y")]
    line["message"]["id"] = "deep"
    outer.write_bytes(outer.read_bytes() + json.dumps(line).encode() + b"\n")
    agent_file(script, transcript, "agent-a", toolUseId="t2", spawnDepth=2)
    _, first, second = read_all(script.folder)[0]
    assert first.path.name == "agent-z.jsonl"
    assert second.document.session().parent.session_id == first.document.id


def test_sidechains_inside_a_file_are_children_found_by_their_prompt(
    transcript, read_all, talk, tool_call
):
    script = transcript()
    script.user("Go")
    task = script.reply(tool_call("t1", "Task", prompt="Look around"))
    script.side = True
    script.user("Look around", parent=None)
    script.reply("Looked")
    script.side = False
    script.result("t1", "Looked", parent=task)
    main, child = read_all(script.write())[0]
    assert [role for role, _ in talk(main)] == ["user", "assistant", "tool"]
    assert talk(child) == [("user", "Look around"), ("assistant", "Looked")]
    assert child.document.session().parent.message_id == main.document.messages("c1")[1].id


def test_sub_agents_whose_session_is_gone_are_kept_with_the_link(transcript, read_all):
    script = transcript()
    script.folder.mkdir(parents=True)
    agent_file(script, transcript)
    agent_file(script, transcript, "agent-8", folder=None)
    sessions, skipped = read_all(script.folder)
    assert not skipped
    links = {found.document.session().parent.session_id for found in sessions}
    assert links == {session_id_for("claude-code", "s1")}
    assert len(sessions) == 2


def test_a_sub_agent_beside_the_sessions_belongs_to_the_one_it_names(
    transcript, read_all, tool_call
):
    script = transcript()
    script.user("Go")
    script.reply(tool_call("t1", "Task", prompt="Look around"))
    script.write()
    agent_file(script, transcript, folder=None)
    main, child = read_all(script.folder)[0]
    assert child.document.session().parent.message_id == main.document.messages("c1")[1].id


def test_a_sub_agent_without_a_call_id_is_linked_when_only_one_call_can_be_meant(
    transcript, read_all, tool_call
):
    script = transcript()
    script.user("Go")
    script.reply(tool_call("t1", "Task", subagent_type="scout"))
    script.reply(tool_call("t2", "Task", subagent_type="cook"))
    script.reply(tool_call("t3", "Task", subagent_type="cook"))
    script.write()
    agent_file(script, transcript, "agent-1", agentType="scout")
    agent_file(script, transcript, "agent-2", agentType="cook")
    main, scout, cook = read_all(script.folder)[0]
    assert scout.document.session().parent.message_id == main.document.messages("c1")[1].id
    assert cook.document.session().parent.message_id is None
    assert cook.document.session().parent.session_id == main.document.id


def test_a_file_that_carries_a_session_on_keeps_its_name(transcript, read_all):
    first = transcript()
    first.user("Start")
    first.reply("Ready")
    first.raw({"type": "ai-title", "aiTitle": "Made up", "sessionId": "s1"})
    first.raw({"type": "custom-title", "customTitle": "Mine", "sessionId": "s1"})
    path = first.write()
    first.lines = first.lines[:2]
    second = copied(first, transcript("s2"), "s2")
    second.user("More")
    second.raw({"type": "ai-title", "aiTitle": "Made up anew", "sessionId": "s2"})
    second.write()
    (found,), _ = read_all(path.parent)
    session = found.document.session()
    assert (session.label, session.auto_label) == ("Mine", False)


def test_records_without_uuids_are_no_copies_of_each_other(tmp_path, read_all, talk):
    for name in ("one", "two"):
        message = {"role": "user", "content": f"Said in {name}"}
        record = {"type": "user", "message": message}
        (tmp_path / f"{name}.jsonl").write_text(f"{json.dumps(record)}\n")
    sessions, skipped = read_all(tmp_path)
    assert not skipped
    assert [talk(session) for session in sessions] == [
        [("user", "Said in one")], [("user", "Said in two")],
    ]  # fmt: skip
