"""One chat as OpenAI's `messages`: calls and results in pairs, thinking left out."""

import json

from tui_sessions.model.document import SessionDocument
from tui_sessions.transfer.openai_messages import OpenAiMessages


def exported(*messages, system_prompt=None):
    made = [{"id": f"m{n}", **message} for n, message in enumerate(messages)]
    agent = {"provider": "offline", "system_prompt": system_prompt}
    chats = [{"id": "c0", "messages": []}, {"id": "c1", "agent": agent, "messages": made}]
    data = {"format": 1, "id": "s", "created_at": "2026-01-01", "active_chat_id": "c1"}
    return json.loads(OpenAiMessages().export(SessionDocument({**data, "chats": chats})))


def message(role, *content):
    return {"role": role, "content": list(content)}


def text(said):
    return {"type": "text", "text": said}


def call(call_id, **arguments):
    return {"type": "tool_call", "id": call_id, "name": "ls", "arguments": arguments}


def result(call_id, said):
    return {"type": "tool_result", "call_id": call_id, "text": said}


def test_roles_texts_and_the_system_prompt():
    assert exported(
        message("user", text("Hi"), text("there")),
        message("assistant", {"type": "thinking", "text": "hm"}, text("Hello")),
        message("assistant", {"type": "thinking", "text": "only"}),
        system_prompt="Be brief.",
    ) == [
        {"role": "system", "content": "Be brief."},
        {"role": "user", "content": "Hi\n\nthere"},
        {"role": "assistant", "content": "Hello"},
    ]


def test_every_call_is_followed_by_its_result():
    made = exported(
        message("assistant", text("Look"), call("a", path="/"), call("b"), result("a", "one")),
        message("tool", result("c", "of nothing")),
        message("user", text("stop")),
    )
    assert [m["role"] for m in made] == ["assistant", "tool", "tool", "user"]
    assert made[0]["content"] == "Look"
    assert [c["id"] for c in made[0]["tool_calls"]] == ["a", "b"]
    assert json.loads(made[0]["tool_calls"][0]["function"]["arguments"]) == {"path": "/"}
    assert [(m["tool_call_id"], m["content"]) for m in made[1:3]] == [
        ("a", "one"),
        ("b", "[interrupted]"),
    ]


def test_results_in_messages_of_their_own_come_after_the_call():
    made = exported(
        message("assistant", call("a")),
        message("tool", result("a", "one")),
        message("assistant", text("Done")),
    )
    assert [m["role"] for m in made] == ["assistant", "tool", "assistant"]
    assert made[0]["content"] is None


def test_pictures_of_the_person_are_data_urls():
    picture = {"type": "image", "media_type": "image/png", "data": "iVBORw0KGgo="}
    made = exported(message("user", text("See"), picture), message("assistant", picture))
    assert made[0]["content"] == [
        {"type": "text", "text": "See"},
        {"type": "image_url", "image_url": {"url": "data:image/png;base64,iVBORw0KGgo="}},
    ]
    assert made[1]["content"] == "[picture, image/png]"


def test_calls_that_share_an_id_each_have_their_own_result():
    made = exported(
        message("assistant", call("a", n=1)),
        message("tool", result("a", "one")),
        message("assistant", call("a", n=2), call("a", n=3)),
        message("tool", result("a", "two"), result("a", "three")),
    )
    asked = [c["id"] for m in made for c in m.get("tool_calls", ())]
    answered = [(m["tool_call_id"], m["content"]) for m in made if m["role"] == "tool"]
    assert len(set(asked)) == 3
    assert answered == list(zip(asked, ["one", "two", "three"], strict=True))


def test_names_ids_and_arguments_are_what_the_interface_takes():
    odd = {**call("x" * 41), "name": "files.read now!", "arguments": "*** Begin Patch"}
    nameless = {**call("b"), "name": "", "arguments": None}
    asked = exported(message("assistant", odd, nameless))[0]["tool_calls"]
    assert [c["function"]["name"] for c in asked] == ["files_read_now_", "tool"]
    assert json.loads(asked[0]["function"]["arguments"]) == {"input": "*** Begin Patch"}
    assert json.loads(asked[1]["function"]["arguments"]) == {}
    assert len(asked[0]["id"]) <= 40
